"""Edge: rows of evidence for `audit verify`, in blocks of columns, so that a million of them take seconds.

- A block is some thousand rows of one list that follow one another, as the leaves need them.
- The next blocks are read while this one is hashed: by another thread, over the same connection, so that all are of
  the one snapshot that the verification sees. A driver lets one statement run at a time, and lets go of Python while
  its database works; so the two share two processors without a second process or a second login.
- Rows that do not pack (`packed_rows.py`) are read as they are.

Nothing is judged here. Memory holds some blocks, whatever the number of rows.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, select
from sqlalchemy.pool import SingletonThreadPool

from gateway.store.packed_on_postgresql import OnPostgreSQL
from gateway.store.packed_on_sqlite import OnSQLite
from gateway.store.packed_rows import ROWS, Ends, EvidenceRow, Packed, Packer
from gateway.store.streams import read_ahead, stream
from gateway.store.tables import evidence

__all__ = ["ROWS", "EvidenceBlock", "EvidenceRow", "evidence_by_list", "sealed_lines"]

#: The DB-API's word for a driver whose connections may be shared between threads.
_SHARED_CONNECTIONS = 3


class EvidenceBlock(NamedTuple):
    """Rows of one list in their order.

    `worked_out` gives their leaves under the reference of the list, and nothing where a row is like none of ours;
    `lines` counts the rows that keep a line; `rows` gives them as they are.
    """

    size: int
    lines: int
    positions: range
    stored: Sequence[bytes]
    worked_out: Callable[[str], list[bytes]]
    rows: Callable[[], Iterable[EvidenceRow]]


def evidence_by_list(connection: Connection) -> Iterator[tuple[int, Iterator[EvidenceBlock]]]:
    """Yield each list that has evidence, with its blocks in order; take the blocks before the next list."""
    packer: Packer = OnSQLite(connection) if connection.dialect.name == "sqlite" else OnPostgreSQL(connection)
    blocks = _blocks(packer)
    if _may_be_shared(connection):
        blocks = read_ahead(blocks)
    return ((list_id, map(itemgetter(1), group)) for list_id, group in groupby(blocks, itemgetter(0)))


def sealed_lines(connection: Connection, list_id: int) -> Iterator[bytes]:
    """Yield the lines that a list keeps, in their order."""
    kept = (evidence.c.list_id == list_id, evidence.c.line_sealed.is_not(None))
    query = select(evidence.c.line_sealed).where(*kept).order_by(evidence.c.position)
    return (line for (line,) in stream(connection, query))


def _may_be_shared(connection: Connection) -> bool:
    """Say whether another thread may use the connection: of a database in memory, no other may."""
    if connection.dialect.name == "postgresql":
        return True
    return sqlite3.threadsafety == _SHARED_CONNECTIONS and not isinstance(connection.engine.pool, SingletonThreadPool)


def _blocks(packer: Packer) -> Iterator[tuple[int, EvidenceBlock]]:
    for ends in packer.ends():
        if isinstance(ends.first, int) and isinstance(ends.last, int):
            yield from ((ends.list_id, block) for block in _between(packer, ends))
        else:
            yield ends.list_id, _block(packer.unpacked(ends.list_id), packer, ends.list_id, None)


def _between(packer: Packer, ends: Ends) -> Iterator[EvidenceBlock]:
    begins = _begin_of(ends.first)
    while begins < ends.last:
        packed = packer.block(ends.list_id, begins)
        if packed.size:
            yield _block(packed, packer, ends.list_id, begins)
            begins += ROWS
        else:
            begins = _begin_of(packer.next_position(ends.list_id, begins))


def _begin_of(position: int) -> int:
    """Return where the block begins that a position is in."""
    return (position - 1) // ROWS * ROWS


def _block(packed: Packed, packer: Packer, list_id: Any, begins: int | None) -> EvidenceBlock:
    return EvidenceBlock(*packed, partial(packer.rows, list_id, begins))
