"""Tell people of a complaint: that its acknowledgement is due or overdue, or that it has been open for long.

Pure: each is told once a step, or every day where it has none, which raise_alerts.py holds.
"""

from collections.abc import Iterable

from gateway.services.alerts.raise_alerts import Alert
from gateway.services.complaints.complaint_timer import ComplaintDue, Stage

_CODES = {
    Stage.ACKNOWLEDGE: "complaint-to-acknowledge",
    Stage.OVERDUE: "complaint-overdue",
    Stage.ANSWER: "complaint-open",
}


def complaint_alerts(due: Iterable[ComplaintDue]) -> tuple[Alert, ...]:
    """Return an alert for each complaint of which people are told; its count is of the days left, past or open."""
    return tuple(
        Alert(
            _CODES[each.stage],
            each.next,
            count=each.days_open if each.days_left is None else abs(each.days_left),
            step=each.step,
            complaint=each.reference,
        )
        for each in due
        if each.is_told
    )


def complaint_counts(due: Iterable[ComplaintDue]) -> dict[str, int]:
    """Return what the morning message says of complaints."""
    stages = [each.stage for each in due]
    return {"complaints_open": len(stages), "complaints_overdue": stages.count(Stage.OVERDUE)}
