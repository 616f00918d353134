"""Write sheets as an XLSX workbook: the heading stays in view, every column can be filtered, pages print readably.

- Days are real dates, numbers are numbers, and everything else is text: no value becomes a formula or a link, whatever
  it looks like, and an identifier stays as it is when somebody edits it.
- The same sheets give the same bytes: the workbook says that it was made on a fixed day.

Pure: bytes come out; nothing is written to a disk.
"""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from gateway.worksheets.harmless import harmless
from gateway.worksheets.sheet import Column, Kind, Sheet, Value

#: What a workbook can hold.
MOST_ROWS = 1_048_575
_LONGEST_TITLE = 31
_MADE_AT = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
#: Workbooks count days from here.
_FIRST_DAY = date(1900, 1, 1)
#: Widths in characters: text is wrapped, an identifier never is.
_NARROWEST, _WIDEST_TEXT, _WIDEST, _BESIDE_TEXT = 6, 30, 50, 2
#: The height of a line in points, and the most of them that a row shows.
_LINE, _MOST_LINES = 15, 8
#: In inches: as many columns as there are need the paper.
_MARGINS = {"left": 0.3, "right": 0.3, "top": 0.7, "bottom": 0.6}
_DAY_SHOWN = "31/12/2000"
_LANDSCAPE_PAPER = 9
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}


def written_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """Return the bytes of a workbook with these sheets, in their order; the same sheets give the same bytes."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, _OPTIONS) as workbook:
        workbook.set_properties({"created": _MADE_AT})
        formats = _formats(workbook)
        for sheet in sheets:
            _write(workbook.add_worksheet(sheet.title[:_LONGEST_TITLE]), sheet, formats)
    return file.getvalue()


def _formats(workbook: Workbook) -> dict[str, Format]:
    # A hair line under each row leads the eye across a printed page.
    top = {"valign": "top", "bottom": 4, "bottom_color": "#B1B4B6"}
    return {
        "heading": workbook.add_format({"bold": True, "text_wrap": True, **top, "bottom": 1, "bg_color": "#E6EEF5"}),
        Kind.TEXT: workbook.add_format({"text_wrap": True, **top}),
        Kind.IDENTIFIER: workbook.add_format({"num_format": "@", **top}),
        Kind.DAY: workbook.add_format({"num_format": "dd/mm/yyyy", "align": "left", **top}),
        Kind.NUMBER: workbook.add_format({"num_format": "0", "align": "left", **top}),
    }


def _write(worksheet: Worksheet, sheet: Sheet, formats: dict[str, Format]) -> None:
    if len(sheet.rows) > MOST_ROWS:
        raise RuntimeError("a workbook's sheet cannot hold so many rows")
    widths = [_width(column, [row[place] for row in sheet.rows]) for place, column in enumerate(sheet.columns)]
    _set_heights(worksheet, sheet, widths)
    for place, column in enumerate(sheet.columns):
        values = [row[place] for row in sheet.rows]
        worksheet.set_column(place, place, widths[place], formats[column.kind])
        worksheet.write_string(0, place, harmless(column.heading), formats["heading"])
        for number, value in enumerate(values, start=1):
            _write_cell(worksheet, number, place, value, formats[column.kind])
    _lay_out(worksheet, sheet)


def _lay_out(worksheet: Worksheet, sheet: Sheet) -> None:
    last_row, last_column = len(sheet.rows), len(sheet.columns) - 1
    worksheet.freeze_panes(1, 0)
    worksheet.autofilter(0, 0, last_row, last_column)
    # Identifiers that look like numbers are meant to be text: no green corners.
    worksheet.ignore_errors({"number_stored_as_text": _area(max(last_row, 1), last_column)})
    worksheet.set_landscape()
    worksheet.set_paper(_LANDSCAPE_PAPER)
    worksheet.set_margins(**_MARGINS)
    worksheet.fit_to_pages(1, 0)
    worksheet.repeat_rows(0)
    worksheet.set_header(f"&L&A&C{_in_header(sheet.marking)}")
    worksheet.set_footer("&C&P / &N")


def _write_cell(worksheet: Worksheet, row: int, column: int, value: Value, form: Format) -> None:
    match value:
        case None | "":
            worksheet.write_blank(row, column, None, form)
        case date() if value >= _FIRST_DAY:
            worksheet.write_datetime(row, column, value, form)
        case date():
            worksheet.write_string(row, column, value.isoformat(), form)
        case int():
            worksheet.write_number(row, column, value, form)
        case str():
            worksheet.write_string(row, column, harmless(value), form)


def _width(column: Column, values: Sequence[Value]) -> int:
    """Return as much as the longest value takes and each word of the heading, which is wrapped; text is, too."""
    longest = max((_shown_length(value) for value in values), default=0)
    widest = _WIDEST_TEXT if column.kind is Kind.TEXT else _WIDEST
    word = max(map(len, column.heading.split()), default=0)
    return max(min(longest + _BESIDE_TEXT, widest), word + _BESIDE_TEXT, _NARROWEST)


def _set_heights(worksheet: Worksheet, sheet: Sheet, widths: Sequence[int]) -> None:
    """Make room for what is wrapped: not every program does so when it opens a workbook."""
    wrapped = [place for place, column in enumerate(sheet.columns) if column.kind is Kind.TEXT]
    headings = max(
        (_lines(column.heading, width) for column, width in zip(sheet.columns, widths, strict=True)), default=1
    )
    worksheet.set_row(0, _LINE * headings)
    for number, row in enumerate(sheet.rows, start=1):
        lines = max((_lines(str(row[place] or ""), widths[place]) for place in wrapped), default=1)
        if lines > 1:
            worksheet.set_row(number, _LINE * min(lines, _MOST_LINES))


def _lines(text: str, width: int) -> int:
    """Return into how many lines a text is wrapped, word by word; a word that is too long is broken."""
    # A column's width is counted in noughts, and most letters are narrower.
    width += width // 10
    lines, room = 1, width
    for word in text.split():
        if len(word) > room and room < width:
            lines, room = lines + 1, width
        lines, room = lines + (len(word) - 1) // width, room - len(word) % width - 1
    return lines


def _shown_length(value: Value) -> int:
    return len(_DAY_SHOWN) if isinstance(value, date) else len(str(value or ""))


def _area(last_row: int, last_column: int) -> str:
    return str(xlsxwriter.utility.xl_range(1, 0, last_row, last_column))


def _in_header(text: str) -> str:
    return harmless(text).replace("&", "&&")
