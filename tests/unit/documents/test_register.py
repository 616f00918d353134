"""Registers: one source, four forms, and in all of them what was not written down is visible."""

import csv
import io

import pytest

from gateway.documents.register import Column, Register, Shape, as_csv, as_data, as_page, as_text

COLUMNS = (Column("name", "Name"), Column("benefits", "Benefits"), Column("areas", "Areas"), Column("people", "People"))
ROWS = (("A share", None, (), 3180), ("Another", "One plan", ("City", "Fenland"), 5))


def a_register(shape: Shape = Shape.TABLE, rows=ROWS) -> Register:
    return Register("Shares", "Made for tests", "What is shared", COLUMNS, rows, shape)


def test_csv_has_a_line_for_each_entry_and_says_what_is_not_recorded():
    read = list(csv.reader(io.StringIO(as_csv(a_register()), newline="")))
    assert read == [
        ["Name", "Benefits", "Areas", "People"],
        ["A share", "not recorded", "none", "3180"],
        ["Another", "One plan", "City; Fenland", "5"],
    ]
    assert as_csv(a_register(), headings=False).startswith("name,benefits,areas,people\r\n")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start):
    rows = ((f"{start}1+1", f"{start}2", (f"{start}3",), 1),)
    _, cells = csv.reader(io.StringIO(as_csv(a_register(rows=rows)), newline=""))
    assert [cell[0] for cell in cells] == ["'", "'", "'", "1"]


@pytest.mark.parametrize("shape", Shape)
def test_a_page_and_plain_text_hold_every_value(shape):
    for shown in (as_page(a_register(shape)), as_text(a_register(shape))):
        for word in ("A share", "not recorded", "none", "3,180", "One plan", "City", "Fenland", "Benefits"):
            assert word in shown
    assert ('<body class="wide">' in as_page(a_register(shape))) is (shape is Shape.TABLE)


@pytest.mark.parametrize("shape", Shape)
def test_a_register_without_entries_says_so(shape):
    assert "Shares: none." in as_page(a_register(shape, rows=()))
    assert "no entry" in as_text(a_register(shape, rows=()))


def test_data_keeps_names_and_kinds():
    first, second = as_data(a_register())["rows"]
    assert first == {"name": "A share", "benefits": None, "areas": (), "people": 3180}
    assert second["areas"] == ("City", "Fenland")
