"""Edge: what registers and reports read: lists with their documents and receipts, approvals, counts of people.

Nothing here is about one person, and nothing is changed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, Select, and_, bindparam, func, select, union

from gateway.ledger.events import Event
from gateway.model.delivery import RESTING, ListState
from gateway.model.handover import HandoverState
from gateway.model.receipt import ReceiptLevel
from gateway.model.retention import Kept
from gateway.model.time import as_text, from_text
from gateway.store.agreements import KeptStatement
from gateway.store.handovers import Handover, all_handovers
from gateway.store.packages import has_copy
from gateway.store.tables import (
    approvals,
    evidence,
    evidence_stubs,
    handover_people,
    ledger,
    lists,
    packages,
    receipts,
    statements,
    told_people,
)


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A list with the agreement's document as it was; what is not known before it is sealed is None.

    `changed_at` is the instant of the ledger entry that explains its state.
    """

    list_id: int
    reference: str
    agreement_id: str
    version: int
    statement_hash: str
    document: bytes
    partner: str
    window: str
    part: str
    state: ListState
    reason: str | None
    people: int | None
    excluded: int | None
    remote_name: str | None
    package_sha256: str | None
    package_bytes: int | None
    sealed_at: datetime | None
    settled_at: datetime | None
    changed_at: datetime
    verify_method: str | None
    snapshot_id: int


@dataclass(frozen=True, slots=True)
class ReceiptOfList:
    """The newest receipt of a list that was accepted."""

    level: ReceiptLevel
    collected_at: datetime


@dataclass(frozen=True, slots=True)
class KeptApproval:
    """An approval with the instant at which it was entered."""

    statement_hash: str
    principal: str
    role: str
    signature: bytes
    at: datetime


def files_between(
    connection: Connection, first: date, last: date, states: Collection[ListState] = tuple(ListState)
) -> list[ListedFile]:
    """Return the lists for windows from one day to another, both included, in the order of windows and parts."""
    return _files(
        connection,
        lists.c.window >= first.isoformat(),
        lists.c.window <= last.isoformat(),
        lists.c.state.in_([state.value for state in states]),
    )


def among(column: ColumnElement[int], numbers: Collection[int]) -> ColumnElement[bool]:
    """Return whether a column's number is one of these, however many: a database limits how many may be bound."""
    return column.in_(bindparam(None, sorted(numbers), type_=BigInteger(), expanding=True, literal_execute=True))


def receipts_between(connection: Connection, first: date, last: date, verdict: str) -> Mapping[int, ReceiptOfList]:
    """Return the newest receipt with a verdict of each list for the windows from one day to another."""
    query = (
        select(receipts.c.list_id, receipts.c.level, receipts.c.collected_at)
        .join(lists, lists.c.list_id == receipts.c.list_id)
        .where(lists.c.window >= first.isoformat(), lists.c.window <= last.isoformat())
        .where(receipts.c.verdict == verdict, receipts.c.level.is_not(None))
        .order_by(receipts.c.explained_by)
    )
    return {
        row.list_id: ReceiptOfList(ReceiptLevel(row.level), from_text(row.collected_at))
        for row in connection.execute(query)
    }


def handovers_between(connection: Connection, first: date, last: date) -> list[Handover]:
    """Return the attested lists that were handed over another way on days from one to another."""
    return [
        each
        for each in all_handovers(connection)
        if each.state is HandoverState.ATTESTED and first <= each.handed_over_on <= last
    ]


def people_on(
    connection: Connection,
    list_ids: Collection[int],
    handover_ids: Collection[int] = (),
    answers: Collection[str] = (),
) -> int:
    """Return how many different people stand on lists, on lists handed over another way, and in answers to lists."""
    on_lists = select(evidence.c.subject_ref).where(among(evidence.c.list_id, list_ids))
    handed = select(handover_people.c.subject_ref).where(among(handover_people.c.handover_id, handover_ids))
    told = select(told_people.c.subject_ref).where(told_people.c.reference.in_(list(answers)))
    everyone = union(on_lists, handed, told).subquery()
    return int(connection.execute(select(func.count()).select_from(everyone)).scalar_one())


def fields_of_lists(connection: Connection, list_ids: Collection[int]) -> Mapping[int, int]:
    """Return which fields were told of anybody on each list, as a bitmap."""
    query = (
        select(evidence.c.list_id, evidence.c.fields)
        .where(among(evidence.c.list_id, list_ids))
        .group_by(evidence.c.list_id, evidence.c.fields)
    )
    found: dict[int, int] = {row.list_id: row.fields for row in connection.execute(_fields_of_purged(list_ids))}
    for list_id, fields in connection.execute(query):
        found[list_id] = found.get(list_id, 0) | fields
    return found


def _fields_of_purged(list_ids: Collection[int]) -> Select[tuple[int, int]]:
    """Return the statement of what is left of lists whose evidence was purged."""
    query = select(lists.c.list_id, evidence_stubs.c.fields)
    return query.join(evidence_stubs, evidence_stubs.c.reference == lists.c.reference).where(
        evidence_stubs.c.kind == Kept.EVIDENCE.value, among(lists.c.list_id, list_ids)
    )


def entries_between(
    connection: Connection, events: Collection[Event], since: datetime, before: datetime
) -> list[tuple[datetime, bytes]]:
    """Return the instant and the bytes of the entries of events from one instant to before another, oldest first."""
    query = (
        select(ledger.c.at, ledger.c.body)
        .where(ledger.c.event.in_([event.value for event in events]))
        .where(ledger.c.at >= as_text(since), ledger.c.at < as_text(before))
        .order_by(ledger.c.position)
    )
    return [(from_text(row.at), row.body) for row in connection.execute(query)]


def entries_ever(connection: Connection, event: Event) -> list[bytes]:
    """Return the bytes of every entry of an event, oldest first."""
    query = select(ledger.c.body).where(ledger.c.event == event.value).order_by(ledger.c.position)
    return list(connection.execute(query).scalars())


def statements_with_entries(connection: Connection) -> list[tuple[KeptStatement, datetime]]:
    """Return every statement with the instant at which it was entered, oldest first."""
    query = select(statements, ledger.c.at).join(ledger, ledger.c.position == statements.c.explained_by)
    return [(_statement(row), from_text(row.at)) for row in connection.execute(query.order_by(ledger.c.position))]


def approvals_with_entries(connection: Connection) -> list[KeptApproval]:
    """Return every approval with the instant at which it was entered, oldest first."""
    query = select(approvals, ledger.c.at).join(ledger, ledger.c.position == approvals.c.explained_by)
    return [
        KeptApproval(row.statement_hash, row.principal, row.role, row.signature, from_text(row.at))
        for row in connection.execute(query.order_by(ledger.c.position))
    ]


def copies_at_rest_before(connection: Connection, agreement_id: str, instant: str) -> int:
    """Return how many packages of an agreement are still kept whose list came to rest before an instant."""
    query = (
        select(func.count())
        .select_from(packages)
        .join(lists, lists.c.list_id == packages.c.list_id)
        .join(ledger, ledger.c.position == lists.c.explained_by)
        .where(lists.c.agreement_id == agreement_id, ledger.c.at < instant)
        .where(lists.c.state.in_([state.value for state in RESTING]), has_copy(packages.c.list_id))
    )
    return int(connection.execute(query).scalar_one())


def copies_kept(connection: Connection, list_ids: Collection[int]) -> frozenset[int]:
    """Return which of the lists still have their sealed copy here."""
    query = select(packages.c.list_id).where(among(packages.c.list_id, list_ids), has_copy(packages.c.list_id))
    return frozenset(connection.execute(query).scalars())


def _files(connection: Connection, *which: Any) -> list[ListedFile]:
    query = (
        select(lists, statements.c.agreement_document, ledger.c.at)
        .join(statements, statements.c.statement_hash == lists.c.statement_hash)
        .join(ledger, ledger.c.position == lists.c.explained_by)
        .where(and_(*which))
        .order_by(lists.c.window, lists.c.agreement_id, lists.c.part, lists.c.list_id)
    )
    return [_file(row) for row in connection.execute(query)]


def _file(row: Row[Any]) -> ListedFile:
    return ListedFile(
        list_id=row.list_id,
        reference=row.reference,
        agreement_id=row.agreement_id,
        version=row.version,
        statement_hash=row.statement_hash,
        document=row.agreement_document,
        partner=row.partner,
        window=row.window,
        part=row.part,
        state=ListState(row.state),
        reason=row.reason,
        people=row.people,
        excluded=row.excluded,
        remote_name=row.remote_name,
        package_sha256=row.package_sha256,
        package_bytes=row.package_bytes,
        sealed_at=from_text(row.sealed_at) if row.sealed_at else None,
        settled_at=from_text(row.settled_at) if row.settled_at else None,
        changed_at=from_text(row.at),
        verify_method=row.verify_method,
        snapshot_id=row.snapshot_id,
    )


def _statement(row: Row[Any]) -> KeptStatement:
    return KeptStatement(**{name: getattr(row, name) for name in KeptStatement.__slots__})
