"""Worksheets read back: dates are dates, identifiers text, nothing runs, and the same rows give the same bytes."""

import csv
import io
import re
import tempfile
import zipfile
from datetime import UTC, date, datetime

import pytest
import python_calamine as calamine
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from gateway.worksheets import xlsx_file
from gateway.worksheets.csv_file import written_csv
from gateway.worksheets.harmless import harmless
from gateway.worksheets.sheet import Column, Kind, Sheet
from gateway.worksheets.xlsx_file import written_xlsx

COLUMNS = (
    Column("Surname"),
    Column("NINO", Kind.IDENTIFIER),
    Column("Born", Kind.DAY),
    Column("Lists", Kind.NUMBER),
    Column("Contact"),
)
ROWS = (
    ("Žukauskas", "QQ123456A", date(1985, 12, 31), 3, "+44 1223 000000"),
    ('=HYPERLINK("https://example.test")', "000123", date(1899, 5, 1), 0, "https://example.test/a"),
    ('O\'Neill, "Seán"', "1E5", None, None, "mailto:a@example.test"),
)
SHEET = Sheet("Your list", COLUMNS, ROWS, marking="OFFICIAL & SENSITIVE")


def read_back(data, sheet=0):
    return calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(sheet).to_python()


def part_of(data, name):
    return zipfile.ZipFile(io.BytesIO(data)).read(name).decode()


def test_a_workbook_reads_back_as_what_was_written():
    assert read_back(written_xlsx([SHEET])) == [
        ["Surname", "NINO", "Born", "Lists", "Contact"],
        ["Žukauskas", "QQ123456A", date(1985, 12, 31), 3.0, "'+44 1223 000000"],
        ['\'=HYPERLINK("https://example.test")', "000123", "1899-05-01", 0.0, "https://example.test/a"],
        ['O\'Neill, "Seán"', "1E5", "", "", "mailto:a@example.test"],
    ]


def test_a_workbook_holds_no_formula_and_no_link():
    data = written_xlsx([SHEET])
    sheet = part_of(data, "xl/worksheets/sheet1.xml")
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert not [name for name in zipfile.ZipFile(io.BytesIO(data)).namelist() if "sheet1.xml.rels" in name]


def test_the_heading_stays_in_view_and_every_column_can_be_filtered():
    sheet = part_of(written_xlsx([SHEET]), "xl/worksheets/sheet1.xml")
    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A1:E4"/>' in sheet
    assert len(re.findall(r"<col min", sheet)) == len(COLUMNS)
    assert "OFFICIAL &amp;&amp; SENSITIVE" in sheet


def test_the_same_sheets_give_the_same_bytes_whatever_the_day():
    first = written_xlsx([SHEET])
    with time_machine.travel(datetime(2031, 6, 1, 12, tzinfo=UTC)):
        assert written_xlsx([SHEET]) == first
    dates = {part.date_time for part in zipfile.ZipFile(io.BytesIO(first)).infolist()}
    assert dates == {(1980, 1, 1, 0, 0, 0)}
    assert "2000-01-01T00:00:00Z" in part_of(first, "docProps/core.xml")


def test_a_workbook_is_written_without_any_file_on_the_way(monkeypatch):
    """A temporary file would hold everybody on the list (law L8)."""

    def made(*_, **__):
        raise AssertionError("a temporary file")

    monkeypatch.setattr(tempfile, "_get_candidate_names", made)
    monkeypatch.setattr(tempfile, "gettempdir", made)
    assert written_xlsx([SHEET])


def test_a_workbook_has_several_sheets_in_their_order_and_one_may_be_empty():
    data = written_xlsx([SHEET, Sheet("Left " * 10, COLUMNS, ())])
    workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert workbook.sheet_names == ["Your list", ("Left " * 10)[:31]]
    assert read_back(data, 1) == [["Surname", "NINO", "Born", "Lists", "Contact"]]


def test_a_csv_has_its_mark_and_line_ends_and_reads_back():
    data = written_csv(SHEET)
    assert data.startswith(b"\xef\xbb\xbfSurname,NINO,Born,Lists,Contact\r\n")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[1:] == [
        ["Žukauskas", "QQ123456A", "1985-12-31", "3", "'+44 1223 000000"],
        ['\'=HYPERLINK("https://example.test")', "000123", "1899-05-01", "0", "https://example.test/a"],
        ['O\'Neill, "Seán"', "1E5", "", "", "mailto:a@example.test"],
    ]


def test_a_row_that_does_not_fit_its_columns_is_a_bug():
    with pytest.raises(RuntimeError, match="another number of values"):
        Sheet("x", COLUMNS, [("one",)])


def test_more_rows_than_a_workbook_holds_are_a_bug(monkeypatch):
    monkeypatch.setattr(xlsx_file, "MOST_ROWS", 2)
    with pytest.raises(RuntimeError, match="so many rows"):
        written_xlsx([SHEET])


def heights_of(sheet):
    rows = re.findall(r'<row r="([0-9]+)"([^>]*)>', sheet)
    found = {int(number): re.search(r' ht="([0-9.]+)"', said) for number, said in rows}
    return {number: float(height[1]) for number, height in found.items() if height}


def widths_of(sheet):
    return [float(width) for width in re.findall(r'<col [^>]*width="([\d.]+)"', sheet)]


def test_a_row_has_room_for_what_is_wrapped_in_it_and_no_more_than_a_page_shows():
    columns = (Column("To note"), Column("National Insurance number", Kind.IDENTIFIER))
    said = "the date of birth cannot be read in the office's order, and counts as missing"
    rows = [("short", "QQ123456A"), (said, "QQ123456A"), ("x" * 5000, ""), (None, None)]
    sheet = part_of(written_xlsx([Sheet("Your list", columns, rows)]), "xl/worksheets/sheet1.xml")
    assert heights_of(sheet) == {1: 45.0, 3: 45.0, 4: 120.0}


def test_a_column_is_as_wide_as_what_stands_in_it_and_as_each_word_of_its_heading():
    columns = (
        Column("National Insurance number", Kind.IDENTIFIER),
        Column("To note"),
        Column("No"),
        Column("Ref", Kind.IDENTIFIER),
    )
    sheet = part_of(
        written_xlsx([Sheet("Your list", columns, [("QQ123456A", "x" * 200, "", "R" + "0" * 24)])]),
        "xl/worksheets/sheet1.xml",
    )
    assert [round(width) for width in widths_of(sheet)] == [12, 31, 7, 28]


def test_a_page_says_which_sheet_it_is_beside_its_marking():
    sheet = part_of(written_xlsx([SHEET]), "xl/worksheets/sheet1.xml")
    assert "&amp;L&amp;A&amp;COFFICIAL &amp;&amp; SENSITIVE" in sheet


@given(st.lists(st.tuples(*[st.text('a,"\r\n =é', max_size=3)] * 2), max_size=3))
def test_a_csv_is_what_a_writer_of_csv_writes_of_harmless_cells(rows):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([["A", "B"], *([harmless(cell) for cell in row] for row in rows)])
    assert written_csv(Sheet("x", (Column("A"), Column("B")), rows)) == b"\xef\xbb\xbf" + text.getvalue().encode()


def test_a_csv_of_one_column_tells_an_empty_cell_from_no_line():
    assert written_csv(Sheet("x", (Column("A"),), [("",), ("b",)])) == b'\xef\xbb\xbfA\r\n""\r\nb\r\n'
