"""Cut one cell that holds a whole name into forename, middle names and surname.

- Before a comma stands the surname: "KOWALSKA, Anna Maria". Without one the last word is taken for it and the row
  is marked, because "de Souza Ana" and "Ana de Souza" look alike to a machine.
- A title in front is left out.

Pure. Titles in a column of forenames are left to matching, which knows more of names.
"""

import re
from dataclasses import dataclass

TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "rev", "sir", "dame", "lady", "lord", "prof", "master"})
_WORDS_OF_TWO = 2


@dataclass(frozen=True, slots=True, repr=False)
class CutName:
    """The parts of a name; `guessed` where nothing but the order of the words told them apart."""

    forename: str
    middle_names: str
    surname: str
    guessed: bool


def cut_name(text: str) -> CutName:
    """Return the parts of a whole name; "" gives three empty ones."""
    before, comma, behind = text.partition(",")
    if comma and before.strip() and behind.strip():
        given = _untitled(behind)
        return CutName(_first(given), " ".join(given[1:]), " ".join(_untitled(before)), guessed=False)
    words = _untitled(text.replace(",", " "))
    if len(words) < _WORDS_OF_TWO:
        return CutName("", "", " ".join(words), guessed=bool(words))
    return CutName(words[0], " ".join(words[1:-1]), words[-1], guessed=True)


def _untitled(text: str) -> list[str]:
    words = text.split()
    while len(words) > 1 and re.sub(r"\W", "", words[0]).casefold() in TITLES:
        words = words[1:]
    return words


def _first(words: list[str]) -> str:
    return words[0] if words else ""
