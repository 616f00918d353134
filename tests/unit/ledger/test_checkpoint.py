"""Checkpoints and the notes they are: the specification's own examples, and every way of bending one."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.errors import CheckpointInvalid
from gateway.ledger.checkpoint import (
    Checkpoint,
    Ed25519Signer,
    open_checkpoint,
    parse_vkey,
    read_unverified,
    sign_checkpoint,
    vkey_of,
)
from gateway.ledger.notes import MOST_SIGNATURES, open_note, sign_note
from gateway.ledger.tree import EMPTY_ROOT

#: Published examples of signed notes with the keys that made them.
PUBLISHED = [
    (
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        (
            "This is an example message.\n\n"
            "\N{EM DASH} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1"
            "Yu72IneyaQM=\n"
        ),
    ),
    (
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        (
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
            "\N{EM DASH} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6"
            "RyyBwJnAM=\n"
        ),
    ),
]
ORIGIN = "county.example/log"


@pytest.fixture
def key():
    return Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())


@pytest.fixture
def note(key):
    return sign_checkpoint(Checkpoint(ORIGIN, 7, b"r" * 32), key)


@pytest.mark.parametrize(("vkey", "note"), PUBLISHED)
def test_published_notes_open_with_their_keys(vkey, note):
    assert open_note(note, [parse_vkey(vkey)]) == note.rpartition("\n\n")[0] + "\n"


def test_a_checkpoint_is_the_three_lines_and_a_signature(key, note):
    assert note.startswith(f"{ORIGIN}\n7\n{base64.b64encode(b'r' * 32).decode()}\n\n\N{EM DASH} {ORIGIN} ")
    opened = open_checkpoint(note, [parse_vkey(key.vkey)])
    assert opened == Checkpoint(ORIGIN, 7, b"r" * 32) == read_unverified(note)


def test_the_empty_log_has_a_checkpoint(key):
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert open_checkpoint(sign_checkpoint(empty, key), [parse_vkey(key.vkey)]) == empty


def test_a_flipped_bit_anywhere_is_found(key, note):
    trusted = [parse_vkey(key.vkey)]
    data = note.encode()
    for place in range(len(data)):
        for bit in (0, 3, 6):
            bent = data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]
            with pytest.raises(CheckpointInvalid):
                open_checkpoint(bent.decode(errors="replace"), trusted)


@pytest.mark.parametrize(
    "bend",
    [
        lambda note: "",
        lambda note: note.rpartition("\n\n")[0],
        lambda note: note + "\n",
        lambda note: note + note.rpartition("\n\n")[2].removesuffix("\n"),
        lambda note: note.replace("\n", "\r\n"),
        lambda note: note.replace("\N{EM DASH}", "-"),
        lambda note: note.removesuffix("\n"),
        lambda note: note.rpartition("\n\n")[0] + "\n\n" + note.rpartition("\n\n")[2] * (MOST_SIGNATURES + 1),
        lambda note: note.rpartition("\n\n")[0] + "\n\n\N{EM DASH} name AAAA\n",
        lambda note: note.rpartition("\n\n")[0] + "\n\n\N{EM DASH} a+b AAAAAAAA\n",
        lambda note: note.rpartition("\n\n")[0] + "\n\n\N{EM DASH} name not-base64\n",
    ],
)
def test_a_note_in_any_other_form_is_refused(key, note, bend):
    with pytest.raises(CheckpointInvalid):
        open_checkpoint(bend(note), [parse_vkey(key.vkey)])


def test_a_signature_by_an_unknown_key_is_ignored_and_alone_it_says_nothing(key, note):
    stranger = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
    other_line = sign_checkpoint(Checkpoint(ORIGIN, 7, b"r" * 32), stranger).rpartition("\n\n")[2]
    assert open_checkpoint(note + other_line, [parse_vkey(key.vkey)]).size == 7
    with pytest.raises(CheckpointInvalid, match="no trusted key"):
        open_checkpoint(note, [parse_vkey(stranger.vkey)])


def test_a_bad_signature_by_a_trusted_key_condemns_the_note(key, note):
    second = Ed25519Signer("witness.example/one", Ed25519PrivateKey.generate())
    bad_line = sign_note("another text\n", second).rpartition("\n\n")[2]
    with pytest.raises(CheckpointInvalid, match="does not verify"):
        open_checkpoint(note + bad_line, [parse_vkey(key.vkey), parse_vkey(second.vkey)])


@pytest.mark.parametrize(
    "text",
    [
        "only one line\n",
        f"{ORIGIN}\n7\n{base64.b64encode(b'r' * 32).decode()}\nextension\n",
        f"{ORIGIN}\n07\n{base64.b64encode(b'r' * 32).decode()}\n",
        f"{ORIGIN}\n-7\n{base64.b64encode(b'r' * 32).decode()}\n",
        f"\n7\n{base64.b64encode(b'r' * 32).decode()}\n",
        f"{ORIGIN}\n7\n{base64.b64encode(b'r' * 31).decode()}\n",
        f"{ORIGIN}\n7\nnot base64\n",
        # A base64 whose spare bits are not zero decodes to the same root.
        f"{ORIGIN}\n7\n{base64.b64encode(b'r' * 32).decode()[:-2]}J=\n",
    ],
)
def test_a_signed_text_that_is_no_checkpoint_is_refused(key, text):
    with pytest.raises(CheckpointInvalid):
        open_checkpoint(sign_note(text, key), [parse_vkey(key.vkey)])


@pytest.mark.parametrize("text", ["no newline", "a tab\t\n", "a null\0\n"])
def test_a_text_that_no_note_can_hold_is_not_signed(key, text):
    with pytest.raises(CheckpointInvalid):
        sign_note(text, key)


def test_only_the_key_that_bears_the_logs_name_signs_it(key):
    with pytest.raises(CheckpointInvalid, match="name"):
        sign_checkpoint(Checkpoint("another/log", 1, b"r" * 32), key)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "tab\t", "non\N{NO-BREAK SPACE}breaking"])
def test_a_name_with_spaces_or_plus_signs_is_no_key_name(name):
    with pytest.raises(CheckpointInvalid):
        vkey_of(name, b"k" * 32)


@pytest.mark.parametrize(
    "bend",
    [
        lambda vkey: vkey.replace("+", "-", 1),
        lambda vkey: vkey.replace("county", "country"),
        lambda vkey: vkey[:-4],
        lambda vkey: vkey + "=",
        lambda vkey: "no key at all",
    ],
)
def test_a_public_key_whose_id_does_not_fit_is_refused(key, bend):
    with pytest.raises(CheckpointInvalid):
        parse_vkey(bend(key.vkey))
