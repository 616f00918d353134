"""Edge: how SQLite packs rows of evidence.

It joins bytes as text without looking at them. It has no way to write a number as bytes, so numbers come as decimals.
Any column may hold any kind of value, so each is asked for its kind.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from gateway.ledger.packed import WITHOUT_NUMBERS, PackedRows
from gateway.store.packed_rows import ROWS, EvidenceRow, Packed, Packer

_PACKED = """
    SELECT
        count(*), count(line_sealed), min(position), max(position), min(fit),
        CAST(group_concat(record, '') AS BLOB), CAST(group_concat(numbers) AS BLOB), group_concat(position)
    FROM (
        SELECT
            position, line_sealed, subject_ref || commitment || leaf AS record, (fields << 32) + factors AS numbers,
            typeof(subject_ref) = 'text' AND typeof(commitment) = 'blob' AND typeof(leaf) = 'blob'
            AND length(subject_ref) = 36 AND length(commitment) = 32 AND length(leaf) = 32
            AND typeof(fields) = 'integer' AND fields BETWEEN 0 AND 2147483647
            AND typeof(factors) = 'integer' AND factors BETWEEN 0 AND 4294967295 AS fit
        FROM evidence WHERE list_id = ? AND position > ? AND position <= ? ORDER BY position
    )
"""
_NAMES = ", ".join(EvidenceRow._fields)


class OnSQLite(Packer):
    """Packs on SQLite."""

    mark = "?"

    def block(self, list_id: Any, begins: int) -> Packed:
        """Return the rows at the `ROWS` places behind `begins`."""
        asked = (list_id, begins, begins + ROWS)
        size, lines, first, last, fit, data, numbers, positions = self.driver.execute(_PACKED, asked).fetchone()
        if not fit or first < 1 or len(data) != size * WITHOUT_NUMBERS.size or positions != _as_text(first, last):
            return Packed(size, lines)
        return Packed(size, lines, PackedRows(first, data, numbers))

    def rows(self, list_id: Any, begins: int | None) -> Iterator[EvidenceRow]:
        """Yield the rows of a block, or of a whole list, one by one as they are."""
        behind, to = ("", ()) if begins is None else (" AND position > ? AND position <= ?", (begins, begins + ROWS))
        query = f"SELECT {_NAMES} FROM evidence WHERE list_id = ?{behind} ORDER BY position"  # noqa: S608 - constants
        return map(EvidenceRow._make, self.driver.execute(query, (list_id, *to)))


@lru_cache(maxsize=64)
def _as_text(first: object, last: object) -> str:
    """Return the positions from the first to the last as SQLite joins them: the same in every list."""
    if not (isinstance(first, int) and isinstance(last, int)):
        return ""
    return ",".join(map(str, range(first, last + 1)))
