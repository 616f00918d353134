"""One person stops everything at once; an approver lets it go on."""

from dataclasses import replace

import pytest

from gateway.errors import AccessDenied, DisclosureRefused
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.model.officers import Actor, Role
from gateway.services.agreements.stop_disclosures import StartReason, StopReason, start_disclosures, stop_disclosures
from gateway.services.delivery.deliver_lists import deliver
from tests.delivery_made import CrashingTransport, seal_a_list

CASE = "IG-2026-0142"


def as_role(workplace, role: Role):
    return replace(workplace, actor=Actor(role.value, "Invented Officer", frozenset({role})))


def test_a_stop_keeps_what_is_sealed_and_a_start_lets_it_go(store, county_of, sandbox, our_key, quick):
    county = county_of(sandbox, store)
    list_id = seal_a_list(county, our_key)
    assert stop_disclosures(county, StopReason.INCIDENT, CASE)
    assert not stop_disclosures(county, StopReason.SAFETY, CASE)
    (result,) = deliver(county, [list_id], retrying=quick)
    assert (result.state, result.code, sandbox.names()) == (ListState.SEALED, "partner-disabled", [])
    assert "gateway disclose start" in result.way_out
    assert start_disclosures(county, StartReason.RESOLVED, CASE)
    assert not start_disclosures(county, StartReason.RESOLVED, CASE)
    (result,) = deliver(county, [list_id], retrying=quick)
    assert result.state is ListState.VERIFIED


def test_L1_a_stop_that_came_while_connecting_is_seen_before_the_first_byte(county, sandbox, our_key, quick):
    list_id = seal_a_list(county, our_key)

    class StoppedMeanwhile(CrashingTransport):
        def session(self):
            stop_disclosures(county, StopReason.SAFETY, CASE)
            return super().session()

    late = replace(county, transport_to=lambda _: StoppedMeanwhile(sandbox.transport(), "nothing"))
    (result,) = deliver(late, [list_id], retrying=quick)
    assert (result.state, result.code) == (ListState.SEALED, "agreement-not-in-force")
    assert sandbox.names() == []


def test_L3_after_a_restored_backup_somebody_says_first_that_what_it_lost_was_entered_again(county):
    assert stop_disclosures(county, StopReason.RESTORED_BACKUP, CASE)
    for reason in set(StartReason) - {StartReason.ENTERED_AGAIN}:
        with pytest.raises(DisclosureRefused) as refused:
            start_disclosures(county, reason, CASE)
        assert "--reason entered_again" in refused.value.advice()
    assert start_disclosures(county, StartReason.ENTERED_AGAIN, CASE)


@pytest.mark.parametrize("role", list(Role))
def test_one_of_three_roles_stops_and_only_an_approver_starts(county, role):
    may_stop = role in {Role.IG_OFFICER, Role.APPROVER, Role.OPERATOR}
    for turn, reason, may in (
        (stop_disclosures, StopReason.SAFETY, may_stop),
        (start_disclosures, StartReason.IN_ERROR, role is Role.APPROVER),
    ):
        if may:
            turn(as_role(county, role), reason, CASE)
        else:
            with pytest.raises(AccessDenied):
                turn(as_role(county, role), reason, CASE)


def test_L8_words_in_the_place_of_a_case_are_refused_and_not_repeated(county):
    with pytest.raises(DisclosureRefused) as refused:
        stop_disclosures(county, StopReason.SAFETY, "because Jane said so")
    assert "Jane" not in str(refused.value)


def test_the_entry_says_why_and_for_which_case(county):
    from gateway.store.night import entries_of

    stop_disclosures(county, StopReason.LEGAL_ADVICE, CASE)
    with county.store.reading() as connection:
        ((_, body),) = entries_of(connection, Event.DISCLOSURE_STOPPED.value, county.clock.now())
    assert b'"reason":"legal_advice"' in body
    assert CASE.encode() in body
