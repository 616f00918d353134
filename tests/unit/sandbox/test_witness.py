"""The invented desk is an honest witness: it says only that this is the largest checkpoint that it has seen."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.errors import CheckpointInvalid
from gateway.ledger.checkpoint import Checkpoint, sign_checkpoint
from gateway.ledger.cosignature import Cosigner, cosigned_at, parse_witness
from gateway.sandbox.witness import DeskWitness


@pytest.fixture
def desk(tmp_path, clock):
    return DeskWitness(Cosigner("desk.example/witness", Ed25519PrivateKey.generate()), clock, tmp_path / "kept" / "it")


def note(signer, size, root=b"r"):
    return sign_checkpoint(Checkpoint(signer.name, size, root * 32), signer)


def test_it_co_signs_what_grows_and_what_it_saw_before(desk, signer, clock):
    witness = parse_witness(desk.cosigner.vkey)
    for size in (7, 9, 9):
        clock.instant += timedelta(minutes=1)
        assert cosigned_at(desk.cosign(note(signer, size)), witness) == clock.now()


def test_it_is_silent_about_one_that_is_smaller_than_what_it_saw(desk, signer):
    assert desk.cosign(note(signer, 9))
    assert desk.cosign(note(signer, 7)) is None
    assert desk.cosign(note(signer, 10))


def test_it_co_signs_no_second_story(desk, signer):
    assert desk.cosign(note(signer, 9))
    with pytest.raises(CheckpointInvalid, match="another checkpoint of a size"):
        desk.cosign(note(signer, 9, b"s"))


def test_it_co_signs_nothing_but_checkpoints(desk):
    with pytest.raises(CheckpointInvalid):
        desk.cosign("none\n")
