"""`gateway disclose`: run what is due, see where each list stands, release held lists."""

from datetime import date, datetime
from pathlib import Path

import click

from gateway.cli.opening import opened, opened_with_settings
from gateway.cli.showing import as_json, say, show_json, show_table
from gateway.errors import ExitCode
from gateway.services.night_plan import PlannedList, Progress
from gateway.services.plan_night import plan_night
from gateway.services.release_lists import release_list
from gateway.services.run_disclosures import Ran, Refused, run_disclosures
from gateway.services.run_status import run_status
from gateway.services.seal_list import Outcome

_HEADINGS = ("agreement", "window", "part", "stands", "state", "people", "next")


@click.group("disclose")
def command() -> None:
    """Run what is due; see where each list stands; release held lists."""


@command.command("run")
@click.argument("agreements", nargs=-1)
@click.option("--window", type=click.DateTime(["%Y-%m-%d"]), help="The London day to run for; else what is due.")
@as_json
@click.pass_obj
def run(config: Path | None, agreements: tuple[str, ...], window: datetime | None, as_json: bool) -> int:
    """Make the lists that are due, or those of the agreements and the window named. Sending is `deliver resume`."""
    with opened_with_settings(config) as (settings, workplace):
        if window is not None:
            day = date(window.year, window.month, window.day)
            due = tuple((agreement, day) for agreement in agreements)
        else:
            planned = plan_night(workplace, load_at=settings.load_at).to_run()
            due = tuple(pair for pair in planned if not agreements or pair[0] in agreements)
        ran = run_disclosures(workplace, due)
    if as_json:
        show_json(ran)
    else:
        show_table(("agreement", "window", "part", "outcome", "people", "why"), [_row(each) for each in ran])
        say("Next: gateway deliver resume" if any(_sealed(each) for each in ran) else "Nothing new to deliver.")
    return _exit_code(ran)


def _sealed(ran: Ran) -> bool:
    return not isinstance(ran, Refused) and ran.outcome is Outcome.SEALED


def _row(ran: Ran) -> tuple[object, ...]:
    if isinstance(ran, Refused):
        return (ran.agreement_id, ran.window, ran.part, "refused", None, f"{ran.sentence}; {ran.way_out}")
    return (ran.agreement_id, ran.window, ran.part, ran.outcome, ran.people, ", ".join(ran.reasons))


def _exit_code(ran: list[Ran]) -> ExitCode:
    if any(isinstance(each, Refused) for each in ran):
        return ExitCode.FAILED
    withheld = any(not isinstance(each, Refused) and each.outcome is Outcome.WITHHELD for each in ran)
    return ExitCode.WITHHELD if withheld else ExitCode.DONE


@command.command("due")
@as_json
@click.pass_obj
def due(config: Path | None, as_json: bool) -> None:
    """Say what is due now, and what is in its way."""
    with opened_with_settings(config) as (settings, workplace):
        plan = plan_night(workplace, load_at=settings.load_at)
    if as_json:
        show_json(plan.as_data())
        return
    show_table(_HEADINGS, [_planned(item) for item in plan.of(Progress.DUE, Progress.BLOCKED)])
    for upcoming in plan.next:
        say(f"Next for {upcoming.agreement_id}: {upcoming.due_at:%Y-%m-%d %H:%M} UTC")


@command.command("status")
@as_json
@click.pass_obj
def status(config: Path | None, as_json: bool) -> None:
    """Say where each list stands, what was done, and what to do about the rest."""
    with opened_with_settings(config) as (settings, workplace):
        found = run_status(workplace, load_at=settings.load_at)
    if as_json:
        show_json(found.as_data())
        return
    show_table(_HEADINGS, [_planned(item) for item in found.lists])
    for blocked in found.plan.blocked:
        say(f"{blocked.agreement_id}: {blocked.reason.sentence}. Next: {blocked.reason.way_out}")
    say(f"The service is {found.service.pulse.value}. {found.service.advice}".rstrip())


def _planned(item: PlannedList) -> tuple[object, ...]:
    stands = f"{item.progress.value}{' (late)' if item.late else ''}"
    state = f"{item.state or '-'}{f': {item.reason}' if item.reason else ''}"
    return (item.agreement_id, item.window, item.part, stands, state, item.people, item.advice)


@command.command("release")
@click.argument("reference")
@click.option("--reason", required=True, help="A code of agreements/README.md, such as `looked-at`.")
@click.option("--case", required=True, help="The case reference.")
@click.pass_obj
def release(config: Path | None, reference: str, reason: str, case: str) -> None:
    """Let a withheld list go after all, less whoever has been held since. It takes an approver who did not run it."""
    with opened(config) as workplace:
        made = release_list(workplace, reference, reason=reason, case_reference=case)
    say(f"{made.reference} is sealed for {made.people} people. Next: gateway deliver resume")
