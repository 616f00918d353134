"""`gateway complaints`: record a complaint, that it was acknowledged, and how it ended; list and show them.

A note is read from standard input, after the identifier where there is one: words of and about people are no arguments.
"""

import sys
from datetime import date, datetime
from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.person import asked_for, by, case
from gateway.cli.showing import as_json, say, show_json, show_table
from gateway.model.complaint import ComplaintAbout, ComplaintOutcome, acknowledge_by
from gateway.services.complaints.complaint_timer import ComplaintDue, Stage
from gateway.services.complaints.handle_complaints import acknowledge_complaint, close_complaint, record_complaint
from gateway.services.complaints.read_complaints import (
    KnownComplaint,
    Linked,
    ShownComplaint,
    list_complaints,
    show_complaint,
)

_DAY = click.DateTime(["%Y-%m-%d"])
_HEADINGS = (
    "complaint",
    "case",
    "about",
    "came on",
    "acknowledge by",
    "acknowledged",
    "late",
    "closed",
    "outcome",
    "next",
)
note = click.option("--note", "note", type=click.Choice(["-"]), help="Words on it, which can be erased: - reads them.")
day = click.option("--on", "day", type=_DAY, help="The London day of the letter; else today.")


@click.group("complaints")
def command() -> None:
    """Record complaints, acknowledge them in time, close them (Data Protection Act 2018, section 164A)."""


@command.command("record")
@case
@click.option("--received", "received", required=True, type=_DAY, help="The London day on which it came.")
@click.option("--about", required=True, type=click.Choice([each.value for each in ComplaintAbout]))
@click.option("--person", type=click.Choice(["-"]), help="Whom it is about: - reads standard input.")
@by
@click.option("--list", "list_reference", help="The list that it is about.")
@note
@as_json
@click.pass_obj
def record(
    config: Path | None,
    case: str,
    received: datetime,
    about: str,
    person: str | None,
    kind: str,
    list_reference: str | None,
    note: str | None,
    as_json: bool,
) -> None:
    """Record a complaint: it is to be acknowledged within 30 days and answered without undue delay."""
    with opened(config) as workplace:
        complaint = record_complaint(
            workplace,
            case_reference=case,
            received_on=received.date(),
            about=ComplaintAbout(about),
            clue=asked_for(workplace, kind) if person else None,
            list_reference=list_reference,
            note=_read(note),
        )
    last = acknowledge_by(complaint.received_on)
    if as_json:
        show_json({"complaint": complaint.reference, "acknowledge_by": last})
        return
    click.echo(complaint.reference)
    say(f"To be acknowledged by {last}. Next: gateway complaints acknowledge {complaint.reference}")


@command.command("acknowledge")
@click.argument("reference")
@day
@note
@as_json
@click.pass_obj
def acknowledge(config: Path | None, reference: str, day: datetime | None, note: str | None, as_json: bool) -> None:
    """Record that whoever complained was told that it came and is looked into."""
    with opened(config) as workplace:
        moved = acknowledge_complaint(workplace, reference, acknowledged_on=_date(day), note=_read(note))
    if as_json:
        show_json({"complaint": moved.reference, "acknowledged_on": moved.acknowledged_on})
        return
    say(f"{moved.reference} was acknowledged on {moved.acknowledged_on}.")
    say(f"Next, once they were told the outcome: gateway complaints close {moved.reference}")


@command.command("close")
@click.argument("reference")
@click.option("--outcome", required=True, type=click.Choice([each.value for each in ComplaintOutcome]))
@day
@note
@as_json
@click.pass_obj
def close(
    config: Path | None, reference: str, outcome: str, day: datetime | None, note: str | None, as_json: bool
) -> None:
    """Record that whoever complained was told the outcome; within the 30 days that acknowledges it too."""
    with opened(config) as workplace:
        closed = close_complaint(
            workplace, reference, ComplaintOutcome(outcome), closed_on=_date(day), note=_read(note)
        )
        kept_days = workplace.complaint_terms.notes_kept_days
    if as_json:
        show_json({"complaint": closed.reference, "closed_on": closed.closed_on, "outcome": closed.outcome})
        return
    say(f"{closed.reference} was closed on {closed.closed_on}: {outcome}. Its notes go after {kept_days} days.")


@command.command("list")
@click.option("--open", "open_only", is_flag=True, help="Only those that are not closed.")
@as_json
@click.pass_obj
def list_(config: Path | None, open_only: bool, as_json: bool) -> None:
    """List complaints, with the day by which each is to be acknowledged; never whom one is about."""
    with opened(config) as workplace:
        found = list_complaints(workplace, open_only=open_only)
    if as_json:
        show_json(found)
        return
    show_table(_HEADINGS, [_row(each) for each in found])
    say(f"{len(found)} complaints, {sum(each.late for each in found)} of them not acknowledged in time.")


@command.command("show")
@click.argument("reference")
@as_json
@click.pass_obj
def show(config: Path | None, reference: str, as_json: bool) -> None:
    """Show a complaint with its notes, and the disclosures of whom it is about. The look is recorded."""
    with opened(config) as workplace:
        shown = show_complaint(workplace, reference)
    if as_json:
        show_json(shown)
    else:
        _show(shown)


def words_of(due: ComplaintDue) -> str:
    """Say what a complaint waits for."""
    match due.stage:
        case Stage.ACKNOWLEDGE:
            return f"a complaint to be acknowledged by {due.acknowledge_by}, {due.days_left} days left"
        case Stage.OVERDUE:
            return f"a complaint that was to be acknowledged by {due.acknowledge_by}: OVERDUE"
        case Stage.ANSWER:
            return f"a complaint open for {due.days_open} days, to be answered without undue delay"


def _show(shown: ShownComplaint) -> None:
    complaint = shown.complaint
    show_table(_HEADINGS, [_row(complaint)])
    say(f"Recorded by {shown.recorded_by} at {shown.recorded_at}.")
    named = [("named", *_cells(each)) for each in (shown.named,) if each]
    told = [("told of them", *_cells(each)) for each in shown.disclosures]
    click.echo()
    show_table(("why", "list", "agreement", "day", "state"), named + told)
    if complaint.names_somebody and not shown.disclosures:
        say("Nothing was disclosed about them.")
    for each in shown.notes:
        click.echo(f"\n{each.written_at}  {each.written_by}\n{each.text}")


def _row(each: KnownComplaint) -> tuple[object, ...]:
    days = (each.received_on, each.acknowledge_by, each.acknowledged_on)
    return (each.reference, each.case, each.about, *days, each.late, each.closed_on, each.outcome, each.next)


def _cells(each: Linked) -> tuple[str, ...]:
    return each.list_reference, each.agreement_id, each.day, each.state


def _date(day: datetime | None) -> date | None:
    return day.date() if day else None


def _read(note: str | None) -> str | None:
    """Read the words of a note where there is one."""
    if note is None:
        return None
    if sys.stdin.isatty():
        say("The note, until an end of file (Ctrl-D):")
    return sys.stdin.read()
