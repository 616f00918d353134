"""Strict links: what makes two records one person, and what never does (law L3)."""

from datetime import date

import pytest

from tests.gathered_lines import BEGAN, BORN, CAPITA, EHM, Lines, are_one, person_of

P1, C1 = (EHM, "P1"), (CAPITA, "C1")
UPN = "B801200005001"


def rule_of(cohort, record):
    return next(row.rule for row in cohort.records if (row.source, row.source_id) == record)


def test_one_number_birthday_and_surname_are_one_person():
    lines = Lines()
    lines.person("P1", "O'Brien")
    lines.nino("P1", "QQ123456A")
    lines.person("C1", "OBRIEN", source=CAPITA, forename="Adelaide", nino="QQ123456")
    cohort = lines.cohort()
    assert are_one(cohort, P1, C1)
    assert rule_of(cohort, P1) == rule_of(cohort, C1) == "nino_birth_surname"
    assert person_of(cohort, "P1").nino == "QQ123456A"


def test_one_pupil_number_and_birthday_are_one_person_through_a_change_of_name():
    lines = Lines()
    lines.person("P1", "Fenwick", upn=UPN)
    lines.person("C1", "Marsh", source=CAPITA, upn=UPN)
    cohort = lines.cohort()
    assert are_one(cohort, P1, C1)
    assert rule_of(cohort, C1) == "upn_birth"
    assert person_of(cohort, "P1").surname == "Fenwick"


def test_all_four_facts_are_one_person_where_nobody_else_has_them():
    lines = Lines()
    lines.person("P1")
    lines.address("P1", "CB1 2AB")
    lines.person("C1", source=CAPITA, postcode="CB1 2AB")
    assert are_one(lines.cohort(), P1, C1)


@pytest.mark.parametrize("source", [EHM, CAPITA])
def test_all_four_facts_are_not_enough_where_a_second_line_of_either_source_has_them(source):
    lines = Lines()
    lines.person("P1", postcode="CB1 2AB")
    lines.person("C1", source=CAPITA, postcode="CB1 2AB")
    lines.person("X9", source=source, postcode="CB1 2AB")
    assert not are_one(lines.cohort(), P1, C1)


def test_a_line_that_shares_its_id_still_spoils_the_uniqueness_of_all_four():
    lines = Lines()
    lines.person("P1", postcode="CB1 2AB")
    lines.person("C1", source=CAPITA, postcode="CB1 2AB")
    lines.person("C9", source=CAPITA, postcode="CB1 2AB")
    lines.person("C9", "Marsh", source=CAPITA)
    assert not are_one(lines.cohort(), P1, C1)


@pytest.mark.parametrize(
    "other",
    [
        {"date_of_birth": date(1990, 2, 18)},
        {"date_of_birth": None},
        {"dob_estimated": True},
        {"surname": "Marsh"},
        {"nino": "QQ999999A"},
        {"nino": None},
    ],
)
def test_a_number_links_nothing_without_birthday_and_surname(other):
    lines = Lines()
    lines.person("P1", nino="QQ123456A")
    lines.person("C1", **({"source": CAPITA, "nino": "QQ123456A"} | other))
    assert not are_one(lines.cohort(), P1, C1)


def test_two_different_numbers_are_never_linked_by_other_facts():
    lines = Lines()
    lines.person("P1", upn=UPN, nino="QQ123456A", postcode="CB1 2AB")
    lines.person("C1", source=CAPITA, upn=UPN, nino="QQ654321A", postcode="CB1 2AB")
    assert not are_one(lines.cohort(), P1, C1)


def test_a_third_record_does_not_join_two_that_contradict_each_other():
    lines = Lines()
    lines.person("P1", upn=UPN, nino="QQ123456A")
    lines.person("C1", source=CAPITA, upn=UPN)
    lines.person("O1", source="older", upn=UPN, nino="QQ654321A")
    cohort = lines.cohort()
    assert len(cohort.persons) == 3


def test_a_record_with_two_current_numbers_links_by_neither():
    lines = Lines()
    lines.person("P1")
    lines.nino("P1", "QQ123456A")
    lines.nino("P1", "QQ654321A")
    lines.person("C1", source=CAPITA, nino="QQ123456A")
    assert not are_one(lines.cohort(), P1, C1)


def test_twins_are_two_people_even_with_one_number():
    lines = Lines()
    lines.person("P1", forename="Ava", nino="QQ123456A", postcode="CB1 2AB")
    lines.person("P2", forename="Eva", nino="QQ123456A", postcode="CB1 2AB")
    cohort = lines.cohort()
    assert not are_one(cohort, P1, (EHM, "P2"))
    assert person_of(cohort, "P1").nino is None


def test_father_and_son_of_one_name_in_one_home_are_two_people():
    lines = Lines()
    lines.person("P1", postcode="CB1 2AB")
    lines.person("C1", source=CAPITA, postcode="CB1 2AB", date_of_birth=date(1965, 2, 17))
    assert not are_one(lines.cohort(), P1, C1)


def test_a_person_entered_twice_in_one_source_is_one_person():
    lines = Lines()
    lines.person("P1", nino="QQ123456A")
    lines.person("P2", nino="QQ123456A")
    assert are_one(lines.cohort(), P1, (EHM, "P2"))


def test_lines_that_share_an_id_link_to_nothing():
    lines = Lines()
    lines.person("P1", nino="QQ123456A")
    lines.person("P1", nino="QQ123456A")
    lines.person("C1", source=CAPITA, nino="QQ123456A")
    cohort = lines.cohort()
    assert not are_one(cohort, P1, C1)
    assert person_of(cohort, "P1").incomplete


def test_what_an_earlier_load_linked_stays_linked():
    lines = Lines()
    lines.person("P1")
    lines.person("C1", source=CAPITA)
    subject = frozenset({"s1"})
    cohort = lines.cohort(ehm_P1=subject, capita_C1=subject)
    assert are_one(cohort, P1, C1)
    assert rule_of(cohort, C1) == "remembered"
    assert not person_of(cohort, "P1").incomplete


def test_what_an_earlier_load_linked_and_now_contradicts_itself_waits_for_somebody():
    lines = Lines()
    lines.person("P1")
    lines.person("C1", source=CAPITA, date_of_birth=date(1971, 3, 4))
    subject = frozenset({"s1"})
    cohort = lines.cohort(ehm_P1=subject, capita_C1=subject)
    assert are_one(cohort, P1, C1)
    assert person_of(cohort, "P1").incomplete


def test_an_ended_number_does_not_link():
    lines = Lines()
    lines.person("P1")
    lines.nino("P1", "QQ123456A", to_on=BEGAN)
    lines.person("C1", source=CAPITA, nino="QQ123456A", date_of_birth=BORN)
    assert not are_one(lines.cohort(), P1, C1)
