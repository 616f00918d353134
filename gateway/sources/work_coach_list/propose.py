"""Propose what the columns of an office's first list mean, say what is unsure, and make what a person confirms of it.

- A heading that can hardly mean anything else is proposed; one that usually means something is proposed with that
  doubt. A heading that nobody knows is proposed where nearly all its values are of one form.
- Where values contradict the heading, or two columns seem to mean the same, that is said. Of two, the surer is taken.
- Dates: ISO where all of them are, otherwise day first. Dates that can only be month first are said, and not read.
- Nothing is saved here and nothing is read by a proposal: only a person's confirmation makes a profile.

Pure, but for the child process in which a workbook is opened (read.py).
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from gateway.errors import ColumnProfileInvalid
from gateway.model.work_coach_list import Column, ColumnProfile, DateOrder
from gateway.sources.work_coach_list.dates import Written, is_iso, written_as
from gateway.sources.work_coach_list.headings import plain_heading
from gateway.sources.work_coach_list.identifiers import text_of
from gateway.sources.work_coach_list.profiles import profile_of
from gateway.sources.work_coach_list.read import table_of
from gateway.sources.work_coach_list.synonyms import CERTAIN, KNOWN
from gateway.sources.work_coach_list.table import Cell, Table

_SAMPLED_ROWS = 200
#: Of the filled values, how many have a column's form before it is taken for that column, or not doubted.
_MOST_PART, _HALF = 0.8, 0.5
_FEWEST_VALUES = 3


class Doubt(StrEnum):
    """Why a proposed column has to be looked at."""

    USUAL_HEADING = "the heading usually means this, but not always"
    BY_VALUES = "the heading is not known; its values look like this"
    VALUES_DIFFER = "the heading says this, but most values do not look like it"
    SEVERAL = "several columns seem to mean this; this one was taken for none of them or for the surest"


@dataclass(frozen=True, slots=True)
class ProposedColumn:
    """A column of the file: None where it would not be read, and why it should be looked at."""

    heading: str
    column: Column | None
    doubt: Doubt | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for an office's columns. Headings are the file's own: for whoever brought the file."""

    columns: tuple[ProposedColumn, ...] = field(repr=False)
    date_order: DateOrder
    #: How many sampled dates can only be read with the month first: such a file will be refused.
    month_first: int
    #: What a list should have and this one does not seem to.
    missing: tuple[Column, ...]
    rows: int
    hidden_sheets: int


def propose(data: bytes, *, password: str | None = None) -> Proposal:
    """Return a proposal. Raises WorkCoachListRefused where no row looks like a header, and as `read_list` does."""
    table = table_of(data, None, password)
    samples = _samples_of(table)
    columns = _without_doubles([_proposed(heading, values) for heading, values in samples])
    found = {each.column for each in columns}
    dates = [value for each, (_, values) in zip(columns, samples, strict=True) for value in values if _is_born(each)]
    return Proposal(
        columns=tuple(columns),
        date_order=_order_of(dates),
        month_first=sum(written_as(text_of(value)) is Written.MONTH_FIRST for value in dates),
        missing=tuple(column for column in Column if column not in found and _is_wanted(column, found)),
        rows=sum(not row.is_blank for row in table.rows),
        hidden_sheets=table.hidden_sheets,
    )


def confirmed(
    proposal: Proposal, office: str, choices: Mapping[str, Column | None], date_order: DateOrder | None = None
) -> ColumnProfile:
    """Return the profile of a proposal and what a person chose otherwise, by heading. Raises ColumnProfileInvalid."""
    headings = {each.heading for each in proposal.columns}
    if unknown := len(set(choices) - headings):
        raise ColumnProfileInvalid(f"{unknown} of the headings chosen for do not stand in the file")
    meant = [(each.heading, choices.get(each.heading, each.column)) for each in proposal.columns]
    columns = [(heading, column) for heading, column in meant if column is not None]
    ignored = [heading for heading, column in meant if column is None]
    return profile_of(office, columns, ignored, date_order or proposal.date_order)


def _samples_of(table: Table) -> list[tuple[str, list[Cell]]]:
    """Return each column's heading and filled values, as they stand in the file."""
    rows = [row for row in table.rows if not row.flaws and not row.is_blank][:_SAMPLED_ROWS]
    places = [(place, heading) for place, heading in enumerate(table.header) if plain_heading(heading)]
    return [
        (heading, [row.cells[place] for row in rows if place < len(row.cells) and text_of(row.cells[place])])
        for place, heading in places
    ]


def _is_born(proposed: ProposedColumn) -> bool:
    return proposed.column is Column.BORN


def _proposed(heading: str, values: Sequence[Cell]) -> ProposedColumn:
    plain = plain_heading(heading)
    column = KNOWN.get(plain)
    if column is None:
        shown = _by_values(values)
        return ProposedColumn(heading, shown, Doubt.BY_VALUES if shown else None)
    if column in _FORMS and len(values) >= _FEWEST_VALUES and _share(column, values) < _HALF:
        return ProposedColumn(heading, column, Doubt.VALUES_DIFFER)
    return ProposedColumn(heading, column, None if plain in CERTAIN else Doubt.USUAL_HEADING)


def _without_doubles(proposed: list[ProposedColumn]) -> list[ProposedColumn]:
    """Return the columns with each meaning once: the surest, or none where two are equally sure."""
    kept = []
    for each in proposed:
        rivals = [other for other in proposed if other.column is each.column and each.column is not None]
        ahead = all(_sureness(each) > _sureness(other) for other in rivals if other is not each)
        several = len(rivals) > 1
        kept.append(
            ProposedColumn(each.heading, each.column if ahead else None, Doubt.SEVERAL if several else each.doubt)
        )
    return _without_parts(kept)


def _without_parts(proposed: list[ProposedColumn]) -> list[ProposedColumn]:
    """Return the columns without the whole name where its parts are there too."""
    if Column.SURNAME not in {each.column for each in proposed}:
        return proposed
    return [
        ProposedColumn(each.heading, None, Doubt.SEVERAL) if each.column is Column.FULL_NAME else each
        for each in proposed
    ]


def _sureness(proposed: ProposedColumn) -> int:
    order = (Doubt.BY_VALUES, Doubt.VALUES_DIFFER, Doubt.USUAL_HEADING, None)
    return order.index(proposed.doubt)


def _order_of(dates: Iterable[Cell]) -> DateOrder:
    texts = [text_of(value) for value in dates if isinstance(value, str)]
    return DateOrder.ISO if texts and all(map(is_iso, texts)) else DateOrder.DAY_FIRST


def _is_wanted(column: Column, found: set[Column | None]) -> bool:
    if column is Column.SURNAME:
        return Column.FULL_NAME not in found
    return column in {Column.NINO, Column.BORN, Column.WORK_COACH}


_NINO = re.compile(r"[A-Za-z]{2} ?(?:[0-9]{2} ?){3}[A-Za-z]?")
_POSTCODE = re.compile(r"[A-Za-z]{1,2}[0-9][0-9A-Za-z]? *[0-9][A-Za-z]{2}")


def _looks_like_a_day(value: Cell) -> bool:
    if isinstance(value, date):
        return True
    return isinstance(value, str) and (is_iso(value) or written_as(value) is not Written.NOTHING)


_FORMS = {
    Column.NINO: lambda value: _NINO.fullmatch(text_of(value)) is not None,
    Column.POSTCODE: lambda value: _POSTCODE.fullmatch(text_of(value)) is not None,
    Column.BORN: _looks_like_a_day,
}


def _share(column: Column, values: Sequence[Cell]) -> float:
    return Counter(map(_FORMS[column], values))[True] / len(values)


def _by_values(values: Sequence[Cell]) -> Column | None:
    """Return what nearly all values look like. A day alone is none: there are many kinds of days in such lists."""
    if len(values) < _FEWEST_VALUES:
        return None
    forms = (Column.NINO, Column.POSTCODE)
    return next((column for column in forms if _share(column, values) >= _MOST_PART), None)
