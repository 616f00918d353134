"""An uncertain list is settled by what a person says, recorded as that and nothing more."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from gateway.delivery.interface import VerifyMethod
from gateway.errors import AccessDenied, DisclosureRefused, NotAttestable, StoreBusy
from gateway.model.delivery import ListState
from gateway.model.officers import Actor, Role
from gateway.services.delivery.deliver_lists import deliver
from gateway.services.disclosure.attest_lists import ATTESTED, Holding, attest_list
from gateway.store.leases import claim
from gateway.store.tables import lists
from tests.delivery_made import Crash, CrashingTransport, events_of, seal_a_list, state_of

CASE = "IG-2026-0142"
REFERENCE = "L-2026-11-23-all"
APPROVER = Actor("approver", "Invented Approver", frozenset({Role.APPROVER}))


def make_uncertain(county, server, our_key, quick) -> int:
    """Deliver a list of which nobody can tell any more whether it was taken."""
    list_id = seal_a_list(county, our_key)
    dying = replace(county, transport_to=lambda _: CrashingTransport(server.transport(), "publish", after=True))
    with pytest.raises(Crash):
        deliver(dying, [list_id])
    for name in server.names():
        (server.inbox / name).unlink()
    deliver(county, [list_id], retrying=quick)
    assert state_of(county, list_id) is ListState.UNCERTAIN
    return list_id


def by_another(county):
    return replace(county, actor=APPROVER)


def test_what_the_desk_holds_is_verified_as_attested_and_as_nothing_else(store, county_of, sandbox, our_key, quick):
    county = county_of(sandbox, store)
    list_id = make_uncertain(county, sandbox, our_key, quick)
    assert attest_list(by_another(county), REFERENCE, Holding.DELIVERED, CASE) is ListState.VERIFIED
    with county.store.reading() as connection:
        row = connection.execute(select(lists).where(lists.c.list_id == list_id)).one()
    assert (row.verify_method, row.reason) == (ATTESTED, ATTESTED)
    assert ATTESTED not in set(VerifyMethod)
    assert events_of(county)[-1] == "disclosure:list:verified"


def test_L4_what_the_desk_does_not_hold_has_failed_and_is_never_sent_again(store, county_of, sandbox, our_key, quick):
    county = county_of(sandbox, store)
    list_id = make_uncertain(county, sandbox, our_key, quick)
    assert attest_list(by_another(county), REFERENCE, Holding.NOT_DELIVERED, CASE) is ListState.FAILED
    (result,) = deliver(county, [list_id], retrying=quick)
    assert result.state is ListState.FAILED
    assert not any(name.endswith(".pgp") for name in sandbox.names())


def test_whoever_delivered_it_may_not_attest_it(county, sandbox, our_key, quick):
    make_uncertain(county, sandbox, our_key, quick)
    with pytest.raises(NotAttestable, match="whoever ran or delivered"):
        attest_list(county, REFERENCE, Holding.DELIVERED, CASE)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.APPROVER}))
def test_only_an_approver_attests(county, role):
    with pytest.raises(AccessDenied):
        attest_list(
            replace(county, actor=Actor("x", "Somebody", frozenset({role}))), REFERENCE, Holding.DELIVERED, CASE
        )


def test_nothing_but_what_is_uncertain_is_attested(county, sandbox, our_key, quick):
    with pytest.raises(NotAttestable):
        attest_list(by_another(county), REFERENCE, Holding.DELIVERED, CASE)
    list_id = seal_a_list(county, our_key)
    for holding in Holding:
        with pytest.raises(NotAttestable, match="sealed"):
            attest_list(by_another(county), REFERENCE, holding, CASE)
    assert state_of(county, list_id) is ListState.SEALED


def test_a_run_that_is_looking_right_now_comes_first(county, sandbox, our_key, quick):
    list_id = make_uncertain(county, sandbox, our_key, quick)
    assert claim(county.store, REFERENCE, "another host", 60)
    with pytest.raises(StoreBusy):
        attest_list(by_another(county), REFERENCE, Holding.NOT_DELIVERED, CASE)
    assert state_of(county, list_id) is ListState.UNCERTAIN


def test_a_case_is_needed(county):
    with pytest.raises(DisclosureRefused):
        attest_list(by_another(county), REFERENCE, Holding.DELIVERED, "by phone")
