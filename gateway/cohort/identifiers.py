"""Say what an identifier, a day or a name is in normal form, or by a stable code why it cannot be used.

- National Insurance numbers follow HMRC's manual NIM39110. A missing suffix is common and allowed: eight characters.
  Prefixes that HMRC keeps for its own administration are read, but stand apart and are never sent.
- In a synthetic environment only numbers that start `QQ` are read; in production none of them is.
- Unique Pupil Numbers carry a check letter; temporary ones are not unique and identify nobody.
- A postcode is judged by its form; form is not existence.
- Ages and days are those of the London day that the caller passes.

`parse_x` is total: it returns the normal form or raises `Unusable`, which carries a code and never the value
(law L8). The `loose_...` keys are for suppression alone: they bring together more than they should (law L3).

Pure: what a blank cell means, and which formats a source writes, is left to sources/.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from operator import mul
from typing import NamedTuple

from gateway.model.time import age_on


class Environment(StrEnum):
    """Which kind of people a database holds; burnt into it when it is made."""

    SYNTHETIC = "synthetic"
    PRODUCTION = "production"


class Flaw(StrEnum):
    """Why a value cannot be used. Stored with rejects: renaming one needs a migration."""

    NINO_FORM = "nino_form"
    NINO_SYNTHETIC = "nino_synthetic"
    NINO_NOT_SYNTHETIC = "nino_not_synthetic"
    UPN_FORM = "upn_form"
    UPN_CHECK_LETTER = "upn_check_letter"
    UPN_TEMPORARY = "upn_temporary"
    POSTCODE_FORM = "postcode_form"
    POSTCODE_PLACEHOLDER = "postcode_placeholder"
    DATE_FORM = "date_form"
    DATE_RANGE = "date_range"
    BIRTH_FUTURE = "birth_future"
    BIRTH_PLACEHOLDER = "birth_placeholder"
    BIRTH_TOO_LONG_AGO = "birth_too_long_ago"
    NAME_CHARACTER = "name_character"
    NAME_LETTERS = "name_letters"
    NAME_LENGTH = "name_length"


class Unusable(ValueError):
    """A value that has no normal form. Carries the code of its flaw, never the value."""

    def __init__(self, flaw: StrEnum) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


# --- National Insurance numbers ------------------------------------------------------------------------------------

VALID, ADMINISTRATIVE = "valid", "administrative"

_NINO = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z][0-9]{6}[A-D]?")
_SYNTHETIC_NINO = re.compile(r"QQ[0-9]{6}[A-D]?")
#: Prefixes of numbers that HMRC makes for itself, as far as they pass the form (NIM39110).
_ADMINISTRATIVE_PREFIXES = frozenset({"CR", "MW", "NC", "PP", "PY", "PZ"})
_BLANKS_AND_DASHES = re.compile(r"[\s\u2010-\u2015-]+")


class Nino(NamedTuple):
    """A National Insurance number of eight or nine characters; `standing` is `valid` or `administrative`."""

    value: str
    standing: str


def parse_nino(text: str, environment: Environment) -> Nino:
    """Return the number without blanks, in capitals. Raises Unusable."""
    number = text if _SYNTHETIC_NINO.fullmatch(text) else _compact(text)
    if _SYNTHETIC_NINO.fullmatch(number):
        if environment is not Environment.SYNTHETIC:
            raise Unusable(Flaw.NINO_SYNTHETIC)
        return Nino(number, VALID)
    if not _NINO.fullmatch(number):
        raise Unusable(Flaw.NINO_FORM)
    if environment is Environment.SYNTHETIC:
        raise Unusable(Flaw.NINO_NOT_SYNTHETIC)
    return Nino(number, standing_of(number))


def standing_of(nino: str) -> str:
    """Return `valid`, or `administrative` for a number that must not be sent."""
    return ADMINISTRATIVE if nino[:2] in _ADMINISTRATIVE_PREFIXES else VALID


def nino_stem(nino: str) -> str:
    """Return the first eight characters: what two spellings of one number share when a suffix is missing."""
    return nino[:8]


def _compact(text: str) -> str:
    compact = _BLANKS_AND_DASHES.sub("", text)
    # Some letters beyond ASCII have a capital within it; such a value is damaged, not a number.
    return compact.upper() if compact.isascii() else ""


# --- Unique Pupil Numbers ------------------------------------------------------------------------------------------

_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_UPN_VALUES = {c: value for values in (_UPN_LETTERS, "0123456789") for value, c in enumerate(values)}
_UPN = re.compile(f"[{_UPN_LETTERS}][0-9]{{11}}[0-9{_UPN_LETTERS}]")


def parse_upn(text: str) -> str:
    """Return the pupil number in capitals. Raises Unusable, also for a temporary number, which identifies nobody."""
    number = text if _UPN.fullmatch(text) else _compact(text)
    if not _UPN.fullmatch(number) or number[1:] == "0" * 12:
        raise Unusable(Flaw.UPN_FORM)
    if number[0] != upn_check_letter(number[1:]):
        raise Unusable(Flaw.UPN_CHECK_LETTER)
    if number[12] in _UPN_LETTERS:
        raise Unusable(Flaw.UPN_TEMPORARY)
    return number


def upn_check_letter(rest: str) -> str:
    """Return the letter that stands before the other twelve characters: each is weighted by its place, 2 to 13."""
    total = sum(map(mul, map(_UPN_VALUES.__getitem__, rest), range(2, 14)))
    return _UPN_LETTERS[total % 23]


# --- postcodes -------------------------------------------------------------------------------------------------------

_OUTCODE = "[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9]{1,2}|[0-9][A-HJKPSTUW]|[A-HK-Y][0-9][ABEHMNPRVWXY])"
_POSTCODE = re.compile(f"(?:{_OUTCODE}|GIR(?=0AA))[0-9][ABD-HJLNP-UW-Z]{{2}}")
_PLACEHOLDER = re.compile(r"X+|XX.*|ZZ99.*|NO(?:POST)?CODE|NOFIXEDABODE")


def parse_postcode(text: str) -> str:
    """Return the postcode in capitals with one blank before its last three characters. Raises Unusable."""
    code = _compact(text)
    if _PLACEHOLDER.fullmatch(code):
        raise Unusable(Flaw.POSTCODE_PLACEHOLDER)
    if not _POSTCODE.fullmatch(code):
        raise Unusable(Flaw.POSTCODE_FORM)
    return f"{code[:-3]} {code[-3:]}"


def sector_of(postcode: str) -> str:
    """Return the sector of a postcode in normal form: `CB1 2` of `CB1 2AB`."""
    return postcode[:-2]


# --- days ------------------------------------------------------------------------------------------------------------

_TIME = r"(?:[T ](?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?)?"
_DAY, _MONTH, _YEAR = "(?P<day>[0-9]{2})", "(?P<month>[0-9]{2})", "(?P<year>[0-9]{4})"
#: The formats that a mapping may name, each with or without a time of day, which is not kept. A format that puts
#: the month first is not among them: nothing could tell the two apart.
DATE_FORMATS: dict[str, re.Pattern[str]] = {
    "dd/mm/yyyy": re.compile(f"{_DAY}/{_MONTH}/{_YEAR}{_TIME}"),
    "yyyy-mm-dd": re.compile(f"{_YEAR}-{_MONTH}-{_DAY}{_TIME}"),
    "dd-mm-yyyy": re.compile(f"{_DAY}-{_MONTH}-{_YEAR}{_TIME}"),
    "dd.mm.yyyy": re.compile(f"{_DAY}[.]{_MONTH}[.]{_YEAR}{_TIME}"),
    "yyyymmdd": re.compile(f"{_YEAR}{_MONTH}{_DAY}"),
}
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_CACHED_DAYS = 1 << 16

OLDEST_AGE = 110
#: An expected date of birth lies within a pregnancy; a year allows for everything.
_FURTHEST_BIRTH = timedelta(days=366)
_PLACEHOLDER_BIRTHS = frozenset({date(1900, 1, 1), date(1901, 1, 1)})


def date_parser(formats: Iterable[str]) -> Callable[[str], date]:
    """Return what reads a day in any of the formats, tried in order; it raises Unusable for any other text."""
    patterns = [DATE_FORMATS[name] for name in formats]

    @lru_cache(maxsize=_CACHED_DAYS)
    def parse(text: str) -> date:
        stripped = text.strip()
        for pattern in patterns:
            if match := pattern.fullmatch(stripped):
                return _day_of(int(match["year"]), int(match["month"]), int(match["day"]))
        raise Unusable(Flaw.DATE_FORM)

    return parse


def _day_of(year: int, month: int, day: int) -> date:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise Unusable(Flaw.DATE_RANGE)
    try:
        return date(year, month, day)
    except ValueError:
        pass
    raise Unusable(Flaw.DATE_FORM)


def flaw_of_birth(born_on: date, as_at: date, *, estimated: bool) -> Flaw | None:
    """Say why a date of birth cannot be one, or None. Only an estimated one may lie ahead: the child is unborn."""
    if born_on in _PLACEHOLDER_BIRTHS:
        return Flaw.BIRTH_PLACEHOLDER
    if born_on > (as_at + _FURTHEST_BIRTH if estimated else as_at):
        return Flaw.BIRTH_FUTURE
    if age_on(born_on, as_at) > OLDEST_AGE:
        return Flaw.BIRTH_TOO_LONG_AGO
    return None


# --- names ----------------------------------------------------------------------------------------------------------

LONGEST_NAME = 100

_PLAIN_NAME = re.compile(r"[A-Za-z]['.A-Za-z-]*(?: [A-Za-z'.-]+)*")
#: What may stand in a name beside letters, marks, digits and blanks. No `?` or `*`: they are what a lossy export
#: leaves of a letter, and what people mark an alert with.
_NAME_PUNCTUATION = frozenset("-'.,()/&\"`\u2018\u2019\u00b4\u02bc\u02bb\u2010\u2011\u2013\u00b7")
_NAME_CATEGORIES = frozenset({"Lu", "Ll", "Lt", "Lo", "Mn", "Mc", "Nd", "Zs"})
#: Letters to Unicode, but to the eye of somebody who sees a wrongly decoded name, debris; or nothing at all, as the
#: fillers of Hangul, with one of which a name would look like the flag's and not be it.
_NOT_IN_NAMES = frozenset("\u00aa\u00ba\u115f\u1160\u3164\uffa0")


def parse_name(text: str) -> str:
    """Return the name composed (NFC), with single blanks. Raises Unusable for what cannot be seen or is no name."""
    if len(text) <= LONGEST_NAME and _PLAIN_NAME.fullmatch(text):
        return text
    name = unicodedata.normalize("NFC", text.strip(" \u00a0"))
    if any(not _may_stand_in_name(character) for character in name):
        raise Unusable(Flaw.NAME_CHARACTER)
    if not any(character.isalpha() for character in name):
        raise Unusable(Flaw.NAME_LETTERS)
    if len(name) > LONGEST_NAME:
        raise Unusable(Flaw.NAME_LENGTH)
    return " ".join(name.split())


def _may_stand_in_name(character: str) -> bool:
    if character in _NAME_PUNCTUATION:
        return True
    return unicodedata.category(character) in _NAME_CATEGORIES and character not in _NOT_IN_NAMES


# --- loose keys, for suppression only ------------------------------------------------------------------------------

_CACHED_NAMES = 1 << 15
#: Letters that people type without their stroke or as two letters, and that Unicode does not take apart.
_TYPED_AS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "ħ": "h", "ŋ": "n"}
)


@lru_cache(maxsize=_CACHED_NAMES)
def loose_surname(surname: str) -> str:
    """Return the surname as suppression compares it: no case, diacritics, punctuation or blanks."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", surname).casefold())
    return "".join(character for character in folded.translate(_TYPED_AS) if character.isalnum())
