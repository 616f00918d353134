"""`gateway disclose not-share`: record a decision not to share, with its reason."""

from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.person import asked_for, by, case
from gateway.cli.showing import as_json, say, show_json
from gateway.services.registers.decline_sharing import DeclineReason, Requester, decline_sharing


@click.command("not-share")
@click.argument("agreement", required=False)
@click.option("--requester", required=True, type=click.Choice([each.value for each in Requester]), help="Who asked.")
@click.option("--reason", required=True, type=click.Choice([each.value for each in DeclineReason]))
@case
@click.option("--person", type=click.Choice(["-"]), help="About a person: - reads standard input.")
@by
@as_json
@click.pass_obj
def not_share(
    config: Path | None,
    agreement: str | None,
    requester: str,
    reason: str,
    case: str,
    person: str | None,
    kind: str,
    as_json: bool,
) -> None:
    """Record a decision not to share, under an agreement or with somebody who asked without one. No list changes."""
    with opened(config) as workplace:
        position = decline_sharing(
            workplace,
            requester=Requester(requester),
            reason=DeclineReason(reason),
            case_reference=case,
            agreement_id=agreement,
            clue=asked_for(workplace, kind) if person else None,
        )
    if as_json:
        show_json({"entry": position})
    say(f"Recorded at entry {position}. Who is to be left out of lists: gateway subjects hold")
