"""Instants and days: what the gateway means by now, today and an age.

Pure: the clock itself is an edge (gateway/clock.py) that implements `Clock`.
"""

from abc import ABC, abstractmethod
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


class Clock(ABC):
    """Something that knows what time it is."""

    @abstractmethod
    def now(self) -> datetime:
        """Return the present instant, aware, in UTC, whole seconds."""

    def today(self) -> date:
        """Return the present day in London."""
        return london_day(self.now())


class FrozenClock(Clock):
    """A clock that stands where it was put: for replays, demonstrations and tests."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant.astimezone(UTC).replace(microsecond=0)

    def now(self) -> datetime:
        """Return the instant that it was put at."""
        return self.instant


def london_day(instant: datetime) -> date:
    """Return the Europe/London calendar day of an aware instant."""
    return instant.astimezone(LONDON).date()


def london_midnight(day: date) -> datetime:
    """Return the instant at which a London day begins."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def age_on(born_on: date, day: date) -> int:
    """Return completed years of age; somebody born on 29 February comes of age on 1 March of other years.

    Turning an age a day late is the safe side for an age floor.
    """
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def latest_birth_for_age(years: int, day: date) -> date:
    """Return the latest date of birth of somebody who is at least `years` old on `day`.

    For 29 February in a year that lacks it the cut-off is 28 February, which agrees with `age_on`.
    """
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def as_text(instant: datetime) -> str:
    """Return an instant as `2026-11-22T23:10:00Z`, the one form that is stored and hashed."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_text(text: str) -> datetime:
    """Read what `as_text` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
