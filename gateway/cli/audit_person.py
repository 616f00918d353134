"""`gateway audit person` and `explain`: who was told what about one person, and what a night decided about them."""

from datetime import datetime
from pathlib import Path

import click

from gateway.cli.audit_exports import ask
from gateway.cli.opening import opened
from gateway.cli.person import asked_for, by, case, person
from gateway.cli.showing import as_json, say, show_json, show_table
from gateway.errors import ExitCode
from gateway.services.audit.audit_person import Answer, Question, ReadReason, Told, audit_person
from gateway.services.audit.explain_decision import Explained, Explanation, explain_decision
from gateway.services.audit.person_history import Answered
from gateway.services.audit.replay_decision import Replay
from gateway.services.audit.withheld_nights import Withheld

why = click.option("--reason", required=True, type=click.Choice([reason.value for reason in ReadReason]))
_INDENT = "    "


@click.command("person")
@person
@by
@why
@case
@click.option("--values", is_flag=True, help="What was told too, where the agreement keeps it.")
@click.option("--withheld", is_flag=True, help="Every time the person was left out too, and why: for you alone.")
@click.option("--export", is_flag=True, help="Ask for a file to give to the person; another officer releases it.")
@click.option("--name-lead-professional", "lead_named", is_flag=True, help="With --export --values: name them in it.")
@as_json
@click.pass_obj
def person_(
    config: Path | None,
    person: str,  # noqa: ARG001 - `-` alone
    kind: str,
    reason: str,
    case: str,
    values: bool,
    withheld: bool,
    export: bool,
    lead_named: bool,
    as_json: bool,
) -> int:
    """Say who was told what about a person, when, why and under which power. The question is recorded."""
    _require_fitting(reason, values=values, withheld=withheld, export=export, lead_named=lead_named)
    if export:
        return ask(config, kind, case, values=values, lead_named=lead_named, as_json=as_json)
    with opened(config) as workplace:
        question = Question(*asked_for(workplace, kind))
        answer = audit_person(workplace, question, reason=reason, case_reference=case, values=values, withheld=withheld)
    if as_json:
        show_json(answer)
    else:
        _show_answer(answer)
    return ExitCode.DONE


def _require_fitting(reason: str, *, values: bool, withheld: bool, export: bool, lead_named: bool) -> None:
    if export and (withheld or reason != ReadReason.SUBJECT_ACCESS.value):
        raise click.UsageError("--export is for --reason subject-access, and goes without --withheld")
    if lead_named and not (export and values):
        raise click.UsageError("--name-lead-professional goes with --export and --values")


def _show_answer(answer: Answer) -> None:
    for told in answer.disclosures:
        _show_told(told)
    for attested in answer.attested:
        click.echo(f"{attested.day}  {attested.recipient}  NOT PROVEN: two people say so")
        click.echo(f"{_INDENT}agreement   {attested.agreement_id}, record {attested.reference}, {attested.manner}")
        click.echo(f"{_INDENT}fields      {', '.join(attested.fields) or 'not recorded'}")
    for each in answer.answered:
        _show_answered(each)
    for look in answer.seen:
        click.echo(f"{look.at}  {look.by} was shown the person beside row {look.row} of {look.reference}")
    if answer.withheld is not None:
        click.echo()
        headings = ("left out or held back", "until", "agreement", "list", "why", "protected by", "from")
        show_table(headings, [_cells(each) for each in answer.withheld])
        show_table(
            ("decided not to share", "agreement", "asked by", "why", "case"),
            [(d.at, d.agreement_id, d.requester, d.reason, d.case_reference) for d in answer.declined or ()],
        )
        show_table(
            ("complaint", "case", "about", "came on", "state", "outcome"),
            [(c.reference, c.case, c.about, c.received_on, c.state, c.outcome) for c in answer.complaints or ()],
        )
        say("For you alone: nothing of this goes to the person or anybody else.")
    if answer.without_rows:
        say(f"A restored database lost who was on these lists: {', '.join(answer.without_rows)}.")
    say(
        f"Disclosures: {answer.number}, of which not proven: {len(answer.attested)}. "
        f"Evidence is held since {answer.evidence_since}."
    )


def _cells(each: Withheld) -> tuple[object, ...]:
    protections = ", ".join(each.protections) or None
    return each.window, each.until, each.agreement_id, each.list_reference, each.reason, protections, each.source


def _show_told(told: Told) -> None:
    click.echo(f"{told.day}  {told.recipient}")
    click.echo(f"{_INDENT}agreement   {told.agreement_id}, version {told.version}, list {told.list_reference}")
    click.echo(f"{_INDENT}purpose     {told.purpose}")
    click.echo(f"{_INDENT}power       {told.power}")
    click.echo(f"{_INDENT}basis       {'; '.join((*told.article_6, *told.article_9, *told.article_10))}")
    click.echo(f"{_INDENT}fields      {', '.join(told.fields)}")
    click.echo(f"{_INDENT}state       {told.state.value}{f', receipt: {told.receipt.value}' if told.receipt else ''}")
    for name, value in told.values or ():
        click.echo(f"{_INDENT}told        {name}: {value or '(blank)'}")


def _show_answered(each: Answered) -> None:
    click.echo(f"{each.day}  {each.recipient}, {each.office}: answer to a work-coach list")
    click.echo(f"{_INDENT}agreement   {each.agreement_id}, version {each.version}, answer {each.reference}")
    click.echo(f"{_INDENT}purpose     {each.purpose}")
    click.echo(f"{_INDENT}power       {each.power}")
    click.echo(f"{_INDENT}told as     {each.kind.value.replace('-', ' ')}, at {each.answered_at} by {each.answered_by}")
    click.echo(f"{_INDENT}fields      {', '.join(each.fields)}")
    if each.differs:
        click.echo(f"{_INDENT}differs in  {', '.join(each.differs)}")


@click.command("explain")
@person
@by
@click.option("--agreement", required=True, help="The agreement's id.")
@click.option("--on", "day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The London day of the list.")
@why
@case
@as_json
@click.pass_obj
def explain(
    config: Path | None,
    person: str,  # noqa: ARG001 - `-` alone
    kind: str,
    agreement: str,
    day: datetime,
    reason: str,
    case: str,
    as_json: bool,
) -> None:
    """Explain what an agreement decided about a person for a day, criterion by criterion. The question is recorded."""
    with opened(config) as workplace:
        question = Question(*asked_for(workplace, kind))
        explained = explain_decision(workplace, question, agreement, day.date(), reason=reason, case_reference=case)
    if as_json:
        show_json(explained)
    else:
        _show_explained(explained)


def _show_explained(explained: Explained) -> None:
    for each in explained.people:
        _show_explanation(explained, each)
    say(f"{explained.lists} lists of {explained.agreement_id} for {explained.window}.")
    if not explained.people:
        say("The registry knows nobody by that identifier.")
    say("For you alone: nothing of this goes to the person or anybody else.")


def _show_explanation(explained: Explained, each: Explanation) -> None:
    version = f", version {each.version}" if each.version else ""
    click.echo(f"{explained.agreement_id}{version}, {explained.window}, subject {each.subject}")
    if each.list_reference:
        click.echo(f"{_INDENT}list        {each.list_reference}, {_standing(each)}")
    click.echo(f"{_INDENT}recorded    {each.recorded.value}{_since(each)}")
    if each.replay is None:
        click.echo(f"{_INDENT}criteria    not to be had any more: the snapshot, or a file that it rests on, is gone")
    else:
        _show_replay(each.replay)
    if each.agrees is False:
        say("The replay does not come to what was recorded. Next: gateway audit verify")


def _standing(each: Explanation) -> str:
    state = each.list_state.value if each.list_state else ""
    return f"{state} ({each.list_reason})" if each.list_reason else state


def _since(each: Explanation) -> str:
    return f": {each.reason}, since the list of {each.reason_since}" if each.reason else ""


def _show_replay(replay: Replay) -> None:
    decided = "included" if replay.included else f"left out: {replay.reason}"
    click.echo(f"{_INDENT}replayed    {decided} (from {replay.snapshot})")
    if replay.answers:
        click.echo(f"{_INDENT}the list    answers one of the recipient's: it tells only of whom that one asked about")
    if replay.protections:
        click.echo(f"{_INDENT}protected   {', '.join(replay.protections)}")
    about = ""
    for line in replay.criteria:
        if line.about != about:
            about = line.about
            click.echo(f"{_INDENT}about {about}")
        mark = "yes" if line.holds else "NO "
        click.echo(f"{_INDENT}  {mark} {'  ' * line.depth}{line.words}{'   <- decided' if line.decided else ''}")


COMMANDS = (person_, explain)
