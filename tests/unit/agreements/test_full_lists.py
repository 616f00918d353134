"""When a list of differences is a full one again."""

from datetime import date

import pytest

from gateway.agreements.full_lists import is_full_again
from gateway.model.agreement import FullListEvery

WEEK, MONTH, QUARTER = FullListEvery.WEEK, FullListEvery.MONTH, FullListEvery.QUARTER


@pytest.mark.parametrize(
    ("every", "last_full", "day", "full"),
    [
        (WEEK, date(2026, 11, 16), date(2026, 11, 22), False),
        (WEEK, date(2026, 11, 22), date(2026, 11, 23), True),
        # One week has days of two years, and the same number of two years are two weeks.
        (WEEK, date(2026, 12, 28), date(2027, 1, 3), False),
        (WEEK, date(2026, 11, 16), date(2027, 11, 16), True),
        (MONTH, date(2026, 11, 2), date(2026, 11, 30), False),
        (MONTH, date(2026, 11, 30), date(2026, 12, 1), True),
        (MONTH, date(2025, 11, 16), date(2026, 11, 16), True),
        (QUARTER, date(2026, 10, 1), date(2026, 12, 31), False),
        (QUARTER, date(2026, 9, 30), date(2026, 10, 1), True),
        (QUARTER, date(2025, 10, 1), date(2026, 10, 1), True),
        # A window that is caught up may be of a day before the full list.
        (MONTH, date(2026, 12, 1), date(2026, 11, 30), True),
    ],
)
def test_the_first_list_of_each_period_is_a_full_one(every, last_full, day, full):
    assert is_full_again(every, last_full, day) is full
