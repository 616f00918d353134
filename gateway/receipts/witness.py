"""Decide what the co-signed checkpoint of a receipt is worth. The receipt itself counts whatever is wrong with that.

(1) It is a note in base64, our log signed it, and the partner's pinned witness key cosigned it.
(2) Our log has it, or says itself that it was lost. A checkpoint with our own signature that our log does not know is
    proof of a second story: it is kept, whatever else is wrong with the receipt.
(3) The witness saw it after it was made and before now, as far as two clocks agree.
(4) It is the one that went with the list of an accepted receipt. Another one says nothing about that list.

Pure: the caller supplies the keys, what the log has, and now.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.errors import CheckpointInvalid
from gateway.ledger.checkpoint import Checkpoint, read_unverified
from gateway.ledger.cosignature import Cosigned, cosigned_at, parse_witness
from gateway.ledger.key_chain import KeyChain
from gateway.ledger.notes import only_signed_by

#: Two machines' clocks are no further apart than this.
CLOCKS_DIFFER_BY = timedelta(minutes=15)


class Witnessing(StrEnum):
    """What became of a co-signed checkpoint. Stored."""

    KEPT = "kept"
    #: Our log does not know what bears its signature.
    CONTRADICTS_LOG = "contradicts_log"
    #: It counts entries that a database restored from an older backup does not have, and says so.
    COUNTS_LOST_ENTRIES = "counts_lost_entries"
    NO_WITNESS_PINNED = "no_witness_pinned"
    UNREADABLE = "unreadable"
    NOT_OUR_CHECKPOINT = "not_our_checkpoint"
    WRONG_KEY = "wrong_key"
    BAD_TIME = "bad_time"
    OTHER_CHECKPOINT = "other_checkpoint"


#: What is kept as it came.
KEPT = frozenset({Witnessing.KEPT, Witnessing.CONTRADICTS_LOG})


@dataclass(frozen=True, slots=True)
class OurLog:
    """What is known of our log.

    `made_at` says when it came to a checkpoint of its own, None for one that it has not; `was_lost` whether it says of
    one that it was lost. `sent` is the checkpoint that went with the list, where the receipt is an accepted one.
    """

    keys: KeyChain
    made_at: Callable[[Checkpoint], datetime | None]
    was_lost: Callable[[Checkpoint], bool]
    sent: Checkpoint | None


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The verdict, and what is to be kept, if it is: the note with our signatures and the witness's, no others."""

    verdict: Witnessing
    note: str = ""
    cosigned: Cosigned | None = None


def judge_cosignature(encoded: str, witness_key: str | None, log: OurLog, now: datetime) -> Witnessed:
    """Return what a co-signed checkpoint is worth; `witness_key` is the one that the partner's record pins."""
    if witness_key is None:
        return Witnessed(Witnessing.NO_WITNESS_PINNED)
    try:
        note = base64.b64decode(encoded, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return Witnessed(Witnessing.UNREADABLE)
    try:
        checkpoint, in_period = _ours(note, log.keys)  # (1)
    except CheckpointInvalid:
        return Witnessed(Witnessing.NOT_OUR_CHECKPOINT)
    witness = parse_witness(witness_key)
    try:
        cosigned = Cosigned(checkpoint, witness.name, cosigned_at(note, witness))  # (1)
    except CheckpointInvalid:
        return Witnessed(Witnessing.WRONG_KEY)
    verdict = _judge(cosigned, log, now) if in_period else Witnessing.CONTRADICTS_LOG
    if verdict not in KEPT:
        return Witnessed(verdict)
    return Witnessed(verdict, only_signed_by(note, [witness, *(key for _, key in log.keys.periods)]), cosigned)


def _ours(note: str, keys: KeyChain) -> tuple[Checkpoint, bool]:
    """Return a checkpoint that a key of our log signed, and whether in the period of that key."""
    if keys.is_out_of_period(note):
        return read_unverified(note), False
    return keys.open(note), True


def _judge(cosigned: Cosigned, log: OurLog, now: datetime) -> Witnessing:
    made_at = log.made_at(cosigned.checkpoint)
    if made_at is None:  # (2)
        return Witnessing.COUNTS_LOST_ENTRIES if log.was_lost(cosigned.checkpoint) else Witnessing.CONTRADICTS_LOG
    if not made_at - CLOCKS_DIFFER_BY <= cosigned.at <= now + CLOCKS_DIFFER_BY:  # (3)
        return Witnessing.BAD_TIME
    return Witnessing.KEPT if cosigned.checkpoint == log.sent else Witnessing.OTHER_CHECKPOINT  # (4)
