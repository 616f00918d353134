"""Edge: snapshots: written whole in one transaction, read by the facts of them, dropped whole when they expire.

Rows come from the cohort stage; the subject's reference and secret are put onto each person here, because a join at
scan time would cost more than the copy. Both go with the snapshot, and with forgetting somebody.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, delete, func, insert, select, update

from gateway.ledger.entries import Event
from gateway.model.records import Feed, Reject, UnmappedCode
from gateway.store import tables
from gateway.store.bulk import insert_rows
from gateway.store.registry import Subject
from gateway.store.work import Work

#: Rows of one table, each in the order of the table's columns after `snapshot_id`.
Rows = Iterable[Sequence[object]]


@dataclass(frozen=True, slots=True)
class SnapshotFacts:
    """What is known of a snapshot without looking at a person."""

    snapshot_id: int
    reference: str
    loaded_at: str
    as_at_on: date
    content_hash: str
    people: int
    flags: int
    flags_reaching_nobody: int
    #: How many of its people were forgotten since.
    redacted: int = 0


@dataclass(frozen=True, slots=True)
class ExtractFacts:
    """An extract that a snapshot was made of; `lines` leaves out the header and trailing blank lines."""

    source: str
    feed: Feed
    sha256: str
    taken_on: date
    lines: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything of a snapshot beside its facts.

    `people` are the cohort's rows of persons, each with the subject who stands for them; `rows` holds the other
    tables'. All are taken as they come, in this order.
    """

    people: Iterable[tuple[Sequence[object], Subject]]
    rows: Mapping[str, Rows]
    extracts: Sequence[ExtractFacts]
    unmapped: Sequence[UnmappedCode]
    offices: Mapping[str, str]


_FACTS = [tables.snapshots.c[name] for name in SnapshotFacts.__slots__]


def newest_snapshot(connection: Connection) -> SnapshotFacts | None:
    """Return the snapshot that decisions are made from, or None where nothing was loaded yet."""
    newest = select(*_FACTS).order_by(tables.snapshots.c.snapshot_id.desc()).limit(1)
    row = connection.execute(newest).first()
    return None if row is None else SnapshotFacts(*row)


def snapshot_facts(connection: Connection, snapshot_id: int) -> SnapshotFacts | None:
    """Return one snapshot, or None where it was never there or is no longer kept."""
    row = connection.execute(select(*_FACTS).where(tables.snapshots.c.snapshot_id == snapshot_id)).first()
    return None if row is None else SnapshotFacts(*row)


def newest_loaded_under(connection: Connection, source: str, mapping_hash: str) -> int | None:
    """Return the newest snapshot that was loaded under exactly this mapping of a source."""
    entries = select(tables.snapshots.c.snapshot_id, tables.ledger.c.body).join(
        tables.ledger, tables.ledger.c.position == tables.snapshots.c.explained_by
    )
    for snapshot_id, body in connection.execute(entries.order_by(tables.snapshots.c.snapshot_id.desc())):
        if json.loads(body)["body"].get("mappings", {}).get(source) == mapping_hash:
            return int(snapshot_id)
    return None


def extracts_of(connection: Connection, snapshot_id: int) -> list[ExtractFacts]:
    """Return the extracts of a snapshot, in the order of sources and feeds."""
    columns = tables.extracts.c
    statement = (
        select(columns.source, columns.feed, columns.sha256, columns.taken_on, columns.lines, columns.rejected)
        .where(columns.snapshot_id == snapshot_id)
        .order_by(columns.source, columns.feed)
    )
    return [
        ExtractFacts(source, Feed(feed), sha256, taken_on, lines, rejected)
        for source, feed, sha256, taken_on, lines, rejected in connection.execute(statement)
    ]


def unmapped_of(connection: Connection, snapshot_id: int) -> list[UnmappedCode]:
    """Return the codes without a mapping that a snapshot's extracts held."""
    columns = tables.unmapped_codes.c
    statement = (
        select(columns.source, columns.feed, columns.column, columns.code, columns.lines)
        .where(columns.snapshot_id == snapshot_id)
        .order_by(columns.source, columns.feed, columns.column, columns.code)
    )
    return [
        UnmappedCode(source, Feed(feed), column, code, lines)
        for source, feed, column, code, lines in connection.execute(statement)
    ]


def incomplete_people(connection: Connection, snapshot_id: int) -> int:
    """Return how many people of a snapshot a refused line touched."""
    touched = tables.persons.c.snapshot_id == snapshot_id, tables.persons.c.incomplete
    return connection.execute(select(func.count()).select_from(tables.persons).where(*touched)).scalar_one()


# --- writing -------------------------------------------------------------------------------------------------------


def write_snapshot(work: Work, facts: Mapping[str, object], contents: Contents, *, explained_by: int) -> int:
    """Write a snapshot whole and return its number; `facts` are the columns of its own row."""
    connection = work.connection
    made = connection.execute(insert(tables.snapshots).values(**facts, explained_by=explained_by))
    (snapshot_id,) = made.inserted_primary_key or (0,)
    _write_persons(connection, snapshot_id, contents)
    for name, rows in contents.rows.items():
        _write(connection, snapshot_id, name, rows)
    _write(connection, snapshot_id, "extracts", (_plain(extract) for extract in contents.extracts))
    _write(connection, snapshot_id, "unmapped_codes", (_plain(code) for code in contents.unmapped))
    _write(connection, snapshot_id, "office_sectors", contents.offices.items())
    refresh_statistics(connection)
    return int(snapshot_id)


def refresh_statistics(connection: Connection) -> None:
    """Let the database count what was written: it chose plans six times slower from what it knew before."""
    for table in tables.SNAPSHOT:
        connection.exec_driver_sql(f"ANALYZE {table.name}")


def confirm_snapshot(work: Work, snapshot_id: int, loaded_at: str, *, explained_by: int) -> None:
    """Note that a load found a snapshot's extracts unchanged."""
    same = tables.snapshots.c.snapshot_id == snapshot_id
    work.connection.execute(update(tables.snapshots).where(same).values(loaded_at=loaded_at, explained_by=explained_by))


def _write_persons(connection: Connection, snapshot_id: int, contents: Contents) -> None:
    columns = [column.name for column in tables.persons.c]
    rows = (
        (snapshot_id, person[0], subject.subject_ref, subject.secret, *person[1:])
        for person, subject in contents.people
    )
    insert_rows(connection, tables.persons, columns, rows)


def _write(connection: Connection, snapshot_id: int, name: str, rows: Rows) -> None:
    table = tables.metadata.tables[name]
    columns = [column.name for column in table.c]
    insert_rows(connection, table, columns, ((snapshot_id, *row) for row in rows))


def _plain(facts: ExtractFacts | UnmappedCode) -> list[object]:
    return [str(value) if isinstance(value, Feed) else value for value in map(facts.__getattribute__, facts.__slots__)]


# --- rejects: working state, kept for a refused load too -----------------------------------------------------------


def keep_rejects(connection: Connection, load: str, rejects: Iterable[Reject]) -> None:
    """Keep why each line of a load was refused."""
    rows = (
        (load, reject.source, reject.feed.value, reject.line, ",".join(dict.fromkeys(reject.reasons)))
        for reject in rejects
    )
    insert_rows(connection, tables.rejects, ("load_reference", "source", "feed", "line", "reasons"), rows)


def rejects_of(connection: Connection, load: str) -> list[Reject]:
    """Return the refused lines of a load, in the order of files and lines. Whom they touched is not kept."""
    columns = tables.rejects.c
    statement = (
        select(columns.source, columns.feed, columns.line, columns.reasons)
        .where(columns.load_reference == load)
        .order_by(columns.source, columns.feed, columns.line)
    )
    return [
        Reject(source, Feed(feed), line, tuple(reasons.split(",")))
        for source, feed, line, reasons in connection.execute(statement)
    ]


# --- the end of a snapshot -----------------------------------------------------------------------------------------


def drop_expired(work: Work, before: date) -> list[str]:
    """Drop every snapshot of a day before, but for the newest, each after its entry; and rejects as old as they.

    Returns the references of what was dropped.
    """
    columns = tables.snapshots.c
    newest = select(func.max(columns.snapshot_id)).scalar_subquery()
    expired = select(columns.snapshot_id, columns.reference, columns.people).where(
        columns.as_at_on < before, columns.snapshot_id < newest
    )
    dropped = work.connection.execute(expired.order_by(columns.snapshot_id)).all()
    for snapshot_id, reference, people in dropped:
        work.enter(Event.SNAPSHOT_DROPPED, snapshot=reference, reason="expired", people=people)
        for table in tables.SNAPSHOT:
            work.connection.execute(delete(table).where(table.c.snapshot_id == snapshot_id))
        work.connection.execute(delete(tables.snapshots).where(columns.snapshot_id == snapshot_id))
    work.connection.execute(delete(tables.rejects).where(tables.rejects.c.load_reference < _first_load_of(before)))
    return [reference for _, reference, _ in dropped]


def load_reference(day: date, number: int) -> str:
    """Return what a load is called. References of later days come after those of earlier ones."""
    return f"{_first_load_of(day)}-{number}"


def snapshot_reference(day: date, number: int) -> str:
    """Return what the snapshot is called that a load makes."""
    return f"SNAP-{day.isoformat()}-{number}"


def load_of(snapshot: SnapshotFacts) -> str:
    """Return what the load is called that made a snapshot."""
    return snapshot.reference.replace("SNAP", "LOAD", 1)


def _first_load_of(day: date) -> str:
    return f"LOAD-{day.isoformat()}"
