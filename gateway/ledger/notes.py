"""Signed notes (C2SP signed-note): text, a blank line, and Ed25519 signatures by named keys.

- Reading is strict: a note is accepted only if writing what was read gives the same bytes.
- A signature by a key that is not trusted is ignored; one by a trusted key that fails condemns the whole note.
- A note without one good signature by a trusted key says nothing.
- The kind of a key is part of its id: a key that signs notes and one that cosigns (cosignature.py) are two keys.

Pure: keys are given, none is kept here. The private key stays behind `Signer` (gateway/keyring.py holds it).
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.errors import CheckpointInvalid

#: The kind of key that signs the text of a note and nothing else.
SIGNS = b"\x01"
_PUBLIC_BYTES, _ID_BYTES = 32, 4
_DASH = "\N{EM DASH} "
_KEY_NAME = re.compile(r"[^\s+\x00-\x1f]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
#: The specification asks for at least sixteen to be accepted; a note with hundreds is an attack.
MOST_SIGNATURES = 32


class Signer(Protocol):
    """A key that signs for the log: its name, its public form, and the act."""

    @property
    def name(self) -> str:
        """The key's name, which is the log's origin."""
        ...

    @property
    def vkey(self) -> str:
        """The public key as `name+id+key`, for whoever verifies."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature over the message."""
        ...


class Ed25519Signer:
    """A signer over a private key that is already in memory."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self._key = key
        self._name = name
        self._vkey = vkey_of(name, key.public_key().public_bytes_raw())

    @property
    def name(self) -> str:
        """The key's name."""
        return self._name

    @property
    def vkey(self) -> str:
        """The public key as `name+id+key`."""
        return self._vkey

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature over the message."""
        return self._key.sign(message)


class NoteSignature(NamedTuple):
    """One line of a note: who says to have signed, the id of their key, and what they signed with it."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Verifier:
    """A trusted public key."""

    name: str
    key_id: bytes
    public: bytes

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Say whether the signature over the message is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


def vkey_of(name: str, public: bytes, kind: bytes = SIGNS) -> str:
    """Return the text form of a public key."""
    if not _KEY_NAME.fullmatch(name):
        raise CheckpointInvalid("the name of a checkpoint key may hold neither spaces nor a plus sign")
    return f"{name}+{_key_id(name, public, kind).hex()}+{base64.b64encode(kind + public).decode()}"


def parse_vkey(text: str, kind: bytes = SIGNS) -> Verifier:
    """Read a public key. Raises CheckpointInvalid unless it is an Ed25519 key of the kind whose id fits its name."""
    name, _, rest = text.partition("+")
    public = _decode(rest.partition("+")[2])[1:]
    if len(public) != _PUBLIC_BYTES or vkey_of(name, public, kind) != text:
        raise CheckpointInvalid("a checkpoint key is not in the form name+id+key, or its id does not fit")
    return Verifier(name, _key_id(name, public, kind), public)


def sign_note(text: str, signer: Signer) -> str:
    """Return the note: the text signed by one key."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise CheckpointInvalid("the text of a note ends in a newline and holds no other control character")
    key_id = parse_vkey(signer.vkey).key_id
    return f"{text}\n{_signature_line(NoteSignature(signer.name, key_id, signer.sign(text.encode())))}"


def add_signature(note: str, added: NoteSignature) -> str:
    """Return the note with one more line. Raises CheckpointInvalid where it is no note, or is full."""
    longer = note + _signature_line(added)
    read_note(longer)
    return longer


def only_signed_by(note: str, keys: Iterable[Verifier]) -> str:
    """Return the note with the lines of these keys alone: what else stands there may be words of anybody's (law L8)."""
    text, signatures = read_note(note)
    wanted = {(key.name, key.key_id) for key in keys}
    return f"{text}\n" + "".join(_signature_line(each) for each in signatures if (each.name, each.key_id) in wanted)


def open_note(note: str, trusted: Iterable[Verifier]) -> str:
    """Return the text of a note that a trusted key signed. Raises CheckpointInvalid otherwise."""
    text, signatures = read_note(note)
    keys = {(key.name, key.key_id): key for key in trusted}
    signed = False
    for name, key_id, signature in signatures:
        key = keys.get((name, key_id))
        if key is None:
            continue
        if not key.verifies(text.encode(), signature):
            raise CheckpointInvalid("a signature by a trusted key does not verify")
        signed = True
    if not signed:
        raise CheckpointInvalid("no trusted key signed")
    return text


def read_note(note: str) -> tuple[str, list[NoteSignature]]:
    """Return the text of a note and its signatures, none of them verified. Raises CheckpointInvalid for other bytes."""
    text, blank, lines = note.rpartition("\n\n")
    if not blank or _CONTROL.search(note):
        raise CheckpointInvalid("a note has a text, a blank line and signatures, and no control characters")
    signatures = [_parse_line(line) for line in lines.removesuffix("\n").split("\n")[: MOST_SIGNATURES + 1]]
    written = f"{text}\n\n" + "".join(map(_signature_line, signatures))
    if len(signatures) > MOST_SIGNATURES or written != note:
        raise CheckpointInvalid("a note is not in its canonical form")
    return f"{text}\n", signatures


def _parse_line(line: str) -> NoteSignature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    signature = _decode(encoded)
    if not _KEY_NAME.fullmatch(name) or len(signature) <= _ID_BYTES:
        raise CheckpointInvalid("a signature line of a note cannot be read")
    return NoteSignature(name, signature[:_ID_BYTES], signature[_ID_BYTES:])


def _signature_line(line: NoteSignature) -> str:
    return f"{_DASH}{line.name} {base64.b64encode(line.key_id + line.signature).decode()}\n"


def _key_id(name: str, public: bytes, kind: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:_ID_BYTES]


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CheckpointInvalid("a note or key holds something other than base64") from error
