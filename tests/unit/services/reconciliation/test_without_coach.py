"""People without a work coach are shown whole and in order: on a sheet, or of many in a file of their own."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.linkage import Person
from gateway.reconciliation.plain import plain
from gateway.services.reconciliation import without_coach
from gateway.services.reconciliation.told import DisclosedPerson, Line, Lines
from gateway.services.reconciliation.without_coach import in_order, told_alone, values_alone, without_coach_of
from tests.unit.services.reconciliation.test_told import agreed

AGREEMENT = agreed()
CELLS = st.text("aAbBé'- \0,1=", max_size=4)


def people(*surnames):
    lines = Lines(AGREEMENT)
    today = [Line(lines, f"{name},Anna,1980-12-31,QQ123456C,CB1 1AA,Lead".encode()) for name in surnames]
    return [DisclosedPerson("p", date(2026, 11, 16), True, each, None, Person("p")) for each in today]


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8))
def test_rows_are_in_the_order_of_plain_cells_and_then_of_the_cells(rows):
    assert in_order(rows) == sorted(rows, key=lambda row: ([plain(cell) for cell in row], list(row)))


def test_a_few_stand_on_the_sheet_with_real_days():
    shown = without_coach_of(AGREEMENT, values_alone(AGREEMENT, people("Other", "Example")), "MARKED")
    assert shown.file is None
    assert [row[:3] for row in shown.sheet.rows] == [
        ("Example", "Anna", date(1980, 12, 31)),
        ("Other", "Anna", date(1980, 12, 31)),
    ]
    assert shown.sheet.marking == "MARKED"


def test_of_too_many_the_sheet_says_how_many_and_where_and_shows_none(monkeypatch):
    monkeypatch.setattr(without_coach, "MOST_ON_A_SHEET", 1)
    shown = without_coach_of(AGREEMENT, values_alone(AGREEMENT, people("Other", "=1+1")), "MARKED")
    (row,) = shown.sheet.rows
    assert (row[0], "no-work-coach.csv" in row[1], shown.sheet.marking) == (2, True, "MARKED")
    heading, *read = csv.reader(io.StringIO(shown.file.decode("utf-8-sig")))
    assert heading == ["Surname", "Forename", "Date of birth", "National Insurance number", "Lead professional"]
    assert [each[:3] for each in read] == [["'=1+1", "Anna", "1980-12-31"], ["Other", "Anna", "1980-12-31"]]
    assert len(shown.rows) == 2


@pytest.mark.parametrize("today", [{"surname": "Example"}, None])
def test_what_a_list_does_not_tell_is_empty(today):
    person = people("Other")[0]._replace(today=today)
    (values,) = values_alone(AGREEMENT, [person])
    assert dict(zip(told_alone(AGREEMENT), values, strict=True))["surname"] == ("Example" if today else "")
    assert values[1:] == ("",) * 4
