"""Cut an extract into physical lines and a line into cells; one record is one physical line.

- Only a line feed ends a line, with or without a carriage return before it. The line counter is exact, whatever
  quotes do: a line with an odd number of them cannot swallow the next.
- A line that is too long is kept only in its beginning, so memory stays flat.
- A last line without its end is broken: it may have lost the end of its last value, and a spell whose end is cut
  away would look open (law L3).
- Cells follow RFC 4180: a quote stands around a whole cell or doubled within one, nowhere else.

Pure: pieces of text come in.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

LONGEST_LINE = 64 * 1024


class LineFlaw(StrEnum):
    """Why a physical line cannot become cells. Stored with rejects: renaming one needs a migration."""

    TOO_LONG = "line_too_long"
    WITHOUT_END = "line_without_end"
    QUOTES_ODD = "quotes_odd"
    QUOTES_MISPLACED = "quotes_misplaced"
    COLUMNS_TOO_FEW = "columns_too_few"
    COLUMNS_TOO_MANY = "columns_too_many"
    BLANK = "line_blank"


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A line that is not whole; `beginning` is as much of it as was kept."""

    beginning: str
    flaw: LineFlaw


def lines_of(pieces: Iterable[str]) -> Iterator[str | BrokenLine]:
    """Yield every physical line without its end."""
    return chain.from_iterable(blocks_of(pieces))


def blocks_of(pieces: Iterable[str]) -> Iterator[list[str | BrokenLine]]:
    """Yield every physical line without its end, in lists: those that a piece brings to their end."""
    rest, too_long = "", False
    for piece in pieces:
        text = rest + piece
        ended = text.rfind("\n") + 1
        if not ended:
            rest, too_long = text[:LONGEST_LINE], too_long or len(text) > LONGEST_LINE
            continue
        lines = _whole_lines(text[:ended])
        if too_long:
            lines[0] = BrokenLine(text[:LONGEST_LINE].partition("\n")[0], LineFlaw.TOO_LONG)
        yield lines
        rest, too_long = text[ended : ended + LONGEST_LINE], len(text) - ended > LONGEST_LINE
    if rest:
        yield [BrokenLine(rest, LineFlaw.TOO_LONG if too_long else LineFlaw.WITHOUT_END)]


def _whole_lines(text: str) -> list[str | BrokenLine]:
    """Return the lines of a text that ends with the end of one."""
    lines = text.replace("\r\n", "\n").split("\n")
    lines.pop()
    if max(map(len, lines)) < LONGEST_LINE:
        return [*lines]
    return list(map(_whole, text.split("\n")))[:-1]


def _whole(line: str) -> str | BrokenLine:
    if len(line) > LONGEST_LINE:
        return BrokenLine(line[:LONGEST_LINE], LineFlaw.TOO_LONG)
    return line.removesuffix("\r")


class Splitter:
    """Cuts lines into cells at one delimiter."""

    def __init__(self, delimiter: str) -> None:
        self.delimiter = delimiter
        d = re.escape(delimiter)
        cell = f'(?:"[^"]*(?:""[^"]*)*"|[^"{d}]*)'
        self._well_formed = re.compile(f"{cell}(?:{d}{cell})*")
        self._between_quotes = f'"{delimiter}"'

    def cells_of(self, line: str) -> list[str] | LineFlaw:
        """Return the cells of a line, or why it has none."""
        quotes = line.count('"')
        if not quotes:
            return line.split(self.delimiter)
        if quotes % 2:
            return LineFlaw.QUOTES_ODD
        if line[0] == line[-1] == '"':
            # The common habit of quoting every cell: with no quote within one, this is the whole of it.
            cells = line[1:-1].split(self._between_quotes)
            if len(cells) * 2 == quotes:
                return cells
        if not self._well_formed.fullmatch(line):
            return LineFlaw.QUOTES_MISPLACED
        return next(csv.reader([line], delimiter=self.delimiter, strict=True))

    def cells_of_many(self, lines: Sequence[str]) -> list[list[str] | LineFlaw]:
        """Return the same for each of many lines."""
        if '"' in "".join(lines):
            return list(map(self.cells_of, lines))
        delimiter = self.delimiter
        return [line.split(delimiter) for line in lines]

    def rough_cells_of(self, line: str) -> list[str]:
        """Return what stands between delimiters, whatever the quotes say: for a line that has no cells."""
        return line.replace('"', "").split(self.delimiter)

    def is_blank(self, line: str) -> bool:
        """Say whether a line holds nothing: blanks, empty quotes, or delimiters alone as spreadsheets leave them.

        A lone quote is not nothing: it may be what is left of a record.
        """
        return not line.replace('""', "").strip(f" \t\r{self.delimiter}")
