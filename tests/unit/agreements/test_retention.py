"""Until which day things are kept: by the agreement of a list, and by the county's years for evidence."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.agreements.retention import (
    certificate_due_on,
    destroy_by,
    evidence_until,
    sealed_copy_until,
    years_after,
    years_before,
)

DAY = date(2026, 11, 23)


def test_the_recipient_keeps_a_list_for_the_agreed_days_from_its_own_day():
    assert destroy_by(DAY, 28) == date(2026, 12, 21)
    assert certificate_due_on(DAY, 28, 14) == date(2027, 1, 4)


def test_our_copy_is_kept_from_the_day_on_which_the_list_came_to_rest():
    assert sealed_copy_until(date(2026, 11, 25), 35) == date(2026, 12, 30)


def test_evidence_outlasts_both_copies():
    assert evidence_until(DAY, 7) == date(2033, 11, 23)
    assert evidence_until(DAY, 7, date(2030, 1, 1), date(2036, 1, 1)) == date(2036, 1, 1)


@pytest.mark.parametrize(("years", "ends"), [(1, date(2029, 3, 1)), (4, date(2032, 2, 29))])
def test_a_term_from_29_february_is_never_a_day_short(years, ends):
    assert years_after(date(2028, 2, 29), years) == ends


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)), st.integers(1, 30), st.integers(1, 800))
def test_whatever_is_due_on_a_day_began_before_the_same_day_of_its_year(day, years, older):
    """What is read to be judged holds everything that is due."""
    began = date.fromordinal(day.toordinal() - years * 365 - older)
    if years_after(began, years) < day:
        assert began < years_before(day, years)
