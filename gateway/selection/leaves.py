"""Say of one person in one family whether a single criterion holds: the leaves of the criteria tree in Python.

Each is written from its meaning (model/criteria.py, rules.py): families.py and compile.py say the same in SQL.

Pure: the person comes with everything that a criterion can ask.
"""

from collections.abc import Iterable
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
from gateway.model.time import age_on
from gateway.selection.leads import lead_of
from gateway.selection.rules import (
    CompleteRecord,
    FreeOfDomesticAbuseNeed,
    SafeValues,
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


def current_factors(family: Family, factors_of: Iterable[tuple[str, int]], day: date) -> int:
    """Return the mask of factors that the family's current needs stand for."""
    masks = dict(factors_of)
    found = 0
    for code in _current_codes(family, day):
        found |= masks.get(code, 0)
    return found


def leaf_holds(criterion: StageCriterion, place: PlaceOf) -> bool:
    """Return whether a criterion without parts holds in a place."""
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
