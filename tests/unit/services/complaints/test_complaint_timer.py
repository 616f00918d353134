"""What the law still asks of a complaint, day by day."""

from datetime import date, timedelta

import pytest

from gateway.model.complaint import (
    MOVES_OF_COMPLAINT,
    ComplaintAbout,
    ComplaintOutcome,
    ComplaintState,
    ComplaintTerms,
    acknowledge_by,
)
from gateway.services.alerts.complaint_alerts import complaint_alerts, complaint_counts
from gateway.services.complaints.complaint_timer import Stage, due_of, was_acknowledged_late
from gateway.store.complaints import Complaint

CAME = date(2026, 10, 12)
LAST = date(2026, 11, 11)
TERMS = ComplaintTerms()


def a_complaint(**changes) -> Complaint:
    usual = {
        "reference": "CMP-2026-10-12-1",
        "case_reference": "IG-2026-9",
        "about": ComplaintAbout.SHARING,
        "received_on": CAME,
        "recorded_by": "officer",
        "recorded_at": "2026-10-12T09:00:00Z",
        "subject_ref": None,
        "list_reference": None,
    }
    return Complaint(**(usual | changes))


def acknowledged(on: date = LAST) -> Complaint:
    return a_complaint(state=ComplaintState.ACKNOWLEDGED, acknowledged_on=on)


def told(complaint: Complaint, days) -> list[tuple[str, int]]:
    """The code and count of each alert that would be raised on those days, once a step and else once a day."""
    known, found = [], []
    for day in days:
        due = due_of(complaint, day, TERMS)
        for alert in complaint_alerts([due] if due else []):
            if alert.step is None or (alert.code, alert.step) not in known:
                known.append((alert.code, alert.step))
                found.append((alert.code, alert.count))
    return found


def test_the_thirty_days_begin_on_the_day_after_it_came():
    assert acknowledge_by(CAME) == LAST
    assert not was_acknowledged_late(a_complaint(), LAST)
    assert was_acknowledged_late(a_complaint(), LAST + timedelta(days=1))


def test_days_are_whole_days_over_the_night_on_which_clocks_change():
    """British Summer Time ends on 25 October 2026, between the day it came and the last day."""
    due = due_of(a_complaint(), date(2026, 10, 26), TERMS)
    assert (due.days_open, due.days_left) == (14, 16)


def test_people_are_told_at_each_agreed_day_once_and_every_day_once_it_is_overdue():
    days = [CAME + timedelta(days=n) for n in range(33)]
    assert told(a_complaint(), days) == [
        ("complaint-to-acknowledge", 14),
        ("complaint-to-acknowledge", 7),
        ("complaint-to-acknowledge", 2),
        ("complaint-overdue", 1),
        ("complaint-overdue", 2),
    ]


def test_a_service_that_stood_still_tells_the_step_that_was_passed():
    assert told(a_complaint(), [LAST - timedelta(days=1)]) == [("complaint-to-acknowledge", 1)]


def test_an_acknowledged_complaint_is_told_of_each_time_that_so_many_days_more_have_passed():
    days = [LAST + timedelta(days=n) for n in range(60)]
    assert told(acknowledged(CAME), days) == [
        ("complaint-open", 30),
        ("complaint-open", 56),
        ("complaint-open", 84),
    ]
    assert told(acknowledged(CAME), [CAME + timedelta(days=27)]) == []


def test_a_closed_complaint_waits_for_nothing():
    closed = a_complaint(state=ComplaintState.CLOSED, closed_on=LAST, outcome=ComplaintOutcome.UPHELD)
    assert due_of(closed, LAST, TERMS) is None


@pytest.mark.parametrize(
    ("changes", "late"),
    [
        ({"acknowledged_on": LAST}, False),
        ({"acknowledged_on": LAST + timedelta(days=1)}, True),
        # The answer stands for the acknowledgement.
        ({"closed_on": LAST}, False),
        ({"closed_on": LAST + timedelta(days=1)}, True),
        ({"acknowledged_on": CAME, "closed_on": LAST + timedelta(days=90)}, False),
    ],
)
def test_an_answer_in_time_acknowledges_too(changes, late):
    assert was_acknowledged_late(a_complaint(**changes), date(2027, 6, 1)) is late


def test_the_morning_message_counts_what_is_open_and_what_is_overdue():
    today = LAST + timedelta(days=1)
    due = [due_of(each, today, TERMS) for each in (a_complaint(), acknowledged())]
    assert complaint_counts(due) == {"complaints_open": 2, "complaints_overdue": 1}
    assert [each.stage for each in due] == [Stage.OVERDUE, Stage.ANSWER]


def test_every_state_is_reached_and_only_the_last_one_ends():
    assert set(MOVES_OF_COMPLAINT) == set(ComplaintState)
    assert set().union(*MOVES_OF_COMPLAINT.values()) == set(ComplaintState) - {ComplaintState.RECORDED}
    assert [state for state, moves in MOVES_OF_COMPLAINT.items() if not moves] == [ComplaintState.CLOSED]
