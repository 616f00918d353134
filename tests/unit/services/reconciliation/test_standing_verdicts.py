"""A verdict holds while what it rests on is the same, and "same" where a veto fired takes two people."""

from dataclasses import dataclass, replace
from datetime import date

import pytest

from gateway.model.linkage import Judged, Person, Verdict
from gateway.model.work_coach_list import Claimant
from gateway.reconciliation.comparable import Reader
from gateway.reconciliation.nicknames import NO_NICKNAMES
from gateway.services.reconciliation.marks import Marks
from gateway.services.reconciliation.standing_verdicts import judged_rows, verdict_of, waits_for_second

MARKS = Marks(b"a key made for tests only, 32 byte", Reader(NO_NICKNAMES))
CLAIMANT = Claimant(
    7, nino="QQ123456C", forename="Anna", surname="Example", born=date(1980, 12, 31), postcode="CB1 1AA"
)
PERSON = Person("key-1", nino="QQ123456C", forename="Ann", surname="Example", born=date(1980, 12, 31))


@dataclass(frozen=True)
class Said:
    row_mark: bytes = MARKS.of_row(CLAIMANT)
    evidence_mark: bytes = MARKS.of_pair(CLAIMANT, PERSON)
    subject_ref: str = PERSON.key
    verdict: str = "same"
    takes_two: bool = False
    decided_by: str = "one"


def judged(*said, claimant=CLAIMANT, person=PERSON):
    return judged_rows([claimant], {person.key: person}, said, MARKS)


def test_a_verdict_holds_for_the_same_evidence_in_another_row_of_another_file():
    assert judged(Said(), claimant=replace(CLAIMANT, row=99)) == [Judged(99, PERSON.key, Verdict.SAME)]


@pytest.mark.parametrize("spelling", [{"surname": "EXAMPLE "}, {"nino": "qq 12 34 56 c"}, {"postcode": "PE1 9ZZ"}])
def test_spelling_and_a_move_change_nothing(spelling):
    assert judged(Said(), claimant=replace(CLAIMANT, **spelling)) == [Judged(7, PERSON.key, Verdict.SAME)]


@pytest.mark.parametrize("change", [{"born": date(1980, 12, 30)}, {"nino": "QQ123457C"}, {"surname": "Other"}])
def test_another_claimant_is_judged_anew(change):
    assert judged(Said(), claimant=replace(CLAIMANT, **change)) == []


@pytest.mark.parametrize("change", [{"born": date(1980, 12, 30)}, {"nino": "QQ123457C"}, {"surname": "Other"}])
def test_a_person_whose_record_changed_is_judged_anew(change):
    assert judged(Said(), person=replace(PERSON, **change)) == []


def test_a_verdict_about_somebody_who_is_not_among_the_people_says_nothing():
    assert judged_rows([CLAIMANT], {}, [Said()], MARKS) == []


def test_the_newest_verdict_counts():
    assert judged(Said(), Said(verdict="different", decided_by="two")) == [Judged(7, PERSON.key, Verdict.DIFFERENT)]


def test_same_where_a_veto_fired_takes_two_people():
    first, again, second = Said(takes_two=True), Said(takes_two=True), Said(takes_two=True, decided_by="two")
    assert (verdict_of([first]), waits_for_second([first])) == (Verdict.NOT_SURE, "one")
    assert (verdict_of([first, again]), waits_for_second([first, again])) == (Verdict.NOT_SURE, "one")
    assert (verdict_of([first, second]), waits_for_second([first, second])) == (Verdict.SAME, None)


def test_a_different_between_two_sames_begins_anew():
    said = [Said(takes_two=True), Said(verdict="different", decided_by="two"), Said(takes_two=True, decided_by="three")]
    assert (verdict_of(said), waits_for_second(said)) == (Verdict.NOT_SURE, "three")


def test_nothing_said_is_no_verdict():
    assert verdict_of([]) is None
    assert waits_for_second([]) is None


def test_marks_of_two_counties_have_nothing_in_common():
    other = Marks(b"another key made for tests only", Reader(NO_NICKNAMES))
    assert other.of_row(CLAIMANT) != MARKS.of_row(CLAIMANT)
    assert other.of_pair(CLAIMANT, PERSON) != MARKS.of_pair(CLAIMANT, PERSON)
