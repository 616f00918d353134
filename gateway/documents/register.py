"""A register: named columns and rows of text, written as CSV, as a page, as plain text or as data from one source.

- A value is text, a whole number, several texts, or None where nobody wrote it down: every form shows that, and an
  empty list of texts as what says that there is none.
- In CSV a cell that a spreadsheet would take for a formula has an apostrophe in front.
- A register of few columns is printed as one table; one of many as one table for each entry.

Pure: what stands in a register is the caller's.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gateway.documents.html_page import NOT_RECORDED, Markup, facts, lines, page, section, table, text

Value = str | int | tuple[str, ...] | None

NONE = "none"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Shape(StrEnum):
    """How a register is laid out for reading."""

    TABLE = "table"
    ENTRIES = "entries"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `name` is for programs and stays, `heading` is what people read."""

    name: str
    heading: str


@dataclass(frozen=True, slots=True)
class Register:
    """A register as it was made at an instant. Each row has a value for each column, the first of them its name.

    One of many columns may have an `overview`: the names of the few columns that make a table of all its entries.
    """

    title: str
    made: str
    about: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    shape: Shape = Shape.TABLE
    overview: tuple[str, ...] = ()


def as_csv(register: Register, *, headings: bool = True) -> str:
    """Return the register as CSV with CRLF; the first line holds the headings, or the names that programs know."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([column.heading if headings else column.name for column in register.columns])
    writer.writerows([_plain_cell(value) for value in row] for row in register.rows)
    return stream.getvalue()


def as_data(register: Register) -> dict[str, object]:
    """Return the register as one JSON document holds it."""
    names = [column.name for column in register.columns]
    return {
        "title": register.title,
        "made": register.made,
        "about": register.about,
        "rows": [dict(zip(names, row, strict=True)) for row in register.rows],
    }


def as_page(register: Register) -> str:
    """Return the register as a page of HTML."""
    return page(
        register.title,
        *content_of(register),
        lead=register.about,
        foot=register.made,
        wide=register.shape is Shape.TABLE,
    )


def content_of(register: Register) -> tuple[Markup, ...]:
    """Return the register's tables for a page."""
    headings = [column.heading for column in register.columns]
    if register.shape is Shape.TABLE:
        rows = [[_shown(value) for value in row] for row in register.rows]
        return (table(register.title, headings, rows, unseen=True),)
    if not register.rows:
        return (table(register.title, headings, []),)
    entries = (
        section(row[0], facts(f"Entry {n} of {len(register.rows)}", zip(headings, map(_shown, row), strict=True)))
        for n, row in enumerate(register.rows, 1)
    )
    return (*_overview(register), *entries)


def as_text(register: Register) -> str:
    """Return the register as plain text, entry by entry, for a terminal."""
    return "\n".join(_text_of(register)) + "\n"


def words_of(value: Value) -> str:
    """Return a value as people read it."""
    match value:
        case None:
            return NOT_RECORDED
        case tuple():
            return "; ".join(value) or NONE
        case int():
            return f"{value:,}"
        case _:
            return value


def _overview(register: Register) -> Iterator[Markup]:
    if register.overview:
        names = [column.name for column in register.columns]
        places = [names.index(name) for name in register.overview]
        rows = [[_shown(row[n]) for n in places] for row in register.rows]
        yield table("All entries", [register.columns[n].heading for n in places], rows)


def _text_of(register: Register) -> Iterator[str]:
    yield register.title
    width = max(len(column.heading) for column in register.columns)
    for row in register.rows:
        yield ""
        for column, value in zip(register.columns, row, strict=True):
            yield f"  {column.heading:<{width}}  {words_of(value)}"
    if not register.rows:
        yield "  no entry"


def _plain_cell(value: Value) -> str:
    cell = str(value) if isinstance(value, int) else words_of(value)
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _shown(value: Value) -> object:
    if isinstance(value, tuple):
        return lines(value) if value else text(NONE)
    return value
