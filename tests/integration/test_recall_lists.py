"""A delivered list is taken back where the desk has not taken it, and no other file is ever touched."""

from dataclasses import replace
from datetime import date

import pytest

from gateway.errors import AccessDenied, NotRecallable, StoreBusy
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.model.officers import Actor, Role
from gateway.services.agreements.stop_disclosures import StopReason, stop_disclosures
from gateway.services.delivery.deliver_lists import deliver
from gateway.services.disclosure.recall_lists import Found, RecallReason, recall_list
from gateway.store.leases import claim
from gateway.store.lists import get_list, move_list
from gateway.store.purge import remove_ciphertext
from tests.delivery_made import events_of, outcomes_of, seal_a_list, state_of

CASE = "IG-2026-0142"
REFERENCE = "L-2026-11-23-all"


def delivered(county, our_key, quick) -> int:
    list_id = seal_a_list(county, our_key)
    deliver(county, [list_id], retrying=quick)
    assert state_of(county, list_id) is ListState.VERIFIED
    return list_id


def recall(county, reference=REFERENCE):
    return recall_list(county, reference, RecallReason.INCIDENT, CASE)


def package_of(server):
    (name,) = (name for name in server.names() if name.endswith(".pgp"))
    return server.inbox / name


def test_what_the_desk_has_not_taken_is_removed(store, county_of, sandbox, our_key, quick):
    county = county_of(sandbox, store)
    list_id = delivered(county, our_key, quick)
    (sandbox.inbox / "somebody-elses.csv").write_bytes(b"theirs")
    assert recall(county).found is Found.REMOVED
    assert sandbox.names() == ["somebody-elses.csv"]
    assert state_of(county, list_id) is ListState.RECALLED
    assert events_of(county)[-2:] == ["disclosure:list:recalled", "delivery:attempted"]
    assert outcomes_of(county, list_id)[-1] == "recall:removed"


def test_on_a_real_server_too(sshd, county_of, our_key, quick):
    county = county_of(sshd)
    delivered(county, our_key, quick)
    assert recall(county).found is Found.REMOVED
    assert sshd.names() == []


def test_it_works_while_everything_is_stopped(county, sandbox, our_key, quick):
    delivered(county, our_key, quick)
    stop_disclosures(county, StopReason.INCIDENT, CASE)
    assert recall(county).found is Found.REMOVED


def test_what_the_desk_took_is_recorded_and_said(county, sandbox, our_key, quick):
    list_id = delivered(county, our_key, quick)
    package_of(sandbox).unlink()
    assert recall(county).found is Found.GONE
    assert state_of(county, list_id) is ListState.RECALLED


def test_L5_other_bytes_under_the_name_are_left(county, sandbox, our_key, quick):
    delivered(county, our_key, quick)
    package = package_of(sandbox)
    other = package.read_bytes()[:-1] + b"!"
    package.write_bytes(other)
    assert recall(county).found is Found.LEFT
    assert package.read_bytes() == other


def test_a_form_that_the_desk_began_to_fill_in_is_left(county, sandbox, our_key, quick):
    delivered(county, our_key, quick)
    (form,) = (name for name in sandbox.names() if name.endswith(".receipt.txt"))
    (sandbox.inbox / form).write_bytes(b"people: 3\r\n")
    assert recall(county).found is Found.REMOVED
    assert sandbox.names() == [form]


def test_a_size_proves_nothing_and_removes_nothing(county, sandbox, our_key, quick):
    delivered(county, our_key, quick)
    package_of(sandbox).chmod(0o200)
    blind = replace(county, transport_to=lambda _: sandbox.transport(least_verification="size"))
    assert recall(blind).found in {Found.LEFT, Found.REMOVED}
    with sandbox.transport(least_verification="size").session() as session:
        assert session.withdraw("nothing-there.csv.pgp", b"x") == "absent"


def test_a_server_that_is_away_is_said_and_asked_again(county, sandbox, our_key, quick):
    list_id = delivered(county, our_key, quick)
    away = replace(county, transport_to=lambda _: sandbox.transport(port=1))
    assert recall(away).failure.code == "connection-failed"
    assert state_of(county, list_id) is ListState.RECALLED
    assert recall(county).found is Found.REMOVED
    assert sandbox.names() == []
    assert recall(county).found is Found.GONE


def test_what_the_desk_answered_for_is_recalled_as_a_record(county, sandbox, our_key, quick):
    list_id = delivered(county, our_key, quick)
    with county.store.writing(county.actor) as work:
        position = work.enter(Event.LIST_RECEIVED, list=REFERENCE)
        move_list(work, list_id, ListState.RECEIVED, explained_by=position)
    assert recall(county).found is Found.TAKEN
    assert state_of(county, list_id) is ListState.RECALLED
    assert package_of(sandbox).exists()


def test_what_has_not_gone_is_not_recalled(county, our_key):
    with pytest.raises(NotRecallable):
        recall(county, "L-nothing")
    list_id = seal_a_list(county, our_key)
    with pytest.raises(NotRecallable, match="sealed"):
        recall(county)
    assert state_of(county, list_id) is ListState.SEALED


def test_a_run_at_work_comes_first(county, sandbox, our_key, quick):
    delivered(county, our_key, quick)
    assert claim(county.store, REFERENCE, "another host", 60)
    with pytest.raises(StoreBusy):
        recall(county)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.APPROVER, Role.IG_OFFICER}))
def test_only_an_approver_or_officer_recalls(county, role):
    with pytest.raises(AccessDenied):
        recall(replace(county, actor=Actor("x", "Somebody", frozenset({role}))))


def test_once_our_copy_is_gone_nothing_can_be_compared_and_nothing_is_removed(county, sandbox, our_key, quick):
    """Nobody answered, and the agreed days for our sealed copy are over."""
    list_id = delivered(county, our_key, quick)
    with county.store.writing(county.actor) as work:
        position = work.enter(Event.LIST_UNCOLLECTED, list=REFERENCE, reason="no_receipt")
        move_list(work, list_id, ListState.UNCOLLECTED, reason="no_receipt", explained_by=position)
    days = {"rested_on": date(2026, 12, 1), "kept_until": date(2027, 1, 5)}
    with county.store.writing(county.actor) as work:
        remove_ciphertext(work, get_list(work.connection, list_id), reason="term-ended", **days)
    names = sandbox.names()
    assert recall(county).found is Found.NO_COPY
    assert sandbox.names() == names
    assert outcomes_of(county, list_id)[-1] == "recall:no-copy"
    assert state_of(county, list_id) is ListState.RECALLED
