"""A session opened while lists are made: taken up where one opened now would be the same, and else of no effect."""

import os
import signal
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest

from gateway.delivery.ahead import Opened, SessionAhead, Terms
from gateway.delivery.ssh import Timeouts
from gateway.errors import AuthenticationRefused, ConnectionFailed
from gateway.model.delivery import ListState
from gateway.model.officers import Actor, Role
from gateway.services.agreements.stop_disclosures import StopReason, stop_disclosures
from gateway.services.delivery.deliver_lists import deliver
from gateway.services.delivery.sessions_ahead import SessionsAhead
from gateway.services.partners.manage_partners import DisableReason, disable_partner
from gateway.services.partners.pins_in_use import WatchedTransport
from tests.delivery_made import PARTNER, events_of, outcomes_of, seal_a_list
from tests.integration.conftest import QUICK, a_partner, make_ssh_key, write_private

CASE = "IG-2026-0142"
OURS = ("delivery-ahead", "delivery-watchdog")


def until(so, *, seconds: float = 10.0) -> None:
    """Wait until something is so."""
    ends_at = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < ends_at
        time.sleep(0.01)


def log_ins(server) -> int:
    return server.log().count("Accepted publickey for")


def our_threads() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name in OURS]


@contextmanager
def reached(county, server):
    """Sessions ahead, of which the partner's waits; at the end nothing of any is left here."""
    with SessionsAhead() as ahead:
        ahead.reach(county, [PARTNER])
        until(ahead._waiting[PARTNER]._ended.is_set)
        assert "Starting session" in server.log()
        assert set(our_threads()) == set(OURS)
        yield ahead
    until(lambda: not our_threads())


@pytest.fixture
def through(start_sshd, county_of, our_key):
    """An sshd's process and the server, a county whose partner it is, and a list sealed for them."""
    process, server = start_sshd()
    county = county_of(server)
    return process, server, county, seal_a_list(county, our_key)


pytestmark = pytest.mark.sshd


def test_what_waits_is_taken_up_and_nobody_logs_in_again(through, quick):
    _, server, county, list_id = through
    with reached(county, server) as ahead:
        assert server.names() == []
        assert events_of(county) == []
        (result,) = deliver(county, [list_id], retrying=quick, ahead=ahead)
    assert result.state is ListState.VERIFIED
    assert outcomes_of(county, list_id) == ["verified"]
    assert log_ins(server) == 1


def test_lanes_go_over_it(through, our_key, quick):
    _, server, county, first = through
    others = [seal_a_list(county, our_key, part=part) for part in "abcd"]
    with reached(county, server) as ahead:
        results = deliver(county, [first, *others], retrying=quick, ahead=ahead)
    assert {each.state for each in results} == {ListState.VERIFIED}
    assert log_ins(server) == 1


def test_a_delivery_waits_for_one_that_is_still_being_opened(through, quick):
    _, server, county, list_id = through
    with SessionsAhead() as ahead:
        ahead.reach(county, [PARTNER])
        (result,) = deliver(county, [list_id], retrying=quick, ahead=ahead)
    assert result.state is ListState.VERIFIED
    assert log_ins(server) == 1


def test_which_key_the_server_showed_is_told_once_it_is_taken_up(through, quick):
    _, server, county, list_id = through
    shown = []
    watched = replace(county, transport_to=lambda _: WatchedTransport(server.transport(), shown.append))
    with reached(watched, server) as ahead:
        assert shown == []
        deliver(watched, [list_id], retrying=quick, ahead=ahead)
    assert [each.startswith("SHA256:") for each in shown] == [True]
    assert log_ins(server) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"document_hash": "2" * 64},
        {"receipts": "/elsewhere"},
        {"host_keys": "another pin beside it"},
        {"timeouts": replace(QUICK, answer_s=4)},
    ],
    ids=["record", "folder", "pins", "timeouts"],
)
def test_L6_one_that_was_opened_under_anything_else_is_ended_and_another_opened(through, quick, changes):
    _, server, county, list_id = through
    if "host_keys" in changes:
        changes = {"host_keys": (*server.partner.host_keys, make_ssh_key().public)}
    changed = replace(county, transport_to=lambda _: server.transport(**changes))
    with reached(county, server) as ahead:
        (result,) = deliver(changed, [list_id], retrying=quick, ahead=ahead)
    assert result.state is ListState.VERIFIED
    assert log_ins(server) == 2


def test_L6_one_that_was_opened_with_another_key_of_ours_is_ended_and_another_opened(through, quick):
    _, server, county, list_id = through
    with reached(county, server) as ahead:
        server.our_key.write_bytes(server.our_key.read_bytes() + b"\n")
        (result,) = deliver(county, [list_id], retrying=quick, ahead=ahead)
    assert result.state is ListState.VERIFIED
    assert log_ins(server) == 2


def test_L6_our_key_is_asked_again_and_one_that_others_can_read_now_keeps_the_list_here(through, quick):
    _, server, county, list_id = through
    with reached(county, server) as ahead:
        server.our_key.chmod(0o644)
        (result,) = deliver(county, [list_id], retrying=quick, ahead=ahead)
    assert (result.state, result.code) == (ListState.SEALED, "key-unavailable")
    assert log_ins(server) == 1
    assert server.names() == []


@pytest.mark.parametrize("everything", [True, False])
def test_L6_nothing_goes_over_it_once_the_partner_is_stopped(through, quick, everything):
    _, server, county, list_id = through
    with reached(county, server) as ahead:
        if everything:
            stop_disclosures(county, StopReason.SAFETY, CASE)
        else:
            disable_partner(county, PARTNER, DisableReason.INCIDENT, CASE)
        (result,) = deliver(county, [list_id], retrying=quick, ahead=ahead)
    assert (result.state, result.code, server.names()) == (ListState.SEALED, "partner-disabled", [])


def test_L6_nobody_is_reached_who_is_stopped_or_whose_record_is_not_approved_or_by_whom_does_not_deliver(through):
    _, server, county, _ = through
    stranger = Actor("auditor", "Invented Auditor", frozenset({Role.AUDITOR}))
    other = {PARTNER: replace(county.partners[PARTNER], document_hash="2" * 64)}
    with SessionsAhead() as ahead:
        for each in (replace(county, partners=other), replace(county, partners={}), replace(county, actor=stranger)):
            ahead.reach(each, [PARTNER])
        disable_partner(county, PARTNER, DisableReason.INCIDENT, CASE)
        ahead.reach(county, [PARTNER])
        assert our_threads() == []
    assert "Connection from" not in server.log()


def test_one_whose_connection_ended_is_replaced(through, quick):
    process, server, county, list_id = through
    before = set(threading.enumerate())
    with reached(county, server) as ahead:
        for pid in process.pids()[1:]:
            os.kill(pid, signal.SIGKILL)
        # The one that reads what the server sends has no name of ours.
        until(lambda: {each.name for each in set(threading.enumerate()) - before} <= set(OURS))
        (result,) = deliver(county, [list_id], retrying=quick, ahead=ahead)
    assert (result.state, outcomes_of(county, list_id)) == (ListState.VERIFIED, ["verified"])
    assert log_ins(server) == 2


def test_row_10_a_log_in_that_was_refused_ahead_is_the_one_of_this_run(through, quick, tmp_path):
    _, server, county, list_id = through
    stranger = write_private(tmp_path / "stranger", make_ssh_key().private)
    refused = replace(county, transport_to=lambda _: server.transport(key=stranger))
    with SessionsAhead() as ahead:
        ahead.reach(refused, [PARTNER])
        until(lambda: "Failed publickey for" in server.log())
        assert outcomes_of(county, list_id) == []
        (result,) = deliver(refused, [list_id], retrying=quick, ahead=ahead)
    assert (result.state, result.code) == (ListState.SEALED, "authentication-refused")
    assert outcomes_of(county, list_id) == ["authentication-refused"]
    assert server.log().count("Failed publickey for") == 1
    (result,) = deliver(county, [list_id], retrying=quick)
    assert result.state is ListState.VERIFIED


def test_L6_row_8_another_host_key_ahead_disables_nobody_and_the_delivery_does(through, quick):
    _, server, county, list_id = through
    lied_to = replace(county, transport_to=lambda _: server.transport(host_keys=(make_ssh_key().public,)))
    with SessionsAhead() as ahead:
        ahead.reach(lied_to, [PARTNER])
        until(lambda: server.log().count("Connection from") == 1)
        assert events_of(county) == []
        (result,) = deliver(lied_to, [list_id], retrying=quick, ahead=ahead)
    assert (result.state, result.code, result.security) == (ListState.SEALED, "host-key-mismatch", True)
    assert events_of(county) == ["delivery:attempted", "partner:disabled"]
    assert "userauth-request" not in server.log()


def test_what_nobody_takes_up_is_ended(through):
    process, server, county, list_id = through
    with pytest.raises(KeyboardInterrupt), reached(county, server):
        assert len(process.pids()) > 1
        raise KeyboardInterrupt
    until(lambda: not our_threads())
    until(lambda: len(process.pids()) == 1)
    assert outcomes_of(county, list_id) == []


def test_what_everybody_forgot_ends_by_itself(through):
    process, server, _, _ = through
    transport = server.transport()
    ahead = SessionAhead(transport._terms(), transport, most_age_s=0.1)
    ahead.start()
    until(lambda: log_ins(server) == 1)
    until(lambda: not our_threads())
    until(lambda: len(process.pids()) == 1)
    assert ahead.taken(transport._terms()) is None


@contextmanager
def who_hangs_up_on_nobody():
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_server_that_says_nothing_delays_nobody_who_has_nothing_to_send(through):
    _, server, county, _ = through
    with who_hangs_up_on_nobody() as port:
        silent = replace(county, transport_to=lambda _: server.transport(port=port, timeouts=Timeouts()))
        began = time.monotonic()
        with SessionsAhead() as ahead:
            ahead.reach(silent, [PARTNER])
        assert time.monotonic() - began < 2
    until(lambda: not our_threads(), seconds=20)


def test_row_3_a_server_that_says_nothing_is_what_the_delivery_finds_by_itself(through, quick):
    _, server, county, list_id = through
    with who_hangs_up_on_nobody() as port:
        short = replace(QUICK, handshake_s=0.3)
        silent = replace(county, transport_to=lambda _: server.transport(port=port, timeouts=short))
        with SessionsAhead() as ahead:
            ahead.reach(silent, [PARTNER])
            (result,) = deliver(silent, [list_id], retrying=quick, ahead=ahead)
    assert (result.state, result.code) == (ListState.SEALED, "connection-failed")
    assert outcomes_of(county, list_id) == ["connection-failed"] * 3


def test_an_outbox_has_nobody_to_reach_and_ends_what_was_opened_before_it_was_one(outbox, through):
    _, server, county, _ = through
    assert outbox.transport().ahead() is None
    with reached(county, server) as ahead:
        ahead.hand_over(PARTNER, outbox.transport())
        until(lambda: not our_threads())


# How the thread and whoever waits for it meet, on no network at all.


class Connection:
    """A connection that can be cut."""

    def __init__(self) -> None:
        self.was_cut = threading.Event()
        self.stands = True

    def cut(self) -> None:
        self.was_cut.set()


class SlowOpener:
    """Opens a session step by step, as far as `may_go` lets it."""

    def __init__(self, *, refused: bool = False) -> None:
        self.log_in_failed = None
        self.connection = Connection()
        self.dialled, self.logging_in, self.may_dial, self.may_end = (threading.Event() for _ in range(4))
        self.closed = threading.Event()
        self._refused = refused

    def open(self, about_to_log_in) -> Opened:
        self.dialled.set()
        assert self.may_dial.wait(10)
        about_to_log_in(self.connection)
        self.logging_in.set()
        while not self.may_end.is_set() and not self.connection.was_cut.is_set():
            time.sleep(0.005)
        if self._refused or self.connection.was_cut.is_set():
            self.log_in_failed = AuthenticationRefused("no") if self._refused else ConnectionFailed("cut")
            raise self.log_in_failed
        return Opened(self.connection, None, self.closed.set)


QUICKEST = Timeouts(dial_s=0.1, handshake_s=0, log_in_s=5, channel_s=0, idle_s=0)
TERMS = Terms(a_partner(), "key", replace(QUICKEST, log_in_s=0.1))


def begun(opener: SlowOpener, terms: Terms = TERMS) -> SessionAhead:
    ahead = SessionAhead(terms, opener)
    ahead.start()
    return ahead


def test_who_still_dials_when_nobody_waits_any_more_never_logs_in():
    opener = SlowOpener()
    ahead = begun(opener)
    assert opener.dialled.wait(5)
    assert ahead.taken(TERMS) is None
    opener.may_dial.set()
    until(lambda: not our_threads())
    assert not opener.logging_in.is_set()


def test_who_is_let_in_when_nobody_waits_any_more_leaves_again():
    opener = SlowOpener()
    opener.may_dial.set()
    ahead = begun(opener)
    assert opener.logging_in.wait(5)
    # The log-in is answered in the very moment in which it is given up: nothing is there yet that could be cut.
    opener.connection.cut = opener.may_end.set
    ahead.close()
    assert opener.closed.wait(5)
    assert ahead.taken(TERMS) is None


def test_a_log_in_that_is_cut_off_because_it_took_too_long_is_the_one_of_this_run():
    opener = SlowOpener()
    opener.may_dial.set()
    ahead = begun(opener)
    assert opener.logging_in.wait(5)
    with pytest.raises(ConnectionFailed):
        ahead.taken(TERMS)


@pytest.mark.parametrize("elsewhere", [{"host": "127.0.0.2"}, {"port": 23}])
def test_a_log_in_that_was_refused_elsewhere_keeps_nobody_from_logging_in_here(elsewhere):
    opener = SlowOpener(refused=True)
    opener.may_dial.set()
    opener.may_end.set()
    ahead = begun(opener)
    assert ahead.taken(replace(TERMS, partner=a_partner(**elsewhere))) is None
    with pytest.raises(AuthenticationRefused):
        ahead.taken(replace(TERMS, our_key="another"))


def test_it_is_taken_up_once():
    opener = SlowOpener()
    opener.may_dial.set()
    opener.may_end.set()
    ahead = begun(opener)
    opened = ahead.taken(TERMS)
    assert opened is not None
    assert ahead.taken(TERMS) is None
    ahead.close()
    assert not opener.closed.is_set()
    assert not opener.connection.was_cut.is_set()
    until(lambda: not our_threads())
