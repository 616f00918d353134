"""Compile a criterion into one SQL expression about a person's place in a family: the interpreter of the run.

- A leaf about a family is a column of its standing (standing.py), whose row is joined to the place. One that counts
  other needs or factors than the framework does is a membership test in a sub-select (families.py).
- Every leaf is two-valued: where a date or a value is missing it is false, so that `Not` means what it says.
- Only places whose membership is open on the day are judged, because the cohort stage asks for that first;
  `InProgramme` therefore has the family's own spell left to test.
- Sub-selects stand alone (`correlate(None)`): they may name a table that the statement around them names too.
- Sets are put in order before they are compiled: the same rules give the same statement.

Pure: expressions over store/tables.py; nothing here holds a connection. evaluate.py must agree with every line.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, assert_never

from sqlalchemy import ColumnElement, FromClause, and_, case, false, func, literal, not_, or_, true

from gateway.model.criteria import (
    AgeAtLeast,
    AgeBelow,
    AllOf,
    AnyOf,
    AssessmentOfWholeFamily,
    AtLeast,
    Criterion,
    EpisodeOpen,
    FactorsAtLeast,
    InProgramme,
    LeadProfessionalInPlace,
    LivesIn,
    NeedsAtLeast,
    Not,
    PlanInPlace,
)
from gateway.model.time import latest_birth_for_age
from gateway.selection.families import (
    families_by_factors,
    families_by_need,
    has_factors,
    members_of_incomplete,
    members_with_unmet,
)
from gateway.selection.holding import Holding, flagged_subjects, held_subjects
from gateway.selection.leads import free_values
from gateway.selection.rules import (
    CompleteRecord,
    FreeOfDomesticAbuseNeed,
    SafeValues,
    StageCriterion,
    Unprotected,
)
from gateway.selection.standing import FactorsOf, Standing
from gateway.selection.text import any_unsafe
from gateway.selection.wording import CONTACT, TEAM, Wording, is_unsafe

Truth = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Place:
    """What a criterion is judged against: a person in one of their families, on one day of one snapshot.

    `standing` is joined to the family; `holding` says which holds protect.
    """

    people: FromClause
    family_key: ColumnElement[int]
    standing: Standing
    snapshot_id: int
    day: date
    holding: Holding


def expression_of(criterion: StageCriterion, place: Place) -> Truth:
    """Return whether the criterion holds in the place."""
    match criterion:
        case AllOf(parts):
            # An agreement's own rule may ask what the stage asks already: a database would work it out twice.
            return and_(true(), *(expression_of(part, place) for part in dict.fromkeys(_each_of(parts))))
        case AnyOf(parts):
            return or_(false(), *(expression_of(part, place) for part in parts))
        case Not(part):
            return not_(expression_of(part, place))
        case AtLeast(count, parts):
            return _how_many(expression_of(part, place) for part in parts) >= count
        case Unprotected() | CompleteRecord() | FreeOfDomesticAbuseNeed() | SafeValues():
            return _protective(criterion, place)
        case AgeAtLeast() | AgeBelow() | LivesIn():
            return _about_person(criterion, place)
        case FactorsAtLeast(count, factors_of):
            return _factors_at_least(count, factors_of, place)
        case NeedsAtLeast(count, groups):
            return _needs_at_least(count, groups, place)
        case _:
            return place.standing.families.c[_COLUMN_OF[type(criterion)]].is_(True)


_COLUMN_OF: dict[type[Criterion], str] = {
    InProgramme: "in_programme",
    EpisodeOpen: "has_episode",
    AssessmentOfWholeFamily: "assessed",
    PlanInPlace: "planned",
    LeadProfessionalInPlace: "has_lead",
}


def _factors_at_least(count: int, factors_of: FactorsOf, place: Place) -> Truth:
    if factors_of == place.standing.factors_of:
        return has_factors(place.standing.families.c.factors, count)
    families = families_by_factors(factors_of, count, place.snapshot_id, place.day)
    return place.family_key.in_(families.correlate(None))


def _needs_at_least(count: int, groups: tuple[frozenset[str], ...], place: Place) -> Truth:
    if groups == place.standing.counted.groups:
        found: Truth = place.standing.families.c.needs_found >= count
        return found
    families = families_by_need(NeedsAtLeast(count, groups), place.snapshot_id, place.day)
    return place.family_key.in_(families.correlate(None))


def _each_of(parts: Iterable[Criterion]) -> Iterator[Criterion]:
    """Yield the parts, and of those that ask for all of theirs each of these."""
    for part in parts:
        if isinstance(part, AllOf):
            yield from _each_of(part.parts)
        else:
            yield part


def _protective(criterion: Unprotected | CompleteRecord | FreeOfDomesticAbuseNeed | SafeValues, place: Place) -> Truth:
    person = place.people.c
    match criterion:
        case Unprotected(mask):
            protected = [held_subjects(place.holding)]
            if place.holding.flagged_in is not None:
                protected.append(flagged_subjects(place.holding, mask))
            return and_(
                person.flags.bitwise_and(mask) == 0,
                person.deceased_on.is_(None),
                *(person.subject_ref.not_in(subjects.correlate(None)) for subjects in protected),
            )
        case CompleteRecord():
            return and_(
                person.incomplete.is_(False),
                person.person_key.not_in(members_of_incomplete(place.snapshot_id).correlate(None)),
            )
        case FreeOfDomesticAbuseNeed(codes):
            return person.person_key.not_in(members_with_unmet(codes, place.snapshot_id, place.day).correlate(None))
        case SafeValues(wording):
            return not_(
                any_unsafe(_values_to_judge(place, wording), may_be_phone=CONTACT, suspect=_suspect(place, wording))
            )
        case _:
            assert_never(criterion)


def _values_to_judge(place: Place, wording: Wording) -> dict[str, ColumnElement[Any]]:
    """Return the free values but the team's label, where each of the agreement's own words for a team is safe."""
    values = free_values(place.people, place.standing.families, wording)
    return {name: value for name, value in values.items() if name != TEAM or any(map(is_unsafe, _labels(wording)))}


def _suspect(place: Place, wording: Wording) -> Truth:
    """Return whether any of the record's free values looks unsafe; all do where the agreement's own words could be."""
    if any(map(is_unsafe, (wording.default_contact, *_labels(wording)))):
        return true()
    suspect: Truth = place.standing.families.c.suspect.is_(True)
    return suspect


def _labels(wording: Wording) -> tuple[str, ...]:
    return (wording.default_team, *(label for _, label in wording.team_labels))


def _about_person(criterion: AgeAtLeast | AgeBelow | LivesIn, place: Place) -> Truth:
    person = place.people.c
    match criterion:
        case AgeAtLeast(years):
            return and_(
                person.date_of_birth.is_not(None), person.date_of_birth <= latest_birth_for_age(years, place.day)
            )
        case AgeBelow(years):
            return and_(
                person.date_of_birth.is_not(None), person.date_of_birth > latest_birth_for_age(years, place.day)
            )
        case LivesIn(outcodes):
            starts = sorted((f"{outcode} " for outcode in outcodes), key=lambda start: (len(start), start))
            tests = (
                func.substr(person.postcode, 1, length).in_(list(same)) for length, same in groupby(starts, key=len)
            )
            return and_(person.postcode.is_not(None), or_(false(), *tests))
        case _:
            assert_never(criterion)


def _how_many(truths: Iterable[Truth]) -> ColumnElement[int]:
    return sum((case((truth, 1), else_=0) for truth in truths), start=literal(0))
