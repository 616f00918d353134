"""`gateway reconcile report`: what was answered, in counts for the meeting; and what the Early Help Hub is to mend."""

from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.showing import as_json, count, say, show_json, show_table
from gateway.cli.writing import make_ready, write_beside
from gateway.model.reconciliation import RowClass
from gateway.model.time import from_text, london_day
from gateway.services.reconciliation.report import Summary, ToMend, summaries, worklist
from gateway.worksheets.sheet import Column, Kind, Sheet, Value
from gateway.worksheets.xlsx_file import written_xlsx

_COLUMNS = (
    Column("Row", Kind.NUMBER),
    Column("Our reference", Kind.IDENTIFIER),
    Column("Surname"),
    Column("Forename"),
    Column("Work coach"),
    Column("To mend"),
)
_MARKING = "OFFICIAL-SENSITIVE: for the Early Help Hub"
_CLASSES = {
    RowClass.ON_LIST: "On our list",
    RowClass.DETAILS_DIFFER: "Details differ",
    RowClass.LEFT: "Left since",
    RowClass.NOT_ON_LIST: "Not on our list",
    RowClass.DUPLICATE: "Twice in the file",
    RowClass.POSSIBLE: "Possible match",
    RowClass.UNREADABLE: "Not readable",
}
_MEETING = (
    Column("List", Kind.IDENTIFIER),
    Column("Answered on", Kind.DAY),
    Column("Office"),
    Column("Rows", Kind.NUMBER),
    *(Column(_CLASSES[each], Kind.NUMBER) for each in RowClass),
    Column("On our list, no work coach", Kind.NUMBER),
    Column("Found, of a hundred", Kind.NUMBER),
    Column("Waiting", Kind.NUMBER),
)
_COUNTS = "OFFICIAL: counts, and nobody"


@click.command("report")
@click.argument("reference", required=False)
@click.option("--office", help="Only of this Jobcentre.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for a worksheet.")
@as_json
@click.pass_obj
def report(config: Path | None, reference: str | None, office: str | None, out: Path | None, as_json: bool) -> None:
    """Say what was answered, in counts for the meeting; with REFERENCE, write what the hub is to mend to a folder."""
    if reference is not None and out is None and not as_json:
        raise click.UsageError("what the hub is to mend takes --out for a worksheet, or --json")
    if out is not None:
        make_ready(out)
    with opened(config) as workplace:
        if reference is None:
            made = summaries(workplace, office)
        else:
            found = worklist(workplace, reference)
    if reference is not None:
        _hand_over(found, reference, out, as_json=as_json)
        return
    if out is not None:
        book = written_xlsx([Sheet("For the meeting", _MEETING, [_counted(each) for each in made], marking=_COUNTS)])
        say(f"{count(len(made))} lists for the meeting: {write_beside(out, 'for-the-meeting.xlsx', book)}")
    if as_json:
        show_json(made)
        return
    headings = ("list", "at", "state", "rows", *(each.value for each in RowClass), "no coach", "found %", "waiting")
    show_table(headings, map(_line, made))
    say("" if made else "Nothing was answered yet.")


def _counted(made: Summary) -> tuple[Value, ...]:
    counts = made.counts
    classes = (counts.of(kind) for kind in RowClass)
    first = made.reference, london_day(from_text(made.ran_at)), made.office, counts.rows_read
    return (*first, *classes, counts.without_coach, made.found_percent, made.waiting)


def _line(made: Summary) -> tuple[object, ...]:
    counts = made.counts
    classes = (counts.of(kind) for kind in RowClass)
    first = made.reference, made.ran_at, made.state, counts.rows_read
    return (*first, *classes, counts.without_coach, made.found_percent, made.waiting)


def _hand_over(found: list[ToMend], reference: str, out: Path | None, *, as_json: bool) -> None:
    if as_json:
        show_json(found)
    if out is not None:
        rows = [(m.row, m.record_ref, m.surname, m.forename, m.work_coach, m.what) for m in found]
        book = written_xlsx([Sheet("To mend", _COLUMNS, rows, marking=_MARKING)])
        path = write_beside(out, f"{reference}-worklist.xlsx", book)
        say(f"{count(len(found))} lines for the Early Help Hub: {path}")
