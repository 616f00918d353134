"""Join every person of a part to what was decided about them: included, or left out for exactly one reason.

- One row a person, whoever they are: included and excluded people together are everyone (law L1).
- A part is an office; a person belongs to the office that serves their postcode sector and otherwise to the
  agreement's fallback, so the parts of an agreement hold everyone once.
- A family is relied on, and its factors are told, only for people who are included.
- `in_cohort` says whether the person is old enough and has a family that meets the cohort rule: only such people's
  exclusions are kept as evidence, so that it holds nothing about children. Places of the others are not judged.

Pure: expressions only; the rules are those of rules.py, the reference is evaluate.py.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, ColumnElement, FromClause, and_, case, func, literal, not_, null, or_, select, true

from gateway.model.agreement import Agreement
from gateway.model.framework import Framework
from gateway.selection.compile import Place, expression_of
from gateway.selection.families import open_on
from gateway.selection.holding import TODAY, Holding
from gateway.selection.rules import Rules, Stage, needs_rule, rules_of
from gateway.selection.standing import standing_on
from gateway.store.tables import memberships, office_sectors, persons

#: References from the first, and before the last: None for no end.
Span = tuple[str | None, str | None]
EVERYBODY: Span = (None, None)
_MIDDLE = "80000000-0000-0000-0000-000000000000"
#: Two spans that hold everybody once, and about half of them each: references are drawn at random.
HALVES: tuple[Span, ...] = ((None, _MIDDLE), (_MIDDLE, None))
#: More than a snapshot can have.
_FAMILIES = 1 << 32


@dataclass(frozen=True, slots=True)
class Decided:
    """The people of a part, joined to what was decided about each: minimisation projects from the same join.

    `source` has everything that can be told of them; `judged` is enough for `reason`, `included` and `in_cohort`.
    `held` are the factors of somebody who is known to be included: `factors` asks again.
    """

    rules: Rules
    place: Place
    source: FromClause
    judged: FromClause
    in_part: ColumnElement[bool]
    included: ColumnElement[bool]
    reason: ColumnElement[str | None]
    family_key: ColumnElement[int | None]
    factors: ColumnElement[int]
    held: ColumnElement[int]
    in_cohort: ColumnElement[bool]


def decided(
    agreement: Agreement,
    framework: Framework,
    *,
    snapshot_id: int,
    day: date,
    part: str | None,
    holding: Holding = TODAY,
    kept_standing: int | None = None,
    span: Span = EVERYBODY,
) -> Decided:
    """Return everyone of the part with what the agreement's rules say about them on the day.

    Of a `span`, those alone whose reference lies in it. `kept_standing` is the number under which the standing of the
    families is kept, of exactly this snapshot, framework and day, for whoever has made sure that it is.
    """
    rules = rules_of(agreement, framework)
    standing = standing_on(needs_rule(framework), rules.factors_of, snapshot_id, day, kept_standing)
    place = Place(persons, memberships.c.family_key, standing, snapshot_id, day, holding)
    best = _best_places(rules, place, span)
    chosen = standing.again("chosen")
    judged = persons.outerjoin(best, best.c.person_key == persons.c.person_key)
    source = judged.outerjoin(chosen.families, chosen.of(best.c.family_key))
    held = func.coalesce(chosen.families.c.factors, 0)
    place = Place(persons, best.c.family_key, chosen, snapshot_id, day, holding)
    passed = func.coalesce(best.c.passed, 0)
    reason = _reason(rules, place, passed)
    return Decided(
        rules=rules,
        place=place,
        source=source,
        judged=judged,
        included=_included(rules, place, passed),
        in_part=and_(persons.c.snapshot_id == snapshot_id, _in_span(span), in_part(agreement, snapshot_id, part)),
        reason=reason,
        family_key=case((reason.is_(None), best.c.family_key)),
        factors=case((reason.is_(None), held), else_=0),
        held=held,
        in_cohort=passed >= 1,
    )


def _in_span(span: Span) -> ColumnElement[bool]:
    first, behind = span
    ref = persons.c.subject_ref
    return and_(true() if first is None else ref >= first, true() if behind is None else ref < behind)


def _best_places(rules: Rules, place: Place, span: Span) -> FromClause:
    """Return for each person how many stages their best family passes, and the family if it passes all."""
    standing = place.standing
    same_person = and_(
        persons.c.snapshot_id == memberships.c.snapshot_id, persons.c.person_key == memberships.c.person_key
    )
    # One number, so that each place is judged once: databases put an expression in wherever it is named. The largest is
    # of who passes most, and of these the smallest family.
    weighed = _stages_passed(rules.about_family, place) * literal(_FAMILIES, BigInteger) - memberships.c.family_key
    best = (
        select(memberships.c.person_key, func.max(weighed).label("weighed"))
        .select_from(
            memberships.join(persons, same_person).join(standing.families, standing.of(memberships.c.family_key))
        )
        .where(
            memberships.c.snapshot_id == place.snapshot_id,
            open_on(place.day, memberships.c.from_on, memberships.c.to_on),
            expression_of(rules.age_floor, place),
            _in_span(span),
        )
        .group_by(memberships.c.person_key)
        .subquery("weighed")
    )
    # Taken apart by comparing: not every engine divides whole numbers into a whole number.
    stages = len(rules.about_family)
    passed = case(*((best.c.weighed > (stage - 1) * _FAMILIES, stage) for stage in range(stages, 0, -1)), else_=0)
    family_key = case((best.c.weighed > (stages - 1) * _FAMILIES, stages * _FAMILIES - best.c.weighed))
    return select(best.c.person_key, passed.label("passed"), family_key.label("family_key")).subquery("best")


def _stages_passed(stages: tuple[Stage, ...], place: Place) -> ColumnElement[int]:
    stops = ((not_(expression_of(stage.criterion, place)), number) for number, stage in enumerate(stages))
    return case(*stops, else_=len(stages))


def _reason(rules: Rules, place: Place, passed: ColumnElement[int]) -> ColumnElement[str | None]:
    alone = ((not_(expression_of(stage.criterion, place)), stage.reason.value) for stage in rules.about_person)
    by_family = ((passed <= number, stage.reason.value) for number, stage in enumerate(rules.about_family))
    return case(*alone, *by_family, else_=null())


def _included(rules: Rules, place: Place, passed: ColumnElement[int]) -> ColumnElement[bool]:
    """Return whether there is no reason to leave the person out."""
    alone = (expression_of(stage.criterion, place) for stage in rules.about_person)
    return and_(passed == len(rules.about_family), *alone)


def in_part(agreement: Agreement, snapshot_id: int, part: str | None) -> ColumnElement[bool]:
    """Return whether a person belongs to the part; everybody does where there is none or no split."""
    if agreement.split is None or part is None:
        return true()
    sectors = select(office_sectors.c.sector).where(office_sectors.c.snapshot_id == snapshot_id).correlate(None)
    sector = persons.c.postcode_sector
    if part == agreement.split.fallback:
        elsewhere = sectors.where(office_sectors.c.office != part)
        return or_(sector.is_(None), sector.not_in(elsewhere))
    return and_(sector.is_not(None), sector.in_(sectors.where(office_sectors.c.office == part)))
