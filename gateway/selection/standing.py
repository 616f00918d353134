"""Work out once for each family what rules ask of it on a day: its standing, one row a family of the snapshot.

- Every place in a family is judged by its row, instead of by looking through needs, plans and episodes for each.
- `needs_found` and `factors` are counted by one framework's own groups and factors. A criterion that counts other needs
  asks the snapshot itself (compile.py).
- Every column but those of the lead professional has a value, so that what is judged by it is true or false.
- What protects somebody is not here: that is asked of the snapshot each time.

Pure: expressions over store/tables.py.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, false, func, select

from gateway.model.criteria import AssessmentOfWholeFamily, EpisodeOpen, NeedsAtLeast, PlanInPlace
from gateway.selection.families import families_with, needs_of_families, open_on
from gateway.selection.leads import leads_on
from gateway.store.tables import families

#: Of a need code, the mask of factors that it stands for.
FactorsOf = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """The standing of families; `counted` is whose groups `needs_found` counts, `factors_of` what `factors` holds.

    Columns of `families`: `family_key`, `in_programme`, `has_episode`, `assessed`, `planned`, `needs_found`, `factors`,
    `has_lead`, and of the lead professional `lead_name`, `lead_email`, `lead_phone`, `lead_team`, `lead_suspect`.
    """

    families: FromClause
    counted: NeedsAtLeast
    factors_of: FactorsOf

    def of(self, family_key: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition that joins a family's row."""
        condition: ColumnElement[bool] = self.families.c.family_key == family_key
        return condition

    def again(self, name: str) -> "Standing":
        """Return the same under another name, to be joined a second time."""
        return replace(self, families=self.families.alias(name))


def standing_on(counted: NeedsAtLeast, factors_of: FactorsOf, snapshot_id: int, day: date) -> Standing:
    """Return the standing on a day, worked out once in a statement however often that asks."""
    worked_out = standing_select(counted, factors_of, snapshot_id, day).cte("standing").prefix_with("MATERIALIZED")
    return Standing(worked_out, counted, factors_of)


def standing_select(counted: NeedsAtLeast, factors_of: FactorsOf, snapshot_id: int, day: date) -> Select[Any]:
    """Return the statement of the rows, in no order."""
    found = needs_of_families(counted.groups, factors_of, snapshot_id, day).subquery("found")
    lead = leads_on(snapshot_id, day).subquery("lead")
    key = families.c.family_key
    return (
        select(
            key,
            open_on(day, families.c.opened_on, families.c.closed_on).label("in_programme"),
            *(
                key.in_(families_with(criterion, snapshot_id, day).correlate(None)).label(name)
                for name, criterion in _BY_FAMILY.items()
            ),
            func.coalesce(found.c.needs_found, 0).label("needs_found"),
            func.coalesce(found.c.factors, 0).label("factors"),
            lead.c.family_key.is_not(None).label("has_lead"),
            *(lead.c[name].label(f"lead_{name}") for name in ("name", "email", "phone", "team")),
            func.coalesce(lead.c.suspect, false()).label("lead_suspect"),
        )
        .select_from(
            families.outerjoin(found, found.c.family_key == key).outerjoin(lead, lead.c.family_key == key),
        )
        .where(families.c.snapshot_id == snapshot_id)
    )


_BY_FAMILY: dict[str, EpisodeOpen | AssessmentOfWholeFamily | PlanInPlace] = {
    "has_episode": EpisodeOpen(),
    "assessed": AssessmentOfWholeFamily(),
    "planned": PlanInPlace(),
}
