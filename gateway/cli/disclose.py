"""`gateway disclose`: run what is due, see where each list stands, release held lists, stop everything."""

from datetime import date, datetime
from pathlib import Path

import click

from gateway.cli.complaints import words_of
from gateway.cli.disclose_decline import not_share
from gateway.cli.disclose_handover import HANDED_OVER, confirm, handed_over, handovers
from gateway.cli.disclose_settle import settle
from gateway.cli.opening import opened, opened_with_settings
from gateway.cli.showing import as_json, say, show_json, show_table
from gateway.errors import ExitCode
from gateway.model.delivery import ListState
from gateway.model.handover import HandoverState
from gateway.services.agreements.stop_disclosures import StartReason, StopReason, start_disclosures, stop_disclosures
from gateway.services.delivery.next_steps import ERRORS
from gateway.services.disclosure.attest_handover import is_handover
from gateway.services.disclosure.attest_lists import Holding, attest_list
from gateway.services.disclosure.recall_lists import Found, Recalled, RecallReason, recall_list, record_destroyed
from gateway.services.disclosure.release_lists import ReleaseReason, release_list
from gateway.services.disclosure.run_disclosures import Ran, Refused, run_disclosures
from gateway.services.disclosure.seal_list import Outcome
from gateway.services.night.run_status import run_status
from gateway.services.planning.night_plan import PlannedList, Progress
from gateway.services.planning.plan_night import NOT_LOADED, plan_night

_HEADINGS = ("agreement", "window", "part", "stands", "state", "people", "next")


@click.group("disclose")
def command() -> None:
    """Run what is due; see where each list stands; release held lists; stop everything."""


@command.command("run")
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
    for handover in found.handovers:
        if handover.next:
            say(f"{handover.reference}: handed over another way, not confirmed. Next: {handover.next}")
    attested = found.handovers_in(HandoverState.ATTESTED)
    if attested:
        say(f"Handed over another way, attested and not proven: {attested}. `gateway disclose handovers` names them.")
    for warning in found.keys:
        left = "cannot be used" if warning.days_left is None else f"has {warning.days_left} days left"
        say(f"The key of {warning.owner} for {warning.purpose.value} {left}. Next: {warning.next}")
    for due in found.complaints:
        say(f"{due.reference}: {words_of(due)}. Next: {due.next}")
    for owed in found.certificates:
        say(f"{owed.reference}: not certified as destroyed by {owed.due_on}. Next: ring the desk of {owed.partner}")
    if found.evidence_due:
        say(f"Evidence of {found.evidence_due} lists is at its term. Next: gateway retention plan")
    say(f"The service is {found.service.pulse.value}. {found.service.advice}".rstrip())


def _planned(item: PlannedList) -> tuple[object, ...]:
    stands = f"{item.progress.value}{' (late)' if item.late else ''}"
    state = f"{item.state or '-'}{f': {item.reason}' if item.reason else ''}"
    return (item.agreement_id, item.window, item.part, stands, state, item.people, item.advice)


@command.command("release")
@click.argument("reference")
@click.option("--reason", required=True, type=click.Choice([reason.value for reason in ReleaseReason]))
@click.option("--case", required=True, help="The case reference.")
@click.pass_obj
def release(config: Path | None, reference: str, reason: str, case: str) -> None:
    """Let a withheld list go, less whoever was held or flagged since. It takes an approver who did not run it."""
    with opened(config) as workplace:
        made = release_list(workplace, reference, reason=reason, case_reference=case)
    say(f"{made.reference} is sealed for {made.people} people. Next: gateway deliver resume")


@command.command("stop")
@click.option("--reason", required=True, type=click.Choice([reason.value for reason in StopReason]))
@click.option("--case", required=True, help="The case reference.")
@click.pass_obj
def stop(config: Path | None, reason: str, case: str) -> None:
    """Stop every disclosure now: no list is made and none leaves. One person is enough."""
    with opened(config) as workplace:
        done = stop_disclosures(workplace, StopReason(reason), case)
    say("Every disclosure is stopped." if done else "Every disclosure was stopped already.")
    say("What is published already stays published: `gateway disclose status` names it, `gateway disclose recall`")


@command.command("start")
@click.option("--reason", required=True, type=click.Choice([reason.value for reason in StartReason]))
@click.option("--case", required=True, help="The case reference.")
@click.pass_obj
def start(config: Path | None, reason: str, case: str) -> None:
    """Let disclosures go on after a stop. It takes an approver."""
    with opened(config) as workplace:
        done = start_disclosures(workplace, StartReason(reason), case)
    say("Disclosures go on. Next: gateway disclose due" if done else "They were not stopped.")


@command.command("attest")
@click.argument("references", nargs=-1, required=True)
@click.option("--as", "holding", required=True, type=click.Choice([*(each.value for each in Holding), *HANDED_OVER]))
@click.option("--case", required=True, help="The case reference.")
@click.pass_obj
def attest(config: Path | None, references: tuple[str, ...], holding: str, case: str) -> None:
    """Say what the recipient's desk holds of uncertain lists, or whether lists were handed over as recorded.

    It takes an approver who did not run the lists, or did not record them.
    """
    for reference in references:
        if is_handover(reference) != (holding in HANDED_OVER):
            raise click.UsageError(f"{reference} is not attested as {holding}: --help says what there is")
    for reference in references:
        if is_handover(reference):
            confirm(config, reference, holding, case)
        else:
            _attest_list(config, reference, Holding(holding), case)


def _attest_list(config: Path | None, reference: str, holding: Holding, case: str) -> None:
    with opened(config) as workplace:
        state = attest_list(workplace, reference, holding, case)
    say(f"{reference} is {state.value}, as attested. {_ATTESTED[state]}")


_ATTESTED = {
    ListState.VERIFIED: "It is never sent again; the next window makes a new list.",
    ListState.FAILED: "It is never sent again; the next window makes a new list.",
    ListState.PLANNED: "Its window is free: it is run if the agreement still catches it up.",
}


command.add_command(settle)
command.add_command(not_share)
command.add_command(handed_over)
command.add_command(handovers)


@command.command("recall")
@click.argument("reference")
@click.option("--reason", type=click.Choice([reason.value for reason in RecallReason]), help="Why it is recalled.")
@click.option("--case", help="The case reference.")
@click.option("--destroyed", is_flag=True, help="Record that the desk says it destroyed what it had taken.")
@as_json
@click.pass_obj
def recall(
    config: Path | None, reference: str, reason: str | None, case: str | None, destroyed: bool, as_json: bool
) -> int:
    """Take back a delivered list where the desk has not taken it; where it has, record the recall."""
    if case is None or (reason is None) != destroyed:
        raise click.UsageError(
            "--reason and --case say why it is recalled, and where the papers are; --destroyed takes --case alone"
        )
    with opened(config) as workplace:
        if reason is None:
            recalled = record_destroyed(workplace, reference, case)
        else:
            recalled = recall_list(workplace, reference, RecallReason(reason), case)
    if as_json:
        show_json({"list": reference, "found": recalled.found, "failure": _code_of(recalled)})
    elif recalled.failure:
        say(f"{reference} is recalled, and its files are not taken back: {recalled.failure}.")
        say(f"Ask the desk by phone to destroy it. Next: the same command again, once this is mended: {_way(recalled)}")
    elif recalled.found:
        say(f"{reference} is recalled. {_FOUND[recalled.found]}")
    return recalled.failure.exit_code if recalled.failure else ExitCode.DONE


def _way(recalled: Recalled) -> str:
    return recalled.failure.advice() if recalled.failure else ""


def _code_of(recalled: Recalled) -> str | None:
    return recalled.failure.code if recalled.failure else None


_FOUND = {
    Found.REMOVED: "Its files were still there, and are removed.",
    Found.GONE: "Its package is not at the recipient's server: the desk took it. Ask them by phone to destroy it.",
    Found.LEFT: "What stands under its name is not what we sent, or may not be read, and was left: ask their IT.",
    Found.TAKEN: "The desk had answered that it has it. Ask them by phone to destroy it.",
    Found.NO_COPY: "Our copy was removed at its term, so what stands under its name cannot be compared, and is left."
    " Ask the desk by phone to destroy it.",
    Found.DESTROYED: "The desk says that it destroyed it: that is on record, as what they say.",
}
