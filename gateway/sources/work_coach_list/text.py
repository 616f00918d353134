"""Read a list that is text: which delimiter it has, where its header is, and which rows do not fit beneath it.

- The delimiter is the one under which the header is found, never the one that occurs most.
- The header need not be the first row. What stands above it is not read.
- A row with fewer cells than the header has headings has lost something; one with more has a delimiter in a value,
  and everything behind it is in the wrong column. Either is unreadable, unless what is too much is empty.

Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from gateway.errors import WorkCoachListRefused
from gateway.model.work_coach_list import ColumnProfile, RowFlaw
from gateway.sources.work_coach_list.encoding import decoded
from gateway.sources.work_coach_list.headings import find_header, likeness_to, refuse_header
from gateway.sources.work_coach_list.split import CutRow, cut_rows
from gateway.sources.work_coach_list.table import HEADER_WITHIN, MOST_COLUMNS, MOST_ROWS, Table, TableRow

DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class _Found:
    likeness: int
    delimiter: str
    place: int
    header: tuple[str, ...]


def table_of_text(data: bytes, profile: ColumnProfile | None) -> Table:
    """Return the table, by its profile's headings where there is one. Raises WorkCoachListRefused or ...Changed."""
    text, encoding = decoded(data)
    found = _header_of(text, profile)
    rows = tuple(_rows_beneath(text, found))
    return Table(found.header, rows, encoding)


def _header_of(text: str, profile: ColumnProfile | None) -> _Found:
    likeness = likeness_to(profile)
    heads, best = [], _Found(0, "", 0, ())
    for delimiter in DELIMITERS:
        head = [row.cells for row in islice(cut_rows(text, delimiter), HEADER_WITHIN)]
        place, how_much = find_header(head, likeness)
        if how_much > best.likeness:
            best = _Found(how_much, delimiter, place, _trimmed(head[place]))
        heads.append(head)
    if not best.likeness:
        refuse_header(heads, profile)
    if len(best.header) > MOST_COLUMNS:
        raise WorkCoachListRefused(f"the list has more than {MOST_COLUMNS} columns")
    return best


def _rows_beneath(text: str, found: _Found) -> Iterator[TableRow]:
    for row in islice(cut_rows(text, found.delimiter), found.place + 1, None):
        if row.number > MOST_ROWS:
            raise WorkCoachListRefused(f"the list has more than {MOST_ROWS} rows")
        yield _fitted(row, len(found.header))


def _fitted(row: CutRow, width: int) -> TableRow:
    kept = TableRow(row.number, row.cells[:width], row.flaws)
    if row.flaws or (kept.is_blank and not any(cell.strip() for cell in row.cells)):
        return kept
    if len(row.cells) < width:
        return TableRow(row.number, (), (RowFlaw.CELLS_MISSING,))
    if any(cell.strip() for cell in row.cells[width:]):
        return TableRow(row.number, (), (RowFlaw.CELLS_EXTRA,))
    return kept


def _trimmed(header: tuple[str, ...]) -> tuple[str, ...]:
    """Return the header without empty cells at its end."""
    width = max((place + 1 for place, heading in enumerate(header) if heading.strip()), default=0)
    return tuple(heading.strip() for heading in header[:width])
