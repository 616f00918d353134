"""`gateway disclose run`: make the lists that are due."""

from datetime import date, datetime
from pathlib import Path

import click

from gateway.cli.opening import opened_with_settings
from gateway.cli.showing import as_json, say, show_json, show_table
from gateway.errors import ExitCode
from gateway.services.delivery.next_steps import ERRORS
from gateway.services.disclosure.list_making import Outcome
from gateway.services.disclosure.run_disclosures import Ran, Refused, run_disclosures
from gateway.services.planning.plan_night import NOT_LOADED, plan_night


@click.command("run")
@click.argument("agreements", nargs=-1)
@click.option("--window", type=click.DateTime(["%Y-%m-%d"]), help="The London day to run for; else what is due.")
@as_json
@click.pass_obj
def run(config: Path | None, agreements: tuple[str, ...], window: datetime | None, as_json: bool) -> int:
    """Make the lists that are due, or those of the agreements and the window named. Sending is `deliver resume`."""
    with opened_with_settings(config) as (settings, workplace):
        plan = plan_night(workplace, load_at=settings.load_at)
        if window is None:
            due = tuple(pair for pair in plan.to_run() if not agreements or pair[0] in agreements)
            ran = run_disclosures(workplace, due)
        else:
            day = window.date()
            # Who names a window gets no further than the service.
            waiting = plan.kept_back(NOT_LOADED.code, day).intersection(agreements)
            ran = [_not_loaded(agreement, day) for agreement in sorted(waiting)]
            ran += run_disclosures(workplace, tuple((each, day) for each in agreements if each not in waiting))
    if as_json:
        show_json(ran)
    else:
        show_table(("agreement", "window", "part", "outcome", "people", "why"), [_row(each) for each in ran])
        say("Next: gateway deliver resume" if any(_sealed(each) for each in ran) else "Nothing new to deliver.")
    return _exit_code(ran)


def _not_loaded(agreement: str, day: date) -> Ran:
    return Refused(agreement, day.isoformat(), None, NOT_LOADED.code, NOT_LOADED.sentence, NOT_LOADED.way_out)


def _sealed(ran: Ran) -> bool:
    return not isinstance(ran, Refused) and ran.outcome is Outcome.SEALED


def _row(ran: Ran) -> tuple[object, ...]:
    if isinstance(ran, Refused):
        return (ran.agreement_id, ran.window, ran.part, "refused", None, f"{ran.sentence}; {ran.way_out}")
    return (ran.agreement_id, ran.window, ran.part, ran.outcome, ran.people, ", ".join(ran.reasons))


def _exit_code(ran: list[Ran]) -> ExitCode:
    refused = [each for each in ran if isinstance(each, Refused)]
    if refused:
        return ExitCode.TRY_LATER if all(_may_be_tried_later(each) for each in refused) else ExitCode.FAILED
    withheld = any(not isinstance(each, Refused) and each.outcome is Outcome.WITHHELD for each in ran)
    return ExitCode.WITHHELD if withheld else ExitCode.DONE


def _may_be_tried_later(refused: Refused) -> bool:
    error = ERRORS.get(refused.code)
    return error is not None and error.exit_code is ExitCode.TRY_LATER
