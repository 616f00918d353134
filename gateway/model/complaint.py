"""A complaint to the council about how it used somebody's data (Data Protection Act 2018, section 164A).

The council acknowledges it within thirty days and answers it without undue delay. What it is about and how it ended are
words of closed lists, because their entries are kept; what was said is a note, which is not. `MOVES_OF_COMPLAINT` is
the whole machine; store/complaints.py is the one writer.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

#: Counted from the day after it came, as the Information Commissioner counts; that a last day at a weekend would run on
#: to the next working day is not made use of.
ACKNOWLEDGED_WITHIN = timedelta(days=30)


class ComplaintAbout(StrEnum):
    """What a complaint is about. Stored."""

    #: It should not have been shared at all, or not with them.
    SHARING = "sharing"
    #: More was shared than was needed.
    TOO_MUCH = "too-much"
    INACCURATE = "inaccurate"
    #: The person had not been told.
    NOT_TOLD = "not-told"
    #: A request to see data was late, refused or not answered whole.
    ACCESS = "access"
    #: A correction, an erasure, a restriction or an objection was.
    OTHER_RIGHT = "other-right"
    KEPT_TOO_LONG = "kept-too-long"
    SECURITY = "security"
    #: Somebody may have been put at risk: hold them back first.
    SAFETY = "safety"
    OTHER = "other"


class ComplaintOutcome(StrEnum):
    """How a complaint ended. Stored."""

    UPHELD = "upheld"
    PARTLY_UPHELD = "partly-upheld"
    NOT_UPHELD = "not-upheld"
    WITHDRAWN = "withdrawn"
    #: It is not about data protection, or not about what the council does.
    NOT_OURS = "not-ours"
    RECORDED_IN_ERROR = "recorded-in-error"


class ComplaintState(StrEnum):
    """Where a complaint stands. Stored."""

    RECORDED = "recorded"
    ACKNOWLEDGED = "acknowledged"
    #: Whoever complained was told the outcome.
    CLOSED = "closed"


_S = ComplaintState
MOVES_OF_COMPLAINT: dict[ComplaintState, frozenset[ComplaintState]] = {
    # An answer within the thirty days acknowledges it too.
    _S.RECORDED: frozenset({_S.ACKNOWLEDGED, _S.CLOSED}),
    _S.ACKNOWLEDGED: frozenset({_S.CLOSED}),
    # Whoever is not content complains again, under the same case.
    _S.CLOSED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class ComplaintTerms:
    """What the county agreed: when people are told of a complaint, and how long its notes outlive it."""

    #: Days before the last day for an acknowledgement.
    warned_days_before: tuple[int, ...] = (14, 7, 2)
    #: An acknowledged complaint is told of again each time that it has been open for so many days more.
    reminded_every_days: int = 28
    notes_kept_days: int = 90


def acknowledge_by(received_on: date) -> date:
    """Return the last London day on which a complaint is acknowledged in time."""
    return received_on + ACKNOWLEDGED_WITHIN
