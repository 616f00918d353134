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
_NARROWEST, _WIDEST, _BESIDE_TEXT = 8, 50, 3
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
    top = {"valign": "top"}
    return {
        "heading": workbook.add_format({"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#E6EEF5", **top}),
        Kind.TEXT: workbook.add_format({"text_wrap": True, **top}),
        Kind.IDENTIFIER: workbook.add_format({"num_format": "@", **top}),
        Kind.DAY: workbook.add_format({"num_format": "dd/mm/yyyy", "align": "left", **top}),
        Kind.NUMBER: workbook.add_format({"num_format": "0", **top}),
    }


def _write(worksheet: Worksheet, sheet: Sheet, formats: dict[str, Format]) -> None:
    if len(sheet.rows) > MOST_ROWS:
        raise RuntimeError("a workbook's sheet cannot hold so many rows")
    for place, column in enumerate(sheet.columns):
        values = [row[place] for row in sheet.rows]
        worksheet.set_column(place, place, _width(column, values), formats[column.kind])
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
    worksheet.fit_to_pages(1, 0)
    worksheet.repeat_rows(0)
    if sheet.marking:
        worksheet.set_header(f"&C{_in_header(sheet.marking)}")
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
    longest = max((_shown_length(value) for value in values), default=0)
    return min(max(longest, len(column.heading), _NARROWEST) + _BESIDE_TEXT, _WIDEST)


def _shown_length(value: Value) -> int:
    return len(_DAY_SHOWN) if isinstance(value, date) else len(str(value or ""))


def _area(last_row: int, last_column: int) -> str:
    return str(xlsxwriter.utility.xl_range(1, 0, last_row, last_column))


def _in_header(text: str) -> str:
    return harmless(text).replace("&", "&&")
