"""Say when an agreement's lists are due: its windows, on London's clock and calendar.

- A window is named by the London day that it falls on, for every cadence; a name occurs once.
- `at` falls once a day. Where the clocks go back it is the first of the two; where they go forward over it, it is
  the first instant after the gap.
- `deliver_until` is later the same day where the clock's face says so, otherwise the next day.
- On a bank holiday a list runs, is skipped, or is moved to the next working day; one that is moved onto a day with
  a window of its own is that window.
- What was missed is caught up as the cadence says: every window, the latest alone, or none. A list that is begun
  after its own deadline may be delivered until the clock next shows `deliver_until`.

Pure: the ledger of runs says what was done, the caller what time it is. The scheduler's library decides nothing.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from gateway.agreements.bank_holidays import SATURDAY, Holidays
from gateway.model.agreement import Cadence, CatchUp, Every, OnHoliday
from gateway.model.time import LONDON, london_day

_DAY = timedelta(days=1)
#: A list is moved over less than this: the longest stretch without a working day is a weekend between holidays.
_FURTHEST_MOVE = timedelta(days=14)
#: How many days are looked through at a time for the next window.
_LOOK_AHEAD = timedelta(days=70)


@dataclass(frozen=True, slots=True)
class Window:
    """One list's time. `day` is the London day that it is for; instants are in UTC."""

    day: date
    due_at: datetime
    deliver_until: datetime

    @property
    def name(self) -> str:
        """What the ledger calls the window: `2026-11-22`."""
        return self.day.isoformat()


def windows_due(
    cadence: Cadence, *, since: datetime, now: datetime, done: Collection[str], holidays: Holidays
) -> list[Window]:
    """Return the windows to run now, oldest first: due at or after `since`, due by `now`, and not among those done.

    A window counts as missed once its delivery time is over.
    """
    passed = [
        window
        for window in windows_between(cadence, london_day(since), london_day(now), holidays)
        if since <= window.due_at <= now
    ]
    match cadence.catch_up:
        case CatchUp.ALL:
            wanted = passed
        case CatchUp.LATEST:
            wanted = passed[-1:]
        case _:
            wanted = [window for window in passed[-1:] if now < window.deliver_until]
    return [window for window in wanted if window.name not in done]


def next_due(cadence: Cadence, *, after: datetime, holidays: Holidays) -> Window:
    """Return the first window that is due later than an instant."""
    first = london_day(after)
    while True:
        last = first + _LOOK_AHEAD
        for window in windows_between(cadence, first, last, holidays):
            if window.due_at > after:
                return window
        first = last + _DAY


def windows_between(cadence: Cadence, first: date, last: date, holidays: Holidays) -> Iterator[Window]:
    """Yield the windows that fall on the days from `first` to `last`, in order."""
    for day in _days_between(cadence, first, last, holidays):
        yield window_on(cadence, day)


def window_on(cadence: Cadence, day: date) -> Window:
    """Return the window of a day on which the cadence falls."""
    return Window(day, _first_instant(day, cadence.at), _end_of_delivery(cadence, day))


def deliver_until(cadence: Cadence, day: date, begun_at: datetime) -> datetime:
    """Return until when a list may be delivered that was begun at an instant: caught up, it gets a later deadline."""
    deadline = _end_of_delivery(cadence, day)
    while deadline <= begun_at:
        day += _DAY
        deadline = _end_of_delivery(cadence, day)
    return deadline


def _days_between(cadence: Cadence, first: date, last: date, holidays: Holidays) -> list[date]:
    nominal = _nominal_days(cadence, first - _FURTHEST_MOVE, last)
    fallen = {_fallen_on(cadence, day, holidays) for day in nominal}
    return sorted(day for day in fallen if day is not None and first <= day <= last)


def _nominal_days(cadence: Cadence, first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        if _asked_for(cadence, day):
            yield day


def _asked_for(cadence: Cadence, day: date) -> bool:
    match cadence.every:
        case Every.NIGHT:
            return True
        case Every.WEEKDAY:
            return day.weekday() < SATURDAY
        case Every.WEEK:
            return day.weekday() == cadence.weekday
        case _:
            return day.day == cadence.day_of_month


def _fallen_on(cadence: Cadence, day: date, holidays: Holidays) -> date | None:
    """Return the day that a nominal day falls on, or None where a holiday skips it."""
    if day not in holidays.days or cadence.on_holiday is OnHoliday.RUN:
        return day
    return None if cadence.on_holiday is OnHoliday.SKIP else holidays.next_working(day)


def _first_instant(day: date, at: time) -> datetime:
    """Return the first instant of the day at which London's clocks show the time, or have passed it."""
    shown = datetime.combine(day, at, LONDON).astimezone(UTC)
    if shown.astimezone(LONDON).time() == at:
        return shown
    # The clocks went forward over it, as they do at one o'clock UTC: the hour that they skip begins there.
    return shown.replace(minute=0, second=0)


def _end_of_delivery(cadence: Cadence, day: date) -> datetime:
    """Return the end of the delivery time; in a gap it keeps its distance from the beginning, so it comes later."""
    same_day = cadence.deliver_until > cadence.at
    return datetime.combine(day if same_day else day + _DAY, cadence.deliver_until, LONDON).astimezone(UTC)
