"""What laws L1, L4 and L5 ask of a night, however often it was broken off: read from the partners' folders and the ledger."""

import hashlib
from collections import Counter

from sqlalchemy import func, select

from gateway.delivery.names import manifest_name, receipt_form_name
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.store.tables import evidence
from tests.rehearsed_county import RehearsedCounty


def assert_published_once(county: RehearsedCounty, expected: set[tuple[str, str]]) -> None:
    """Each agreement's part is one list and one package, whose hash and people are those that the ledger holds."""
    kept = {each.reference: each for each in county.lists()}
    assert sorted((each.agreement_id, each.part) for each in kept.values()) == sorted(expected)
    assert {each.state for each in kept.values()} == {ListState.VERIFIED}
    sealed = {entry["list"]: entry for entry in county.entries(Event.LIST_SEALED)}
    for event in (Event.LIST_PLANNED, Event.LIST_SEALED, Event.LIST_VERIFIED):
        assert Counter(entry["list"] for entry in county.entries(event)) == Counter(list(kept))
    evident, files = _people_in_evidence(county), set()
    for reference, each in kept.items():
        package = county.inbox(each.partner) / each.remote_name
        sha256 = hashlib.sha256(package.read_bytes()).hexdigest()
        assert sha256 == each.package_sha256 == sealed[reference]["package_sha256"]
        assert evident[each.list_id] == each.people == sealed[reference]["people"]
        names = (each.remote_name, manifest_name(each.remote_name), receipt_form_name(each.remote_name))
        files |= {county.inbox(each.partner) / name for name in names}
    assert {path for partner in county.partners for path in county.inbox(partner).iterdir()} == files
    opened = {each.manifest.list_reference: each.people for each in county.opened()}
    assert opened == {reference: each.people for reference, each in kept.items()}
    assert county.audit() == ()


def assert_received_once(county: RehearsedCounty) -> None:
    """Each list has its one receipt, and nothing waits at the partners any more."""
    kept = county.lists()
    assert {each.state for each in kept} == {ListState.RECEIVED}
    received = Counter(entry["list"] for entry in county.entries(Event.RECEIPT_COLLECTED))
    assert received == Counter(each.reference for each in kept)
    left = [path for partner in county.partners for path in county.receipts(partner).iterdir() if path.is_file()]
    assert left == []
    assert county.audit() == ()


def _people_in_evidence(county: RehearsedCounty) -> dict[int, int]:
    counted = select(evidence.c.list_id, func.count()).group_by(evidence.c.list_id)
    with county.at() as workplace, workplace.store.reading() as connection:
        return dict(connection.execute(counted).all())
