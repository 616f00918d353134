"""Hold the counts of one agreement's decisions, as a preview prints them and the guard judges them.

Pure: made from the rows of `decide.count_select`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.errors import CountsDisagree
from gateway.model.selection import ExclusionReason


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many people are included and left out, in the order in which reasons are considered.

    `minors` and `human_decides` are counts of included people: those younger than the guarded age, and those whom
    only a person may let through. `not_asked` are people who would be included and whom no list that this one answers
    names.
    """

    included: int
    excluded: tuple[tuple[ExclusionReason, int], ...]
    minors: int
    human_decides: int
    not_asked: int = 0

    @property
    def everyone(self) -> int:
        """Everybody that was decided about."""
        return self.included + self.not_asked + sum(people for _, people in self.excluded)

    def check_whole(self, people: int) -> None:
        """Raise CountsDisagree unless every person of the part was decided about exactly once (law L1)."""
        if self.everyone != people:
            raise CountsDisagree(f"{self.everyone} decisions were made about {people} people")


def funnel_of(rows: Iterable[Sequence[Any]]) -> Funnel:
    """Return the funnel from the rows of `count_select`; every reason is there, with 0 where nobody has it."""
    included = minors = human_decides = 0
    excluded = dict.fromkeys(ExclusionReason, 0)
    for reason, people, young, human in rows:
        if reason is None:
            included, minors, human_decides = int(people), int(young), int(human)
        else:
            excluded[ExclusionReason(reason)] = int(people)
    return Funnel(included, tuple(excluded.items()), minors, human_decides)
