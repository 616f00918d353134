"""`gateway audit exports`, `release-export` and `write-export`: a file for the person, once a second officer agrees."""

from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.person import asked_for
from gateway.cli.showing import as_json, say, show_json, show_table
from gateway.documents.subject_data import as_json as json_of
from gateway.documents.subject_report import Sharing, SubjectReport
from gateway.errors import ExitCode
from gateway.model.export import ExportState, HarmCheck
from gateway.services.audit.audit_person import Question
from gateway.services.audit.subject_exports import (
    Format,
    ask_export,
    list_exports,
    read_export,
    release_export,
    write_export,
)
from gateway.store.exports import Export

_NEXT = {
    ExportState.ASKED: "gateway audit release-export {}",
    ExportState.RELEASED: "gateway audit write-export {} --out FILE",
    ExportState.REFUSED: "nothing: another export can be asked for",
}


def ask(config: Path | None, kind: str, case: str, *, values: bool, lead_named: bool, as_json: bool) -> int:
    """Ask for an export and say that it waits."""
    with opened(config) as workplace:
        question = Question(*asked_for(workplace, kind))
        export = ask_export(workplace, question, case_reference=case, values=values, lead_named=lead_named)
    if as_json:
        show_json(_facts(export))
    else:
        click.echo(export.reference)
        say("It waits: an approver who did not ask for it reads it, and releases or refuses it.")
        say(f"Next: gateway audit release-export {export.reference}")
    return ExitCode.WITHHELD


@click.command("exports")
@as_json
@click.pass_obj
def exports(config: Path | None, as_json: bool) -> None:
    """Show the exports that were asked for and where each stands. No person is named but the officer."""
    with opened(config) as workplace:
        found = [_facts(each) for each in list_exports(workplace)]
    if as_json:
        show_json(found)
    else:
        headings = ("export", "case", "state", "asked by", "asked at", "harm check", "next")
        show_table(headings, [list(each.values()) for each in found])


@click.command("release-export")
@click.argument("export")
@click.option(
    "--harm-check",
    type=click.Choice([check.value for check in HarmCheck]),
    help="What you found: `none` releases it, any other refuses it. Without it the export is shown to you.",
)
@as_json
@click.pass_obj
def release(config: Path | None, export: str, harm_check: str | None, as_json: bool) -> None:
    """Read an export that another officer asked for, then release or refuse it."""
    if harm_check is None:
        _read(config, export, as_json=as_json)
    else:
        _judge(config, export, HarmCheck(harm_check), as_json=as_json)


def _read(config: Path | None, export: str, *, as_json: bool) -> None:
    with opened(config) as workplace:
        report = read_export(workplace, export)
    if as_json:
        click.echo(json_of(report), nl=False)
    else:
        _show_report(report)
    say("Is serious harm to anybody likely if the person reads this? Does it tell of anybody else?")
    say(f"Next: gateway audit release-export {export} --harm-check {'|'.join(HarmCheck)}")


def _judge(config: Path | None, export: str, harm_check: HarmCheck, *, as_json: bool) -> None:
    with opened(config) as workplace:
        judged = release_export(workplace, export, harm_check)
    if as_json:
        show_json(_facts(judged))
    else:
        say(f"{judged.reference} is {judged.state.value}.")
        say(f"Next: {_NEXT[judged.state].format(judged.reference)}")


@click.command("write-export")
@click.argument("export")
@click.option(
    "--format", "form", type=click.Choice([form.value for form in Format]), default=Format.HTML.value, show_default=True
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new file, or a folder for it.")
@click.pass_obj
def write(config: Path | None, export: str, form: str, out: Path) -> None:
    """Write a released export to a file that nobody but you can read."""
    with opened(config) as workplace:
        write_export(workplace, export, Format(form), out)
    say("Written. Hand it over safely, and keep your copy no longer than the case needs.")


def _facts(export: Export) -> dict[str, object]:
    return {
        "reference": export.reference,
        "case": export.case_reference,
        "state": export.state,
        "asked_by": export.asked_by,
        "asked_at": export.asked_at,
        "harm_check": export.harm_check,
        "next": _NEXT[export.state].format(export.reference),
    }


def _show_report(report: SubjectReport) -> None:
    for name, said in report.about:
        click.echo(f"{name}: {said}")
    for sharing in report.sharings:
        _show_sharing(sharing)
    for answered in report.answered:
        click.echo(f"\n{answered.day}  {answered.recipient}, {answered.office}: {answered.told} ({answered.reference})")
    for each in report.handed_over:
        click.echo(f"\n{each.day}  {each.recipient}, {each.manner}: {each.reference}, NOT PROVEN")
    if not report.recipients:
        click.echo("\nNothing was shared.")


def _show_sharing(sharing: Sharing) -> None:
    click.echo(f"\nShared with {sharing.recipient}, under {sharing.agreement}")
    click.echo(f"    {sharing.purpose}")
    click.echo(f"    {sharing.power}; {'; '.join(sharing.basis)}")
    for fact in sharing.facts:
        click.echo(f"    - {fact}")
    for each in sharing.shared:
        click.echo(f"    {each.day}  {each.list_reference}  {each.how_it_went}")
    for said in sharing.said or ():
        click.echo(f"    said by {', '.join(each.list_reference for each in said.lists)}:")
        for name, value in said.values:
            click.echo(f"        {name}: {value}")


COMMANDS = (exports, release, write)
