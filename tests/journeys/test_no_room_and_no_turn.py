"""Laws L1 and L4 where the database has no room on its disk, or is held by somebody else: nothing is sent, all of it later.

The disk is full by a limit on the size of files, which every system keeps to, for the account that runs this too.
"""

import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from gateway.cli import main
from gateway.errors import ExitCode, StoreBusy, StoreError
from gateway.services.disclosure.list_making import Outcome
from gateway.settings import read_settings
from gateway.store import dialects, engine
from tests.command_line import a_county_with_lists_due
from tests.dying_night import whole_night
from tests.published_once import assert_published_once
from tests.rehearsed_county import HOUSING, SMALL_HOURS, RehearsedCounty

EXPECTED = {(HOUSING, "all")}
NO_ROOM = 71


def night_without_room(settings_file: Path, most_bytes: int) -> None:
    """Run a night in which no file may grow beyond a size; end with a code of its own where the database refuses."""
    # What it says goes where a limit on files does not reach.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    try:
        whole_night(settings_file, SMALL_HOURS)
    except StoreError:
        sys.exit(NO_ROOM)


def inboxes(county: RehearsedCounty) -> list[str]:
    return [path.name for partner in county.partners for path in county.inbox(partner).iterdir()]


@pytest.mark.parametrize("most_kib", [8, 120])
@pytest.mark.parametrize("loaded", [False, True], ids=["before the load", "after the load"])
def test_L1_a_night_whose_disk_is_full_sends_nothing_that_is_not_on_record(sqlite_unloaded, loaded, most_kib):
    county = sqlite_unloaded
    if loaded:
        county.load(SMALL_HOURS)
    night = multiprocessing.get_context("forkserver").Process(
        target=night_without_room, args=(county.settings_file, most_kib * 1024)
    )
    night.start()
    night.join(60)
    assert night.exitcode == NO_ROOM or (most_kib > 8 and night.exitcode == 0)
    if not county.lists():
        assert inboxes(county) == []
    county.a_minute_passes_for_leases()
    whole_night(county.settings_file, SMALL_HOURS)
    assert_published_once(county, EXPECTED)


@contextmanager
def held_by_another(database: str) -> Iterator[None]:
    """Have another process hold the database's writing for as long as the context lasts."""
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe()
    holder = context.Process(target=hold, args=(database, theirs))
    holder.start()
    assert ours.poll(60)
    ours.recv()
    yield
    ours.send("enough")
    holder.join(60)
    assert holder.exitcode == 0


def hold(database: str, told: Connection) -> None:
    """Hold a database's writing until told that it is enough."""
    with create_engine(database, poolclass=NullPool).connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": engine._WRITER_LOCK})
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        told.send("held")
        told.recv()


@pytest.fixture
def soon_busy(monkeypatch):
    """Wait half a second for another writer, instead of half a minute."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", 1)
    monkeypatch.setitem(dialects._PRAGMAS, "busy_timeout", ("500", {500}))


def test_L4_a_night_on_a_locked_database_waits_its_turn_and_sends_nothing(unloaded, soon_busy):
    county = unloaded
    county.load(SMALL_HOURS)
    with held_by_another(county.settings.database_url()):
        assert {refused.code for refused in county.run()} == {StoreBusy.code}
        assert county.deliver() == []
        assert inboxes(county) == []
    whole_night(county.settings_file, SMALL_HOURS)
    assert_published_once(county, EXPECTED)


def test_a_run_waits_for_a_locked_database_once_and_not_for_each_of_its_lists(county, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_SECONDS", 2)
    monkeypatch.setitem(dialects._PRAGMAS, "busy_timeout", ("2000", {2000}))
    county.approve()
    with held_by_another(county.settings.database_url()):
        began = time.monotonic()
        ran = county.run()
        waited = time.monotonic() - began
    assert [each.code for each in ran] == [StoreBusy.code] * 6
    assert waited < 2 * 2
    assert {each.outcome for each in county.run()} == {Outcome.SEALED}


def test_L4_lists_that_are_made_wait_for_a_locked_database_too(unloaded, soon_busy):
    county = unloaded
    county.load(SMALL_HOURS)
    county.run()
    with held_by_another(county.settings.database_url()):
        if county.settings.database_url().startswith("sqlite"):
            # One writer at a time, leases and all.
            with pytest.raises(StoreBusy):
                county.deliver()
        else:
            assert [each.code for each in county.deliver()] == [StoreBusy.code]
        assert inboxes(county) == []
    county.a_minute_passes_for_leases()
    whole_night(county.settings_file, SMALL_HOURS)
    assert_published_once(county, EXPECTED)


def test_a_command_on_a_locked_database_says_that_it_may_be_tried_later(tmp_path, soon_busy, capsys):
    county = a_county_with_lists_due(tmp_path)
    run = ["--config", str(county.settings), "disclose", "run", "fenland-housing-options"]
    with held_by_another(read_settings(county.settings).database_url()), pytest.raises(SystemExit) as ended:
        main(run)
    assert ended.value.code == ExitCode.TRY_LATER == 75
    assert "held by another run" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main(run)
    assert ended.value.code == ExitCode.DONE
