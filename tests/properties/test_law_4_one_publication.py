"""Laws L1, L4 and L5: whatever the network, the server, the desk and crashes do, a list is published at most once, with
the ledger's bytes, after its evidence; and what was published is never called unsent.

The gateway's own delivery, planner, client and database are driven against a server in memory (tests/model_server.py).
At any request the connection may end, the answer be lost, the server refuse, lie or do it hours later, and our process
die. Between tries the desk takes what it finds, somebody else takes the name, and holds come.
"""

import hashlib
import sqlite3
from contextlib import closing
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
from gateway.services.deliver_lists import Retrying, deliver
from gateway.services.manage_partners import EnableReason, enable_partner
from gateway.store.agreements import stopped_switches
from gateway.store.lists import get_list, package_of
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
#: The requests that change what a recipient sees come more often than in a delivery.
_KINDS = (*KINDS, Kind.RENAME, Kind.RENAME, Kind.REMOVE)
_AT = st.tuples(st.sampled_from(_KINDS), st.integers(1, 4))
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


class Deliveries(RuleBasedStateMachine):
    """One list, one server. `inbox.published` is all that ever came into view; only the desk takes it away."""

    def __init__(self, sealed) -> None:
        super().__init__()
        sealed.put_back()
        self.list_id, self.store = sealed.list_id, sealed.county.store
        self.inbox = Inbox()
        partner = sealed.county.partners[PARTNER]
        self.county = replace(sealed.county, transport_to=lambda _: ModelTransport(self.inbox, partner))
        with self.store.reading() as connection:
            kept, package = get_list(connection, self.list_id), package_of(connection, self.list_id)
        self.name = kept.remote_name
        self.expected = {
            self.name: package.ciphertext,
            manifest_name(self.name): package.manifest,
            receipt_form_name(self.name): receipt_form(kept.reference, kept.package_sha256),
        }
        assert hashlib.sha256(package.ciphertext).hexdigest() == kept.package_sha256
        self.inbox.writing, self.inbox.publishing = self.a_byte_leaves, self.a_file_comes_into_view
        self.tried = self.held = self.must_stay_hidden = self.another = self.troubled = False

    @property
    def state(self) -> ListState:
        with self.store.reading() as connection:
            return get_list(connection, self.list_id).state

    # What the server sees while it happens.

    def a_byte_leaves(self, name):
        """Law L1."""
        if name == temporary_name(self.name):
            assert self.state in DISCLOSED, "a byte leaves and nothing committed says so"

    def a_file_comes_into_view(self, name):
        if name == self.name:
            assert self.state in {S.UPLOADED, S.UNCERTAIN}, "published before the record says that it may be"
            assert not self.must_stay_hidden, "published after a hold"

    # What happens.

    @precondition(lambda self: self.state in OPEN)
    @rule(faults=_HONEST | _ONE_LIE, tries=st.integers(1, 3), up=st.integers(0, 9))
    def deliver(self, faults, tries, up):
        """One run; what does not come in it does not come."""
        self.tried, self.troubled = True, self.troubled or bool(faults)
        self.inbox.up = bool(up)
        self.inbox.begin(faults)
        try:
            deliver(self.county, [self.list_id], retrying=Retrying(tries=tries, sleep=lambda _: None))
        except Crash:
            self.a_minute_passes()
        self.inbox.begin({})
        self.inbox.up = True
        self.must_stay_hidden = self.held

    def a_minute_passes(self):
        """Whoever died holds no lease for ever."""
        with self.store.working_state() as connection:
            connection.exec_driver_sql("UPDATE leases SET until = '2026-01-01T00:00:00Z'")

    @precondition(lambda self: self.tried and not self.held and self.state in OPEN)
    @rule(at=st.none() | _AT)
    def somebody_is_held(self, at):
        """Between two tries, or in the middle of one."""
        if at:
            self.inbox.begin({at: self.hold})
            deliver(self.county, [self.list_id], retrying=Retrying(tries=1))
            self.inbox.begin({})
        if not self.held:
            self.hold()
        self.must_stay_hidden = True

    def hold(self):
        self.held = self.troubled = True
        self.must_stay_hidden = self.state in {S.SEALED, S.SENDING}
        place_hold(self.county, some_people(1)[0])

    @precondition(lambda self: self.inbox.late)
    @rule()
    def the_server_does_at_last_what_it_was_asked(self):
        self.inbox.do_late()

    @precondition(lambda self: self.name in self.inbox.files and not self.another)
    @rule()
    def the_desk_takes_it(self):
        self.troubled = True
        del self.inbox.files[self.name]

    @precondition(lambda self: self.tried and self.name not in self.inbox.files)
    @rule()
    def somebody_else_takes_the_name(self):
        self.another = self.troubled = True
        self.inbox.files[self.name] = File(bytearray(b"another"))

    @precondition(lambda self: self.another)
    @rule()
    def somebody_else_goes_away(self):
        self.another = False
        del self.inbox.files[self.name]

    @precondition(lambda self: temporary_name(self.name) in self.inbox.files)
    @rule()
    def the_server_loses_what_it_had_not_brought_to_disk(self):
        self.troubled = True
        del self.inbox.files[temporary_name(self.name)].data[100:]

    @precondition(lambda self: self.is_disabled())
    @rule()
    def a_person_enables_the_partner(self):
        enable_partner(self.county, PARTNER, EnableReason.RESOLVED, "IG-2026-0142")

    def is_disabled(self) -> bool:
        with self.store.reading() as connection:
            return partner_switch(PARTNER) in stopped_switches(connection)

    # What must hold whenever nothing is under way.

    @invariant()
    def published_at_most_once(self):
        """Law L4."""
        assert [name for name, _ in self.inbox.published].count(self.name) <= 1

    @invariant()
    def what_came_into_view_is_what_the_ledger_holds_and_stays_so(self):
        """Law L5."""
        for name, data in self.inbox.published:
            assert data == self.expected[name]
        for file in self.inbox.files.values():
            assert file.seen is None or bytes(file.data) == file.seen

    @invariant()
    def delivered_is_said_of_what_was_published_and_unsent_of_nothing_that_was(self):
        published = any(name == self.name for name, _ in self.inbox.published)
        if self.state is S.VERIFIED:
            assert published
        if published:
            assert self.state in DISCLOSED - {S.SENDING}

    def teardown(self):
        """With a server that works and nobody in the way, every list ends somewhere."""
        self.inbox.do_late()
        if self.is_disabled():
            self.a_person_enables_the_partner()
        deliver(self.county, [self.list_id], retrying=Retrying(tries=1))
        self.published_at_most_once()
        self.what_came_into_view_is_what_the_ledger_holds_and_stays_so()
        self.delivered_is_said_of_what_was_published_and_unsent_of_nothing_that_was()
        assert self.state in {S.VERIFIED, S.UNCERTAIN, S.FAILED, S.VOID}
        if not self.troubled or (self.name in self.inbox.files and not self.another):
            assert self.state is S.VERIFIED


def test_L1_L4_L5_whatever_breaks_a_list_is_published_once_with_the_ledgers_bytes(sealed):
    checked = settings(max_examples=40, stateful_step_count=6, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(lambda: Deliveries(sealed), settings=checked)
