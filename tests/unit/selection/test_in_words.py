"""What an officer reads of a judgement: every criterion, what it asks in words, and which one decided."""

from datetime import date

import pytest

from gateway.model.criteria import AgeBelow, AllOf, AnyOf, AtLeast, EpisodeOpen, LivesIn, Not
from gateway.model.flags import FLAG_BIT, FlagKind
from gateway.selection.evaluate import judge
from gateway.selection.in_words import DEATH, HOLD, lines_of, protections_of, stage_in_words
from gateway.selection.rules import rules_of
from gateway.store.people import person_in
from tests.agreements_made import a_framework, an_agreement
from tests.snapshot_builder import DAY, SNAPSHOT, Snapshot, put_hold, reference


def judged(connection, snapshot: Snapshot, **agreement):
    snapshot.write(connection)
    rules = rules_of(an_agreement(**agreement), a_framework())
    person = person_in(connection, SNAPSHOT, reference(1))
    return person, rules, lines_of(judge(person, rules, DAY))


def test_whoever_is_included_has_every_criterion_and_none_that_decided(sqlite_connection):
    snapshot = Snapshot()
    snapshot.person(1)
    snapshot.family(1, members=(1,))
    _, rules, lines = judged(sqlite_connection, snapshot)
    assert all(line.holds for line in lines if line.depth == 0)
    assert not any(line.decided for line in lines)
    assert [line.about for line in lines if line.depth == 0] == [
        *["the person"] * len(rules.about_person),
        *["family 1"] * len(rules.about_family),
    ]


def test_protection_decides_first_and_is_named_kind_by_kind(sqlite_connection):
    snapshot = Snapshot()
    mask = FLAG_BIT[FlagKind.MARAC_OR_REFUGE] | FLAG_BIT[FlagKind.DECEASED]
    snapshot.person(1, flags=mask, deceased_on=date(2026, 1, 1))
    snapshot.family(1, members=(1,), needs=())
    put_hold(sqlite_connection, 1, "2026-11-20T10:00:00Z")
    person, rules, lines = judged(sqlite_connection, snapshot)
    assert protections_of(person, rules) == ("marac_or_refuge", "deceased", DEATH, HOLD)
    assert [line.words for line in lines if line.decided] == [
        "no blocking flag, recorded death or hold protects the person"
    ]


def test_of_several_families_the_one_that_came_furthest_decided(sqlite_connection):
    snapshot = Snapshot()
    snapshot.person(1)
    snapshot.family(1, members=(1,), closed_on=date(2021, 1, 1))
    snapshot.family(2, members=(1,), needs=())
    _, _, lines = judged(sqlite_connection, snapshot)
    assert [(line.about, line.holds) for line in lines if line.decided] == [("family 2", False)]


def test_parts_stand_below_what_they_are_part_of(sqlite_connection):
    snapshot = Snapshot()
    snapshot.person(1)
    snapshot.family(1, members=(1,))
    where = AnyOf((Not(EpisodeOpen()), AtLeast(1, (LivesIn(frozenset({"CB1"})), AgeBelow(30)))))
    _, _, lines = judged(sqlite_connection, snapshot, where=where)
    cohort = [(line.depth, line.words) for line in lines if line.about == "family 1"][:9]
    assert cohort[:8] == [
        (0, "all of these"),
        (1, "the family is in the programme and the person a member of it"),
        (1, "any of these"),
        (2, "not this"),
        (3, "somebody in the family has an open early-help episode"),
        (2, "at least 1 of these"),
        (3, "the person lives in CB1"),
        (3, "the person is younger than 30"),
    ]


def test_every_stage_of_the_rules_has_words():
    rules = rules_of(an_agreement(), a_framework())
    words = [stage_in_words(stage.criterion) for stage in (*rules.about_person, *rules.about_family)]
    assert all(words)
    assert len(set(words)) == len(words)


@pytest.mark.parametrize(("where", "words"), [(AllOf(()), "everybody"), (AnyOf(()), "nobody")])
def test_what_asks_nothing_says_whom_it_lets_through(sqlite_connection, where, words):
    snapshot = Snapshot()
    snapshot.person(1)
    snapshot.family(1, members=(1,))
    _, _, lines = judged(sqlite_connection, snapshot, where=where)
    assert words in {line.words for line in lines}
