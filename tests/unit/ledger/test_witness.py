"""What a witness co-signs, and what it refuses: logs that went back, were not shown to grow, or tell two stories."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.errors import CheckpointInvalid
from gateway.ledger.checkpoint import Checkpoint, Ed25519Signer, parse_vkey, sign_checkpoint
from gateway.ledger.cosignature import cosigned_at, parse_witness
from gateway.ledger.entries import Event, compose_entry
from gateway.ledger.key_chain import signed_by_next
from gateway.ledger.proof_documents import HandOver, LogProofs, SignedCheckpoint
from gateway.ledger.proofs import roots_of
from gateway.ledger.tree import leaf_hash, root_of
from gateway.ledger.witness import Witness, judge_growth
from gateway.model.officers import Actor, Role

ORIGIN = "county.example/log"
FIRST, SECOND, THIRD = (Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate()) for _ in range(3))
LEAVES = [leaf_hash(number.to_bytes(2)) for number in range(30)]
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ACTOR = Actor("tester", "Invented Tester", frozenset({Role.SERVICE}))


def signed(size, signer=FIRST, leaves=LEAVES):
    checkpoint = Checkpoint(ORIGIN, size, root_of(leaves[:size]))
    return SignedCheckpoint(checkpoint, sign_checkpoint(checkpoint, signer))


def growth(old, new, leaves=LEAVES, signer=FIRST, hand_overs=()):
    proofs = LogProofs(signed(new, signer, leaves), roots_of(leaves[:new]), parse_vkey(FIRST.vkey), hand_overs)
    return proofs.of_growth(signed(old, signer, leaves) if old else None)


@pytest.fixture
def witness():
    return Witness("desk.example/witness", Ed25519PrivateKey.generate().private_bytes_raw(), {}).watching(FIRST.vkey)


def after(witness, *proofs):
    for proof in proofs:
        witness = judge_growth(witness, proof, NOON).witness
    return witness


def test_what_only_grew_is_cosigned_and_remembered(witness):
    judged = judge_growth(witness, growth(0, 5), NOON)
    assert cosigned_at(judged.cosigned, parse_witness(witness.cosigner.vkey)) == NOON
    again = judge_growth(judged.witness, growth(5, 12), NOON)
    assert again.witness.logs[ORIGIN].newest.size == 12
    # The same once more: nothing has to be shown.
    assert judge_growth(again.witness, growth(5, 12), NOON).cosigned


def test_the_state_is_read_as_it_was_written(witness):
    seen = after(witness, growth(0, 5))
    assert Witness.read(seen.written()) == seen
    assert "key=" not in repr(seen)


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b'{"format":"another"}', b'{"format":"supporting-families-gateway/witness/1"}', b"\xff"],
)
def test_what_is_no_state_is_refused(data):
    with pytest.raises(CheckpointInvalid):
        Witness.read(data)


def test_a_log_that_went_back_is_refused(witness):
    seen = after(witness, growth(0, 12))
    with pytest.raises(CheckpointInvalid, match="went back from 12 entries to 5"):
        judge_growth(seen, growth(0, 5), NOON)


def test_a_proof_from_another_size_shows_nothing(witness):
    seen = after(witness, growth(0, 5))
    for proof in (growth(0, 12), growth(4, 12), growth(6, 12)):
        with pytest.raises(CheckpointInvalid, match="not shown"):
            judge_growth(seen, proof, NOON)


def test_a_fork_is_refused_and_one_of_the_same_size_is_kept_as_proof(witness):
    seen = after(witness, growth(0, 5))
    other = [leaf_hash(b"other"), *LEAVES[1:]]
    with pytest.raises(CheckpointInvalid, match="not shown"):
        judge_growth(seen, growth(5, 12, other), NOON)
    judged = judge_growth(seen, growth(0, 5, other), NOON)
    assert judged.cosigned is None
    assert "two stories" in str(judged.refusal)
    assert judged.witness.contradictions == (signed(5, FIRST, other).note,)
    assert judged.witness.logs == seen.logs


@pytest.mark.parametrize("signer", [SECOND, Ed25519Signer("another.example/log", Ed25519PrivateKey.generate())])
def test_another_key_and_another_log_are_refused(witness, signer):
    proof = growth(0, 5)
    checkpoint = Checkpoint(signer.name, 5, root_of(LEAVES[:5]))
    proof["checkpoint"] = sign_checkpoint(checkpoint, signer).removesuffix("\n").split("\n")
    with pytest.raises(CheckpointInvalid):
        judge_growth(witness, proof, NOON)


@pytest.mark.parametrize("proof", [{}, [], "x", {"format": "x"}, {"proves": "growth"}])
def test_what_is_no_proof_is_refused(witness, proof):
    with pytest.raises(CheckpointInvalid):
        judge_growth(witness, proof, NOON)


def test_every_part_of_a_proof_is_needed(witness):
    proof = growth(0, 5)
    for name in proof:
        if name in {"first_key", "older"}:
            continue
        with pytest.raises(CheckpointInvalid):
            judge_growth(witness, {key: value for key, value in proof.items() if key != name}, NOON)


def handed_over(position, old, new, leaves):
    said = {"vkey": new.vkey, "fingerprint": "AB" * 32, "before": "CD" * 32}
    entry = compose_entry(position, position - 1, NOON, ACTOR, Event.LOG_KEY_CHANGED, said)
    leaves[position - 1] = entry.leaf
    by_old = signed(position, old, leaves)
    return HandOver(entry, SignedCheckpoint(by_old.checkpoint, signed_by_next(by_old.note, new)))


def test_the_log_is_followed_from_key_to_key(witness):
    leaves = LEAVES.copy()
    hand_overs = [handed_over(8, FIRST, SECOND, leaves), handed_over(15, SECOND, THIRD, leaves)]
    seen = after(witness, growth(0, 5, leaves))
    judged = judge_growth(seen, growth(5, 12, leaves, SECOND, hand_overs[:1]), NOON)
    assert judged.cosigned
    later = growth(12, 20, leaves, THIRD, hand_overs)
    assert judge_growth(judged.witness, later, NOON).cosigned
    # Somebody who begins late is told the key that is in use.
    late = Witness("late", Ed25519PrivateKey.generate().private_bytes_raw(), {}).watching(THIRD.vkey)
    assert judge_growth(late, growth(0, 20, leaves, THIRD, hand_overs), NOON).cosigned
    with pytest.raises(CheckpointInvalid):
        judge_growth(judged.witness, later | {"hand_overs": later["hand_overs"][:1]}, NOON)


@pytest.mark.parametrize("part", ["entry_path", "growth_path"])
def test_a_hand_over_that_is_not_shown_to_be_in_the_log_is_refused(witness, part):
    leaves = LEAVES.copy()
    proof = growth(5, 12, leaves, SECOND, [handed_over(8, FIRST, SECOND, leaves)])
    seen = after(witness, growth(0, 5, leaves))
    unshown = [hand_over | {part: hand_over[part][1:]} for hand_over in proof["hand_overs"]]
    with pytest.raises(CheckpointInvalid, match="handed to another key"):
        judge_growth(seen, proof | {"hand_overs": unshown}, NOON)


def test_a_stolen_old_key_signs_nothing_more(witness):
    leaves = LEAVES.copy()
    hand_overs = [handed_over(8, FIRST, SECOND, leaves)]
    seen = after(witness, growth(0, 12, leaves, SECOND, hand_overs))
    with pytest.raises(CheckpointInvalid):
        judge_growth(seen, growth(12, 20, leaves, FIRST, hand_overs), NOON)


def test_a_log_is_watched_once(witness):
    with pytest.raises(CheckpointInvalid):
        witness.watching(SECOND.vkey)
