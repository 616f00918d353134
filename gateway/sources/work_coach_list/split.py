"""Cut text into rows and rows into cells, as a spreadsheet would, and account for what cannot be cut.

- A quoted cell may go over several lines; they are one row, and the numbers of the rows count it once. Quotes that
  are not closed soon cost the row in which they began and no other: reading goes on with the next line.
- A row whose line is too long is not kept. A zero character is a flaw of its row.
- Rows end in CR LF, LF or CR; a line without a quote is cut at every delimiter. A cell is quoted where it begins with
  a quote.

Pure: memory stays within a few times the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.model.work_coach_list import RowFlaw

LONGEST_ROW = 64 * 1024
#: An address in one cell has a handful of lines.
_MOST_LINES_OF_A_ROW = 20
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class CutRow:
    """A row, numbered from 1, as it was cut."""

    number: int
    cells: tuple[str, ...]
    flaws: tuple[RowFlaw, ...] = ()


def cut_rows(text: str, delimiter: str) -> Iterator[CutRow]:
    """Yield every row of the text, blank ones too."""
    position, number = 0, 0
    cells_of = _cell_pattern(delimiter)
    while position < len(text):
        number += 1
        line, after = _line_at(text, position)
        row = _unquoted(number, line, delimiter)
        if row is None:
            row, after = _quoted(number, text, position, cells_of)
        yield row
        position = after


def _line_at(text: str, position: int) -> tuple[str, int]:
    """Return the line, or the beginning of one that is too long, and where the next one begins."""
    end = _LINE_END.search(text, position)
    stop, after = (end.start(), end.end()) if end else (len(text), len(text))
    return text[position : min(stop, position + LONGEST_ROW + 1)], after


def _unquoted(number: int, line: str, delimiter: str) -> CutRow | None:
    """Return the row where no quote makes it longer than its line."""
    if len(line) > LONGEST_ROW:
        return CutRow(number, (), (RowFlaw.ROW_TOO_LONG,))
    if '"' in line:
        return None
    return CutRow(number, tuple(line.split(delimiter)), _zeros(line))


def _quoted(number: int, text: str, position: int, cells_of: re.Pattern[str]) -> tuple[CutRow, int]:
    """Return the row that begins here and where the next one does; one line alone where its quotes are broken."""
    after, quotes = position, 0
    for _ in range(_MOST_LINES_OF_A_ROW):
        line, after = _line_at(text, after)
        quotes += line.count('"')
        if after - position > LONGEST_ROW:
            break
        # An odd number of quotes leaves one open: not worth looking closer.
        if quotes % 2 == 0 and (cells := _cells(_without_end(text[position:after]), cells_of)):
            return CutRow(number, cells, _zeros(text[position:after])), after
        if after >= len(text):
            break
    return CutRow(number, (), (RowFlaw.QUOTES_BROKEN,)), _line_at(text, position)[1]


def _cells(row: str, cells_of: re.Pattern[str]) -> tuple[str, ...]:
    """Return the cells, or none where a quote stands where none can."""
    cells, position = [], 0
    while found := cells_of.match(row, position):
        quoted = found["quoted"]
        cells.append(found["plain"] if quoted is None else quoted.replace('""', '"'))
        if found.end() == len(row) and not found["delimiter"]:
            return tuple(cells)
        position = found.end()
    return ()


def _cell_pattern(delimiter: str) -> re.Pattern[str]:
    """Return what one cell and the delimiter behind it look like; possessive, so that no text makes it slow.

    A quote within a plain cell is a character, as in `Robert "Bob"`.
    """
    end = re.escape(delimiter)
    plain = rf'(?P<plain>(?:[^"\r\n{end}][^\r\n{end}]*+)?)'
    return re.compile(rf'(?:"(?P<quoted>[^"]*+(?:""[^"]*+)*+)"[ ]*+|{plain})(?P<delimiter>{end}|\Z)')


def _without_end(row: str) -> str:
    return row.removesuffix("\n").removesuffix("\r")


def _zeros(row: str) -> tuple[RowFlaw, ...]:
    return (RowFlaw.ZERO_BYTE,) if "\0" in row else ()
