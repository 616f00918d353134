"""How well National Insurance numbers, days of birth and places agree.

A day of birth that is one key away counts as such only within ten years: the same day and month a generation apart
are father and son, not a slip. 1 January is what is written where only the year is known, so the same 1 January says
little more than the same year. Two days that have nothing else in common are told apart by whether a generation lies
between them.

Pure.
"""

from gateway.model.linkage import Field
from gateway.reconciliation.alike import jaro_winkler, one_key_apart
from gateway.reconciliation.comparable import Comparable
from gateway.reconciliation.levels import EXACT, FieldRules, LevelRule, same

#: So that the last bit of a division does not decide between the two readings of a level.
ALIKE, SIMILAR = 0.9 - 1e-9, 0.8 - 1e-9
_WITHIN_YEARS = 10
_SECTOR, _SHORTEST_POSTCODE = 2, 5
_SHORTEST_NINO = 7


def _nino_one_key(a: Comparable, b: Comparable) -> bool:
    one, other = a.nino or "", b.nino or ""
    return min(len(one), len(other)) >= _SHORTEST_NINO and one_key_apart(one, other)


NINO = FieldRules(
    Field.NINO,
    "nino",
    (
        same("nino"),
        LevelRule(
            "one-key",
            "one key apart",
            "least(length(nino_l), length(nino_r)) >= 7 and damerau_levenshtein(nino_l, nino_r) <= 1",
            _nino_one_key,
        ),
    ),
)


def _same_1_january(a: Comparable, b: Comparable) -> bool:
    return a.born == b.born and (a.born or "")[4:] == "0101"


def _swapped(a: Comparable, b: Comparable) -> bool:
    one, other = a.born or "", b.born or ""
    return one[:4] == other[:4] and one[4:6] == other[6:] and one[6:] == other[4:6]


def _same_age(a: Comparable, b: Comparable) -> bool:
    return abs(int((a.born or "")[:4]) - int((b.born or "")[:4])) < _WITHIN_YEARS


def _born_one_key(a: Comparable, b: Comparable) -> bool:
    return one_key_apart(a.born or "", b.born or "") and _same_age(a, b)


def _year_known(a: Comparable, b: Comparable) -> bool:
    one, other = a.born or "", b.born or ""
    return one[:4] == other[:4] and "0101" in {one[4:], other[4:]}


def _two_parts(a: Comparable, b: Comparable) -> bool:
    one, other = a.born or "", b.born or ""
    return (one[:4] == other[:4]) + (one[4:6] == other[4:6]) + (one[6:] == other[6:]) == 2  # noqa: PLR2004


BORN = FieldRules(
    Field.BORN,
    "born",
    (
        LevelRule(
            "same-1-january",
            "the same year, 1 January in both: perhaps only the year is known",
            "born_l = born_r and substr(born_l, 5) = '0101'",
            _same_1_january,
        ),
        same("born"),
        LevelRule(
            "swapped",
            "day and month swapped",
            "substr(born_l, 1, 4) = substr(born_r, 1, 4) and substr(born_l, 5, 2) = substr(born_r, 7, 2)"
            " and substr(born_l, 7, 2) = substr(born_r, 5, 2)",
            _swapped,
        ),
        LevelRule(
            "year-known",
            "the same year, 1 January in one: perhaps only the year was known",
            "substr(born_l, 1, 4) = substr(born_r, 1, 4)"
            " and (substr(born_l, 5) = '0101' or substr(born_r, 5) = '0101')",
            _year_known,
        ),
        LevelRule(
            "one-key",
            "one key apart",
            "damerau_levenshtein(born_l, born_r) <= 1"
            " and abs(cast(substr(born_l, 1, 4) as int) - cast(substr(born_r, 1, 4) as int)) < 10",
            _born_one_key,
        ),
        LevelRule(
            "two-parts",
            "two of day, month and year are the same",
            "cast(substr(born_l, 1, 4) = substr(born_r, 1, 4) as int)"
            " + cast(substr(born_l, 5, 2) = substr(born_r, 5, 2) as int)"
            " + cast(substr(born_l, 7, 2) = substr(born_r, 7, 2) as int) = 2",
            _two_parts,
        ),
        LevelRule(
            "same-age",
            "differs, by less than ten years",
            "abs(cast(substr(born_l, 1, 4) as int) - cast(substr(born_r, 1, 4) as int)) < 10",
            _same_age,
        ),
    ),
    lowered=frozenset({EXACT, "same-1-january"}),
)


def _whole(a: Comparable, b: Comparable) -> bool:
    return min(len(a.postcode or ""), len(b.postcode or "")) >= _SHORTEST_POSTCODE


def _postcode_one_key(a: Comparable, b: Comparable) -> bool:
    return _whole(a, b) and one_key_apart(a.postcode or "", b.postcode or "")


def _sector(a: Comparable, b: Comparable) -> bool:
    return _whole(a, b) and (a.postcode or "")[:-_SECTOR] == (b.postcode or "")[:-_SECTOR]


def _outcode(text: str) -> str:
    return text[:-3] if len(text) >= _SHORTEST_POSTCODE else text


_WHOLE_SQL = "least(length(postcode_l), length(postcode_r)) >= 5"
_OUTCODE_SQL = (
    "(case when length(postcode_{0}) >= 5 then left(postcode_{0}, length(postcode_{0}) - 3) else postcode_{0} end)"
)

POSTCODE = FieldRules(
    Field.POSTCODE,
    "postcode",
    (
        same("postcode"),
        LevelRule(
            "one-key",
            "one key apart",
            f"{_WHOLE_SQL} and damerau_levenshtein(postcode_l, postcode_r) <= 1",
            _postcode_one_key,
        ),
        LevelRule(
            "sector",
            "the same sector",
            f"{_WHOLE_SQL} and left(postcode_l, length(postcode_l) - 2) = left(postcode_r, length(postcode_r) - 2)",
            _sector,
        ),
        LevelRule(
            "outcode",
            "the same part of the county",
            f"{_OUTCODE_SQL.format('l')} = {_OUTCODE_SQL.format('r')}",
            lambda a, b: _outcode(a.postcode or "") == _outcode(b.postcode or ""),
        ),
    ),
    lowered=frozenset({EXACT}),
)

ADDRESS = FieldRules(
    Field.ADDRESS,
    "address",
    (
        same("address"),
        LevelRule(
            "alike",
            "nearly the same",
            f"jaro_winkler_similarity(address_l, address_r) >= {ALIKE!r}"
            " and regexp_extract(address_l, '[0-9]+') = regexp_extract(address_r, '[0-9]+')",
            lambda a, b: jaro_winkler(a.address or "", b.address or "") >= ALIKE and _number(a) == _number(b),
        ),
    ),
)


def _number(side: Comparable) -> str:
    digits = ""
    for character in side.address or "":
        if character in "0123456789":
            digits += character
        elif digits:
            break
    return digits
