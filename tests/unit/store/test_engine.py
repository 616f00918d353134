"""The database as a whole: how it is made, opened, read and written."""

import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, insert, select, text

from gateway.errors import ClockBehindLedger, KeyUnusable, LedgerDamaged, StoreBusy, StoreError, StoreOutOfDate
from gateway.ledger.checkpoint import Ed25519Signer, open_checkpoint, parse_vkey
from gateway.ledger.entries import Event
from gateway.store import dialects
from gateway.store.engine import Store
from gateway.store.tables import checkpoints, heartbeats, leases, ledger, switches


def _enter(store, actor, **body):
    with store.writing(actor) as work:
        return work.enter(Event.SERVICE_STARTED, release="0.1.0", **body)


def test_a_new_database_is_readable_by_its_owner_only(sqlite_url, clock, signer, everyone):
    store = Store.create(
        sqlite_url, clock=clock, signer=signer, environment="synthetic", controller="County", actor=everyone
    )
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    with store.reading() as connection:
        connection.execute(select(ledger.c.position)).all()
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    store.close()
    assert len(modes) == 3
    assert set(modes.values()) == {0o600}, modes


def test_a_new_database_says_what_was_burnt_in(store, signer):
    assert store.facts.environment == "synthetic"
    assert store.facts.origin == signer.name
    assert store.facts.vkey == signer.vkey
    assert store.facts.controller == "Invented County Council"


def test_a_database_is_never_made_over_another(store_url, clock, signer, everyone):
    with pytest.raises(StoreError, match="already"):
        Store.create(
            store_url, clock=clock, signer=signer, environment="production", controller="County", actor=everyone
        )


def test_a_database_that_is_not_there_is_not_made_by_opening_it(sqlite_url, clock, signer):
    with pytest.raises(StoreError, match="no database file"):
        Store.open(sqlite_url, clock=clock, signer=signer)
    assert not Path(sqlite_url.removeprefix("sqlite:///")).exists()


def test_an_empty_database_is_out_of_date(postgres_url, clock, signer):
    with pytest.raises(StoreOutOfDate):
        Store.open(postgres_url, clock=clock, signer=signer)


def test_tables_of_another_version_are_refused(store, store_url, clock, signer):
    with store.working_state() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    store.close()
    with pytest.raises(StoreOutOfDate, match="0000"):
        Store.open(store_url, clock=clock, signer=signer)


def test_another_logs_key_is_refused(store_url, clock, signer):
    other = Ed25519Signer(signer.name, Ed25519PrivateKey.generate())
    with pytest.raises(KeyUnusable):
        Store.open(store_url, clock=clock, signer=other)


@pytest.mark.parametrize("url", ["mysql://host/name", "nonsense"])
def test_only_two_kinds_of_database_are_known(url, clock, signer):
    with pytest.raises(StoreError):
        Store.open(url, clock=clock, signer=signer)


def test_work_ends_with_a_checkpoint_that_its_key_signed(store, signer, everyone):
    position = _enter(store, everyone)
    with store.reading() as connection:
        row = connection.execute(select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)).one()
    checkpoint = open_checkpoint(row.note, [parse_vkey(signer.vkey)])
    assert (checkpoint.size, checkpoint.root) == (position, row.root)


def test_work_that_enters_nothing_leaves_no_checkpoint(store, everyone):
    with store.writing(everyone):
        pass
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(checkpoints)).scalar_one() == 1


def test_entries_are_numbered_without_gaps_across_pieces_of_work(store, everyone):
    with store.writing(everyone) as work:
        first, second = work.enter(Event.SERVICE_STOPPED), work.enter(Event.SERVICE_STARTED, release="1")
    assert (first, second, _enter(store, everyone)) == (2, 3, 4)


def test_an_error_leaves_nothing_of_the_work(store, everyone):
    with pytest.raises(ZeroDivisionError), store.writing(everyone) as work:
        work.enter(Event.SERVICE_STOPPED)
        1 / 0  # noqa: B018
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(ledger)).scalar_one() == 1
    assert _enter(store, everyone) == 2


def test_L9_a_clock_behind_the_last_entry_stops_the_work(store, clock, everyone):
    _enter(store, everyone)
    clock.instant -= timedelta(seconds=1)
    with pytest.raises(ClockBehindLedger):
        _enter(store, everyone)


def test_reading_cannot_write(store, everyone):
    with pytest.raises(StoreError), store.reading() as connection:
        connection.execute(insert(heartbeats).values(name="tick", at="2026-11-22T23:10:00Z"))
    assert _enter(store, everyone) == 2


def test_reading_sees_one_moment_of_the_database(store, everyone):
    count = select(func.count()).select_from(ledger)
    with store.reading() as connection:
        before = connection.execute(count).scalar_one()
        _enter(store, everyone)
        assert connection.execute(count).scalar_one() == before


def test_work_inside_work_is_a_bug(store, everyone):
    with store.writing(everyone), pytest.raises(RuntimeError), store.writing(everyone):
        pass


def test_a_second_writer_is_told_that_the_database_is_busy(store, store_url, clock, signer, everyone, monkeypatch):
    monkeypatch.setattr("gateway.store.engine.BUSY_SECONDS", 1)
    monkeypatch.setitem(dialects._PRAGMAS, "busy_timeout", ("100", {100}))
    other = Store.open(store_url, clock=clock, signer=signer)
    with store.writing(everyone), pytest.raises(StoreBusy), other.writing(everyone):
        pass
    other.close()


def test_working_state_needs_no_entry(store):
    with store.working_state() as connection:
        connection.execute(insert(leases).values(name="load", holder="a", fence=1, until="2026-11-22T23:10:00Z"))
    with store.reading() as connection:
        assert connection.execute(select(leases.c.holder)).scalar_one() == "a"


def test_a_constraint_is_named_and_the_row_is_not(store, everyone):
    """Law L8: a database's complaint quotes the row; ours does not."""
    with pytest.raises(StoreError) as caught, store.writing(everyone) as work:
        position = work.enter(Event.DISCLOSURE_STOPPED, reason="incident")
        row = {"name": "partner:QQ123456C", "stopped": True, "reason": "incident", "explained_by": position}
        work.connection.execute(insert(switches), [row])
        work.connection.execute(insert(switches), [row])
    assert "QQ123456C" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert "switches" in str(caught.value)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE ledger SET body = '{}' WHERE position = 2",
        "UPDATE ledger SET leaf = zeroblob(32) WHERE position = 2",
        "UPDATE ledger SET leaf = body WHERE position = 2",
        "DELETE FROM ledger WHERE position = 2",
        "DELETE FROM ledger WHERE position = 3",
        "UPDATE checkpoints SET root = note WHERE size = 3",
        "DELETE FROM checkpoints WHERE size = 3",
    ],
)
def test_L7_nothing_is_signed_over_a_damaged_ledger(sqlite_store, everyone, damage):
    _enter(sqlite_store, everyone)
    _enter(sqlite_store, everyone)
    with sqlite_store.working_state() as connection:
        for name in ("ledger_no_update", "ledger_no_delete", "checkpoints_no_update", "checkpoints_no_delete"):
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("PRAGMA defer_foreign_keys=on"))
        connection.execute(text(damage))
    with pytest.raises(LedgerDamaged):
        _enter(sqlite_store, everyone)


def test_L7_what_the_database_did_to_a_new_row_is_found_before_it_is_signed(sqlite_store, everyone):
    with pytest.raises(LedgerDamaged, match="new rows"), sqlite_store.writing(everyone) as work:
        work.enter(Event.SERVICE_STOPPED)
        work.connection.execute(text("DROP TRIGGER ledger_no_update"))
        work.connection.execute(text("UPDATE ledger SET body = x'7b7d' WHERE position = 2"))


def test_a_network_share_is_refused(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"none / ext4 rw 0 0\nserver:/x {tmp_path} nfs4 rw 0 0\n")
    with pytest.raises(StoreError, match="network share"):
        dialects.require_local_disk(tmp_path / "gateway.sqlite", mounts)
    mounts.write_text("none / ext4 rw 0 0\n")
    dialects.require_local_disk(tmp_path / "gateway.sqlite", mounts)
    dialects.require_local_disk(tmp_path / "gateway.sqlite", tmp_path / "absent")


def test_L7_no_second_sqlite_library_is_loaded_with_the_gateway():
    """Two SQLite libraries in one process drop each other's locks, and committed rows with them.

    DuckDB brings none of its own: its scanner is an extension, which what links lists cannot load, as its test holds.
    """
    script = """
import importlib, pkgutil, sys, gateway
for module in pkgutil.walk_packages(gateway.__path__, "gateway."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
others = {"apsw", "connectorx", "adbc_driver_sqlite", "pysqlite3", "sqlcipher3"} & set(sys.modules)
sys.exit(", ".join(others) or 0)
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
