"""A log is handed from one checkpoint key to the next: the old one says to whom, and signs no more of it."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from gateway.errors import CheckpointInvalid, KeyUnusable
from gateway.ledger.checkpoint import Checkpoint, Ed25519Signer, open_checkpoint, parse_vkey, sign_checkpoint
from gateway.ledger.entries import Event
from gateway.ledger.verify import Fault
from gateway.services.audit.audit_verify import audit_verify
from gateway.store.engine import Store
from gateway.store.log_keys import key_chain_of
from gateway.store.tables import checkpoints
from tests.bare_workplace import a_bare_workplace
from tests.tampering import as_owner, found_in, put_triggers_back

SAID = {"fingerprint": "AB" * 32, "before": "CD" * 32}


@pytest.fixture
def successor(signer) -> Ed25519Signer:
    return Ed25519Signer(signer.name, Ed25519PrivateKey.generate())


@pytest.fixture
def handed_over(store, everyone, successor) -> Store:
    """A database whose log was handed over, and has gone on."""
    enter(store, everyone)
    with store.writing(everyone) as work:
        work.hand_over(successor, **SAID)
    enter(store, everyone)
    return store


def enter(store, actor) -> None:
    with store.writing(actor) as work:
        work.enter(Event.SERVICE_STARTED, release="0.1.0")


def notes(store) -> dict[int, str]:
    with store.reading() as connection:
        return {row.size: row.note for row in connection.execute(select(checkpoints))}


def is_signed_by(note: str, signer) -> bool:
    try:
        open_checkpoint(note, [parse_vkey(signer.vkey)])
    except CheckpointInvalid:
        return False
    return True


def found(store, signer):
    with store.reading() as connection:
        return found_in(connection, signer)


def test_at_the_hand_over_both_sign_and_afterwards_the_new_key_alone(handed_over, signer, successor):
    signed = {
        size: (is_signed_by(note, signer), is_signed_by(note, successor)) for size, note in notes(handed_over).items()
    }
    assert list(signed.values()) == [(True, False), (True, False), (True, True), (False, True)]
    assert found(handed_over, signer) == []


def test_nothing_is_entered_behind_a_hand_over(store, everyone, successor):
    with pytest.raises(RuntimeError, match="after the checkpoint"), store.writing(everyone) as work:
        work.hand_over(successor, **SAID)
        work.enter(Event.SERVICE_STOPPED)
    enter(store, everyone)
    with store.reading() as connection:
        assert len(key_chain_of(connection).periods) == 1


def test_a_process_with_the_old_key_signs_no_more(handed_over, store_url, clock, signer, successor, everyone):
    old = Store.open(store_url, clock=clock, signer=signer)
    before = notes(old)
    with pytest.raises(KeyUnusable, match="handed to a checkpoint key"):
        enter(old, everyone)
    assert notes(old) == before
    old.close()


def test_a_process_that_finds_the_next_key_goes_on_with_it(handed_over, store_url, clock, signer, successor, everyone):
    store = Store.open(store_url, clock=clock, signer=signer, others=lambda: [successor])
    enter(store, everyone)
    assert found(store, signer) == []
    store.close()


def test_a_process_under_way_takes_the_next_key_up(store, store_url, clock, signer, successor, everyone):
    keys = []
    running = Store.open(store_url, clock=clock, signer=signer, others=lambda: keys)
    with store.writing(everyone) as work:
        work.hand_over(successor, **SAID)
    with pytest.raises(KeyUnusable):
        enter(running, everyone)
    keys.append(successor)
    enter(running, everyone)
    assert found(running, signer) == []
    running.close()


def test_a_stranger_opens_nothing(handed_over, store_url, clock, signer):
    with pytest.raises(KeyUnusable, match="none of those"):
        Store.open(store_url, clock=clock, signer=Ed25519Signer(signer.name, Ed25519PrivateKey.generate()))


def with_newest_signed_by(store, signer, trusted):
    """What is found where somebody put another signature under the newest checkpoint."""
    with as_owner(store) as connection:
        row = connection.execute(select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)).one()
        forged = sign_checkpoint(Checkpoint(signer.name, row.size, row.root), signer)
        connection.execute(checkpoints.update().where(checkpoints.c.size == row.size).values(note=forged))
        put_triggers_back(connection)
        return row.size, found_in(connection, trusted)


def test_L7_what_an_old_key_signs_after_its_period_is_found(handed_over, signer):
    """Whoever finds the retired key can sign; `audit verify` says that the key had no say any more."""
    size, (finding,) = with_newest_signed_by(handed_over, signer, signer)
    assert (finding.fault, finding.where) == (Fault.UNSIGNED, f"checkpoint {size}")
    assert "outside the period" in finding.what


def test_L7_a_hand_over_that_the_old_key_did_not_sign_is_found(store, signer, successor, everyone):
    """Somebody with the database and a key of their own cannot make themselves the log's next signer."""
    with store.writing(everyone) as work:
        work.hand_over(successor, **SAID)
    size, (finding,) = with_newest_signed_by(store, successor, signer)
    assert (finding.fault, finding.where) == (Fault.UNSIGNED, f"checkpoint {size}")


class Keys:
    """A ring that holds one key."""

    def __init__(self, signer) -> None:
        self.checkpoint_signer = lambda: signer


def test_a_checkpoint_kept_elsewhere_is_held_against_the_key_of_its_period(
    handed_over, clock, everyone, tmp_path, signer, successor
):
    county = a_bare_workplace(handed_over, clock, everyone, tmp_path, keys=Keys(successor))
    for note in notes(handed_over).values():
        assert audit_verify(county, note).findings == ()
    size, root = max(notes(handed_over)), b"x" * 32
    (finding,) = audit_verify(county, sign_checkpoint(Checkpoint(signer.name, size, root), signer)).findings
    assert (finding.fault, finding.where) == (Fault.FORKED, f"checkpoint {size} kept elsewhere")
    stranger = Ed25519Signer(signer.name, Ed25519PrivateKey.generate())
    with pytest.raises(CheckpointInvalid, match="no trusted key"):
        audit_verify(county, sign_checkpoint(Checkpoint(signer.name, size, root), stranger))


def test_a_log_that_ends_with_another_key_than_ours_is_found(handed_over, clock, everyone, tmp_path, signer):
    county = a_bare_workplace(handed_over, clock, everyone, tmp_path, keys=Keys(signer))
    (finding,) = audit_verify(county).findings
    assert (finding.fault, finding.where) == (Fault.UNSIGNED, "key of the log")
