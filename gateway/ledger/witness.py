"""Decide what a witness co-signs: a second box that remembers the newest checkpoint of each log, and nothing else.

(1) The log's key of its time signed the checkpoint: the key that was pinned, or one that it was handed on to.
(2) The log only grew since the checkpoint that the witness saw last: the proof leads from that one to this.
(3) A smaller one is a log that went back. One of the same size with another root is two stories of one log: it is kept,
    because it proves that to anybody.
(4) What is remembered is on disk before the co-signature is given out: the caller sees to it.

Pure: state and proof are given, and what becomes of the state is returned. The proof's form is proof_documents.py's.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.errors import CheckpointInvalid, EntryInvalid
from gateway.ledger.checkpoint import Checkpoint, parse_vkey, read_unverified
from gateway.ledger.cosignature import Cosigner
from gateway.ledger.entries import read_entry
from gateway.ledger.events import Event
from gateway.ledger.key_chain import KeyChain
from gateway.ledger.notes import only_signed_by
from gateway.ledger.proof_documents import PROOF, lines_of, note_of, text_of_key
from gateway.ledger.proofs import extends, includes
from gateway.ledger.tree import EMPTY_ROOT

STATE = "supporting-families-gateway/witness/1"
_AGAIN = "Ask for a proof from the size that `gateway audit witness show` names: `gateway audit proof --consistency`."


@dataclass(frozen=True, slots=True)
class SeenLog:
    """A log as the witness knows it: its keys by the size from which on each signs, and the newest checkpoint."""

    keys: tuple[tuple[int, str], ...]
    note: str | None = None

    @property
    def newest(self) -> Checkpoint | None:
        """The checkpoint that was co-signed last."""
        return read_unverified(self.note) if self.note else None

    def chain(self) -> KeyChain:
        """Return the log's keys."""
        chain = KeyChain(parse_vkey(self.keys[0][1]))
        for position, vkey in self.keys[1:]:
            chain.hand_over(position, vkey)
        return chain


@dataclass(frozen=True, slots=True)
class Witness:
    """What a witness keeps: its name and key, the logs, and the checkpoints that contradict one of them."""

    name: str
    key: bytes = field(repr=False)
    logs: Mapping[str, SeenLog]
    contradictions: tuple[str, ...] = ()

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read what `written` wrote. Raises CheckpointInvalid for anything else."""
        try:
            state = json.loads(data)
            if state["format"] != STATE:
                raise CheckpointInvalid("this is not the state of a witness")
            logs = {origin: _read_log(log) for origin, log in state["logs"].items()}
            contradictions = tuple(map(note_of, state["contradictions"]))
            return cls(state["name"], base64.b64decode(state["key"], validate=True), logs, contradictions)
        # From None: the state holds a key.
        except (KeyError, TypeError, ValueError, AttributeError):
            raise CheckpointInvalid("the state of the witness cannot be read") from None

    def written(self) -> bytes:
        """Return the bytes to keep."""
        logs = {
            origin: {"keys": log.keys, "checkpoint": lines_of(log.note) if log.note else None}
            for origin, log in self.logs.items()
        }
        key, contradictions = base64.b64encode(self.key).decode(), list(map(lines_of, self.contradictions))
        state = {"format": STATE, "name": self.name, "key": key, "logs": logs, "contradictions": contradictions}
        return json.dumps(state, indent=2, ensure_ascii=False).encode() + b"\n"

    @property
    def cosigner(self) -> Cosigner:
        """The key that co-signs."""
        return Cosigner(self.name, Ed25519PrivateKey.from_private_bytes(self.key))

    def watching(self, vkey: str) -> Self:
        """Return the witness with one more log, by the key that somebody was told. Raises CheckpointInvalid."""
        origin = parse_vkey(vkey).name
        if origin in self.logs:
            raise CheckpointInvalid("this witness knows a log of that name already")
        return replace(self, logs={**self.logs, origin: SeenLog(((0, vkey),))})


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a proof: the state to keep, and the co-signed checkpoint, or why there is none."""

    witness: Witness
    cosigned: str | None
    refusal: CheckpointInvalid | None = None


def judge_growth(witness: Witness, proof: Mapping[str, Any], at: datetime) -> Judged:
    """Judge a proof of growth at an instant. Raises CheckpointInvalid where it proves nothing to this witness."""
    try:
        return _judge(witness, proof, at)
    except (LookupError, TypeError, ValueError, AttributeError, binascii.Error, EntryInvalid) as error:
        raise CheckpointInvalid("this is no proof that a log grew", advice=_AGAIN) from error


def _judge(witness: Witness, proof: Mapping[str, Any], at: datetime) -> Judged:
    if proof["format"] != PROOF or proof["proves"] != "growth":
        raise CheckpointInvalid("this is no proof that a log grew", advice=_AGAIN)
    note = note_of(proof["checkpoint"])
    shown = read_unverified(note)
    seen = witness.logs.get(shown.origin)
    if seen is None:
        raise CheckpointInvalid("this witness does not know the log of that proof")
    keys = _keys_after(seen, proof["hand_overs"], shown)
    keys.open(note)  # (1)
    # What else stands under it is nobody's that this witness knows.
    note, newest = only_signed_by(note, (key for _, key in keys.periods)), seen.newest
    if newest and shown.size == newest.size and shown.root != newest.root:  # (3)
        refusal = CheckpointInvalid(
            f"the log shows two checkpoints of {shown.size} entries: it tells two stories",
            advice="Both are signed and kept in the state. Keep that file as it is, and call the auditors.",
        )
        return Judged(replace(witness, contradictions=(*witness.contradictions, note)), None, refusal)
    _require_grown(newest, shown, _path(proof["growth_path"]))
    cosigned = witness.cosigner.cosign(note, at)
    log = SeenLog(tuple((position, text_of_key(key)) for position, key in keys.periods), cosigned)
    return Judged(replace(witness, logs={**witness.logs, shown.origin: log}), cosigned)


def _require_grown(newest: Checkpoint | None, shown: Checkpoint, path: Sequence[bytes]) -> None:
    size, root = (newest.size, newest.root) if newest else (0, EMPTY_ROOT)
    if shown.size < size:  # (3)
        raise CheckpointInvalid(f"the log went back from {size} entries to {shown.size}", advice=_AGAIN)
    # The same again needs no proof.
    if shown.size > size and not extends(root, size, shown.root, shown.size, path):  # (2)
        raise CheckpointInvalid(f"it is not shown that the log of {size} entries grew into this one", advice=_AGAIN)


def _keys_after(seen: SeenLog, hand_overs: Sequence[Mapping[str, Any]], shown: Checkpoint) -> KeyChain:
    """Return the keys that are known, and those that the log was handed on to since."""
    keys = seen.chain()
    entries = [read_entry(str(each["entry"]).encode()) for each in hand_overs]
    known = [number for number, entry in enumerate(entries) if entry.body.get("vkey") == seen.keys[-1][1]]
    for each, entry in list(zip(hand_overs, entries, strict=True))[known[-1] + 1 if known else 0 :]:
        note = note_of(each["checkpoint"])
        handed = read_unverified(note)
        in_log = includes(handed.root, handed.size, entry.position - 1, entry.leaf, _path(each["entry_path"]))
        grown = extends(handed.root, handed.size, shown.root, shown.size, _path(each["growth_path"]))
        if entry.event is not Event.LOG_KEY_CHANGED or entry.position != handed.size or not (in_log and grown):
            raise CheckpointInvalid("the log is handed to another key, and not as it has to be", advice=_AGAIN)
        keys.hand_over(entry.position, str(entry.body["vkey"]))
        keys.open(note)
    return keys


def _path(hashes: Iterable[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in hashes]


def _read_log(log: Mapping[str, Any]) -> SeenLog:
    note = note_of(log["checkpoint"]) if log["checkpoint"] else None
    return SeenLog(tuple((int(position), str(vkey)) for position, vkey in log["keys"]), note)
