"""Hold what is nobody on a list against the whole cohort, for the data team alone.

A job of its own, after the answer: what it finds changes no answer, no count and no worksheet, and no TFEA may read
it (law L11). Nothing that it finds is decided here: every row waits for the data team, however sure the matcher is,
because whoever is in the cohort and was not disclosed is not disclosed by a match.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, select

from gateway.ledger.events import Event
from gateway.model.linkage import Candidate, Linked, Person, Queued, WhyQueued
from gateway.model.officers import Action
from gateway.model.reconciliation import ReconciliationState, RowClass, Side
from gateway.model.work_coach_list import Claimant
from gateway.services.reconciliation.kept_rows import claimant_of, queued_rows
from gateway.services.reconciliation.linking import linker
from gateway.services.reconciliation.marks import Marks
from gateway.services.reconciliation.offices import part_for
from gateway.services.reconciliation.reconcile_list import marks_of
from gateway.services.reconciliation.standing_verdicts import judged_rows
from gateway.services.workplace import Workplace
from gateway.store.disclosed import disclosed_subjects
from gateway.store.reconciliations import (
    QueuedRow,
    Reconciliation,
    keep_queue,
    move_reconciliation,
    rows_of_reconciliation,
    verdicts_of,
    waiting_to_be_searched,
)
from gateway.store.snapshots import newest_snapshot
from gateway.store.tables import persons
from gateway.store.work import Work

#: Why a row waits that the matcher found to be somebody who was not disclosed. Stored.
FOUND_IN_COHORT = "found-in-cohort"


@dataclass(frozen=True, slots=True)
class Searched:
    """One reconciliation of which the rest was searched: how many rows, and how many of them wait."""

    reference: str
    searched: int
    queued: int


def search_waiting(workplace: Workplace) -> list[Searched]:
    """Search the rest of every list that was answered and not searched yet."""
    workplace.actor.require(Action.SEARCH_COHORT)
    with workplace.store.reading() as connection:
        waiting = waiting_to_be_searched(connection)
    return [_search(workplace, each) for each in waiting]


def person_of_cohort(connection: Connection, subject_ref: str) -> Person | None:
    """Return somebody as the newest snapshot has them."""
    return next(iter(_cohort(connection, persons.c.subject_ref == subject_ref)), None)


def _search(workplace: Workplace, made: Reconciliation) -> Searched:
    marks, part = marks_of(workplace, made.agreement_id), part_for(workplace, made.agreement_id, made.office)
    with workplace.store.reading() as connection:
        claimants = list(_rest(connection, made.reference))
        disclosed = disclosed_subjects(connection, made.agreement_id, part)
        people = {each.key: each for each in _cohort(connection) if each.key not in disclosed}
        judged = judged_rows(claimants, people, verdicts_of(connection, made.agreement_id), marks)
    linked = linker(workplace)(claimants, list(people.values()), judged)
    rows = list(_queue(made.reference, linked, claimants, people, marks))
    with workplace.store.writing(workplace.actor) as work:
        return _keep(workplace, work, made, len(claimants), rows)


def _keep(workplace: Workplace, work: Work, made: Reconciliation, searched: int, rows: Sequence[QueuedRow]) -> Searched:
    queued = len({row.row for row in rows})
    position = work.enter(Event.RECONCILIATION_SEARCHED, **made.said(), searched=searched, queued=queued)
    keep_queue(work, rows)
    move_reconciliation(work, made, ReconciliationState.SEARCHED, explained_by=position)
    workplace.record("reconciliation:searched", reconciliation=made.reference, rows=searched, queued=queued)
    return Searched(made.reference, searched, queued)


def _rest(connection: Connection, reference: str) -> Iterator[Claimant]:
    """Yield the claimants who are nobody on a list."""
    for row in rows_of_reconciliation(connection, reference):
        claimant = claimant_of(row)
        if claimant is not None and row.kind == RowClass.NOT_ON_LIST.value:
            yield claimant


def _cohort(connection: Connection, *where: ColumnElement[bool]) -> Iterator[Person]:
    snapshot = newest_snapshot(connection)
    if snapshot is None:
        return
    columns = persons.c
    query = select(
        columns.subject_ref,
        columns.nino,
        columns.forename,
        columns.surname,
        columns.date_of_birth,
        columns.postcode,
    ).where(columns.snapshot_id == snapshot.snapshot_id, *where)
    for row in connection.execute(query.order_by(columns.subject_ref)):
        yield Person(
            key=row.subject_ref,
            nino=row.nino or "",
            forename=row.forename or "",
            surname=row.surname or "",
            born=row.date_of_birth,
            postcode=row.postcode or "",
        )


def _queue(
    reference: str, linked: Linked, claimants: Iterable[Claimant], people: dict[str, Person], marks: Marks
) -> Iterator[QueuedRow]:
    """Yield the rows that wait: what the matcher is sure of too, because a person says what becomes of it."""
    sure = [
        Queued(match.row, WhyQueued.NOT_SURE_ENOUGH, (Candidate(match.key, match.evidence, None, ()),))
        for match in linked.matches
    ]
    by_row = {each.row: each for each in claimants}

    def marked(claimant: Claimant, key: str) -> tuple[bytes, bytes]:
        return marks.of_row(claimant), marks.of_pair(claimant, people[key])

    for row in queued_rows(reference, sure, Side.COHORT, by_row, marked):
        yield replace(row, why=FOUND_IN_COHORT)
    yield from queued_rows(reference, linked.queued, Side.COHORT, by_row, marked)
