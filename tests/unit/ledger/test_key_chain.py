"""The keys of a log by period: each checkpoint by the key of its size, both at a hand-over, and no other."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.errors import CheckpointInvalid
from gateway.ledger.checkpoint import Checkpoint, Ed25519Signer, parse_vkey, sign_checkpoint
from gateway.ledger.key_chain import KeyChain, is_in_force, signed_by_next

ORIGIN = "county.example/log"
FIRST, SECOND, THIRD = (Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate()) for _ in range(3))
#: The entries that name the second and the third key.
TO_SECOND, TO_THIRD = 5, 9


def key_of(signer):
    return parse_vkey(signer.vkey)


def note(size, *signers):
    signed = sign_checkpoint(Checkpoint(ORIGIN, size, b"r" * 32), signers[0])
    for signer in signers[1:]:
        signed = signed_by_next(signed, signer)
    return signed


@pytest.fixture
def chain():
    keys = KeyChain(key_of(FIRST))
    keys.hand_over(TO_SECOND, SECOND.vkey)
    keys.hand_over(TO_THIRD, THIRD.vkey)
    return keys


@pytest.mark.parametrize(
    ("size", "signers"),
    [
        (0, [FIRST]),
        (4, [FIRST]),
        (5, [FIRST, SECOND]),
        (6, [SECOND]),
        (8, [SECOND]),
        (9, [SECOND, THIRD]),
        (10, [THIRD]),
    ],
)
def test_each_size_has_its_signers_and_no_others(chain, size, signers):
    assert chain.signers_of(size) == tuple(map(key_of, signers))
    assert chain.open(note(size, *signers)).size == size
    for other in {FIRST, SECOND, THIRD} - set(signers):
        assert chain.is_out_of_period(note(size, other))
        with pytest.raises(CheckpointInvalid, match="outside the period"):
            chain.open(note(size, other))


@pytest.mark.parametrize("only", [FIRST, SECOND])
def test_at_a_hand_over_one_signature_is_not_enough(chain, only):
    with pytest.raises(CheckpointInvalid):
        chain.open(note(TO_SECOND, only))


def test_a_stranger_is_no_key_of_the_log_at_any_size(chain):
    stranger = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
    for size in (4, 5, 6, 12):
        assert not chain.is_out_of_period(note(size, stranger))
        with pytest.raises(CheckpointInvalid, match="no trusted key"):
            chain.open(note(size, stranger))


def test_a_log_is_handed_only_to_a_key_of_its_name_and_only_forwards(chain):
    with pytest.raises(CheckpointInvalid, match="its name"):
        chain.hand_over(12, Ed25519Signer("another/log", Ed25519PrivateKey.generate()).vkey)
    with pytest.raises(CheckpointInvalid, match="not after"):
        chain.hand_over(TO_THIRD, FIRST.vkey)
    with pytest.raises(CheckpointInvalid):
        chain.hand_over(12, "no key")
    assert chain.newest == key_of(THIRD)
    assert chain.first == key_of(FIRST)


def test_the_key_in_force_is_the_one_that_signed_last():
    handed_over = note(5, FIRST, SECOND)
    assert is_in_force(key_of(FIRST), note(4, FIRST))
    assert not is_in_force(key_of(FIRST), handed_over)
    assert is_in_force(key_of(SECOND), handed_over)
    assert not is_in_force(key_of(THIRD), handed_over)
