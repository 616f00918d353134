"""`gateway deliver`: deliver what is sealed."""

from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.showing import as_json, say, show_json, show_table
from gateway.delivery.plan import OPEN
from gateway.errors import ExitCode
from gateway.model.delivery import ListState
from gateway.services.deliver_lists import Delivered, deliver
from gateway.store.lists import lists_in


@click.group("deliver")
def command() -> None:
    """Deliver what is sealed."""


@command.command("resume")
@as_json
@click.pass_obj
def resume(config: Path | None, as_json: bool) -> int:
    """Deliver every list that is sealed or was interrupted. What cannot be proved is never sent again blindly."""
    with opened(config) as workplace:
        with workplace.store.reading() as connection:
            waiting = [kept.list_id for kept in lists_in(connection, *OPEN)]
        delivered = deliver(workplace, waiting)
    if as_json:
        show_json(delivered)
    else:
        show_table(
            ("list", "partner", "state", "code", "next"),
            [(one.reference, one.partner, one.state, one.code, one.way_out) for one in delivered],
        )
        if not delivered:
            say("Nothing waits to be delivered.")
        for one in delivered:
            if one.sentence:
                say(f"{one.reference}: {one.sentence}")
    return _exit_code(delivered)


def _exit_code(delivered: list[Delivered]) -> ExitCode:
    if any(one.security for one in delivered):
        return ExitCode.INTEGRITY
    arrived = {ListState.VERIFIED, ListState.RECEIVED}
    return ExitCode.DONE if all(one.state in arrived for one in delivered) else ExitCode.TRY_LATER
