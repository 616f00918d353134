"""The migrated database is the one that tables.py describes, with its triggers."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from gateway.errors import StoreError
from gateway.ledger.entries import Event
from gateway.store import upgrade
from gateway.store.tables import APPEND_ONLY, EXEMPT, EXPLAINED, SNAPSHOT, UPLOADED, metadata
from tests.evidence_made import make_evidence


def test_the_migrated_database_is_what_the_tables_say(store):
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        differences = compare_metadata(context, metadata)
    assert differences == []


def test_the_newest_script_is_the_version_that_is_opened():
    config = Config()
    config.set_main_option("script_location", f"{upgrade.__file__.rpartition('/')[0]}/migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == upgrade.TABLES_VERSION


def test_every_table_is_of_a_named_kind():
    named = {table.name for kind in (APPEND_ONLY, EXPLAINED, SNAPSHOT, UPLOADED, EXEMPT) for table in kind}
    assert named == set(metadata.tables)


def test_no_script_rebuilds_a_table():
    """A rebuilt table loses its triggers."""
    folder = upgrade.__file__.rpartition("/")[0]
    scripts = ScriptDirectory(f"{folder}/migrations").walk_revisions()
    for script in scripts:
        assert "batch_alter_table" not in Path(script.path).read_text(encoding="utf-8")


@pytest.mark.parametrize("table", sorted(table.name for table in APPEND_ONLY))
@pytest.mark.parametrize("act", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_L7_rows_of_evidence_are_never_changed(store, everyone, table, act):
    column = metadata.tables[table].primary_key.columns.values()[0].name
    _one_row_of(store, everyone, table)
    if act.startswith("TRUNCATE") and store.engine.dialect.name == "sqlite":
        act = "INSERT OR REPLACE INTO {0} SELECT * FROM {0}"
    with pytest.raises(StoreError, match=r"law L|refused"), store.writing(everyone) as work:
        work.enter(Event.SERVICE_STOPPED)
        work.connection.execute(text(act.format(table, column)))
    with store.reading() as connection:
        assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() >= 1


def _one_row_of(store, actor, table):
    from tests.lists_made import keep_statement_of, seal_list_of, some_subjects

    if table in {"cosignatures", "handover_people", "told_people", "link_verdicts", "evidence_stubs"}:
        make_evidence(store, actor)
        return
    keep_statement_of(store, actor)
    people = some_subjects(2)
    seal_list_of(store, actor, "2026-11-23", people[:1], excluded=[(people[1].subject_ref, "protected")])
    rows = {
        "registry_leaves": "INSERT INTO registry_leaves VALUES (1, 0, :ref, :hash, :hash)",
        "attempts": "INSERT INTO attempts (list_id, started_at, ended_at, outcome, session, explained_by) "
        "VALUES (1, '2026-11-22T23:10:00Z', '2026-11-22T23:10:00Z', 'verified', '{}', :entry)",
        "receipts": "INSERT INTO receipts (raw_sha256, partner, verdict, collected_at, raw, explained_by) "
        "VALUES ('00', 'jcp', 'accepted', '2026-11-22T23:10:00Z', :hash, :entry)",
    }
    if table in rows:
        with store.writing(actor) as work:
            entry = work.enter(Event.SERVICE_STOPPED)
            values = {"ref": people[0].subject_ref, "hash": b"0" * 32, "entry": entry}
            statement = text(rows[table])
            work.connection.execute(statement, {k: v for k, v in values.items() if f":{k}" in rows[table]})
