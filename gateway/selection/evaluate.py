"""Judge one person in Python: the reference for the statement of the run, and what `explain` shows.

- The same rules as compile.py, leaf by leaf, written from their meaning and not from the SQL.
- Every criterion's outcome is kept, also where an earlier stage already decided, so that an officer sees all of it.
- A place is one of the person's families with every spell of theirs in it; it can be relied on only while one of
  the spells is open.

Pure: the person comes with everything that a rule can ask (model/people.py).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from gateway.model.criteria import (
    AgeAtLeast,
    AgeBelow,
    AllOf,
    AnyOf,
    AssessmentOfWholeFamily,
    AtLeast,
    EpisodeOpen,
    FactorsAtLeast,
    InProgramme,
    LeadProfessionalInPlace,
    LivesIn,
    NeedsAtLeast,
    Not,
    PlanInPlace,
)
from gateway.model.people import Family, Person, Spell
from gateway.model.selection import Decision, Excluded, ExclusionReason, Included
from gateway.model.time import age_on
from gateway.selection.leads import lead_of
from gateway.selection.rules import (
    CompleteRecord,
    FreeOfDomesticAbuseNeed,
    Rules,
    SafeValues,
    Stage,
    StageCriterion,
    Unprotected,
)
from gateway.selection.wording import CONTACT, free_values, is_unsafe


@dataclass(frozen=True, slots=True)
class PlaceOf:
    """A person in one of their families, on a day; `family` is None where only the person is judged."""

    person: Person
    family: Family | None
    spells: tuple[Spell, ...]
    day: date


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
            return Outcome(criterion, _leaf_holds(criterion, place))


def current_factors(family: Family, factors_of: Iterable[tuple[str, int]], day: date) -> int:
    """Return the mask of factors that the family's current needs stand for."""
    masks = dict(factors_of)
    found = 0
    for code in _current_codes(family, day):
        found |= masks.get(code, 0)
    return found


def _leaf_holds(criterion: StageCriterion, place: PlaceOf) -> bool:
    match criterion:
        case Unprotected() | CompleteRecord() | FreeOfDomesticAbuseNeed() | AgeAtLeast() | AgeBelow() | LivesIn():
            return _holds_of_person(criterion, place.person, place.day)
        case AllOf() | AnyOf() | AtLeast() | Not():
            raise RuntimeError("a criterion with parts was judged as one without")
        case _:
            if place.family is None:
                raise RuntimeError("a criterion about a family was judged without one")
            return _holds_of_family(criterion, place, place.family)


def _holds_of_person(
    criterion: Unprotected | CompleteRecord | FreeOfDomesticAbuseNeed | AgeAtLeast | AgeBelow | LivesIn,
    person: Person,
    day: date,
) -> bool:
    born_on = person.date_of_birth
    match criterion:
        case Unprotected(mask):
            return not person.flags & mask and person.deceased_on is None and not person.held
        case CompleteRecord():
            return not person.incomplete and not any(each.family.incomplete for each in person.memberships)
        case FreeOfDomesticAbuseNeed(codes):
            return not any(_has_unmet(each.family, codes, day) for each in person.memberships)
        case AgeAtLeast(years):
            return born_on is not None and age_on(born_on, day) >= years
        case AgeBelow(years):
            return born_on is not None and age_on(born_on, day) < years
        case LivesIn(outcodes):
            outcode, space, _ = (person.postcode or "").partition(" ")
            return bool(space) and outcode in outcodes
        case _:
            assert_never(criterion)


def _holds_of_family(
    criterion: InProgramme
    | EpisodeOpen
    | AssessmentOfWholeFamily
    | PlanInPlace
    | LeadProfessionalInPlace
    | NeedsAtLeast
    | FactorsAtLeast
    | SafeValues,
    place: PlaceOf,
    family: Family,
) -> bool:
    day = place.day
    match criterion:
        case InProgramme():
            return family.programme.open_on(day) and any(spell.open_on(day) for spell in place.spells)
        case EpisodeOpen():
            return any(episode.open_on(day) and member.open_on(day) for episode, member in family.episodes)
        case AssessmentOfWholeFamily():
            return any(each.covers_family and each.assessed_on <= day for each in family.assessments)
        case PlanInPlace():
            return any(plan.open_on(day) for plan in family.plans)
        case LeadProfessionalInPlace():
            return any(each.spell.open_on(day) for each in family.involvements)
        case NeedsAtLeast(count, groups):
            codes = _current_codes(family, day)
            return sum(not codes.isdisjoint(group) for group in groups) >= count
        case FactorsAtLeast(count, factors_of):
            return current_factors(family, factors_of, day).bit_count() >= count
        case SafeValues(wording):
            values = free_values(place.person, lead_of(family, day), wording)
            return not any(is_unsafe(value, may_be_phone=name == CONTACT) for name, value in values)
        case _:
            assert_never(criterion)


def _current_codes(family: Family, day: date) -> frozenset[str]:
    return frozenset(need.code for need in family.needs if need.code is not None and need.spell.open_on(day))


def _has_unmet(family: Family, codes: frozenset[str], day: date) -> bool:
    unmet = (need for need in family.needs if need.spell.to_on is None or need.spell.to_on > day)
    return any(need.code in codes for need in unmet)


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
