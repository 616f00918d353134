"""Decisions: each person in the snapshot gets exactly one for each agreement and day."""

from dataclasses import dataclass
from enum import StrEnum


class ExclusionReason(StrEnum):
    """Why a person is left out. Stored: renaming one needs a migration.

    The order of members is the order in which they are considered: protective reasons come first, so that a reader
    sees the strongest when several apply. All protective reasons share one code, because a refuge address in a work
    coach's hands can reach a perpetrator and the evidence must not say which it was (law L11).
    """

    PROTECTED = "protected"
    INCOMPLETE_RECORD = "incomplete_record"
    UNDER_AGE = "under_age"
    NOT_IN_COHORT = "not_in_cohort"
    REQUIREMENT_MISSING = "requirement_missing"
    NEEDS_NOT_MET = "needs_not_met"
    LEGAL_PREDICATE_NOT_MET = "legal_predicate_not_met"
    DOMESTIC_ABUSE_NEED = "domestic_abuse_need"
    UNSAFE_VALUE = "unsafe_value"


#: Reasons whose people are shown as protected wherever a count could be read with other knowledge.
PROTECTIVE = frozenset({ExclusionReason.PROTECTED, ExclusionReason.DOMESTIC_ABUSE_NEED})


class WithheldReason(StrEnum):
    """Why a whole list waits for a person. Stored."""

    EMPTY = "empty"
    TOO_MANY = "too_many"
    CHANGED_TOO_MUCH = "changed_too_much"
    MINOR_SELECTED = "minor_selected"
    UNMAPPED_CODE = "unmapped_code"
    DOMESTIC_ABUSE_NEED = "domestic_abuse_need"
    FLAGS_REACH_NOBODY = "flags_reach_nobody"


@dataclass(frozen=True, slots=True)
class Included:
    """The person is disclosed; `factors` is the mask of the thirteen that the row relies on."""

    family_key: int
    factors: int


@dataclass(frozen=True, slots=True)
class Excluded:
    """The person is not disclosed."""

    reason: ExclusionReason


Decision = Included | Excluded


@dataclass(frozen=True, slots=True)
class Withheld:
    """The list waits for a person: the reasons and the counts they rest on."""

    reasons: tuple[WithheldReason, ...]
    people: int
    last_people: int | None
