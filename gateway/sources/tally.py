"""Count what happens to lines beside loading and rejecting them, and say which unmapped codes may be shown.

A column of codes that was swapped with another would put people's own values where a code stands. So only what
looks like a code and like nobody's identifier is shown, and a column with very many unmapped codes shows none (law L8).

Pure.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.cohort.identifiers import (
    DATE_FORMATS,
    Environment,
    Flaw,
    Unusable,
    date_parser,
    parse_nino,
    parse_postcode,
    parse_upn,
)

#: A list of codes does not lack more than this; a column that does holds something else.
MOST_UNMAPPED_CODES = 50
NOT_CODE_LIKE = "(not code-like)"

_CODE_LIKE = re.compile("[A-Za-z0-9_.&/ -]{1,20}")


@dataclass(slots=True)
class Tally:
    """What is counted while lines are read: dropped lines, cells left blank, and codes without a mapping."""

    dropped: Counter[str] = field(default_factory=Counter)
    left_blank: Counter[str] = field(default_factory=Counter)
    unmapped: Counter[tuple[str, str]] = field(default_factory=Counter)

    def note_unmapped(self, column: str, code: str) -> None:
        """Count a code without a mapping; kinds beyond those that refuse the feed share one entry."""
        known = (column, code) in self.unmapped or len(self.unmapped) <= MOST_UNMAPPED_CODES
        self.unmapped[column, code if known else ""] += 1

    def column_without_codes(self) -> str | None:
        """Return the column that holds more unmapped codes than a list of codes could lack, if one does."""
        columns = Counter(column for column, _ in self.unmapped)
        return next((column for column, codes in columns.items() if codes > MOST_UNMAPPED_CODES), None)

    def shown_codes(self) -> list[tuple[str, str, int]]:
        """Return column, code as it may be shown, and lines, in order."""
        shown: Counter[tuple[str, str]] = Counter()
        for (column, code), lines in self.unmapped.items():
            shown[column, code if _looks_like_code(code) else NOT_CODE_LIKE] += lines
        return [(column, code, lines) for (column, code), lines in sorted(shown.items())]


def _looks_like_code(code: str) -> bool:
    return bool(_CODE_LIKE.fullmatch(code)) and not any(_is_identifier(parse, code) for parse in _IDENTIFYING)


def _is_identifier(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except Unusable as unusable:
        return unusable.flaw in {Flaw.NINO_SYNTHETIC, Flaw.UPN_TEMPORARY}
    return True


_IDENTIFYING: tuple[Callable[[str], object], ...] = (
    lambda text: parse_nino(text, Environment.PRODUCTION),
    parse_upn,
    parse_postcode,
    date_parser(DATE_FORMATS),
)
