"""Make the rows of a list, some thousand at a time: the bytes of each line as sent, and the evidence of it.

- A scanned line is CSV without its terminator: `subject_ref,secret,factors,<agreed fields but record_ref>`. The first
  three are of plain characters and are cut off by position; the rest is never parsed or changed.
- The partner's reference goes in front, lines end in CRLF, and what a row commits to is the line without that.
- The hashes are those that evidence.py gives of a single row. Here what is the same for all is put together once, and
  each step is done for every row before the next: a call costs as much as a hash.

Pure, and of the standard library alone: it also runs in a process of its own (store/rows_child.py).
"""

import hashlib
from binascii import a2b_hex, b2a_hex
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from struct import Struct
from typing import Any, NamedTuple

from gateway.ledger.digests import DecisionDigest, LeavesDigest, LinesDigest
from gateway.ledger.tree import GrowingTree

LINE_END = b"\r\n"
#: 96 bits of the reference's hash: that two of a million people share one has a chance of one in 10^17.
REFERENCE_BYTES = 12
_SUBJECT_REF, _SECRET, _FACTORS_FROM = slice(0, 36), slice(37, 101), 102
_sha256 = hashlib.sha256

#: As a row of evidence: position, subject_ref, fields, factors (masked), commitment, leaf, sealed line.
EvidenceRow = tuple[int, str, int, int, bytes, bytes, bytes | None]
#: Seals the line of a row, of its secret, the list's reference, the position and the line.
SealLine = Callable[[bytes, str, int, bytes], bytes]


class RowTerms(NamedTuple):
    """What is the same for every row of a list.

    `agreement` and `place` are what a commitment and a keystream have of the agreement and of the list, `prefix` is
    what a leaf begins with, `key` is the agreement's own for references.
    """

    list_reference: str
    agreement: bytes
    place: bytes
    prefix: bytes
    fields: int
    key: bytes


class Made(NamedTuple):
    """What the rows of a list come to: how many, the tree's root and whole subtrees, and digests of all of them.

    `lines` is None where no line is kept.
    """

    people: int
    root: bytes
    subtrees: tuple[bytes, ...]
    leaves: str
    lines: str | None
    decisions: str


def keyed_states(key: bytes) -> tuple[Any, Any]:
    """Return the two hash states with which HMAC-SHA256 under a key begins."""
    block = key.ljust(64, b"\0") if len(key) <= 64 else _sha256(key).digest().ljust(64, b"\0")  # noqa: PLR2004
    return _sha256(bytes(byte ^ 0x36 for byte in block)), _sha256(bytes(byte ^ 0x5C for byte in block))


def make_rows(
    scanned: Sequence[bytes], terms: RowTerms, first: int, seal: SealLine | None = None
) -> tuple[bytes, list[EvidenceRow]]:
    """Return the bytes and the evidence of rows that begin at the position `first`; `seal` keeps their lines."""
    sha256, (_, agreement, place, prefix, fields, _) = _sha256, terms
    inner, outer = (state.copy for state in keyed_states(terms.key))
    references: list[bytes] = []
    secrets: list[bytes] = []
    lines: list[bytes] = []
    masked: list[int] = []
    for source in scanned:
        end = source.find(b",", _FACTORS_FROM)
        if end < 0:
            end = len(source)
        reference, secret = source[_SUBJECT_REF], a2b_hex(source[_SECRET])
        first_hash, second_hash = inner(), outer()
        first_hash.update(reference)
        second_hash.update(first_hash.digest())
        lines.append(b"R" + b2a_hex(second_hash.digest()[:REFERENCE_BYTES]) + source[end:])
        keystream = sha256(b"factors" + secret + place).digest()
        masked.append(int(source[_FACTORS_FROM:end]) ^ (keystream[0] << 8 | keystream[1]))
        references.append(reference)
        secrets.append(secret)
    positions = range(first, first + len(lines))
    committed = [sha256(secret + agreement + line).digest() for secret, line in zip(secrets, lines, strict=True)]
    # One packing for each row: joining five pieces takes as long as their hash.
    pack = Struct(f">{len(prefix)}sI36sII32s").pack
    contents = map(pack, repeat(prefix), positions, references, repeat(fields), masked, committed)
    leaves = [sha256(content).digest() for content in contents]
    kept: Iterable[bytes | None] = repeat(None, len(lines))
    if seal is not None:
        kept = map(seal, secrets, repeat(terms.list_reference), positions, lines)
    texts = [reference.decode() for reference in references]
    rows = list(zip(positions, texts, repeat(fields, len(lines)), masked, committed, leaves, kept, strict=True))
    return LINE_END.join([*lines, b""]), rows


class Totals:
    """Takes rows as they are made, and says what they come to."""

    def __init__(self) -> None:
        self._tree, self._leaves = GrowingTree(), LeavesDigest()
        self._lines, self._decisions = LinesDigest(), DecisionDigest()

    def add(self, rows: Sequence[EvidenceRow]) -> None:
        """Add more rows."""
        leaves = [row[5] for row in rows]
        self._tree.extend(leaves)
        self._leaves.extend(b"".join(leaves))
        self._decisions.extend_selected([row[1] for row in rows])
        self._lines.extend([row[6] for row in rows if row[6] is not None])

    def made(self) -> Made:
        """Return what they come to."""
        lines = self._lines.hexdigest() if self._lines.count else None
        tree, digests = self._tree, (self._leaves.hexdigest(), lines, self._decisions.hexdigest())
        return Made(tree.size, tree.root(), tuple(tree.subtrees), *digests)
