"""Edge: everything that `audit verify` reads, as streams in order, so that memory does not grow with the rows.

Nothing is judged here: what a row has to be is in ledger/verify.py and services/audit/audit_verify.py.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table, and_, func, select, text

from gateway.ledger.verify import LogRow, NoteRow
from gateway.store.packages import NO_COPY, copies_by_list
from gateway.store.purge_function import PURGE_BODY, PURGE_FUNCTION
from gateway.store.streams import stream
from gateway.store.tables import (
    APPEND_ONLY,
    EXPLAINED,
    checkpoints,
    exclusions,
    facts,
    ledger,
    lists,
    package_blocks,
    packages,
    registry_leaves,
    snapshots,
    subject_identifiers,
    subjects,
)
from gateway.store.triggers import postgresql_functions, postgresql_triggers, sqlite_triggers

_superseded, _base = lists.alias("superseded"), lists.alias("base")


class ExclusionRow(NamedTuple):
    """A row of exclusions under its list."""

    list_id: int
    subject_ref: str
    agreement_id: str
    reason: str | None


class RegistryRow(NamedTuple):
    """A leaf of the registry under its batch."""

    batch: int
    position: int
    subject_ref: str
    commitment: bytes
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Registered:
    """What the registry still knows of a leaf's subject: nothing once it was forgotten."""

    position: int
    subject_ref: str
    commitment: bytes
    secret: bytes | None
    identifiers: list[tuple[str, int, bytes]]


class Strays(NamedTuple):
    """How many rows of the registry no batch brought."""

    subjects: int
    identifiers: int


class Explained(NamedTuple):
    """A domain row with the entry that its `explained_by` names."""

    row: Mapping[str, Any]
    body: bytes | None


def log_rows(connection: Connection) -> Iterator[LogRow]:
    """Yield the ledger's rows in their order."""
    names = [ledger.c[name] for name in LogRow._fields]
    return (LogRow._make(row) for row in stream(connection, select(*names).order_by(ledger.c.position)))


def note_rows(connection: Connection) -> Iterator[NoteRow]:
    """Yield the checkpoints in the order of their sizes."""
    names = [checkpoints.c[name] for name in NoteRow._fields]
    return (NoteRow._make(row) for row in stream(connection, select(*names).order_by(checkpoints.c.size)))


def entry_bytes(connection: Connection, position: int) -> bytes | None:
    """Return the bytes of one entry."""
    return connection.execute(select(ledger.c.body).where(ledger.c.position == position)).scalar()


def exclusions_by_list(connection: Connection) -> Iterator[tuple[int, Iterator[ExclusionRow]]]:
    """Yield each list that has exclusions, with its rows in the order of references."""
    names = [exclusions.c[name] for name in ExclusionRow._fields]
    rows = stream(connection, select(*names).order_by(exclusions.c.list_id, exclusions.c.subject_ref))
    return ((key, group) for key, group in groupby(map(ExclusionRow._make, rows), lambda row: row.list_id))


def registry_by_batch(connection: Connection) -> Iterator[tuple[int, Iterator[RegistryRow]]]:
    """Yield each batch of the registry with its leaves in order."""
    names = [registry_leaves.c[name] for name in RegistryRow._fields]
    rows = stream(connection, select(*names).order_by(registry_leaves.c.batch, registry_leaves.c.position))
    return ((key, group) for key, group in groupby(map(RegistryRow._make, rows), lambda row: row.batch))


def registered_in(connection: Connection, batch: int, explained_by: int) -> Iterator[Registered]:
    """Yield what the registry knows of each leaf of a batch, with the identifiers that the batch brought."""
    brought = and_(
        subject_identifiers.c.subject_ref == registry_leaves.c.subject_ref,
        subject_identifiers.c.explained_by == explained_by,
    )
    statement = (
        select(
            registry_leaves.c.position,
            registry_leaves.c.subject_ref,
            registry_leaves.c.commitment,
            subjects.c.secret,
            subject_identifiers.c.kind,
            subject_identifiers.c.index_version,
            subject_identifiers.c.value,
        )
        .outerjoin(subjects, subjects.c.subject_ref == registry_leaves.c.subject_ref)
        .outerjoin(subject_identifiers, brought)
        .where(registry_leaves.c.batch == batch)
        .order_by(registry_leaves.c.position)
    )
    for position, rows in groupby(stream(connection, statement), lambda row: row.position):
        found = list(rows)
        identifiers = [(row.kind, row.index_version, row.value) for row in found if row.kind is not None]
        yield Registered(position, found[0].subject_ref, found[0].commitment, found[0].secret, identifiers)


def strays_of_registry(connection: Connection, entries_of_batches: Mapping[int, int]) -> Strays:
    """Return how many subjects and identifiers do not name the entry and the leaf of the batch that brought them."""
    subjects_left = _count(connection, select(func.count()).select_from(subjects))
    identifiers_left = _count(connection, select(func.count()).select_from(subject_identifiers))
    for batch, position in entries_of_batches.items():
        subjects_left -= _count(connection, _subjects_brought_by(batch, position))
        identifiers_left -= _count(connection, _identifiers_brought_by(batch, position))
    return Strays(subjects_left, identifiers_left)


def list_rows(connection: Connection) -> Iterator[Explained]:
    """Yield the lists in the order of their ids, each with the reference of its snapshot while that is kept."""
    return _explained(connection, lists, lists.c.list_id)


def references_of_lists(connection: Connection) -> dict[int, str]:
    """Return the reference of each list by its id, where it is text: SQLite keeps any value in any column."""
    rows = connection.execute(select(lists.c.list_id, lists.c.reference))
    return {row.list_id: row.reference for row in rows if isinstance(row.reference, str)}


def explained_rows(connection: Connection, table: Table) -> Iterator[Explained]:
    """Yield the rows of a domain table, each with the entry it names; of a list's row, with the list's reference.

    A row of `packages` comes with what its sealed copy is, as `copy`.
    """
    rows = _explained(connection, table, table.c.explained_by)
    return _with_copies(connection, rows) if table is packages else rows


def _with_copies(connection: Connection, rows: Iterator[Explained]) -> Iterator[Explained]:
    kept = dict(copies_by_list(connection))
    for row, body in rows:
        yield Explained({**row, "copy": kept.get(row["list_id"], NO_COPY)}, body)


def copies_of_no_package(connection: Connection) -> list[int]:
    """Return the lists of which blocks of a sealed copy are kept, and no package."""
    known = select(packages.c.list_id)
    lost = select(package_blocks.c.list_id).where(package_blocks.c.list_id.not_in(known)).distinct()
    return sorted(connection.execute(lost).scalars())


def facts_kept(connection: Connection) -> tuple[dict[str, str], set[int]]:
    """Return what is burnt in, and the entries that it names."""
    rows = connection.execute(select(facts)).all()
    return {row.name: row.value for row in rows}, {row.explained_by for row in rows}


def missing_triggers(connection: Connection) -> list[str]:
    """Return the names of the triggers, and functions of triggers, that are missing, changed or switched off."""
    append_only, explained = [table.name for table in APPEND_ONLY], [table.name for table in EXPLAINED]
    if connection.dialect.name == "sqlite":
        wanted: dict[str, str] = sqlite_triggers(append_only, explained)
        found = _sqlite_triggers_found(connection)
    else:
        triggers = postgresql_triggers([*append_only, *_partitions(connection, append_only)], explained)
        wanted = {name: f"CREATE TRIGGER {name} {action}" for name, (_, action) in triggers.items()}
        wanted |= postgresql_functions() | {PURGE_FUNCTION: PURGE_BODY}
        found = _postgresql_triggers_found(connection)
    return sorted(name for name, statement in wanted.items() if found.get(name) != statement)


def _partitions(connection: Connection, append_only: list[str]) -> Sequence[str]:
    """Return the tables that evidence is divided into, where somebody divided it: each can be written to by itself."""
    divided = text(
        "SELECT part.relname FROM pg_inherits JOIN pg_class AS part ON part.oid = inhrelid"
        " JOIN pg_class AS whole ON whole.oid = inhparent AND whole.relnamespace = current_schema()::regnamespace"
        " WHERE whole.relname = ANY(:names)"
    )
    return connection.execute(divided, {"names": append_only}).scalars().all()


def _sqlite_triggers_found(connection: Connection) -> dict[str, str]:
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return {row.name: row.sql for row in rows}


def _postgresql_triggers_found(connection: Connection) -> dict[str, str]:
    triggers = connection.execute(
        text(
            "SELECT tgname, pg_get_triggerdef(pg_trigger.oid) AS made FROM pg_trigger"
            " JOIN pg_class ON pg_class.oid = tgrelid AND relnamespace = current_schema()::regnamespace"
            " WHERE NOT tgisinternal AND tgenabled = 'A'"
        )
    )
    # The server writes the schema before the table's name.
    found = {row.tgname: re.sub(r" ON \w+\.", " ON ", row.made, count=1) for row in triggers}
    functions = connection.execute(
        text(
            "SELECT proname, prosrc FROM pg_proc"
            " WHERE proname LIKE 'gateway!_%' ESCAPE '!' AND pronamespace = current_schema()::regnamespace"
            # Without it, a session's own temporary tables would be looked at in the place of ours.
            " AND proconfig = ARRAY['search_path=' || quote_ident(current_schema()) || ', pg_temp']"
        )
    )
    return found | {row.proname: row.prosrc for row in functions}


def _subjects_brought_by(batch: int, position: int) -> Select[int]:
    leaf_of_subject = and_(
        registry_leaves.c.batch == subjects.c.batch,
        registry_leaves.c.position == subjects.c.position,
        registry_leaves.c.subject_ref == subjects.c.subject_ref,
    )
    counted = select(func.count()).select_from(subjects.join(registry_leaves, leaf_of_subject))
    return counted.where(subjects.c.batch == batch, subjects.c.explained_by == position)


def _identifiers_brought_by(batch: int, position: int) -> Select[int]:
    of_batch = select(registry_leaves.c.subject_ref).where(registry_leaves.c.batch == batch)
    counted = select(func.count()).select_from(subject_identifiers)
    return counted.where(
        subject_identifiers.c.explained_by == position, subject_identifiers.c.subject_ref.in_(of_batch)
    )


def _count(connection: Connection, statement: Select[int]) -> int:
    return int(connection.execute(statement).scalar_one())


def _explained(connection: Connection, table: Table, order: Any) -> Iterator[Explained]:
    statement = select(*table.c, ledger.c.body.label("entry_body")).outerjoin(
        ledger, ledger.c.position == table.c.explained_by
    )
    if "list_id" in table.c and table is not lists:
        statement = statement.add_columns(lists.c.reference.label("list_reference"))
        statement = statement.outerjoin(lists, lists.c.list_id == table.c.list_id)
    if table is lists:
        statement = statement.add_columns(
            snapshots.c.reference.label("snapshot_reference"), _superseded.c.reference.label("supersedes_reference")
        )
        statement = statement.add_columns(_base.c.reference.label("base_reference"))
        statement = statement.outerjoin(_base, _base.c.list_id == lists.c.base)
        statement = statement.outerjoin(snapshots, snapshots.c.snapshot_id == lists.c.snapshot_id)
        statement = statement.outerjoin(_superseded, _superseded.c.list_id == lists.c.supersedes)
    for row in stream(connection, statement.order_by(order)):
        values = dict(row._mapping)  # noqa: SLF001 - the public way to a row's names
        yield Explained(values, values.pop("entry_body"))
