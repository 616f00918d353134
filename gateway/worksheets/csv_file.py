"""Write a sheet as CSV that Excel opens as it should: UTF-8 with its mark, CR LF, quoted as RFC 4180 has it.

Days are ISO, which every spreadsheet reads as the same day whatever its country. A CSV has no kinds of columns, so a
spreadsheet may still take an identifier for a number: people are given the XLSX.

Pure.
"""

import codecs
import csv
import io
from datetime import date

from gateway.worksheets.harmless import harmless
from gateway.worksheets.sheet import Sheet, Value


def written_csv(sheet: Sheet) -> bytes:
    """Return the bytes of a CSV file; the same sheet gives the same bytes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([harmless(column.heading) for column in sheet.columns])
    # A column at a time: a long sheet is written in a fraction of the time.
    columns = [map(_said, column) for column in zip(*sheet.rows, strict=True)]
    writer.writerows(zip(*columns, strict=True))
    return codecs.BOM_UTF8 + text.getvalue().encode()


def _said(value: Value) -> str:
    match value:
        case str():
            return harmless(value)
        case None:
            return ""
        case date():
            return value.isoformat()
        case int():
            return str(value)
