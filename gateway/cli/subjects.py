"""`gateway subjects`: hold a person back, tell recipients of a correction, and forget them."""

from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.person import asked_for, by, case, person
from gateway.cli.showing import say
from gateway.cli.subjects_correct import correct, told
from gateway.cli.subjects_forget import again, certificate, confirm, forget, forgets
from gateway.services.subjects.hold_subjects import HoldReason, LiftReason, lift_hold, place_hold


@click.group("subjects")
def command() -> None:
    """Hold a person back from every list, tell recipients of a correction, and forget a person."""


for each in (correct, told, forget, confirm, forgets, certificate, again):
    command.add_command(each)


@command.command("hold")
@person
@by
@click.option("--reason", required=True, type=click.Choice([reason.value for reason in HoldReason]))
@case
@click.pass_obj
def hold(config: Path | None, person: str, kind: str, reason: str, case: str) -> None:  # noqa: ARG001 - `-` alone
    """Hold a person back from now on, also from lists that are sealed and not yet sent."""
    with opened(config) as workplace:
        placed = place_hold(workplace, asked_for(workplace, kind), reason=HoldReason(reason), case_reference=case)
    say("Held from now on." if placed else "Held already.")


@command.command("release")
@person
@by
@click.option("--reason", required=True, type=click.Choice([reason.value for reason in LiftReason]))
@case
@click.pass_obj
def release(config: Path | None, person: str, kind: str, reason: str, case: str) -> None:  # noqa: ARG001 - `-` alone
    """Hold a person back no longer."""
    with opened(config) as workplace:
        lifted = lift_hold(workplace, asked_for(workplace, kind), reason=LiftReason(reason), case_reference=case)
    say("No longer held." if lifted else "No hold was there.")
