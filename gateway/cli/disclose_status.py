"""`gateway disclose due` and `status`: say what is due, and where each list stands."""

from pathlib import Path

import click

from gateway.cli.complaints import words_of
from gateway.cli.opening import opened_with_settings
from gateway.cli.showing import as_json, say, show_json, show_table
from gateway.model.handover import HandoverState
from gateway.services.night.run_status import run_status
from gateway.services.planning.night_plan import PlannedList, Progress
from gateway.services.planning.plan_night import plan_night

_HEADINGS = ("agreement", "window", "part", "stands", "state", "people", "next")


@click.command("due")
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


@click.command("status")
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
