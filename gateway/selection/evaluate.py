"""Judge one person in Python: the reference for the statement of the run, and what `explain` shows.

- The same rules as compile.py, leaf by leaf (leaves.py), written from their meaning and not from the SQL.
- Every criterion's outcome is kept, also where an earlier stage already decided, so that an officer sees all of it.
- A place is one of the person's families with every spell of theirs in it; it can be relied on only while one of
  the spells is open.

Pure: the person comes with everything that a rule can ask (model/people.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from gateway.model.criteria import AllOf, AnyOf, AtLeast, Not
from gateway.model.people import Person
from gateway.model.selection import Decision, Excluded, ExclusionReason, Included
from gateway.selection.leaves import PlaceOf, current_factors, leaf_holds
from gateway.selection.rules import Rules, Stage, StageCriterion


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a criterion holds, and the same of its parts."""

    criterion: StageCriterion
    holds: bool
    parts: tuple["Outcome", ...] = ()


@dataclass(frozen=True, slots=True)
class StageOutcome:
    """Whether a stage is passed, and why."""

    reason: ExclusionReason
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class FamilyOutcome:
    """Every stage's outcome for one family; `passed` counts the stages up to the first that is not passed."""

    family_key: int
    stages: tuple[StageOutcome, ...]
    passed: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """The decision about one person, and everything that it rests on."""

    decision: Decision
    about_person: tuple[StageOutcome, ...]
    about_families: tuple[FamilyOutcome, ...]


def judge(person: Person, rules: Rules, day: date) -> Judgement:
    """Return the decision about a person with the outcome of every criterion."""
    alone = PlaceOf(person, None, (), day)
    about_person = tuple(_stage_outcome(stage, alone) for stage in rules.about_person)
    about_families = tuple(_family_outcome(key, place, rules) for key, place in _places(person, day))
    return Judgement(_decision(person, rules, day, about_person, about_families), about_person, about_families)


def decide(person: Person, rules: Rules, day: date) -> Decision:
    """Return the decision about a person."""
    return judge(person, rules, day).decision


def holds(criterion: StageCriterion, place: PlaceOf) -> Outcome:
    """Return whether a criterion holds in a place, with the outcome of its parts."""
    match criterion:
        case AllOf(parts):
            outcomes = tuple(holds(part, place) for part in parts)
            return Outcome(criterion, all(each.holds for each in outcomes), outcomes)
        case AnyOf(parts):
            outcomes = tuple(holds(part, place) for part in parts)
            return Outcome(criterion, any(each.holds for each in outcomes), outcomes)
        case AtLeast(count, parts):
            outcomes = tuple(holds(part, place) for part in parts)
            return Outcome(criterion, sum(each.holds for each in outcomes) >= count, outcomes)
        case Not(part):
            outcome = holds(part, place)
            return Outcome(criterion, not outcome.holds, (outcome,))
        case _:
            return Outcome(criterion, leaf_holds(criterion, place))


def _places(person: Person, day: date) -> Iterator[tuple[int, PlaceOf]]:
    families = {each.family.family_key: each.family for each in person.memberships}
    for key, family in sorted(families.items()):
        spells = tuple(each.spell for each in person.memberships if each.family.family_key == key)
        yield key, PlaceOf(person, family, spells, day)


def _stage_outcome(stage: Stage, place: PlaceOf) -> StageOutcome:
    return StageOutcome(stage.reason, holds(stage.criterion, place))


def _family_outcome(family_key: int, place: PlaceOf, rules: Rules) -> FamilyOutcome:
    stages = tuple(_stage_outcome(stage, place) for stage in rules.about_family)
    passed = next((number for number, stage in enumerate(stages) if not stage.outcome.holds), len(stages))
    return FamilyOutcome(family_key, stages, passed)


def _decision(
    person: Person,
    rules: Rules,
    day: date,
    about_person: tuple[StageOutcome, ...],
    about_families: tuple[FamilyOutcome, ...],
) -> Decision:
    for stage in about_person:
        if not stage.outcome.holds:
            return Excluded(stage.reason)
    best = max((family.passed for family in about_families), default=0)
    if best < len(rules.about_family):
        return Excluded(rules.about_family[best].reason)
    chosen = next(family.family_key for family in about_families if family.passed == best)
    relied_on = next(each.family for each in person.memberships if each.family.family_key == chosen)
    return Included(chosen, current_factors(relied_on, rules.factors_of, day))
