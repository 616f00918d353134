"""Edge: what is kept whose time may be over, and what keeps it all the same. Counts, days and references alone.

Until when each thing is kept follows from its agreement (agreements/retention.py) and is not decided here.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select, union

from gateway.model.delivery import RESTING, ListState
from gateway.model.flags import FLAG_BIT, FlagKind
from gateway.model.handover import HandoverState
from gateway.model.receipt import ReceiptLevel
from gateway.model.retention import HoldState, Kept
from gateway.model.time import as_text, from_text, london_day
from gateway.store.packages import has_copy
from gateway.store.registers import among
from gateway.store.tables import (
    evidence,
    evidence_stubs,
    exclusions,
    handover_people,
    handovers,
    holds,
    ledger,
    lists,
    persons,
    receipts,
    record_holds,
    snapshots,
    subject_identifiers,
    told_people,
)

#: The suppression feed's flag, where no officer's case keeps something.
FLAGGED = "the legal-hold flag of the suppression feed"
#: Holds on a person that ask for what is kept about them to stay as it is until they are decided.
_KEEPING = ("restriction", "incident")
#: States in which a recipient may have a list.
_THEIRS = (
    ListState.VERIFIED,
    ListState.RECEIVED,
    ListState.REJECTED,
    ListState.UNCOLLECTED,
    ListState.RECALLED,
)


@dataclass(frozen=True, slots=True)
class RestingList:
    """A list that came to rest at `rested_at`; `size` is the bytes of its sealed copy, or the rows of its evidence."""

    list_id: int
    reference: str
    statement_hash: str
    window: str
    state: ListState
    rested_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class RestingHandover:
    """A list that was handed over another way, confirmed or dismissed at `rested_at`."""

    handover_id: int
    reference: str
    handed_over_on: date
    rested_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class ExpiredSnapshot:
    """A snapshot that the newest has replaced."""

    reference: str
    as_at_on: date
    people: int


@dataclass(frozen=True, slots=True)
class UncertifiedList:
    """A list that the recipient may have, and of which no certificate says that it is destroyed."""

    reference: str
    agreement_id: str
    partner: str
    statement_hash: str
    window: str


def sealed_copies(connection: Connection) -> list[RestingList]:
    """Return the lists at rest whose sealed copy is kept, oldest first."""
    return _lists(connection, _resting(lists.c.package_bytes).where(has_copy(lists.c.list_id)))


def lists_with_evidence(connection: Connection, before: datetime) -> list[RestingList]:
    """Return the lists that came to rest before an instant and whose evidence is kept, oldest first."""
    purged = select(evidence_stubs.c.reference).where(evidence_stubs.c.kind == Kept.EVIDENCE.value)
    query = _resting(lists.c.people).where(lists.c.root.is_not(None), lists.c.reference.not_in(purged))
    return _lists(connection, query.where(ledger.c.at < as_text(before)))


def handovers_with_people(connection: Connection, before: datetime) -> list[RestingHandover]:
    """Return the handovers that were settled before an instant and whose people are kept, oldest first."""
    purged = select(evidence_stubs.c.reference).where(evidence_stubs.c.kind == Kept.HANDOVER.value)
    query = (
        select(handovers, ledger.c.at)
        .join(ledger, ledger.c.position == handovers.c.explained_by)
        .where(handovers.c.state != HandoverState.ENTERED.value, handovers.c.reference.not_in(purged))
        .where(ledger.c.at < as_text(before))
        .order_by(handovers.c.handover_id)
    )
    return [
        RestingHandover(row.handover_id, row.reference, row.handed_over_on, from_text(row.at), row.identified)
        for row in connection.execute(query)
    ]


def expired_snapshots(connection: Connection, before: date) -> list[ExpiredSnapshot]:
    """Return the snapshots of a day before, but for the newest, oldest first."""
    newest = select(func.max(snapshots.c.snapshot_id)).scalar_subquery()
    query = select(snapshots).where(snapshots.c.as_at_on < before, snapshots.c.snapshot_id < newest)
    rows = connection.execute(query.order_by(snapshots.c.snapshot_id))
    return [ExpiredSnapshot(row.reference, row.as_at_on, row.people) for row in rows]


def statements_of_lists(connection: Connection) -> list[str]:
    """Return the hash of every statement that a list was made under."""
    return list(connection.execute(select(lists.c.statement_hash).distinct()).scalars())


def uncertified_lists(connection: Connection, statements: Collection[str], verdict: str) -> list[UncertifiedList]:
    """Return the lists made under statements and without a certificate that had this verdict, oldest first."""
    certified = select(receipts.c.list_id).where(
        receipts.c.level == ReceiptLevel.DESTROYED.value,
        receipts.c.verdict == verdict,
        receipts.c.list_id == lists.c.list_id,
    )
    theirs = lists.c.state.in_([state.value for state in _THEIRS])
    query = select(lists).where(theirs, lists.c.statement_hash.in_(sorted(statements)), ~certified.exists())
    return [
        UncertifiedList(row.reference, row.agreement_id, row.partner, row.statement_hash, row.window)
        for row in connection.execute(query.order_by(lists.c.window, lists.c.list_id))
    ]


def certified_on(connection: Connection, list_ids: Collection[int], verdict: str) -> Mapping[int, date]:
    """Return of each list the London day on which a certificate of its destruction came that had this verdict."""
    query = select(receipts.c.list_id, func.min(receipts.c.collected_at).label("came_at")).where(
        receipts.c.level == ReceiptLevel.DESTROYED.value,
        receipts.c.verdict == verdict,
        among(receipts.c.list_id, list_ids),
    )
    rows = connection.execute(query.group_by(receipts.c.list_id))
    return {row.list_id: london_day(from_text(row.came_at)) for row in rows}


def purged_until(connection: Connection) -> date | None:
    """Return the last day on which a disclosure came to rest whose evidence was purged since; None where none was."""
    return connection.execute(select(func.max(evidence_stubs.c.rested_on))).scalar()


def lists_purged(connection: Connection, list_ids: Collection[int]) -> frozenset[str]:
    """Return which of the lists are without their evidence because its term was over, by reference."""
    query = (
        select(lists.c.reference)
        .join(evidence_stubs, evidence_stubs.c.reference == lists.c.reference)
        .where(evidence_stubs.c.kind == Kept.EVIDENCE.value, among(lists.c.list_id, list_ids))
    )
    return frozenset(connection.execute(query).scalars())


def handovers_purged(connection: Connection, handover_ids: Collection[int]) -> frozenset[str]:
    """Return which of the handovers are without their people because the term was over, by reference."""
    query = (
        select(handovers.c.reference)
        .join(evidence_stubs, evidence_stubs.c.reference == handovers.c.reference)
        .where(evidence_stubs.c.kind == Kept.HANDOVER.value, among(handovers.c.handover_id, handover_ids))
    )
    return frozenset(connection.execute(query).scalars())


def told_purged(connection: Connection) -> frozenset[str]:
    """Return the reconciliations of which nobody can say any more of whom they told, because the term was over."""
    query = select(evidence_stubs.c.reference).where(evidence_stubs.c.kind == Kept.TOLD.value)
    return frozenset(connection.execute(query).scalars())


def purged_on(connection: Connection, kind: Kept, reference: str) -> datetime | None:
    """Return when evidence was purged; None where it was not."""
    query = select(ledger.c.at).join(evidence_stubs, evidence_stubs.c.explained_by == ledger.c.position)
    at = connection.execute(
        query.where(evidence_stubs.c.kind == kind.value, evidence_stubs.c.reference == reference)
    ).scalar()
    return from_text(at) if at else None


# --- what keeps something beyond its time ---


def holds_on_lists(connection: Connection, list_ids: Collection[int]) -> Mapping[int, str]:
    """Return what keeps each of the lists that is kept: the case of a hold on it, or on somebody on record with it.

    Somebody is on record with a list who stands on it or was left out of it.
    """
    held = _held_with(connection, evidence.c.list_id, evidence.c.subject_ref, list_ids)
    held |= _held_with(connection, exclusions.c.list_id, exclusions.c.subject_ref, list_ids)
    named = (
        select(lists.c.list_id, record_holds.c.case_reference)
        .join(record_holds, record_holds.c.list_reference == lists.c.reference)
        .where(record_holds.c.state == HoldState.HELD.value, among(lists.c.list_id, list_ids))
    )
    return held | {row.list_id: row.case_reference for row in connection.execute(named)}


def holds_on_handovers(connection: Connection, handover_ids: Collection[int]) -> Mapping[int, str]:
    """Return what keeps each of the handovers that is kept: the case of a hold on somebody who stands on it."""
    return _held_with(connection, handover_people.c.handover_id, handover_people.c.subject_ref, handover_ids)


def holds_on_told(connection: Connection, references: Collection[str]) -> Mapping[str, str]:
    """Return what keeps what was told in each reconciliation that is kept: the case of a hold on one of the people."""
    found: dict[str, str] = {}
    told = select(told_people.c.reference).distinct().where(told_people.c.reference.in_(list(references)))
    for why, people in _held_people(connection):
        theirs = told.where(told_people.c.subject_ref.in_(_who_they_are(people)))
        found |= dict.fromkeys(connection.execute(theirs).scalars(), why)
    return found


def _held_with(
    connection: Connection, number: ColumnElement[int], subject_ref: ColumnElement[str], numbers: Collection[int]
) -> dict[int, str]:
    found: dict[int, str] = {}
    for why, people in _held_people(connection):
        query = select(number).distinct().where(among(number, numbers), subject_ref.in_(_who_they_are(people)))
        found |= dict.fromkeys(connection.execute(query).scalars(), why)
    return found


def _held_people(connection: Connection) -> Iterable[tuple[str, Select[tuple[str]]]]:
    """Yield whom a case keeps, case by case, as statements; the flag first, so that an officer's case is told."""
    newest = select(func.max(snapshots.c.snapshot_id)).scalar_subquery()
    flag = persons.c.flags.bitwise_and(FLAG_BIT[FlagKind.LEGAL_HOLD]) != 0
    yield FLAGGED, select(persons.c.subject_ref).where(persons.c.snapshot_id == newest, flag)
    kept_back = (holds.c.lifted_at.is_(None), holds.c.reason.in_(_KEEPING))
    for case in connection.execute(select(holds.c.case_reference).distinct().where(*kept_back)).scalars():
        yield case, select(holds.c.subject_ref).where(*kept_back, holds.c.case_reference == case)
    on_records = (record_holds.c.state == HoldState.HELD.value, record_holds.c.subject_ref.is_not(None))
    for case in connection.execute(select(record_holds.c.case_reference).distinct().where(*on_records)).scalars():
        yield case, select(record_holds.c.subject_ref).where(*on_records, record_holds.c.case_reference == case)


def _who_they_are(people: Select[tuple[str]]) -> Select[tuple[str]]:
    """Return the people, and whoever is known by an identifier of one of them: somebody may have two references."""
    mine, theirs = subject_identifiers.alias("mine"), subject_identifiers.alias("theirs")
    same = and_(theirs.c.kind == mine.c.kind, theirs.c.value == mine.c.value)
    known = select(theirs.c.subject_ref).join_from(mine, theirs, same).where(mine.c.subject_ref.in_(people))
    everybody = union(people, known).subquery()
    return select(everybody.c[0])


def _resting(size: ColumnElement[int]) -> Select[tuple[object, ...]]:
    at_rest = lists.c.state.in_([state.value for state in RESTING])
    named = (lists.c.list_id, lists.c.reference, lists.c.statement_hash, lists.c.window, lists.c.state)
    query = select(*named, ledger.c.at, size.label("size")).select_from(lists)
    return query.join(ledger, ledger.c.position == lists.c.explained_by).where(at_rest).order_by(lists.c.list_id)


def _lists(connection: Connection, query: Select[tuple[object, ...]]) -> list[RestingList]:
    return [
        RestingList(
            row.list_id,
            row.reference,
            row.statement_hash,
            row.window,
            ListState(row.state),
            from_text(row.at),
            row.size or 0,
        )
        for row in connection.execute(query)
    ]
