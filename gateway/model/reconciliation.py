"""The nouns of reconciling a work-coach list: what a row turned out to be, and what is marked on it.

Every row that was read is in exactly one class, so the classes sum to the rows read. What a Jobcentre is answered says
nothing of anybody who was not disclosed to it: a row about such a person is `NOT_ON_LIST`, whatever else is known, and
a person who is protected since is `LEFT`, as everybody is who left (law L11).

The values of the enums are stored: renaming one needs a migration.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from gateway.model.linkage import How
from gateway.model.work_coach_list import Claimant, RowFlaw


class RowClass(StrEnum):
    """What a row of a work-coach list is, for whoever sent it. Stored."""

    ON_LIST = "on-list"
    #: On the list, and what the row says of the person is not what the list told.
    DETAILS_DIFFER = "details-differ"
    #: On an earlier list and not on the newest one, for whatever reason.
    LEFT = "left"
    NOT_ON_LIST = "not-on-list"
    DUPLICATE = "duplicate"
    #: Perhaps somebody on a list: a person looks.
    POSSIBLE = "possible"
    UNREADABLE = "unreadable"


#: Classes of rows that were found to be a person.
FOUND = frozenset({RowClass.ON_LIST, RowClass.DETAILS_DIFFER, RowClass.LEFT})


class ToldAs(StrEnum):
    """As what a person was told of in an answer. Stored."""

    ON_LIST = "on-list"
    DETAILS_DIFFER = "details-differ"
    LEFT = "left"
    #: On the list, and no row of the file was about them.
    WITHOUT_COACH = "without-coach"


class LeadMark(StrEnum):
    """What is to be known about the lead professional of a person on the list. Stored."""

    CHANGED = "lead-changed"
    #: The family has none whom the list could name.
    MISSING = "lead-missing"
    #: There was one when the list was made, and there is none now.
    LEFT = "lead-left"


class Side(StrEnum):
    """Against whom a row of the queue was matched, and so who may see it. Stored."""

    #: People who were disclosed to the recipient: the TFEA of the office may see and decide.
    DISCLOSED = "disclosed"
    #: The rest of the cohort: the county's data team alone.
    COHORT = "cohort"


class ReconciliationState(StrEnum):
    """Where a reconciliation stands. Stored."""

    #: The worksheet is made.
    ANSWERED = "answered"
    #: Its rows that are nobody on the list were held against the whole cohort, for the data team.
    SEARCHED = "searched"
    #: A list that came in under `match_first`: those whom it asks about are answered by a list of their own.
    TAKEN = "taken"
    #: The uploaded rows are deleted; counts and hashes stay.
    CLEARED = "cleared"


class VerdictReason(StrEnum):
    """Why an officer says that two are the same person or not. Stored."""

    SAME_IDENTIFIERS = "same-identifiers"
    KNOWN_CHANGE_OF_NAME = "known-change-of-name"
    KNOWN_MOVE = "known-move"
    TYPING_ERROR = "typing-error"
    CONFIRMED_BY_WORK_COACH = "confirmed-by-work-coach"
    CONFIRMED_BY_LEAD_PROFESSIONAL = "confirmed-by-lead-professional"
    RELATIVE = "relative"
    NAMESAKE = "namesake"
    OTHER_DATE_OF_BIRTH = "other-date-of-birth"
    OTHER_NUMBER = "other-number"
    TOO_LITTLE_KNOWN = "too-little-known"
    ASKED_FOR_MORE = "asked-for-more"


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """One row of the answer. `claimant` is None for an unreadable row, `lead` is told of people on the list alone."""

    row: int
    kind: RowClass
    claimant: Claimant | None = field(default=None, repr=False)
    subject_ref: str | None = field(default=None, repr=False)
    how: How | None = None
    differs: tuple[str, ...] = ()
    marks: tuple[LeadMark, ...] = ()
    lead: tuple[str, str, str] = field(default=("", "", ""), repr=False)
    last_list_on: date | None = None
    duplicate_of: int | None = None
    flaws: tuple[RowFlaw, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows are of each class; `without_coach` counts people on the list whom no row is about."""

    rows_read: int
    on_list: int
    details_differ: int
    left: int
    not_on_list: int
    duplicate: int
    possible: int
    unreadable: int
    without_coach: int

    def __post_init__(self) -> None:
        if sum(self.of(kind) for kind in RowClass) != self.rows_read:
            raise RuntimeError("the classes do not sum to the rows that were read")

    def of(self, kind: RowClass) -> int:
        """Return how many rows are of a class."""
        number: int = getattr(self, kind.value.replace("-", "_"))
        return number

    @property
    def found(self) -> int:
        """How many rows are somebody who is or was on a list."""
        return sum(self.of(kind) for kind in FOUND)
