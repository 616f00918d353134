"""Edge: rows of evidence for `audit verify`, in blocks of columns, so that a million of them take seconds.

- A block is some thousand rows of one list that follow one another, as the leaves need them.
- SQLite hands rows over cheaply. PostgreSQL packs them itself and hands over one value for each
  block: a message for each row costs more than its hashes. It hashes nothing, because it is what is being verified.
- A row that is like none of ours makes its block unfit. Then the rows are read as they are.

Nothing is judged here. Memory holds one block, whatever the number of rows.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, text

from gateway.ledger.evidence import leaves_of, leaves_of_rows
from gateway.store.streams import stream
from gateway.store.tables import evidence

#: A power of two, so that a full block is a whole subtree.
ROWS = 4096
#: Some blocks at once: half a megabyte each.
_BLOCKS_AT_ONCE = 4


class EvidenceRow(NamedTuple):
    """A row of evidence under its list."""

    list_id: int
    position: int
    subject_ref: str
    fields: int
    factors: int
    commitment: bytes
    leaf: bytes
    line_sealed: bytes | None


_Stored = tuple[int, int, str, int, int, bytes, bytes, bytes | None]


class EvidenceBlock(NamedTuple):
    """Rows of one list in their order.

    `worked_out` gives their leaves under the reference of the list, and nothing where a row is like none of ours;
    `lines` counts the rows that keep a line; `rows` gives them as they are.
    """

    size: int
    positions: Sequence[int]
    stored: Sequence[object]
    worked_out: Callable[[str], list[bytes]]
    lines: int
    rows: Callable[[], Sequence[EvidenceRow]]


def evidence_by_list(connection: Connection) -> Iterator[tuple[int, Iterator[EvidenceBlock]]]:
    """Yield each list that has evidence, with its blocks in order; take the blocks before the next list."""
    blocks = _on_sqlite if connection.dialect.name == "sqlite" else _on_postgresql
    return ((list_id, map(itemgetter(1), group)) for list_id, group in groupby(blocks(connection), itemgetter(0)))


def _on_sqlite(connection: Connection) -> Iterator[tuple[int, EvidenceBlock]]:
    names = ", ".join(EvidenceRow._fields)
    query = f"SELECT {names} FROM evidence ORDER BY list_id, position"  # noqa: S608 - names of columns
    # The driver's own cursor: SQLAlchemy makes an object of each row, which takes longer than reading it.
    driver: Any = connection.connection.driver_connection
    with closing(driver.execute(query)) as cursor:
        while rows := cursor.fetchmany(ROWS):
            for list_id, group in groupby(rows, itemgetter(0)) if rows[0][0] != rows[-1][0] else [(rows[0][0], rows)]:
                yield list_id, _block(list(group))


def _block(rows: list[_Stored]) -> EvidenceBlock:
    return EvidenceBlock(
        len(rows),
        [row[1] for row in rows],
        [row[6] for row in rows],
        partial(_leaves, rows),
        len(rows) - [row[7] for row in rows].count(None),
        lambda: [EvidenceRow._make(row) for row in rows],
    )


def _leaves(rows: list[_Stored], reference: str) -> list[bytes]:
    try:
        return leaves_of_rows(reference, rows)
    # SQLite takes any value in any column.
    except (AttributeError, TypeError, ValueError, struct.error):
        return []


#: Position, reference, fields, factors, commitment; then the leaf.
_RECORD = struct.Struct(">4s36s4s4s32s32s")
_SPLIT = struct.Struct(f">{_RECORD.size - 32}s32s")
_POSITION = struct.Struct(f">i{_RECORD.size - 4}x")

#: Lists by loose index scan, then each list's blocks by range: the plan is the same however many rows there are. The
#: bytes of the columns are joined and nothing else; `fit` says that each has the width at which it is split again.
_PACKED_BY_POSTGRESQL = text(
    """
    WITH RECURSIVE of_lists(list_id) AS (
        SELECT min(list_id) FROM evidence
        UNION ALL
        SELECT (SELECT min(list_id) FROM evidence WHERE list_id > of_lists.list_id)
        FROM of_lists WHERE list_id IS NOT NULL
    ), ends AS (
        SELECT
            list_id,
            (SELECT min(position) FROM evidence WHERE evidence.list_id = of_lists.list_id) AS first,
            (SELECT max(position) FROM evidence WHERE evidence.list_id = of_lists.list_id) AS last
        FROM of_lists WHERE list_id IS NOT NULL
    )
    SELECT list_id, begins, size, fit, lines, data FROM ends
    CROSS JOIN LATERAL generate_series(first::bigint - 1 - ((first::bigint - 1) & :mask), last::bigint, :rows) AS begins
    CROSS JOIN LATERAL (
        SELECT
            count(*) AS size,
            count(line_sealed) AS lines,
            bool_and(octet_length(commitment) = 32 AND octet_length(leaf) = 32) AS fit,
            string_agg(
                int4send(position) || convert_to(subject_ref::text, 'UTF8') || int4send(fields) || int4send(factors)
                || commitment || leaf,
                ''::bytea
            ) AS data
        FROM (
            SELECT * FROM evidence
            WHERE evidence.list_id = ends.list_id AND position > begins AND position <= begins + :rows
            ORDER BY position
        ) AS ordered
    ) AS block
    WHERE size > 0
    ORDER BY list_id, begins
    """
)


def _on_postgresql(connection: Connection) -> Iterator[tuple[int, EvidenceBlock]]:
    query = _PACKED_BY_POSTGRESQL.bindparams(rows=ROWS, mask=ROWS - 1)
    for list_id, begins, size, fit, lines, data in stream(connection, query, _BLOCKS_AT_ONCE):
        rows = partial(_rows_between, connection, list_id, begins)
        if not fit or len(data) != size * _RECORD.size:
            yield list_id, EvidenceBlock(size, (), (), lambda _: [], lines, rows)
            continue
        split = list(_SPLIT.iter_unpack(data))
        positions = [position for (position,) in _POSITION.iter_unpack(data)]
        contents, stored = [content for content, _ in split], [leaf for _, leaf in split]
        yield list_id, EvidenceBlock(size, positions, stored, partial(_leaves_of, contents), lines, rows)


def _leaves_of(contents: list[bytes], reference: str) -> list[bytes]:
    return leaves_of(reference, contents)


def _rows_between(connection: Connection, list_id: int, begins: int) -> list[EvidenceRow]:
    names = [evidence.c[name] for name in EvidenceRow._fields]
    within = (evidence.c.list_id == list_id, evidence.c.position > begins, evidence.c.position <= begins + ROWS)
    return [EvidenceRow._make(row) for row in connection.execute(select(*names).where(*within).order_by("position"))]


def sealed_lines(connection: Connection, list_id: int) -> Iterator[bytes]:
    """Yield the lines that a list keeps, in their order."""
    kept = (evidence.c.list_id == list_id, evidence.c.line_sealed.is_not(None))
    query = select(evidence.c.line_sealed).where(*kept).order_by(evidence.c.position)
    return (line for (line,) in stream(connection, query))
