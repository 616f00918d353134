"""Spread holds to everybody who could be the same person: they reach as loosely as flags do (law L3).

(1) Who shares an identifier in the registry: a record that was given another id, records that were linked since.
(2) Who in the newest snapshot could be the same person by the keys that flags go on by (cohort/traits.py).

What follows from an officer's hold is a hold of its own, under the same case and with a reason of its own, so that it
can be lifted together with the first. It is asked for when a hold is placed, and after each load.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select

from gateway.cohort.gathered import Gathered
from gateway.cohort.identifiers import nino_stem
from gateway.cohort.traits import SAME_PERSON, LooseKey, numbers_of, places_of, traits_of
from gateway.ledger.events import Event
from gateway.model.records import PersonRecord
from gateway.model.time import as_text
from gateway.store.snapshots import SnapshotFacts, newest_snapshot
from gateway.store.tables import holds, persons, subject_identifiers
from gateway.store.work import Work

#: Why somebody is held whom no officer named. Stored.
COULD_BE_HELD = "could_be_held"
#: Whom each held subject could be, too.
Alike = defaultdict[str, set[str]]

_AT_ONCE = 400
_STEM = 8


def spread_holds(work: Work) -> int:
    """Hold back everybody who could be somebody who is held, and return how many holds were placed."""
    standing = work.connection.execute(select(holds).where(holds.c.lifted_at.is_(None)).order_by(holds.c.hold_id)).all()
    named = [hold for hold in standing if hold.reason != COULD_BE_HELD]
    alike = _alike(work.connection, {hold.subject_ref for hold in named})
    there = {(hold.subject_ref, hold.case_reference) for hold in standing}
    wanted = {(subject, hold.case_reference) for hold in named for subject in alike[hold.subject_ref]}
    for subject, case_reference in sorted(wanted - there):
        keep_hold(work, subject, COULD_BE_HELD, case_reference)
    return len(wanted - there)


def keep_hold(work: Work, subject: str, reason: str, case_reference: str) -> None:
    """Keep a hold with its entry."""
    position = work.enter(Event.HOLD_PLACED, subject=subject, reason=reason, case=case_reference)
    work.connection.execute(
        insert(holds).values(
            subject_ref=subject,
            reason=reason,
            case_reference=case_reference,
            placed_at=as_text(work.at),
            explained_by=position,
        )
    )


def _alike(connection: Connection, held: Collection[str]) -> Alike:
    alike: Alike = defaultdict(set)
    snapshot = newest_snapshot(connection)
    for block in _blocks(sorted(held)):
        for subject, other in _sharing_identifiers(connection, block):
            alike[subject].add(other)
        if snapshot is not None:
            _add_lookalikes(connection, snapshot, block, alike)
    return alike


def _sharing_identifiers(connection: Connection, subjects: Collection[str]) -> Iterable[tuple[str, str]]:
    """Return pairs of a subject and another who is known by one of the same identifiers."""
    mine, theirs = subject_identifiers.alias("mine"), subject_identifiers.alias("theirs")
    same = and_(
        theirs.c.kind == mine.c.kind,
        theirs.c.value == mine.c.value,
        theirs.c.index_version == mine.c.index_version,
        theirs.c.subject_ref != mine.c.subject_ref,
    )
    query = select(mine.c.subject_ref, theirs.c.subject_ref).join_from(mine, theirs, same)
    return ((row[0], row[1]) for row in connection.execute(query.where(mine.c.subject_ref.in_(subjects)).distinct()))


def _add_lookalikes(connection: Connection, snapshot: SnapshotFacts, subjects: Collection[str], alike: Alike) -> None:
    """Add who shares a key with a subject, or with another by whom the subject is known."""
    behind: Alike = defaultdict(set)
    for subject in subjects:
        for known in {subject, *alike[subject]}:
            behind[known].add(subject)
    of_snapshot = select(persons).where(persons.c.snapshot_id == snapshot.snapshot_id)
    rows = connection.execute(of_snapshot.where(persons.c.subject_ref.in_(sorted(behind)))).all()
    wanted: defaultdict[LooseKey, set[str]] = defaultdict(set)
    for known, key in _keys_of(rows, snapshot.as_at_on):
        wanted[key] |= behind[known]
    for other, key in _keys_of(_candidates(connection, of_snapshot, rows), snapshot.as_at_on):
        for subject in wanted.get(key, set()) - {other}:
            alike[subject].add(other)


def _candidates(connection: Connection, of_snapshot: Any, rows: Collection[Row[Any]]) -> Iterable[Row[Any]]:
    """Return everybody of the snapshot who can share a key: each holds a day of birth, a home or a number."""
    born = {day for row in rows if row.date_of_birth for day in (row.date_of_birth, _swapped(row.date_of_birth))}
    homes = {row.postcode for row in rows if row.postcode}
    stems = {nino_stem(row.nino) for row in rows if row.nino}
    shares = or_(
        persons.c.date_of_birth.in_(sorted(born)),
        persons.c.postcode.in_(sorted(homes)),
        func.substr(persons.c.nino, 1, _STEM).in_(sorted(stems)),
    )
    return connection.execute(of_snapshot.where(shares))


def _keys_of(rows: Iterable[Row[Any]], as_at: date) -> Iterator[tuple[str, LooseKey]]:
    """Yield each person's subject with each key by which they could be the same as somebody else."""
    people = Gathered(persons=[as_record(row) for row in rows])
    for traits in traits_of(people, numbers_of(people, as_at), places_of(people, as_at)):
        yield from ((traits.handle[1], key) for key in traits.loose_keys if key[0] in SAME_PERSON)


def as_record(row: Row[Any]) -> PersonRecord:
    """Return a person of a snapshot as the one record that traits are made of."""
    return PersonRecord(
        line=0,
        source="",
        source_id=row.subject_ref,
        forename=row.forename,
        surname=row.surname,
        date_of_birth=row.date_of_birth,
        dob_estimated=False,
        deceased_on=row.deceased_on,
        upn=None,
        nino=row.nino,
        postcode=row.postcode,
    )


def _swapped(day: date) -> date:
    """Return the day with day and month swapped, or the same where there is no such day."""
    try:
        return day.replace(month=day.day, day=day.month)
    except ValueError:
        return day


def _blocks(subjects: list[str]) -> Iterator[list[str]]:
    return (subjects[start : start + _AT_ONCE] for start in range(0, len(subjects), _AT_ONCE))
