"""`gateway audit`: verify the evidence; say who was told what about a person."""

from pathlib import Path
from typing import IO

import click

from gateway.cli.audit_registers import COMMANDS as REGISTERS
from gateway.cli.opening import opened
from gateway.cli.person import asked_for, by, case, person
from gateway.cli.showing import as_json, count, say, show_json, show_table
from gateway.errors import ExitCode
from gateway.services.audit_person import History, Question, ReadReason, audit_person
from gateway.services.audit_verify import audit_verify


@click.group("audit")
def command() -> None:
    """Verify the evidence; say who was told what about a person."""


@command.command("verify")
@click.option("--checkpoint", type=click.File("r", encoding="utf-8"), help="A checkpoint that was kept elsewhere.")
@as_json
@click.pass_obj
def verify(config: Path | None, checkpoint: IO[str] | None, as_json: bool) -> int:
    """Recompute everything that the database holds as evidence, and say exactly what fails and how."""
    with opened(config) as workplace:
        found = audit_verify(workplace, checkpoint.read() if checkpoint else None)
    if as_json:
        show_json(found)
    else:
        show_table(("fault", "where", "what"), [(f.fault, f.where, f.what) for f in found.findings])
        for loss in found.losses:
            lost = f"entries {count(loss.had + 1)} to {count(loss.held)} were lost with an older database"
            say(f"Recorded by {loss.actor} at {loss.at}, case {loss.case}: {lost}.")
        if found.lost_checkpoints:
            say(f"{count(found.lost_checkpoints)} checkpoints kept elsewhere count entries that were lost so.")
        say(f"{count(found.size)} entries, {count(found.lists)} lists, {count(found.rows)} rows verified")
        if found.cosigned_up_to:
            say(f"Recipients saw the log up to entry {count(found.cosigned_up_to)}, and co-signed that.")
        say("Nothing was changed, removed, inserted or reordered." if found.whole else "The evidence is NOT whole.")
    return ExitCode.DONE if found.whole else ExitCode.INTEGRITY


@command.command("person")
@person
@by
@click.option("--reason", required=True, type=click.Choice([reason.value for reason in ReadReason]))
@case
@as_json
@click.pass_obj
def person_(config: Path | None, person: str, kind: str, reason: str, case: str, as_json: bool) -> None:  # noqa: ARG001
    """Say who was told what about a person, when, why and under which power. The question is recorded."""
    with opened(config) as workplace:
        history = audit_person(workplace, Question(*asked_for(workplace, kind)), reason=reason, case_reference=case)
    if as_json:
        show_json(history)
    else:
        _show_history(history)


def _show_history(history: History) -> None:
    for told in history.disclosures:
        click.echo(f"{told.day}  {told.recipient}")
        click.echo(f"    agreement   {told.agreement_id}, version {told.version}, list {told.list_reference}")
        click.echo(f"    purpose     {told.purpose}")
        click.echo(f"    power       {told.power}")
        click.echo(f"    basis       {'; '.join((*told.article_6, *told.article_9, *told.article_10))}")
        click.echo(f"    fields      {', '.join(told.fields)}")
        click.echo(f"    state       {told.state.value}{f', receipt: {told.receipt.value}' if told.receipt else ''}")
    say(f"{len(history.disclosures)} disclosures; evidence is held since {history.evidence_since}.")


for each in REGISTERS:
    command.add_command(each)
