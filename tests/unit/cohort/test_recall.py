"""What is carried over from the last snapshot, so that a lost line protects nobody less (law L3)."""

from datetime import date

from gateway.cohort.recall import NoSnapshot, recall
from gateway.model.flags import FlagKind
from gateway.model.records import Feed
from tests.gathered_lines import AS_AT, CAPITA, EHM, LastCohort, Lines, person_of

REFUGE = FlagKind.MARAC_OR_REFUGE


def a_county(*, without: str = "") -> Lines:
    """Two people in a family, and a third whom Capita One alone knows to have died; one line may be left out."""
    lines = Lines()
    for source_id, surname, born_on in (("P1", "Fenwick", date(1990, 2, 17)), ("P2", "Marsh", date(1988, 8, 30))):
        if without != source_id:
            lines.person(source_id, surname, date_of_birth=born_on)
    lines.family("F1", "P2")
    if without != "membership":
        lines.member("F1", "P1")
    if without != "address":
        lines.address("P1", "CB1 2AB")
    if without != "C9":
        lines.person("C9", "Nye", source=CAPITA, forename="Nan", deceased_on=date(2026, 3, 4))
    lines.person("P9", "Nye", forename="Nan")
    return lines


def last_night():
    return a_county().cohort()


def test_L3_a_person_whose_own_line_was_refused_stays_as_last_read_and_incomplete():
    lines = a_county(without="P1")
    lines.reject(Feed.PERSONS, persons=("P1",))
    person = person_of(lines.cohort(last_night()), "P1")
    assert (person.surname, person.postcode, person.incomplete) == ("Fenwick", "CB1 2AB", True)


def test_L3_a_person_who_is_only_named_by_other_lines_stays_too():
    cohort = a_county(without="P1").cohort(last_night())
    assert person_of(cohort, "P1").incomplete
    assert not person_of(cohort, "P2").incomplete
    assert cohort.rejects == ()


def test_L3_a_person_whom_a_flag_names_stays_and_carries_it_to_the_family():
    lines = a_county(without="P1")
    lines.flag(REFUGE, source=EHM, source_id="P1")
    cohort = lines.cohort(last_night())
    assert person_of(cohort, "P2").flags
    assert cohort.astray == 0


def test_a_person_whom_nothing_names_any_more_is_gone():
    lines = Lines()
    lines.person("P2")
    cohort = lines.cohort(last_night())
    assert [row.source_id for row in cohort.records] == ["P2"]


def test_L3_where_a_persons_line_names_nobody_known_every_record_that_is_gone_stays():
    lines = a_county(without="C9")
    assert not person_of(lines.cohort(last_night()), "P9").flags
    lines.reject(Feed.PERSONS, persons=("C#9",), source=CAPITA, reasons=("date_of_birth:date_form",))
    cohort = lines.cohort(last_night())
    assert person_of(cohort, "C9", CAPITA).incomplete
    assert person_of(cohort, "P9").flags


def test_a_refused_line_of_somebody_known_brings_back_nobody_else():
    lines = a_county(without="C9")
    lines.person("C1", source=CAPITA)
    lines.reject(Feed.PERSONS, persons=("C1",), source=CAPITA)
    assert not any(row.source_id == "C9" for row in lines.cohort(last_night()).records)


def test_L3_a_membership_that_is_gone_from_a_family_with_an_unknown_member_stays():
    lines = a_county(without="membership")
    lines.member("F1", "gone")
    cohort = lines.cohort(last_night())
    assert person_of(cohort, "P1").incomplete
    assert len(cohort.memberships) == 2


def test_L3_a_membership_stays_of_whom_a_line_leads_to_no_family_any_more():
    lines = a_county(without="membership")
    lines.member("gone", "P1")
    cohort = lines.cohort(last_night())
    assert person_of(cohort, "P1").incomplete
    assert len({row.person_key for row in cohort.memberships}) == 2


def test_L3_who_lives_with_a_namesake_is_held_back_although_that_one_lost_the_family():
    """A flag reaches P1 by the family alone, and from there whoever could be P1."""

    def night(family: str, last=None):
        lines = a_county(without="membership")
        lines.member(family, "P1")
        lines.person("P7", "Fenwick", date_of_birth=date(1970, 1, 2))
        lines.address("P7", "CB1 2AB")
        lines.flag(REFUGE, source=EHM, source_id="P2")
        return lines.cohort(last)

    whole = night("F1")
    assert person_of(whole, "P7").flags
    assert person_of(night("gone", whole), "P7").flags
    assert person_of(night("gone", night("gone", whole)), "P7").flags


def test_a_membership_that_is_gone_from_a_family_without_a_fault_is_gone():
    cohort = a_county(without="membership").cohort(last_night())
    assert len(cohort.memberships) == 1
    assert not person_of(cohort, "P1").incomplete


def test_L3_a_home_that_a_refused_line_lost_stays():
    lines = a_county(without="address")
    lines.address("P1", "CB9 9ZZ", date(2020, 1, 1))
    lines.reject(Feed.ADDRESSES, persons=("P1",))
    person = person_of(lines.cohort(last_night()), "P1")
    assert (person.postcode, person.incomplete) == ("CB1 2AB", True)


def test_L3_a_home_stays_where_its_line_now_leads_to_nobody():
    lines = a_county(without="address")
    lines.address("gone", "CB1 2AB")
    person = person_of(lines.cohort(last_night()), "P1")
    assert (person.postcode, person.incomplete) == ("CB1 2AB", True)


def test_who_has_moved_is_not_moved_back():
    lines = a_county()
    lines.address("P1", "CB9 9ZZ", AS_AT)
    lines.address("gone", "CB1 2AB")
    person = person_of(lines.cohort(last_night()), "P1")
    assert (person.postcode, person.incomplete) == ("CB9 9ZZ", False)


def test_L3_what_was_carried_over_is_carried_over_again_while_the_fault_lasts():
    lines = a_county(without="P1")
    lines.reject(Feed.PERSONS, persons=("P1",))
    once = lines.cohort(last_night())
    assert lines.cohort(once).persons == once.persons


def test_the_lines_that_were_gathered_are_left_as_they_are():
    lines = a_county(without="P1")
    recalled = recall(lines.gathered, LastCohort(last_night()), AS_AT)
    assert len(recalled.gathered.persons) == len(lines.gathered.persons) + 1
    assert recalled.people == {(EHM, "P1")}


def test_a_first_load_recalls_nothing():
    lines = a_county(without="P1")
    lines.reject(Feed.ADDRESSES, persons=("P2",))
    recalled = recall(lines.gathered, NoSnapshot(), AS_AT)
    assert (recalled.gathered, recalled.people) == (lines.gathered, frozenset())
