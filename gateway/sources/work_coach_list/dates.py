"""Read a date of birth as its office writes it, and say by which rule where there was one.

- A real date of a spreadsheet is a date. A bare number is a count of days, from 1900 or, in a workbook that says so,
  from 1904; a spreadsheet's own 29 February 1900 is none.
- Text is read in the order of the office's profile: `d/m/y` with / - . or blanks between, or with the month's name.
  ISO dates are read in either order, because they can only mean one thing. Month first is never read.
- A year of two digits is the one in which a claimant can have been born: between 16 and 110 years ago. Where there is
  none the date is unreadable.
- A time of day behind a date is not kept.

Pure: today is passed in (law L9).
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from gateway.cohort.identifiers import OLDEST_AGE, Flaw, flaw_of_birth
from gateway.model.time import age_on
from gateway.model.work_coach_list import DateOrder, Mark
from gateway.sources.work_coach_list.table import Cell

YOUNGEST_CLAIMANT = 16

_FROM_1900, _FROM_1904 = date(1899, 12, 30), date(1904, 1, 1)
#: Days 1 to 59 are counted from a day later, because 60 is the 29 February that there was not.
_THE_DAY_THAT_WAS_NOT = 60
_LAST_SERIAL = 100_000

_TIME = r"(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[AaPp][Mm])?Z?)?"
_ISO = re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}}){_TIME}", re.ASCII)
_SEPARATOR = r"\s*[/.\- ]\s*"
_NUMBERS = re.compile(
    rf"(?P<day>\d{{1,2}}){_SEPARATOR}(?P<month>\d{{1,2}}){_SEPARATOR}(?P<year>\d{{4}}|\d{{2}}){_TIME}", re.ASCII
)
_NAMED = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s.\-/]*(?P<month>[a-z]{3,9})[\s.,\-/]*(?P<year>\d{4}|\d{2})" + _TIME,
    re.ASCII | re.IGNORECASE,
)
_NAMED_FIRST = re.compile(
    r"(?P<month>[a-z]{3,9})[\s.\-]*(?P<day>\d{1,2})(?:st|nd|rd|th)?\s*,\s*(?P<year>\d{4})" + _TIME,
    re.ASCII | re.IGNORECASE,
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_MONTHS = (
    "january february march april may june july august september october november december".split()  # noqa: SIM905
)
_LONGEST = 40


class Written(StrEnum):
    """What a date of birth shows of the order in which the file's dates are written."""

    NOTHING = "nothing"
    #: A real date of a spreadsheet, or a number.
    REAL = "real"
    #: Numbers of which only the first can be the day, or only the second.
    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"
    #: Numbers that could be read in either order.
    EITHER = "either"


@dataclass(frozen=True, slots=True, repr=False)
class Birth:
    """A date of birth as it was read; `born` is None where a mark says why, or where the cell is empty."""

    born: date | None = None
    marks: frozenset[Mark] = frozenset()
    written: Written = Written.NOTHING


def birth_of(cell: Cell, order: DateOrder, as_at: date, *, from_1904: bool) -> Birth:
    """Return what a cell says of somebody's date of birth."""
    if isinstance(cell, date):
        return _judged(cell, as_at, Written.REAL)
    if isinstance(cell, float | int):
        return _of_serial(float(cell), as_at, from_1904=from_1904)
    text = (cell or "").strip()
    if not text:
        return Birth()
    return _of_text(text, order, as_at, from_1904=from_1904) if _is_short(text) else _unreadable()


def written_as(text: str) -> Written:
    """Return what a text shows of the order of days and months."""
    found = _NUMBERS.fullmatch(text.strip()) if _is_short(text) else None
    if found is None:
        return Written.NOTHING
    first, second = int(found["day"]), int(found["month"])
    if max(first, second) <= len(_MONTHS):
        return Written.EITHER
    if first <= len(_MONTHS):
        return Written.MONTH_FIRST
    return Written.DAY_FIRST if second <= len(_MONTHS) else Written.NOTHING


def is_iso(text: str) -> bool:
    """Say whether a text is an ISO date."""
    return _is_short(text) and _ISO.fullmatch(text.strip()) is not None


def _is_short(text: str) -> bool:
    """Say whether a text may be looked at more closely: a run of blanks can be cut in very many ways."""
    return len(text) <= _LONGEST


def _of_text(text: str, order: DateOrder, as_at: date, *, from_1904: bool) -> Birth:
    written = written_as(text)
    if _SERIAL.fullmatch(text):
        return _of_serial(float(text), as_at, from_1904=from_1904)
    found = _ISO.fullmatch(text) or (_day_first(text) if order is DateOrder.DAY_FIRST else None)
    month = _month_of(found["month"]) if found else None
    if found is None or month is None:
        return _unreadable(written)
    return _of_parts(int(found["day"]), month, found["year"], as_at, written)


def _day_first(text: str) -> re.Match[str] | None:
    return _NUMBERS.fullmatch(text) or _NAMED.fullmatch(text) or _NAMED_FIRST.fullmatch(text)


def _of_parts(day: int, month: int, year: str, as_at: date, written: Written) -> Birth:
    short = len(year) == len("80")
    years = [century + int(year) for century in (1900, 2000)] if short else [int(year)]
    days = [born for each in years if (born := _day(each, month, day))]
    if not short:
        return _judged(days[0], as_at, written) if days else _unreadable(written)
    days = [born for born in days if YOUNGEST_CLAIMANT <= age_on(born, as_at) <= OLDEST_AGE]
    return _judged(days[0], as_at, written, Mark.BORN_TWO_DIGIT_YEAR) if days else _unreadable(written)


def _of_serial(serial: float, as_at: date, *, from_1904: bool) -> Birth:
    if not 1 <= serial < _LAST_SERIAL or (int(serial) == _THE_DAY_THAT_WAS_NOT and not from_1904):
        return _unreadable()
    early = timedelta(days=serial < _THE_DAY_THAT_WAS_NOT)
    first = _FROM_1904 if from_1904 else _FROM_1900 + early
    return _judged(first + timedelta(days=int(serial)), as_at, Written.REAL, Mark.BORN_SERIAL)


_MARKS_OF = {
    Flaw.BIRTH_PLACEHOLDER: Mark.BORN_PLACEHOLDER,
    Flaw.BIRTH_FUTURE: Mark.BORN_FUTURE,
    Flaw.BIRTH_TOO_LONG_AGO: Mark.BORN_TOO_LONG_AGO,
}


def _judged(born: date, as_at: date, written: Written, *marks: Mark) -> Birth:
    flaw = flaw_of_birth(born, as_at, estimated=False)
    return Birth(None if flaw else born, frozenset([_MARKS_OF[flaw]] if flaw else marks), written)


def _unreadable(written: Written = Written.NOTHING) -> Birth:
    return Birth(None, frozenset({Mark.BORN_UNREADABLE}), written)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month_of(text: str) -> int | None:
    """Return a month by its number, or by its name or the beginning of it."""
    if text.isdigit():
        return int(text)
    name = text.casefold()
    return next((number for number, month in enumerate(_MONTHS, start=1) if month.startswith(name)), None)
