"""Keep small numbers of people out of what is published: under five, "fewer than five" is all that is said.

- Every number about the people of a row is hidden as soon as the number of its people is: five rows on five lists are
  one person, and say so.
- A total that contains a hidden number is not shown: the rest would give it away. So what is published is the same,
  whichever of the numbers from one to four it was.
- How many different people stand in all rows together is never shown: with the rows it would say how many stand in
  two.
- Nobody is nobody: zero is shown.

Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

#: The smallest number that is published as it is.
LEAST_SHOWN = 5
FEW = f"fewer than {LEAST_SHOWN}"
#: What stands for a number that would give a hidden one away.
WITHHELD = "not shown"


@dataclass(frozen=True, slots=True)
class PeopleCounts:
    """Numbers of one row: how many different people, and what else is counted of the same people."""

    people: int
    of_them: tuple[int, ...] = ()

    @property
    def is_small(self) -> bool:
        """Say whether the row would point at few people."""
        return 0 < self.people < LEAST_SHOWN


def published(counts: PeopleCounts) -> tuple[int | str, ...]:
    """Return the numbers of a row as they may be published."""
    if counts.is_small:
        return (FEW, *(WITHHELD for _ in counts.of_them))
    return (counts.people, *counts.of_them)


def published_sums(rows: Sequence[PeopleCounts]) -> tuple[int | str, ...]:
    """Return what a line under the rows may say: no number of different people, and the sums of the rest."""
    hidden = any(row.is_small for row in rows)
    sums = (sum(column) for column in zip(*(row.of_them for row in rows), strict=True))
    return (WITHHELD, *(WITHHELD if hidden else each for each in sums))


def published_count(number: int) -> int | str:
    """Return a number of people, or of what people asked for, as it may be published."""
    return FEW if 0 < number < LEAST_SHOWN else number
