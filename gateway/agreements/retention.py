"""Say until which day things may be kept: by the agreement of a list, and by the county's term for evidence.

- The recipient keeps a list for the agreed days from the day that it is for, which its manifest names as destroy-by.
  Where a certificate of that is agreed, it has some days more to come.
- Our sealed copy is kept for the agreed days from the day on which its list came to rest: received, rejected, given up.
- Evidence of a disclosure is kept for so many years from the day on which its list came to rest, because a claim about
  it can be brought for six. It never goes before both copies of the list are due to be gone.

A day that is returned is the last on which the thing is kept. Pure.
"""

from datetime import date, timedelta


def destroy_by(day: date, their_copy_days: int) -> date:
    """Return the last day on which the recipient may have a list that is for a day."""
    return day + timedelta(days=their_copy_days)


def certificate_due_on(day: date, their_copy_days: int, certificate_within_days: int) -> date:
    """Return the last day on which the recipient's certificate of destruction is in time."""
    return destroy_by(day, their_copy_days) + timedelta(days=certificate_within_days)


def sealed_copy_until(rested_on: date, our_copy_days: int) -> date:
    """Return the last day on which our sealed copy of a list is kept."""
    return rested_on + timedelta(days=our_copy_days)


def evidence_until(rested_on: date, years: int, *others: date) -> date:
    """Return the last day on which evidence is kept; `others` are days that it has to outlast."""
    return max((years_after(rested_on, years), *others))


def years_after(day: date, years: int) -> date:
    """Return the same day so many years later; of 29 February, where there is none, the day after it."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def years_before(day: date, years: int) -> date:
    """Return a day whose term of so many years ends no earlier than the given day's."""
    return years_after(day, -years)
