"""Edge: what is on record about a subject, from their rows by their index: disclosures, and lists that left them out.

Who asks is entered by the caller.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Row, select

from gateway.ledger.entries import Event
from gateway.model.delivery import DISCLOSED, ListState
from gateway.model.fields import TAKEN_BACK
from gateway.model.receipt import ReceiptLevel
from gateway.model.time import as_text, from_text
from gateway.store.tables import evidence, exclusions, ledger, lists, receipts, snapshots, subjects


@dataclass(frozen=True, slots=True)
class DisclosedRow:
    """One row of evidence on a list that counts as disclosed, with its list.

    `sent_at` is when the package was verified at the recipient, or else when the list came into its state. `secret` is
    the subject's, and None where the registry has forgotten them.
    """

    list_id: int
    list_reference: str
    agreement_id: str
    version: int
    statement_hash: str
    partner: str
    window: str
    part: str
    state: ListState
    position: int
    subject_ref: str
    fields: int
    factors: int
    commitment: bytes
    leaf: bytes
    line_sealed: bytes | None
    secret: bytes | None
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class KeptExclusion:
    """What was recorded of somebody left out of a list; no reason says that they were left out no longer."""

    agreement_id: str
    window: str
    list_reference: str
    subject_ref: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class MadeList:
    """A list that was decided, and the snapshot that it was decided from, while that is kept."""

    list_id: int
    reference: str
    agreement_id: str
    version: int
    statement_hash: str
    window: str
    part: str
    state: ListState
    reason: str | None
    snapshot_id: int
    snapshot: str | None
    as_at_on: date | None
    #: The list that it is built on, where it tells of differences.
    base: int | None = None


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """An accepted receipt of a list."""

    level: ReceiptLevel
    collected_at: datetime


def disclosures_to(
    connection: Connection, subject_refs: Collection[str], *, sealed_by: datetime | None = None
) -> Iterator[DisclosedRow]:
    """Yield every disclosure of the subjects, oldest first. States in which nobody can be sure count too.

    With `sealed_by`, only those on lists that were sealed by then.
    """
    statement = (
        select(lists, evidence, ledger.c.at, subjects.c.secret)
        .select_from(evidence)
        .join(lists, lists.c.list_id == evidence.c.list_id)
        .join(ledger, ledger.c.position == lists.c.explained_by)
        .outerjoin(subjects, subjects.c.subject_ref == evidence.c.subject_ref)
        .where(
            evidence.c.subject_ref.in_(list(subject_refs)),
            lists.c.state.in_([state.value for state in DISCLOSED]),
        )
        .order_by(lists.c.window, lists.c.list_id, evidence.c.position)
    )
    if sealed_by is not None:
        statement = statement.where(lists.c.sealed_at <= as_text(sealed_by))
    return map(_disclosed, connection.execute(statement))


def lists_with(connection: Connection, subject_refs: Collection[str]) -> dict[int, str]:
    """Return every list on which a subject stands, and which of them that is."""
    query = select(evidence.c.list_id, evidence.c.subject_ref).where(evidence.c.subject_ref.in_(list(subject_refs)))
    return {row.list_id: row.subject_ref for row in connection.execute(query)}


def lists_left(connection: Connection, subject_refs: Collection[str]) -> frozenset[int]:
    """Return every list that told that a subject is on the list no longer, and nothing else of them."""
    of_them = evidence.c.subject_ref.in_(list(subject_refs))
    query = select(evidence.c.list_id).where(of_them, evidence.c.fields == TAKEN_BACK)
    return frozenset(connection.execute(query).scalars())


def exclusions_of(connection: Connection, subject_refs: Collection[str]) -> list[KeptExclusion]:
    """Return what was recorded of the subjects being left out, by agreement and oldest first."""
    columns = (lists.c.window, lists.c.reference, exclusions.c.subject_ref, exclusions.c.reason)
    query = (
        select(exclusions.c.agreement_id, *columns)
        .join(lists, lists.c.list_id == exclusions.c.list_id)
        .where(exclusions.c.subject_ref.in_(list(subject_refs)))
        .order_by(exclusions.c.agreement_id, exclusions.c.subject_ref, exclusions.c.list_id)
    )
    return [KeptExclusion(*row) for row in connection.execute(query)]


def lists_made(
    connection: Connection, *, agreement_id: str | None = None, window: str | None = None, replayable: bool = False
) -> list[MadeList]:
    """Return the lists that were decided, oldest first: of an agreement, of a window, or whose snapshot is kept."""
    own = [lists.c[name] for name in MadeList.__slots__ if name in lists.c]
    query = (
        select(*own, snapshots.c.reference.label("snapshot"), snapshots.c.as_at_on)
        .outerjoin(snapshots, snapshots.c.snapshot_id == lists.c.snapshot_id)
        .where(lists.c.state != ListState.PLANNED.value)
        .order_by(lists.c.window, lists.c.list_id)
    )
    if agreement_id is not None:
        query = query.where(lists.c.agreement_id == agreement_id)
    if window is not None:
        query = query.where(lists.c.window == window)
    if replayable:
        query = query.where(snapshots.c.snapshot_id.is_not(None))
    return [MadeList(**dict(row._mapping) | {"state": ListState(row.state)}) for row in connection.execute(query)]  # noqa: SLF001 - the public way to a row's names


def newest_receipts(connection: Connection, list_ids: Collection[int], verdict: str) -> dict[int, KeptReceipt]:
    """Return of each list the newest receipt that had this verdict."""
    statement = (
        select(receipts.c.list_id, receipts.c.level, receipts.c.collected_at)
        .where(receipts.c.list_id.in_(sorted(list_ids)), receipts.c.verdict == verdict, receipts.c.level.is_not(None))
        .order_by(receipts.c.explained_by)
    )
    rows = connection.execute(statement)
    return {row.list_id: KeptReceipt(ReceiptLevel(row.level), from_text(row.collected_at)) for row in rows}


def evidence_since(connection: Connection) -> datetime:
    """Return since when this database holds evidence."""
    made = select(ledger.c.at).where(ledger.c.event == Event.DATABASE_CREATED.value)
    return from_text(connection.execute(made.order_by(ledger.c.position).limit(1)).scalar_one())


def _disclosed(row: Row[tuple[object, ...]]) -> DisclosedRow:
    return DisclosedRow(
        list_id=row.list_id,
        list_reference=row.reference,
        agreement_id=row.agreement_id,
        version=row.version,
        statement_hash=row.statement_hash,
        partner=row.partner,
        window=row.window,
        part=row.part,
        state=ListState(row.state),
        position=row.position,
        subject_ref=row.subject_ref,
        fields=row.fields,
        factors=row.factors,
        commitment=row.commitment,
        leaf=row.leaf,
        line_sealed=row.line_sealed,
        secret=row.secret,
        sent_at=from_text(row.settled_at or row.at),
    )
