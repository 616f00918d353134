"""Read the bank holidays of England (config/bank_holidays.yaml) and count working days by them.

- Each day lies within the years that the file says it covers, and stands there once.
- A working day is Monday to Friday and no bank holiday. Outside the years covered no holiday is known; `known_on`
  says so, and `services/planning/plan_night.py` warns before it happens.

Pure: bytes come in; the caller opens the file.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from gateway.documents import Reader
from gateway.errors import HolidaysInvalid

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Holidays:
    """The bank holidays of the years `first_year` to `last_year`."""

    days: frozenset[date]
    first_year: int
    last_year: int
    verified_on: date

    def known_on(self, day: date) -> bool:
        """Say whether the list covers the year of the day."""
        return self.first_year <= day.year <= self.last_year

    def is_working(self, day: date) -> bool:
        """Say whether people work on the day."""
        return day.weekday() < SATURDAY and day not in self.days

    def next_working(self, day: date) -> date:
        """Return the first working day after a day."""
        day += timedelta(days=1)
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def working_days_after(self, day: date, count: int) -> date:
        """Return the working day that comes so many working days after a day; none after is the day itself."""
        for _ in range(count):
            day = self.next_working(day)
        return day


def load_bank_holidays(data: bytes, name: str) -> Holidays:
    """Return the bank holidays. Raises HolidaysInvalid with every fault of the file."""
    reader = Reader.of(data, name)
    holidays = Holidays(
        days=frozenset(_day_of(reader, text) for text in reader.texts("days", longest=10)),
        first_year=reader.integer("first_year", 2000, 2200),
        last_year=reader.integer("last_year", 2000, 2200),
        verified_on=reader.day("verified_on"),
    )
    if reader.sound("days", "first_year", "last_year"):
        _check(reader, holidays)
    faults = reader.finish()
    if faults:
        raise HolidaysInvalid("\n".join(str(fault) for fault in faults))
    return holidays


def _day_of(reader: Reader, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        reader.fault_at("days", "has an item that is not a day that exists, written like 2026-12-25")
        return date.min


def _check(reader: Reader, holidays: Holidays) -> None:
    if len(holidays.days) < len(reader.texts("days")):
        reader.fault_at("days", "has a day twice")
    if not all(holidays.known_on(day) for day in holidays.days):
        reader.fault_at("days", "has a day outside the years first_year to last_year")
    covered = range(holidays.first_year, holidays.last_year + 1)
    if not {day.year for day in holidays.days} >= set(covered):
        reader.fault_at("days", "has a year without any bank holiday")
