"""What the reference tells beside the decision, for `explain`."""

from datetime import date

import pytest

from gateway.model.criteria import AllOf, EpisodeOpen, InProgramme
from gateway.model.people import Person
from gateway.model.selection import Excluded, ExclusionReason, Included
from gateway.selection import evaluate, leaves
from gateway.selection.evaluate import decide, judge
from gateway.selection.leaves import PlaceOf
from gateway.selection.rules import rules_of
from gateway.store.people import people_in, person_in
from tests.agreements_made import a_framework, an_agreement
from tests.snapshot_builder import DAY, SNAPSHOT, Snapshot, reference

NOBODY = Person(1, "ref", None, None, None, None, None, None, incomplete=False, flags=0, held=False, memberships=())


def test_every_stage_is_judged_also_after_one_that_decided(sqlite_connection):
    snapshot = Snapshot()
    snapshot.person(1, flags=1, date_of_birth=date(2015, 1, 1))
    snapshot.family(2, members=(1,), needs=())
    snapshot.family(1, members=(1,))
    snapshot.write(sqlite_connection)
    rules = rules_of(an_agreement(where=EpisodeOpen()), a_framework())
    judgement = judge(person_in(sqlite_connection, SNAPSHOT, reference(1)), rules, DAY)
    assert judgement.decision == Excluded(ExclusionReason.PROTECTED)
    assert [stage.outcome.holds for stage in judgement.about_person] == [False, True, False]
    assert [(each.family_key, each.passed) for each in judgement.about_families] == [(1, 0), (2, 0)]
    assert [stage.outcome.holds for stage in judgement.about_families[0].stages] == [False, True, True, True, True]
    cohort = judgement.about_families[0].stages[0].outcome
    assert isinstance(cohort.criterion, AllOf)
    assert [(part.criterion, part.holds) for part in cohort.parts] == [(InProgramme(), True), (EpisodeOpen(), False)]


def test_somebody_without_a_family_is_not_in_the_cohort():
    rules = rules_of(an_agreement(), a_framework())
    adult = Person(
        1, "ref", None, None, date(1990, 1, 1), None, None, None, incomplete=False, flags=0, held=False, memberships=()
    )
    assert decide(adult, rules, DAY) == Excluded(ExclusionReason.NOT_IN_COHORT)
    assert judge(adult, rules, DAY).about_families == ()


def test_one_person_is_gathered_as_they_are_among_all(sqlite_connection):
    snapshot = Snapshot()
    for person in (1, 2, 3):
        snapshot.person(person)
    snapshot.family(1, members=(1, 2))
    snapshot.family(2, members=(3,))
    snapshot.membership(2, 2)
    snapshot.episode(3)
    snapshot.write(sqlite_connection)
    everybody = {person.person_key: person for person in people_in(sqlite_connection, SNAPSHOT)}
    assert len(everybody) == 3
    for key, person in everybody.items():
        assert person_in(sqlite_connection, SNAPSHOT, reference(key)) == person
    assert person_in(sqlite_connection, SNAPSHOT, reference(9)) is None
    included = decide(everybody[2], rules_of(an_agreement(), a_framework()), DAY)
    assert included == Included(1, 1 << 5 | 1 << 7 | 1 << 12)


def test_a_criterion_about_a_family_needs_a_family():
    with pytest.raises(RuntimeError):
        evaluate.holds(InProgramme(), PlaceOf(NOBODY, None, (), DAY))


def test_a_criterion_with_parts_is_never_judged_as_a_leaf():
    with pytest.raises(RuntimeError):
        leaves.leaf_holds(AllOf(()), PlaceOf(NOBODY, None, (), DAY))
