"""What a try left under a temporary name is removed, also where the list was settled otherwise than by a delivery."""

from dataclasses import replace

import asyncssh
import pytest

from gateway.model.delivery import ListState
from gateway.model.officers import Actor, Role
from gateway.sandbox.server import ConfinedFiles
from gateway.services.delivery.deliver_lists import Retrying, deliver
from gateway.services.disclosure.attest_lists import Holding, attest_list
from tests.delivery_made import CrashingTransport, outcomes_of, seal_a_list, state_of
from tests.integration.test_deliver_lists import crash_at, lost
from tests.integration.test_sftp_faults import faulty

APPROVER = Actor("approver", "Invented Approver", frozenset({Role.APPROVER}))
HIDDEN = (".part", ".publishing")


def make_uncertain_and_staged(county, server, our_key) -> int:
    """Deliver a list whose rename was asked for and never came."""
    list_id = seal_a_list(county, our_key, part="asked")
    unlucky = replace(county, transport_to=lambda _: CrashingTransport(server.transport(), "publish", error=lost))
    deliver(unlucky, [list_id], retrying=Retrying(tries=1))
    assert state_of(county, list_id) is ListState.UNCERTAIN
    assert hidden(server)
    return list_id


def attest(county, holding) -> None:
    attest_list(replace(county, actor=APPROVER), "L-2026-11-23-asked", holding, "IG-2026-0142")


def hidden(server) -> list[str]:
    return [name for name in server.names() if name.endswith(HIDDEN)]


@pytest.mark.parametrize("holding", list(Holding))
def test_what_an_attested_list_left_is_swept_once_by_the_next_session(
    store, county_of, sandbox, our_key, quick, holding
):
    county = county_of(sandbox, store)
    list_id = make_uncertain_and_staged(county, sandbox, our_key)
    attest(county, holding)
    for part in ("next", "the-one-after"):
        deliver(county, [seal_a_list(county, our_key, part=part)], retrying=quick)
        assert hidden(sandbox) == []
        assert outcomes_of(county, list_id) == ["outcome-unknown", "swept"]
    settled = {Holding.DELIVERED: ListState.VERIFIED, Holding.NOT_DELIVERED: ListState.FAILED}[holding]
    assert state_of(county, list_id) is settled


def test_an_outbox_is_swept_too(county_of, outbox, our_key, quick):
    county = county_of(outbox)
    make_uncertain_and_staged(county, outbox, our_key)
    (temporary,) = hidden(outbox)
    claimed = temporary.removesuffix(".part") + ".publishing"
    (outbox.inbox / temporary).rename(outbox.inbox / claimed)
    attest(county, Holding.NOT_DELIVERED)
    deliver(county, [seal_a_list(county, our_key, part="next")], retrying=quick)
    assert hidden(outbox) == []


def test_what_the_server_does_not_let_us_remove_is_asked_for_again(start_sandbox, county_of, our_key, quick):
    refusing = [True]

    def remove(self, path):
        if refusing:
            raise asyncssh.SFTPPermissionDenied("no")
        return ConfinedFiles.remove(self, path)

    server = start_sandbox(make_files=faulty(remove=remove))
    county = county_of(server)
    list_id = make_uncertain_and_staged(county, server, our_key)
    attest(county, Holding.NOT_DELIVERED)
    (result,) = deliver(county, [seal_a_list(county, our_key, part="next")], retrying=quick)
    assert result.state is ListState.VERIFIED
    assert outcomes_of(county, list_id) == ["outcome-unknown"]
    refusing.clear()
    deliver(county, [seal_a_list(county, our_key, part="the-one-after")], retrying=quick)
    assert outcomes_of(county, list_id) == ["outcome-unknown", "swept"]
    assert hidden(server) == []


def test_what_belongs_to_a_list_that_may_still_go_is_left_alone(county, sandbox, our_key, quick):
    waiting = seal_a_list(county, our_key, part="waiting")
    crash_at(county, sandbox, waiting, "stage", after=True)
    before = hidden(sandbox)
    deliver(county, [seal_a_list(county, our_key, part="next")], retrying=quick)
    assert hidden(sandbox) == before != []
    (result,) = deliver(county, [waiting], retrying=quick)
    assert result.state is ListState.VERIFIED
    assert hidden(sandbox) == []


def test_what_was_delivered_is_not_asked_about_again(county, sandbox, our_key, quick):
    list_id = seal_a_list(county, our_key)
    deliver(county, [list_id], retrying=quick)
    deliver(county, [seal_a_list(county, our_key, part="next")], retrying=quick)
    assert outcomes_of(county, list_id) == ["verified"]
