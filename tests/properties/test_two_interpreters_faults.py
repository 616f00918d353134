"""A fault in either interpreter is found by holding it against the other.

Each fault is one that somebody could make: a day too many, a null taken for true, another snapshot's rows. It is
put into one interpreter, and the same random county must show a disagreement.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, case, func, literal, not_, select

from gateway.model.criteria import AssessmentOfWholeFamily, EpisodeOpen, NeedsAtLeast, Not
from gateway.model.people import Family, Person, Spell
from gateway.model.time import latest_birth_for_age
from gateway.selection import compile as compiling
from gateway.selection import evaluate as evaluating
from gateway.selection import everybody, families, leaves, standing, text
from gateway.selection.evaluate import judge
from gateway.selection.rules import rules_of
from gateway.store.people import people_in
from gateway.store.tables import persons
from tests.interpreters import answer_of, answers_of_database, criteria_of, truths_of_database, truths_of_people
from tests.random_county import DAYS, a_random_agreement, a_random_framework, a_random_snapshot
from tests.snapshot_builder import put_hold
from tests.snapshot_database import a_sqlite_database

SEED = 11
TRIES = 30

_holds = evaluating.holds
_holds_of_family = leaves._holds_of_family
_places = evaluating._places
_open_on = families.open_on
_families_with = families.families_with
_expression_of = compiling.expression_of
_any_need = families._any_need


def _open_on_last_day(self: Spell, day: date) -> bool:
    return self.from_on is not None and self.from_on <= day and (self.to_on is None or self.to_on >= day)


def _open_without_beginning(self: Spell, day: date) -> bool:
    return (self.from_on is None or self.from_on <= day) and (self.to_on is None or self.to_on > day)


def _any_assessment(criterion: Any, place: Any, family: Family) -> bool:
    if isinstance(criterion, AssessmentOfWholeFamily):
        return bool(family.assessments)
    return _holds_of_family(criterion, place, family)


def _one_need_too_few(criterion: Any, place: Any, family: Family) -> bool:
    if isinstance(criterion, NeedsAtLeast):
        codes = leaves._current_codes(family, place.day)
        return sum(not codes.isdisjoint(group) for group in criterion.groups) > criterion.count
    return _holds_of_family(criterion, place, family)


def _not_of_nothing(criterion: Any, place: Any) -> Any:
    outcome = _holds(criterion, place)
    if isinstance(criterion, Not):
        return evaluating.Outcome(criterion, outcome.parts[0].holds, outcome.parts)
    return outcome


def _last_family_first(person: Person, day: date) -> Iterator[Any]:
    return iter(list(_places(person, day))[::-1])


def _earliest_lead(family: Family, day: date) -> Any:
    involved = [each for each in family.involvements if each.spell.open_on(day)]
    return min(involved, key=lambda each: (each.spell.from_on, each.involvement_key), default=None)


def _open_abuse_needs_only(family: Family, codes: frozenset[str], day: date) -> bool:
    return any(need.code in codes and need.spell.open_on(day) for need in family.needs)


IN_PYTHON: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "a spell is open on its last day": (Spell, "open_on", _open_on_last_day),
    "a spell without a beginning is open": (Spell, "open_on", _open_without_beginning),
    "an age is a difference of years": (leaves, "age_on", lambda born_on, day: day.year - born_on.year),
    "any assessment covers the family": (leaves, "_holds_of_family", _any_assessment),
    "one need too many is asked for": (leaves, "_holds_of_family", _one_need_too_few),
    "not says the same as its part": (evaluating, "holds", _not_of_nothing),
    "the last family is relied on": (evaluating, "_places", _last_family_first),
    "the earliest lead professional is shown": (leaves, "lead_of", _earliest_lead),
    "a domestic-abuse need must have begun": (leaves, "_has_unmet", _open_abuse_needs_only),
    "nothing is unsafe": (leaves, "is_unsafe", lambda value, **_: False),
    "factors are forgotten": (evaluating, "current_factors", lambda family, factors_of, day: 0),
}


def _birthday_late(years: int, day: date) -> date:
    return latest_birth_for_age(years, day) - timedelta(days=1)


def _day_before(day: date, from_on: Any, to_on: Any) -> Any:
    return _open_on(day - timedelta(days=1), from_on, to_on)


def _null_beginning_is_open(day: date, from_on: Any, to_on: Any) -> Any:
    return families.or_(from_on.is_(None), _open_on(day, from_on, to_on))


def _of_another_snapshot(criterion: Any, snapshot_id: int, day: date) -> Any:
    return _families_with(criterion, snapshot_id % 2 + 1, day)


def _anybodys_episode(criterion: Any, snapshot_id: int, day: date) -> Any:
    if isinstance(criterion, EpisodeOpen):
        return select(families.memberships.c.family_key).where(families.memberships.c.snapshot_id == snapshot_id)
    return _families_with(criterion, snapshot_id, day)


def _three_valued_not(criterion: Any, place: Any) -> Any:
    """A missing date of birth is neither at least nor below an age, and neither is its negation."""
    match criterion:
        case Not(compiling.AgeAtLeast(years)):
            return not_(place.people.c.date_of_birth <= latest_birth_for_age(years, place.day))
        case Not(compiling.AgeBelow(years)):
            return not_(place.people.c.date_of_birth > latest_birth_for_age(years, place.day))
    return _expression_of(criterion, place)


def _weightless(codes: list[str], weight: int = 1) -> Any:
    del weight
    return _any_need(codes)


IN_SQL: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "a birthday comes a day late": (compiling, "latest_birth_for_age", _birthday_late),
    "memberships are of the day before": (everybody, "open_on", _day_before),
    "families and needs are of the day before": (families, "open_on", _day_before),
    "a need without a beginning is open": (families, "open_on", _null_beginning_is_open),
    "another snapshot's families are asked": (standing, "families_with", _of_another_snapshot),
    "a closed episode counts": (standing, "families_with", _anybodys_episode),
    "needs are counted and not groups": (families, "_groups_found", lambda groups: func.count()),
    "incomplete families are forgotten": (
        compiling,
        "members_of_incomplete",
        lambda snapshot_id: families.members_of_incomplete(-snapshot_id),
    ),
    "domestic-abuse needs are forgotten": (
        compiling,
        "members_with_unmet",
        lambda codes, snapshot_id, day: families.members_with_unmet(codes, -snapshot_id, day),
    ),
    "holds are forgotten": (
        compiling,
        "held_subjects",
        lambda holding: select(persons.c.subject_ref).where(persons.c.snapshot_id < 0),
    ),
    "not knows a third value": (compiling, "expression_of", _three_valued_not),
    "a telephone number is a formula": (text, "_is_phone", lambda value: literal(value="") != ""),
    "every factor has one bit": (families, "_any_need", _weightless),
    "the stages stand in another order": (
        everybody,
        "_stages_passed",
        lambda stages, place: case(
            *(
                (not_(everybody.expression_of(stage.criterion, place)), at)
                for at, stage in list(enumerate(stages))[::-1]
            ),
            else_=len(stages),
        ),
    ),
}


@pytest.fixture(scope="module")
def county() -> Iterator[Connection]:
    with a_sqlite_database() as connection:
        rng = Random(SEED)
        for snapshot_id, day in enumerate(DAYS[:2], start=1):
            a_random_snapshot(rng, snapshot_id, day).write(connection)
        for person in range(1, 150, 5):
            put_hold(connection, person, "2026-11-01T09:00:00Z")
        yield connection


def tries_until_they_disagree(connection: Connection) -> int | None:
    """Return after how many tries the interpreters first differ, or None where they never do."""
    rng = Random(SEED)
    people = {snapshot_id: list(people_in(connection, snapshot_id)) for snapshot_id in (1, 2)}
    for number in range(TRIES):
        snapshot_id, day = number % 2 + 1, DAYS[number % 2]
        agreement, framework = a_random_agreement(rng), a_random_framework(rng)
        rules = rules_of(agreement, framework)
        where = {"snapshot_id": snapshot_id, "day": day}
        judged = {person.person_key: answer_of(judge(person, rules, day)) for person in people[snapshot_id]}
        if answers_of_database(connection, agreement, framework, **where) != judged:
            return number
        criteria = criteria_of(rules)
        said = truths_of_people(people[snapshot_id], criteria, day)
        if truths_of_database(connection, criteria, **where) != said:
            return number
    return None


def test_without_a_fault_they_never_disagree(county):
    assert tries_until_they_disagree(county) is None


@pytest.mark.parametrize("fault", IN_PYTHON)
def test_a_fault_in_the_reference_is_found(county, monkeypatch, fault):
    monkeypatch.setattr(*IN_PYTHON[fault])
    assert tries_until_they_disagree(county) is not None


@pytest.mark.parametrize("fault", IN_SQL)
def test_a_fault_in_the_statement_is_found(county, monkeypatch, fault):
    monkeypatch.setattr(*IN_SQL[fault])
    assert tries_until_they_disagree(county) is not None
