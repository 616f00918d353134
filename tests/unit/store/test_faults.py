"""What a database complains of, said again without what it holds (law L8)."""

import pytest
from sqlalchemy import text

from gateway.errors import StoreBusy, StoreError
from gateway.ledger.entries import Event
from gateway.store import dialects
from gateway.store.engine import Store


def _complaint(store, statement):
    with pytest.raises(StoreError) as caught, store.working_state() as connection:
        connection.execute(text(statement))
    assert caught.value.__suppress_context__
    return str(caught.value)


def test_a_fault_in_a_statement_is_said_as_far_as_it_holds_no_value(sqlite_store):
    assert _complaint(sqlite_store, "SELECT 1 FROM nowhere") == "the database refused: no such table: nowhere"


def test_L8_a_value_in_a_complaint_is_not_repeated(store):
    told = _complaint(store, "INSERT INTO heartbeats (name, at) VALUES ('QQ123456C', NULL)")
    assert "QQ123456C" not in told
    assert "heartbeats" in told or "23502" in told


@pytest.mark.postgres
def test_L8_a_servers_quotation_is_cut_to_its_code(postgres_url, clock, signer, everyone):
    store = Store.create(
        postgres_url, clock=clock, signer=signer, environment="synthetic", controller="County", actor=everyone
    )
    told = _complaint(store, "SELECT CAST('QQ123456C' AS integer)")
    store.close()
    assert told == "the database refused: code 22P02"


@pytest.mark.postgres
def test_a_lost_connection_may_be_tried_again(postgres_url, clock, signer, everyone):
    store = Store.create(
        postgres_url, clock=clock, signer=signer, environment="synthetic", controller="County", actor=everyone
    )
    with pytest.raises(StoreBusy) as caught, store.working_state() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert caught.value.retryable
    with store.writing(everyone) as work:
        work.enter(Event.SERVICE_STOPPED)
    store.close()


@pytest.mark.parametrize("place", ["127.0.0.1:1/gateway", "/gateway?host=/nowhere"])
def test_a_server_that_does_not_answer_may_be_tried_again(place, clock, signer):
    with pytest.raises(StoreBusy, match="does not answer") as caught:
        Store.open(f"postgresql://{place}", clock=clock, signer=signer)
    assert caught.value.retryable
    assert "server runs" in caught.value.advice()


def test_an_error_of_ours_passes_as_it_is(store):
    with pytest.raises(KeyError), store.reading():
        raise KeyError("ours")


def test_a_library_that_does_not_keep_to_a_setting_is_not_used(store_url, clock, signer, monkeypatch):
    monkeypatch.setitem(dialects._PRAGMAS, "recursive_triggers", ("off", {1}))
    if store_url.startswith("sqlite"):
        with pytest.raises(StoreError, match="recursive_triggers"):
            Store.open(store_url, clock=clock, signer=signer)


def test_a_database_that_cannot_be_made_is_said_so(tmp_path, clock, signer, everyone):
    url = f"sqlite:///{tmp_path / 'nowhere' / 'gateway.sqlite'}"
    with pytest.raises(StoreError, match="cannot be made"):
        Store.create(url, clock=clock, signer=signer, environment="synthetic", controller="County", actor=everyone)


def test_nothing_is_entered_after_the_checkpoint_of_its_work(store, everyone):
    with store.writing(everyone) as work:
        work.enter(Event.SERVICE_STOPPED)
        assert work.checkpoint_note() == work.checkpoint_note()
        with pytest.raises(RuntimeError):
            work.enter(Event.SERVICE_STOPPED)


def test_a_checkpoint_put_in_the_place_of_another_stops_the_next_work(sqlite_store, everyone):
    from gateway.errors import LedgerDamaged

    with sqlite_store.writing(everyone) as work:
        work.enter(Event.SERVICE_STOPPED)
    with sqlite_store.working_state() as connection:
        connection.execute(text("DROP TRIGGER checkpoints_no_update"))
        connection.execute(
            text("UPDATE checkpoints SET note = (SELECT note FROM checkpoints WHERE size = 1) WHERE size = 2")
        )
    with pytest.raises(LedgerDamaged, match="newest checkpoint"), sqlite_store.writing(everyone):
        pass
