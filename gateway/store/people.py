"""Edge: gather people of a snapshot as nouns (model/people.py), for `explain` and for the reference interpreter.

Everything that a decision can ask about a person is gathered, of one person or of all. Holds are those that stand now,
or those that stood at instants of the past, because they alone can change while the snapshot stays. A run never comes
here: it decides about everybody in one statement.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, false, or_, select

from gateway.model.people import Assessment, Family, Involvement, Membership, Need, Person, Spell
from gateway.store import tables

_Rows = dict[int, list[Row[Any]]]


def person_in(
    connection: Connection, snapshot_id: int, subject_ref: str, held_at: Collection[str] | None = None
) -> Person | None:
    """Return one person of a snapshot, or None where the snapshot has no such person."""
    return next(people_in(connection, snapshot_id, subject_ref, held_at), None)


def people_in(
    connection: Connection, snapshot_id: int, subject_ref: str | None = None, held_at: Collection[str] | None = None
) -> Iterator[Person]:
    """Yield the people of a snapshot in the order of their keys: everybody, or the one with the reference.

    `held_at` are instants as text: who was held at any of them counts as held. Without it, who is held now.
    """
    persons = tables.persons.c
    query = select(tables.persons).where(persons.snapshot_id == snapshot_id).order_by(persons.person_key)
    if subject_ref is not None:
        query = query.where(persons.subject_ref == subject_ref)
    people = connection.execute(query).all()
    keys = None if subject_ref is None else {person.person_key for person in people}
    own = _by(connection, tables.memberships, snapshot_id, "person_key", keys)
    joined = None if keys is None else {row.family_key for rows in own.values() for row in rows}
    families = _families(connection, snapshot_id, joined)
    held = set(connection.execute(select(tables.holds.c.subject_ref).where(_stood(held_at))).scalars())
    for person in people:
        yield _person(person, own[person.person_key], families, held=person.subject_ref in held)


def office_of(connection: Connection, snapshot_id: int, subject_ref: str) -> str | None:
    """Return the office that serves where a person of a snapshot lives; None where none does."""
    persons, served = tables.persons.c, tables.office_sectors.c
    same_sector = and_(served.snapshot_id == persons.snapshot_id, served.sector == persons.postcode_sector)
    query = select(served.office).join(tables.persons, same_sector)
    whom = (persons.snapshot_id == snapshot_id, persons.subject_ref == subject_ref)
    return connection.execute(query.where(*whom)).scalar()


def _stood(at: Collection[str] | None) -> ColumnElement[bool]:
    holds = tables.holds.c
    if at is None:
        return holds.lifted_at.is_(None)
    return or_(
        false(),
        *(and_(holds.placed_at <= each, or_(holds.lifted_at.is_(None), holds.lifted_at > each)) for each in at),
    )


def _person(row: Row[Any], own: list[Row[Any]], families: dict[int, Family], *, held: bool) -> Person:
    return Person(
        person_key=row.person_key,
        subject_ref=row.subject_ref,
        forename=row.forename,
        surname=row.surname,
        date_of_birth=row.date_of_birth,
        nino=row.nino,
        postcode=row.postcode,
        deceased_on=row.deceased_on,
        incomplete=row.incomplete,
        flags=row.flags,
        held=held,
        memberships=tuple(Membership(families[each.family_key], Spell(each.from_on, each.to_on)) for each in own),
    )


def _families(connection: Connection, snapshot_id: int, keys: AbstractSet[int] | None) -> dict[int, Family]:
    """Return the families with the keys, or all, with everything that belongs to each."""
    parts = {
        table.name: _by(connection, table, snapshot_id, "family_key", keys)
        for table in (
            tables.families,
            tables.memberships,
            tables.needs,
            tables.assessments,
            tables.plans,
            tables.involvements,
        )
    }
    members = None
    if keys is not None:
        members = {row.person_key for rows in parts["memberships"].values() for row in rows}
    episodes = _by(connection, tables.episodes, snapshot_id, "person_key", members)
    return {key: _family(rows[0], parts, episodes) for key, rows in parts["families"].items()}


def _family(row: Row[Any], parts: dict[str, _Rows], episodes: _Rows) -> Family:
    key = row.family_key
    return Family(
        family_key=key,
        programme=Spell(row.opened_on, row.closed_on),
        needs=tuple(Need(each.code, Spell(each.identified_on, each.met_on)) for each in parts["needs"][key]),
        assessments=tuple(Assessment(each.assessed_on, each.covers_family) for each in parts["assessments"][key]),
        plans=tuple(Spell(each.planned_on, each.ended_on) for each in parts["plans"][key]),
        involvements=tuple(_involvement(each) for each in parts["involvements"][key]),
        episodes=tuple(
            (Spell(episode.started_on, episode.ended_on), Spell(member.from_on, member.to_on))
            for member in parts["memberships"][key]
            for episode in episodes[member.person_key]
        ),
        incomplete=row.incomplete,
    )


def _involvement(row: Row[Any]) -> Involvement:
    spell = Spell(row.from_on, row.to_on)
    return Involvement(row.involvement_key, row.name, row.email, row.phone, row.team, spell)


def _by(connection: Connection, table: Table, snapshot_id: int, column: str, keys: AbstractSet[int] | None) -> _Rows:
    """Return the table's rows of a snapshot by a key, in the order of the table's own keys."""
    query = select(table).where(table.c.snapshot_id == snapshot_id).order_by(*table.primary_key.columns)
    if keys is not None:
        query = query.where(table.c[column].in_(sorted(keys)))
    rows: _Rows = defaultdict(list)
    for row in connection.execute(query):
        rows[getattr(row, column)].append(row)
    return rows
