"""Edge: the disclosures of a subject, from evidence rows by their index: who asks is entered by the caller."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Select, select

from gateway.ledger.entries import Event
from gateway.model.delivery import DISCLOSED, ListState
from gateway.model.receipt import ReceiptLevel
from gateway.model.time import from_text
from gateway.store.tables import evidence, ledger, lists, receipts, statements


@dataclass(frozen=True, slots=True)
class DisclosedRow:
    """One row of evidence on a list that counts as disclosed, with its list and the agreement's document.

    `sent_at` is when the package was verified at the recipient, or else when the list came into its state.
    """

    list_id: int
    list_reference: str
    agreement_id: str
    version: int
    document: bytes
    partner: str
    window: str
    part: str
    state: ListState
    fields: int
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """An accepted receipt of a list."""

    level: ReceiptLevel
    collected_at: datetime


def disclosures_to(connection: Connection, subject_refs: Collection[str]) -> Iterator[DisclosedRow]:
    """Yield every disclosure of the subjects, oldest first. States in which nobody can be sure count too."""
    statement = (
        select(lists, evidence.c.fields, statements.c.agreement_document, ledger.c.at)
        .select_from(evidence)
        .join(lists, lists.c.list_id == evidence.c.list_id)
        .join(statements, statements.c.statement_hash == lists.c.statement_hash)
        .join(ledger, ledger.c.position == lists.c.explained_by)
        .where(
            evidence.c.subject_ref.in_(list(subject_refs)),
            lists.c.state.in_([state.value for state in DISCLOSED]),
        )
        .order_by(lists.c.window, lists.c.list_id, evidence.c.position)
    )
    return map(_disclosed, connection.execute(statement))


def newest_receipt(connection: Connection, list_id: int, verdict: str) -> KeptReceipt | None:
    """Return the newest receipt of a list that had this verdict."""
    statement: Select[tuple[str, str]] = (
        select(receipts.c.level, receipts.c.collected_at)
        .where(receipts.c.list_id == list_id, receipts.c.verdict == verdict, receipts.c.level.is_not(None))
        .order_by(receipts.c.explained_by.desc())
        .limit(1)
    )
    row = connection.execute(statement).first()
    return KeptReceipt(ReceiptLevel(row.level), from_text(row.collected_at)) if row else None


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
        document=row.agreement_document,
        partner=row.partner,
        window=row.window,
        part=row.part,
        state=ListState(row.state),
        fields=row.fields,
        sent_at=from_text(row.settled_at or row.at),
    )
