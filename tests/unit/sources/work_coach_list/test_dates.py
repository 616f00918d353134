"""Dates of birth: one meaning or none."""

from datetime import date

import pytest

from gateway.model.work_coach_list import DateOrder, Mark
from gateway.sources.work_coach_list.dates import Written, birth_of, is_iso, written_as

TODAY = date(2026, 11, 22)


def born(cell, order=DateOrder.DAY_FIRST, *, from_1904=False):
    return birth_of(cell, order, TODAY, from_1904=from_1904)


@pytest.mark.parametrize(
    "text",
    [
        "03/04/1990",
        "3/4/1990",
        "03-04-1990",
        "3.4.1990",
        "03 04 1990",
        " 03/04/1990 ",
        "03/04/1990 00:00",
        "03/04/1990 12:30:15 AM",
        "3 Apr 1990",
        "3-Apr-1990",
        "3rd April 1990",
        "03 APRIL 1990",
        "April 3, 1990",
        "1990-04-03",
        "1990-04-03T00:00:00",
        "1990-04-03 00:00:00.000",
    ],
)
def test_a_date_is_read_however_it_is_written(text):
    assert born(text).born == date(1990, 4, 3)
    assert not born(text).marks


@pytest.mark.parametrize(
    "text",
    [
        "12/31/1990",
        "31/02/1990",
        "00/04/1990",
        "03/04/199",
        "03/04",
        "1990",
        "03041990",
        "April",
        "3 Foo 1990",
        "x" * 50,
        "03/04/1990 tea",
        "31/12/1990/1",
        "-1",
        "0/0/0",
        "٣/٤/١٩٩٠",
        "3/4/0000",
    ],
)
def test_what_has_no_one_meaning_is_unreadable_and_never_guessed(text):
    assert born(text).born is None
    assert born(text).marks == {Mark.BORN_UNREADABLE}


def test_an_empty_cell_is_no_date_and_no_mark():
    assert (born(None).born, born("  ").born, born(None).marks) == (None, None, frozenset())


def test_in_a_file_of_iso_dates_nothing_else_is_read():
    assert born("1990-04-03", DateOrder.ISO).born == date(1990, 4, 3)
    assert born("03/04/1990", DateOrder.ISO).marks == {Mark.BORN_UNREADABLE}
    assert born("3 April 1990", DateOrder.ISO).marks == {Mark.BORN_UNREADABLE}
    assert is_iso("1990-04-03")


@pytest.mark.parametrize(
    ("serial", "day"),
    [(32966, date(1990, 4, 3)), (32966.75, date(1990, 4, 3)), ("32966", date(1990, 4, 3)), (25569.0, date(1970, 1, 1))],
)
def test_a_bare_number_counts_days_from_1900_and_is_marked(serial, day):
    assert born(serial).born == day
    assert born(serial).marks == {Mark.BORN_SERIAL}


def test_a_bare_number_counts_days_from_1904_where_the_workbook_says_so():
    assert born(31504.0, from_1904=True).born == date(1990, 4, 3)


def test_the_first_days_of_1900_are_counted_without_the_day_that_there_was_not():
    assert birth_of(1.0, DateOrder.ISO, date(1950, 1, 1), from_1904=False).marks == {Mark.BORN_PLACEHOLDER}
    assert birth_of(59.0, DateOrder.ISO, date(1950, 1, 1), from_1904=False).born == date(1900, 2, 28)
    assert birth_of(60.0, DateOrder.ISO, date(1950, 1, 1), from_1904=False).marks == {Mark.BORN_UNREADABLE}
    assert birth_of(61.0, DateOrder.ISO, date(1950, 1, 1), from_1904=False).born == date(1900, 3, 1)


@pytest.mark.parametrize("number", [0, -5.0, 19900403, 3041990, float("nan"), float("inf")])
def test_a_number_that_counts_no_days_is_unreadable(number):
    assert born(number).marks == {Mark.BORN_UNREADABLE}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("03/04/90", date(1990, 4, 3)),
        ("03/04/07", date(2007, 4, 3)),
        ("22/11/10", date(2010, 11, 22)),
        ("3-Apr-27", date(1927, 4, 3)),
        ("23/11/16", date(1916, 11, 23)),
    ],
)
def test_a_year_of_two_digits_is_the_one_of_a_claimant(text, day):
    assert born(text).born == day
    assert born(text).marks == {Mark.BORN_TWO_DIGIT_YEAR}


def test_a_year_of_two_digits_in_which_no_claimant_was_born_is_unreadable():
    """2011 would make them 15 or younger, 1911 more than 110."""
    assert born("23/11/10").marks == {Mark.BORN_UNREADABLE}
    assert born("01/01/12").marks == {Mark.BORN_UNREADABLE}


@pytest.mark.parametrize(
    ("cell", "mark"),
    [
        ("01/01/1900", Mark.BORN_PLACEHOLDER),
        (date(1900, 1, 1), Mark.BORN_PLACEHOLDER),
        ("23/11/2026", Mark.BORN_FUTURE),
        ("01/01/1880", Mark.BORN_TOO_LONG_AGO),
    ],
)
def test_a_date_that_nobody_can_have_counts_as_missing_and_is_marked(cell, mark):
    assert born(cell).born is None
    assert born(cell).marks == {mark}


def test_what_a_text_shows_of_the_order_is_told():
    shown = {text: written_as(text) for text in ("31/12/1990", "12/31/1990", "03/04/1990", "32/32/1990", "1990-04-03")}
    assert list(shown.values()) == [
        Written.DAY_FIRST,
        Written.MONTH_FIRST,
        Written.EITHER,
        Written.NOTHING,
        Written.NOTHING,
    ]
