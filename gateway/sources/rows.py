"""Make, once for an extract, what turns the cells of a line into a record, a reject, or nothing.

- The quick way reads every cell and makes the record; the first flaw sends the line the slow way, which collects
  all reasons. A reason is a code, `to_on:date_form`, and never a value (law L8). Many lines without any flaw are read
  column by column, quicker still (blocks.py).
- A spell that ends before it begins, a date of birth that cannot be one, and a protective flag by which nobody
  could be found are rejects too.
- A reject names the ids that its line touched, as far as they can be read, so that the people and families
  concerned are excluded as incomplete (law L3). A line that cannot be cut into its columns offers every cell
  that could be an id; the load keeps those that exist.

Pure.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from gateway.cohort.identifiers import Environment, Unusable, standing_of
from gateway.model.records import (
    AddressRecord,
    AssessmentRecord,
    EpisodeRecord,
    FamilyRecord,
    Feed,
    FlagRecord,
    IdentifierRecord,
    InvolvementRecord,
    MembershipRecord,
    NeedRecord,
    PersonRecord,
    PlanRecord,
    Record,
    Reject,
    WorkerRecord,
)
from gateway.sources.cells import CellFlaw, CellReaders, Dropped, ReadCell, ReadColumn, Value, readable_id
from gateway.sources.columns import COLUMNS, Column, Kind, Touches, Unknown
from gateway.sources.mapping import SourceMapping
from gateway.sources.rules import UNREADABLE, Values, rules_of
from gateway.sources.tally import Tally

#: Where a column that is not mapped stands: it reads the blank cell that is put after a line's last one.
BLANK = -1
#: A broken line offers no more cells than this as ids that it may touch.
_MOST_CANDIDATES = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """One mapped column: where it stands in the line, and what reads it."""

    column: Column
    index: int
    read: ReadCell
    read_many: ReadColumn


class RowReader:
    """Reads the lines of one extract; `indexes` says where each mapped column stands."""

    def __init__(
        self,
        mapping: SourceMapping,
        feed: Feed,
        indexes: Mapping[str, int],
        *,
        environment: Environment,
        as_at: date,
        tally: Tally,
    ) -> None:
        self.source, self.feed, self._tally = mapping.source, feed, tally
        self._nulls = mapping.null_tokens
        readers = CellReaders(mapping, environment)
        codes = mapping.feeds[feed].codes
        self.cells = tuple(
            _cell(readers, column, indexes.get(column.name, BLANK), codes.get(column.name, {}))
            for column in COLUMNS[feed]
            if column.name in indexes or column.kept
        )
        self._plan = tuple((cell.read, cell.index) for cell in self.cells)
        self.kept = sum(cell.column.kept for cell in self.cells)
        self._make = _MAKERS[feed]
        self.rules = rules_of(feed, as_at)
        self.noted = tuple(
            (place, cell) for place, cell in enumerate(self.cells) if _is_noted(cell.column) and cell.index != BLANK
        )

    def read(self, line: int, cells: list[str]) -> Record | Reject | None:
        """Return the record of a line, the reject, or None for a line that was dropped and counted."""
        cells.append("")
        try:
            values = [read(cells[index]) for read, index in self._plan]
        except (Unusable, Dropped):
            return self._explain(line, cells)
        for rule in self.rules:
            if rule.reasons(values):
                return self._explain(line, cells)
        for place, cell in self.noted:
            self.note(cell, values[place], cells[cell.index])
        return self._make(line, self.source, *values[: self.kept])

    def broken(self, line: int, cells: Iterable[str], reason: str) -> Reject:
        """Return the reject of a line that cannot be cut into its columns."""
        ids = dict.fromkeys(filter(None, map(readable_id, list(cells)[:_MOST_CANDIDATES])))
        touched = {cell.column.touches for cell in self.cells}
        return Reject(
            *(self.source, self.feed, line, (str(reason),)),
            person_ids=tuple(ids) if Touches.PERSON in touched else (),
            family_ids=tuple(ids) if Touches.FAMILY in touched else (),
        )

    def _explain(self, line: int, cells: list[str]) -> Reject | None:
        """Read the line again cell by cell, for every reason."""
        values: Values = []
        reasons: list[str] = []
        for cell in self.cells:
            try:
                values.append(cell.read(cells[cell.index]))
            except Dropped as dropped:
                self._tally.dropped[str(dropped.reason)] += 1
                return None
            except Unusable as unusable:
                values.append(UNREADABLE)
                reasons.append(f"{cell.column.name}:{unusable.flaw}")
                if unusable.flaw is CellFlaw.CODE_UNKNOWN:
                    self._tally.note_unmapped(cell.column.name, cells[cell.index].strip())
        for rule in self.rules:
            reasons.extend(rule.reasons(values))
        return self._reject(line, cells, tuple(reasons))

    def _reject(self, line: int, cells: list[str], reasons: tuple[str, ...]) -> Reject:
        return Reject(
            *(self.source, self.feed, line, reasons),
            person_ids=self._ids(cells, Touches.PERSON),
            family_ids=self._ids(cells, Touches.FAMILY),
        )

    def _ids(self, cells: list[str], touches: Touches) -> tuple[str, ...]:
        found = (readable_id(cells[cell.index]) for cell in self.cells if cell.column.touches is touches)
        return tuple(filter(None, found))

    def note(self, cell: Cell, value: Value, text: str) -> None:
        """Count what was loaded as None although something stood there."""
        stripped = text.strip()
        if value is None and stripped and stripped not in self._nulls:
            if cell.column.kind is Kind.CODE:
                self._tally.note_unmapped(cell.column.name, stripped)
            else:
                self._tally.left_blank[cell.column.name] += 1


def _cell(readers: CellReaders, column: Column, index: int, codes: Mapping[str, str]) -> Cell:
    read = readers.reader_of(column, codes)
    return Cell(column, index, read, readers.column_reader_of(column, read))


def _is_noted(column: Column) -> bool:
    if column.kind is Kind.CODE:
        return column.unknown is Unknown.LOADS_AS_NONE
    return column.kind in {Kind.EMAIL, Kind.PHONE}


# --- records -----------------------------------------------------------------------------------------------------


def _flag(line: int, _source: str, *values: Any) -> FlagRecord:
    # The feed's own name says nothing about whom a flag protects: the line has a source of its own.
    return FlagRecord(line, *values)


def _identifier(line: int, source: str, *values: Any) -> IdentifierRecord:
    person_id, kind, value, from_on, to_on = values
    return IdentifierRecord(line, source, person_id, kind, value, standing_of(value), from_on, to_on)


_MAKERS: dict[Feed, Callable[..., Record]] = {
    Feed.PERSONS: PersonRecord,
    Feed.FAMILIES: FamilyRecord,
    Feed.MEMBERSHIPS: MembershipRecord,
    Feed.EPISODES: EpisodeRecord,
    Feed.WORKERS: WorkerRecord,
    Feed.INVOLVEMENTS: InvolvementRecord,
    Feed.ADDRESSES: AddressRecord,
    Feed.IDENTIFIERS: _identifier,
    Feed.NEEDS: NeedRecord,
    Feed.ASSESSMENTS: AssessmentRecord,
    Feed.PLANS: PlanRecord,
    Feed.SUPPRESSION: _flag,
}
