"""Edge: rows of evidence for `audit verify`, in blocks, so that a million of them take seconds.

- A block is some thousand rows of one list that follow one another. They come packed, are hashed (`hashing.py`), and of
  rows that give the leaves which they keep, only roots and these leaves are looked at again.
- The next block is read while this one is hashed.
- Rows that do not pack or do not fit are read as they are, so that what is wrong can be said of each.

Nothing is judged here. Memory holds some blocks, whatever the number of rows.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from gateway.ledger.evidence import leaf_prefix
from gateway.store.hashing import Hashing, hashing
from gateway.store.packed_on_postgresql import OnPostgreSQL
from gateway.store.packed_on_sqlite import OnSQLite
from gateway.store.packed_rows import ROWS, Ends, EvidenceRow, Packed, Packer
from gateway.store.streams import stream
from gateway.store.tables import evidence

__all__ = ["ROWS", "EvidenceBlock", "EvidenceRow", "evidence_by_list", "sealed_lines"]

#: Blocks that are hashed while the next is read.
_AHEAD = 2


class EvidenceBlock(NamedTuple):
    """Rows of one list in their order; `lines` counts those that keep a line.

    `positions`, `subtrees` and the leaves in `rest` are of rows that give the leaves which they keep: the roots of
    whole subtrees, then the leaves behind these. `subtrees` is None where a row does not; `rows` gives all as they are.
    """

    list_id: Any
    size: int
    lines: int
    positions: range
    subtrees: Sequence[bytes] | None
    rest: Sequence[bytes]
    rows: Callable[[], Iterable[EvidenceRow]]


class _Read(NamedTuple):
    """A block that was read; `begins` is None for all of a list whose positions are not numbers."""

    list_id: Any
    begins: int | None
    packed: Packed


def evidence_by_list(
    connection: Connection, references: Mapping[int, str]
) -> Iterator[tuple[int, Iterator[EvidenceBlock]]]:
    """Yield each list that has evidence, with its blocks in order; take the blocks before the next list.

    `references` are those of the lists, which their leaves begin with.
    """
    packer: Packer = OnSQLite(connection) if connection.dialect.name == "sqlite" else OnPostgreSQL(connection)
    return groupby(_blocks(packer, references), attrgetter("list_id"))


def sealed_lines(connection: Connection, list_id: int) -> Iterator[bytes]:
    """Yield the lines that a list keeps, in their order."""
    kept = (evidence.c.list_id == list_id, evidence.c.line_sealed.is_not(None))
    query = select(evidence.c.line_sealed).where(*kept).order_by(evidence.c.position)
    return (line for (line,) in stream(connection, query))


def _blocks(packer: Packer, references: Mapping[int, str]) -> Iterator[EvidenceBlock]:
    ends = packer.ends()
    with hashing(sum(each.last - each.first for each in ends if _is_numbered(each))) as hashes:
        waiting = deque[_Read]()
        for read in _reads(packer, ends):
            if read.packed.rows:
                hashes.ask(leaf_prefix(references.get(read.list_id, "")), read.packed.rows)
            waiting.append(read)
            if len(waiting) > _AHEAD:
                yield _hashed(packer, hashes, waiting.popleft())
        while waiting:
            yield _hashed(packer, hashes, waiting.popleft())


def _hashed(packer: Packer, hashes: Hashing, read: _Read) -> EvidenceBlock:
    rows, packed = partial(packer.rows, read.list_id, read.begins), read.packed
    subtrees = hashes.answer() if packed.rows else None
    if packed.rows is None or subtrees is None:
        return EvidenceBlock(read.list_id, packed.size, packed.lines, range(0), None, (), rows)
    positions = range(packed.rows.first, packed.rows.first + packed.size)
    return EvidenceBlock(read.list_id, packed.size, packed.lines, positions, subtrees, packed.rows.rest, rows)


def _reads(packer: Packer, ends: Iterable[Ends]) -> Iterator[_Read]:
    for each in ends:
        if _is_numbered(each):
            yield from _between(packer, each)
        else:
            yield _Read(each.list_id, None, packer.unpacked(each.list_id))


def _between(packer: Packer, ends: Ends) -> Iterator[_Read]:
    begins = _begin_of(ends.first)
    while begins < ends.last:
        packed = packer.block(ends.list_id, begins)
        if packed.size:
            yield _Read(ends.list_id, begins, packed)
            begins += ROWS
        else:
            begins = _begin_of(packer.next_position(ends.list_id, begins))


def _is_numbered(ends: Ends) -> bool:
    return isinstance(ends.first, int) and isinstance(ends.last, int)


def _begin_of(position: int) -> int:
    """Return where the block begins that a position is in."""
    return (position - 1) // ROWS * ROWS
