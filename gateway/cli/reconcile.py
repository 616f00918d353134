"""`gateway reconcile`: answer a Jobcentre's list, look at what is doubtful, decide it, and report.

A password of a protected workbook is asked for without echo, or read from standard input; it is never an argument.
"""

import sys
import time
from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.reconcile_columns import columns
from gateway.cli.reconcile_queue import decide_row, queue
from gateway.cli.reconcile_report import report
from gateway.cli.showing import as_json, count, say, show_json
from gateway.cli.writing import make_ready, write_beside
from gateway.errors import StoreError, WorkCoachListLocked
from gateway.model.officers import Action
from gateway.model.reconciliation import Counts, RowClass
from gateway.services.reconciliation.offices import agreement_for_lists
from gateway.services.reconciliation.reconcile_list import Reconciled, Upload, reconcile_list
from gateway.services.reconciliation.search_cohort import Searched, search_waiting
from gateway.services.reconciliation.watch_folders import Seen, answer_folders
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
#: So many rounds in a row may find no database, with longer and longer waits in seconds between them.
_PATIENCE, _DOUBLINGS, _LONGEST_WAIT = 28, 8, 300
agreement = click.option("--agreement", help="The agreement; else the one whose lists are split by Jobcentre.")


@click.group("reconcile")
def command() -> None:
    """Hold a Jobcentre's list of claimants against what it was told, and say who their lead professional is."""


@command.command("run", short_help="Answer one list, and write its worksheet to a folder.")
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
        show_json(_document(made) | {"files": files})
        return
    _show(made)
    for path in files:
        click.echo(path)


@command.command("watch", short_help="Answer what is put into the offices' folders.")
@agreement
@click.option("--once", is_flag=True, help="Answer what is there, and end.")
@click.option("--every", "seconds", default=20, show_default=True, type=click.IntRange(1, 3600), help="Seconds.")
@as_json
@click.pass_obj
def watch(config: Path | None, agreement: str | None, once: bool, seconds: int, as_json: bool) -> None:
    """Answer the files that are put into an office's folder, each with its worksheet beside it, until Ctrl-C.

    While the database is held by others or away, it waits and says so; after some two hours it ends.
    """
    failed = 0
    while True:
        try:
            seen, searched = _round(config, agreement)
        except StoreError as error:
            failed += 1
            if once or not _may_pass(error) or failed > _PATIENCE:
                raise
            wait = min(seconds * 2 ** min(failed - 1, _DOUBLINGS), _LONGEST_WAIT)
            say(f"{error}. Tried again in {wait} seconds ({failed} of {_PATIENCE}).")
            time.sleep(wait)
            continue
        failed = 0
        if as_json and (once or seen):
            show_json({"files": [_seen(each) for each in seen], "searched": searched})
        elif not as_json:
            _tell(seen)
        if once:
            if not seen:
                say("Nothing waits in the folders.")
            return
        time.sleep(seconds)


def _round(config: Path | None, agreement: str | None) -> tuple[list[Seen], list[Searched]]:
    """Answer what lies there. Each round opens its own workplace: a setting that changed is seen at once."""
    with opened(config) as workplace:
        seen = answer_folders(workplace, agreement_for_lists(workplace, agreement))
        searched = search_waiting(workplace) if workplace.actor.may(Action.SEARCH_COHORT) else []
    return seen, searched


def _may_pass(error: StoreError) -> bool:
    """Say whether waiting helps: the database is held, away, or without room; never where it is not whole."""
    return error.retryable or type(error) is StoreError


command.add_command(columns)
command.add_command(queue)
command.add_command(decide_row)
command.add_command(report)


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


def _document(made: Reconciled) -> dict[str, object]:
    return {
        "reconciliation": made.reference,
        "agreement": made.agreement_id,
        "office": made.office,
        "counts": made.counts,
        "low_share": made.low_share,
        "since": made.since,
        "encoding": made.encoding,
        "hidden_sheets": made.hidden_sheets,
        "answer_sha256": made.worksheet.sha256,
    }


def _show(made: Reconciled) -> None:
    say(f"{made.reference}: {count(made.counts.rows_read)} rows read")
    for line in lines_of(made.counts):
        say(line)
    if made.hidden_sheets:
        say(f"The workbook has {made.hidden_sheets} hidden sheets. They were not read.")
    if made.low_share:
        say("Hardly anybody on it is on our list: is it this office's list? People have been told.")
    if made.counts.possible:
        say("Next: gateway reconcile queue")


def lines_of(counts: Counts) -> list[str]:
    """Return the classes in lines, and what they do not count."""
    lines = [f"  {_WORDS[kind]:<34} {count(counts.of(kind)):>8}" for kind in RowClass]
    return [*lines, f"  {'people on our list, no work coach':<34} {count(counts.without_coach):>8}"]


def _seen(each: Seen) -> dict[str, object]:
    answered = _document(each.answered) if each.answered else None
    return {"office": each.office, "file": str(each.file), "code": each.code, "answered": answered}


def _tell(seen: list[Seen]) -> None:
    for each in seen:
        what = each.answered.reference if each.answered else f"not answered ({each.code})"
        say(f"{each.office}: {what}")
