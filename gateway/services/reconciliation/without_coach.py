"""Lay out the people on the list for whom no row names a work coach: on a sheet, or of many in a file of their own.

- They stand in the fields that the list tells, in the order of their names.
- More than a thousand people are a list to search, not one that somebody works through: all of them stand in a CSV
  beside the workbook, and the sheet says so and how many they are. It never shows some of them: a sheet that is cut
  looks like one that is whole.

Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from gateway.model.agreement import Agreement
from gateway.reconciliation.plain import plain
from gateway.services.reconciliation.told import DisclosedPerson, read
from gateway.worksheets.csv_file import written_csv
from gateway.worksheets.sheet import Column, Kind, Sheet, Value

TITLE = "No work coach"
#: What the name of the file beside the workbook ends in.
FILE_ENDING = "no-work-coach.csv"
#: Some twenty-five printed pages.
MOST_ON_A_SHEET = 1000
_FIELDS = (
    ("Surname", "surname", Kind.TEXT),
    ("Forename", "forename", Kind.TEXT),
    ("Date of birth", "date_of_birth", Kind.DAY),
    ("National Insurance number", "nino", Kind.IDENTIFIER),
    ("Lead professional", "lead_professional_name", Kind.TEXT),
    ("Contact", "lead_professional_contact", Kind.TEXT),
)


@dataclass(frozen=True, slots=True)
class WithoutCoach:
    """The sheet of the workbook, all the rows, and where they do not stand on the sheet the file that has them."""

    sheet: Sheet
    rows: list[tuple[str, ...]] = field(repr=False)
    file: bytes | None = field(repr=False)


def without_coach_of(agreement: Agreement, values: Iterable[tuple[str, ...]], marking: str) -> WithoutCoach:
    """Return how people are shown of whom these values are."""
    rows = in_order(values)
    columns = tuple(Column(title, kind) for title, name, kind in _FIELDS if name in agreement.field_names)
    if len(rows) > MOST_ON_A_SHEET:
        return WithoutCoach(_elsewhere(len(rows), marking), rows, written_csv(Sheet(TITLE, columns, rows)))
    cells = [tuple(_cell(text, column.kind) for text, column in zip(row, columns, strict=True)) for row in rows]
    return WithoutCoach(Sheet(TITLE, columns, cells, marking=marking), rows, None)


def told_alone(agreement: Agreement) -> tuple[str, ...]:
    """Return the fields that are shown of people without a work coach."""
    return tuple(name for _, name, _ in _FIELDS if name in agreement.field_names)


def values_alone(agreement: Agreement, people: Iterable[DisclosedPerson]) -> list[tuple[str, ...]]:
    """Return what is shown of each."""
    names = told_alone(agreement)
    told = (read(person.today) for person in people)
    return [tuple([today.get(name, "") for name in names]) for today in told]


def in_order(rows: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return rows in the order of what their cells say in plain letters, then of the cells themselves."""
    said = _Plain()
    # Nothing plain sorts before the sign between: the texts are in the order of the rows of cells.
    return sorted(rows, key=lambda row: ("\0".join([said[cell] for cell in row]), row))


class _Plain(dict[str, str]):
    """What texts are in plain letters: many people share a name, a day of birth and a lead professional."""

    def __missing__(self, text: str) -> str:
        self[text] = said = plain(text)
        return said


def _elsewhere(people: int, marking: str) -> Sheet:
    where = f'They stand in the file beside this workbook whose name ends in "{FILE_ENDING}"'
    columns = (Column("People on our list, no work coach", Kind.NUMBER), Column("Where they are"))
    return Sheet(TITLE, columns, [(people, where)], marking=marking)


def _cell(text: str, kind: Kind) -> Value:
    if kind is Kind.DAY and len(text) == len("1980-12-31"):
        return date.fromisoformat(text)
    return text
