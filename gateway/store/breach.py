"""Edge: what a breach needs to know of lists: who stood on them, how they were sealed, and each try at sending them.

People come one by one and are only to be counted: nothing here says who somebody is.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select, union_all

from gateway.ledger.entries import read_entry
from gateway.ledger.events import Event
from gateway.model.time import from_text
from gateway.store.registers import among
from gateway.store.streams import stream
from gateway.store.tables import (
    attempts,
    evidence,
    holds,
    ledger,
    lists,
    persons,
    reconciliations,
    snapshots,
    subjects,
    told_people,
)

_OF_KEYS = (Event.KEY_GENERATED, Event.KEY_IMPORTED, Event.KEY_ACTIVATED, Event.KEY_RETIRED)


@dataclass(frozen=True, slots=True)
class PersonOnLists:
    """Somebody on lists: the first day of them, and, where it is known, when they were born and how they are protected.

    `flags` is None where the newest snapshot does not have them.
    """

    subject_ref: str
    first_window: str
    born_on: date | None
    flags: int | None
    is_held: bool


@dataclass(frozen=True, slots=True)
class Try:
    """One try at delivering a list, with what the server showed of itself; empty where there was no session."""

    list_id: int
    ended_at: datetime
    outcome: str
    session: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KeptLine:
    """The sealed line of somebody on a list, with what opens it; `fields` are those that the list carried."""

    list_reference: str
    position: int
    fields: int
    secret: bytes
    line_sealed: bytes


def people_of(
    connection: Connection, list_ids: Collection[int], answers: Collection[str] = ()
) -> Iterator[PersonOnLists]:
    """Yield everybody on the lists, and in answers to work-coach lists, once.

    A date of birth comes from any snapshot that is kept.
    """
    listed = (
        select(evidence.c.subject_ref, lists.c.window.label("day"))
        .join(lists, lists.c.list_id == evidence.c.list_id)
        .where(among(evidence.c.list_id, list_ids))
    )
    told = (
        select(told_people.c.subject_ref, func.substr(reconciliations.c.ran_at, 1, len("2026-11-22")))
        .join(reconciliations, reconciliations.c.reference == told_people.c.reference)
        .where(told_people.c.reference.in_(list(answers)))
    )
    every = union_all(listed, told).subquery()
    on = (
        select(every.c.subject_ref, func.min(every.c.day).label("first_window"))
        .group_by(every.c.subject_ref)
        .subquery()
    )
    born = (
        select(persons.c.subject_ref, func.max(persons.c.date_of_birth).label("born_on"))
        .where(persons.c.subject_ref.in_(select(on.c.subject_ref)))
        .group_by(persons.c.subject_ref)
        .subquery()
    )
    newest = select(func.max(snapshots.c.snapshot_id)).scalar_subquery()
    now = select(persons.c.subject_ref, persons.c.flags).where(persons.c.snapshot_id == newest).subquery()
    held = select(holds.c.subject_ref).where(holds.c.lifted_at.is_(None)).distinct().subquery()
    query = (
        select(on.c.subject_ref, on.c.first_window, born.c.born_on, now.c.flags, held.c.subject_ref.is_not(None))
        .outerjoin(born, born.c.subject_ref == on.c.subject_ref)
        .outerjoin(now, now.c.subject_ref == on.c.subject_ref)
        .outerjoin(held, held.c.subject_ref == on.c.subject_ref)
    )
    return (PersonOnLists(row[0], row[1], row[2], row[3], bool(row[4])) for row in stream(connection, query))


def kept_lines(connection: Connection, list_id: int) -> Iterator[tuple[str, KeptLine]]:
    """Yield the sealed lines of a list that can still be opened, each with its subject's reference."""
    query = (
        select(
            evidence.c.subject_ref,
            lists.c.reference,
            evidence.c.position,
            evidence.c.fields,
            subjects.c.secret,
            evidence.c.line_sealed,
        )
        .join(lists, lists.c.list_id == evidence.c.list_id)
        .join(subjects, subjects.c.subject_ref == evidence.c.subject_ref)
        .where(evidence.c.list_id == list_id, evidence.c.line_sealed.is_not(None))
        .order_by(evidence.c.position)
    )
    return ((row[0], KeptLine(*row[1:])) for row in stream(connection, query))


def sealed_entries(connection: Connection) -> Mapping[str, Mapping[str, object]]:
    """Return what the entry of each sealed list says, by the list's reference."""
    bodies = connection.execute(
        select(ledger.c.body).where(ledger.c.event == Event.LIST_SEALED.value).order_by(ledger.c.position)
    ).scalars()
    return {str(body["list"]): body for body in (read_entry(content).body for content in bodies)}


def tries_of(connection: Connection, list_ids: Collection[int]) -> list[Try]:
    """Return each try at delivering the lists, oldest first."""
    query = (
        select(attempts.c.list_id, attempts.c.ended_at, attempts.c.outcome, attempts.c.session)
        .where(among(attempts.c.list_id, list_ids))
        .order_by(attempts.c.attempt_id)
    )
    return [
        Try(row.list_id, from_text(row.ended_at), row.outcome, json.loads(row.session) if row.session else {})
        for row in connection.execute(query)
    ]


def days_of_key(connection: Connection, fingerprint: str) -> tuple[datetime, datetime | None] | None:
    """Return since when, and until when, a key was in use by the register; None where it never was in it."""
    query = select(ledger.c.at, ledger.c.event, ledger.c.body).where(
        ledger.c.event.in_([event.value for event in _OF_KEYS])
    )
    rows = connection.execute(query.order_by(ledger.c.position))
    found = [(row.at, row.event) for row in rows if read_entry(row.body).body["fingerprint"] == fingerprint]
    if not found:
        return None
    ended = [at for at, event in found if event == Event.KEY_RETIRED.value]
    return from_text(found[0][0]), from_text(ended[0]) if ended else None
