"""A report: parts with sentences, facts and tables, written as a page or as plain text from one source.

Plain text is made to be signed and read by eye: lines of at most 96 characters that end where they end (nothing at
the end of a line that a mail program takes away), no line that begins with a hyphen, one newline at the end.

Pure: what a report says is the caller's.
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.documents.html_page import NOT_RECORDED, Markup, bullets, facts, page, paragraph, section, table, words

Cell = str | int | None

WIDTH = 96
#: A table whose columns do not fit the width is written row by row.
_GAP = "  "
#: A table of two columns that do not fit is names with what is said of each.
_PAIR = 2


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
    #: Whether it is set closer, to fit one sheet.
    compact: bool = False


def report_page(report: Report) -> str:
    """Return the report as a page of HTML."""
    parts = [section(part.heading, *_content(part)) for part in report.parts]
    return page(report.title, *parts, lead=report.lead, notice=report.notice, foot=report.made, compact=report.compact)


def report_text(report: Report) -> str:
    """Return the report as plain text."""
    written = "\n".join(line.rstrip() for line in _text(report))
    return written.strip("\n") + "\n"


def _content(part: Part) -> Iterator[Markup]:
    yield from (paragraph(words(sentence)) for sentence in part.sentences)
    if part.facts:
        yield facts(part.heading, part.facts, unseen=True)
    if part.items:
        yield bullets(map(words, part.items))
    for grid in part.grids:
        unseen = grid.caption == part.heading
        # Names with what is said of each, however long: as facts, not as a table whose first column is as wide as any.
        if len(grid.headings) == _PAIR:
            yield facts(grid.caption, [(name, value) for name, value in grid.rows], unseen=unseen)
        else:
            yield table(grid.caption, grid.headings, grid.rows, unseen=unseen)


def _text(report: Report) -> Iterator[str]:
    yield from (report.title, "=" * len(report.title), "")
    for said in (report.notice, report.lead):
        if said:
            yield from (*_wrapped(said), "")
    for part in report.parts:
        yield from _part(part)
    yield from _wrapped(report.made)


def _part(part: Part) -> Iterator[str]:
    yield from (part.heading, "~" * len(part.heading))
    for sentence in part.sentences:
        yield from _wrapped(sentence)
    yield from _pairs(part.facts)
    for item in part.items:
        yield from _wrapped(item, first="  * ", after="    ")
    for grid in part.grids:
        yield ""
        yield from _grid(grid, part.heading)
    yield ""


def _pairs(pairs: Sequence[tuple[str, Cell]]) -> Iterator[str]:
    width = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        yield from _wrapped(_words(value), first=f"  {name:<{width}}  ", after=" " * (width + 4))


def _grid(grid: Grid, heading: str) -> Iterator[str]:
    if not grid.rows:
        yield f"{grid.caption}: none."
        return
    if grid.caption != heading:
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
    if len(grid.headings) == _PAIR:
        yield from _pairs([(_words(name), value) for name, value in grid.rows])
        return
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


def _wrapped(said: str, *, first: str = "", after: str = "") -> Sequence[str]:
    # What does not fit a line is a hash or a name, and is never broken.
    return textwrap.wrap(
        said or "none",
        WIDTH,
        initial_indent=first,
        subsequent_indent=after,
        break_long_words=False,
        break_on_hyphens=False,
    )
