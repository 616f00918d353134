"""Mark claimants, and pairs of a claimant and a person, by keyed hashes: a verdict holds until these change.

A mark is HMAC-SHA256 under a key made of the agreement's own, over the normal form of number, day of birth and names:
the same claimant in next month's file has the same, and nobody can guess a number from it. An address is not in it,
because people move and stay who they are.

Pure.
"""

import hashlib
import hmac
from collections.abc import Iterable

from gateway.model.linkage import Person
from gateway.model.work_coach_list import Claimant
from gateway.reconciliation.comparable import Comparable, Reader

_PURPOSE = b"marks of verdicts on work-coach lists"


class Marks:
    """Makes the marks under one agreement's key."""

    def __init__(self, reference_key: bytes, reader: Reader) -> None:
        self._key = hmac.digest(reference_key, _PURPOSE, "sha256")
        self.reader = reader

    def of_row(self, claimant: Claimant) -> bytes:
        """Return the mark of a claimant."""
        return self._mark(b"row", _identity(self.reader.claimant(claimant)))

    def of_pair(self, claimant: Claimant, person: Person) -> bytes:
        """Return the mark of a claimant and a person together."""
        row, other = self.reader.claimant(claimant), self.reader.person(person)
        return self._mark(b"pair", [person.key, *_identity(row), *_identity(other)])

    def stand_in(self, subject_ref: str) -> bytes:
        """Return what stands in for the secret of somebody who is forgotten."""
        return self._mark(b"told", [subject_ref])

    def _mark(self, kind: bytes, values: Iterable[str]) -> bytes:
        content = b"".join(len(each.encode()).to_bytes(2) + each.encode() for each in values)
        return hmac.digest(self._key, kind + hashlib.sha256(content).digest(), "sha256")


def _identity(side: Comparable) -> list[str]:
    names = " ".join((side.before or "", *side.given))
    return [each or "" for each in (side.nino, side.born, side.forenames, names, side.surname)]
