"""Rows of evidence in packed form: whether they give the leaves that they keep, and the subtrees that these make.

Two forms, one for what each kind of database packs. In both a row's columns have fixed widths, so that none can be read
into the next.

Pure, and of the standard library alone: it also runs in a process of its own (store/hashing_child.py).
"""

import hashlib
import struct
from typing import NamedTuple

from gateway.ledger.tree import HASH_BYTES, SUBTREE, root_of

_REFERENCE = 36
#: Position, reference, fields, factors and commitment; then the leaf.
WITH_NUMBERS = struct.Struct(f">{4 + _REFERENCE + 8 + HASH_BYTES}s{HASH_BYTES}s")
#: Reference, commitment, leaf.
WITHOUT_NUMBERS = struct.Struct(f"{_REFERENCE}s{HASH_BYTES}s{HASH_BYTES}s")


class PackedRows(NamedTuple):
    """Rows of one list from a position on, without a gap.

    `data` has a record for each. Where `numbers` is empty the records hold all columns; otherwise these are decimals
    with commas, one for each row: its fields in the upper 32 bits and its factors in the lower.
    """

    first: int
    data: bytes
    numbers: bytes = b""

    @property
    def rest(self) -> list[bytes]:
        """The leaves that are stored behind the last whole subtree."""
        size = (WITHOUT_NUMBERS if self.numbers else WITH_NUMBERS).size
        whole = len(self.data) // size // SUBTREE * SUBTREE
        return [self.data[end - HASH_BYTES : end] for end in range((whole + 1) * size, len(self.data) + 1, size)]


def subtrees_of(prefix: bytes, rows: PackedRows) -> list[bytes] | None:
    """Return the roots of the whole subtrees that the rows' leaves make; None where a row does not give its leaf.

    `prefix` is what each leaf of the list begins with; the first row begins a subtree.
    """
    stored, worked_out = _leaves_without(prefix, rows) if rows.numbers else _leaves_with(prefix, rows)
    if stored != worked_out:
        return None
    ends = range(SUBTREE, len(stored) + 1, SUBTREE)
    return [root_of(stored[end - SUBTREE : end]) for end in ends]


_Leaves = tuple[list[bytes], list[bytes]]


def _leaves_with(prefix: bytes, rows: PackedRows) -> _Leaves:
    sha256, records = hashlib.sha256, list(WITH_NUMBERS.iter_unpack(rows.data))
    return [leaf for _, leaf in records], [sha256(prefix + content).digest() for content, _ in records]


def _leaves_without(prefix: bytes, rows: PackedRows) -> _Leaves:
    sha256, records = hashlib.sha256, list(WITHOUT_NUMBERS.iter_unpack(rows.data))
    # One packing for each row: joining five pieces takes as long as their hash.
    content = struct.Struct(f">{len(prefix)}sI{_REFERENCE}sQ{HASH_BYTES}s").pack
    both, positions = map(int, rows.numbers.split(b",")), range(rows.first, rows.first + len(records))
    worked_out = [
        sha256(content(prefix, position, reference, numbers, committed)).digest()
        for position, (reference, committed, _), numbers in zip(positions, records, both, strict=True)
    ]
    return [leaf for _, _, leaf in records], worked_out
