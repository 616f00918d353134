"""What each interpreter of the rules answers about a person, in one form, so that the two can be held together."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import Connection, and_, case, not_, select

from gateway.model.agreement import Agreement
from gateway.model.criteria import NeedsAtLeast
from gateway.model.framework import Framework
from gateway.model.people import Person
from gateway.model.selection import Included
from gateway.selection import compile as compiling
from gateway.selection import evaluate as evaluating
from gateway.selection.decide import decision_select
from gateway.selection.evaluate import Judgement
from gateway.selection.families import open_on
from gateway.selection.holding import TODAY
from gateway.selection.leaves import PlaceOf
from gateway.selection.rules import Rules, StageCriterion
from gateway.selection.standing import standing_on
from gateway.store.tables import memberships, persons

#: What no criterion counts: each asks for its needs itself.
_COUNTED = NeedsAtLeast(1, (frozenset({"nothing"}),))
#: Reason (None: included), family relied on, factors.
Answer = tuple[str | None, int | None, int]


def answers_of_database(
    connection: Connection, agreement: Agreement, framework: Framework, *, snapshot_id: int, day: date
) -> dict[int, Answer]:
    statement = decision_select(agreement, framework, snapshot_id=snapshot_id, day=day)
    rows = connection.execute(statement).all()
    answers = {row.person_key: (row.reason, row.family_key, row.factors) for row in rows}
    assert len(answers) == len(rows), "somebody was decided about twice"
    return answers


def answer_of(judgement: Judgement) -> Answer:
    match judgement.decision:
        case Included(family_key, factors):
            return None, family_key, factors
        case excluded:
            return excluded.reason.value, None, 0


#: Person and family, and for each criterion in turn: true, false, or None for neither, which must never be.
Truths = dict[tuple[int, int], tuple[bool | None, ...]]


def criteria_of(rules: Rules) -> list[StageCriterion]:
    """Every stage's criterion and its parts, down to the leaves."""
    found = [stage.criterion for stage in (*rules.about_person, *rules.about_family)]
    for criterion in found:
        part = getattr(criterion, "part", None)
        found.extend([part] if part else getattr(criterion, "parts", ()))
    return found


def truths_of_database(
    connection: Connection, criteria: Sequence[StageCriterion], *, snapshot_id: int, day: date
) -> Truths:
    standing = standing_on(_COUNTED, (), snapshot_id, day)
    place = compiling.Place(persons, memberships.c.family_key, standing, snapshot_id, day, TODAY)
    same_person = and_(
        persons.c.snapshot_id == memberships.c.snapshot_id, persons.c.person_key == memberships.c.person_key
    )
    expressions = [compiling.expression_of(criterion, place) for criterion in criteria]
    rows = connection.execute(
        select(
            memberships.c.person_key,
            memberships.c.family_key,
            *(case((each, 1), (not_(each), 0)).label(f"c{at}") for at, each in enumerate(expressions)),
        )
        .select_from(
            memberships.join(persons, same_person).join(standing.families, standing.of(memberships.c.family_key))
        )
        .where(memberships.c.snapshot_id == snapshot_id, open_on(day, memberships.c.from_on, memberships.c.to_on))
    )
    return {(row[0], row[1]): tuple(None if said is None else bool(said) for said in row[2:]) for row in rows}


def truths_of_people(people: Iterable[Person], criteria: Sequence[StageCriterion], day: date) -> Truths:
    truths: Truths = {}
    for person in people:
        for each in person.memberships:
            if each.spell.open_on(day):
                place = PlaceOf(person, each.family, (each.spell,), day)
                said = tuple(evaluating.holds(criterion, place).holds for criterion in criteria)
                truths[person.person_key, each.family.family_key] = said
    return truths
