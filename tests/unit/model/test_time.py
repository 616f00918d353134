"""Ages and days: what an age floor and a birthday mean."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.time import FrozenClock, age_on, as_text, from_text, latest_birth_for_age, london_day

DAYS = st.dates(date(1920, 1, 1), date(2040, 12, 31))


def test_a_leapling_comes_of_age_on_the_first_of_march():
    born = date(2008, 2, 29)
    assert age_on(born, date(2026, 2, 28)) == 17
    assert age_on(born, date(2026, 3, 1)) == 18


@pytest.mark.parametrize(
    ("day", "latest"),
    [
        (date(2026, 11, 22), date(2008, 11, 22)),
        (date(2026, 2, 28), date(2008, 2, 28)),
        (date(2028, 2, 29), date(2010, 2, 28)),
    ],
)
def test_the_latest_birth_of_an_adult_is_the_same_day_eighteen_years_before(day, latest):
    assert latest_birth_for_age(18, day) == latest


@given(born=DAYS, day=DAYS, years=st.integers(0, 100))
def test_the_cut_off_day_and_the_age_always_agree(born, day, years):
    """The run compares dates of birth, `explain` computes an age: both must say the same."""
    if day.year - years < 1 or born > day:
        return
    assert (age_on(born, day) >= years) == (born <= latest_birth_for_age(years, day))


def test_the_day_is_londons_on_both_sides_of_midnight_in_summer():
    assert london_day(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == date(2026, 7, 2)
    assert london_day(datetime(2026, 11, 22, 23, 30, tzinfo=UTC)) == date(2026, 11, 22)


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_survives_being_written(moment):
    instant = moment.replace(microsecond=0)
    if instant.year < 1000:
        return
    assert from_text(as_text(instant)) == instant


def test_a_frozen_clock_stands_still():
    clock = FrozenClock(datetime(2026, 10, 25, 0, 59, 59, 7, tzinfo=UTC))
    assert clock.now() == datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC)
    assert clock.today() == date(2026, 10, 25)
    assert clock.now() + timedelta(seconds=1) > clock.now()
