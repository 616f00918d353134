"""What somebody can do who owns the database: change anything, with the triggers dropped and put back.

Everything happens in a transaction that is rolled back, so one made database serves every kind of tampering. What
`audit verify` says is asked over the same connection, which alone sees the change.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Boolean, Column, Connection, Date, Integer, LargeBinary, Table, and_, select, text
from sqlalchemy.types import TypeEngine

from gateway.ledger.checkpoint import Checkpoint, parse_vkey
from gateway.ledger.key_chain import KeyChain
from gateway.ledger.verify import Fault, Finding, LogCheck
from gateway.model.time import as_text, from_text
from gateway.services.audit.audit_index import Index, Reading
from gateway.services.audit.audit_verify import findings_in
from gateway.store.tables import APPEND_ONLY, EXPLAINED, Instant, Reference
from gateway.store.triggers import postgresql_functions, sqlite_triggers, trigger_statements

_NAMES = ([table.name for table in APPEND_ONLY], [table.name for table in EXPLAINED])


@contextmanager
def as_owner(store) -> Iterator[Connection]:
    """A connection without triggers and foreign keys, whose changes are never committed."""
    with store.engine.connect() as connection, connection.begin() as transaction:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys=on"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        _drop_triggers(connection)
        yield connection
        transaction.rollback()


def _drop_triggers(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        dropped = [f"DROP TRIGGER {name}" for name in sqlite_triggers(*_NAMES)]
    else:
        dropped = [f"DROP FUNCTION {name}() CASCADE" for name in postgresql_functions()]
    for statement in dropped:
        connection.execute(text(statement))


def put_triggers_back(connection: Connection) -> None:
    """Hide that the triggers were ever gone."""
    for statement in trigger_statements(connection.dialect.name, *_NAMES):
        connection.execute(text(statement.replace(":", "\\:")))


@contextmanager
def tampering(connection: Connection) -> Iterator[None]:
    """What is done in the block is undone at its end, so that one owner's connection serves for many changes."""
    savepoint = connection.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()


def damage_in(connection: Connection, signer, *elsewhere: Checkpoint) -> list[Finding]:
    """Return what `audit verify` finds beside triggers that are not there: whoever tampers puts them back."""
    return [each for each in found_in(connection, signer, *elsewhere) if each.fault is not Fault.UNGUARDED]


def is_damaged(connection: Connection, signer) -> bool:
    """Say whether it finds anything of that kind; it is asked no further than that."""
    log = LogCheck(KeyChain(parse_vkey(signer.vkey)), ())
    return any(each.fault is not Fault.UNGUARDED for each in findings_in(Reading(connection, Index()), log))


def found_in(connection: Connection, signer, *elsewhere: Checkpoint) -> list[Finding]:
    """Return what `audit verify` finds over this connection."""
    log = LogCheck(KeyChain(parse_vkey(signer.vkey)), elsewhere)
    return list(findings_in(Reading(connection, Index()), log))


def rows_of(connection: Connection, table: Table) -> list[dict[str, object]]:
    """Return every row of a table, in the order of its key."""
    rows = connection.execute(select(table).order_by(*table.primary_key.columns))
    return [dict(row._mapping) for row in rows]


def is_row(table: Table, row: dict[str, object]):
    """Return the condition that picks one row."""
    return and_(*(column == row[column.name] for column in table.primary_key.columns))


def other_value(column: Column, value: object) -> object:
    """Return another value that the column takes."""
    if value is None:
        return _some_value(column.type)
    if str(column) == "lists.state":
        # The database holds the owner too to a root for most states.
        return "failed"
    match value:
        case bool():
            return not value
        case int():
            return value + 1000
        case bytes():
            return bytes([value[0] ^ 1]) + value[1:] if value else b"\0"
        case date():
            return value + timedelta(days=1)
        case str():
            return _other_text(column.type, value)
    raise AssertionError(f"{column} holds {type(value)}")


def _other_text(kind: TypeEngine, value: str) -> str:
    if kind is Reference:
        return str(UUID(int=UUID(value).int ^ 1))
    if kind is Instant:
        return as_text(from_text(value) + timedelta(seconds=1))
    return ("b" if value[:1] == "a" else "a") + value[1:]


def _some_value(kind: TypeEngine) -> object:
    if kind is Reference:
        return str(UUID(int=1))
    if kind is Instant:
        return "2026-11-22T23:10:01Z"
    match kind:
        case Boolean():
            return True
        case Date():
            return date(2026, 11, 22)
        case LargeBinary():
            return b"\1" * 32
        case Integer():
            return 1
    return "a"
