"""Blocks of a list's rows as they are made: the bytes to be sealed, and the evidence as the database takes it.

PostgreSQL takes rows as its binary COPY has them, SQLite as a prepared statement does. Of the standard library alone,
because it also runs in a process of its own (rows_child.py).
"""

from binascii import a2b_hex
from collections.abc import Sequence
from struct import Struct
from typing import NamedTuple

from gateway.ledger.made_rows import EvidenceRow, Made, RowTerms, SealLine, Totals, make_rows

#: A binary COPY begins with its signature, flags and the length of nothing more, and ends with a count of -1.
COPY_BEGINS, COPY_ENDS = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
#: How many columns, and each behind its length; hashes as text would be twice as long, and be read again.
_COPY_ROW = Struct(">hiqiii16siiiii32si32si").pack
_NULL = -1

#: What a database takes at once: bytes of a COPY, or rows with their list in front.
Evidence = bytes | list[tuple[int | str | bytes | None, ...]]


class ToMake(NamedTuple):
    """What rows are made for: the terms of their list, its number, and whether PostgreSQL takes the evidence."""

    terms: RowTerms
    list_id: int
    copies: bool
    keeps_values: bool


class Maker:
    """Makes the rows of one list, block by block in their order; `seal` keeps their lines where the list does."""

    def __init__(self, to_make: ToMake, seal: SealLine | None) -> None:
        self._to_make = to_make
        self._seal = seal if to_make.keeps_values else None
        self._totals = Totals()
        self._position = 1

    def make(self, scanned: Sequence[bytes]) -> tuple[bytes, Evidence]:
        """Return the bytes and the evidence of the next rows."""
        to_make = self._to_make
        content, rows = make_rows(scanned, to_make.terms, self._position, self._seal)
        self._position += len(rows)
        self._totals.add(rows)
        return content, evidence_of(to_make.list_id, rows, copies=to_make.copies)

    def made(self) -> Made:
        """Return what all rows come to."""
        return self._totals.made()


def evidence_of(list_id: int, rows: Sequence[EvidenceRow], *, copies: bool) -> Evidence:
    """Return rows as PostgreSQL copies them, or as SQLite takes them."""
    return copied(list_id, rows) if copies else [(list_id, *row) for row in rows]


def references_as_bytes(references: Sequence[str]) -> bytes:
    """Return references of sixteen bytes each, joined. Raises ValueError for others, which would shift all behind."""
    joined = a2b_hex("".join(references).replace("-", ""))
    if len(joined) != 16 * len(references):
        raise ValueError("a reference is none of ours")
    return joined


def copied(list_id: int, rows: Sequence[EvidenceRow]) -> bytes:
    """Return rows as PostgreSQL's binary COPY has them."""
    people = references_as_bytes([row[1] for row in rows])
    parts = [COPY_BEGINS]
    for at, (position, _, fields, factors, committed, leaf, line) in enumerate(rows):
        person = people[16 * at : 16 * at + 16]
        length = _NULL if line is None else len(line)
        parts.append(
            _COPY_ROW(8, 8, list_id, 4, position, 16, person, 4, fields, 4, factors, 32, committed, 32, leaf, length)
        )
        if line is not None:
            parts.append(line)
    parts.append(COPY_ENDS)
    return b"".join(parts)
