"""`gateway retention`: what is kept how long, what goes, what a case keeps, and which certificates are to come."""

from datetime import datetime
from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.person import asked_for, by
from gateway.cli.showing import as_json, count, say, show_json, show_table
from gateway.errors import ExitCode
from gateway.model.retention import Due, HoldState
from gateway.services.retention.certificates_due import certificates_due
from gateway.services.retention.hold_records import hold_list, hold_person, let_records_go, list_record_holds
from gateway.services.retention.plan_retention import RetentionPlan, plan_retention
from gateway.services.retention.run_retention import RetentionRun, purge_evidence, run_retention

_HEADINGS = ("what", "which", "kept until", "how much", "why", "kept by")


@click.group("retention")
def command() -> None:
    """What is kept how long: say what is due to go, remove it, keep what a case needs."""


@command.command("plan")
@click.option("--on", "on", type=click.DateTime(["%Y-%m-%d"]), help="As it would be on a day, if nothing else came.")
@as_json
@click.pass_obj
def plan(config: Path | None, on: datetime | None, as_json: bool) -> None:
    """Say what is due to go, why and by which rule. Nothing is removed."""
    with opened(config) as workplace:
        found = plan_retention(workplace, on.date() if on else None)
    if as_json:
        show_json({"day": found.day, "due": found.due, "without_terms": found.without_terms})
        return
    show_table(_HEADINGS, map(_line, found.due))
    _say_planned(found)


@command.command("run")
@click.option("--evidence", is_flag=True, help="Purge the evidence at its term. It takes an approver, and --case.")
@click.option("--case", help="With --evidence: where the decision to dispose of it is.")
@as_json
@click.pass_obj
def run(config: Path | None, evidence: bool, case: str | None, as_json: bool) -> int:
    """Remove sealed copies and snapshots whose time is over, as the night does; with --evidence, evidence instead."""
    if evidence != (case is not None):
        raise click.UsageError("--evidence and --case go together: what is purged never comes back")
    with opened(config) as workplace:
        done = purge_evidence(workplace, case) if case is not None else run_retention(workplace)
    if as_json:
        show_json(done)
    else:
        show_table(_HEADINGS, map(_line, (*done.gone, *done.damaged)))
        _say_done(done)
    return ExitCode.INTEGRITY if done.damaged else ExitCode.DONE


@command.command("certificates")
@click.option("--overdue", is_flag=True, help="Only those that should have come.")
@as_json
@click.pass_obj
def certificates(config: Path | None, overdue: bool, as_json: bool) -> None:
    """Say of which lists a certificate of destruction is to come, and by when."""
    with opened(config) as workplace:
        due = certificates_due(workplace, overdue_only=overdue)
    if as_json:
        show_json(due)
        return
    show_table(
        ("list", "partner", "to be destroyed by", "certificate due", "overdue"),
        [(each.reference, each.partner, each.destroy_by, each.due_on, each.is_overdue) for each in due],
    )
    late = sum(each.is_overdue for each in due)
    say(f"{count(late)} overdue: ring the desk. Next: gateway receipts collect" if late else "None is overdue.")


@command.command("hold")
@click.option("--list", "list_reference", help="Keep this list's records.")
@click.option("--person", "person", type=click.Choice(["-"]), help="Keep what is kept about a person; - reads stdin.")
@by
@click.option("--case", required=True, help="The case reference.")
@as_json
@click.pass_obj
def hold(
    config: Path | None, list_reference: str | None, person: str | None, kind: str, case: str, as_json: bool
) -> None:
    """Keep records beyond their time while a case needs them. It keeps nobody off a list."""
    if (list_reference is None) == (person is None):
        raise click.UsageError("--list or --person says what is kept")
    with opened(config) as workplace:
        if list_reference is not None:
            placed = [hold_list(workplace, list_reference, case)]
        else:
            placed = list(hold_person(workplace, asked_for(workplace, kind), case))
    if as_json:
        show_json(placed)
        return
    for each in placed:
        say(f"{each.reference}: kept until it is let go. Next: gateway retention let-go {each.reference}")


@command.command("let-go")
@click.argument("reference")
@click.option("--case", required=True, help="Where that was decided.")
@as_json
@click.pass_obj
def let_go(config: Path | None, reference: str, case: str, as_json: bool) -> None:
    """End a hold on records: what it kept goes at its time, which may be now. It takes an approver."""
    with opened(config) as workplace:
        ended = let_records_go(workplace, reference, case)
    if as_json:
        show_json(ended)
        return
    say(f"{reference} is ended. Next: gateway retention plan")


@command.command("holds")
@as_json
@click.pass_obj
def holds(config: Path | None, as_json: bool) -> None:
    """List the holds on records, those that ended too."""
    with opened(config) as workplace:
        known = list_record_holds(workplace)
    if as_json:
        show_json(known)
        return
    show_table(
        ("hold", "of", "case", "since", "by", "state"),
        [
            (
                each.reference,
                each.list_reference or "a person",
                each.case_reference,
                each.held_at,
                each.held_by,
                each.state,
            )
            for each in known
        ],
    )
    say(f"{count(sum(each.state is HoldState.HELD for each in known))} stand.")


def _line(due: Due) -> tuple[object, ...]:
    return (due.kind.value, due.reference, due.kept_until, due.count, due.rule, due.held_by)


def _say_planned(found: RetentionPlan) -> None:
    going, held = found.to_go(), found.held
    say(f"On {found.day}: {count(len(going))} to go, {count(len(held))} kept by a case. Nothing was removed.")
    for reference in found.without_terms:
        say(f"{reference}: its agreement does not say how long it is kept, so nothing of it goes.")
    if found.evidence:
        say(f"Evidence of {count(len(found.evidence))} lists is at its term, and goes only by a person's decision.")
        say("Next: gateway retention run --evidence --case CASE")
    elif going:
        say("Next: gateway retention run, or the night does it")


def _say_done(done: RetentionRun) -> None:
    say(f"{count(len(done.gone))} removed, {count(len(done.held))} kept by a case.")
    for each in done.damaged:
        say(f"{each.reference}: its evidence is not what was sealed, and stays. Next: gateway audit verify")
    if done.waiting:
        say(f"Evidence of {count(len(done.waiting))} lists waits for a person. Next: gateway retention plan")
