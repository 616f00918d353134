"""Judge a list as a whole before it leaves: does it look as it should, or does a person have to look first?

Every reason that applies is given, in the order of `WithheldReason`. Nothing here can be switched off: the limits
are the agreement's, and what they mean is fixed.

- A first list is not compared with anything. A change counts only when it is larger than both limits: in a small
  office a few people are a large percentage.
- A person of unknown age is counted as a minor. UNDER_AGE should have left every minor out; this asks again.

Pure: counts in, an outcome out.
"""

from dataclasses import dataclass

from gateway.model.agreement import Agreement, DomesticAbuseNeed, EmptyList, Limits
from gateway.model.criteria import Reads
from gateway.model.selection import Withheld, WithheldReason
from gateway.selection.funnel import Funnel
from gateway.selection.rules import Rules


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is true around a list: the size of the last one, and of the snapshot what its load could not settle.

    `unmapped` are the coded columns with codes that no mapping knows; flags that reach nobody may be as many as
    `flags_allowed`.
    """

    last_people: int | None
    unmapped: Reads
    flags_reaching_nobody: int
    flags_allowed: int


def reasons_to_withhold(funnel: Funnel, agreement: Agreement, rules: Rules, around: Surroundings) -> Withheld | None:
    """Return why the list waits for a person, or None where it may go."""
    asks_human = agreement.cohort.domestic_abuse_need is DomesticAbuseNeed.HUMAN
    people, limits = funnel.included, agreement.limits
    applies = {
        WithheldReason.EMPTY: people == 0 and agreement.empty_list is EmptyList.WITHHOLD,
        WithheldReason.TOO_MANY: people > limits.most_people,
        WithheldReason.CHANGED_TOO_MUCH: _changed_too_much(people, around.last_people, limits),
        WithheldReason.MINOR_SELECTED: funnel.minors > 0,
        WithheldReason.UNMAPPED_CODE: not around.unmapped.isdisjoint(rules.reads),
        WithheldReason.DOMESTIC_ABUSE_NEED: asks_human and funnel.human_decides > 0,
        WithheldReason.FLAGS_REACH_NOBODY: around.flags_reaching_nobody > around.flags_allowed,
    }
    reasons = tuple(reason for reason in WithheldReason if applies[reason])
    return Withheld(reasons, people, around.last_people) if reasons else None


def reasons_about_differences(rows: int, people_before: int | None, agreement: Agreement) -> tuple[WithheldReason, ...]:
    """Return why a list of differences waits for a person, beside what makes any list wait.

    Each joiner, change and leaver counts: as many leavers as joiners leave a list of the same size.
    """
    applies = {
        WithheldReason.EMPTY: rows == 0 and agreement.empty_list is EmptyList.WITHHOLD,
        WithheldReason.CHANGED_TOO_MUCH: people_before is not None and _exceeds(rows, people_before, agreement.limits),
    }
    return tuple(reason for reason in WithheldReason if applies.get(reason))


def _changed_too_much(people: int, last_people: int | None, limits: Limits) -> bool:
    return last_people is not None and _exceeds(abs(people - last_people), last_people, limits)


def _exceeds(change: int, last_people: int, limits: Limits) -> bool:
    return change > limits.ignore_change_below and change * 100 > limits.most_change_percent * last_people
