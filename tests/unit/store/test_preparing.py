"""Work that begins before its turn: others write meanwhile, where the database lets several write."""

import threading
import time
from contextlib import closing

import pytest
from sqlalchemy import func, select

from gateway.errors import StoreBusy
from gateway.ledger.entries import Event
from gateway.store import dialects, engine
from gateway.store.engine import Store
from gateway.store.entries import entries_behind
from gateway.store.tables import ledger


def _enter(store, actor) -> int:
    with store.writing(actor) as work:
        return work.enter(Event.SERVICE_STOPPED)


def _entries(store) -> int:
    with store.reading() as connection:
        return connection.execute(select(func.count()).select_from(ledger)).scalar_one()


@pytest.fixture
def soon_busy(monkeypatch):
    """Wait a second for another writer, instead of half a minute."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", 1)
    monkeypatch.setitem(dialects._PRAGMAS, "busy_timeout", ("1000", {1000}))


@pytest.fixture
def two_stores(soon_busy, store, store_url, clock, signer):
    with closing(Store.open(store_url, clock=clock, signer=signer)) as other:
        yield store, other


def test_others_write_until_the_turn_is_taken_and_their_entries_come_first(two_stores, everyone):
    store, other = two_stores
    before = _entries(store)
    with store.preparing(everyone, "a list") as work:
        meanwhile = 0
        if store.lets_several_prepare:
            meanwhile = len([_enter(other, everyone) for _ in range(2)])
        work.take_turn()
        behind = [entry.position for entry in entries_behind(work.connection, before)]
        assert behind == list(range(before + 1, before + 1 + meanwhile))
        assert work.enter(Event.SERVICE_STOPPED) == before + meanwhile + 1
    assert _enter(other, everyone) == before + meanwhile + 2


def test_nobody_writes_once_the_turn_is_taken(two_stores, everyone):
    store, other = two_stores
    with store.preparing(everyone, "a list") as work:
        work.take_turn()
        with pytest.raises(StoreBusy):
            _enter(other, everyone)


def test_with_the_turn_first_nobody_writes_from_the_beginning(two_stores, everyone):
    store, other = two_stores
    with store.preparing(everyone, "a list", alone=True), pytest.raises(StoreBusy):
        _enter(other, everyone)


def test_nothing_is_entered_before_the_turn(store, everyone):
    with store.preparing(everyone, "a list") as work:
        if store.lets_several_prepare:
            with pytest.raises(RuntimeError, match="before its turn"):
                work.enter(Event.SERVICE_STOPPED)
            with pytest.raises(RuntimeError, match="before its turn"):
                work.at  # noqa: B018 - to read it is to ask
        else:
            work.enter(Event.SERVICE_STOPPED)


def test_a_turn_is_taken_once(store, everyone):
    with store.preparing(everyone, "a list") as work:
        work.take_turn()
        work.enter(Event.SERVICE_STOPPED)
        work.take_turn()
        assert work.size == 2


def test_work_that_ends_before_its_turn_leaves_nothing(store, everyone):
    before = _entries(store)
    with store.preparing(everyone, "a list"):
        pass
    assert _entries(store) == before


def test_of_one_name_one_is_prepared_at_a_time(two_stores, everyone):
    store, other = two_stores
    with store.preparing(everyone, "a list"):
        with pytest.raises(StoreBusy), other.preparing(everyone, "a list"):
            pass
        if store.lets_several_prepare:
            with other.preparing(everyone, "another list") as work:
                work.take_turn()
                work.enter(Event.SERVICE_STOPPED)


def test_whoever_waits_for_a_name_sees_what_became_of_it(two_stores, everyone):
    store, other = two_stores
    seen, waiting = [], threading.Event()

    def wait() -> None:
        waiting.set()
        with other.preparing(everyone, "a list") as work:
            seen.append(len(list(entries_behind(work.connection, before))))

    before = _entries(store)
    with store.preparing(everyone, "a list") as work:
        thread = threading.Thread(target=wait)
        thread.start()
        assert waiting.wait(10)
        time.sleep(0.2)
        work.take_turn()
        work.enter(Event.SERVICE_STOPPED)
    thread.join(10)
    assert seen == [1]
