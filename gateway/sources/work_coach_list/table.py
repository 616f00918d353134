"""What every kind of file is turned into before anybody asks what it means: a header, and rows of cells.

A cell is text, a number, a day, or None. A row keeps its number as a person counts who opens the file in a
spreadsheet, and what was wrong with it as a row. Nothing shows a cell when it is printed (law L8).

Pure.
"""

from dataclasses import dataclass, field
from datetime import date

from gateway.model.work_coach_list import RowFlaw

#: None is an empty cell. A bool is text: TRUE can be a surname.
Cell = str | float | date | None

#: Bounds of a list that people work with; beyond them a file is refused before it takes memory.
MOST_BYTES = 20 << 20
MOST_ROWS = 100_000
MOST_COLUMNS = 250
#: In how many rows from the top the headings are looked for.
HEADER_WITHIN = 30

WORKBOOK = "workbook"


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row beneath the header. A flawed row may have no cells."""

    number: int
    cells: tuple[Cell, ...] = field(repr=False)
    flaws: tuple[RowFlaw, ...] = ()
    #: Places of cells that are part of a merged one and hold what its first cell holds.
    merged: frozenset[int] = frozenset()
    #: Places of cells in which the spreadsheet shows an error.
    errors: frozenset[int] = frozenset()

    @property
    def is_blank(self) -> bool:
        """Whether every cell is empty and nothing is wrong with the row."""
        return not self.flaws and all(cell is None or not str(cell).strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """A file's rows beneath its header."""

    header: tuple[str, ...] = field(repr=False)
    rows: tuple[TableRow, ...] = field(repr=False)
    #: `utf-8`, `cp1252` and so on, or `workbook`.
    encoding: str
    sheet: str = field(default="", repr=False)
    hidden_sheets: int = 0
    #: Whether the workbook counts days from 1904.
    from_1904: bool = False
