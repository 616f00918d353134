"""Say when a list of differences is a full one again: the first list in each week, month or quarter of its agreement.

It is counted from the full list that the recipient is known to have taken. One that went and was not taken is made
again with the next list, until one is.

Pure.
"""

from datetime import date

from gateway.model.agreement import FullListEvery

_MONTHS_IN_QUARTER = 3


def is_full_again(every: FullListEvery, last_full: date, day: date) -> bool:
    """Say whether a list of a day is a full one, where the last full list is of another."""
    return _period(every, last_full) != _period(every, day)


def _period(every: FullListEvery, day: date) -> tuple[int, int]:
    if every is FullListEvery.WEEK:
        # The year of the week: its Monday may be in the one before.
        return day.isocalendar()[:2]
    months = _MONTHS_IN_QUARTER if every is FullListEvery.QUARTER else 1
    return day.year, (day.month - 1) // months
