"""The pairs that are still open: for each row its candidates, for each person the rows that may be them.

- A row is ahead with a person when no other person fits it nearly as well, and no other row the person: by delta, on
  both sides. Rows that are one claimant do not stand in each other's way.
- Order is by weight, then key, then row: never by chance.

Pure.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from math import inf

from gateway.model.linkage import Candidate, Evidence
from gateway.reconciliation.vetoes import vetoes_of

MOST_CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class Pair:
    """A row and a person who may be one."""

    row: int
    key: str
    evidence: Evidence

    @property
    def bits(self) -> float:
        """Return what the pair weighs."""
        return self.evidence.bits


class Pairs:
    """All pairs of a list and a cohort that are worth a look."""

    def __init__(self, pairs: Iterable[Pair], claimant_of: Mapping[int, int]) -> None:
        """`claimant_of` names, for each row that is one claimant with others, what they have in common."""
        self._claimant_of = claimant_of
        self._of_row: defaultdict[int, list[Pair]] = defaultdict(list)
        self._of_person: defaultdict[str, list[Pair]] = defaultdict(list)
        for pair in sorted(pairs, key=lambda pair: (-pair.bits, pair.key, pair.row)):
            self._of_row[pair.row].append(pair)
            self._of_person[pair.key].append(pair)

    def of_row(self, row: int) -> list[Pair]:
        """Return the row's pairs, likeliest first."""
        return self._of_row.get(row, [])

    def of_person(self, key: str) -> list[Pair]:
        """Return the person's pairs, likeliest first."""
        return self._of_person.get(key, [])

    def claimant(self, row: int) -> int:
        """Return the first row of the claimant who stands in this row."""
        return self._claimant_of.get(row, row)

    def lead_over_people(self, pair: Pair) -> float:
        """Return by how many bits the person is ahead of every other person for this row; infinite where alone."""
        others = (other.bits for other in self.of_row(pair.row) if other.key != pair.key)
        return pair.bits - next(others, -inf)

    def lead_over_rows(self, pair: Pair, decided: Container[int]) -> float:
        """Return by how many bits the row is ahead of every other claimant for this person; infinite where alone.

        Rows that are decided are somebody already, and do not count.
        """
        claimant = self.claimant(pair.row)
        others = (other for other in self.of_person(pair.key) if self.claimant(other.row) != claimant)
        return pair.bits - next((other.bits for other in others if other.row not in decided), -inf)


def candidates_of(pairs: list[Pair]) -> tuple[Candidate, ...]:
    """Return what a person looks at: the likeliest five, each with its lead over the next."""
    following = [*(pair.bits for pair in pairs[1:]), None]
    return tuple(
        Candidate(
            pair.key,
            pair.evidence,
            None if behind is None else round(pair.bits - behind, 6),
            vetoes_of(pair.evidence),
        )
        for pair, behind in zip(pairs, following, strict=True)
    )[:MOST_CANDIDATES]
