"""Say what changed since an office's last list: who joined it, who left it, and what is another way now.

Rows are the same claimant where they were found to be the same person, else where the same details identify them. What
is compared is two files of the office and what each was answered: nothing else is looked at.

Pure.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.model.reconciliation import AnsweredRow, RowClass
from gateway.model.work_coach_list import Claimant
from gateway.services.reconciliation.marks import Marks


class Change(StrEnum):
    """How a claimant's row differs from the last list of the office."""

    JOINED = "joined"
    GONE = "gone"
    WORK_COACH = "work-coach"
    OFFICE = "office"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Changed:
    """One change; `row` is of this list, or of the last one where the claimant is gone."""

    change: Change
    row: int
    claimant: Claimant = field(repr=False)
    before: str = field(repr=False)
    now: str = field(repr=False)


def changes_between(before: Iterable[AnsweredRow], now: Iterable[AnsweredRow], marks: Marks) -> tuple[Changed, ...]:
    """Return the changes: by kind, then in the order of rows."""
    old, new = _by_claimant(before, marks), _by_claimant(now, marks)
    found = [
        *(_of(Change.JOINED, new[key]) for key in new if key not in old),
        *(_of(Change.GONE, old[key]) for key in old if key not in new),
        *(change for key in new if key in old for change in _in_row(old[key], new[key])),
    ]
    order = list(Change)
    return tuple(sorted(found, key=lambda each: (order.index(each.change), each.row)))


def _by_claimant(rows: Iterable[AnsweredRow], marks: Marks) -> dict[str | bytes, AnsweredRow]:
    """Return the first row of each claimant: a second one says the same again."""
    found: dict[str | bytes, AnsweredRow] = {}
    for row in rows:
        if row.claimant is not None and row.kind is not RowClass.DUPLICATE:
            found.setdefault(row.subject_ref or marks.of_row(row.claimant), row)
    return found


def _in_row(old: AnsweredRow, new: AnsweredRow) -> Iterator[Changed]:
    if old.claimant is None or new.claimant is None:
        return
    compared = (
        (Change.WORK_COACH, old.claimant.work_coach, new.claimant.work_coach),
        (Change.OFFICE, old.claimant.office, new.claimant.office),
        (Change.ANSWER, old.kind.value, new.kind.value),
    )
    for change, before, now in compared:
        if before != now:
            yield Changed(change, new.row, new.claimant, before, now)


def _of(change: Change, row: AnsweredRow) -> Changed:
    if row.claimant is None:
        raise RuntimeError("a row without a claimant is nobody's")
    return Changed(change, row.row, row.claimant, "", "")
