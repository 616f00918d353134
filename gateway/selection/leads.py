"""Find the lead professional of each family, and the free-form values that a row about a family would carry.

A family's lead professional on a day is the involvement that began last among those open; of two that began on
the same day, the one with the smaller `involvement_key`. Where the record has no contact the agreement's own
stands in its place; a team that the agreement does not list gets the agreement's general label. An empty text
counts as none.

Pure: expressions only.
"""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, func, literal, or_, select

from gateway.model.people import Family, Involvement
from gateway.selection.text import any_unsafe
from gateway.selection.wording import CONTACT, Wording
from gateway.store.tables import involvements


def leads_on(snapshot_id: int, day: date) -> Select[Any]:
    """Return one row for each family that has a lead professional on the day; `suspect`: a text of it is unsafe."""
    rank = func.row_number().over(
        partition_by=involvements.c.family_key,
        order_by=(involvements.c.from_on.desc(), involvements.c.involvement_key),
    )
    ranked = (
        select(
            involvements.c.family_key,
            involvements.c.name,
            involvements.c.email,
            involvements.c.phone,
            involvements.c.team,
            rank.label("rank"),
        )
        .where(
            involvements.c.snapshot_id == snapshot_id,
            involvements.c.from_on <= day,
            or_(involvements.c.to_on.is_(None), involvements.c.to_on > day),
        )
        .subquery("ranked_leads")
    )
    texts = {"name": ranked.c.name, "email": ranked.c.email, "phone": ranked.c.phone}
    columns = (ranked.c.family_key, ranked.c.name, ranked.c.email, ranked.c.phone, ranked.c.team)
    # As each family's first one, but databases take what is equal to a number for rare, and SQLite then looks at every
    # lead for each family.
    return select(*columns, any_unsafe(texts, may_be_phone="phone").label("suspect")).where(ranked.c.rank < 2)  # noqa: PLR2004


def lead_of(family: Family, day: date) -> Involvement | None:
    """Return the same of one family in Python."""
    standing = (involvement for involvement in family.involvements if involvement.spell.open_on(day))
    return min(standing, key=_later_first, default=None)


def _later_first(involvement: Involvement) -> tuple[int, int]:
    began = involvement.spell.from_on
    return (-began.toordinal() if began else 0, involvement.involvement_key)


def free_values(people: FromClause, families: FromClause, wording: Wording) -> dict[str, ColumnElement[Any]]:
    """Return each disclosed free-form field's expression; `families` is the standing of families (standing.py)."""
    recorded = (present(families.c.lead_email), present(families.c.lead_phone))
    contact = func.coalesce(*recorded, present(literal(wording.default_contact)))
    values: dict[str, ColumnElement[Any]] = {
        "surname": present(people.c.surname),
        "forename": present(people.c.forename),
        "lead_professional_name": present(families.c.lead_name),
        CONTACT: contact,
        "lead_professional_org": present(_team_label(families, wording)),
    }
    return {name: values[name] for name in sorted(wording.fields)}


def present(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the text, or null where it is empty: the two databases write an empty text differently."""
    return func.nullif(text, "")


def _team_label(families: FromClause, wording: Wording) -> ColumnElement[Any]:
    if not wording.team_labels:
        return literal(wording.default_team)
    listed = ((families.c.lead_team == team, label) for team, label in wording.team_labels)
    return case(*listed, else_=literal(wording.default_team))
