"""Law L7 on SQLite, which has no roles: what a connection can try against evidence is refused, or found afterwards.

Each trick is played over the gateway's own connection, with statements that any SQL could hold. Refused means that the
database said no; found means that `audit verify` names it.
"""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gateway.ledger.verify import Fault
from gateway.store.tables import APPEND_ONLY, metadata
from tests.evidence_made import make_evidence
from tests.tampering import found_in, other_value, rows_of


@pytest.fixture
def connection(sqlite_store, everyone):
    """A connection of the gateway's own, each statement by itself; what it does stays."""
    make_evidence(sqlite_store, everyone)
    with sqlite_store.engine.connect() as opened:
        yield opened


def say(connection, *statements):
    connection.commit()
    for statement in statements:
        connection.connection.driver_connection.execute(statement)


def rewritten(connection, table, verb):
    """Write a row of evidence over itself, with another value in its last column that says something."""
    row = rows_of(connection, table)[0]
    column = next(each for each in reversed(table.c) if not each.primary_key and row[each.name] is not None)
    changed = row | {column.name: other_value(column, row[column.name])}
    names, places = ", ".join(f'"{name}"' for name in row), ", ".join(f":{name}" for name in row)
    connection.execute(text(f"{verb} INTO {table.name} ({names}) VALUES ({places})"), changed)
    connection.commit()


@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE"])
def test_L7_evidence_is_not_replaced_by_inserting(connection, verb):
    for table in APPEND_ONLY:
        with pytest.raises(DBAPIError, match="law L"):
            rewritten(connection, table, verb)


OVER = {
    "update or replace": "UPDATE OR REPLACE {0} SET {1} = {1}",
    "update or ignore": "UPDATE OR IGNORE {0} SET {1} = {1}",
    "upsert": "INSERT INTO {0} SELECT * FROM {0} WHERE true ON CONFLICT DO UPDATE SET {1} = excluded.{1}",
    "update from": "UPDATE {0} SET {1} = other.{1} FROM {0} AS other",
    "delete": "DELETE FROM {0}",
    "delete and return": "DELETE FROM {0} RETURNING 1",
    "update the rowid": "UPDATE {0} SET rowid = rowid + 1000",
}


@pytest.mark.parametrize("statement", OVER.values(), ids=OVER)
def test_L7_no_form_of_a_change_passes_the_triggers(connection, statement):
    for table in APPEND_ONLY:
        key = next(iter(table.primary_key.columns)).name
        with pytest.raises(sqlite3.DatabaseError, match="law L"):
            say(connection, statement.format(table.name, key))


def test_L7_a_trigger_of_the_connections_own_does_not_go_before_ours(connection):
    """It could only ask for the row to be left alone, which it is anyway."""
    say(
        connection,
        "CREATE TEMP TRIGGER mine BEFORE DELETE ON main.evidence BEGIN SELECT RAISE(IGNORE); END",
        "CREATE TEMP TABLE kept AS SELECT count(*) AS had FROM main.evidence",
    )
    try:
        say(connection, "DELETE FROM main.evidence")
    except sqlite3.DatabaseError as error:
        assert "law L7" in str(error)  # noqa: PT017 - both ends are right
    had = connection.execute(text("SELECT had = (SELECT count(*) FROM evidence) FROM kept")).scalar_one()
    assert had


def test_L10_a_temporary_table_of_the_same_name_is_not_asked_what_is_counted(connection):
    say(
        connection,
        "CREATE TEMP TABLE checkpoints (size INTEGER)",
        "CREATE TEMP TABLE ledger (position INTEGER)",
        "INSERT INTO temp.ledger VALUES (9999)",
    )
    for change in ("UPDATE main.lists SET state = 'failed'", "DELETE FROM main.snapshots"):
        with pytest.raises(sqlite3.DatabaseError, match="law L10"):
            say(connection, change)


def without_recursive_triggers(connection):
    say(connection, "PRAGMA recursive_triggers=off")
    rewritten(connection, metadata.tables["evidence"], "INSERT OR REPLACE")


def by_the_schemas_own_table(connection):
    say(
        connection,
        "PRAGMA writable_schema=on",
        "DELETE FROM sqlite_master WHERE type = 'trigger' AND name = 'evidence_no_update'",
        "PRAGMA writable_schema=reset",
    )


def by_another_trigger_of_its_name(connection):
    say(
        connection,
        "DROP TRIGGER evidence_no_delete",
        "CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence WHEN false BEGIN SELECT RAISE(ABORT, 'no'); END",
    )


def by_another_table_of_its_name(connection):
    say(
        connection,
        "PRAGMA legacy_alter_table=on",
        "CREATE TABLE other AS SELECT * FROM evidence",
        "DROP TRIGGER evidence_no_delete",
        "DROP TABLE evidence",
        "ALTER TABLE other RENAME TO evidence",
    )


def by_a_view_in_its_place(connection):
    say(
        connection,
        "PRAGMA legacy_alter_table=on",
        "ALTER TABLE evidence RENAME TO kept",
        "CREATE VIEW evidence AS SELECT * FROM kept WHERE position > 1",
    )


FOUND = {
    without_recursive_triggers: Fault.CHANGED,
    by_the_schemas_own_table: Fault.UNGUARDED,
    by_another_trigger_of_its_name: Fault.UNGUARDED,
    by_another_table_of_its_name: Fault.UNGUARDED,
    by_a_view_in_its_place: Fault.UNGUARDED,
}


@pytest.mark.parametrize("play", FOUND, ids=lambda play: play.__name__)
def test_L7_what_sqlite_lets_an_owner_do_is_found(connection, sqlite_store, signer, play):
    play(connection)
    connection.close()
    sqlite_store.engine.dispose()
    with sqlite_store.reading() as fresh:
        assert FOUND[play] in {each.fault for each in found_in(fresh, signer)}


def test_L7_a_file_written_by_another_program_without_our_settings_is_found(connection, sqlite_store, signer):
    """Its own connection knows nothing of recursive triggers, and replaces a row without any of them."""
    connection.close()
    sqlite_store.engine.dispose()
    with closing(sqlite3.connect(sqlite_store.engine.url.database)) as other, other:
        other.execute("INSERT OR REPLACE INTO evidence SELECT * FROM evidence WHERE position = 1")
        changed = (
            "REPLACE INTO ledger SELECT position, at, 'somebody', event, body, leaf FROM ledger WHERE position = 2"
        )
        other.execute(changed)
    with sqlite_store.reading() as fresh:
        found = found_in(fresh, signer)
    assert {(each.fault, each.where) for each in found} == {(Fault.CHANGED, "entry 2")}


@pytest.mark.parametrize(
    ("setting", "as_it_must_be"),
    [("recursive_triggers", 1), ("foreign_keys", 1), ("secure_delete", 1), ("synchronous", 2)],
)
def test_L7_a_new_connection_has_the_settings_that_the_laws_rest_on(connection, sqlite_store, setting, as_it_must_be):
    """Whatever one connection switches off is its own and goes with it."""
    say(connection, f"PRAGMA {setting}=0")
    connection.close()
    sqlite_store.engine.dispose()
    with sqlite_store.reading() as fresh:
        assert fresh.exec_driver_sql(f"PRAGMA {setting}").scalar() == as_it_must_be
