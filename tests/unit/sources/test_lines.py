"""One record is one physical line, whatever the bytes do."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sources.lines import LONGEST_LINE, BrokenLine, LineFlaw, Splitter, lines_of

CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12)


def test_only_a_line_feed_ends_a_line():
    text = "a\x0bb\x0cc\x85d\u2028e\rf\r\ng\n"
    assert list(lines_of([text])) == ["a\x0bb\x0cc\x85d\u2028e\rf", "g"]


@given(st.text(alphabet="ab,\r\n", max_size=60), st.integers(1, 7))
def test_the_pieces_that_a_file_comes_in_make_no_difference(text, size):
    pieces = [text[n : n + size] for n in range(0, len(text), size)]
    assert list(lines_of(pieces)) == list(lines_of([text]))


def test_a_last_line_without_its_end_is_broken():
    assert list(lines_of(["a\nb"])) == ["a", BrokenLine("b", LineFlaw.WITHOUT_END)]


@pytest.mark.parametrize("pieces", [["x" * (LONGEST_LINE + 1) + "\nb\n"], ["x" * 1000] * 10_000 + ["\n", "b\n"]])
def test_a_line_that_is_too_long_is_kept_in_its_beginning_only(pieces):
    assert list(lines_of(pieces)) == [BrokenLine("x" * LONGEST_LINE, LineFlaw.TOO_LONG), "b"]


def test_a_line_of_exactly_the_longest_length_is_whole():
    assert list(lines_of(["x" * LONGEST_LINE + "\n"])) == ["x" * LONGEST_LINE]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("a,b,,", ["a", "b", "", ""]),
        ('"a","b"', ["a", "b"]),
        ('""', [""]),
        ('"a""b",c', ['a"b', "c"]),
        ('"a,b","c"', ["a,b", "c"]),
        ('"a"",""b"', ['a","b']),
        ('"",""', ["", ""]),
        ('"a', LineFlaw.QUOTES_ODD),
        ('5" pipe,b', LineFlaw.QUOTES_ODD),
        ('the "old" school,b', LineFlaw.QUOTES_MISPLACED),
        ('a"b,"c', LineFlaw.QUOTES_MISPLACED),
        ('"a"b","c"', LineFlaw.QUOTES_ODD),
        ('"a"b,"c"', LineFlaw.QUOTES_MISPLACED),
    ],
)
def test_quotes_stand_around_a_whole_cell_or_doubled_within_one(line, cells):
    assert Splitter(",").cells_of(line) == cells


@given(
    st.lists(CELLS, min_size=2, max_size=6),
    st.sampled_from(",;\t|"),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_a_csv_writer_writes_is_read_back(cells, delimiter, quoting):
    written: list[str] = []
    sink = type("Sink", (), {"write": lambda _, text: written.append(text)})()
    csv.writer(sink, delimiter=delimiter, quoting=quoting, lineterminator="").writerow(cells)
    assert Splitter(delimiter).cells_of("".join(written)) == cells


@given(st.text(alphabet='ab",', max_size=30))
def test_cells_are_those_of_a_strict_csv_reader_or_none(line):
    cells = Splitter(",").cells_of(line)
    if isinstance(cells, list) and line:
        assert cells == next(csv.reader([line], strict=True))
