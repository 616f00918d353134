"""Make the statements of a decision: about each person, once for all that is asked, in counts, and who is selected.

All rest on one join (everybody.py), so they cannot say different things of the same snapshot, day and holds.

Pure: statements only; a service runs them.
"""

from datetime import date
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, case, func, literal, not_, or_, select

from gateway.model.agreement import Agreement
from gateway.model.framework import Framework
from gateway.model.selection import PROTECTIVE, ExclusionReason
from gateway.model.time import latest_birth_for_age
from gateway.selection.compile import expression_of
from gateway.selection.everybody import Decided, decided, in_part
from gateway.selection.holding import TODAY, Holding
from gateway.store.tables import office_sectors, persons, unmapped_codes


def decision_select(
    agreement: Agreement,
    framework: Framework,
    *,
    snapshot_id: int,
    day: date,
    part: str | None = None,
    holding: Holding = TODAY,
) -> Select[Any]:
    """Return the statement of one row a person, in no order.

    Columns: `person_key`, `subject_ref`, `reason` (null: included), `family_key` (null: excluded), `factors` (0:
    excluded), `in_cohort`.
    """
    each = decided(agreement, framework, snapshot_id=snapshot_id, day=day, part=part, holding=holding)
    return (
        select(
            persons.c.person_key,
            persons.c.subject_ref,
            each.reason.label("reason"),
            each.family_key.label("family_key"),
            each.factors.label("factors"),
            each.in_cohort.label("in_cohort"),
        )
        .select_from(each.source)
        .where(each.in_part)
    )


def verdicts(each: Decided) -> CTE:
    """Return everyone of the part once, worked out a single time however often a statement asks.

    Columns: `person_key`, `subject_ref`, `family_key` (relied on, where included), `reason` (null: included),
    `included` (databases take a null for rare, and would join the many included as if they were few), `in_cohort`, and
    as 0 or 1 `minor` and `human_decides`, which `count_select` explains.
    """
    everyone = (
        select(
            persons.c.person_key,
            persons.c.subject_ref,
            each.place.family_key.label("family_key"),
            each.reason.label("reason"),
            each.included.label("included"),
            each.in_cohort.label("in_cohort"),
            _one_if(_is_minor(each)).label("minor"),
            _one_if(_human_decides(each)).label("human_decides"),
        )
        .select_from(each.judged)
        .where(each.in_part)
        .cte("verdicts")
    )
    # Databases would otherwise put what is behind the name in wherever it is named.
    return everyone.prefix_with("MATERIALIZED")


def kept_reason(reason: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return an exclusion's reason as evidence keeps it: all protective ones as one (law L11)."""
    return case((reason.in_(sorted(PROTECTIVE)), literal(ExclusionReason.PROTECTED.value)), else_=reason)


def count_select(
    agreement: Agreement,
    framework: Framework,
    *,
    snapshot_id: int,
    day: date,
    part: str | None = None,
    holding: Holding = TODAY,
) -> Select[Any]:
    """Return the statement of the funnel, one row a reason; funnel.py reads it.

    Columns: `reason` (null: included), `people`, and of those `minors` (younger than the guarded age, or without a date
    of birth) and `human_decides` (whom only a person may let through): the funnel takes these of the included.
    """
    each = decided(agreement, framework, snapshot_id=snapshot_id, day=day, part=part, holding=holding)
    everyone = (
        select(
            each.reason.label("reason"),
            _one_if(_is_minor(each)).label("minor"),
            _one_if(_human_decides(each)).label("human_decides"),
        )
        .select_from(each.judged)
        .where(each.in_part)
        .subquery("decisions")
    )
    return select(
        everyone.c.reason,
        func.count().label("people"),
        func.sum(everyone.c.minor).label("minors"),
        func.sum(everyone.c.human_decides).label("human_decides"),
    ).group_by(everyone.c.reason)


def people_select(agreement: Agreement, *, snapshot_id: int, part: str | None = None) -> Select[Any]:
    """Return the statement of one number: how many people the part has, counted without deciding (law L1)."""
    return (
        select(func.count().label("people"))
        .select_from(persons)
        .where(persons.c.snapshot_id == snapshot_id, in_part(agreement, snapshot_id, part))
    )


def selected_select(
    agreement: Agreement,
    framework: Framework,
    *,
    snapshot_id: int,
    day: date,
    part: str | None = None,
    holding: Holding = TODAY,
) -> Select[Any]:
    """Return the statement of the references of those included, in their order: what a release is held against."""
    each = decided(agreement, framework, snapshot_id=snapshot_id, day=day, part=part, holding=holding)
    return (
        select(persons.c.subject_ref)
        .select_from(each.judged)
        .where(each.in_part, each.reason.is_(None))
        .order_by(persons.c.subject_ref)
    )


def offices_select(snapshot_id: int) -> Select[Any]:
    """Return the statement of the offices that serve any sector of the snapshot."""
    return (
        select(office_sectors.c.office)
        .where(office_sectors.c.snapshot_id == snapshot_id)
        .distinct()
        .order_by(office_sectors.c.office)
    )


def unmapped_select(snapshot_id: int) -> Select[Any]:
    """Return the statement of the coded columns, `(feed, column)`, in which the snapshot has unmapped codes."""
    return (
        select(unmapped_codes.c.feed, unmapped_codes.c.column)
        .where(unmapped_codes.c.snapshot_id == snapshot_id)
        .distinct()
    )


def _is_minor(each: Decided) -> ColumnElement[bool]:
    latest = latest_birth_for_age(each.rules.guarded_age, each.place.day)
    return or_(persons.c.date_of_birth.is_(None), persons.c.date_of_birth > latest)


def _human_decides(each: Decided) -> ColumnElement[bool]:
    rule = each.rules.human_decides
    return literal(False) if rule is None else not_(expression_of(rule, each.place))  # noqa: FBT003


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)
