"""`gateway agreements`: check, read, preview, compare, approve and suspend."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import IO

import click

from gateway.agreements.approval import Approval
from gateway.cli.opening import opened
from gateway.cli.showing import as_json, count, say, show_json, show_table
from gateway.errors import ExitCode
from gateway.model.selection import ExclusionReason
from gateway.services.agreements import approve_agreements, review_agreements, suspend_agreements
from gateway.services.disclosure.delta_base import WhyFull
from gateway.services.disclosure.preview_differences import Expected
from gateway.services.disclosure.preview_list import Preview, preview_list


@click.group("agreements")
def command() -> None:
    """Check, read, preview, compare, approve and suspend agreements."""


@command.command("check")
@as_json
@click.pass_obj
def check(config: Path | None, as_json: bool) -> int:
    """Say every fault of every agreement, framework, mapping and partner, with its file, line and column."""
    with opened(config) as workplace:
        faults = review_agreements.check_agreements(workplace)
    if as_json:
        show_json({"faults": faults})
    else:
        for fault in faults:
            click.echo(fault)
        if not faults:
            say("No faults.")
    return ExitCode.CONFIGURATION if faults else ExitCode.DONE


@command.command("list")
@as_json
@click.pass_obj
def list_(config: Path | None, as_json: bool) -> None:
    """Say which agreements there are, which are in force, and why others are not."""
    with opened(config) as workplace:
        listed = review_agreements.list_agreements(workplace)
    if as_json:
        show_json([_listed(item) for item in listed])
        return
    show_table(
        ("agreement", "version", "in force", "why not"),
        [
            (
                item.agreement_id,
                item.standing.agreement.version if item.standing else None,
                bool(item.standing and not item.standing.reasons),
                _why_not(item),
            )
            for item in listed
        ],
    )


def _listed(item: review_agreements.Listed) -> dict[str, object]:
    standing = item.standing
    if standing is None:
        return {"agreement_id": item.agreement_id, "in_force": False, "faults": item.faults}
    return {
        "agreement_id": item.agreement_id,
        "version": standing.agreement.version,
        "recipient": standing.agreement.recipient,
        "in_force": not standing.reasons,
        "statement": standing.statement.statement_hash,
        "approved_by": {approval.principal: approval.role for approval in standing.approvals},
        "reasons": standing.reasons,
        "cautions": standing.cautions,
    }


def _why_not(item: review_agreements.Listed) -> str:
    if item.standing is None:
        return f"{len(item.faults)} faults: gateway agreements check"
    return "; ".join(reason.sentence for reason in item.standing.reasons)


@command.command("show")
@click.argument("agreement")
@as_json
@click.pass_obj
def show(config: Path | None, agreement: str, as_json: bool) -> None:
    """Print an agreement in plain words."""
    with opened(config) as workplace:
        page = review_agreements.show_agreement(workplace, agreement)
    if as_json:
        show_json({"agreement_id": agreement, "page": page})
    else:
        click.echo(page)


@command.command("preview")
@click.argument("agreement")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day to decide for; else today.")
@as_json
@click.pass_obj
def preview(config: Path | None, agreement: str, day: date | None, as_json: bool) -> None:
    """Count whom a run would send, and say what blocks one. Nothing is sent or kept."""
    on = date(day.year, day.month, day.day) if day else None
    with opened(config) as workplace:
        seen = preview_list(workplace, agreement, on)
    if as_json:
        show_json(seen)
    else:
        _show_funnel(seen, agreement)


_WORDS = {
    ExclusionReason.PROTECTED: "safety, objection or hold",
    ExclusionReason.INCOMPLETE_RECORD: "a refused line touches the record",
    ExclusionReason.NOT_IN_COHORT: "not in the programme, or outside the agreement's cohort",
    ExclusionReason.REQUIREMENT_MISSING: "no assessment, plan or lead professional",
    ExclusionReason.NEEDS_NOT_MET: "too few needs under the framework",
    ExclusionReason.DOMESTIC_ABUSE_NEED: "a domestic-abuse need",
    ExclusionReason.UNSAFE_VALUE: "a value that a spreadsheet could take for a formula",
}


def _show_funnel(seen: Preview, agreement: str) -> None:
    words = _WORDS | {
        ExclusionReason.UNDER_AGE: f"under {seen.minimum_age} on {seen.day:%-d %b}",
        ExclusionReason.LEGAL_PREDICATE_NOT_MET: f"fewer than {seen.factors_needed} of the 13 legal factors",
    }
    click.echo(f"{seen.title}   version {seen.version}, hash {seen.document_hash[:4]}...   DRY RUN, nothing sent")
    lines = [(f"People in the snapshot of {seen.snapshot.as_at_on:%-d %b %Y}", seen.people)]
    lines += [(f"  not sent: {words[reason]}", people) for reason, people in seen.excluded if people]
    lines += [("Would be sent", seen.included)]
    width = max(len(label) for label, _ in lines)
    for label, people in lines:
        click.echo(f"{label.ljust(width)}  {count(people):>9}")
    if seen.last_people is not None:
        click.echo(f"Last list {count(seen.last_people)}: {seen.included - seen.last_people:+,}")
    for each in seen.differences:
        click.echo(f"  {each.part}: {_differences(each)}")
    for part, reason in seen.withheld:
        click.echo(f"Would wait for a person: {part}: {reason.value}")
    for caution in seen.cautions:
        say(f"Take care: {caution.sentence}")
    if seen.reasons:
        click.echo("Blocks a real run: " + " ".join(f"{n}. {r.sentence}" for n, r in enumerate(seen.reasons, 1)))
        say(f"Next: {seen.reasons[0].way_out}")
    else:
        say(f"Next: gateway disclose run {agreement}")


_WHY_FULL = {
    WhyFull.NOTHING_RECEIVED: "no list was received yet",
    WhyFull.PERIOD_BEGINS: "the first in its week, month or quarter",
    WhyFull.DESTROYED: "the recipient has destroyed what the last ones rest on, or has to",
    WhyFull.TAKEN_BACK: "a list that it would be built on was recalled, or its evidence is gone",
    WhyFull.REJECTED: "the recipient rejected a list since",
    WhyFull.OTHER_STATEMENT: "the last one was made under another policy statement",
    WhyFull.FULL_LIST_IN_DOUBT: "a full list went since, and no receipt came",
    WhyFull.RESTORED: "the database was restored from a backup since",
}


def _differences(each: Expected) -> str:
    if each.why_full is not None:
        return f"a full list: {_WHY_FULL[each.why_full]}"
    told = f"{count(each.joiners)} join, {count(each.changes)} change, {count(each.leavers)} leave"
    return f"{told}, against {each.base}"


@command.command("diff")
@click.argument("agreement")
@click.argument("old", type=int)
@click.argument("new", type=int)
@as_json
@click.pass_obj
def diff(config: Path | None, agreement: str, old: int, new: int, as_json: bool) -> None:
    """Say in words what one version changes against another, and what of it widens."""
    with opened(config) as workplace:
        changes = review_agreements.diff_agreement(workplace, agreement, old, new)
    if as_json:
        show_json(changes)
        return
    for change in changes:
        click.echo(f"{change.effect.value}: {change.sentence}")
    if not changes:
        say("They say the same.")


@command.command("statement")
@click.argument("agreement")
@click.pass_obj
def statement(config: Path | None, agreement: str) -> None:
    """Print the bytes that approvers sign: agreements/README.md has the ssh-keygen command."""
    with opened(config) as workplace:
        click.echo(approve_agreements.prepare_statement(workplace, agreement).body, nl=False)


@command.command("approve")
@click.argument("agreement")
@click.option("--signature", type=click.File("rb"), help="A detached signature; else all beside the agreement.")
@click.pass_obj
def approve(config: Path | None, agreement: str, signature: IO[bytes] | None) -> None:
    """Verify and import approvers' signatures over the statement as it is now."""
    with opened(config) as workplace:
        if signature is not None:
            approvals: tuple[Approval, ...] = (
                approve_agreements.import_approval(workplace, agreement, signature.read()),
            )
        else:
            approvals = approve_agreements.import_approvals_beside(workplace, agreement)
    for approval in approvals:
        say(f"Approved by {approval.principal} as {approval.role.value}.")


@command.command("enrol")
@click.pass_obj
def enrol(config: Path | None) -> None:
    """Enrol the approvers file: the first at once, a changed one with the signatures of two existing approvers."""
    with opened(config) as workplace:
        approvers = approve_agreements.enrol_approvers(workplace)
    say(f"{len(approvers.approvers)} approvers are enrolled.")


@command.command("suspend")
@click.argument("agreement")
@click.option("--reason", required=True, type=click.Choice([r.value for r in suspend_agreements.SuspendReason]))
@click.option("--case", required=True, help="The case reference.")
@click.pass_obj
def suspend(config: Path | None, agreement: str, reason: str, case: str) -> None:
    """Stop an agreement now. One person is enough."""
    with opened(config) as workplace:
        done = suspend_agreements.suspend(workplace, agreement, suspend_agreements.SuspendReason(reason), case)
    say("Suspended." if done else "It was suspended already.")


@command.command("resume")
@click.argument("agreement")
@click.option("--reason", required=True, type=click.Choice([r.value for r in suspend_agreements.ResumeReason]))
@click.option("--case", required=True, help="The case reference.")
@click.pass_obj
def resume(config: Path | None, agreement: str, reason: str, case: str) -> None:
    """Let a suspended agreement run again. It takes an approver."""
    with opened(config) as workplace:
        done = suspend_agreements.resume(workplace, agreement, suspend_agreements.ResumeReason(reason), case)
    say("Resumed." if done else "It was not suspended.")


@command.command("schema")
def schema() -> None:
    """Print the JSON Schema of agreements, for editors."""
    json.dump(review_agreements.schema_of_agreements(), sys.stdout, indent=2)
    click.echo()
