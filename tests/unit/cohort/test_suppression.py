"""Loose suppression: whom a flag reaches, and when it counts as astray (law L3)."""

from datetime import date, timedelta

import pytest

from gateway.model.flags import FLAG_BIT, FlagKind
from gateway.model.records import Feed
from tests.gathered_lines import AS_AT, BORN, CAPITA, EHM, Lines, person_of

OBJECTION, REFUGE = FlagKind.OBJECTION_UPHELD, FlagKind.MARAC_OR_REFUGE


def a_person() -> Lines:
    """One person with everything that a flag can know of them, and a stranger."""
    lines = Lines()
    lines.person("P1", "Łukasz-O'Brien", date_of_birth=date(1990, 3, 7))
    lines.nino("P1", "QQ123456A")
    lines.address("P1", "CB1 2AB")
    lines.person("S1", "Stranger", forename="Sam", date_of_birth=date(1970, 1, 2))
    return lines


def reached(cohort, source_id="P1", source=EHM) -> bool:
    return bool(person_of(cohort, source_id, source).flags)


@pytest.mark.parametrize(
    "known",
    [
        {"source": EHM, "source_id": "P1"},
        {"source_id": "P1"},
        {"source": "a system of old", "source_id": "P1"},
        {"nino": "QQ123456"},
        {"nino": "QQ123456B"},
        {"surname": "LUKASZ O BRIEN", "date_of_birth": date(1990, 3, 7)},
        {"surname": "Lukasz OBrien", "date_of_birth": date(1990, 7, 3)},
        {"surname": "lukaszobrien", "postcode": "CB1 2AB"},
        {"source": EHM, "source_id": "wrong", "nino": "QQ123456A"},
        {"source": EHM, "source_id": "wrong", "surname": "Łukasz-O'Brien", "date_of_birth": date(1990, 3, 7)},
    ],
)
def test_L3_each_key_reaches_by_itself(known):
    lines = a_person()
    lines.flag(**known)
    cohort = lines.cohort()
    assert person_of(cohort, "P1").flags == FLAG_BIT[OBJECTION]
    assert not reached(cohort, "S1")
    assert (cohort.flags, cohort.astray) == (1, 0)


def test_an_id_reaches_only_in_the_source_that_the_flag_names():
    lines = a_person()
    lines.person("P1", "Namesake", source=CAPITA, forename="Nat", date_of_birth=date(1950, 5, 5))
    lines.flag(source=CAPITA, source_id="P1")
    cohort = lines.cohort()
    assert reached(cohort, "P1", CAPITA)
    assert not reached(cohort, "P1")


def test_L3_a_flag_on_the_older_record_alone_reaches_the_person():
    lines = Lines()
    lines.person("P1", nino="QQ123456A")
    lines.person("C1", source=CAPITA, nino="QQ123456A")
    lines.flag(source=CAPITA, source_id="C1")
    assert reached(lines.cohort())


def test_L3_a_flag_reaches_records_that_are_not_linked_but_could_be_the_person():
    lines = Lines()
    lines.person("P1")
    lines.person("C1", source=CAPITA, forename="Adelaide", date_of_birth=date(1990, 2, 17))
    lines.person("O1", source="older", surname="Marsh", postcode="CB1 2AB", forename="Adelaide")
    lines.address("C1", "CB1 2AB", source=CAPITA)
    lines.flag(source=CAPITA, source_id="C1")
    cohort = lines.cohort()
    assert len(cohort.persons) == 3
    assert reached(cohort)
    assert reached(cohort, "O1", "older")


def test_a_flag_by_id_does_not_reach_the_rest_of_the_household():
    lines = Lines()
    lines.person("P1", postcode="CB1 2AB")
    lines.person("P2", forename="Ben", postcode="CB1 2AB", date_of_birth=date(1988, 8, 30))
    lines.family("F1", "P1", "P2")
    lines.flag(source=EHM, source_id="P1")
    cohort = lines.cohort()
    assert not reached(cohort, "P2")


def test_L3_a_family_wide_flag_reaches_everyone_who_was_ever_in_a_family_of_the_person():
    lines = Lines()
    lines.person("P1")
    lines.person("P2", "Marsh", date_of_birth=date(1988, 8, 30))
    lines.person("P3", "Fen", date_of_birth=date(1960, 4, 14))
    lines.family("F1", "P1", "P2")
    lines.family("F2", "P3", to_on=AS_AT - timedelta(days=90))
    lines.member("F2", "P1", to_on=AS_AT - timedelta(days=100))
    lines.flag(REFUGE, source=EHM, source_id="P1")
    cohort = lines.cohort()
    assert all(reached(cohort, person) for person in ("P1", "P2", "P3"))


def test_L3_a_family_wide_flag_on_the_older_record_reaches_the_newer_family():
    lines = Lines()
    lines.person("P1", nino="QQ123456A")
    lines.person("P2", "Marsh", date_of_birth=date(1988, 8, 30))
    lines.family("F1", "P1", "P2")
    lines.person("C1", source=CAPITA, nino="QQ123456A")
    lines.flag(REFUGE, source=CAPITA, source_id="C1")
    assert reached(lines.cohort(), "P2")


def test_L3_a_refused_membership_still_ties_the_family_together():
    lines = Lines()
    lines.person("P1")
    lines.person("P2", "Marsh", date_of_birth=date(1988, 8, 30))
    lines.family("F1", "P2")
    lines.reject(Feed.MEMBERSHIPS, ("P1",), ("F1",))
    lines.flag(REFUGE, source=EHM, source_id="P1")
    assert reached(lines.cohort(), "P2")


def test_L3_a_relatives_other_records_are_reached_too():
    lines = Lines()
    lines.person("P1")
    lines.person("P2", "Marsh", date_of_birth=date(1988, 8, 30))
    lines.family("F1", "P1", "P2")
    lines.person("C2", "Marsh", source=CAPITA, forename="Bea", date_of_birth=date(1988, 8, 30))
    lines.flag(REFUGE, source=EHM, source_id="P1")
    assert reached(lines.cohort(), "C2", CAPITA)


def test_a_flag_of_another_kind_stays_with_the_person():
    lines = Lines()
    lines.person("P1")
    lines.person("P2", "Marsh", date_of_birth=date(1988, 8, 30))
    lines.family("F1", "P1", "P2")
    lines.flag(OBJECTION, source=EHM, source_id="P1")
    assert not reached(lines.cohort(), "P2")


@pytest.mark.parametrize(("days", "counts"), [(-1, False), (0, True), (1, True)])
def test_a_flag_counts_until_it_has_ended(days, counts):
    lines = a_person()
    lines.flag(source=EHM, source_id="P1", to_on=AS_AT + timedelta(days=days))
    cohort = lines.cohort()
    assert reached(cohort) is counts
    assert cohort.flags == int(counts)


def test_L3_a_flag_that_begins_in_the_future_counts_already():
    lines = a_person()
    lines.flag(source=EHM, source_id="P1", from_on=AS_AT + timedelta(days=30))
    assert reached(lines.cohort())


def test_L3_who_died_in_one_system_is_protected_in_the_other():
    lines = Lines()
    lines.person("P1")
    lines.person("C1", source=CAPITA, forename="Adelaide", deceased_on=date(2024, 4, 4))
    cohort = lines.cohort()
    assert person_of(cohort, "P1").flags == FLAG_BIT[FlagKind.DECEASED]
    assert cohort.astray == 0


def test_L3_what_an_earlier_load_knew_carries_a_flag_to_the_record_that_is_left():
    lines = Lines()
    lines.person("P1")
    lines.person("P2", "Marsh", date_of_birth=date(1988, 8, 30))
    lines.flag(source=CAPITA, source_id="C1")
    lines.flag(nino="QQ555555")
    subject = frozenset({"s1"})
    cohort = lines.cohort(ehm_P1=subject, capita_C1=subject, ehm_P2=frozenset({"s2"}), nino_QQ555555=frozenset({"s2"}))
    assert reached(cohort)
    assert reached(cohort, "P2")
    assert cohort.astray == 0


def test_L3_who_has_a_refused_address_could_live_anywhere():
    lines = a_person()
    lines.flag(surname="Stranger", postcode="CB7 7AB")
    lines.reject(Feed.ADDRESSES, persons=("S1",))
    cohort = lines.cohort()
    assert reached(cohort, "S1")
    assert not reached(cohort, "P1")


# --- astray ------------------------------------------------------------------------------------------------------


def test_L3_a_flag_that_reaches_nobody_is_astray():
    lines = a_person()
    lines.flag(surname="Nobody", date_of_birth=BORN)
    assert lines.cohort().astray == 1


def test_L3_a_flag_on_an_id_that_is_named_but_not_held_is_astray_though_it_reaches_others():
    lines = a_person()
    lines.reject(Feed.PERSONS, ("P9",))
    lines.flag(source=EHM, source_id="P9", nino="QQ123456A")
    cohort = lines.cohort()
    assert reached(cohort)
    assert cohort.astray == 1


def test_L3_a_flag_on_a_number_of_somebody_whose_line_is_missing_is_astray():
    lines = a_person()
    lines.nino("P9", "QQ123456A")
    lines.flag(nino="QQ123456A")
    assert lines.cohort().astray == 1


@pytest.mark.parametrize(
    ("persons", "families"), [(("P1",), ()), (("P1",), ("gone",)), ((), ("F1",)), (("gone",), ("F1",))]
)
def test_L3_a_family_wide_flag_is_astray_where_a_side_of_a_membership_cannot_be_read(persons, families):
    lines = a_person()
    lines.family("F1", "P1")
    lines.flag(REFUGE, source=EHM, source_id="P1")
    assert lines.cohort().astray == 0
    lines.reject(Feed.MEMBERSHIPS, persons, families)
    assert lines.cohort().astray == 1


@pytest.mark.parametrize(("family", "person"), [("F1", "gone"), ("gone", "P1")])
def test_L3_a_family_wide_flag_is_astray_where_a_membership_names_nobody(family, person):
    lines = a_person()
    lines.family("F1", "P1")
    lines.member(family, person)
    lines.flag(REFUGE, source=EHM, source_id="P1")
    assert lines.cohort().astray == 1
