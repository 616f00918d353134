"""Which windows a restored database cannot judge: every one that may have been run since its last entry."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.agreements.bank_holidays import Holidays
from gateway.agreements.windows import windows_due
from gateway.model.agreement import Cadence, CatchUp, Every, Mode, OnHoliday
from gateway.services.restoring.lost_windows import Lost, cadence_in_doubt
from tests.agreements_made import an_agreement

HOLIDAYS = Holidays(frozenset(), 2020, 2030, date(2026, 1, 1))
NIGHTLY = Cadence(Every.NIGHT, time(1, 30), time(7, 0), None, None, OnHoliday.RUN, CatchUp.LATEST)
WEEKLY = replace(NIGHTLY, every=Every.WEEK, weekday=0)
APPROVED = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
#: Both hold the instant of a backup and that of its restore: a Thursday's noon and the Monday after, an hour past six.
BACKUP, RESTORE = datetime(2026, 11, 19, 12, 0, tzinfo=UTC), datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def lost(*cadences, last_at=BACKUP, now=RESTORE, since=APPROVED) -> list[str]:
    return Lost(last_at, now, HOLIDAYS).windows(cadences, since)


def test_every_night_from_the_day_of_the_backup_to_now_is_in_doubt():
    assert lost(NIGHTLY) == [f"2026-11-{day}" for day in (19, 20, 21, 22, 23)]


def test_a_window_that_is_still_to_come_is_not():
    assert lost(NIGHTLY, now=datetime(2026, 11, 23, 1, 0, tzinfo=UTC))[-1] == "2026-11-22"


def test_a_cadence_that_was_changed_since_counts_with_the_old_one():
    assert lost(WEEKLY) == ["2026-11-16", "2026-11-23"]
    assert lost(WEEKLY, NIGHTLY) == ["2026-11-16", *lost(NIGHTLY)]


@pytest.mark.parametrize(
    ("policy", "before"),
    [
        (CatchUp.ALL, [f"2026-11-{day:02}" for day in range(2, 19)]),
        (CatchUp.LATEST, []),
        (CatchUp.NONE, []),
    ],
)
def test_what_would_still_have_been_caught_up_at_the_backup_is_in_doubt_too(policy, before):
    assert lost(replace(NIGHTLY, catch_up=policy)) == [*before, *lost(NIGHTLY)]


def test_of_an_agreement_that_the_database_does_not_know_to_be_approved_the_days_since_count():
    assert lost(replace(NIGHTLY, catch_up=CatchUp.ALL), since=None) == lost(NIGHTLY)


@given(
    st.sampled_from([NIGHTLY, WEEKLY, replace(NIGHTLY, every=Every.WEEKDAY)]),
    st.sampled_from(CatchUp),
    st.integers(0, 400),
    st.integers(0, 400),
    st.integers(0, 100),
)
def test_L4_whatever_could_have_been_run_since_the_backup_is_in_doubt(cadence, policy, hours, later, moment):
    """At any moment between the backup and the restore."""
    cadence = replace(cadence, catch_up=policy)
    last_at, now = APPROVED + timedelta(hours=hours), APPROVED + timedelta(hours=hours + later)
    then = last_at + (now - last_at) * moment / 100
    due = windows_due(cadence, since=APPROVED, now=then, done=(), holidays=HOLIDAYS)
    assert {window.name for window in due} <= set(lost(cadence, last_at=last_at, now=now))


def test_an_agreement_that_answers_lists_may_have_answered_one_on_any_day():
    agreement = an_agreement(mode=Mode.MATCH_FIRST)
    weekly = replace(agreement, cadence=replace(agreement.cadence, every=Every.WEEK, weekday=0))
    daily = cadence_in_doubt(weekly)
    last_at, now = datetime(2026, 11, 20, 23, 30, tzinfo=UTC), datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
    assert Lost(last_at, now, HOLIDAYS).windows([daily], None) == ["2026-11-20", "2026-11-21", "2026-11-22"]
    assert cadence_in_doubt(an_agreement()) == an_agreement().cadence
