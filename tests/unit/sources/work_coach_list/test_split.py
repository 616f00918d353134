"""Rows and cells are cut as the standard library writes them, and what cannot be cut costs one row."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.work_coach_list import RowFlaw
from gateway.sources.work_coach_list.split import LONGEST_ROW, cut_rows
from gateway.sources.work_coach_list.text import DELIMITERS

CELLS = st.text("aé\",;|\t\n\r '", max_size=8)
TABLES = st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=5)


def cells(text, delimiter=","):
    return [(row.number, list(row.cells)) for row in cut_rows(text, delimiter)]


@settings(deadline=None)
@given(TABLES, st.sampled_from(DELIMITERS), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.booleans())
def test_what_the_standard_library_writes_is_cut_back_into_its_cells(table, delimiter, quoting, ended):
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, quoting=quoting).writerows(table)
    text = written.getvalue() if ended else written.getvalue().removesuffix("\r\n")
    assert cells(text, delimiter) == list(enumerate(table, start=1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n", [(1, [""])]),
        ("a,b\n\nc", [(1, ["a", "b"]), (2, [""]), (3, ["c"])]),
        ('a "b" c,d', [(1, ['a "b" c', "d"])]),
        ('"a"  ,b', [(1, ["a", "b"])]),
        ('"a\n\nb",c\nd,e', [(1, ["a\n\nb", "c"]), (2, ["d", "e"])]),
        (',"",\r\n', [(1, ["", "", ""])]),
    ],
)
def test_rows_are_cut_as_a_spreadsheet_would(text, expected):
    assert cells(text) == expected


@pytest.mark.parametrize("broken", ['"a', '"a"b', '"a"b"', 'a,"b', '"a,b\nc', '"' + "\n" * 25 + '"'])
def test_broken_quotes_cost_the_line_in_which_they_began(broken):
    first, *_ = cut_rows(f"{broken}\nx,y\n", ",")
    assert first.flaws == (RowFlaw.QUOTES_BROKEN,)
    assert (first.cells, list(cut_rows(f"{broken}\nx,y\n", ","))[-1].cells) == ((), ("x", "y"))


def test_a_row_may_be_as_long_as_is_allowed_and_no_longer():
    longest = "x" * LONGEST_ROW
    assert cells(f"{longest}\ny") == [(1, [longest]), (2, ["y"])]
    rows = list(cut_rows(f"{longest}x\ny", ","))
    assert [(row.flaws, row.cells) for row in rows] == [((RowFlaw.ROW_TOO_LONG,), ()), ((), ("y",))]


def test_a_zero_character_is_a_flaw_of_its_row_quoted_or_not():
    rows = list(cut_rows('a\0,b\n"c\0",d\ne', ","))
    assert [row.flaws for row in rows] == [(RowFlaw.ZERO_BYTE,), (RowFlaw.ZERO_BYTE,), ()]
