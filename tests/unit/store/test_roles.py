"""Law L7 at the server: the role that works with a database can add to evidence, and do nothing else to it."""

import ast
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

import gateway
from gateway.model.officers import Actor, Role
from gateway.model.time import FrozenClock
from gateway.store import rights
from gateway.store.engine import Store
from gateway.store.forgets import HELD_PEOPLE
from gateway.store.role_check import rights_found
from gateway.store.tables import APPEND_ONLY, leases, metadata
from tests.evidence_made import make_evidence
from tests.two_roles import connected

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def made_by_the_owner(module_postgres_url, two_roles, signer):
    """A database with some of all evidence, made by its owner and filled by the runtime role; never changed."""
    actor = Actor("tester", "Invented Tester", frozenset(Role))
    clock = FrozenClock(datetime(2026, 11, 1, 9, 0, tzinfo=UTC))
    Store.create(
        two_roles.give(module_postgres_url),
        clock=clock,
        signer=signer,
        environment="synthetic",
        controller="Invented County Council",
        actor=actor,
        runtime=two_roles.runtime,
    ).close()
    clock.instant = datetime(2026, 11, 22, 23, 10, tzinfo=UTC)
    with closing(Store.open(two_roles.runtimes(module_postgres_url), clock=clock, signer=signer)) as store:
        make_evidence(store, actor)
    return module_postgres_url


@pytest.fixture
def runtime(made_by_the_owner, two_roles):
    """A connection under the runtime role, in a transaction that is rolled back."""
    with connected(two_roles.runtimes(made_by_the_owner)) as connection:
        yield connection


def test_every_table_is_of_one_kind_of_rights():
    named = [table.name for kind in rights.KINDS for table in kind]
    assert sorted(named) == sorted(metadata.tables)


def test_evidence_is_only_added_to():
    assert set(APPEND_ONLY) <= set(rights.ADDED_TO)


def test_what_held_somebody_who_is_forgotten_can_be_rewritten():
    assert set(HELD_PEOPLE) <= set(rights.REPLACED)


def test_L7_what_the_code_changes_by_name_is_what_the_role_may_change():
    """Each `update(table)` and `delete(table)` of the gateway's own code is a right that the list gives."""
    wanted, asked = rights.rights_wanted(rewriting=False), set()
    for path in Path(gateway.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                named = node.args[0]
                name = getattr(named, "id", None) or getattr(named, "attr", None)
                if node.func.id in {"update", "delete", "insert"} and name in metadata.tables:
                    asked.add((name, node.func.id.upper(), path.name))
    assert len(asked) > 30
    # Only a SQLite database belongs to one machine.
    asked.remove((leases.name, "DELETE", "host.py"))
    # Written when the database is made.
    asked.remove(("facts", "INSERT", "facts.py"))
    assert {each for each in asked if each[1] not in wanted[each[0]]} == set()


def test_the_sequences_are_those_that_the_server_has(runtime):
    found = runtime.execute(text("SELECT relname FROM pg_class WHERE relkind = 'S' ORDER BY relname")).scalars().all()
    assert tuple(found) == rights.sequences()


def test_everything_that_the_database_has_is_in_the_list(runtime):
    found = runtime.execute(
        text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm')")
    )
    assert set(found.scalars()) == set(rights.rights_wanted(rewriting=True))


def test_the_runtime_role_has_what_it_needs_and_no_more(runtime, two_roles):
    found = rights_found(runtime)
    assert (found.role, found.owns, found.powers, found.more, found.less) == (two_roles.runtime, (), (), (), ())


ACTS = {
    "update": "UPDATE {0} SET {1} = {1}",
    "delete": "DELETE FROM {0}",
    "truncate": "TRUNCATE {0} CASCADE",
    "upsert": "INSERT INTO {0} SELECT * FROM {0} ON CONFLICT ({2}) DO UPDATE SET {1} = EXCLUDED.{1}",
    "merge": "MERGE INTO {0} USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
    "disable one trigger": "ALTER TABLE {0} DISABLE TRIGGER {0}_no_update",
    "disable all triggers": "ALTER TABLE {0} DISABLE TRIGGER ALL",
    "drop a trigger": "DROP TRIGGER {0}_no_delete ON {0}",
    "make a trigger": "CREATE TRIGGER mine BEFORE INSERT ON {0} EXECUTE FUNCTION gateway_never_changed()",
    "make a rule": "CREATE RULE mine AS ON INSERT TO {0} DO INSTEAD NOTHING",
    "drop": "DROP TABLE {0} CASCADE",
    "add a column": "ALTER TABLE {0} ADD COLUMN mine integer",
    "take the table": "ALTER TABLE {0} OWNER TO CURRENT_USER",
    "refer to it": "CREATE TABLE mine ({1} bigint REFERENCES {0})",
    "inherit it": "CREATE TABLE mine () INHERITS ({0})",
    "lock it": "LOCK TABLE {0} IN ACCESS EXCLUSIVE MODE",
    "rename": "ALTER TABLE {0} RENAME TO mine",
    "hide rows": "ALTER TABLE {0} ENABLE ROW LEVEL SECURITY",
    "copy in over it": "COPY {0} FROM '/etc/hostname'",
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_L7_the_runtime_role_cannot_do_this_to_any_table_of_evidence(runtime, act):
    for table in APPEND_ONLY:
        keys = [column.name for column in table.primary_key.columns]
        with pytest.raises(ProgrammingError) as refused:
            runtime.execute(text(act.format(table.name, keys[0], ", ".join(keys))))
        assert refused.value.orig.sqlstate == "42501", (table.name, refused.value.orig.sqlstate)
        runtime.rollback()


WHOLE = (
    "SET session_replication_role = replica",
    "ALTER ROLE CURRENT_USER SET session_replication_role = replica",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "SET ROLE {owner}",
    "SET SESSION AUTHORIZATION {owner}",
    "GRANT {owner} TO CURRENT_USER",
    "CREATE TABLE mine (id integer)",
    "CREATE SCHEMA mine",
    "CREATE TEMPORARY TABLE checkpoints (size bigint)",
    "CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "CREATE OR REPLACE FUNCTION gateway_never_changed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "ALTER FUNCTION gateway_row_explained() RESET ALL",
    "DROP FUNCTION gateway_never_changed() CASCADE",
    "DROP SCHEMA public CASCADE",
    "ALTER SCHEMA public RENAME TO mine",
    "UPDATE facts SET value = value",
    "INSERT INTO facts VALUES ('mine', 'mine', 1)",
    "UPDATE alembic_version SET version_num = '0000'",
    "SELECT setval('holds_hold_id_seq', 1)",
    "UPDATE statements SET version = version",
    "DELETE FROM lists",
    "UPDATE subjects SET secret = secret",
    "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION gateway_never_changed()",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT lo_import('/etc/hostname')",
    "CREATE LANGUAGE mine HANDLER plpgsql_call_handler",
)


@pytest.mark.parametrize("statement", WHOLE)
def test_L7_the_runtime_role_cannot_get_more_than_it_has(runtime, two_roles, statement):
    with pytest.raises(ProgrammingError) as refused:
        runtime.execute(text(statement.format(owner=two_roles.owner)))
    assert refused.value.orig.sqlstate == "42501"
