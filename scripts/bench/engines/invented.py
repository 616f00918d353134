"""The invented county that all engines are asked about: that of the race, with what the race leaves out on purpose.

Values that are unsafe in a spreadsheet, telephone numbers and what only looks like one, offices, and holds: they are
what two engines would read differently first.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from gateway.agreements.document import load_agreement
from gateway.agreements.frameworks import load_framework
from gateway.store import tables
from gateway.store.bulk import insert_rows
from scripts.bench.engines.answers import Question
from scripts.bench.racing.people import Row, invent

ROOT = Path(__file__).resolve().parents[3]
AGREEMENT = "jobcentre-plus-supporting-families"
AS_AT = date(2026, 11, 22)
SNAPSHOT = 1
_EVERY = 37
_NAMES = ("=1+1", "-Smith", " @home", "\u00a0=wide space|=bar", "tab\there", "turned\u202eround", "\uff1dwide", "")
_CONTACTS = ("+44 1632 960001", "+44 CALL ME", "+1 212 5550100", "01632 960 001", "+44", "+4416329600011632960001")
_OFFICES = (("CB1 2", "cambridge"), ("PE13 1", "wisbech"))


def shipped_question(day: date) -> Question:
    """Return the shipped agreement for Jobcentre Plus under its framework."""
    agreement = load_agreement((ROOT / "agreements" / f"{AGREEMENT}.yaml").read_bytes(), AGREEMENT)
    name = agreement.cohort.framework
    framework = load_framework((ROOT / "config" / "frameworks" / f"{name}.yaml").read_bytes(), name)
    return Question(agreement, framework, SNAPSHOT, day)


def write_invented(connection: Connection, people: int) -> None:
    """Write a snapshot of so many people, and holds on some, into a database whose tables are empty."""
    made = invent(people, AS_AT)
    connection.execute(insert(tables.ledger), [_ENTRY])
    connection.execute(insert(tables.snapshots), [_FACTS | {"people": people}])
    persons = (
        (SNAPSHOT, row[0], subject.subject_ref, subject.secret, *row[1:])
        for row, subject in zip(_named(made.persons), made.subjects, strict=True)
    )
    _write(connection, tables.persons.name, persons)
    for name, rows in (made.rows | {"involvements": list(_reached(made.rows["involvements"]))}).items():
        _write(connection, name, ((SNAPSHOT, *row) for row in rows))
    _write(connection, tables.office_sectors.name, ((SNAPSHOT, *row) for row in _OFFICES))
    connection.execute(insert(tables.holds), [_hold(each.subject_ref) for each in made.subjects[:: _EVERY * 10]])
    for table in tables.SNAPSHOT:
        connection.exec_driver_sql(f"ANALYZE {table.name}")


def _named(persons: Sequence[Row]) -> Iterator[Row]:
    for number, row in enumerate(persons):
        key, forename, *rest = row
        yield (key, _NAMES[number // _EVERY % len(_NAMES)] if number % _EVERY == 0 else forename, *rest)


def _reached(involvements: Sequence[Row]) -> Iterator[Row]:
    for number, row in enumerate(involvements):
        key, family, name, email, phone, *rest = row
        if number % _EVERY == 0:
            email, phone = None, _CONTACTS[number // _EVERY % len(_CONTACTS)]
        yield (key, family, name, email, phone, *rest)


def _write(connection: Connection, name: str, rows: Any) -> None:
    table = tables.metadata.tables[name]
    insert_rows(connection, table, [column.name for column in table.c], rows)


def _hold(subject_ref: str) -> dict[str, Any]:
    return {
        "subject_ref": subject_ref,
        "reason": "objection",
        "case_reference": "CASE-1",
        "placed_at": "2026-11-01T09:00:00Z",
        "explained_by": 1,
    }


_ENTRY = {
    "position": 1,
    "at": "2026-11-22T02:00:00Z",
    "actor": "bench",
    "event": "bench",
    "body": b"{}",
    "leaf": bytes(32),
}
_FACTS = {
    "snapshot_id": SNAPSHOT,
    "reference": "SNAP-2026-11-22-01",
    "loaded_at": "2026-11-22T02:00:00Z",
    "as_at_on": AS_AT,
    "content_hash": "0" * 64,
    "flags": 0,
    "flags_reaching_nobody": 0,
    "explained_by": 1,
}
