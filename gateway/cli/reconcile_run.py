"""`gateway reconcile run`: answer one list of a Jobcentre's.

A password of a protected workbook is asked for without echo, or read from standard input; it is never an argument.
"""

import sys
from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.reconcile_forms import agreement, as_document
from gateway.cli.showing import as_json, count, say, show_json
from gateway.cli.writing import make_ready, write_beside
from gateway.errors import WorkCoachListLocked
from gateway.model.reconciliation import Counts, RowClass
from gateway.services.reconciliation.offices import agreement_for_lists
from gateway.services.reconciliation.reconcile_list import Reconciled, Upload, reconcile_list
from gateway.services.reconciliation.without_coach import FILE_ENDING
from gateway.services.workplace import Workplace
from gateway.sources.work_coach_list.read import bytes_of

_WORDS = {
    RowClass.ON_LIST: "on our list",
    RowClass.DETAILS_DIFFER: "on our list, details differ",
    RowClass.LEFT: "left since an earlier list",
    RowClass.NOT_ON_LIST: "not on our list",
    RowClass.DUPLICATE: "same person twice in the file",
    RowClass.POSSIBLE: "possible match, to be looked at",
    RowClass.UNREADABLE: "could not be read",
}


@click.command("run")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, readable=False))
@click.option("--office", required=True, help="The Jobcentre whose list it is.")
@agreement
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for the worksheet."
)
@click.option(
    "--password", type=click.Choice(["ask", "-"]), help="Of a protected workbook: asked for, or - from stdin."
)
@as_json
@click.pass_obj
def run(
    config: Path | None,
    file: Path,
    office: str,
    agreement: str | None,
    out: Path,
    password: str | None,
    as_json: bool,
) -> None:
    """Answer one list: who is on ours, who left, who is not, and whom to call. The worksheet goes to a folder."""
    with opened(config) as workplace:
        # Before anything is told: what is answered has to arrive.
        make_ready(out)
        named = agreement_for_lists(workplace, agreement)
        made = _answer(workplace, Upload(named, office, bytes_of(file), _password(password)))
        files = _write(out, made)
    if as_json:
        show_json(as_document(made) | {"files": files})
        return
    _show(made)
    for path in files:
        click.echo(path)


def _answer(workplace: Workplace, upload: Upload) -> Reconciled:
    progress = _progress if sys.stderr.isatty() else _silence
    try:
        return reconcile_list(workplace, upload, progress)
    except WorkCoachListLocked:
        if upload.password is not None or not sys.stdin.isatty():
            raise
    asked = Upload(upload.agreement_id, upload.office, upload.data, _asked())
    return reconcile_list(workplace, asked, progress)


def _password(how: str | None) -> str | None:
    if how is None:
        return None
    return _asked() if how == "ask" and sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


def _asked() -> str:
    text: str = click.prompt("Password of the workbook", hide_input=True, err=True)
    return text


def _progress(step: str) -> None:
    say(f"{step} ...")


def _silence(_step: str) -> None:
    """Say nothing where nobody looks."""


def _write(out: Path, made: Reconciled) -> list[str]:
    files = {f"{made.reference}.xlsx": made.worksheet.workbook, f"{made.reference}.csv": made.worksheet.csv}
    if made.worksheet.without_coach is not None:
        files[f"{made.reference}-{FILE_ENDING}"] = made.worksheet.without_coach
    return [str(write_beside(out, name, data)) for name, data in files.items()]


def _show(made: Reconciled) -> None:
    say(f"{made.reference}: {count(made.counts.rows_read)} rows read")
    for line in _lines_of(made.counts):
        say(line)
    if made.hidden_sheets:
        say(f"The workbook has {made.hidden_sheets} hidden sheets. They were not read.")
    if made.low_share:
        say("Hardly anybody on it is on our list: is it this office's list? People have been told.")
    if made.counts.possible:
        say("Next: gateway reconcile queue")


def _lines_of(counts: Counts) -> list[str]:
    """Return the classes in lines, and what they do not count."""
    lines = [f"  {_WORDS[kind]:<34} {count(counts.of(kind)):>8}" for kind in RowClass]
    return [*lines, f"  {'people on our list, no work coach':<34} {count(counts.without_coach):>8}"]
