"""Bring identifiers, days and places to the form in which they are compared; what identifies nobody is left out.

- A National Insurance number is compared without its suffix, which is often missing. One that is not of the form is
  kept, because one wrong key is common; a letter where only a digit can stand is read as the digit it looks like.
- Temporary numbers (TN) and placeholders are no numbers.
- Days that stand for "not known" are no days. 1 January is kept: it is often the only part that was made up.
- A postcode that says that there is none is none.

Pure.
"""

import re
from datetime import date
from functools import lru_cache

_FORM = re.compile(r"([A-Z0-9]{2})([A-Z0-9]{6})([A-D]?)")
_DIGIT_OF = str.maketrans("OQDILZSGB", "000112568")
_LETTER_OF = str.maketrans("01258", "OIZSB")
#: A number that is written as it should be and stands for itself; `_stands_for_none` says what does not.
_WRITTEN_PLAINLY = re.compile(r"(?!TN|(?:AA|AB|XX|ZZ)123456|..([0-9])\1{5})([A-Z]{2}[0-9]{6})[A-D]?")
_NUMBER = re.compile(r"[A-Z]{2}[0-9]{6}")
#: Ends in the letter that follows the last digit.
_SUFFIXED = re.compile(r".*[0-9][A-Z]")
_PLACEHOLDERS = frozenset({"AB123456", "AA123456", "XX123456", "ZZ123456", "NA", "NONE", "NK", "UNKNOWN"})
_SHORTEST_NUMBER = 5
_NOT_KNOWN = frozenset({date(1900, 1, 1), date(1901, 1, 1), date(1899, 12, 30), date(1899, 12, 31), date(1904, 1, 1)})
_NO_PLACE = re.compile(r"X+|ZZ99.*|NFA|NOFIXED.*|NO(?:POST)?CODE|UNKNOWN|NONE|NA|NK|NOTKNOWN|HOMELESS")
_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9OI][A-Z0-9]?)([0-9OISZ])([A-Z0-9]{2})")
_COMMON_WORDS = {
    "road": "rd", "street": "st", "avenue": "ave", "av": "ave", "close": "cl", "drive": "dr", "lane": "ln",
    "court": "ct", "crescent": "cres", "gardens": "gdns", "place": "pl", "square": "sq", "terrace": "ter",
    "grove": "gr", "saint": "st", "apartment": "flat", "apt": "flat", "house": "hse",
}  # fmt: skip
_CACHED = 1 << 16


def nino_of(text: str) -> str | None:
    """Return the number without its suffix; None for what is no number of a person's own."""
    if _WRITTEN_PLAINLY.fullmatch(text):
        return text[:8]
    compact = "".join(c for c in text.upper() if c.isascii() and c.isalnum())
    if match := _FORM.fullmatch(compact):
        read = match[1].translate(_LETTER_OF) + match[2].translate(_DIGIT_OF)
        compact = read if _NUMBER.fullmatch(read) else compact
    elif _SUFFIXED.fullmatch(compact):
        compact = compact[:-1]
    return None if len(compact) < _SHORTEST_NUMBER or _stands_for_none(compact) else compact


def _stands_for_none(number: str) -> bool:
    digits = number[2:] if number[:2].isalpha() else number
    return number.startswith("TN") or number in _PLACEHOLDERS or len(set(digits)) == 1


@lru_cache(maxsize=_CACHED)
def born_of(born: date | None) -> str | None:
    """Return a day of birth as eight digits; None where it is not known."""
    return None if born is None or born in _NOT_KNOWN else f"{born.year:04d}{born.month:02d}{born.day:02d}"


@lru_cache(maxsize=_CACHED)
def postcode_of(text: str) -> str | None:
    """Return a postcode without its blank; None where there is none."""
    compact = "".join(c for c in text.upper() if c.isascii() and c.isalnum())
    if not compact or _NO_PLACE.fullmatch(compact):
        return None
    if match := _POSTCODE.fullmatch(compact):
        return match[1] + match[2].translate(_DIGIT_OF) + match[3].translate(_LETTER_OF)
    return compact


def address_of(words: str) -> str | None:
    """Return the first line of an address, given in plain words, with its common words cut short."""
    return " ".join(_COMMON_WORDS.get(word, word) for word in words.split()) or None
