"""Read the table of a workbook: open it, survey it, find the sheet by its header, take its cells.

- The list is on the one visible sheet that has the headings. Several such sheets, or only a hidden one, refuse the
  file: rows would be lost without a word. Hidden sheets are counted.
- A formula on that sheet refuses the file; on another sheet it concerns nobody.
- A cell merged over several rows gives its value to each of them, and they are marked.

Pure: bytes come in. It runs in a child process (workbook_child.py), because libraries of other people's read
other people's bytes here.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

import python_calamine as calamine

from gateway.errors import WorkCoachListRefused
from gateway.model.work_coach_list import ColumnProfile
from gateway.sources.work_coach_list.headings import Likeness, find_header, likeness_to, refuse_header
from gateway.sources.work_coach_list.identifiers import text_of
from gateway.sources.work_coach_list.kinds import FileKind, kind_of
from gateway.sources.work_coach_list.package import Package, PackageKind
from gateway.sources.work_coach_list.sheets import MOST_SHEETS, Extent, Survey, refuse_formula
from gateway.sources.work_coach_list.table import (
    HEADER_WITHIN,
    MOST_COLUMNS,
    MOST_ROWS,
    WORKBOOK,
    Cell,
    Table,
    TableRow,
)
from gateway.sources.work_coach_list.workbook_binary import survey_of_xls, survey_of_xlsb
from gateway.sources.work_coach_list.workbook_xml import survey_of_ods, survey_of_xlsx

_LONGEST_CELL = 32_767
MOST_MERGED = 20_000


@dataclass(frozen=True, slots=True)
class _Found:
    """A sheet on which the header stands."""

    sheet: calamine.CalamineSheet
    likeness: int
    place: int
    header: tuple[str, ...]


def table_of_workbook_here(data: bytes, profile: ColumnProfile | None, password: str | None) -> Table:
    """Return the table of a workbook, in this process. Raises WorkCoachListRefused, ...Locked or ...Changed."""
    data = _opened(data, password)
    survey = survey_of(data)
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            return _table(workbook, survey, profile)
    except calamine.CalamineError as error:
        raise WorkCoachListRefused("the workbook is damaged or cut short", advice="Ask for the file again.") from error


def _opened(data: bytes, password: str | None) -> bytes:
    """Return the workbook itself, where it came protected."""
    if kind_of(data) is not FileKind.COMPOUND:
        return data
    from gateway.sources.work_coach_list import compound  # noqa: PLC0415 - most files need none of its libraries

    return compound.unlocked(data, password) if compound.is_protected(data) else data


def survey_of(data: bytes) -> Survey:
    """Return what an opened workbook's sheets are like, before any cell is read. Raises WorkCoachListRefused."""
    match kind_of(data):
        case FileKind.COMPOUND:
            from gateway.sources.work_coach_list import compound  # noqa: PLC0415 - as above

            return survey_of_xls(compound.workbook_stream(data))
        case FileKind.PACKAGE:
            package = Package(data)
            surveys = {
                PackageKind.XLSX: survey_of_xlsx,
                PackageKind.XLSB: survey_of_xlsb,
                PackageKind.ODS: survey_of_ods,
            }
            return surveys[package.kind](package)
        case FileKind.TEXT:
            raise WorkCoachListRefused("what was protected by the password is no workbook")


def _table(workbook: calamine.CalamineWorkbook, survey: Survey, profile: ColumnProfile | None) -> Table:
    metadata = workbook.sheets_metadata
    if len(metadata) > MOST_SHEETS:
        raise WorkCoachListRefused(f"the workbook has more than {MOST_SHEETS} sheets")
    hidden = [each for each in metadata if each.visible != calamine.SheetVisibleEnum.Visible]
    found = _sheet_with_header(workbook, metadata, profile)
    extent = survey.extent_of(found.sheet.name)
    refuse_formula(extent)
    rows = tuple(_rows_beneath(found, extent))
    return Table(found.header, rows, WORKBOOK, found.sheet.name, len(hidden), survey.from_1904)


def _sheet_with_header(
    workbook: calamine.CalamineWorkbook, metadata: Sequence[calamine.SheetMetadata], profile: ColumnProfile | None
) -> _Found:
    """Return the one visible sheet that has the header. Raises what is to be said where there is not exactly one."""
    likeness, heads = likeness_to(profile), []
    shown: list[_Found] = []
    concealed: list[_Found] = []
    for each in metadata:
        if each.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_name(each.name)
        head = [_texts(row) for row in islice(sheet.iter_rows(), HEADER_WITHIN)]
        found = _found_on(sheet, head, likeness)
        visible = each.visible == calamine.SheetVisibleEnum.Visible
        (shown if visible else concealed).extend(found)
        heads += [head] if visible else []
    best = [found for found in shown if found.likeness == max(each.likeness for each in shown)]
    if not best:
        if concealed:
            raise WorkCoachListRefused("the headings stand on a hidden sheet only", advice="Show the sheet, and save.")
        refuse_header(heads, profile)
    if len(best) > 1:
        raise WorkCoachListRefused(
            f"{len(best)} sheets have these headings", advice="Put the whole list on one sheet, or give one at a time."
        )
    return best[0]


def _found_on(sheet: calamine.CalamineSheet, head: Sequence[Sequence[str]], likeness: Likeness) -> list[_Found]:
    place, how_much = find_header(head, likeness)
    if not how_much:
        return []
    cells = head[place]
    width = max(number for number, cell in enumerate(cells, start=1) if cell)
    return [_Found(sheet, how_much, place, tuple(cells[:width]))]


def _rows_beneath(found: _Found, extent: Extent) -> Iterator[TableRow]:
    """Yield the rows, and into each what stands in the first row of a cell that is merged over several."""
    first_column = (found.sheet.start or (0, 0))[1]
    width = len(found.header)
    merged = _merged_places(found.sheet.merged_cell_ranges or (), found.place, first_column, width)
    errors = _by_row(extent.errors, first_column, width)
    above: dict[int, Cell] = {}
    for place, row in enumerate(islice(found.sheet.iter_rows(), found.place + 1, None), start=found.place + 1):
        cells = [_cell(value) for value in row[:width]]
        for column, is_first in merged.get(place, {}).items():
            if column < len(cells):
                above[column] = cells[column] if is_first else above.get(column)
                cells[column] = above[column]
        yield TableRow(place + 1, tuple(cells), (), frozenset(merged.get(place, ())), frozenset(errors.get(place, ())))


def _merged_places(
    ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]], header: int, first_column: int, width: int
) -> dict[int, dict[int, bool]]:
    """Return, by row, the columns that are merged over rows beneath the header, and whether it is their first row."""
    places: dict[int, dict[int, bool]] = {}
    for (top, left), (bottom, _) in islice(ranges, MOST_MERGED):
        column = left - first_column
        if bottom > top > header and 0 <= column < width:
            for row in range(top, min(bottom, MOST_ROWS) + 1):
                places.setdefault(row, {})[column] = row == top
    return places


def _by_row(cells: Iterable[tuple[int, int]], first_column: int, width: int) -> dict[int, set[int]]:
    rows: dict[int, set[int]] = {}
    for row, column in cells:
        if 0 <= column - first_column < width:
            rows.setdefault(row, set()).add(column - first_column)
    return rows


def _texts(row: Sequence[object]) -> list[str]:
    return [text_of(_cell(value)) for value in row[:MOST_COLUMNS]]


def _cell(value: object) -> Cell:
    """Return a cell as every kind of file has it."""
    match value:
        case bool():
            return str(value).upper()
        case int() | float():
            return float(value)
        case datetime():
            return value.date()
        case date():
            return value
        case _:
            return str(value)[:_LONGEST_CELL] if value != "" else None
