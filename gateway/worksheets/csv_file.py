"""Write a sheet as CSV that Excel opens as it should: UTF-8 with its mark, CR LF, quoted as RFC 4180 has it.

Days are ISO, which every spreadsheet reads as the same day whatever its country. A CSV has no kinds of columns, so a
spreadsheet may still take an identifier for a number: people are given the XLSX.

Pure.
"""

import codecs
import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import cast

from gateway.worksheets.harmless import all_harmless, harmless
from gateway.worksheets.sheet import Sheet, Value

_LINE_END = "\r\n"


def written_csv(sheet: Sheet) -> bytes:
    """Return the bytes of a CSV file; the same sheet gives the same bytes."""
    columns = [all_harmless(_texts(column)) for column in zip(*sheet.rows, strict=True)]
    heading = [harmless(column.heading) for column in sheet.columns]
    lines = map(_line, [heading, *zip(*columns, strict=True)])
    return codecs.BOM_UTF8 + "".join(f"{line}{_LINE_END}" for line in lines).encode()


def _line(cells: Sequence[str]) -> str:
    line = ",".join(cells)
    # Nearly every line of a long sheet; a writer of CSV looks at each of its characters.
    if line and '"' not in line and line.count(",") == len(cells) - 1:
        return line
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def _texts(values: Sequence[Value]) -> Sequence[str]:
    if set(map(type, values)) == {str}:
        return cast("Sequence[str]", values)
    return [_said(value) for value in values]


def _said(value: Value) -> str:
    match value:
        case None:
            return ""
        case date():
            return value.isoformat()
        case _:
            return str(value)
