"""Edge: what proofs and bundles are made of: checkpoints with every signature on them, hand-overs, rows of a list."""

from collections.abc import Collection, Iterator
from datetime import date

from sqlalchemy import Connection, Row, func, select

from gateway.errors import LedgerDamaged
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.entries import Entry, read_entry
from gateway.ledger.events import Event
from gateway.ledger.notes import add_signature, read_note
from gateway.ledger.proof_documents import HandOver, SignedCheckpoint
from gateway.store.sampling import KeptCheckpoint, checkpoint_of, entry_at, newest_checkpoint
from gateway.store.streams import stream
from gateway.store.tables import checkpoints, cosignatures, evidence, ledger, lists


def newest_signed(connection: Connection, origin: str) -> SignedCheckpoint:
    """Return the newest checkpoint. Raises LedgerDamaged where the log has none."""
    kept = newest_checkpoint(connection)
    if kept is None:
        raise LedgerDamaged("the log has no checkpoint")
    return _with_every_signature(connection, origin, kept)


def newest_cosigned(connection: Connection, origin: str, at_least: int) -> SignedCheckpoint | None:
    """Return the newest checkpoint of the log that somebody co-signed, where one counts so many entries."""
    query = (
        select(func.max(cosignatures.c.size))
        .join(checkpoints, checkpoints.c.size == cosignatures.c.size)
        .where(cosignatures.c.root == checkpoints.c.root, cosignatures.c.size >= at_least)
    )
    size = connection.execute(query).scalar()
    return signed_at(connection, origin, size) if size else None


def signed_at(connection: Connection, origin: str, size: int) -> SignedCheckpoint | None:
    """Return the checkpoint that counts so many entries with its signatures and co-signatures, if there is one."""
    kept = checkpoint_of(connection, size)
    return _with_every_signature(connection, origin, kept) if kept is not None else None


def _with_every_signature(connection: Connection, origin: str, kept: KeptCheckpoint) -> SignedCheckpoint:
    same = (cosignatures.c.size == kept.size, cosignatures.c.root == kept.root)
    note = kept.note
    for other in connection.execute(select(cosignatures.c.note).where(*same).order_by(cosignatures.c.cosigned_at)):
        for signature in read_note(other.note)[1]:
            if signature not in read_note(note)[1]:
                note = add_signature(note, signature)
    return SignedCheckpoint(Checkpoint(origin, kept.size, kept.root), note)


def cosigned_notes(connection: Connection) -> list[str]:
    """Return every co-signed checkpoint as it was kept, the smallest first."""
    query = select(cosignatures.c.note).order_by(cosignatures.c.size, cosignatures.c.cosigned_at)
    return list(connection.execute(query).scalars())


def hand_overs(connection: Connection, origin: str, size: int) -> list[HandOver]:
    """Return the hand-overs to other keys among the first entries of the log."""
    of_keys = select(ledger.c.position).where(ledger.c.event == Event.LOG_KEY_CHANGED.value, ledger.c.position <= size)
    found = []
    for position in connection.execute(of_keys.order_by(ledger.c.position)).scalars():
        entry, signed = entry_at(connection, position), signed_at(connection, origin, position)
        if entry is None or signed is None:
            raise LedgerDamaged(f"entry {position} hands the log over, and has no checkpoint of its own")
        found.append(HandOver(entry, signed))
    return found


def sealing_of(connection: Connection, list_id: int) -> Entry | None:
    """Return the newest entry that sealed a list."""
    sealed = (
        select(lists.c.reference, ledger.c.body)
        .join(ledger, ledger.c.at == lists.c.sealed_at)
        .where(lists.c.list_id == list_id, ledger.c.event == Event.LIST_SEALED.value)
    )
    found = connection.execute(sealed.order_by(ledger.c.position.desc()))
    entries = ((reference, read_entry(body)) for reference, body in found)
    return next((entry for reference, entry in entries if entry.body["list"] == reference), None)


def list_id_of(connection: Connection, reference: str) -> int | None:
    """Return the id of a list."""
    return connection.execute(select(lists.c.list_id).where(lists.c.reference == reference)).scalar()


def positions_of(connection: Connection, list_id: int, subjects: Collection[str]) -> list[int]:
    """Return the positions of people on a list."""
    query = select(evidence.c.position).where(evidence.c.list_id == list_id, evidence.c.subject_ref.in_(subjects))
    return list(connection.execute(query.order_by(evidence.c.position)).scalars())


def sealed_lists(connection: Connection, first: date, last: date) -> list[str]:
    """Return the references of the lists for days from the first to the last that were sealed, by day and part."""
    query = select(lists.c.reference).where(
        lists.c.window.between(first.isoformat(), last.isoformat()), lists.c.root.is_not(None)
    )
    return list(connection.execute(query.order_by(lists.c.window, lists.c.reference)).scalars())


def rows_of(connection: Connection, list_id: int) -> Iterator[Row[int, str, int, int, bytes, bytes]]:
    """Yield position, reference, fields, factors, commitment and leaf of each row of a list."""
    columns = evidence.c
    query = select(
        columns.position, columns.subject_ref, columns.fields, columns.factors, columns.commitment, columns.leaf
    )
    return stream(connection, query.where(columns.list_id == list_id).order_by(columns.position))


def log_contents(connection: Connection, size: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield position, bytes and leaf of the first entries of the log."""
    query = select(ledger.c.position, ledger.c.body, ledger.c.leaf).where(ledger.c.position <= size)
    return ((row.position, bytes(row.body), bytes(row.leaf)) for row in stream(connection, query.order_by("position")))
