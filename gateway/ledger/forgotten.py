"""One line of the log of the forgotten: what must be deleted again after a backup was restored.

- A line holds keyed hashes of the subjects' references, never a reference or an identifier: whoever finds the file
  learns that so many people were forgotten, and when.
- Each line carries the hash of the one before and a keyed hash of itself, so that none is changed, put in or taken out
  of the middle unseen. Lines cut off at the end are known by whoever has a newer copy.
- Where a forgotten person is held back, the line carries their marks too: the database that had them may be lost.

Pure: the key is passed. The file is store/forget_log.py; what is deleted, store/forgets.py.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from gateway.documents.canonical import canonical_json
from gateway.errors import LedgerDamaged

#: What the first line names as the one before.
NOTHING = "0" * 64
_PERSON, _LINE, _TRAIT = b"gateway forgotten person 1\0", b"gateway forgotten line 1\0", b"gateway tombstone 1\0"
MARK_BYTES = 16


@dataclass(frozen=True, slots=True)
class ForgottenLine:
    """A line without its seal; `people` and `tombstone` are keyed and in hexadecimal."""

    forget: str
    reason: str
    case: str
    asked_by: str
    asked_at: str
    forgotten_at: str
    people: tuple[str, ...]
    tombstone: str
    previous: str


def person_mark(key: bytes, subject_ref: str) -> str:
    """Return what the log keeps of a subject."""
    return hmac.digest(key, _PERSON + subject_ref.encode(), "sha256").hex()


def trait_mark(key: bytes, trait: tuple[str, ...]) -> bytes:
    """Return what a tombstone keeps of one trait by which somebody is recognised."""
    return hmac.digest(key, _TRAIT + "\0".join(trait).encode(), "sha256")[:MARK_BYTES]


def marks_in(tombstone: bytes) -> Iterator[bytes]:
    """Yield the marks of a tombstone."""
    return (tombstone[start : start + MARK_BYTES] for start in range(0, len(tombstone), MARK_BYTES))


def write_line(key: bytes, line: ForgottenLine) -> bytes:
    """Return a line as the file holds it."""
    content = canonical_json(asdict(line))
    return canonical_json({"line": asdict(line), "seal": _seal(key, content)}) + b"\n"


def read_lines(key: bytes, lines: Iterable[bytes]) -> Iterator[ForgottenLine]:
    """Yield the lines. Raises LedgerDamaged for one that the key did not seal, or that does not follow."""
    previous = NOTHING
    for number, content in enumerate(lines, start=1):
        line = _read(key, content, number)
        if line.previous != previous:
            raise LedgerDamaged(f"line {number} of the log of the forgotten does not follow the line before it")
        previous = hash_of(content)
        yield line


def hash_of(content: bytes) -> str:
    """Return the hash of a line as the next one names it."""
    return hashlib.sha256(content.rstrip(b"\n")).hexdigest()


def name_in(content: bytes) -> str:
    """Return which forgetting a line is about, without a look at its seal. Raises LedgerDamaged."""
    try:
        return str(json.loads(content)["line"]["forget"])
    except (ValueError, KeyError, TypeError):
        raise LedgerDamaged("the last line of the log of the forgotten cannot be read") from None


def _read(key: bytes, content: bytes, number: int) -> ForgottenLine:
    try:
        found = json.loads(content)
        line = ForgottenLine(**found["line"] | {"people": tuple(found["line"]["people"])})
        seal = str(found["seal"])
    except (ValueError, KeyError, TypeError):
        raise LedgerDamaged(f"line {number} of the log of the forgotten cannot be read") from None
    if not hmac.compare_digest(seal, _seal(key, canonical_json(asdict(line)))):
        raise LedgerDamaged(f"line {number} of the log of the forgotten is not as it was written")
    return line


def _seal(key: bytes, content: bytes) -> str:
    return hmac.digest(key, _LINE + content, "sha256").hex()
