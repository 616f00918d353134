"""Say of an open complaint what the law still asks, by when, and whether somebody is to be told of it today.

- Until it is acknowledged: by the thirtieth day after it came. People are told at the agreed days before, and every day
  once it is overdue.
- Then until it is closed: without undue delay, which has no day. People are told each time that it has been open for
  the agreed number of days more.

Days are London's. Pure: today is the caller's. Alerts are told once a step (services/alerts).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.model.complaint import ComplaintState, ComplaintTerms, acknowledge_by
from gateway.store.complaints import Complaint


class Stage(StrEnum):
    """What an open complaint waits for."""

    ACKNOWLEDGE = "acknowledge"
    #: The thirty days are over without it.
    OVERDUE = "overdue"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class ComplaintDue:
    """An open complaint. `days_left` is None where no day is set; `is_told` says whether people are told at this step.

    `step` is the last of the agreed days that was passed; None where it is told every day.
    """

    reference: str
    stage: Stage
    acknowledge_by: date
    days_left: int | None
    days_open: int
    step: int | None
    is_told: bool
    next: str


def due_of(complaint: Complaint, today: date, terms: ComplaintTerms) -> ComplaintDue | None:
    """Return what a complaint waits for; None once it is closed."""
    match complaint.state:
        case ComplaintState.RECORDED:
            return _to_acknowledge(complaint, today, terms)
        case ComplaintState.ACKNOWLEDGED:
            return _to_answer(complaint, today, terms)
        case ComplaintState.CLOSED:
            return None


def was_acknowledged_late(complaint: Complaint, today: date) -> bool:
    """Say whether the thirty days passed without an acknowledgement, or an answer in its place."""
    return (complaint.acknowledged_on or complaint.closed_on or today) > acknowledge_by(complaint.received_on)


def _to_acknowledge(complaint: Complaint, today: date, terms: ComplaintTerms) -> ComplaintDue:
    last = acknowledge_by(complaint.received_on)
    days_left = (last - today).days
    is_overdue = days_left < 0
    step = min((day for day in terms.warned_days_before if days_left <= day), default=None)
    return ComplaintDue(
        reference=complaint.reference,
        stage=Stage.OVERDUE if is_overdue else Stage.ACKNOWLEDGE,
        acknowledge_by=last,
        days_left=days_left,
        days_open=(today - complaint.received_on).days,
        step=None if is_overdue else step,
        is_told=is_overdue or step is not None,
        next=f"gateway complaints acknowledge {complaint.reference}",
    )


def _to_answer(complaint: Complaint, today: date, terms: ComplaintTerms) -> ComplaintDue:
    days_open = (today - complaint.received_on).days
    step = days_open // terms.reminded_every_days
    return ComplaintDue(
        reference=complaint.reference,
        stage=Stage.ANSWER,
        acknowledge_by=acknowledge_by(complaint.received_on),
        days_left=None,
        days_open=days_open,
        step=step,
        is_told=step > 0,
        next=f"gateway complaints show {complaint.reference}",
    )
