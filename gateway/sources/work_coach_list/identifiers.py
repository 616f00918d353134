"""Read the identifiers of a row as text, and say what of them identifies nobody or was damaged on the way.

- A temporary number (TN...), a placeholder, and a National Insurance number that stands on more than two rows count as
  missing. One that is not of the form is kept: one wrong key is common, and matching allows for it.
- A spreadsheet that takes an identifier for a number loses its zeros, its letters or its end. What is left is kept
  and said.
- "No fixed abode" and the like are no postcode.

Pure.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from gateway.cohort.identifiers import nino_stem
from gateway.model.work_coach_list import Claimant, Mark
from gateway.sources.work_coach_list.table import Cell

#: One claimant can stand on two rows, with two coaches; a number on three rows is nobody's.
_MOST_ROWS_OF_A_NINO = 2

_NINO = re.compile(r"[A-Z]{2}[0-9]{6}[A-Z]?")
_TEMPORARY = re.compile(r"TN[0-9]{5,}[A-Z]?")
#: Six times the same digit, with or without letters around it.
_SAME_DIGITS = re.compile(r"[A-Z]{0,2}([0-9])\1{5,}[A-Z]?")
_NOT_IN_NINO = re.compile(r"[\W_]+")
#: How a spreadsheet shows a number that is too long for its column, and how it writes it to a CSV.
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?E[+-]?[0-9]+", re.IGNORECASE)
_NO_POSTCODE = frozenset(
    {"NFA", "NOFIXEDABODE", "NOFIXEDADDRESS", "NA", "NONE", "NIL", "UNKNOWN", "NOTKNOWN", "TBC", "NOPOSTCODE", "NULL"}
)
_PLACEHOLDER_POSTCODE = re.compile(r"X+|ZZ99.*|0+")

Read = tuple[str, frozenset[Mark]]
_BLANKS = re.compile(r"\s+")


def text_of(cell: Cell) -> str:
    """Return a cell as text: single blanks, none around it; a whole number without a point, a day as ISO."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else str(cell)
    return "" if cell is None else _BLANKS.sub(" ", str(cell)).strip()


def nino_of(cell: Cell) -> Read:
    """Return a National Insurance number as it stands, or "" where it identifies nobody."""
    text = text_of(cell)
    plain = _plain(text)
    if not plain:
        return "", frozenset()
    if _TEMPORARY.fullmatch(plain):
        return "", frozenset({Mark.NINO_TEMPORARY})
    if plain.isalpha() or _SAME_DIGITS.fullmatch(plain):
        return "", frozenset({Mark.NINO_PLACEHOLDER})
    if _became_number(cell, text):
        return text, frozenset({Mark.NINO_NUMBER})
    return text, frozenset() if _NINO.fullmatch(plain) else frozenset({Mark.NINO_FORM})


def postcode_of(cell: Cell) -> Read:
    """Return a postcode as it stands, or "" where it says that there is none."""
    text = text_of(cell)
    plain = _plain(text)
    if plain in _NO_POSTCODE or _PLACEHOLDER_POSTCODE.fullmatch(plain):
        return "", frozenset({Mark.POSTCODE_PLACEHOLDER})
    return (text if plain else ""), frozenset({Mark.POSTCODE_NUMBER} if _became_number(cell, text) else ())


def record_ref_of(cell: Cell) -> Read:
    """Return the reference as it stands."""
    text = text_of(cell)
    return text, frozenset({Mark.RECORD_REF_NUMBER} if _became_number(cell, text) else ())


def without_repeated_ninos(claimants: Iterable[Claimant]) -> list[Claimant]:
    """Return the claimants, with every number that stands on more than two rows taken for missing and marked."""
    everybody = list(claimants)
    rows_of = Counter(_stem(claimant) for claimant in everybody)
    return [
        replace(claimant, nino="", marks=claimant.marks | {Mark.NINO_REPEATED})
        if claimant.nino and rows_of[_stem(claimant)] > _MOST_ROWS_OF_A_NINO
        else claimant
        for claimant in everybody
    ]


def _stem(claimant: Claimant) -> str:
    return nino_stem(_plain(claimant.nino))


def _plain(text: str) -> str:
    return _NOT_IN_NINO.sub("", text).upper()


def _became_number(cell: Cell, text: str) -> bool:
    """Say whether a spreadsheet took an identifier for a number or a day."""
    return bool(text) and (not isinstance(cell, str) or _SCIENTIFIC.fullmatch(text) is not None)
