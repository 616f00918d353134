"""The two interpreters of the rules say the same of everybody: one statement for all, and one person in Python.

The generator is asked for a report of what it hit; a generator that misses an edge proves nothing about it.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection

from gateway.model.criteria import AgeAtLeast, AgeBelow
from gateway.model.people import Family, Person
from gateway.model.selection import ExclusionReason, Included
from gateway.model.time import latest_birth_for_age
from gateway.selection.decide import count_select, people_select, selected_select
from gateway.selection.evaluate import Judgement, Outcome, judge
from gateway.selection.funnel import funnel_of
from gateway.selection.rules import StageCriterion, rules_of
from gateway.store.people import people_in
from tests.interpreters import answer_of, answers_of_database, criteria_of, truths_of_database, truths_of_people
from tests.random_county import DAYS, OFFICES, a_random_agreement, a_random_framework, a_random_snapshot, some
from tests.snapshot_builder import put_hold

SEED = 20261122
AT_LEAST = 100
AGREEMENTS = 20
SPELLS = ("membership", "programme", "need", "plan", "involvement", "episode")
EXPECTED = (
    *(f"{kind.__name__} {said}" for kind in StageCriterion.__args__ for said in ("holds", "fails")),
    *(f"decided {reason}" for reason in (*ExclusionReason, "included")),
    *(f"{spell} {edge}" for spell in SPELLS for edge in ("begins today", "ends today", "without end")),
    *(f"{spell} without beginning" for spell in ("membership", "programme", "need")),
    *(f"null {column}" for column in ("date_of_birth", "forename", "surname", "postcode", "need code")),
    *(f"null lead {column}" for column in ("name", "email", "phone", "team")),
    *(f"birthday of {kind}" for kind in ("AgeAtLeast", "AgeBelow")),
    *(f"born on 29 February, judged on {day:%d %B}" for day in DAYS[1:]),
    "assessment today",
    "overlapping spells in one family",
    "overlapping spells in two families",
    "two leads that began on one day",
    "held",
    "incomplete person",
    "incomplete family",
)


@pytest.fixture
def county(connection: Connection) -> tuple[Connection, Random, list[tuple[int, date]]]:
    """Random snapshots side by side in one database, each with the day that it is judged on."""
    rng = Random(SEED)
    days = list(enumerate((*DAYS, *DAYS[:2]), start=1))
    for snapshot_id, day in days:
        a_random_snapshot(rng, snapshot_id, day).write(connection)
    for person in range(1, 150):
        if some(rng, 0.05):
            put_hold(connection, person, "2026-11-01T09:00:00Z", rng.choice((None, "2026-11-02T09:00:00Z")))
    return connection, rng, days


def test_the_statement_and_the_reference_agree_about_everybody(county):
    """Every operator, null, boundary day, overlapping spell and reason is met at least a hundred times."""
    connection, rng, days = county
    seen: Counter[str] = Counter()
    for snapshot_id, day in days:
        people = list(people_in(connection, snapshot_id))
        for _ in range(AGREEMENTS):
            agreement, framework = a_random_agreement(rng), a_random_framework(rng)
            rules = rules_of(agreement, framework)
            by_database = answers_of_database(connection, agreement, framework, snapshot_id=snapshot_id, day=day)
            judged = {person.person_key: judge(person, rules, day) for person in people}
            assert by_database == {key: answer_of(judgement) for key, judgement in judged.items()}
            for person in people:
                seen.update(edges(person, judged[person.person_key], day))
    report = {edge: seen[edge] for edge in EXPECTED}
    assert [edge for edge, times in report.items() if times < AT_LEAST] == [], report


def test_they_agree_about_every_criterion_by_itself_and_no_criterion_is_neither_true_nor_false(county):
    """A stage can hide what a later one says; here each criterion of a tree is asked alone, down to the leaves."""
    connection, rng, days = county
    for snapshot_id, day in days:
        people = list(people_in(connection, snapshot_id))
        for _ in range(3):
            criteria = criteria_of(rules_of(a_random_agreement(rng), a_random_framework(rng)))
            by_database = truths_of_database(connection, criteria, snapshot_id=snapshot_id, day=day)
            assert by_database == truths_of_people(people, criteria, day)


def test_L1_every_count_of_the_funnel_is_what_the_decisions_say_and_the_parts_hold_everyone_once(county):
    """Law L1: included and excluded people together are everyone, in each part and in all of them."""
    connection, rng, days = county
    for snapshot_id, day in days:
        agreement, framework = a_random_agreement(rng), a_random_framework(rng)
        in_parts: Counter[str | None] = Counter()
        for part in {*OFFICES.values(), agreement.split.fallback}:
            where = {"snapshot_id": snapshot_id, "part": part}
            funnel = funnel_of(connection.execute(count_select(agreement, framework, day=day, **where)))
            funnel.check_whole(connection.execute(people_select(agreement, **where)).scalar_one())
            in_parts.update(dict(funnel.excluded) | {None: funnel.included})
            assert funnel.minors == 0
        whole = answers_of_database(connection, agreement, framework, snapshot_id=snapshot_id, day=day)
        counted = Counter(reason for reason, _, _ in whole.values())
        assert {reason: times for reason, times in in_parts.items() if times} == counted


def test_the_selection_is_those_included_in_the_order_of_their_references(county):
    connection, rng, days = county
    for snapshot_id, day in days:
        agreement, framework = a_random_agreement(rng), a_random_framework(rng)
        rules = rules_of(agreement, framework)
        statement = selected_select(agreement, framework, snapshot_id=snapshot_id, day=day)
        people = people_in(connection, snapshot_id)
        included = [each.subject_ref for each in people if isinstance(judge(each, rules, day).decision, Included)]
        assert list(connection.execute(statement).scalars()) == sorted(included)


def edges(person: Person, judgement: Judgement, day: date) -> Iterator[str]:
    """Name everything that judging this person met."""
    decision = judgement.decision
    yield "decided included" if isinstance(decision, Included) else f"decided {decision.reason}"
    stages = [*judgement.about_person, *(stage for each in judgement.about_families for stage in each.stages)]
    for stage in stages:
        yield from _operators(stage.outcome, person, day)
    yield from _nulls_and_birthdays(person, day)
    yield from _spells("membership", (each.spell for each in person.memberships), day)
    for each in person.memberships:
        yield from _edges_of_family(each.family, day)
    yield from _overlaps(person, day)


def _operators(outcome: Outcome, person: Person, day: date) -> Iterator[str]:
    yield f"{type(outcome.criterion).__name__} {'holds' if outcome.holds else 'fails'}"
    match outcome.criterion:
        case AgeAtLeast(years) | AgeBelow(years) if person.date_of_birth == latest_birth_for_age(years, day):
            yield f"birthday of {type(outcome.criterion).__name__}"
    for part in outcome.parts:
        yield from _operators(part, person, day)


def _nulls_and_birthdays(person: Person, day: date) -> Iterator[str]:
    for column in ("date_of_birth", "forename", "surname", "postcode"):
        if getattr(person, column) is None:
            yield f"null {column}"
    if person.held:
        yield "held"
    if person.incomplete:
        yield "incomplete person"
    if person.date_of_birth and (person.date_of_birth.month, person.date_of_birth.day) == (2, 29):
        yield f"born on 29 February, judged on {day:%d %B}"


def _edges_of_family(family: Family, day: date) -> Iterator[str]:
    yield from _spells("programme", (family.programme,), day)
    yield from _spells("need", (need.spell for need in family.needs), day)
    yield from _spells("plan", family.plans, day)
    yield from _spells("involvement", (each.spell for each in family.involvements), day)
    yield from _spells("episode", (episode for episode, _ in family.episodes), day)
    if family.incomplete:
        yield "incomplete family"
    if any(need.code is None for need in family.needs):
        yield "null need code"
    if any(each.assessed_on == day for each in family.assessments):
        yield "assessment today"
    began = Counter(each.spell.from_on for each in family.involvements if each.spell.open_on(day))
    if began and began[max(began)] > 1:
        yield "two leads that began on one day"
    for each in family.involvements:
        yield from (
            f"null lead {column}" for column in ("name", "email", "phone", "team") if getattr(each, column) is None
        )


def _spells(name: str, spells: Any, day: date) -> Iterator[str]:
    for spell in spells:
        if spell.from_on is None:
            yield f"{name} without beginning"
        if spell.from_on == day:
            yield f"{name} begins today"
        if spell.to_on is None:
            yield f"{name} without end"
        if spell.to_on == day:
            yield f"{name} ends today"


def _overlaps(person: Person, day: date) -> Iterator[str]:
    standing = Counter(each.family.family_key for each in person.memberships if each.spell.open_on(day))
    if len(standing) > 1:
        yield "overlapping spells in two families"
    if any(times > 1 for times in standing.values()):
        yield "overlapping spells in one family"
