"""Cosignatures: a witness says when it saw a checkpoint (C2SP tlog-cosignature, `cosignature/v1` over Ed25519).

- A cosignature is one more line of the checkpoint's note: an instant and a signature over a heading, that instant and
  the checkpoint's text. It says that, at that instant, this was the largest tree of the log that the witness had seen.
- A witness's key is of a kind of its own. What verifies one cosignature verifies no plain signature, and the other way
  round; the key is pinned as `name+id+key`, like a log's.
- Two trees of one size with one log's signature prove that the log told two stories, whoever shows them.

Pure: keys and the instant are given. Whether an instant is believable, and whether the log has the checkpoint, is the
caller's to say.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.errors import CheckpointInvalid
from gateway.ledger.checkpoint import Checkpoint, open_checkpoint
from gateway.ledger.notes import NoteSignature, Verifier, add_signature, parse_vkey, read_note, vkey_of

#: The kind of key that cosigns.
COSIGNS = b"\x04"
_HEADING = "cosignature/v1"
_TIME_BYTES, _SIGNATURE_BYTES = 8, 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: The last second that a day has a name for.
_LAST = int((datetime.max.replace(tzinfo=UTC, microsecond=0) - _EPOCH).total_seconds())


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A checkpoint that its log signed and a witness cosigned, and when the witness says that it did."""

    checkpoint: Checkpoint
    witness: str
    at: datetime


class Cosigner:
    """A witness's key that is already in memory, under the witness's name."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.vkey = witness_vkey(name, key.public_key().public_bytes_raw())
        self._verifier = parse_witness(self.vkey)

    def cosign(self, note: str, at: datetime) -> str:
        """Return the note with one more line, ours. Raises CheckpointInvalid where it is no note."""
        text, _ = read_note(note)
        seconds = int((at - _EPOCH).total_seconds())
        signature = seconds.to_bytes(_TIME_BYTES) + self._key.sign(_message(seconds, text))
        return add_signature(note, NoteSignature(self._verifier.name, self._verifier.key_id, signature))


def witness_vkey(name: str, public: bytes) -> str:
    """Return the text form of a witness's public key."""
    return vkey_of(name, public, COSIGNS)


def parse_witness(text: str) -> Verifier:
    """Read a witness's public key. Raises CheckpointInvalid unless it is an Ed25519 key of a witness."""
    return parse_vkey(text, COSIGNS)


def open_cosigned(note: str, trusted: Collection[Verifier], witness: Verifier) -> Cosigned:
    """Read a checkpoint that a trusted key of the log signed and the witness cosigned, or raise CheckpointInvalid."""
    return Cosigned(open_checkpoint(note, trusted), witness.name, cosigned_at(note, witness))


def cosigned_at(note: str, witness: Verifier) -> datetime:
    """Return when the witness cosigned a note. Raises CheckpointInvalid unless it did so exactly once."""
    text, signatures = read_note(note)
    found = [line.signature for line in signatures if (line.name, line.key_id) == (witness.name, witness.key_id)]
    if len(found) != 1:
        raise CheckpointInvalid("the witness did not cosign exactly once")
    seconds = int.from_bytes(found[0][:_TIME_BYTES])
    if len(found[0]) != _TIME_BYTES + _SIGNATURE_BYTES or seconds > _LAST:
        raise CheckpointInvalid("a cosignature is an instant and an Ed25519 signature")
    if not witness.verifies(_message(seconds, text), found[0][_TIME_BYTES:]):
        raise CheckpointInvalid("the witness's cosignature does not verify")
    return _EPOCH + timedelta(seconds=seconds)


def _message(seconds: int, text: str) -> bytes:
    return f"{_HEADING}\ntime {seconds}\n{text}".encode()
