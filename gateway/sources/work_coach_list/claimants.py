"""Make the claimants and the unreadable rows out of a table: every row that is not blank becomes one or the other.

- A row from which nobody can be found, because it has no reference, National Insurance number or surname, is
  unreadable. So is one with a spreadsheet's error, an absurdly long value, or a cell merged over several rows, where it
  would say who somebody is. A work coach or office merged over several rows belongs to each of them.
- The headings that an export repeats on every page are an unreadable row too, and said to be that.
- A date that cannot be read leaves the row readable and marked. Where the dates as a whole are in another order than
  the profile says, the file is refused: read on, half of them would be other people's.
- A file in which real dates have no day beyond the twelfth, and the texts beside them all do, went through a
  spreadsheet that puts the month first: those real dates are marked as perhaps swapped.

Pure: today is passed in (law L9).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from gateway.errors import WorkCoachListChanged
from gateway.model.work_coach_list import Claimant, Column, ColumnProfile, Mark, RowFlaw, UnreadableRow
from gateway.sources.work_coach_list.dates import Birth, Written, birth_of
from gateway.sources.work_coach_list.headings import place_of, plain_heading
from gateway.sources.work_coach_list.identifiers import (
    nino_of,
    postcode_of,
    record_ref_of,
    text_of,
    without_repeated_ninos,
)
from gateway.sources.work_coach_list.names import CutName, cut_name
from gateway.sources.work_coach_list.table import Cell, Table, TableRow

LONGEST_VALUE = 300
#: So many dates that can only be month first are no slips of the key.
_FEWEST_OF_ANOTHER_ORDER = 2
_FEWEST_UNREADABLE = 3
_FEWEST_REAL = 3
_LAST_MONTH = 12
#: What a whole block of rows can share.
_SHARED = frozenset({Column.WORK_COACH, Column.OFFICE})
#: What may be left empty where the spreadsheet shows an error instead.
_DISPENSABLE = frozenset({Column.WORK_COACH, Column.OFFICE, Column.ADDRESS_LINE, Column.MIDDLE_NAMES})
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"})


@dataclass(frozen=True, slots=True)
class RowsRead:
    """What became of a table's rows."""

    claimants: tuple[Claimant, ...]
    unreadable: tuple[UnreadableRow, ...]
    blank_rows: int


def rows_read(table: Table, profile: ColumnProfile, as_at: date) -> RowsRead:
    """Return the claimants and unreadable rows. Raises WorkCoachListChanged for dates in another order."""
    places = place_of(table.header, profile)
    unreadable, births, found = [], [], []
    filled = [row for row in table.rows if not row.is_blank]
    for row in filled:
        if reasons := _reasons(row, places, table.header):
            unreadable.append(UnreadableRow(row.number, reasons))
            continue
        cells = {column: _cell(row, place) for column, place in places.items()}
        birth = birth_of(cells.get(Column.BORN), profile.date_order, as_at, from_1904=table.from_1904)
        claimant = _claimant(row.number, cells, birth, profile.office)
        if claimant.record_ref or claimant.nino or claimant.surname:
            found.append(claimant)
            births.append(birth)
        else:
            unreadable.append(UnreadableRow(row.number, (RowFlaw.IDENTIFIES_NOBODY,)))
    _refuse_another_order(births)
    claimants = without_repeated_ninos(_with_doubtful_births(found, births))
    return RowsRead(tuple(claimants), tuple(unreadable), len(table.rows) - len(filled))


def _reasons(row: TableRow, places: Mapping[Column, int], header: Sequence[str]) -> tuple[RowFlaw, ...]:
    if _is_header(row, header):
        return (RowFlaw.HEADINGS_AGAIN,)
    reasons = set(row.flaws)
    if not row.flaws:
        for column, place in places.items():
            reasons |= _reasons_of(row, column, place)
    return tuple(sorted(reasons))


def _reasons_of(row: TableRow, column: Column, place: int) -> set[RowFlaw]:
    cell = row.cells[place] if place < len(row.cells) else None
    reasons = set()
    if isinstance(cell, str) and len(cell) > LONGEST_VALUE:
        reasons.add(RowFlaw.CELL_TOO_LONG)
    if column not in _DISPENSABLE and _is_error(row, place, cell):
        reasons.add(RowFlaw.CELL_ERROR)
    if column not in _SHARED and place in row.merged:
        reasons.add(RowFlaw.CELL_MERGED)
    return reasons


def _is_header(row: TableRow, header: Sequence[str]) -> bool:
    if len(row.cells) < len(header):
        return False
    pairs = zip(row.cells, header, strict=False)
    return all(plain_heading(text_of(cell)) == plain_heading(heading) for cell, heading in pairs)


def _is_error(row: TableRow, place: int, cell: Cell) -> bool:
    return place in row.errors or (isinstance(cell, str) and cell.strip() in _ERRORS)


def _cell(row: TableRow, place: int) -> Cell:
    cell = row.cells[place] if place < len(row.cells) else None
    return None if _is_error(row, place, cell) else cell


def _claimant(number: int, cells: Mapping[Column, Cell], birth: Birth, office: str) -> Claimant:
    record_ref, ref_marks = record_ref_of(cells.get(Column.RECORD_REF))
    nino, nino_marks = nino_of(cells.get(Column.NINO))
    postcode, postcode_marks = postcode_of(cells.get(Column.POSTCODE))
    name = _name(cells)
    cut_marks = {Mark.NAME_CUT} if name.guessed else set()
    return Claimant(
        row=number,
        record_ref=record_ref,
        nino=nino,
        forename=name.forename,
        middle_names=name.middle_names,
        surname=name.surname,
        born=birth.born,
        postcode=postcode,
        address_line=text_of(cells.get(Column.ADDRESS_LINE)),
        work_coach=text_of(cells.get(Column.WORK_COACH)),
        office=text_of(cells.get(Column.OFFICE)) or office,
        marks=ref_marks | nino_marks | postcode_marks | birth.marks | cut_marks,
    )


def _name(cells: Mapping[Column, Cell]) -> CutName:
    if Column.FULL_NAME in cells:
        return cut_name(text_of(cells[Column.FULL_NAME]))
    parts = (Column.FORENAME, Column.MIDDLE_NAMES, Column.SURNAME)
    forename, middle, surname = (text_of(cells.get(part)) for part in parts)
    return CutName(forename, middle, surname, guessed=False)


def _refuse_another_order(births: Iterable[Birth]) -> None:
    written = [birth for birth in births if birth.born or birth.marks]
    first = sum(birth.written is Written.MONTH_FIRST for birth in written)
    if first >= max(_FEWEST_OF_ANOTHER_ORDER, 1 + sum(birth.written is Written.DAY_FIRST for birth in written)):
        raise WorkCoachListChanged(
            f"{first} dates of birth can only be read with the month first",
            advice="Ask the Jobcentre for the list with dates as day, month, year, or as 1980-12-31.",
        )
    unreadable = sum(Mark.BORN_UNREADABLE in birth.marks for birth in written)
    if unreadable >= _FEWEST_UNREADABLE and unreadable * 2 > len(written):
        raise WorkCoachListChanged(f"{unreadable} of {len(written)} dates of birth are not in the office's order")


def _with_doubtful_births(claimants: list[Claimant], births: list[Birth]) -> list[Claimant]:
    if not _went_through_month_first(births):
        return claimants
    return [
        replace(claimant, marks=claimant.marks | {Mark.BORN_MAYBE_SWAPPED})
        if birth.written is Written.REAL and birth.born and birth.born.day != birth.born.month
        else claimant
        for claimant, birth in zip(claimants, births, strict=True)
    ]


def _went_through_month_first(births: Iterable[Birth]) -> bool:
    kinds: dict[Written, list[Birth]] = {kind: [] for kind in Written}
    for birth in births:
        kinds[birth.written].append(birth)
    real = [birth.born for birth in kinds[Written.REAL] if birth.born]
    return (
        len(real) >= _FEWEST_REAL
        and all(born.day <= _LAST_MONTH for born in real)
        and bool(kinds[Written.DAY_FIRST])
        and not kinds[Written.EITHER]
    )
