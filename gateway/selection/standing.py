"""Work out once for each family what rules ask of it on a day: its standing, one row a family of the snapshot.

- Every place in a family is judged by its row, instead of by looking through needs, plans and episodes for each.
- `needs_found` and `factors` are counted by one framework's own groups and factors. A criterion that counts other needs
  asks the snapshot itself (compile.py).
- Every column but those of the lead professional has a value, so that what is judged by it is true or false.
- `suspect` is false only where no name of anybody who was ever in the family, and no text of its lead professional,
  is unsafe (text.py): only then are the values of a place not looked through.
- What protects somebody is not here: that is asked of the snapshot each time.
- A load keeps what the statement gives for the days of its night (store/standings.py), and lists of that night read it
  there, by a number that says what it was worked out from. Where it is not kept, a list's own statement works it out.

Pure: expressions over store/tables.py.
"""

from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, false, func, or_, select, true

from gateway.model.criteria import AssessmentOfWholeFamily, EpisodeOpen, NeedsAtLeast, PlanInPlace
from gateway.model.framework import Framework
from gateway.selection.families import families_with, needs_of_families, open_on
from gateway.selection.leads import leads_on
from gateway.selection.rules import factors_under, needs_rule
from gateway.selection.text import any_unsafe
from gateway.store.tables import families, family_standings, memberships, persons

#: To be raised whenever the statement below says something else of the same snapshot, framework and day: nothing that
#: an earlier gateway kept is then read. A test holds the statement against this.
VERSION = 1
#: Of a need code, the mask of factors that it stands for.
FactorsOf = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """The standing of families; `counted` is whose groups `needs_found` counts, `factors_of` what `factors` holds.

    `kept_as` is the number under which it is kept, and the snapshot; None where the statement works it out. Columns of
    `families`: `family_key`, `in_programme`, `has_episode`, `assessed`, `planned`, `needs_found`, `factors`, `suspect`,
    `has_lead`, and of the lead professional `lead_name`, `lead_email`, `lead_phone`, `lead_team`.
    """

    families: FromClause
    counted: NeedsAtLeast
    factors_of: FactorsOf
    kept_as: tuple[int, int] | None = None

    def of(self, family_key: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition that joins a family's row."""
        return and_(self._is_this(), self.families.c.family_key == family_key)

    def _is_this(self) -> ColumnElement[bool]:
        if self.kept_as is None:
            return true()
        number, snapshot_id = self.kept_as
        return and_(self.families.c.snapshot_id == snapshot_id, self.families.c.standing == number)

    def again(self, name: str) -> "Standing":
        """Return the same under another name, to be joined a second time."""
        return replace(self, families=self.families.alias(name))


def standing_on(
    counted: NeedsAtLeast, factors_of: FactorsOf, snapshot_id: int, day: date, kept: int | None = None
) -> Standing:
    """Return the standing on a day: what is kept under that number, or worked out, once however often it is asked."""
    if kept is not None:
        return Standing(family_standings.alias("standing"), counted, factors_of, (kept, snapshot_id))
    worked_out = _select(counted, factors_of, snapshot_id, day).cte("standing").prefix_with("MATERIALIZED")
    return Standing(worked_out, counted, factors_of)


def standing_select(framework: Framework, snapshot_id: int, day: date) -> Select[Any]:
    """Return the statement of the rows under a framework, in no order. Raises FrameworkInvalid."""
    return _select(needs_rule(framework), factors_under(framework), snapshot_id, day)


def standing_number(framework: Framework, day: date) -> int:
    """Return the number that the standing of a day is kept under: the same for the same rules, and for no others."""
    groups = [sorted(group) for group in needs_rule(framework).groups]
    said = (VERSION, day.isoformat(), groups, factors_under(framework))
    # What a column of eight bytes holds.
    return int.from_bytes(sha256(repr(said).encode()).digest()[:8]) >> 1


def _select(counted: NeedsAtLeast, factors_of: FactorsOf, snapshot_id: int, day: date) -> Select[Any]:
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
            or_(func.coalesce(lead.c.suspect, false()), key.in_(_with_unsafe_names(snapshot_id))).label("suspect"),
        )
        .select_from(
            families.outerjoin(found, found.c.family_key == key).outerjoin(lead, lead.c.family_key == key),
        )
        .where(families.c.snapshot_id == snapshot_id)
    )


def _with_unsafe_names(snapshot_id: int) -> Select[Any]:
    same_person = and_(
        persons.c.snapshot_id == memberships.c.snapshot_id, persons.c.person_key == memberships.c.person_key
    )
    names = {"surname": persons.c.surname, "forename": persons.c.forename}
    return (
        select(memberships.c.family_key)
        .join_from(memberships, persons, same_person)
        .where(memberships.c.snapshot_id == snapshot_id, any_unsafe(names, may_be_phone=""))
        .correlate(None)
    )


_BY_FAMILY: dict[str, EpisodeOpen | AssessmentOfWholeFamily | PlanInPlace] = {
    "has_episode": EpisodeOpen(),
    "assessed": AssessmentOfWholeFamily(),
    "planned": PlanInPlace(),
}
