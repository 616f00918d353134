"""What a co-signed checkpoint is worth, where the log changed its key or lost entries."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.ledger.checkpoint import Checkpoint, Ed25519Signer, parse_vkey, sign_checkpoint
from gateway.ledger.cosignature import Cosigner
from gateway.ledger.key_chain import KeyChain, signed_by_next
from gateway.receipts.witness import CLOCKS_DIFFER_BY, KEPT, OurLog, Witnessing, judge_cosignature

ORIGIN = "county.example/log"
OLD, NEW = (Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate()) for _ in range(2))
DESK = Cosigner("desk.example/witness", Ed25519PrivateKey.generate())
MADE = datetime(2026, 11, 22, 23, 10, tzinfo=UTC)
NOW = MADE + timedelta(hours=9)


def log(*, has=(7, 10, 12), lost=(), sent=7) -> OurLog:
    """A log that was handed to another key at entry 10, and says of some sizes that they were lost."""
    keys = KeyChain(parse_vkey(OLD.vkey))
    keys.hand_over(10, NEW.vkey)
    return OurLog(
        keys,
        made_at=lambda checkpoint: MADE if checkpoint == at(checkpoint.size) and checkpoint.size in has else None,
        was_lost=lambda checkpoint: checkpoint.size in lost,
        sent=at(sent) if sent else None,
    )


def at(size: int, root: bytes = b"r") -> Checkpoint:
    return Checkpoint(ORIGIN, size, root * 32)


def judged(checkpoint: Checkpoint, signer=OLD, when=NOW, known=None, note=None):
    note = DESK.cosign(note or sign_checkpoint(checkpoint, signer), when)
    return judge_cosignature(base64.b64encode(note.encode()).decode(), DESK.vkey, known or log(), NOW)


def test_each_key_counts_in_its_period_and_at_the_hand_over_both():
    assert judged(at(7)).verdict is Witnessing.KEPT
    assert judged(at(12), NEW, known=log(sent=12)).verdict is Witnessing.KEPT
    both = signed_by_next(sign_checkpoint(at(10), OLD), NEW)
    assert judged(at(10), note=both, known=log(sent=10)).verdict is Witnessing.KEPT


@pytest.mark.parametrize(("size", "signer"), [(12, OLD), (7, NEW)])
def test_a_key_of_ours_outside_its_period_is_a_second_story(size, signer):
    """Whoever found an old key showed the recipient a log of their own."""
    found = judged(at(size), signer)
    assert found.verdict is Witnessing.CONTRADICTS_LOG
    assert found.cosigned.checkpoint == at(size)


def test_another_root_of_a_size_that_we_have_is_a_second_story():
    assert judged(at(7, b"s")).verdict is Witnessing.CONTRADICTS_LOG


def test_what_the_log_says_itself_that_it_lost_is_none():
    assert judged(at(9), known=log(lost=(8, 9))).verdict is Witnessing.COUNTS_LOST_ENTRIES
    assert judged(at(9)).verdict is Witnessing.CONTRADICTS_LOG


def test_a_second_story_is_kept_whenever_and_for_whatever_list_it_came():
    found = judged(at(9), when=NOW + timedelta(days=400), known=log(sent=None))
    assert (found.verdict, found.verdict in KEPT, bool(found.note)) == (Witnessing.CONTRADICTS_LOG, True, True)


@pytest.mark.parametrize(
    ("when", "verdict"),
    [
        (MADE - CLOCKS_DIFFER_BY, Witnessing.KEPT),
        (MADE - CLOCKS_DIFFER_BY - timedelta(seconds=1), Witnessing.BAD_TIME),
        (NOW + CLOCKS_DIFFER_BY, Witnessing.KEPT),
        (NOW + CLOCKS_DIFFER_BY + timedelta(seconds=1), Witnessing.BAD_TIME),
    ],
)
def test_two_clocks_may_differ_by_as_much_and_no_more(when, verdict):
    assert judged(at(7), when=when).verdict is verdict


def test_without_an_accepted_receipt_nothing_was_sent_that_it_could_be():
    found = judged(at(7), known=log(sent=None))
    assert (found.verdict, found.note) == (Witnessing.OTHER_CHECKPOINT, "")


def test_another_logs_checkpoint_is_not_ours_whoever_signed_it():
    theirs = Ed25519Signer("elsewhere.example/log", Ed25519PrivateKey.generate())
    assert judged(Checkpoint(theirs.name, 7, b"r" * 32), theirs).verdict is Witnessing.NOT_OUR_CHECKPOINT
