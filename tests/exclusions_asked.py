"""The exclusions that are kept, asked for alone: what the one statement of a list is held against."""

from typing import Any

from sqlalchemy import Select, select

from gateway.model.agreement import Agreement
from gateway.model.framework import Framework
from gateway.selection.decide import kept_reason
from gateway.selection.everybody import decided
from gateway.store.tables import persons


def exclusion_select(
    agreement: Agreement, framework: Framework, *, part: str | None = None, **asked: Any
) -> Select[Any]:
    """The statement of a reference and a reason for each, in the order of references."""
    each = decided(agreement, framework, part=part, **asked)
    left_out = (
        select(persons.c.subject_ref, each.reason.label("reason"))
        .select_from(each.judged)
        .where(each.in_part, each.in_cohort, each.reason.is_not(None))
        .subquery("decisions")
    )
    kept = kept_reason(left_out.c.reason)
    return select(left_out.c.subject_ref, kept.label("reason")).order_by(left_out.c.subject_ref)
