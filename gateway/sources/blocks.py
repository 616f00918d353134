"""Read many lines at once, where nothing is wrong with any of them: column by column, as records.

- All or nothing: at the first thing that is not plainly a record (a flaw, a line that is dropped, a quote out of place)
  the whole block is left to whoever reads it line by line, so that reasons and counts are made in one place (rows.py).
- What is read of a cell is the same in both ways; a test reads the same extracts in both.

Pure.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count, repeat
from typing import Any

from gateway.cohort.identifiers import Unusable, standing_of
from gateway.model.records import (
    AddressRecord,
    AssessmentRecord,
    EpisodeRecord,
    FamilyRecord,
    Feed,
    IdentifierRecord,
    InvolvementRecord,
    MembershipRecord,
    NeedRecord,
    PersonRecord,
    PlanRecord,
    Record,
    WorkerRecord,
)
from gateway.sources.cells import Dropped
from gateway.sources.headers import Header
from gateway.sources.lines import BrokenLine
from gateway.sources.rows import BLANK, Cell, RowReader

Columns = list[Sequence[Any]]


class BlockReader:
    """Reads blocks of one extract's lines."""

    def __init__(self, rows: RowReader, header: Header) -> None:
        self.rows = rows
        self._header = header
        self._make = _MAKERS[rows.feed]

    def read(self, first: int, lines: Sequence[str | BrokenLine]) -> Sequence[Record] | None:
        """Return the records of the lines, the first of which has this number, or None where one is not a record."""
        raw = self._columns_of(lines)
        if raw is None:
            return None
        try:
            read = [self._read(cell, raw, len(lines)) for cell in self.rows.cells]
        except (Unusable, Dropped):
            return None
        if not all(rule.holds_in(read) for rule in self.rows.rules):
            return None
        for place, cell in self.rows.noted:
            if None in read[place]:
                for value, text in zip(read[place], raw[cell.index], strict=True):
                    self.rows.note(cell, value, text)
        return list(self._make(zip(count(first), repeat(self.rows.source), *read[: self.rows.kept])))

    def _columns_of(self, lines: Sequence[str | BrokenLine]) -> Columns | None:
        """Return the cells of the lines, by column; None where a line does not have them."""
        whole = [line for line in lines if isinstance(line, str)]
        if len(whole) != len(lines):
            return None
        cells = self._header.splitter.cells_of_many(whole)
        if set(map(type, cells)) != {list} or set(map(len, cells)) != {self._header.width}:
            return None
        return list(zip(*cells, strict=True))

    def _read(self, cell: Cell, raw: Columns, lines: int) -> Sequence[Any]:
        if cell.index == BLANK:
            return [cell.read("")] * lines
        return cell.read_many(raw[cell.index])


def _made(kind: type[tuple[Any, ...]]) -> Callable[[Iterable[tuple[Any, ...]]], Iterator[Any]]:
    # The class's own `_make` counts the fields of each row once more, for half of the time.
    return partial(map, partial(tuple.__new__, kind))


def _identifiers(rows: Iterable[tuple[Any, ...]]) -> Iterator[IdentifierRecord]:
    for line, source, person_id, kind, value, from_on, to_on in rows:
        yield IdentifierRecord(line, source, person_id, kind, value, standing_of(value), from_on, to_on)


#: Not of the suppression feed, whose lines are few and are always read one by one.
_MAKERS: dict[Feed, Callable[[Iterable[tuple[Any, ...]]], Iterator[Record]]] = {
    Feed.PERSONS: _made(PersonRecord),
    Feed.FAMILIES: _made(FamilyRecord),
    Feed.MEMBERSHIPS: _made(MembershipRecord),
    Feed.EPISODES: _made(EpisodeRecord),
    Feed.WORKERS: _made(WorkerRecord),
    Feed.INVOLVEMENTS: _made(InvolvementRecord),
    Feed.ADDRESSES: _made(AddressRecord),
    Feed.IDENTIFIERS: _identifiers,
    Feed.NEEDS: _made(NeedRecord),
    Feed.ASSESSMENTS: _made(AssessmentRecord),
    Feed.PLANS: _made(PlanRecord),
}
