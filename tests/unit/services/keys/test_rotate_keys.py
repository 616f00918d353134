"""A key of ours is changed with overlap: made, compared by two people with all who rely on it, then put in use."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.clock import SystemClock
from gateway.errors import AccessDenied, KeyUnavailable, KeyUnusable, LedgerBehindCheckpoint, PartnerInvalid
from gateway.keyring import Keyring
from gateway.keyring.forms import new_openpgp_key
from gateway.keyring.ring import FILES
from gateway.ledger.checkpoint import parse_vkey
from gateway.ledger.entries import Event, read_entry
from gateway.ledger.key_chain import KeyChain
from gateway.ledger.verify import LogCheck
from gateway.model.keys import KeyPurpose, KeyState
from gateway.model.officers import Actor, Role
from gateway.model.time import FrozenClock
from gateway.services.audit.audit_verify import audit_verify
from gateway.services.keys.finish_changes import CHANGED, finish_changes
from gateway.services.keys.manage_keys import list_keys, register_keys
from gateway.services.keys.rotate_keys import (
    Missing,
    Stage,
    abandon_key,
    compare_our_key,
    rotate_key,
)
from gateway.services.partners.manage_partners import DisableReason, disable_partner
from gateway.store.engine import Store
from gateway.store.registry import subjects_known_by
from gateway.store.registry_growth import grow, next_batch, plan_growth
from gateway.store.tables import ledger
from tests.bare_workplace import a_bare_workplace
from tests.delivery_made import PartnerKey
from tests.loaded_county import Drawn
from tests.unit.services.keys.test_manage_keys import a_partner
from tests.whole_load import read_registry

ORIGIN = "county.example/supporting-families"
OFFICER = Actor("officer", "Invented Officer", frozenset({Role.IG_OFFICER}))
OPERATOR = Actor("operator", "Invented Operator", frozenset({Role.OPERATOR}))
PACKAGES, SSH, CHECKPOINTS, INDEX = CHANGED
ADA = ("liquidlogic_ehm", "1")


@pytest.fixture(scope="module")
def key() -> PartnerKey:
    return PartnerKey(new_openpgp_key("Invented recipient"))


@pytest.fixture
def clock() -> FrozenClock:
    """Keys are made by the libraries on the machine's own day."""
    return FrozenClock(SystemClock().now())


on_both = pytest.mark.parametrize(
    "county", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def county(request, clock, tmp_path, key):
    """A county with its own database, signed by its own ring: one partner by SFTP, one with an outbox."""
    kind = getattr(request, "param", "sqlite")
    ring = Keyring.generate(tmp_path / "keys", origin=ORIGIN, owner="Invented County Council", synthetic=True)
    url = request.getfixturevalue("sqlite_url" if kind == "sqlite" else "postgres_url")
    signer = ring.checkpoint_signer()
    made = {"environment": "synthetic", "controller": "Invented County Council", "actor": OPERATOR}
    Store.create(url, clock=clock, signer=signer, outside=tmp_path / "newest", **made).close()
    partners = {"jcp": a_partner(key), "desk": replace(a_partner(key), name="desk", outbox="/outbox")}
    county = a_bare_workplace(None, clock, OPERATOR, tmp_path, keys=ring, partners=partners)
    store = open_store(url, clock, ring, tmp_path)
    yield replace(county, store=store)
    store.close()


def open_store(url, clock, ring, folder: Path) -> Store:
    return Store.open(
        url,
        clock=clock,
        signer=ring.checkpoint_signer(),
        others=ring.checkpoint_signers,
        outside=folder / "newest",
    )


def as_(county, actor):
    return replace(county, actor=actor)


def entries(county, *events):
    with county.store.reading() as connection:
        rows = connection.execute(select(ledger.c.body).order_by(ledger.c.position)).scalars()
        return [entry for entry in map(read_entry, rows) if not events or entry.event in events]


def states(county) -> dict[str, KeyState]:
    return {registered.fingerprint: registered.state for registered in list_keys(county)}


def fingerprint_in_use(county, purpose) -> str:
    return next(facts.fingerprint for facts in county.keys.facts() if facts.purpose is purpose)


def compare_by_both(county, change) -> None:
    for missing in change.missing:
        for actor in (OPERATOR, OFFICER):
            compare_our_key(as_(county, actor), change.purpose, change.facts.fingerprint, missing.party)


def findings(county):
    return audit_verify(county).findings


PARTIES = {PACKAGES: ("desk", "jcp"), SSH: ("jcp",), CHECKPOINTS: (None,), INDEX: (None,)}


@on_both
@pytest.mark.parametrize("purpose", CHANGED)
def test_a_key_is_made_compared_by_two_and_put_in_use(county, purpose):
    register_keys(county)
    before = fingerprint_in_use(county, purpose)
    change = rotate_key(county, purpose)
    assert (change.stage, fingerprint_in_use(county, purpose)) == (Stage.PREPARED, before)
    assert change.missing == tuple(Missing(party, 2) for party in PARTIES[purpose])
    assert states(county)[change.facts.fingerprint] is KeyState.PREPARED
    compare_by_both(county, change)
    in_use = rotate_key(county, purpose)
    assert (in_use.stage, in_use.facts) == (Stage.IN_USE, change.facts)
    assert fingerprint_in_use(county, purpose) == change.facts.fingerprint
    assert (states(county)[before], states(county)[change.facts.fingerprint]) == (KeyState.RETIRED, KeyState.ACTIVE)
    (entered,) = entries(county, Event.KEY_ACTIVATED)
    assert entered.body["before"] == before
    assert entered.body["compared_by"] == ["officer", "operator"]
    assert findings(county) == ()


@pytest.mark.parametrize("purpose", CHANGED)
def test_one_person_is_not_two(county, purpose):
    change = rotate_key(county, purpose)
    for missing in change.missing * 2:
        compare_our_key(county, purpose, change.facts.fingerprint, missing.party)
    waiting = rotate_key(county, purpose)
    assert waiting.stage is Stage.WAITING
    assert waiting.missing == tuple(Missing(party, 1) for party in PARTIES[purpose])
    assert len(entries(county, Event.KEY_COMPARED)) == len(PARTIES[purpose])
    assert fingerprint_in_use(county, purpose) != change.facts.fingerprint


def test_every_partner_who_relies_on_it_compares(county):
    change = rotate_key(county, PACKAGES)
    for actor in (OPERATOR, OFFICER):
        compare_our_key(as_(county, actor), PACKAGES, change.facts.fingerprint, "jcp")
    assert rotate_key(county, PACKAGES).missing == (Missing("desk", 2),)


def test_a_partner_whose_deliveries_are_stopped_is_not_waited_for(county):
    disable_partner(county, "desk", DisableReason.KEY_IN_DOUBT, "IG-2026-0142")
    change = rotate_key(county, PACKAGES)
    assert change.missing == (Missing("jcp", 2),)
    with pytest.raises(PartnerInvalid, match="desk does not rely"):
        compare_our_key(county, PACKAGES, change.facts.fingerprint, "desk")


def test_another_fingerprint_is_refused_and_counts_for_nothing(county):
    change = rotate_key(county, SSH)
    for typed in (
        "A" * 40,
        change.facts.fingerprint[:-1],
        change.facts.fingerprint[-8:],
        change.facts.fingerprint.lower(),
    ):
        with pytest.raises(KeyUnusable, match="not the fingerprint") as refusal:
            compare_our_key(county, SSH, typed, "jcp")
        assert "read out again" in refusal.value.advice()
    assert entries(county, Event.KEY_COMPARED) == []


def test_spaces_and_case_do_not_matter_in_hexadecimal(county):
    change = rotate_key(county, PACKAGES)
    fours = [change.facts.fingerprint[at : at + 4] for at in range(0, 40, 4)]
    compare_our_key(county, PACKAGES, " ".join(fours).lower(), "jcp")
    assert len(entries(county, Event.KEY_COMPARED)) == 1


@pytest.mark.parametrize(("purpose", "party"), [(SSH, "desk"), (SSH, None), (CHECKPOINTS, "jcp"), (PACKAGES, "nobody")])
def test_a_comparison_with_somebody_who_does_not_rely_on_it_is_refused(county, purpose, party):
    change = rotate_key(county, purpose)
    with pytest.raises(PartnerInvalid):
        compare_our_key(county, purpose, change.facts.fingerprint, party)


def test_nothing_is_compared_before_it_is_prepared(county):
    with pytest.raises(KeyUnavailable, match="was prepared") as refusal:
        compare_our_key(county, SSH, "SHA256:" + "A" * 43, "jcp")
    assert "keys rotate ssh" in refusal.value.advice()


def test_a_key_that_was_prepared_can_be_given_up(county, tmp_path):
    before = fingerprint_in_use(county, SSH)
    first = rotate_key(county, SSH).facts
    assert abandon_key(county, SSH) == first
    assert states(county)[first.fingerprint] is KeyState.RETIRED
    assert fingerprint_in_use(county, SSH) == before
    with pytest.raises(KeyUnavailable):
        abandon_key(county, SSH)
    assert rotate_key(county, SSH).facts != first
    assert findings(county) == ()


def test_a_key_that_was_given_up_is_not_taken_up_again(county, tmp_path):
    rotate_key(county, SSH)
    file = tmp_path / "keys" / f"{FILES[SSH]}.next"
    data = file.read_bytes()
    abandon_key(county, SSH)
    file.write_bytes(data)
    file.chmod(0o600)
    with pytest.raises(KeyUnusable, match="was retired"):
        rotate_key(county, SSH)
    abandon_key(county, SSH)
    assert not file.exists()


def test_the_root_of_references_is_never_changed(county):
    with pytest.raises(KeyUnavailable, match="another reference") as refusal:
        rotate_key(county, KeyPurpose.REFERENCES)
    assert "0003-which-keys-rotate" in refusal.value.advice()


def test_it_takes_the_roles(county):
    rotate_key(county, SSH)
    for ask in (
        lambda: rotate_key(as_(county, OFFICER), SSH),
        lambda: abandon_key(as_(county, OFFICER), SSH),
        lambda: compare_our_key(as_(county, Actor("reader", "Invented", frozenset({Role.TFEA}))), SSH, "", "jcp"),
    ):
        with pytest.raises(AccessDenied):
            ask()


# What hangs on a key.


def change_whole(county, purpose):
    compare_by_both(county, rotate_key(county, purpose))
    return rotate_key(county, purpose).facts


@on_both
def test_the_log_goes_on_under_its_new_key(county):
    first = parse_vkey(county.keys.checkpoint_signer().vkey)
    change_whole(county, CHECKPOINTS)
    register_keys(county)
    change_whole(county, CHECKPOINTS)
    assert findings(county) == ()
    with county.store.reading() as connection:
        log = LogCheck(KeyChain(first))
        from gateway.services.audit.audit_index import Index, Reading
        from gateway.services.audit.audit_verify import findings_in

        assert list(findings_in(Reading(connection, Index()), log)) == []
    assert len(log.keys.periods) == 3
    assert log.keys.newest == parse_vkey(county.keys.checkpoint_signer().vkey)


def known_by(county, clue):
    with county.store.reading() as connection:
        return subjects_known_by(connection, county.keys.index_key(), clue)


@on_both
def test_everybody_is_found_under_the_new_index_key(county):
    with county.store.reading() as connection:
        registry = read_registry(connection, county.keys.index_key())
    with county.store.writing(OPERATOR) as work:
        growth = plan_growth(registry, [[ADA]], next_batch(work.connection), Drawn())
        grow(work, growth, load="LOAD-1", snapshot="SNAP-1")
    facts = change_whole(county, INDEX)
    assert known_by(county, ADA) == [growth.people[0].subject_ref]
    assert county.keys.index_key().version == 2
    (entered,) = entries(county, Event.REGISTRY_REINDEXED)
    assert entered.body["fingerprint"] == facts.fingerprint
    assert findings(county) == ()


class DiesBeforeTheFile:
    """A ring whose process dies between the commit and the change of its files."""

    def __init__(self, ring) -> None:
        self._ring = ring

    def __getattr__(self, name):
        return getattr(self._ring, name)

    def activate(self, purpose):
        raise SystemExit(f"died before {purpose}")


@pytest.mark.parametrize("purpose", CHANGED)
def test_a_change_that_died_half_way_is_finished(county, purpose, clock, tmp_path):
    change = rotate_key(county, purpose)
    compare_by_both(county, change)
    with pytest.raises(SystemExit):
        rotate_key(replace(county, keys=DiesBeforeTheFile(county.keys)), purpose)
    assert fingerprint_in_use(county, purpose) != change.facts.fingerprint
    store = open_store(county.store.engine.url.render_as_string(hide_password=False), clock, county.keys, tmp_path)
    finish_changes(store, county.keys)
    again = replace(county, store=store)
    assert fingerprint_in_use(again, purpose) == change.facts.fingerprint
    register_keys(again)
    disable_partner(again, "desk", DisableReason.MAINTENANCE, "IG-2026-0142")
    assert findings(again) == ()
    store.close()


def test_nothing_is_finished_that_was_not_begun(county):
    before = county.keys.facts()
    finish_changes(county.store, county.keys)
    rotate_key(county, SSH)
    finish_changes(county.store, county.keys)
    assert county.keys.facts() == before


def test_a_database_from_before_a_change_is_found_to_be_old_and_not_refused_as_a_strangers(clock, tmp_path):
    """Restored, it knows only the key that was given up: that one still opens it, and nothing is written."""
    ring = Keyring.generate(tmp_path / "keys", origin=ORIGIN, owner="Invented County Council", synthetic=True)
    database, url = tmp_path / "gateway.db", f"sqlite:///{tmp_path / 'gateway.db'}"
    made = {"environment": "synthetic", "controller": "Invented County Council", "actor": OPERATOR}
    Store.create(url, clock=clock, signer=ring.checkpoint_signer(), outside=tmp_path / "newest", **made).close()
    backup = database.read_bytes()
    store = open_store(url, clock, ring, tmp_path)
    county = a_bare_workplace(store, clock, OPERATOR, tmp_path, keys=ring)
    change_whole(county, CHECKPOINTS)
    store.close()
    database.write_bytes(backup)
    for suffix in ("-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
    older = open_store(url, clock, ring, tmp_path)
    with pytest.raises(LedgerBehindCheckpoint, match="never signed it"), older.writing(OPERATOR):
        pass
    older.close()
