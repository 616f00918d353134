"""Edge: the receipts that came, accepted or refused, each exactly as it came.

A receipt is known by SHA-256 of its bytes: one that comes twice is one. Each row takes the ledger entry that explains
it (law L10), and none is ever changed.
"""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from gateway.model.receipt import ReceiptLevel
from gateway.model.time import from_text
from gateway.store.tables import ledger, lists, receipts
from gateway.store.work import Work


def receipt_kept(connection: Connection, raw_sha256: str) -> bool:
    """Say whether a receipt of these bytes came before."""
    return connection.execute(select(receipts.c.verdict).where(receipts.c.raw_sha256 == raw_sha256)).first() is not None


def keep_receipt(
    work: Work,
    *,
    raw: bytes,
    raw_sha256: str,
    partner: str,
    verdict: str,
    collected_at: str,
    list_id: int | None,
    level: str | None,
    explained_by: int,
) -> None:
    """Keep a receipt as it came."""
    work.connection.execute(
        insert(receipts).values(
            raw_sha256=raw_sha256,
            list_id=list_id,
            partner=partner,
            level=level,
            verdict=verdict,
            collected_at=collected_at,
            raw=raw,
            explained_by=explained_by,
        )
    )


def newest_receipts(connection: Connection, most: int, *, without: str | None) -> list[tuple[datetime, bytes]]:
    """Return when the newest receipts came, and the bytes of their entries; none that had the verdict `without`."""
    query = select(receipts.c.collected_at, ledger.c.body).join(ledger, ledger.c.position == receipts.c.explained_by)
    if without is not None:
        query = query.where(receipts.c.verdict != without)
    newest = query.order_by(receipts.c.explained_by.desc()).limit(most)
    return [(from_text(row.collected_at), row.body) for row in connection.execute(newest)]


def levels_with_verdict(connection: Connection, list_id: int, verdict: str) -> frozenset[ReceiptLevel]:
    """Return the levels of a list's receipts that had this verdict."""
    query = select(receipts.c.level).where(receipts.c.list_id == list_id, receipts.c.verdict == verdict)
    return frozenset(ReceiptLevel(level) for level in connection.execute(query).scalars() if level)


def package_listed(connection: Connection, partner: str, remote_name: str) -> tuple[str, str] | None:
    """Return reference and package hash of the partner's list that was sent under a name, if there is one."""
    query = select(lists.c.reference, lists.c.package_sha256).where(
        lists.c.partner == partner, lists.c.remote_name == remote_name, lists.c.package_sha256.is_not(None)
    )
    row = connection.execute(query).first()
    return (row.reference, row.package_sha256) if row else None


def state_since(connection: Connection, list_id: int) -> datetime:
    """Return since when a list has been in its state: the instant of the entry that explains it."""
    query = select(ledger.c.at).join(lists, lists.c.explained_by == ledger.c.position).where(lists.c.list_id == list_id)
    return from_text(connection.execute(query).scalar_one())
