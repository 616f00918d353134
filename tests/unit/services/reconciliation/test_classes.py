"""Every row is in one class, and the classes sum to the rows read."""

from dataclasses import replace
from datetime import date

import pytest

from gateway.model.linkage import Duplicate, Evidence, How, Linked, Match, Person, Queued, WhyQueued
from gateway.model.reconciliation import AnsweredRow, Counts, LeadMark, RowClass
from gateway.model.work_coach_list import (
    Claimant,
    Column,
    ColumnProfile,
    DateOrder,
    RowFlaw,
    UnreadableRow,
    WorkCoachList,
)
from gateway.reconciliation.comparable import Reader
from gateway.reconciliation.nicknames import NO_NICKNAMES
from gateway.services.reconciliation.changes import Change, changes_between
from gateway.services.reconciliation.classes import answered_rows, counts_of, marks_of, without_coach
from gateway.services.reconciliation.marks import Marks
from gateway.services.reconciliation.told import DisclosedPerson

READER = Reader(NO_NICKNAMES)
MARKS = Marks(b"a key made for tests only, 32 byte", READER)
EXACT = frozenset({"surname", "forename", "date_of_birth", "nino"})
TOLD = {
    "surname": "Example",
    "forename": "Anna",
    "date_of_birth": "1980-12-31",
    "nino": "QQ123456C",
    "lead_professional_name": "Lead",
    "lead_professional_contact": "lead@county.example",
    "lead_professional_org": "Early Help",
}


def a_person(key="p1", *, newest=True, today=TOLD, lead_then="Lead"):
    return DisclosedPerson(key, date(2026, 11, 16), newest, today, lead_then, Person(key))


def a_claimant(row, **changes):
    usual = Claimant(
        row, nino="QQ123456C", forename="Anna", surname="Example", born=date(1980, 12, 31), work_coach="Coach"
    )
    return replace(usual, **changes)


def a_match(row, key="p1"):
    return Match(row, key, How.NINO_AND_BORN, Evidence((), -10.0, "uk"))


def a_list(claimants, unreadable=()):
    profile = ColumnProfile("ely", {"NINO": Column.NINO}, (), DateOrder.ISO, "0" * 64)
    rows = len(claimants) + len(unreadable)
    return WorkCoachList("0" * 64, profile, rows, tuple(claimants), tuple(unreadable), 0, "utf-8", "", 0)


def answer(claimants, people, *, matches=(), queued=(), unmatched=(), duplicates=(), unreadable=()):
    linked = Linked(tuple(matches), tuple(queued), tuple(unmatched), tuple(duplicates), "uk", "0" * 64)
    known = {each.subject_ref: each for each in people}
    return answered_rows(a_list(claimants, unreadable), linked, known, EXACT, READER)


def test_each_row_is_in_one_class_and_they_sum_to_the_rows_read():
    rows = answer(
        [a_claimant(2), a_claimant(3, surname="Other"), a_claimant(4), a_claimant(5), a_claimant(6), a_claimant(8)],
        [a_person("p1"), a_person("p2"), a_person("p3", newest=False, today=None), a_person("p4")],
        matches=[a_match(2, "p1"), a_match(3, "p2"), a_match(4, "p3")],
        queued=[Queued(5, WhyQueued.VETOED, ())],
        unmatched=[6],
        duplicates=[Duplicate(8, 2)],
        unreadable=[UnreadableRow(7, (RowFlaw.ZERO_BYTE,))],
    )
    assert [(each.row, each.kind.value) for each in rows] == [
        (2, "on-list"),
        (3, "details-differ"),
        (4, "left"),
        (5, "possible"),
        (6, "not-on-list"),
        (7, "unreadable"),
        (8, "duplicate"),
    ]
    alone = without_coach(rows, [a_person("p1"), a_person("p2"), a_person("p4")])
    counts = counts_of(rows, len(alone), 7)
    assert (counts.rows_read, counts.found, counts.without_coach) == (7, 3, 1)


def test_counts_that_do_not_sum_are_never_made():
    with pytest.raises(RuntimeError):
        Counts(2, 1, 0, 0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    "person",
    [a_person(newest=False), a_person(today=None), a_person(newest=False, today=None)],
    ids=["not on the newest list", "would not be on one now", "neither"],
)
def test_who_left_is_told_of_by_the_day_of_their_last_list_alone(person):
    (row,) = answer([a_claimant(2, surname="Other")], [person], matches=[a_match(2)])
    assert row == AnsweredRow(
        2,
        RowClass.LEFT,
        a_claimant(2, surname="Other"),
        subject_ref="p1",
        how=How.NINO_AND_BORN,
        last_list_on=date(2026, 11, 16),
    )


def test_what_differs_is_named_by_its_field_and_only_where_the_agreement_tells_it():
    claimant = a_claimant(2, surname="Other", born=date(1980, 12, 30), postcode="PE1 1ZZ", nino="")
    (row,) = answer([claimant], [a_person(today=TOLD | {"postcode": "CB1 1AA"})], matches=[a_match(2)])
    assert row.differs == ("surname", "date_of_birth")


def test_spelling_is_no_difference():
    (row,) = answer([a_claimant(2, surname="EXAMPLE", nino="qq 12 34 56 c")], [a_person()], matches=[a_match(2)])
    assert (row.kind, row.differs) == (RowClass.ON_LIST, ())


@pytest.mark.parametrize(
    ("now", "then", "mark"),
    [
        ("Lead", "Lead", ()),
        ("Other", "Lead", (LeadMark.CHANGED,)),
        ("Other", None, ()),
        ("", "Lead", (LeadMark.LEFT,)),
        ("", "", (LeadMark.MISSING,)),
        ("", None, (LeadMark.MISSING,)),
    ],
)
def test_a_lead_professional_who_changed_left_or_is_missing_is_marked(now, then, mark):
    assert marks_of(a_person(today=TOLD | {"lead_professional_name": now}, lead_then=then)) == mark


def test_an_agreement_that_names_nobody_marks_nobody():
    told = {name: value for name, value in TOLD.items() if not name.startswith("lead")}
    assert marks_of(a_person(today=told)) == ()


def test_somebody_whose_row_names_no_coach_is_without_one():
    rows = answer([a_claimant(2, work_coach="")], [a_person()], matches=[a_match(2)])
    assert without_coach(rows, [a_person()]) == (a_person(),)


def test_changes_are_joiners_leavers_and_what_is_another_way():
    before = [
        AnsweredRow(2, RowClass.ON_LIST, a_claimant(2), subject_ref="p1"),
        AnsweredRow(3, RowClass.NOT_ON_LIST, a_claimant(3, nino="QQ222222C", surname="Gone")),
        AnsweredRow(4, RowClass.UNREADABLE),
    ]
    now = [
        AnsweredRow(5, RowClass.LEFT, a_claimant(5, work_coach="New", office="ely"), subject_ref="p1"),
        AnsweredRow(6, RowClass.NOT_ON_LIST, a_claimant(6, nino="QQ333333C", surname="Joined")),
        AnsweredRow(7, RowClass.DUPLICATE, a_claimant(7, surname="Twice"), duplicate_of=6),
    ]
    found = [(each.change, each.row, each.before, each.now) for each in changes_between(before, now, MARKS)]
    assert found == [
        (Change.JOINED, 6, "", ""),
        (Change.GONE, 3, "", ""),
        (Change.WORK_COACH, 5, "Coach", "New"),
        (Change.OFFICE, 5, "", "ely"),
        (Change.ANSWER, 5, "on-list", "left"),
    ]
    assert changes_between(before, before, MARKS) == ()
