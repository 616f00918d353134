"""`gateway deliver`: deliver what is sealed."""

from pathlib import Path

import click

from gateway.cli.opening import opened_with_settings
from gateway.cli.showing import as_json, say, show_json, show_table
from gateway.errors import ExitCode
from gateway.model.delivery import ListState
from gateway.services.delivery.deliver_lists import Delivered
from gateway.services.delivery.next_steps import ERRORS, SETTLED_FOR_GOOD
from gateway.services.night.resume_delivery import Resumed, resume_delivery

_ARRIVED = frozenset({ListState.VERIFIED, ListState.RECEIVED})
_GRAVEST_FIRST = (
    ExitCode.INTEGRITY,
    ExitCode.CONFIGURATION,
    ExitCode.FAILED,
    ExitCode.TRY_LATER,
)


@click.group("deliver")
def command() -> None:
    """Deliver what is sealed."""


@command.command("resume")
@click.argument("references", nargs=-1)
@as_json
@click.pass_obj
def resume(config: Path | None, references: tuple[str, ...], as_json: bool) -> int:
    """Deliver what is sealed or was interrupted: the lists named, or all whose delivery time is not over.

    What cannot be proved is never sent again blindly.
    """
    with opened_with_settings(config) as (settings, workplace):
        resumed = resume_delivery(workplace, references, load_at=settings.load_at)
    if as_json:
        show_json(resumed)
    else:
        _show(resumed)
    return _exit_code(resumed.delivered)


def _show(resumed: Resumed) -> None:
    show_table(
        ("list", "partner", "state", "code", "next"),
        [(one.reference, one.partner, one.state, one.code, one.way_out) for one in resumed.delivered],
    )
    if not resumed.delivered:
        say("Nothing was delivered." if resumed.late else "Nothing waits to be delivered.")
    for one in resumed.delivered:
        if one.sentence:
            say(f"{one.reference}: {one.sentence}")
    for reference in resumed.late:
        say(f"{reference}: its delivery time is over. Next: `gateway deliver resume {reference}` sends it all the same")


def _exit_code(delivered: tuple[Delivered, ...]) -> ExitCode:
    """Return the gravest; 75 only where nobody has to do anything but wait."""
    found = {_exit_code_of(one) for one in delivered}
    return next((code for code in _GRAVEST_FIRST if code in found), max(found, default=ExitCode.DONE))


def _exit_code_of(one: Delivered) -> ExitCode:
    if one.state in _ARRIVED:
        return ExitCode.DONE
    if one.security:
        return ExitCode.INTEGRITY
    error = ERRORS.get(one.code or "")
    if one.state in SETTLED_FOR_GOOD or error is None:
        return ExitCode.FAILED
    return ExitCode.TRY_LATER if error.retryable else error.exit_code
