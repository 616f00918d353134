"""Let a withheld list go after all: exactly what a person looked at, less whoever has been held since.

A release is bound to three things: the snapshot, the policy statement and the digest of the people selected when
the list was withheld. It is decided again from the same snapshot for the same day, and the argument is:

1. Snapshot, statement, day and part are the same, so of everything that a decision reads only holds can differ.
2. The selection is made once more by the holds of the instant at which the list was withheld. Its digest is the
   one that was kept: this is what the person looked at.
3. The released selection counts those holds and today's together. More holds leave people out and let nobody in,
   so it is a part of the first; it is compared all the same, reference by reference.

Where a snapshot was changed since (somebody was forgotten) the digests differ, the release is refused, and the
next window makes a new list. Pure: references in, the number of people left out or a refusal.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.errors import NotReleasable
from gateway.ledger.digests import decision_digest


@dataclass(frozen=True, slots=True)
class Bound:
    """What a withheld list was, and what a release of it must be made from."""

    snapshot_id: int
    statement_hash: str
    decision_digest: str


def selection_digest(subject_refs: Iterable[str]) -> str:
    """Return the digest of a selection: its references in their order."""
    return decision_digest((subject_ref, None) for subject_ref in subject_refs)


def check_bound(withheld: Bound, found: Bound) -> None:
    """Raise NotReleasable unless a release starts from exactly what was withheld; `found` is decided again."""
    if found.snapshot_id != withheld.snapshot_id:
        raise NotReleasable("the list was withheld on another snapshot")
    if found.statement_hash != withheld.statement_hash:
        raise NotReleasable("the policy statement is not the one under which the list was withheld")
    if found.decision_digest != withheld.decision_digest:
        raise NotReleasable("the selection decided again is not the one that was withheld")


def check_shrinks(withheld: Iterable[str], released: Iterable[str]) -> int:
    """Return how many people a release leaves out of what was withheld; both in the order of references.

    Raises NotReleasable for a reference that was not withheld, or where the order is broken.
    """
    remaining = iter(withheld)
    return sum(_skipped_before(subject_ref, remaining) for subject_ref in released) + sum(1 for _ in remaining)


def _skipped_before(subject_ref: str, remaining: Iterator[str]) -> int:
    for skipped, candidate in enumerate(remaining):
        if candidate == subject_ref:
            return skipped
    raise NotReleasable("the release holds somebody who was not on the withheld list")
