"""Lists reach a real server, and every step is in the ledger before the next act on the network."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import asyncssh
import pysequoia
import pytest
from sqlalchemy import select

from gateway.errors import AccessDenied, LedgerDamaged, OutcomeUnknown
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.model.officers import Actor, Role
from gateway.model.receipt import ReceiptLevel
from gateway.sandbox.desk import Desk
from gateway.sandbox.server import ConfinedFiles
from gateway.sealing.certificate import fingerprint_of
from gateway.services.agreements.suspend_agreements import SuspendReason, suspend
from gateway.services.delivery.deliver_lists import Retrying, deliver
from gateway.services.partners.manage_partners import DisableReason, EnableReason, disable_partner, enable_partner
from gateway.store.agreements import set_switch
from gateway.store.leases import claim
from gateway.store.lists import get_list
from gateway.store.night import entries_of
from gateway.store.packages import package_of
from gateway.store.tables import attempts, lists
from tests.delivery_made import (
    AGREEMENT,
    PARTNER,
    WINDOW,
    Crash,
    CrashingTransport,
    events_of,
    outcomes_of,
    place_hold,
    seal_a_list,
    some_people,
    state_of,
)
from tests.integration.conftest import make_ssh_key, write_private
from tests.integration.test_sftp_faults import fails_once_at, faulty

SENT = ["disclosure:list:sending", "disclosure:list:uploaded", "delivery:attempted", "disclosure:list:verified"]


def test_L1_L5_a_sealed_list_is_delivered_and_every_step_is_explained(
    county, sandbox, our_key, partner_key, quick, tmp_path
):
    list_id = seal_a_list(county, our_key)
    (result,) = deliver(county, [list_id], retrying=quick)
    assert (result.state, result.code) == (ListState.VERIFIED, None)
    assert events_of(county) == SENT
    assert [name.rpartition(".pgp")[2] for name in sandbox.names()] == ["", ".manifest.asc", ".receipt.txt"]
    with county.store.reading() as connection:
        row = connection.execute(select(lists).where(lists.c.list_id == list_id)).one()
        attempt = connection.execute(select(attempts)).one()
    assert (row.verify_method, row.settled_at) == ("read_back", "2026-11-23T01:30:00Z")
    assert "aes256-gcm" in attempt.session


def test_a_night_of_holds_crashes_and_deliveries_on_each_database(store, county_of, sandbox, our_key, quick):
    county = county_of(sandbox, store)
    parts = {part: seal_a_list(county, our_key, part=part, people=people) for people, part in enumerate("abc", 1)}
    place_hold(county, some_people(3)[2])
    crash_at(county, sandbox, parts["a"], "publish", after=True)
    results = deliver(county, parts.values(), retrying=quick)
    assert [(result.reference[-1], result.state) for result in results] == [
        ("a", ListState.VERIFIED),
        ("b", ListState.VERIFIED),
        ("c", ListState.VOID),
    ]


def test_the_desk_opens_what_was_delivered_and_answers(county, sandbox, our_key, partner_key, quick, tmp_path):
    deliver(county, [seal_a_list(county, our_key, people=5)], retrying=quick)
    desk = Desk(
        sandbox.inbox.parent,
        tmp_path / "desk",
        key=partner_key.secret,
        council_certificate=_certificate_of(our_key),
        council_fingerprint=fingerprint_of(_certificate_of(our_key)),
    )
    (package,) = desk.waiting()
    opened = desk.open(package, WINDOW)
    receipt = desk.accept(opened, ReceiptLevel.VALIDATED)
    assert opened.people == 5
    assert opened.file.read_bytes().startswith(b"record_ref,surname\nR1,INVENTED\n")
    assert receipt.parent == sandbox.receipts
    assert sandbox.names() == []


def test_delivering_again_changes_nothing(county, sandbox, our_key, quick):
    list_id = seal_a_list(county, our_key)
    deliver(county, [list_id], retrying=quick)
    before = sandbox.names()
    (result,) = deliver(county, [list_id], retrying=quick)
    assert result.state is ListState.VERIFIED
    assert events_of(county) == SENT
    assert sandbox.names() == before


def test_a_hold_that_came_since_makes_the_list_void_and_nothing_leaves(county, sandbox, our_key, quick):
    list_id = seal_a_list(county, our_key)
    place_hold(county, some_people(3)[1])
    (result,) = deliver(county, [list_id], retrying=quick)
    assert (result.state, result.code) == (ListState.VOID, "hold-placed")
    assert sandbox.names() == []


def stop_everything(workplace):
    with workplace.store.writing(workplace.actor) as work:
        position = work.enter(Event.DISCLOSURE_STOPPED, reason="incident", case="IG-2026-0142")
        set_switch(work, "all", stopped=True, reason="incident", explained_by=position)


def stop_partner(workplace):
    disable_partner(workplace, PARTNER, DisableReason.INCIDENT, "IG-2026-0142")


def stop_agreement(workplace):
    suspend(workplace, AGREEMENT, SuspendReason.INCIDENT, "IG-2026-0142")


@pytest.mark.parametrize("stop", [stop_everything, stop_partner, stop_agreement])
def test_a_switch_that_is_off_stops_what_is_sealed(county, sandbox, our_key, quick, stop):
    list_id = seal_a_list(county, our_key)
    stop(county)
    (result,) = deliver(county, [list_id], retrying=quick)
    assert result.state is ListState.SEALED
    assert result.code in {"partner-disabled", "agreement-not-in-force"}
    assert sandbox.names() == []


def test_a_partner_that_was_enabled_again_gets_what_waited(county, sandbox, our_key, quick):
    list_id = seal_a_list(county, our_key)
    stop_partner(county)
    deliver(county, [list_id], retrying=quick)
    assert enable_partner(county, PARTNER, EnableReason.RESOLVED, "IG-2026-0142")
    (result,) = deliver(county, [list_id], retrying=quick)
    assert result.state is ListState.VERIFIED


def test_L6_a_term_that_ended_since_stops_what_is_sealed(county, sandbox, our_key, quick, clock):
    list_id = seal_a_list(county, our_key)
    clock.instant = datetime(2036, 1, 1, tzinfo=UTC)
    (result,) = deliver(county, [list_id], retrying=quick)
    assert (result.state, result.code) == (ListState.SEALED, "agreement-not-in-force")
    assert sandbox.names() == []


ACTS = [(act, after) for act in ("compare", "stage", "publish", "look", "place") for after in (False, True)]


@pytest.mark.parametrize(("act", "after"), ACTS)
def test_L4_rows_38_39_a_crash_at_any_act_ends_in_one_delivery(county, sandbox, our_key, quick, act, after):
    list_id = seal_a_list(county, our_key)
    crash_at(county, sandbox, list_id, act, after=after)
    (result,) = deliver(county, [list_id], retrying=quick)
    assert result.state is ListState.VERIFIED
    assert events_of(county).count("disclosure:list:sending") == 1
    assert events_of(county).count("disclosure:list:verified") == 1
    assert [name.rpartition(".pgp")[2] for name in sandbox.names()] == ["", ".manifest.asc", ".receipt.txt"]


def test_L4_row_39_what_was_published_before_a_crash_is_not_written_again(county, sandbox, our_key, quick):
    list_id = seal_a_list(county, our_key)
    crash_at(county, sandbox, list_id, "publish", after=True)
    (package,) = sandbox.names()
    before = (sandbox.inbox / package).stat()
    deliver(county, [list_id], retrying=quick)
    after = (sandbox.inbox / package).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_L4_what_may_have_been_taken_away_is_uncertain_and_never_resent(county, sandbox, our_key, quick):
    list_id = seal_a_list(county, our_key)
    crash_at(county, sandbox, list_id, "publish", after=True)
    for name in sandbox.names():
        (sandbox.inbox / name).unlink()
    for _ in range(2):
        (result,) = deliver(county, [list_id], retrying=quick)
        assert (result.state, result.code) == (ListState.UNCERTAIN, "outcome-unknown")
        assert not any(name.endswith(".pgp") for name in sandbox.names())


def test_L4_row_37_a_lost_answer_to_the_rename_never_leads_back_to_sending(county, sandbox, our_key):
    """The server may still rename at any moment, and a desk take the file: found by tests/properties."""
    list_id = seal_a_list(county, our_key)
    unlucky = replace(county, transport_to=lambda _: CrashingTransport(sandbox.transport(), "publish", error=lost))
    (result,) = deliver(unlucky, [list_id], retrying=Retrying(tries=1))
    assert result.state is ListState.UNCERTAIN
    crash_at(county, sandbox, list_id, "publish", after=False)
    assert state_of(county, list_id) is ListState.UNCERTAIN
    (result,) = deliver(county, [list_id], retrying=Retrying(tries=1))
    assert result.state is ListState.VERIFIED
    assert events_of(county).count("disclosure:list:sending") == 1


def lost():
    return OutcomeUnknown("the answer was lost")


def test_a_hold_that_came_after_a_crash_takes_back_what_was_staged(county, sandbox, our_key, quick):
    list_id = seal_a_list(county, our_key)
    crash_at(county, sandbox, list_id, "stage", after=True)
    place_hold(county, some_people(3)[0])
    (result,) = deliver(county, [list_id], retrying=quick)
    assert (result.state, result.code) == (ListState.VOID, "hold-placed")
    assert sandbox.names() == []


def test_a_hold_that_came_before_publishing_fails_what_was_uploaded(county, sandbox, our_key, quick):
    list_id = seal_a_list(county, our_key)
    crash_at(county, sandbox, list_id, "publish", after=False)
    place_hold(county, some_people(3)[0])
    (result,) = deliver(county, [list_id], retrying=quick)
    assert (result.state, result.code) == (ListState.FAILED, "hold-placed")
    assert sandbox.names() == []


def test_a_hold_that_came_after_publishing_changes_nothing(county, sandbox, our_key, quick):
    list_id = seal_a_list(county, our_key)
    crash_at(county, sandbox, list_id, "publish", after=True)
    place_hold(county, some_people(3)[0])
    (result,) = deliver(county, [list_id], retrying=quick)
    assert result.state is ListState.VERIFIED


def test_row_40_two_runs_at_once_do_not_touch_the_same_list(county, sandbox, our_key, quick):
    list_id = seal_a_list(county, our_key)
    assert claim(county.store, "L-2026-11-23-all", "another host", 60)
    (result,) = deliver(county, [list_id], retrying=quick)
    assert (result.state, result.code) == (ListState.SEALED, "store-busy")
    assert sandbox.names() == []


def crash_at(workplace, server, list_id, act, *, after):
    dying = replace(workplace, transport_to=lambda _: CrashingTransport(server.transport(), act, after=after))
    with pytest.raises(Crash):
        deliver(dying, [list_id])


def test_row_19_another_file_under_the_name_fails_the_list_for_good(county, sandbox, our_key, quick):
    list_id = seal_a_list(county, our_key)
    with county.store.reading() as connection:
        name = connection.execute(select(lists.c.remote_name)).scalar_one()
    (sandbox.inbox / name).write_bytes(b"somebody else's")
    (result,) = deliver(county, [list_id], retrying=quick)
    assert (result.state, result.code) == (ListState.FAILED, "remote-conflict")
    assert (sandbox.inbox / name).read_bytes() == b"somebody else's"


@pytest.mark.parametrize(
    "change",
    ["content = X'00'", "content = zeroblob(length(content))", "content = 'text'", "number = 2"],
)
def test_L5_a_package_that_was_changed_in_the_store_is_never_sent(county, sandbox, our_key, quick, change):
    """The database's own triggers do not stop somebody with another tool."""
    list_id = seal_a_list(county, our_key)
    with without_triggers(county.store, "package_blocks") as connection:
        sealed = connection.exec_driver_sql("SELECT content FROM package_blocks").scalar_one()
        connection.exec_driver_sql(f"UPDATE package_blocks SET {change}")
    with pytest.raises(LedgerDamaged, match="not the one that was sealed"):
        deliver(county, [list_id], retrying=quick)
    assert state_of(county, list_id) is ListState.SEALED
    assert not list(sandbox.inbox.iterdir())
    with without_triggers(county.store, "package_blocks") as connection:
        connection.exec_driver_sql("UPDATE package_blocks SET number = 1, content = ?", (sealed,))


@contextmanager
def without_triggers(store, table):
    """Give a connection on which a table's triggers are away, and put them back."""
    with store.working_state() as connection:
        kept = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
        triggers = connection.exec_driver_sql(kept, (table,)).all()
        for name, _ in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in triggers:
            connection.exec_driver_sql(sql)


def test_what_was_staged_of_a_list_that_fails_is_swept_away(county, sandbox, our_key, quick):
    list_id = seal_a_list(county, our_key)
    crash_at(county, sandbox, list_id, "stage", after=True)
    (temporary,) = sandbox.names()
    final = temporary.removeprefix(".").removesuffix(".part")
    (sandbox.inbox / final).write_bytes(b"somebody else's")
    (result,) = deliver(county, [list_id], retrying=quick)
    assert (result.state, result.code) == (ListState.FAILED, "remote-conflict")
    assert sandbox.names() == [final]
    assert (sandbox.inbox / final).read_bytes() == b"somebody else's"


def test_one_list_that_may_not_go_keeps_no_other_from_going(county, sandbox, our_key, quick):
    held, sent = (
        seal_a_list(county, our_key, part="ely", people=3),
        seal_a_list(county, our_key, part="wisbech", people=2),
    )
    place_hold(county, some_people(3)[2])
    results = deliver(county, [held, sent], retrying=quick)
    assert {result.list_id: result.state for result in results} == {held: ListState.VOID, sent: ListState.VERIFIED}


def test_only_those_who_may_deliver_do(county, our_key, quick):
    list_id = seal_a_list(county, our_key)
    auditor = Actor("auditor", "Invented Auditor", frozenset({Role.AUDITOR}))
    with pytest.raises(AccessDenied):
        deliver(replace(county, actor=auditor), [list_id], retrying=quick)


def test_what_is_transient_is_tried_again_in_the_same_run(start_sandbox, county_of, our_key):
    server = start_sandbox(make_files=faulty(write=fails_once_at(1)))
    county = county_of(server)
    list_id = seal_a_list(county, our_key)
    waits = []
    (result,) = deliver(county, [list_id], retrying=Retrying(sleep=waits.append, draw=lambda: 0.5))
    assert result.state is ListState.VERIFIED
    assert waits == [1.0]
    assert outcomes_of(county, list_id) == ["transfer-interrupted", "verified"]


def test_row_1_a_server_that_is_not_there_is_tried_three_times_and_the_list_stays_sealed(county, our_key, sandbox):
    list_id = seal_a_list(county, our_key)
    waits = []
    gone = replace(county, transport_to=lambda _: sandbox.transport(port=1))
    (result,) = deliver(gone, [list_id], retrying=Retrying(sleep=waits.append, draw=lambda: 1.0))
    assert (result.state, result.code) == (ListState.SEALED, "connection-failed")
    assert waits == [2, 4]
    assert outcomes_of(county, list_id) == ["connection-failed"] * 3


def test_L6_row_8_another_host_key_disables_the_partner(county, our_key, sandbox, quick):
    list_id = seal_a_list(county, our_key)
    other = (make_ssh_key().public,)
    lied_to = replace(county, transport_to=lambda _: sandbox.transport(host_keys=other))
    (result,) = deliver(lied_to, [list_id], retrying=quick)
    assert (result.state, result.code, result.security) == (ListState.SEALED, "host-key-mismatch", True)
    (again,) = deliver(county, [list_id], retrying=quick)
    assert (again.state, again.code) == (ListState.SEALED, "partner-disabled")
    assert events_of(county) == ["delivery:attempted", "partner:disabled"]


def test_row_26_content_that_differs_twice_disables_the_partner(start_sandbox, county_of, our_key, quick):
    def write(self, file_obj, offset, data):
        return ConfinedFiles.write(self, file_obj, offset, bytes(len(data)))

    server = start_sandbox(make_files=faulty(write=write))
    county = county_of(server)
    list_id = seal_a_list(county, our_key)
    (result,) = deliver(county, [list_id], retrying=quick)
    assert (result.state, result.code, result.security) == (ListState.SENDING, "verification-failed", True)
    assert outcomes_of(county, list_id) == ["verification-failed"] * 2
    assert server.names() == []


def test_row_10_a_refused_key_is_offered_once_in_a_run_and_the_list_stays_sealed(
    county_of, server, our_key, quick, tmp_path
):
    county = county_of(server)
    list_id = seal_a_list(county, our_key)
    stranger = write_private(tmp_path / "stranger", make_ssh_key().private)
    refused = replace(county, transport_to=lambda _: server.transport(key=stranger))
    (result,) = deliver(refused, [list_id], retrying=quick)
    assert (result.state, result.code) == (ListState.SEALED, "authentication-refused")
    assert outcomes_of(county, list_id) == ["authentication-refused"]
    assert server.log().count("Failed publickey for") == (1 if server.log() else 0)
    assert server.names() == []


def test_row_18_a_list_that_is_there_already_is_recorded_and_not_sent_again(county, sandbox, our_key, quick):
    list_id = seal_a_list(county, our_key)
    with county.store.reading() as connection:
        kept = get_list(connection, list_id)
        package = package_of(connection, county.store.reading, kept)
    name = kept.remote_name
    (sandbox.inbox / name).write_bytes(package.copy[:])
    before = (sandbox.inbox / name).stat()
    (result,) = deliver(county, [list_id], retrying=quick)
    after = (sandbox.inbox / name).stat()
    assert result.state is ListState.VERIFIED
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    with county.store.reading() as connection:
        ((_, body),) = entries_of(connection, Event.LIST_SENDING.value, county.clock.now())
    assert b'"reason":"already-there"' in body


def damaging(server, proxy) -> int:
    """Return after how many bytes of a connection what a delivery reads back is under way."""
    with server.transport(port=proxy.port).session() as session:
        session.look("none.csv.pgp")
        return proxy.downstream + 60_000


def test_row_31_three_damaged_connections_in_a_row_disable_the_partner(county_of, server, proxy_to, our_key, quick):
    county = county_of(server)
    proxy = proxy_to(server)
    list_id = seal_a_list(county, our_key, size=200_000)
    through_it = replace(county, transport_to=lambda _: server.transport(port=proxy.port))
    proxy.flip_after = damaging(server, proxy)
    (result,) = deliver(through_it, [list_id], retrying=replace(quick, tries=2))
    assert (result.code, result.security) == ("transfer-interrupted", False)
    (result,) = deliver(through_it, [list_id], retrying=quick)
    assert (result.code, result.security) == ("connection-damaged", True)
    assert events_of(county)[-1] == "partner:disabled"
    proxy.heal()
    (result,) = deliver(through_it, [list_id], retrying=quick)
    assert result.code == "partner-disabled"
    assert not any(name.endswith(".pgp") for name in server.names())
    assert enable_partner(county, PARTNER, EnableReason.RESOLVED, "IG-2026-0142")
    (result,) = deliver(through_it, [list_id], retrying=quick)
    assert result.state is ListState.VERIFIED


def test_rows_14_15_16_a_refusal_before_a_byte_leaves_the_list_sealed(start_sandbox, county_of, our_key, quick):
    server = start_sandbox()
    county = county_of(server)
    list_id = seal_a_list(county, our_key)
    elsewhere = replace(county, transport_to=lambda _: server.transport(inbox="/nowhere"))
    (result,) = deliver(elsewhere, [list_id], retrying=quick)
    assert (result.state, result.code) == (ListState.SEALED, "transfer-refused")
    (result,) = deliver(county, [list_id], retrying=quick)
    assert result.state is ListState.VERIFIED


def _certificate_of(key):
    return bytes(pysequoia.Tsk.from_bytes(key).extract_certificate())


def test_row_23_a_list_for_which_the_server_has_no_room_stays_sealed_and_is_tried_again(
    start_sandbox, county_of, our_key
):
    asked = []

    def statvfs(self, path):
        asked.append(path)
        left = 15_000_000 if len(asked) < 3 else 30_000_000
        return asyncssh.SFTPVFSAttrs(bsize=1, frsize=1, blocks=10**9, bfree=10**9, bavail=left)

    server = start_sandbox(make_files=faulty(statvfs=statvfs))
    county = county_of(server)
    list_id = seal_a_list(county, our_key, size=9_000_000)
    (result,) = deliver(county, [list_id], retrying=Retrying(tries=1))
    assert (result.state, result.code) == (ListState.SEALED, "server-full")
    assert "make room" in result.way_out
    assert server.names() == []
    (result,) = deliver(county, [list_id], retrying=Retrying(sleep=lambda _: None))
    assert result.state is ListState.VERIFIED
    assert outcomes_of(county, list_id) == ["server-full", "server-full", "verified"]
