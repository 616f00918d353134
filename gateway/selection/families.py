"""Find the families, and the people of families, for which one thing is true: the leaves of the criteria tree in SQL.

- Each is a sub-select of keys for a membership test (`family_key IN (select .. group by .. having ..)`): of the
  forms tried on both databases the fastest.
- A spell without a beginning is never open. What protects is judged the other way: an unmet need counts however
  uncertain its beginning.
- Sets are put in order before they are compiled: the same rules give the same statement.

Pure: expressions over store/tables.py.
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, assert_never

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    cast,
    distinct,
    func,
    literal,
    null,
    or_,
    select,
)

from gateway.model.criteria import (
    AssessmentOfWholeFamily,
    EpisodeOpen,
    NeedsAtLeast,
    PlanInPlace,
)
from gateway.model.factors import BIT
from gateway.store.tables import assessments, episodes, families, memberships, needs, plans


def open_on(day: date, from_on: ColumnElement[Any], to_on: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether a spell is open; false where its beginning is unknown."""
    return and_(from_on.is_not(None), from_on <= day, or_(to_on.is_(None), to_on > day))


def needs_of_families(
    groups: tuple[frozenset[str], ...], factors_of: Iterable[tuple[str, int]], snapshot_id: int, day: date
) -> Select[Any]:
    """Return for each family with a current need what its current needs come to.

    Columns: `family_key`; `needs_found`, how many of the groups have one; `factors`, the mask that they stand for.
    """
    found, mask = _groups_found(groups).label("needs_found"), _mask_of(factors_of).label("factors")
    return _current_needs(snapshot_id, day).add_columns(found, mask).group_by(needs.c.family_key)


def _mask_of(factors_of: Iterable[tuple[str, int]]) -> ColumnElement[int]:
    """Return the mask of factors that the needs of a group of rows stand for."""
    by_factor = _codes_by_factor(factors_of)
    if _overlap(codes for _, codes in by_factor):
        return sum((_any_need(codes, weight=bit) for bit, codes in by_factor), start=_nothing())
    # Each need stands for one bit, so the different ones add up to the mask; a maximum for each takes far longer.
    return func.coalesce(func.sum(distinct(_first_of((bit, codes) for bit, codes in by_factor))), _nothing())


def families_with(
    criterion: EpisodeOpen | AssessmentOfWholeFamily | PlanInPlace,
    snapshot_id: int,
    day: date,
) -> Select[Any]:
    """Return the families for which the criterion holds."""
    match criterion:
        case EpisodeOpen():
            return _families_with_episode(snapshot_id, day)
        case AssessmentOfWholeFamily():
            return select(assessments.c.family_key).where(
                assessments.c.snapshot_id == snapshot_id,
                assessments.c.covers_family.is_(True),
                assessments.c.assessed_on <= day,
            )
        case PlanInPlace():
            return select(plans.c.family_key).where(
                plans.c.snapshot_id == snapshot_id, open_on(day, plans.c.planned_on, plans.c.ended_on)
            )
        case _:
            assert_never(criterion)


def _families_with_episode(snapshot_id: int, day: date) -> Select[Any]:
    same_person = and_(
        episodes.c.snapshot_id == memberships.c.snapshot_id, episodes.c.person_key == memberships.c.person_key
    )
    return (
        select(memberships.c.family_key)
        .join_from(memberships, episodes, same_person)
        .where(
            memberships.c.snapshot_id == snapshot_id,
            open_on(day, memberships.c.from_on, memberships.c.to_on),
            open_on(day, episodes.c.started_on, episodes.c.ended_on),
        )
    )


def families_by_need(criterion: NeedsAtLeast, snapshot_id: int, day: date) -> Select[Any]:
    """Return the families whose current needs meet the criterion."""
    found = _groups_found(criterion.groups)
    return _current_needs(snapshot_id, day).group_by(needs.c.family_key).having(found >= criterion.count)


def families_by_factors(factors_of: Iterable[tuple[str, int]], count: int, snapshot_id: int, day: date) -> Select[Any]:
    """Return the families whose current needs stand for so many factors."""
    masks = needs_of_families((), factors_of, snapshot_id, day).subquery("masks")
    return select(masks.c.family_key).where(has_factors(masks.c.factors, count))


def has_factors(mask: ColumnElement[int], count: int) -> ColumnElement[bool]:
    """Return whether the mask holds so many factors."""
    factors = (case((mask.bitwise_and(bit) != 0, 1), else_=0) for bit in BIT.values())
    return sum(factors, start=_nothing()) >= count


def _groups_found(groups: tuple[frozenset[str], ...]) -> ColumnElement[int]:
    """Return how many of the groups have a current need among their codes.

    Where no code is in two groups one distinct count does, and of the codes themselves where each is a group of its
    own; counting each group apart is several times slower.
    """
    if _overlap(groups):
        return sum((_any_need(sorted(group)) for group in groups), start=_nothing())
    if all(len(group) == 1 for group in groups):
        codes = sorted(frozenset().union(*groups))
        return func.count(distinct(case((needs.c.code.in_(codes), needs.c.code))))
    return func.count(distinct(_first_of((number, sorted(group)) for number, group in enumerate(groups) if group)))


def _overlap(groups: Iterable[Collection[str]]) -> bool:
    """Say whether a code is in two of the groups."""
    known = [code for group in groups for code in group]
    return len(frozenset(known)) < len(known)


def _first_of(numbered: Iterable[tuple[int, Collection[str]]]) -> ColumnElement[Any]:
    """Return the number of the group that a need's code is in, or null."""
    cases = [(needs.c.code.in_(list(codes)), number) for number, codes in numbered]
    return case(*cases) if cases else cast(null(), Integer)


def _current_needs(snapshot_id: int, day: date) -> Select[Any]:
    return select(needs.c.family_key).where(
        needs.c.snapshot_id == snapshot_id, open_on(day, needs.c.identified_on, needs.c.met_on)
    )


def _codes_by_factor(factors_of: Iterable[tuple[str, int]]) -> list[tuple[int, list[str]]]:
    pairs = sorted(factors_of)
    by_factor = ((bit, [code for code, mask in pairs if mask & bit]) for bit in BIT.values())
    return [(bit, codes) for bit, codes in by_factor if codes]


def _any_need(codes: list[str], weight: int = 1) -> ColumnElement[int]:
    return func.max(case((needs.c.code.in_(codes), weight), else_=0))


def members_of_incomplete(snapshot_id: int) -> Select[Any]:
    """Return the people who were ever in a family that a refused line touched."""
    same_family = and_(
        families.c.snapshot_id == memberships.c.snapshot_id, families.c.family_key == memberships.c.family_key
    )
    return (
        select(memberships.c.person_key)
        .join_from(memberships, families, same_family)
        .where(memberships.c.snapshot_id == snapshot_id, families.c.incomplete.is_(True))
    )


def members_with_unmet(codes: frozenset[str], snapshot_id: int, day: date) -> Select[Any]:
    """Return the people who were ever in a family that has an unmet need among the codes, whenever it began."""
    # Joined, SQLite would look through the needs of every membership: it cannot know how few have such a need.
    having = select(needs.c.family_key).where(
        needs.c.snapshot_id == snapshot_id,
        needs.c.code.in_(sorted(codes)),
        or_(needs.c.met_on.is_(None), needs.c.met_on > day),
    )
    return select(memberships.c.person_key).where(
        memberships.c.snapshot_id == snapshot_id, memberships.c.family_key.in_(having)
    )


def _nothing() -> ColumnElement[int]:
    return literal(0)
