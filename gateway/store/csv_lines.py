r"""Rows as lines of CSV without terminators, in the bytes of PostgreSQL's `COPY .. (FORMAT csv)`: scan.py says which.

Pure, and loads the standard library alone.
"""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any

#: Types whose text is what COPY writes.
_AS_TEXT = frozenset({str, int, type(None), date})


def lines_of(rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return rows as lines. A value is looked at alone only where something on its line may have to be quoted."""
    if not _AS_TEXT.issuperset(map(type, chain.from_iterable(rows))):
        return list(map(line_of, rows))
    commas = len(rows[0]) - 1
    joined = [
        ",".join([value if type(value) is str else "" if value is None else str(value) for value in row])
        for row in rows
    ]
    return [
        line if _is_bare(line, commas) and "" not in row else line_of(row)
        for line, row in zip(joined, rows, strict=True)
    ]


def _is_bare(line: str, commas: int) -> bool:
    """Say whether no value of a line holds what is quoted: the only commas are those between its values."""
    return line.count(",") == commas > 0 and '"' not in line and "\n" not in line and "\r" not in line


def line_of(row: Sequence[Any]) -> str:
    """Return one row, whatever its values. Raises TypeError for a value that has no agreed form."""
    line = ",".join(map(_cell, row))
    # PostgreSQL once took this for the end of the data, and still quotes it.
    return '"\\."' if line == "\\." else line


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "t" if value else "f"
        case int():
            return str(value)
        case str():
            return _quoted(value)
        case date() if not isinstance(value, datetime):
            return value.isoformat()
        case _:
            raise TypeError(f"a value of type {type(value).__name__} has no agreed form in a list")


def _quoted(value: str) -> str:
    # One by one: to go through what a value is quoted for takes as long as all else of a line.
    if value and not ("," in value or '"' in value or "\n" in value or "\r" in value):
        return value
    return '"' + value.replace('"', '""') + '"'
