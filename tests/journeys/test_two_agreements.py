"""Two agreements in one night from one snapshot: whatever keeps one back, the other is delivered unchanged.

Unchanged is byte for byte what it is in a night in which nothing goes wrong.
"""

from collections.abc import Callable

import asyncssh
import pytest

from gateway.model.delivery import ListState
from gateway.sandbox.rehearsal import new_host_key
from gateway.sandbox.server import SandboxServer
from gateway.services.agreements.suspend_agreements import SuspendReason, suspend
from gateway.services.disclosure.run_disclosures import Refused
from tests.rehearsed_county import AGREEMENTS, DISTRICT, DWP, HOUSING, JOBCENTRE, RehearsedCounty

PARTNER_OF = {JOBCENTRE: DWP, HOUSING: DISTRICT}
#: Limits of the shipped agreements, and one that any list passes over.
LIMIT_OF = {JOBCENTRE: "most_people: 6000", HOUSING: "most_people: 3000"}
Break = Callable[[RehearsedCounty, str], None]


def another(agreement: str) -> str:
    return AGREEMENTS[1 - AGREEMENTS.index(agreement)]


def withhold(county: RehearsedCounty, agreement: str) -> None:
    county.change_agreement(agreement, LIMIT_OF[agreement], "most_people: 1")
    county.approve()


def leave_unapproved(county: RehearsedCounty, agreement: str) -> None:
    county.approve(another(agreement))


def change_after_approval(county: RehearsedCounty, agreement: str) -> None:
    county.approve()
    county.change_agreement(agreement, "their_copy_days: 28", "their_copy_days: 29")


def make_unreadable(county: RehearsedCounty, agreement: str) -> None:
    county.approve()
    county.change_agreement(agreement, "version: 1", "version: 1\nversion: 2")


def suspended(county: RehearsedCounty, agreement: str) -> None:
    county.approve()
    with county.at() as workplace:
        suspend(workplace, agreement, SuspendReason.INCIDENT, "IG-2026-0142")


def stop_server(county: RehearsedCounty, agreement: str) -> None:
    """Name a port on which nobody listens."""
    with SandboxServer(county.folder / "gone", [], county.host_key) as server:
        port, host_key = server.port, server.host_key
    county.know_partner(PARTNER_OF[agreement], port, host_key)
    county.approve()


def change_host_key(county: RehearsedCounty, agreement: str) -> None:
    """Pin a key that the server does not have."""
    other = asyncssh.import_private_key(new_host_key()).export_public_key().decode().strip()
    county.know_partner(PARTNER_OF[agreement], county.port, other)
    county.approve()


def assert_delivered_unchanged(county: RehearsedCounty, agreement: str, ordinary: dict[str, bytes]) -> None:
    assert county.states()[agreement] == {ListState.VERIFIED}
    expected = {reference: content for reference, content in ordinary.items() if agreement in reference}
    assert expected
    assert county.plaintexts(PARTNER_OF[agreement]) == expected


def assert_nothing_left(county: RehearsedCounty, agreement: str) -> None:
    assert list(county.inbox(PARTNER_OF[agreement]).iterdir()) == []


@pytest.mark.parametrize("held_back", AGREEMENTS)
def test_one_that_is_withheld_leaves_the_other_delivered_unchanged(county, held_back, ordinary_lists):
    withhold(county, held_back)
    county.run()
    county.deliver()
    assert county.states()[held_back] == {ListState.WITHHELD}
    assert_nothing_left(county, held_back)
    assert_delivered_unchanged(county, another(held_back), ordinary_lists)


@pytest.mark.parametrize(
    ("keep_from_running", "held_back"),
    [
        (leave_unapproved, JOBCENTRE),
        (change_after_approval, HOUSING),
        (make_unreadable, JOBCENTRE),
        (make_unreadable, HOUSING),
        (suspended, JOBCENTRE),
    ],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_L6_one_that_may_not_run_leaves_the_other_delivered_unchanged(
    sqlite_county, keep_from_running: Break, held_back, ordinary_lists
):
    county = sqlite_county
    keep_from_running(county, held_back)
    ran = county.run()
    county.deliver()
    assert not any(isinstance(each, Refused) for each in ran), "what may not run is not even due"
    assert held_back not in county.states()
    assert_nothing_left(county, held_back)
    assert_delivered_unchanged(county, another(held_back), ordinary_lists)


@pytest.mark.parametrize("held_back", AGREEMENTS)
def test_one_whose_server_is_down_waits_sealed_and_the_other_is_delivered_unchanged(
    sqlite_county, held_back, ordinary_lists
):
    county = sqlite_county
    stop_server(county, held_back)
    county.run()
    delivered = county.deliver()
    assert {each.code for each in delivered if each.partner == PARTNER_OF[held_back]} == {"connection-failed"}
    assert county.states()[held_back] == {ListState.SEALED}
    assert_delivered_unchanged(county, another(held_back), ordinary_lists)


def test_L6_one_whose_server_shows_another_key_is_sent_nothing_and_the_other_is_delivered_unchanged(
    sqlite_county, ordinary_lists
):
    county, held_back = sqlite_county, JOBCENTRE
    change_host_key(county, held_back)
    county.run()
    delivered = county.deliver()
    assert {each.code for each in delivered if each.partner == PARTNER_OF[held_back]} == {"host-key-mismatch"}
    assert county.states()[held_back] == {ListState.SEALED}
    assert_nothing_left(county, held_back)
    assert_delivered_unchanged(county, another(held_back), ordinary_lists)


def test_a_list_of_one_office_that_is_withheld_leaves_the_other_offices_delivered_unchanged(
    sqlite_county, ordinary_lists
):
    """The limit lies between the smallest office and the largest."""
    sizes = {name: content.count(b"\r\n") - 1 for name, content in ordinary_lists.items() if JOBCENTRE in name}
    limit = sorted(sizes.values())[-2]
    county = sqlite_county
    county.change_agreement(JOBCENTRE, LIMIT_OF[JOBCENTRE], f"most_people: {limit}")
    county.approve()
    county.run()
    county.deliver()
    kept = {each.reference: each.state for each in county.lists() if each.agreement_id == JOBCENTRE}
    assert {name for name, state in kept.items() if state is ListState.WITHHELD} == {max(sizes, key=sizes.get)}
    assert county.plaintexts() == {
        name: content for name, content in ordinary_lists.items() if kept.get(name) is not ListState.WITHHELD
    }
