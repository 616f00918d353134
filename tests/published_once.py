"""What laws L1, L4 and L5 ask of a night, however often it was broken off: read from the partners' folders and the ledger."""

import hashlib
from collections import Counter
from collections.abc import Collection

from sqlalchemy import func, select

from gateway.delivery.names import manifest_name, receipt_form_name
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.store.tables import evidence
from tests.rehearsed_county import RehearsedCounty


def assert_published_once(county: RehearsedCounty, expected: Collection[tuple[str, str]]) -> None:
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


def assert_nothing_went_unrecorded(county: RehearsedCounty) -> None:
    """Whatever is at the partners, whole or not, was committed before it went, and is what was sealed (laws L1, L5)."""
    there = [(name, file) for name in county.partners for file in county.inbox(name).iterdir()]
    if not there:
        return
    kept = {each.remote_name: each for each in county.lists() if each.remote_name}
    sending, uploaded = (
        {entry["remote_name"] for entry in county.entries(event)} for event in (Event.LIST_SENDING, Event.LIST_UPLOADED)
    )
    for partner, file in there:
        package = _package_of(file.name)
        assert kept[package].partner == partner
        assert package in (sending if file.name.startswith(".") else uploaded), f"{file.name} is ahead of the record"
        if file.name == package:
            assert hashlib.sha256(file.read_bytes()).hexdigest() == kept[package].package_sha256


def _package_of(name: str) -> str:
    """Return the package that a file at the partner's belongs to, by its name."""
    whole = name.removeprefix(".").removesuffix(".part") if name.startswith(".") else name
    return whole.removesuffix(manifest_name("")).removesuffix(receipt_form_name(""))
