"""Edge: how PostgreSQL packs rows of evidence. Its columns hold what they are declared to, but for widths of bytes."""

import struct
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from gateway.ledger.packed import WITH_NUMBERS, PackedRows
from gateway.store.packed_rows import ROWS, EvidenceRow, Packed, Packer
from gateway.store.tables import evidence

#: The bytes of the columns are joined and nothing else; `fit` says that each has the width at which it is split again.
_PACKED = """
    SELECT
        count(*), count(line_sealed), bool_and(octet_length(commitment) = 32 AND octet_length(leaf) = 32) AS fit,
        string_agg(
            int4send(position) || convert_to(subject_ref::text, 'UTF8') || int4send(fields) || int4send(factors)
            || commitment || leaf,
            ''::bytea
        )
    FROM (
        SELECT * FROM evidence WHERE list_id = %s AND position > %s AND position <= %s ORDER BY position
    ) AS ordered
"""
_POSITION = struct.Struct(f">i{WITH_NUMBERS.size - 4}x")


class OnPostgreSQL(Packer):
    """Packs on PostgreSQL."""

    mark = "%s"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._connection = connection

    def block(self, list_id: Any, begins: int) -> Packed:
        """Return the rows at the `ROWS` places behind `begins`."""
        asked = (list_id, begins, begins + ROWS)
        # In the text of the protocol, bytes are twice as long.
        size, lines, fit, data = self.driver.cursor(binary=True).execute(_PACKED, asked).fetchone()
        positions = [position for (position,) in _POSITION.iter_unpack(data)] if _is_packed(fit, size, data) else []
        if not positions or positions[0] < 1 or positions != list(range(positions[0], positions[0] + size)):
            return Packed(size, lines)
        return Packed(size, lines, PackedRows(positions[0], data))

    def rows(self, list_id: Any, begins: int | None) -> Iterator[EvidenceRow]:
        """Yield the rows of a block, or of a whole list, one by one as they are."""
        query = select(*(evidence.c[name] for name in EvidenceRow._fields)).where(evidence.c.list_id == list_id)
        if begins is not None:
            query = query.where(evidence.c.position > begins, evidence.c.position <= begins + ROWS)
        return map(EvidenceRow._make, self._connection.execute(query.order_by(evidence.c.position)))


def _is_packed(fit: bool | None, size: int, data: bytes | None) -> bool:  # noqa: FBT001 - as the row has them
    return bool(fit) and data is not None and len(data) == size * WITH_NUMBERS.size
