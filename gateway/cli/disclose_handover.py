"""`gateway disclose handed-over` and `handovers`: lists that were handed over another way, or before the gateway."""

from datetime import datetime
from pathlib import Path
from typing import IO

import click

from gateway.cli.opening import opened
from gateway.cli.showing import as_json, count, say, show_json, show_table
from gateway.model.fields import FIELDS
from gateway.model.handover import HandoverState, Manner
from gateway.services.disclosure.attest_handover import HandedOver, enter_handover, settle_handover
from gateway.services.disclosure.handover_people import MOST_BYTES
from gateway.services.disclosure.list_handovers import list_handovers

#: How an approver settles a record, and whether it happened.
HANDED_OVER = {"handed-over": True, "not-handed-over": False}


@click.command("handed-over")
@click.argument("agreement")
@click.option("--on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The day it was handed over.")
@click.option("--manner", required=True, type=click.Choice([each.value for each in Manner]), help="How.")
@click.option("--people", required=True, type=click.IntRange(1, 1_000_000), help="How many stood on the list.")
@click.option("--unidentified", default=0, type=click.IntRange(0), help="How many of them no identifier is known of.")
@click.option("--field", "fields", multiple=True, type=click.Choice(list(FIELDS)), help="A field that was told.")
@click.option("--to", "partner", help="The recipient, where it is not the agreement's own.")
@click.option("--by", "kind", default="nino", show_default=True, help="nino, or the source whose ids are given.")
@click.option("--identifiers", required=True, type=click.File("rb"), help="Who: a file, one a line; - reads stdin.")
@click.option("--case", required=True, help="The case reference: where the papers are.")
@as_json
@click.pass_obj
def handed_over(
    config: Path | None,
    *,
    agreement: str,
    on: datetime,
    manner: str,
    people: int,
    unidentified: int,
    fields: tuple[str, ...],
    partner: str | None,
    kind: str,
    identifiers: IO[bytes],
    case: str,
    as_json: bool,
) -> None:
    """Record a list that was handed over another way, or before the gateway. Another person confirms it.

    Nothing of it is proven: it is what two people say, and is shown as that.
    """
    if identifiers.isatty():
        raise click.UsageError("identifiers are read from a file or a pipe: on a terminal everybody would see them")
    said = HandedOver(agreement, on.date(), Manner(manner), people, unidentified, fields, partner)
    with opened(config) as workplace:
        entered = enter_handover(workplace, said, identifiers.read(MOST_BYTES + 1), kind=kind, case=case)
    if as_json:
        show_json(entered)
        return
    say(f"{entered.reference} is entered: {count(entered.identified)} people, who count as disclosed once confirmed.")
    if entered.registered:
        say(f"{count(entered.registered)} of them were not known here, and can be asked about from now on.")
    say(f"Next: an approver who is somebody else: gateway disclose attest {entered.reference} --as handed-over")


@click.command("handovers")
@as_json
@click.pass_obj
def handovers(config: Path | None, as_json: bool) -> None:
    """Say which lists were handed over another way, as two people said, and which wait to be confirmed."""
    with opened(config) as workplace:
        known = list_handovers(workplace)
    if as_json:
        show_json(known)
        return
    show_table(
        ("record", "to", "on", "manner", "people", "identified", "state", "case", "next"),
        [
            (k.reference, k.partner, k.handed_over_on, k.manner, k.people, k.identified, k.state, k.case, k.next)
            for k in known
        ],
    )
    say("Not proven: each is what two people say." if known else "None is on record.")


def confirm(config: Path | None, reference: str, holding: str, case: str) -> None:
    """Settle a record as an approver says."""
    with opened(config) as workplace:
        state = settle_handover(workplace, reference, happened=HANDED_OVER[holding], case=case)
    say(f"{reference} is {state.value}. {_SETTLED[state]}")


_SETTLED = {
    HandoverState.ATTESTED: "The people on it count as disclosed, not proven: `gateway audit person` shows it so.",
    HandoverState.DISMISSED: "It counts for nothing; what was entered stays on record.",
}
