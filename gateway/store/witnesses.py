"""Edge: checkpoints of ours that recipients co-signed, and what our log knows of a checkpoint that somebody shows.

Each co-signed note is kept with the receipt that brought it and the ledger entry that explains it (law L10), and none
is ever changed.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.cosignature import Cosigned
from gateway.ledger.entries import Event, read_entry
from gateway.model.time import as_text, from_text
from gateway.store.lists import KeptList
from gateway.store.streams import stream
from gateway.store.tables import checkpoints, cosignatures, ledger
from gateway.store.work import Work


class WitnessRow(NamedTuple):
    """A co-signed checkpoint as it is kept."""

    receipt_sha256: str
    partner: str
    witness: str
    size: int
    root: bytes
    cosigned_at: str
    note: str


def made_at(connection: Connection, checkpoint: Checkpoint) -> datetime | None:
    """Return when our log came to a checkpoint, or None where it has none of that size and root."""
    query = (
        select(ledger.c.at)
        .join(checkpoints, checkpoints.c.size == ledger.c.position)
        .where(checkpoints.c.size == checkpoint.size, checkpoints.c.root == checkpoint.root)
    )
    at = connection.execute(query).scalar()
    return from_text(at) if at else None


def checkpoint_sent(connection: Connection, kept: KeptList, origin: str) -> Checkpoint | None:
    """Return the checkpoint that went with a list: the one that ended the work in which it was sealed."""
    sealed = select(ledger.c.position, ledger.c.body).where(
        ledger.c.event == Event.LIST_SEALED.value, ledger.c.at == kept.sealed_at
    )
    for position, body in connection.execute(sealed):
        if read_entry(body).body["list"] == kept.reference:
            covering = select(checkpoints).where(checkpoints.c.size >= position).order_by(checkpoints.c.size).limit(1)
            row = connection.execute(covering).first()
            return Checkpoint(origin, row.size, row.root) if row else None
    return None


def keep_cosignature(
    work: Work, cosigned: Cosigned, *, note: str, receipt_sha256: str, partner: str, witness: str, explained_by: int
) -> None:
    """Keep a co-signed checkpoint; `witness` is the pinned key."""
    work.connection.execute(
        insert(cosignatures).values(
            receipt_sha256=receipt_sha256,
            partner=partner,
            witness=witness,
            size=cosigned.checkpoint.size,
            root=cosigned.checkpoint.root,
            cosigned_at=as_text(cosigned.at),
            note=note,
            explained_by=explained_by,
        )
    )


def largest_cosigned(connection: Connection) -> int | None:
    """Return the size of the largest checkpoint that anybody co-signed."""
    return connection.execute(select(func.max(cosignatures.c.size))).scalar()


def witness_rows(connection: Connection) -> Iterator[WitnessRow]:
    """Yield every co-signed checkpoint that is kept, in the order of their sizes."""
    names = [cosignatures.c[name] for name in WitnessRow._fields]
    rows = stream(connection, select(*names).order_by(cosignatures.c.size, cosignatures.c.receipt_sha256))
    return (WitnessRow._make(row) for row in rows)
