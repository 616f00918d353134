"""Say which of the verdicts on record hold for the rows of a list: the evidence must still be what it was.

- The newest verdict on a pair counts. "Same" where a veto fired counts only when two different people said it, one
  after the other, and until then as nothing decided.
- A verdict on other evidence, the same claimant with another day of birth say, is on record and does not hold.

Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from gateway.model.linkage import Judged, Person, Verdict
from gateway.model.work_coach_list import Claimant
from gateway.services.reconciliation.marks import Marks


class OnRecord(Protocol):
    """A verdict as either store gives it."""

    @property
    def row_mark(self) -> bytes:
        """The mark of the claimant."""
        ...

    @property
    def evidence_mark(self) -> bytes:
        """The mark of the claimant and the person together."""
        ...

    @property
    def subject_ref(self) -> str:
        """The person."""
        ...

    @property
    def verdict(self) -> str:
        """What was said."""
        ...

    @property
    def takes_two(self) -> bool:
        """Whether "same" takes two people."""
        ...

    @property
    def decided_by(self) -> str:
        """Who said it."""
        ...


def judged_rows(
    claimants: Iterable[Claimant], people: Mapping[str, Person], verdicts: Iterable[OnRecord], marks: Marks
) -> list[Judged]:
    """Return the verdicts that hold; `verdicts` come oldest first."""
    by_row: defaultdict[bytes, list[OnRecord]] = defaultdict(list)
    for each in verdicts:
        by_row[each.row_mark].append(each)
    if not by_row:
        return []
    return [judged for claimant in claimants for judged in _of_row(claimant, people, by_row, marks)]


def _of_row(
    claimant: Claimant, people: Mapping[str, Person], by_row: Mapping[bytes, list[OnRecord]], marks: Marks
) -> Iterator[Judged]:
    said: defaultdict[str, list[OnRecord]] = defaultdict(list)
    for each in by_row.get(marks.of_row(claimant), ()):
        said[each.subject_ref].append(each)
    for key, verdicts in said.items():
        person = people.get(key)
        if person is None:
            continue
        pair = marks.of_pair(claimant, person)
        holding = verdict_of([each for each in verdicts if each.evidence_mark == pair])
        if holding is not None:
            yield Judged(claimant.row, key, holding)


def verdict_of(verdicts: Sequence[OnRecord]) -> Verdict | None:
    """Return what verdicts on one pair and one state of the evidence come to; they come oldest first."""
    if not verdicts:
        return None
    last = verdicts[-1]
    if last.verdict != Verdict.SAME or not last.takes_two:
        return Verdict(last.verdict)
    return Verdict.SAME if len(_who_agree(verdicts)) > 1 else Verdict.NOT_SURE


def waits_for_second(verdicts: Sequence[OnRecord]) -> str | None:
    """Return who said "same" first where another person has to say it too; None where nobody waits."""
    if not verdicts or verdicts[-1].verdict != Verdict.SAME or not verdicts[-1].takes_two:
        return None
    who = _who_agree(verdicts)
    return next(iter(who)) if len(who) == 1 else None


def _who_agree(verdicts: Sequence[OnRecord]) -> set[str]:
    who: set[str] = set()
    for each in reversed(verdicts):
        if each.verdict != Verdict.SAME:
            break
        who.add(each.decided_by)
    return who
