"""A sheet: headings, what kind of thing stands in each column, and rows.

Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

Value = str | int | date | None


class Kind(StrEnum):
    """What stands in a column."""

    TEXT = "text"
    #: Stays text whatever it looks like: a leading zero is part of it.
    IDENTIFIER = "identifier"
    DAY = "day"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet."""

    heading: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a worksheet. Every row has a value for every column, None where there is none."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Value]] = field(repr=False)
    #: Printed at the head of every page, such as a protective marking.
    marking: str = ""

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise RuntimeError("a row has another number of values than the sheet has columns")
