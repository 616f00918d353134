"""Several lists of one partner at once: each is delivered as if it were alone, and a fault of one stops them together."""

import hashlib
import threading
from contextlib import contextmanager
from dataclasses import replace

import asyncssh
import pytest
from sqlalchemy import select

from gateway.errors import ConnectionFailed, LedgerDamaged
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.sandbox.server import ConfinedFiles
from gateway.services.delivery.deliver_lists import Retrying, deliver
from gateway.store.lists import get_list
from gateway.store.night import entries_of
from gateway.store.tables import ledger, package_blocks
from tests.delivery_made import place_hold, seal_a_list, some_people
from tests.integration.test_deliver_lists import SENT, without_triggers
from tests.integration.test_sftp_faults import faulty

PARTS = "abcdef"


def seal_parts(county, our_key, parts=PARTS) -> dict[str, int]:
    return {part: seal_a_list(county, our_key, part=part, people=number) for number, part in enumerate(parts, 2)}


def steps_of(county) -> dict[str, list[str]]:
    """What the ledger says of each list since it was sealed, in its order."""
    found: dict[str, list[str]] = {}
    with county.store.reading() as connection:
        for event in connection.execute(select(ledger.c.event, ledger.c.body).order_by(ledger.c.position)):
            part = event.body.decode().partition('"list":"L-2026-11-23-')[2][:1]
            found.setdefault(part, []).append(event.event)
    return {part: events[events.index(Event.LIST_SEALED) + 1 :] for part, events in found.items() if part}


def assert_delivered_once(county, server, sealed) -> None:
    """Each list's package is there with the ledger's hash, with its manifest and its form, and nothing else is."""
    expected = set()
    for list_id in sealed.values():
        with county.store.reading() as connection:
            kept = get_list(connection, list_id)
        assert kept.state is ListState.VERIFIED
        package = server.inbox / kept.remote_name
        assert hashlib.sha256(package.read_bytes()).hexdigest() == kept.package_sha256
        expected |= {kept.remote_name + ending for ending in ("", ".manifest.asc", ".receipt.txt")}
    assert set(server.names()) == expected


class Together:
    """A way to a partner on which the first lists are staged at the same time, or not at all; counts how many are."""

    def __init__(self, transport, first: int) -> None:
        self._transport = transport
        self._first, self._barrier = first, threading.Barrier(max(1, first))
        self._lock = threading.Lock()
        self._begun = self._now = self.most = 0

    @contextmanager
    def session(self):
        with self._transport.session() as session:
            yield _Beside(session, self)

    @contextmanager
    def counted(self):
        with self._lock:
            self._begun, self._now = self._begun + 1, self._now + 1
            self.most, waits = max(self.most, self._now), self._begun <= self._first
        if waits:
            self._barrier.wait(20)
        yield
        with self._lock:
            self._now -= 1


class _Beside:
    def __init__(self, session, together) -> None:
        self._session, self._together = session, together

    def __getattr__(self, name):
        return getattr(self._session, name)

    @contextmanager
    def lane(self):
        with self._session.lane() as lane:
            yield _Beside(lane, self._together)

    def stage(self, *arguments, **named):
        with self._together.counted():
            return self._session.stage(*arguments, **named)


def test_L1_L5_several_lists_go_at_once_and_each_takes_its_steps_in_order(store, county_of, sandbox, our_key, quick):
    county = county_of(sandbox, store)
    sealed = seal_parts(county, our_key)
    together = Together(sandbox.transport(), 4)
    results = deliver(replace(county, transport_to=lambda _: together), sealed.values(), retrying=quick)
    assert {result.state for result in results} == {ListState.VERIFIED}
    assert [result.reference[-1] for result in results] == list(PARTS)
    assert steps_of(county) == dict.fromkeys(PARTS, SENT)
    assert together.most == 4
    assert_delivered_once(county, sandbox, sealed)


@pytest.mark.sshd
def test_a_server_that_opens_one_channel_gets_every_list(start_sshd, county_of, our_key, quick):
    _, server = start_sshd(extra=("MaxSessions 1",))
    county = county_of(server)
    sealed = seal_parts(county, our_key)
    deliver(county, sealed.values(), retrying=quick)
    assert_delivered_once(county, server, sealed)


class OneAtATime(Together):
    """A way to a server that falls silent for everybody where somebody asks for one more channel."""

    @contextmanager
    def session(self):
        with self._transport.session() as session:
            yield _FallsSilent(session, self)


class _FallsSilent(_Beside):
    @contextmanager
    def lane(self):
        self._session._connection.cut()
        raise ConnectionFailed("the server stopped answering while SFTP was opened")
        yield


def test_a_server_that_cannot_bear_several_sessions_gets_them_one_after_another(county, sandbox, our_key, quick):
    sealed = seal_parts(county, our_key)
    silent = OneAtATime(sandbox.transport(), 0)
    results = deliver(replace(county, transport_to=lambda _: silent), sealed.values(), retrying=quick)
    assert {result.state for result in results} == {ListState.VERIFIED}
    assert_delivered_once(county, sandbox, sealed)


def test_packages_that_take_their_time_go_one_after_another(county, sandbox, our_key, quick):
    sealed = {part: seal_a_list(county, our_key, part=part, size=300_000) for part in "abc"}
    together = Together(sandbox.transport(), 0)
    deliver(replace(county, transport_to=lambda _: together), sealed.values(), retrying=quick)
    assert together.most == 1
    assert_delivered_once(county, sandbox, sealed)


@pytest.mark.parametrize(("fault", "after_kb"), [("cut", 6), ("reset", 25)])
def test_L4_a_connection_cut_under_all_lanes_ends_in_one_delivery_of_each(
    county_of, server, proxy_to, our_key, quick, fault, after_kb
):
    county = county_of(server)
    sealed = seal_parts(county, our_key)
    proxy = proxy_to(server)
    proxy.after_bytes, proxy.fault = after_kb * 1000, fault
    through_it = replace(county, transport_to=lambda _: server.transport(port=proxy.port))
    deliver(through_it, sealed.values(), retrying=Retrying(tries=1))
    proxy.heal()
    deliver(through_it, sealed.values(), retrying=quick)
    assert {tuple(steps).count("disclosure:list:verified") for steps in steps_of(county).values()} == {1}
    assert_delivered_once(county, server, sealed)


def test_row_26_content_that_differs_again_disables_the_partner_once_and_nothing_is_published(
    start_sandbox, county_of, our_key, quick
):
    def write(self, file_obj, offset, data):
        return ConfinedFiles.write(self, file_obj, offset, bytes((data[0] ^ 1,)) + data[1:])

    server = start_sandbox(make_files=faulty(write=write))
    county = county_of(server)
    sealed = seal_parts(county, our_key)
    results = deliver(county, sealed.values(), retrying=quick)
    assert {result.state for result in results} <= {ListState.SEALED, ListState.SENDING}
    assert {result.security for result in results} == {True}
    with county.store.reading() as connection:
        assert len(list(entries_of(connection, Event.PARTNER_DISABLED.value, county.clock.now()))) == 1
    assert server.names() == []


def test_a_hold_stops_its_own_lists_and_no_other(county, sandbox, our_key, quick):
    sealed = seal_parts(county, our_key)
    # The fifth person is on every list of five people or more.
    place_hold(county, some_people(5)[4])
    results = deliver(county, sealed.values(), retrying=quick)
    found = {result.reference[-1]: result.state for result in results}
    assert found == dict.fromkeys("abc", ListState.VERIFIED) | dict.fromkeys("def", ListState.VOID)


def test_L5_a_package_that_was_changed_in_the_store_ends_all_lanes(county, sandbox, our_key, quick):
    sealed = seal_parts(county, our_key)
    block = package_blocks.c.list_id == sealed["b"]
    with without_triggers(county.store, "package_blocks") as connection:
        kept = connection.execute(select(package_blocks.c.content).where(block)).scalar_one()
        connection.execute(package_blocks.update().where(block).values(content=b"\0"))
    with pytest.raises(LedgerDamaged, match="not the one that was sealed"):
        deliver(county, sealed.values(), retrying=quick)
    with without_triggers(county.store, "package_blocks") as connection:
        connection.execute(package_blocks.update().where(block).values(content=kept))
    deliver(county, sealed.values(), retrying=quick)
    assert_delivered_once(county, sandbox, sealed)


def test_L6_a_list_that_the_server_refuses_keeps_no_other_from_going(start_sandbox, county_of, our_key, quick):
    sealed = {}

    def refused(self, path, *arguments):
        if path.endswith(refused_name[0]):
            raise asyncssh.SFTPPermissionDenied("no")
        return ConfinedFiles.open(self, path, *arguments)

    refused_name = [b"nothing"]
    server = start_sandbox(make_files=faulty(open=refused))
    county = county_of(server)
    sealed = seal_parts(county, our_key)
    with county.store.reading() as connection:
        refused_name[0] = f".{get_list(connection, sealed['c']).remote_name}.part".encode()
    results = deliver(county, sealed.values(), retrying=quick)
    found = {result.reference[-1]: (result.state, result.code) for result in results}
    assert found.pop("c") == (ListState.SEALED, "transfer-refused")
    assert set(found.values()) == {(ListState.VERIFIED, None)}
