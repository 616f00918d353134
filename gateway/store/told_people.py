"""Edge: of whom a work-coach list was answered what: the only place that keeps it, and where it is read.

Each row is evidence as a list's is (law L7): its leaf stands under the root that the reconciliation's entry says. Which
words were shown is committed to and not kept: the agreement's own list has them, where it keeps values.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Connection, Select, select

from gateway.model.retention import Kept
from gateway.model.time import as_text, london_midnight
from gateway.store.bulk import insert_rows
from gateway.store.reconciliations import Reconciliation, reconciliations_of
from gateway.store.streams import stream
from gateway.store.tables import evidence_stubs, reconciliations, told_people
from gateway.store.work import Work


class ToldRow(NamedTuple):
    """What one person was told of as; `fields` were shown, and `differs` are those in which the two sides differ."""

    reference: str
    position: int
    subject_ref: str
    kind: str
    fields: int
    differs: int
    commitment: bytes
    leaf: bytes


_COLUMNS = [told_people.c[name] for name in ToldRow._fields]


def keep_told(work: Work, rows: Sequence[ToldRow]) -> None:
    """Keep of whom something was told."""
    insert_rows(work.connection, told_people, ToldRow._fields, rows)


def told_of(connection: Connection, subject_refs: Collection[str]) -> list[tuple[Reconciliation, ToldRow]]:
    """Return what was told of the subjects, with the reconciliation that told it, oldest first."""
    rows = _rows(connection, select(*_COLUMNS).where(told_people.c.subject_ref.in_(list(subject_refs))))
    by_reference = {key: list(group) for key, group in groupby(rows, lambda row: row.reference)}
    made = reconciliations_of(connection, reconciliations.c.reference.in_(list(by_reference))) if by_reference else []
    return [(each, row) for each in made for row in by_reference[each.reference]]


def rows_told_in(connection: Connection, reference: str) -> Iterator[ToldRow]:
    """Yield what one reconciliation told, in its order."""
    query = select(*_COLUMNS).where(told_people.c.reference == reference).order_by(told_people.c.position)
    return map(ToldRow._make, stream(connection, query))


def answers_between(connection: Connection, first: date, last: date) -> list[Reconciliation]:
    """Return the lists answered on London days from one to another with something of anybody, oldest first."""
    after = [] if last == date.max else [reconciliations.c.ran_at < as_text(london_midnight(last + timedelta(days=1)))]
    before = [] if first == date.min else [reconciliations.c.ran_at >= as_text(london_midnight(first))]
    return reconciliations_of(connection, reconciliations.c.told > 0, *before, *after)


def fields_told(connection: Connection, references: Collection[str]) -> dict[str, int]:
    """Return which fields were told of anybody in each answer, as a bitmap; of a purged one what its stub says."""
    wanted = list(references)
    both = told_people.c.fields.bitwise_or(told_people.c.differs)
    query = select(told_people.c.reference, both).where(told_people.c.reference.in_(wanted)).distinct()
    gone = select(evidence_stubs.c.reference, evidence_stubs.c.fields).where(
        evidence_stubs.c.kind == Kept.TOLD.value, evidence_stubs.c.reference.in_(wanted)
    )
    found = dict.fromkeys(wanted, 0)
    for rows in (query, gone):
        for reference, fields in connection.execute(rows):
            found[reference] |= fields
    return found


def told_by_reconciliation(connection: Connection) -> Iterator[tuple[str, Iterator[ToldRow]]]:
    """Yield the reference of each reconciliation with its rows in order; take the rows before the next one."""
    ordered = select(*_COLUMNS).order_by(told_people.c.reference, told_people.c.position)
    return groupby(map(ToldRow._make, stream(connection, ordered)), lambda row: row.reference)


def _rows(connection: Connection, query: Select[tuple[object, ...]]) -> list[ToldRow]:
    ordered = query.order_by(told_people.c.reference, told_people.c.position)
    return [ToldRow._make(row) for row in connection.execute(ordered)]
