"""Edge: what the database holds of a list's evidence, before its root is signed (law L7).

- A database joins the leaves of some thousand rows into one value: a value for each row costs more than its hash. It
  hashes nothing, because it is what is being asked.
- Rows have to stand at the places from 1 on, each of them taken, and their leaves have to have the width of ours, so
  that no byte passes from one to the next unseen.

What was made is hashed as it is made (ledger/digests.py), so whoever compares finds
each row that was lost, changed, doubled or moved.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection

from gateway.ledger.digests import LeavesDigest, LinesDigest
from gateway.store.packed_rows import ROWS

_ENDS = "SELECT min(position), max(position) FROM evidence WHERE list_id = {}"
_ON_POSTGRESQL = """
    SELECT
        count(*), bool_and(octet_length(leaf) = 32), string_agg(leaf, ''::bytea), count(line_sealed),
        string_agg(int4send(octet_length(line_sealed)) || line_sealed, ''::bytea)
    FROM (
        SELECT leaf, line_sealed FROM evidence WHERE list_id = %s AND position > %s AND position <= %s ORDER BY position
    ) AS ordered
"""
#: Any column may hold any kind of value. `group_concat` joins bytes as text without looking at them.
_ON_SQLITE = """
    SELECT
        count(*),
        min(
            typeof(position) = 'integer' AND typeof(leaf) = 'blob' AND length(leaf) = 32
            AND typeof(line_sealed) IN ('blob', 'null')
        ),
        CAST(group_concat(leaf, '') AS BLOB), count(line_sealed)
    FROM (
        SELECT position, leaf, line_sealed FROM evidence
        WHERE list_id = ? AND position > ? AND position <= ? ORDER BY position
    )
"""
_LINES_ON_SQLITE = """
    SELECT line_sealed FROM evidence
    WHERE list_id = ? AND position > ? AND position <= ? AND line_sealed IS NOT NULL ORDER BY position
"""


class Kept(NamedTuple):
    """What rows come to: how many people, and the digests of their leaves and of the lines they keep, if any."""

    people: int
    leaves: str
    lines: str | None


class _Block(NamedTuple):
    size: int
    fit: bool | int | None
    leaves: bytes
    lines: int
    #: The lines, each behind its length.
    framed: bytes


def read_back(connection: Connection, list_id: int) -> Kept | None:
    """Return what the database holds of a list; None where its rows are not at their places, or not of our widths."""
    on_sqlite = connection.dialect.name == "sqlite"
    driver: Any = connection.connection.driver_connection
    # In the text of PostgreSQL's protocol, bytes are twice as long.
    ask = driver.execute if on_sqlite else driver.cursor(binary=True).execute
    first, last = ask(_ENDS.format("?" if on_sqlite else "%s"), (list_id,)).fetchone()
    leaves, lines = LeavesDigest(), LinesDigest()
    if first is None:
        return Kept(0, leaves.hexdigest(), None)
    if first != 1 or not isinstance(last, int):
        return None
    for begins, block in _blocks(_on_sqlite if on_sqlite else _on_postgresql, ask, list_id, last):
        # A place is taken once at most, so as many rows as places are one at each.
        if block.size != min(ROWS, last - begins) or not block.fit:
            return None
        leaves.extend(block.leaves)
        lines.extend_framed(block.lines, block.framed)
    return Kept(last, leaves.hexdigest(), lines.hexdigest() if lines.count else None)


_Asked = tuple[int, int, int]


def _blocks(read: Callable[[Any, _Asked], _Block], ask: Any, list_id: int, last: int) -> Iterator[tuple[int, _Block]]:
    for begins in range(0, last, ROWS):
        yield begins, read(ask, (list_id, begins, begins + ROWS))


def _on_postgresql(ask: Any, asked: _Asked) -> _Block:
    size, fit, leaves, lines, framed = ask(_ON_POSTGRESQL, asked).fetchone()
    return _Block(size, fit, leaves or b"", lines, framed or b"")


def _on_sqlite(ask: Any, asked: _Asked) -> _Block:
    size, fit, leaves, lines = ask(_ON_SQLITE, asked).fetchone()
    kept = [line for (line,) in ask(_LINES_ON_SQLITE, asked)] if lines and fit else []
    return _Block(size, fit, leaves or b"", lines, b"".join(len(line).to_bytes(4) + line for line in kept))
