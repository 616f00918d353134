"""A report: parts with sentences, facts and tables, written as a page or as plain text from one source.

Plain text is made to be signed and read by eye: lines of at most 96 characters that end where they end (nothing at the
end of a line that a mail program takes away), no line that begins with a hyphen, one newline at the end.

Pure: what a report says is the caller's.
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.documents.html_page import NOT_RECORDED, Markup, bullets, facts, page, paragraph, section, table

Cell = str | int | None

WIDTH = 96
#: A table whose columns do not fit the width is written row by row.
_GAP = "  "


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with a caption; its first column names the rows."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a report: in this order its sentences, its facts by name, its list, its tables."""

    heading: str
    sentences: tuple[str, ...] = ()
    facts: tuple[tuple[str, Cell], ...] = ()
    items: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A report; `notice` stands out at its head, `made` says at its foot who made it, when and from what."""

    title: str
    lead: str
    made: str
    parts: tuple[Part, ...]
    notice: str = ""
    wide: bool = False


def report_page(report: Report) -> str:
    """Return the report as a page of HTML."""
    parts = [section(part.heading, *_content(part)) for part in report.parts]
    return page(report.title, *parts, lead=report.lead, notice=report.notice, foot=report.made, wide=report.wide)


def report_text(report: Report) -> str:
    """Return the report as plain text."""
    written = "\n".join(line.rstrip() for line in _text(report))
    return written.strip("\n") + "\n"


def _content(part: Part) -> Iterator[Markup]:
    yield from map(paragraph, part.sentences)
    if part.facts:
        yield facts(part.heading, part.facts)
    if part.items:
        yield bullets(part.items)
    for grid in part.grids:
        yield table(grid.caption, grid.headings, grid.rows)


def _text(report: Report) -> Iterator[str]:
    yield from (report.title, "=" * len(report.title), "")
    for words in (report.notice, report.lead):
        if words:
            yield from (*_wrapped(words), "")
    for part in report.parts:
        yield from _part(part)
    yield from _wrapped(report.made)


def _part(part: Part) -> Iterator[str]:
    yield from (part.heading, "~" * len(part.heading))
    for sentence in part.sentences:
        yield from _wrapped(sentence)
    width = max((len(name) for name, _ in part.facts), default=0)
    for name, value in part.facts:
        yield from _wrapped(_words(value), first=f"  {name:<{width}}  ", after=" " * (width + 4))
    for item in part.items:
        yield from _wrapped(item, first="  * ", after="    ")
    for grid in part.grids:
        yield ""
        yield from _grid(grid)
    yield ""


def _grid(grid: Grid) -> Iterator[str]:
    if not grid.rows:
        yield f"{grid.caption}: none."
        return
    yield f"{grid.caption}:"
    cells = [list(grid.headings), *([_words(value) for value in row] for row in grid.rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(grid.headings))]
    if sum(widths) + len(_GAP) * len(widths) > WIDTH:
        yield from _rows_apart(grid)
        return
    right = [all(isinstance(row[n], int) for row in grid.rows) for n in range(len(grid.headings))]
    for row in cells:
        aligned = (
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, right, strict=True)
        )
        yield _GAP + _GAP.join(aligned)


def _rows_apart(grid: Grid) -> Iterator[str]:
    width = max(map(len, grid.headings))
    for n, row in enumerate(grid.rows):
        if n:
            yield ""
        for name, value in zip(grid.headings, row, strict=True):
            yield from _wrapped(_words(value), first=f"  {name:<{width}}  ", after=" " * (width + 4))


def _words(value: Cell) -> str:
    if value is None:
        return NOT_RECORDED
    return f"{value:,}" if isinstance(value, int) else value


def _wrapped(words: str, *, first: str = "", after: str = "") -> Sequence[str]:
    # What does not fit a line is a hash or a name, and is never broken.
    return textwrap.wrap(
        words or "none",
        WIDTH,
        initial_indent=first,
        subsequent_indent=after,
        break_long_words=False,
        break_on_hyphens=False,
    )
