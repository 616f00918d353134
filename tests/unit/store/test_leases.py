"""Leases: one holder at a time, by the database's own clock, with numbers that only rise."""

import threading

import pytest
from sqlalchemy import update

from gateway.errors import StoreBusy
from gateway.model.time import from_text
from gateway.store.leases import claim, release, renew, require
from gateway.store.tables import leases


def _let_it_run_out(store):
    with store.working_state() as connection:
        connection.execute(update(leases).values(until="2000-01-01T00:00:00Z"))


def test_a_lease_has_one_holder(store):
    assert claim(store, "load", "here", 60) is not None
    assert claim(store, "load", "there", 60) is None
    assert claim(store, "load", "here", 60) is None
    assert claim(store, "another", "there", 60) is not None


def test_a_lease_that_ran_out_goes_to_the_next_with_a_higher_number(store):
    first = claim(store, "load", "here", 60)
    _let_it_run_out(store)
    second = claim(store, "load", "there", 60)
    assert (first.fence, second.fence) == (1, 2)
    assert not renew(store, first, 60)
    assert renew(store, second, 60)


def test_a_released_lease_is_free_at_once_and_its_numbers_go_on(store):
    release(store, claim(store, "load", "here", 60))
    assert claim(store, "load", "there", 60).fence == 2


def test_releasing_a_lost_lease_takes_nothing_from_its_new_holder(store):
    lost = claim(store, "load", "here", 60)
    _let_it_run_out(store)
    claim(store, "load", "there", 60)
    release(store, lost)
    assert claim(store, "load", "here", 60) is None


def test_L4_whoever_slept_through_its_lease_is_stopped(store, everyone):
    slept = claim(store, "list", "here", 60)
    _let_it_run_out(store)
    with store.writing(everyone) as work:
        require(work.connection, slept)
    claim(store, "list", "there", 60)
    with pytest.raises(StoreBusy, match="list"), store.writing(everyone) as work:
        require(work.connection, slept)


def test_the_end_of_a_lease_is_written_as_every_instant(store):
    claim(store, "load", "here", 90_000)
    with store.reading() as connection:
        until = connection.execute(leases.select()).one().until
    assert from_text(until).tzinfo is not None


def test_of_many_claims_at_once_one_is_granted(store):
    granted, start = [], threading.Barrier(6)

    def ask(number):
        start.wait()
        granted.append(claim(store, "list", f"host-{number}", 60))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([lease for lease in granted if lease]) == 1
