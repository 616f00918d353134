"""From lines to the rows of a snapshot: what is refused, who is incomplete, what may be sent."""

import random
from datetime import date, timedelta

import pytest

from gateway.cohort.build import build_cohort
from gateway.cohort.gathered import Gathered
from gateway.cohort.recall import NoSnapshot, clues_in, recall
from gateway.model.records import Feed
from tests.gathered_lines import AS_AT, BEGAN, BELIEVED, CAPITA, EHM, Lines, person_of


def a_family() -> Lines:
    """A family of two with everything, and another person in a family of their own."""
    lines = Lines()
    lines.person("P1")
    lines.person("P2", "Marsh", forename="Ben", date_of_birth=date(1988, 8, 30))
    lines.person("P3", "Fen", forename="Cy", date_of_birth=date(1960, 4, 14))
    lines.family("F1", "P1", "P2")
    lines.family("F2", "P3")
    lines.worker()
    for family, person in (("F1", "P1"), ("F2", "P3")):
        lines.lead(person)
        lines.episode(person)
        lines.need(family)
        lines.assessment(family)
        lines.plan(family)
        lines.nino(person, f"QQ{person[1]}23456A")
        lines.address(person, "CB1 2AB")
    return lines


def incomplete(cohort):
    return {
        row.source_id for row in cohort.records if cohort.persons[row.person_key - 1].incomplete and row.source == EHM
    }


def reasons(cohort):
    return sorted((reject.feed.value, *reject.reasons) for reject in cohort.rejects)


def test_a_whole_family_gives_a_row_for_each_thing_said():
    cohort = a_family().cohort()
    assert cohort.rejects == cohort.about_nobody == ()
    assert not incomplete(cohort)
    assert [row.family_key for row in cohort.families] == [1, 2]
    assert len(cohort.memberships) == 3
    assert {len(rows) for rows in (cohort.episodes, cohort.needs, cohort.assessments, cohort.plans)} == {2}
    assert cohort.involvements[0][1:] == (1, "Lee Worker", "lee@county.example", None, "Early Help", BEGAN, None)


# --- lines that do not hang together -----------------------------------------------------------------------------


def test_L3_two_lines_with_one_persons_id_are_incomplete_and_say_nothing_certain():
    lines = a_family()
    lines.person("P1", "Otherwise")
    cohort = lines.cohort()
    assert incomplete(cohort) == {"P1"}
    assert person_of(cohort, "P1")[1:4] == (None, None, None)
    assert reasons(cohort) == [("persons", "duplicate_id")] * 2


def test_L3_two_lines_with_one_familys_id_make_its_members_incomplete():
    lines = a_family()
    lines.family("F1", to_on=AS_AT)
    cohort = lines.cohort()
    assert incomplete(cohort) == {"P1", "P2"}
    assert cohort.families[0][3:] == (None, None, True)


@pytest.mark.parametrize(
    ("spoil", "reject", "touched"),
    [
        (lambda lines: lines.member("F1", "gone"), ("memberships", "person_unknown"), {"P1", "P2"}),
        (lambda lines: lines.member("gone", "P1"), ("memberships", "family_unknown"), {"P1"}),
        (
            lambda lines: lines.member("gone", "gone"),
            ("memberships", "person_unknown", "family_unknown"),
            set(),
        ),
        (lambda lines: lines.episode("gone"), ("episodes", "person_unknown"), set()),
        (lambda lines: lines.address("gone", "CB1 2AB"), ("addresses", "person_unknown"), set()),
        (lambda lines: lines.nino("gone", "QQ123456A"), ("identifiers", "person_unknown"), set()),
        (lambda lines: lines.need("gone"), ("needs", "family_unknown"), set()),
        (lambda lines: lines.assessment("gone"), ("assessments", "family_unknown"), set()),
        (lambda lines: lines.plan("gone"), ("plans", "family_unknown"), set()),
        (lambda lines: lines.lead("P1", "gone"), ("involvements", "worker_unknown"), {"P1"}),
        (lambda lines: lines.lead("P1", "gone", to_on=AS_AT), ("involvements", "worker_unknown"), set()),
        (lambda lines: lines.lead("gone", kind=None), ("involvements", "person_unknown"), set()),
        (lambda lines: lines.family("F3"), ("families", "family_without_members"), set()),
    ],
)
def test_L3_a_line_about_somebody_who_is_not_held_is_refused_and_touches_whom_it_names(spoil, reject, touched):
    lines = a_family()
    spoil(lines)
    cohort = lines.cohort()
    assert reasons(cohort) == [reject]
    assert incomplete(cohort) == touched


def test_an_ended_involvement_of_another_kind_needs_no_worker():
    lines = a_family()
    lines.lead("P1", "gone", kind="other")
    assert lines.cohort().rejects == ()


def test_L3_two_workers_with_one_id_lead_nobody():
    lines = a_family()
    lines.worker()
    cohort = lines.cohort()
    assert cohort.involvements == ()
    assert incomplete(cohort) == {"P1", "P3"}


def test_all_reasons_of_a_line_are_one_reject():
    lines = a_family()
    lines.family("F9")
    lines.family("F9")
    assert [reject.reasons for reject in lines.cohort().rejects] == [("duplicate_id", "family_without_members")] * 2


# --- whom a refused line touches ---------------------------------------------------------------------------------


@pytest.mark.parametrize("feed", [feed for feed in Feed if feed is not Feed.SUPPRESSION])
def test_L3_a_refused_line_of_any_feed_makes_the_person_it_names_incomplete(feed):
    lines = a_family()
    lines.reject(feed, persons=("P1",))
    assert incomplete(lines.cohort()) == {"P1"}


@pytest.mark.parametrize("feed", [feed for feed in Feed if feed is not Feed.SUPPRESSION])
def test_L3_a_refused_line_of_any_feed_makes_a_family_and_its_members_incomplete(feed):
    lines = a_family()
    lines.reject(feed, families=("F1",))
    cohort = lines.cohort()
    assert incomplete(cohort) == {"P1", "P2"}
    assert [row.incomplete for row in cohort.families] == [True, False]


def test_L3_a_refused_line_of_one_source_makes_the_linked_person_incomplete():
    lines = a_family()
    lines.person("C1", source=CAPITA, nino="QQ123456A")
    lines.reject(Feed.PERSONS, persons=("C1",), source=CAPITA)
    cohort = lines.cohort()
    assert person_of(cohort, "P1").incomplete


def test_L3_a_refused_line_of_a_record_that_an_earlier_load_linked_makes_the_person_incomplete():
    lines = a_family()
    lines.reject(Feed.PERSONS, persons=("C1",), source=CAPITA)
    assert incomplete(lines.cohort()) == set()
    subject = frozenset({"s1"})
    assert incomplete(lines.cohort(ehm_P1=subject, capita_C1=subject)) == {"P1"}


def test_two_current_numbers_make_a_person_incomplete():
    lines = a_family()
    lines.nino("P1", "QQ999999A")
    cohort = lines.cohort()
    assert incomplete(cohort) == {"P1"}
    assert person_of(cohort, "P1").nino is None


# --- lines about nobody ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("feed", "ids", "counts"),
    [
        (Feed.MEMBERSHIPS, {}, True),
        (Feed.MEMBERSHIPS, {"persons": ("junk",), "families": ("junk",)}, True),
        (Feed.MEMBERSHIPS, {"persons": ("P1", "junk")}, False),
        (Feed.PERSONS, {"reasons": ("source_id:id_form",)}, True),
        (Feed.PERSONS, {"persons": ("P9",), "reasons": ("columns_too_few",)}, True),
        (Feed.PERSONS, {"persons": ("P9",)}, False),
        (Feed.NEEDS, {"families": ("junk",)}, True),
        (Feed.NEEDS, {"families": ("F1",)}, False),
        (Feed.ADDRESSES, {}, True),
        (Feed.FAMILIES, {}, False),
        (Feed.WORKERS, {}, False),
    ],
)
def test_L3_a_refused_line_that_names_nobody_may_be_about_anybody(feed, ids, counts):
    lines = a_family()
    lines.reject(feed, **ids)
    assert len(lines.cohort().about_nobody) == int(counts)


def test_L3_a_readable_membership_or_need_of_nobody_may_be_about_anybody():
    lines = a_family()
    lines.member("gone", "gone")
    lines.need("gone")
    lines.address("gone", "CB1 2AB")
    assert len(lines.cohort().about_nobody) == 2


# --- what may be sent --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "sent"),
    [
        (["QQ111111A"], "QQ111111A"),
        (["QQ111111", "QQ111111A"], "QQ111111A"),
        (["QQ111111B", "QQ111111A"], "QQ111111"),
        (["QQ111111"], "QQ111111"),
    ],
)
def test_spellings_of_one_number_are_one_number(numbers, sent):
    lines = Lines()
    lines.person("P1")
    for number in numbers:
        lines.nino("P1", number)
    assert person_of(lines.cohort(), "P1").nino == sent


def test_a_number_that_two_people_bear_is_sent_for_neither():
    lines = a_family()
    lines.nino("P2", "QQ123456B")
    cohort = lines.cohort()
    assert person_of(cohort, "P1").nino is person_of(cohort, "P2").nino is None
    assert not incomplete(cohort)


def test_an_administrative_number_is_never_sent():
    lines = Lines()
    lines.person("P1", nino="PY123456A")
    assert person_of(lines.cohort(), "P1").nino is None


@pytest.mark.parametrize(
    ("addresses", "postcode"),
    [
        ([("CB1 2AB", BEGAN), ("CB2 3CD", BEGAN + timedelta(days=1))], "CB2 3CD"),
        ([("CB1 2AB", BEGAN), ("CB2 3CD", BEGAN)], None),
        ([("CB1 2AB", BEGAN), ("CB1 2AB", BEGAN)], "CB1 2AB"),
        ([("CB1 2AB", BEGAN), ("CB2 3CD", AS_AT + timedelta(days=1))], "CB1 2AB"),
        ([("CB1 2AB", BEGAN), (None, BEGAN + timedelta(days=1))], None),
        ([], None),
    ],
)
def test_the_postcode_is_that_of_the_one_current_address(addresses, postcode):
    lines = Lines()
    lines.person("P1")
    for code, from_on in addresses:
        lines.address("P1", code, from_on)
    assert person_of(lines.cohort(), "P1").postcode == postcode


def test_the_most_believed_source_that_says_something_is_taken():
    lines = Lines()
    lines.person("P1", "O'Brien", forename=None, nino="QQ123456A")
    lines.person("C1", "OBRIEN", source=CAPITA, nino="QQ123456A", postcode="CB9 9ZZ")
    person = person_of(lines.cohort(), "P1")
    assert (person.surname, person.forename, person.postcode) == ("O'Brien", None, "CB9 9ZZ")
    lines.address("P1", None)
    assert person_of(lines.cohort(), "P1").postcode is None


# --- lead professionals ------------------------------------------------------------------------------------------


def test_a_lead_professional_leads_for_the_days_of_both_spells():
    lines = Lines()
    lines.worker()
    lines.person("P1")
    lines.family("F1")
    lines.member("F1", "P1", to_on=date(2026, 10, 1))
    lines.family("F2", "P1")
    lines.lead("P1", from_on=date(2026, 9, 1), to_on=date(2026, 11, 1))
    lines.lead("P1", from_on=date(2026, 10, 1))
    spells = [(row.family_key, row.from_on, row.to_on) for row in lines.cohort().involvements]
    assert sorted(spells, key=str) == [
        (1, date(2026, 9, 1), date(2026, 10, 1)),
        (2, date(2026, 10, 1), None),
        (2, date(2026, 9, 1), date(2026, 11, 1)),
    ]


# --- order and memory --------------------------------------------------------------------------------------------


def test_L9_the_order_of_lines_changes_nothing():
    lines = a_family()
    lines.person("C1", source=CAPITA, nino="QQ123456A")
    lines.member("gone", "P1")
    lines.flag(source=CAPITA, source_id="C1")
    expected = lines.cohort()
    shuffled = Gathered()
    records = [record for place in vars_of(lines.gathered) for record in place]
    random.Random(4).shuffle(records)
    for record in records:
        shuffled.add(record)
    recalled = recall(shuffled, NoSnapshot(), AS_AT)
    assert build_cohort(recalled, believed=BELIEVED, remembered={}, as_at=AS_AT) == expected


def vars_of(gathered):
    return [getattr(gathered, name) for name in Gathered.__slots__]


def test_the_registry_is_asked_for_every_id_named_and_for_flags_numbers():
    lines = Lines()
    lines.person("P1")
    lines.person("C1", source=CAPITA)
    lines.episode("P2")
    lines.reject(Feed.PERSONS, persons=("P3",))
    lines.flag(source_id="P4")
    lines.flag(source=CAPITA, source_id="C5", nino="QQ123456A")
    assert clues_in(recall(lines.gathered, NoSnapshot(), AS_AT)) == {
        (EHM, "P1"),
        (CAPITA, "C1"),
        (EHM, "P2"),
        (EHM, "P3"),
        (EHM, "P4"),
        (CAPITA, "P4"),
        (CAPITA, "C5"),
        ("nino", "QQ123456"),
    }
