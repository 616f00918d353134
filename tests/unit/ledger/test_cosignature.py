"""Cosignatures of checkpoints: the specification's own example, and every way of bending one."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import CheckpointInvalid
from gateway.ledger.checkpoint import Checkpoint, Ed25519Signer, parse_vkey, sign_checkpoint
from gateway.ledger.cosignature import Cosigner, cosigned_at, open_cosigned, parse_witness, witness_vkey
from gateway.ledger.notes import MOST_SIGNATURES, NoteSignature, Verifier, add_signature, read_note, sign_note

#: The example of the specification (C2SP tlog-cosignature). Its keys are not published; its bytes are.
PUBLISHED = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\N{EM DASH} example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\N{EM DASH} witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
ORIGIN, WITNESS = "county.example/log", "desk.example/witness"
AT = datetime(2026, 11, 22, 23, 10, tzinfo=UTC)
OURS = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
DESK = Cosigner(WITNESS, Ed25519PrivateKey.generate())
TRUSTED = [parse_vkey(OURS.vkey)]
CHECKPOINT = Checkpoint(ORIGIN, 7, b"r" * 32)
NOTE = sign_checkpoint(CHECKPOINT, OURS)


def opened(note: str, desk: Cosigner = DESK):
    return open_cosigned(note, TRUSTED, parse_witness(desk.vkey))


def test_the_published_example_has_two_signatures_and_the_witnesses_own_time():
    text, (log, witness) = read_note(PUBLISHED)
    assert text.startswith("example.com/behind-the-sofa\n20852163\n")
    assert (log.name, witness.name) == ("example.com/behind-the-sofa", "witness.example.com/w1")
    assert len(witness.signature) == 8 + 64
    assert datetime.fromtimestamp(int.from_bytes(witness.signature[:8]), UTC).isoformat() == "2023-03-20T12:25:47+00:00"


def test_what_is_signed_is_the_heading_the_time_and_the_checkpoints_text():
    """Worked out here once more from the specification, with the bare key."""
    key = Ed25519PrivateKey.generate()
    _, (_, line) = read_note(Cosigner(WITNESS, key).cosign(NOTE, AT))
    message = f"cosignature/v1\ntime {int(AT.timestamp())}\n{CHECKPOINT.text}".encode()
    key.public_key().verify(line.signature[8:], message)
    assert line.signature[:8] == int(AT.timestamp()).to_bytes(8)


def test_a_cosigned_checkpoint_says_which_who_and_when():
    found = opened(DESK.cosign(NOTE, AT))
    assert (found.checkpoint, found.witness, found.at) == (CHECKPOINT, WITNESS, AT)


@given(st.integers(0, 253402300799))
def test_every_second_of_the_calendar_comes_back(seconds):
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    assert opened(DESK.cosign(NOTE, at)).at == at


def test_several_witnesses_cosign_one_checkpoint_and_the_log_is_read_as_before():
    other = Cosigner("auditor.example/second", Ed25519PrivateKey.generate())
    note = other.cosign(DESK.cosign(NOTE, AT), AT + timedelta(hours=1))
    assert (opened(note).at, opened(note, other).at) == (AT, AT + timedelta(hours=1))


@pytest.mark.parametrize(
    "note",
    [
        NOTE,
        Cosigner(WITNESS, Ed25519PrivateKey.generate()).cosign(NOTE, AT),
        DESK.cosign(DESK.cosign(NOTE, AT), AT),
        NOTE + sign_note(CHECKPOINT.text, Ed25519Signer(WITNESS, Ed25519PrivateKey.generate())).rpartition("\n\n")[2],
    ],
    ids=["by nobody", "by another key of that name", "twice", "plainly signed"],
)
def test_what_the_witness_did_not_cosign_once_is_refused(note):
    with pytest.raises(CheckpointInvalid):
        opened(note)


def test_a_cosignature_of_another_checkpoint_does_not_fit_this_one():
    other = DESK.cosign(sign_checkpoint(Checkpoint(ORIGIN, 8, b"s" * 32), OURS), AT)
    moved = NOTE + other.rpartition("\n\n")[2].splitlines(keepends=True)[1]
    with pytest.raises(CheckpointInvalid, match="does not verify"):
        opened(moved)


def test_a_cosigned_note_that_the_log_did_not_sign_is_refused():
    thief = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
    with pytest.raises(CheckpointInvalid, match="no trusted key"):
        opened(DESK.cosign(sign_checkpoint(CHECKPOINT, thief), AT))


def test_a_flipped_bit_anywhere_is_found():
    data = DESK.cosign(NOTE, AT).encode()
    for place in range(len(data)):
        bent = data[:place] + bytes([data[place] ^ 2]) + data[place + 1 :]
        with pytest.raises(CheckpointInvalid):
            opened(bent.decode(errors="replace"))


def test_a_key_that_cosigns_and_one_that_signs_are_two_keys():
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    signs, cosigns = parse_vkey(Ed25519Signer(WITNESS, key).vkey), parse_witness(witness_vkey(WITNESS, public))
    assert (signs.public, signs.key_id == cosigns.key_id) == (cosigns.public, False)
    with pytest.raises(CheckpointInvalid):
        parse_vkey(witness_vkey(WITNESS, public))
    with pytest.raises(CheckpointInvalid):
        parse_witness(Ed25519Signer(WITNESS, key).vkey)


@pytest.mark.parametrize("seconds", [2**63, 2**64 - 1, 253402300800])
def test_a_time_that_no_calendar_has_is_refused(seconds):
    key = Ed25519PrivateKey.generate()
    witness = parse_witness(Cosigner(WITNESS, key).vkey)
    signature = key.sign(f"cosignature/v1\ntime {seconds}\n{CHECKPOINT.text}".encode())
    line = NoteSignature(WITNESS, witness.key_id, seconds.to_bytes(8) + signature)
    with pytest.raises(CheckpointInvalid, match="instant"):
        cosigned_at(add_signature(NOTE, line), witness)


def test_a_note_takes_no_more_signatures_than_a_reader_reads():
    note = NOTE
    for _ in range(MOST_SIGNATURES - 1):
        note = DESK.cosign(note, AT)
    with pytest.raises(CheckpointInvalid):
        DESK.cosign(note, AT)


@given(st.text(max_size=300))
def test_no_text_does_more_than_be_refused(text):
    with pytest.raises(CheckpointInvalid):
        opened(text)


@given(st.binary(min_size=36, max_size=36))
def test_a_witness_is_read_back_from_its_text(drawn):
    public = drawn[:32]
    text = witness_vkey(WITNESS, public)
    assert parse_witness(text) == Verifier(WITNESS, bytes.fromhex(text.split("+")[1]), public)
    assert base64.b64decode(text.split("+", 2)[2]) == b"\x04" + public
