"""The register of keys says who holds which key since when, and a partner's only after a comparison by phone."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.clock import SystemClock
from gateway.errors import AccessDenied, KeyUnusable, PartnerInvalid
from gateway.keyring import Keyring
from gateway.keyring.forms import new_openpgp_key
from gateway.keyring.ring import FILES
from gateway.model.keys import OURS, KeyPurpose, KeyState
from gateway.model.officers import Actor, Role
from gateway.model.partner import Partner
from gateway.model.time import FrozenClock
from gateway.services.keys.manage_keys import (
    import_certificate,
    list_keys,
    register_keys,
)
from gateway.store.tables import ledger
from tests.bare_workplace import a_bare_workplace
from tests.delivery_made import PartnerKey, with_certificate

ORIGIN = "county.example/supporting-families"


@pytest.fixture(scope="module")
def key() -> PartnerKey:
    return PartnerKey(new_openpgp_key("Invented recipient"))


@pytest.fixture
def clock() -> FrozenClock:
    """Keys are made by the libraries on the machine's own day."""
    return FrozenClock(SystemClock().now())


@pytest.fixture
def keys_folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def county(store, clock, everyone, tmp_path, keys_folder, key):
    ring = Keyring.generate(keys_folder, origin=ORIGIN, owner="Invented County Council", synthetic=True)
    partners = {"jcp": a_partner(key)}
    return a_bare_workplace(store, clock, everyone, tmp_path, keys=ring, partners=partners)


def a_partner(key: PartnerKey, **changes) -> Partner:
    bare = Partner("jcp", "JCP", "127.0.0.1", 22, "council", (), "/i", "/r", b"", "", b"", "", "read_back", "0" * 64)
    return replace(with_certificate(bare, key), name="jcp", **changes)


def events(county) -> list[str]:
    with county.store.reading() as connection:
        return list(connection.execute(select(ledger.c.event).order_by(ledger.c.position)).scalars())


def states(county) -> dict[str, KeyState]:
    return {registered.fingerprint: registered.state for registered in list_keys(county)}


def test_our_keys_are_registered_once_each_with_its_entry(county):
    assert [facts.purpose for facts in register_keys(county)] == list(OURS)
    assert events(county)[-len(OURS) :] == ["key:generated"] * len(OURS)
    assert register_keys(county) == []
    assert events(county)[-len(OURS) :] == ["key:generated"] * len(OURS)
    assert {registered.owner for registered in list_keys(county)} == {"gateway"}


def test_a_rotated_key_retires_the_one_before(county, keys_folder):
    register_keys(county)
    before = county.keys.package_fingerprint()
    (keys_folder / FILES[KeyPurpose.PACKAGES]).unlink()
    new = [KeyPurpose.PACKAGES]
    Keyring.generate(keys_folder, origin=ORIGIN, owner="Invented County Council", synthetic=True, purposes=new)
    (registered,) = register_keys(county)
    assert events(county)[-2:] == ["key:retired", "key:generated"]
    assert (states(county)[before], states(county)[registered.fingerprint]) == (KeyState.RETIRED, KeyState.ACTIVE)


def test_a_retired_key_is_not_taken_up_again(county, keys_folder):
    register_keys(county)
    path = keys_folder / FILES[KeyPurpose.PACKAGES]
    old = path.read_bytes()
    path.unlink()
    only = [KeyPurpose.PACKAGES]
    Keyring.generate(keys_folder, origin=ORIGIN, owner="Invented County Council", synthetic=True, purposes=only)
    register_keys(county)
    path.write_bytes(old)
    with pytest.raises(KeyUnusable, match="was retired"):
        register_keys(county)


def test_a_partners_certificate_is_registered_under_the_fingerprint_that_was_compared(county, key):
    typed = " ".join(key.fingerprint[at : at + 4] for at in range(0, 40, 4)).lower()
    facts = import_certificate(county, "jcp", KeyPurpose.RECIPIENT, typed)
    assert (facts.owner, facts.fingerprint, facts.algorithm) == ("jcp", key.fingerprint, "curve25519")
    assert events(county)[-1] == "key:imported"
    import_certificate(county, "jcp", KeyPurpose.RECIPIENT, typed)
    assert events(county).count("key:imported") == 1


def test_a_key_that_both_receives_and_answers_is_one_key(county, key):
    import_certificate(county, "jcp", KeyPurpose.RECIPIENT, key.fingerprint)
    import_certificate(county, "jcp", KeyPurpose.RECEIPTS, key.fingerprint)
    assert len(list_keys(county)) == 1


@pytest.mark.parametrize("purpose", [KeyPurpose.RECIPIENT, KeyPurpose.RECEIPTS])
def test_L6_another_fingerprint_than_the_pinned_one_registers_nothing(county, purpose):
    before = events(county)
    with pytest.raises(KeyUnusable, match="pins") as refusal:
        import_certificate(county, "jcp", purpose, "A" * 40)
    assert "approved again" in refusal.value.advice()
    assert (list_keys(county), events(county)) == ([], before)


def test_L6_a_pin_that_the_certificate_does_not_have_registers_nothing(county, key):
    mispinned = replace(county, partners={"jcp": a_partner(key, fingerprint="B" * 40)})
    with pytest.raises(KeyUnusable, match="the pinned one is"):
        import_certificate(mispinned, "jcp", KeyPurpose.RECIPIENT, "B" * 40)
    assert list_keys(county) == []


def test_an_unknown_partner_is_refused(county, key):
    with pytest.raises(PartnerInvalid, match="no partner nobody"):
        import_certificate(county, "nobody", KeyPurpose.RECIPIENT, key.fingerprint)


def test_it_takes_the_roles(county, key):
    reader = replace(county, actor=Actor("reader", "Invented Reader", frozenset({Role.TFEA})))
    for ask in (
        lambda: register_keys(reader),
        lambda: import_certificate(reader, "jcp", KeyPurpose.RECIPIENT, key.fingerprint),
        lambda: list_keys(reader),
    ):
        with pytest.raises(AccessDenied):
            ask()
