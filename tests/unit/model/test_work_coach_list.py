"""The nouns of a work-coach list: every row accounted for, and nothing of anybody printed."""

from datetime import date

import pytest

from gateway.model.work_coach_list import (
    Claimant,
    Column,
    ColumnProfile,
    DateOrder,
    RowFlaw,
    UnreadableRow,
    WorkCoachList,
)

PROFILE = ColumnProfile("wisbech", (("Surname", Column.SURNAME),), ("Notes",), DateOrder.DAY_FIRST, "ab" * 32)
SOMEBODY = Claimant(2, nino="QQ123456C", surname="Kowalska", born=date(1990, 1, 2), work_coach="Nowak")


def list_of(rows_read, *claimants, unreadable=()):
    return WorkCoachList(
        "cd" * 32, PROFILE, rows_read, claimants, unreadable, 0, encoding="utf-8", sheet="Kowalska", hidden_sheets=0
    )


def test_a_list_names_its_office():
    assert list_of(1, SOMEBODY).office == "wisbech"


def test_a_list_that_lost_a_row_cannot_be_made():
    with pytest.raises(RuntimeError, match="neither"):
        list_of(3, SOMEBODY, unreadable=(UnreadableRow(3, (RowFlaw.ZERO_BYTE,)),))


def test_nothing_of_a_claimant_or_a_list_is_printed():
    printed = repr(SOMEBODY) + repr(list_of(1, SOMEBODY)) + str(SOMEBODY) + f"{SOMEBODY}"
    assert "Claimant(row=2)" in printed
    for value in ("QQ123456C", "Kowalska", "1990", "Nowak"):
        assert value not in printed
