"""Checkpoints: what the log was at a size, signed, in the form that other logs use (C2SP tlog-checkpoint).

Three lines: the log's name (origin), its number of entries, the root of its tree. No extension lines: nobody can
audit them. Any one copy kept outside shows a log that was cut, rewritten or restored from an older backup.

Pure. A size of zero is a checkpoint too. Which keys are trusted is the caller's to say; which key of a log signs when,
key_chain.py says.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.errors import CheckpointInvalid
from gateway.ledger.notes import Ed25519Signer, Signer, Verifier, open_note, parse_vkey, sign_note, vkey_of
from gateway.ledger.tree import HASH_BYTES

__all__ = [
    "Checkpoint",
    "Ed25519Signer",
    "Signer",
    "Verifier",
    "open_checkpoint",
    "parse_vkey",
    "read_unverified",
    "sign_checkpoint",
    "vkey_of",
]

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log named `origin` had `size` entries and this root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> str:
    """Return the signed note. Raises CheckpointInvalid where the signer is not the log's own."""
    if signer.name != checkpoint.origin:
        raise CheckpointInvalid("a checkpoint is signed by the key that bears the log's name")
    return sign_note(checkpoint.text, signer)


def open_checkpoint(note: str, trusted: Iterable[Verifier]) -> Checkpoint:
    """Read a signed checkpoint. Raises CheckpointInvalid unless a trusted key signed exactly these three lines."""
    return _parse(open_note(note, trusted))


def read_unverified(note: str) -> Checkpoint:
    """Read a checkpoint without asking who signed it: only for saying what a doubtful one claims."""
    return _parse(note.rpartition("\n\n")[0] + "\n")


def _parse(text: str) -> Checkpoint:
    origin, size, root = _three_lines(text)
    if not origin or not _SIZE.fullmatch(size):
        raise CheckpointInvalid("a checkpoint needs the log's name and its size")
    checkpoint = Checkpoint(origin, int(size), _decode(root))
    if len(checkpoint.root) != HASH_BYTES or checkpoint.text != text:
        raise CheckpointInvalid("a checkpoint is not in its canonical form")
    return checkpoint


def _three_lines(text: str) -> tuple[str, str, str]:
    match text.split("\n"):
        case [origin, size, root, ""]:
            return origin, size, root
    raise CheckpointInvalid("a checkpoint has exactly three lines")


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CheckpointInvalid("a checkpoint's root is not base64") from error
