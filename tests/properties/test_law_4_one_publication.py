"""Laws L1, L4 and L5: whatever the network, the server, the desk and crashes do, a list is published at most once, with
the ledger's bytes, after its evidence; and what was published is never called unsent.

The gateway's own delivery, planner, client and database are driven against a server in memory (tests/model_server.py).
At any request the connection may end, the answer be lost, the server refuse, lie or do it hours later, and our process
die. Between tries the desk takes what it finds, somebody else takes the name, and holds come.
"""

import hashlib
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from gateway.agreements.force import partner_switch
from gateway.delivery.names import manifest_name, receipt_form_name, temporary_name
from gateway.delivery.plan import OPEN
from gateway.delivery.sftp_packets import Kind
from gateway.model.delivery import DISCLOSED, ListState
from gateway.receipts.form import receipt_form
from gateway.services.delivery.deliver_lists import Retrying, deliver
from gateway.services.partners.manage_partners import EnableReason, enable_partner
from gateway.store.agreements import stopped_switches
from gateway.store.leases import claim
from gateway.store.lists import get_list
from gateway.store.packages import package_of
from tests.delivery_made import (
    PARTNER,
    Crash,
    an_approved_county,
    make_partner_key,
    place_hold,
    seal_a_list,
    some_people,
    with_certificate,
)
from tests.integration.conftest import a_partner
from tests.model_server import KINDS, Fault, File, Inbox, ModelTransport

S = ListState
#: The first rename brings the package into view: what goes wrong there weighs as much as everything else.
_AT = st.just((Kind.RENAME, 1)) | st.tuples(st.sampled_from(KINDS), st.integers(1, 4))
_HONEST = st.dictionaries(_AT, st.sampled_from(sorted(set(Fault) - {Fault.SWALLOWS, Fault.SPOILS})), max_size=3)
#: One at a time: who sees nothing but lies cannot find the truth.
_SWALLOWED = st.tuples(st.sampled_from((Kind.WRITE, Kind.RENAME, Kind.REMOVE, Kind.CLOSE)), st.integers(1, 4))
_SPOILT = st.tuples(st.sampled_from((Kind.WRITE, Kind.READ)), st.integers(1, 4))
_ONE_LIE = _SWALLOWED.map(lambda at: {at: Fault.SWALLOWS}) | _SPOILT.map(lambda at: {at: Fault.SPOILS})


@pytest.fixture
def sealed(sqlite_store, clock, everyone, tmp_path, signer, our_key):
    """An approved county with one list sealed, and nothing sent."""
    clock.instant = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    partner = with_certificate(a_partner(inbox="/inbox"), make_partner_key())
    keys = SimpleNamespace(checkpoint_signer=lambda: signer)
    county = an_approved_county(sqlite_store, clock, everyone, tmp_path, partner, lambda _: None, keys=keys)
    return Sealed(county, seal_a_list(county, our_key), tmp_path / "gateway.sqlite")


class Sealed:
    """A county as it stands when its list is sealed, and the way back there."""

    def __init__(self, county, list_id: int, database: Path) -> None:
        self.county, self.list_id = county, list_id
        self._database, self._kept = database, database.with_suffix(".kept")
        with closing(sqlite3.connect(database)) as now, closing(sqlite3.connect(self._kept)) as kept:
            now.backup(kept)

    def put_back(self) -> None:
        with closing(sqlite3.connect(self._database)) as now, closing(sqlite3.connect(self._kept)) as kept:
            kept.backup(now)


class World:
    """One list, one server, one desk. `inbox.published` is all that ever came into view; only the desk takes it away."""

    def __init__(self, sealed: Sealed) -> None:
        sealed.put_back()
        self.list_id, self.store = sealed.list_id, sealed.county.store
        self.inbox = Inbox()
        partner = sealed.county.partners[PARTNER]
        self.county = replace(sealed.county, transport_to=lambda _: ModelTransport(self.inbox, partner))
        with self.store.reading() as connection:
            kept = get_list(connection, self.list_id)
            package = package_of(connection, self.store.reading, kept)
        self.name, self.reference = kept.remote_name, kept.reference
        self.expected = {
            self.name: package.copy[:],
            manifest_name(self.name): package.manifest,
            receipt_form_name(self.name): receipt_form(kept.reference, kept.package_sha256),
        }
        assert hashlib.sha256(package.copy[:]).hexdigest() == kept.package_sha256
        self.inbox.writing, self.inbox.publishing = self._a_byte_leaves, self._a_file_comes_into_view
        self.tried = self.held = self.held_before = self.must_stay_hidden = self.another = self.troubled = False

    @property
    def state(self) -> ListState:
        with self.store.reading() as connection:
            return get_list(connection, self.list_id).state

    @property
    def disabled(self) -> bool:
        with self.store.reading() as connection:
            return partner_switch(PARTNER) in stopped_switches(connection)

    # What the server sees while it happens.

    def _a_byte_leaves(self, name):
        """Law L1."""
        if name == temporary_name(self.name):
            assert self.state in DISCLOSED, "a byte leaves and nothing committed says so"
            assert not self.held_before, "a byte leaves about somebody who was held before"

    def _a_file_comes_into_view(self, name):
        if name == self.name:
            assert self.state in {S.UPLOADED, S.UNCERTAIN}, "published before the record says that it may be"
            assert not self.must_stay_hidden, "published after a hold"

    # What happens.

    def deliver(self, faults, tries=1, *, up=True):
        """One run; what does not come in it does not come."""
        self.tried, self.troubled = True, self.troubled or bool(faults)
        self.held_before = self.held
        self.inbox.up = up
        self.inbox.begin(faults)
        try:
            deliver(self.county, [self.list_id], retrying=Retrying(tries=tries, sleep=lambda _: None))
        except Crash:
            self.a_minute_passes()
        self.inbox.begin({})
        self.inbox.up = True
        self.must_stay_hidden = self.held

    def sleep_and_be_taken_over(self, at, fault=None):
        """We sleep at a request; another host takes the list over, the desk what it finds, and we wake up and go on."""

        def another_host():
            self.a_minute_passes()
            asked, faults = self.inbox.asked.copy(), self.inbox.faults
            self.inbox.begin({(Kind.RENAME, 1): fault} if fault else {})
            with suppress(Crash):
                deliver(self.county, [self.list_id], retrying=Retrying(tries=1))
            self.a_minute_passes()
            self.desk_takes_it()
            self.inbox.asked, self.inbox.faults = asked, faults

        self.deliver({at: another_host})

    def a_minute_passes(self):
        """Whoever died holds no lease for ever."""
        with self.store.working_state() as connection:
            connection.exec_driver_sql("UPDATE leases SET until = '2026-01-01T00:00:00Z'")

    def hold(self):
        if not self.held:
            self.held = self.troubled = True
            self.must_stay_hidden = self.state in {S.SEALED, S.SENDING}
            place_hold(self.county, some_people(1)[0])

    def hold_between_tries(self):
        self.hold()
        self.must_stay_hidden = True

    def do_late(self):
        self.inbox.do_late()

    def desk_takes_it(self):
        if self.inbox.files.get(self.name) and not self.another:
            self.troubled = True
            del self.inbox.files[self.name]

    def somebody_takes_the_name(self):
        if self.name not in self.inbox.files:
            self.another = self.troubled = True
            self.inbox.files[self.name] = File(bytearray(len(self.expected[self.name])))

    def somebody_goes_away(self):
        if self.another:
            self.another = False
            del self.inbox.files[self.name]

    def server_forgets(self):
        """It starts anew, and has lost what it had not brought to its disk."""
        self.inbox.late.clear()
        if staged := self.inbox.files.get(temporary_name(self.name)):
            self.troubled = True
            del staged.data[100:]

    def enable(self):
        if self.disabled:
            enable_partner(self.county, PARTNER, EnableReason.RESOLVED, "IG-2026-0142")

    # What must hold whenever nothing is under way.

    def check(self):
        names = [name for name, _ in self.inbox.published]
        assert names.count(self.name) <= 1, "published twice (L4)"
        for name, data in self.inbox.published:
            assert data == self.expected[name], "other bytes came into view than the ledger's (L5)"
        for file in self.inbox.files.values():
            assert file.seen is None or bytes(file.data) == file.seen, "what is in view was written to (L5)"
        if self.state is S.VERIFIED:
            assert self.name in names, "called delivered and never was (L5)"
        if self.name in names:
            assert self.state in DISCLOSED - {S.SENDING}, "published and called unsent (L4)"

    def end(self):
        """With a server that works and nobody in the way, a list ends somewhere."""
        self.do_late()
        self.enable()
        self.deliver({})
        self.check()
        assert self.state in {S.VERIFIED, S.UNCERTAIN, S.FAILED, S.VOID}
        if not self.troubled or (self.name in self.inbox.files and not self.another):
            assert self.state is S.VERIFIED


class Deliveries(RuleBasedStateMachine):
    """What may happen in any order."""

    def __init__(self, sealed: Sealed) -> None:
        super().__init__()
        self.world = World(sealed)

    def is_open(self) -> bool:
        return self.world.state in OPEN

    def was_tried(self) -> bool:
        return self.world.tried

    @precondition(is_open)
    @rule(faults=_HONEST | _ONE_LIE, tries=st.integers(1, 3), up=st.integers(0, 9))
    def deliver(self, faults, tries, up):
        self.world.deliver(faults, tries, up=bool(up))

    @precondition(is_open)
    @precondition(was_tried)
    @rule(at=_AT)
    def somebody_is_held_while_it_is_sent(self, at):
        self.world.deliver({at: self.world.hold})

    @precondition(is_open)
    @precondition(was_tried)
    @rule()
    def somebody_is_held(self):
        self.world.hold_between_tries()

    @precondition(was_tried)
    @rule(
        act=st.sampled_from(
            (
                World.desk_takes_it,
                World.do_late,
                World.somebody_takes_the_name,
                World.somebody_goes_away,
                World.server_forgets,
                World.enable,
            )
        )
    )
    def at_the_partner(self, act):
        act(self.world)

    @invariant()
    def every_law_holds(self):
        self.world.check()

    def teardown(self):
        self.world.end()


def test_L1_L4_L5_whatever_breaks_a_list_is_published_once_with_the_ledgers_bytes(sealed):
    checked = settings(max_examples=25, stateful_step_count=6, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(lambda: Deliveries(sealed), settings=checked)


#: What can happen between the try in which the rename went wrong and the next.
_AFTERWARDS = {
    "nothing": (),
    "the desk takes it": (World.desk_takes_it,),
    "it is done late": (World.do_late,),
    "done late and taken": (World.do_late, World.desk_takes_it),
    "taken and replaced": (World.desk_takes_it, World.somebody_takes_the_name),
    "a hold": (World.hold_between_tries,),
    "taken and a hold": (World.desk_takes_it, World.hold_between_tries),
    "the server forgets": (World.server_forgets,),
}


@pytest.mark.parametrize("afterwards", _AFTERWARDS.values(), ids=_AFTERWARDS)
def test_L1_L4_L5_whatever_goes_wrong_at_the_rename_and_after_it(sealed, afterwards):
    """Where most can go wrong, nothing is left to chance."""
    for fault in Fault:
        world = World(sealed)
        world.deliver({(Kind.RENAME, 1): fault})
        for act in afterwards:
            act(world)
        world.end()


@pytest.mark.parametrize("at", [(Kind.STAT, 3), (Kind.OPEN, 1), (Kind.WRITE, 1), (Kind.RENAME, 1)], ids=str)
def test_L4_a_host_that_slept_while_another_delivered_changes_nothing_when_it_wakes_up(sealed, at):
    """Nor does it leave behind what would look, when nobody knows whether it was published, as if it had not been."""
    for fault in (None, Fault.CUT_AFTER):
        world = World(sealed)
        world.sleep_and_be_taken_over(at, fault)
        world.check()
        world.end()


@pytest.mark.parametrize("at", [(Kind.REMOVE, 1), (Kind.STAT, 3)], ids=str)
def test_L4_a_rename_that_comes_true_while_the_list_is_taken_back_is_not_denied(sealed, at):
    """What was there when we looked is gone when we remove it: it is in view, or the desk has it."""
    world = World(sealed)
    world.deliver({(Kind.RENAME, 1): Fault.LATE})
    world.hold_between_tries()
    world.deliver({at: world.do_late})
    world.check()
    world.desk_takes_it()
    world.end()
    assert world.state is S.UNCERTAIN


@pytest.mark.parametrize("fault", [Fault.SWALLOWS, Fault.SPOILS])
def test_L5_what_a_server_did_not_keep_is_not_published(sealed, fault):
    for number in (1, 2):
        world = World(sealed)
        world.deliver({(Kind.WRITE, number): fault})
        assert world.state is S.SENDING
        world.check()
        world.end()


def test_L5_a_late_request_of_a_run_before_cuts_nothing_short(sealed):
    """Two runs begin the same temporary file anew, and the first one's request is done just before it is renamed."""
    world = World(sealed)
    world.deliver({(Kind.WRITE, 1): Fault.DIES_AFTER})
    world.deliver({(Kind.OPEN, 1): Fault.LATE})
    world.deliver({(Kind.RENAME, 1): world.do_late})
    assert world.state is S.VERIFIED
    world.check()
    world.end()


@pytest.mark.parametrize("afterwards", [World.hold_between_tries, World.somebody_takes_the_name])
def test_L4_an_empty_file_that_a_late_request_left_is_no_proof_that_ours_was_never_in_view(sealed, afterwards):
    world = World(sealed)
    world.deliver({(Kind.OPEN, 1): Fault.LATE})
    world.deliver({(Kind.RENAME, 1): Fault.CUT_AFTER})
    world.desk_takes_it()
    world.do_late()
    assert temporary_name(world.name) in world.inbox.files
    afterwards(world)
    world.end()
    assert world.state is S.UNCERTAIN


def test_L4_a_run_that_finds_its_lease_taken_over_does_nothing_more(sealed):
    """Even where the other run has changed nothing yet."""
    world = World(sealed)

    def another_claims_it():
        world.a_minute_passes()
        assert claim(world.store, world.reference, "another host", 60)

    world.deliver({(Kind.CLOSE, 1): another_claims_it})
    assert world.state is S.SENDING
    assert world.inbox.files == {}


def test_a_temporary_file_that_another_run_makes_at_the_same_moment_is_left_to_it(sealed):
    world = World(sealed)
    theirs = File(bytearray(b"theirs"))
    world.deliver({(Kind.OPEN, 1): lambda: world.inbox.files.update({temporary_name(world.name): theirs})})
    assert world.state is S.SENDING
    assert world.inbox.files == {temporary_name(world.name): theirs}
    assert theirs.data == b"theirs"
