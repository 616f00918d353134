"""Edge: what an audit sample is drawn from: how each list stood when the log had a size, and rows of evidence."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select

from gateway.ledger.entries import Entry, read_entry
from gateway.store.tables import checkpoints, evidence, ledger, lists

_OF_LISTS = "disclosure:list:"


class RowOfEvidence(NamedTuple):
    """One row of evidence, and whether the line that was told is kept."""

    position: int
    subject_ref: str
    fields: int
    factors: int
    commitment: bytes
    leaf: bytes
    is_line_kept: bool


class KeptCheckpoint(NamedTuple):
    """A checkpoint of the log."""

    size: int
    root: bytes
    note: str


def entries_of_lists(connection: Connection, size: int) -> Iterator[Entry]:
    """Yield every entry about a list of the first `size` entries of the log, oldest first."""
    query = (
        select(ledger.c.body)
        .where(ledger.c.event.startswith(_OF_LISTS, autoescape=True), ledger.c.position <= size)
        .order_by(ledger.c.position)
    )
    return map(read_entry, connection.execute(query).scalars())


def ids_of_lists(connection: Connection) -> dict[str, int]:
    """Return the id of each list by its reference."""
    return {row.reference: row.list_id for row in connection.execute(select(lists.c.reference, lists.c.list_id))}


def row_of(connection: Connection, list_id: int, position: int) -> RowOfEvidence | None:
    """Return one row of evidence, where it is kept."""
    columns = evidence.c
    row = connection.execute(
        select(
            columns.position,
            columns.subject_ref,
            columns.fields,
            columns.factors,
            columns.commitment,
            columns.leaf,
            columns.line_sealed.is_not(None),
        ).where(columns.list_id == list_id, columns.position == position)
    ).first()
    return (
        None
        if row is None
        else RowOfEvidence(row[0], row[1], row[2], row[3], bytes(row[4]), bytes(row[5]), bool(row[6]))
    )


def newest_checkpoint(connection: Connection) -> KeptCheckpoint | None:
    """Return the newest checkpoint, if there is one."""
    row = connection.execute(select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)).first()
    return None if row is None else KeptCheckpoint(row.size, row.root, row.note)


def checkpoint_of(connection: Connection, size: int) -> KeptCheckpoint | None:
    """Return the checkpoint that counts so many entries, if one was signed then."""
    row = connection.execute(select(checkpoints).where(checkpoints.c.size == size)).first()
    return None if row is None else KeptCheckpoint(row.size, row.root, row.note)


def entry_at(connection: Connection, position: int) -> Entry | None:
    """Return the entry at a place of the log, if there is one."""
    content = connection.execute(select(ledger.c.body).where(ledger.c.position == position)).scalar()
    return None if content is None else read_entry(content)
