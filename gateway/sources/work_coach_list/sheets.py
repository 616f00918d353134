"""What is known of a workbook's sheets before their cells are read, and what refuses a sheet.

A reader of workbooks makes room for every cell between the first and the last one. So one cell far away from the
others would take all memory there is: how far a sheet goes is found out first.

Pure.
"""

from dataclasses import dataclass, field

from gateway.errors import WorkCoachListRefused
from gateway.sources.work_coach_list.table import MOST_COLUMNS, MOST_ROWS

MOST_SHEETS = 100
_MOST_CELLS = 4_000_000
_MOST_ERRORS = 100_000


@dataclass(slots=True)
class Extent:
    """How far a sheet goes, row and column of its first formula, and where an error is shown; all from 0."""

    rows: int = 0
    columns: int = 0
    formula: tuple[int, int] | None = None
    errors: set[tuple[int, int]] = field(default_factory=set)

    def cell(self, row: int, column: int) -> None:
        """Note a cell that holds something. Raises WorkCoachListRefused for one too far away."""
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)
        if self.rows > MOST_ROWS:
            raise WorkCoachListRefused(f"a sheet has more than {MOST_ROWS} rows")
        if self.columns > MOST_COLUMNS:
            raise WorkCoachListRefused(f"a sheet has more than {MOST_COLUMNS} columns")
        if self.rows * self.columns > _MOST_CELLS:
            raise WorkCoachListRefused(f"a sheet has room for more than {_MOST_CELLS} cells")

    def holds_formula(self, row: int, column: int) -> None:
        """Note a formula; the first one is kept."""
        self.formula = self.formula or (row, column)

    def shows_error(self, row: int, column: int) -> None:
        """Note a cell that shows an error."""
        if len(self.errors) < _MOST_ERRORS:
            self.errors.add((row, column))


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found out about a workbook."""

    #: By the sheet's name; by "" for all sheets together where they were not told apart.
    extents: dict[str, Extent] = field(repr=False)
    from_1904: bool = False

    def extent_of(self, sheet: str) -> Extent:
        """Return what is known of a sheet. Raises WorkCoachListRefused for one that was not looked at."""
        extent = self.extents.get(sheet, self.extents.get(""))
        if extent is None:
            raise WorkCoachListRefused("the workbook has a sheet that stands nowhere", advice="Ask for the file again.")
        return extent


def refuse_formula(extent: Extent) -> None:
    """Raise WorkCoachListRefused where a cell holds a formula: what it shows is not what stands in it."""
    if extent.formula is not None:
        row, column = extent.formula
        raise WorkCoachListRefused(
            f"row {row + 1}, column {column + 1} holds a formula",
            advice="In the spreadsheet: copy everything, paste it as values, save, and try again.",
        )
