"""The file of the forgotten, and the rewriting of what held them."""

import os
import stat

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, create_engine, insert, text
from sqlalchemy.engine import make_url

from gateway.errors import ForgottenReturned, LedgerDamaged, StoreBusy, StoreError
from gateway.ledger.forgotten import NOTHING, hash_of
from gateway.store.compact import compact
from gateway.store.forget_log import NAME, ForgetLog
from gateway.store.tables import subjects

LINE = b'{"line":{"forget":"FGT-2026-11-22-1"},"seal":""}\n'


def test_a_log_grows_line_by_line_and_only_its_owner_reads_it(tmp_path):
    log = ForgetLog(tmp_path / "forgotten")
    assert (log.lines(), log.previous()) == ([], NOTHING)
    log.add(LINE)
    log.add(LINE)
    assert log.lines() == [LINE.rstrip(b"\n")] * 2
    assert log.previous() == hash_of(LINE)
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "forgotten" / NAME).stat().st_mode) == 0o600


def test_a_folder_elsewhere_that_is_not_mounted_is_no_empty_log(tmp_path):
    log = ForgetLog(tmp_path / "share", elsewhere=True)
    for use in (log.lines, log.previous, lambda: log.add(LINE)):
        with pytest.raises(StoreError, match="not there"):
            use()
    assert not (tmp_path / "share").exists()


def test_a_database_that_does_not_know_the_last_line_is_refused(store, tmp_path):
    log = ForgetLog(tmp_path)
    with store.reading() as connection:
        log.require_done(connection)
        log.add(LINE)
        with pytest.raises(ForgottenReturned):
            log.require_done(connection)


def test_a_line_that_was_cut_off_stops_everything(store, tmp_path):
    log = ForgetLog(tmp_path)
    log.add(LINE[:20])
    with store.reading() as connection, pytest.raises(LedgerDamaged):
        log.require_done(connection)


def test_a_log_that_cannot_be_read_or_written_is_said_so(tmp_path):
    (tmp_path / NAME).mkdir()
    log = ForgetLog(tmp_path)
    for use in (log.lines, log.previous, lambda: log.add(LINE)):
        with pytest.raises(StoreError, match="cannot be"):
            use()


def test_a_reader_in_the_way_is_said_and_nothing_is_lost(sqlite_store, everyone):
    with sqlite_store.engine.connect() as reader:
        reader.execute(text("PRAGMA busy_timeout=10"))
        reader.execute(text("SELECT * FROM ledger")).fetchone()
        with pytest.raises((StoreBusy, StoreError)):
            hurried(sqlite_store)
    compact(sqlite_store.engine, [subjects])


def hurried(store):
    pooled = store.engine.raw_connection()
    pooled.driver_connection.execute("PRAGMA busy_timeout=10")
    pooled.close()
    store.compact([subjects])


@pytest.mark.postgres
def test_a_server_that_did_not_rewrite_a_table_is_found_out(postgres_url):
    """To anybody but the owner it says so in a warning, and that all went well."""
    url = make_url(postgres_url).set(drivername="postgresql+psycopg")
    owner = create_engine(url, isolation_level="AUTOCOMMIT")
    guest = create_engine(url.set(username="gateway_guest", password="guest"))
    table = Table("kept", MetaData(), Column("id", Integer, primary_key=True), Column("name", Text))
    with owner.connect() as connection:
        table.create(connection)
        connection.execute(insert(table).values(id=1, name="somebody"))
        connection.execute(text("CREATE ROLE gateway_guest LOGIN PASSWORD 'guest'"))
        connection.execute(text("GRANT SELECT, INSERT, UPDATE, DELETE ON kept TO gateway_guest"))
    try:
        compact(owner, [table])
        with pytest.raises(StoreError, match="did not rewrite"):
            compact(guest, [table])
    finally:
        guest.dispose()
        with owner.connect() as connection:
            connection.execute(text("DROP OWNED BY gateway_guest"))
            connection.execute(text("DROP ROLE gateway_guest"))
        owner.dispose()
