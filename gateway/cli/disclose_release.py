"""`gateway disclose release`, `stop` and `start`: let a withheld list go; stop everything, and let it go on."""

from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.showing import say
from gateway.services.agreements.stop_disclosures import StartReason, StopReason, start_disclosures, stop_disclosures
from gateway.services.disclosure.release_lists import ReleaseReason, release_list


@click.command("release")
@click.argument("reference")
@click.option("--reason", required=True, type=click.Choice([reason.value for reason in ReleaseReason]))
@click.option("--case", required=True, help="The case reference.")
@click.pass_obj
def release(config: Path | None, reference: str, reason: str, case: str) -> None:
    """Let a withheld list go, less whoever was held or flagged since. It takes an approver who did not run it."""
    with opened(config) as workplace:
        made = release_list(workplace, reference, reason=reason, case_reference=case)
    say(f"{made.reference} is sealed for {made.people} people. Next: gateway deliver resume")


@click.command("stop")
@click.option("--reason", required=True, type=click.Choice([reason.value for reason in StopReason]))
@click.option("--case", required=True, help="The case reference.")
@click.pass_obj
def stop(config: Path | None, reason: str, case: str) -> None:
    """Stop every disclosure now: no list is made and none leaves. One person is enough."""
    with opened(config) as workplace:
        done = stop_disclosures(workplace, StopReason(reason), case)
    say("Every disclosure is stopped." if done else "Every disclosure was stopped already.")
    say("What is published already stays published: `gateway disclose status` names it, `gateway disclose recall`")


@click.command("start")
@click.option("--reason", required=True, type=click.Choice([reason.value for reason in StartReason]))
@click.option("--case", required=True, help="The case reference.")
@click.pass_obj
def start(config: Path | None, reason: str, case: str) -> None:
    """Let disclosures go on after a stop. It takes an approver."""
    with opened(config) as workplace:
        done = start_disclosures(workplace, StartReason(reason), case)
    say("Disclosures go on. Next: gateway disclose due" if done else "They were not stopped.")
