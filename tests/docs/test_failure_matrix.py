"""The failure matrix is whole: every row has tests that exist and are named for it, and says how real its fault is."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.failure_matrix import MATRIX, WRITTEN

ROOT = Path(__file__).resolve().parents[2]


@cache
def functions_of(file):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def rows_of(test):
    """The rows that a test's name names: `row_8`, `rows_21_22` or `rows_3_to_6`."""
    if stretch := re.search(r"rows_(\d+)_to_(\d+)", test):
        return set(range(int(stretch[1]), int(stretch[2]) + 1))
    named = re.search(r"rows?_(\d+(?:_\d+)*)", test)
    return set(map(int, named[1].split("_"))) if named else set()


def test_there_are_fifty_rows_in_order():
    assert [row.number for row in MATRIX] == list(range(1, 51))


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: str(row.number))
def test_every_test_of_a_row_exists_and_is_named_for_it(row):
    assert row.tests
    for test in row.tests:
        file, name = test.split("::")
        assert name in functions_of(file)
        assert row.number in rows_of(name)
    if row.journey:
        file, name = row.journey.split("::")
        assert name in functions_of(file)


def test_every_test_that_names_a_row_stands_in_the_table():
    listed = {test.split("::")[1] for row in MATRIX for test in row.tests}
    for file in {test.split("::")[0] for row in MATRIX for test in row.tests}:
        assert {name for name in functions_of(file) if rows_of(name)} <= listed, file


def test_at_most_eight_rows_are_shown_by_a_server_that_was_written_for_them():
    written = [row for row in MATRIX if row.real == WRITTEN]
    assert len(written) <= 8
    assert all(bool(row.why) == (row.real == WRITTEN) for row in MATRIX)
