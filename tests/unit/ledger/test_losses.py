"""What the log says that it lost is believed for exactly those sizes, and never covers a log that was cut in silence."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.ledger.checkpoint import Checkpoint, Ed25519Signer, parse_vkey, sign_checkpoint
from gateway.ledger.entries import Event, compose_entry
from gateway.ledger.key_chain import KeyChain
from gateway.ledger.losses import Loss, loss_counting
from gateway.ledger.tree import root_of
from gateway.ledger.verify import Fault, LogCheck, LogRow, NoteRow
from gateway.model.officers import Actor, Role

SIGNER = Ed25519Signer("county.example/log", Ed25519PrivateKey.generate())
ACTOR = Actor("approver", "Invented Approver", frozenset({Role.APPROVER}))
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LOST_ROOT = b"\7" * 32
RESTORED = {"had": 2, "held": 5, "root": LOST_ROOT.hex(), "last_at": "2026-11-22T12:02:00Z", "case": "IG-2026-0142"}


def an_entry(position, after, event=Event.SERVICE_STOPPED, **body):
    entry = compose_entry(position, after, NOON + timedelta(minutes=position), ACTOR, event, body)
    return LogRow(position, entry.at, entry.actor, entry.event.value, entry.content, entry.leaf)


def a_log(**said):
    """Two entries, a restore that is settled, and one entry of the log as it goes on."""
    restored = an_entry(3, 2, Event.DATABASE_RESTORED, **(RESTORED | said))
    lost = [an_entry(position, 2, Event.ENTRY_LOST, restored=3) for position in (4, 5, 6)]
    return [an_entry(1, 0), an_entry(2, 0), restored, *lost, an_entry(7, 6)]


def a_note(rows, size):
    checkpoint = Checkpoint(SIGNER.name, size, root_of(row.leaf for row in rows[:size]))
    return NoteRow(size, checkpoint.root, sign_checkpoint(checkpoint, SIGNER))


def judged(rows, *, sizes=(2, 6, 7), elsewhere=()):
    log = LogCheck(KeyChain(parse_vkey(SIGNER.vkey)), [Checkpoint(SIGNER.name, *each) for each in elsewhere])
    notes = [a_note(rows, size) for size in sizes]
    return [(each.fault, each.where) for each in log.findings(rows, notes, lambda _: None)], log


def test_a_recorded_restore_is_whole_and_named():
    found, log = judged(a_log())
    assert found == []
    assert [(loss.position, loss.had, loss.held, loss.actor) for loss in log.losses] == [(3, 2, 5, "approver")]


@pytest.mark.parametrize("kept", [(5, LOST_ROOT), (3, b"\1" * 32), (4, b"\2" * 32)])
def test_a_checkpoint_of_what_was_lost_is_no_fault(kept):
    found, log = judged(a_log(), elsewhere=[kept])
    assert found == []
    assert [each.size for each in log.lost] == [kept[0]]


@pytest.mark.parametrize("kept", [(2, b"\1" * 32), (5, b"\1" * 32), (6, b"\1" * 32), (7, b"\1" * 32)])
def test_L7_a_checkpoint_of_any_other_size_or_root_says_that_the_log_is_not_the_one_it_was(kept):
    found, log = judged(a_log(), elsewhere=[kept])
    assert found == [(Fault.FORKED, f"checkpoint {kept[0]} kept elsewhere")]
    assert log.lost == []


def test_L7_a_log_that_ends_before_a_checkpoint_is_cut_whatever_it_records():
    assert judged(a_log(), elsewhere=[(8, b"\1" * 32)])[0] == [(Fault.TRUNCATED, "entry 8")]


@pytest.mark.parametrize("said", [{"had": 1}, {"had": 0}, {"held": 2}])
def test_L7_a_loss_that_does_not_begin_where_its_work_began_is_found(said):
    assert (Fault.CHANGED, "entry 3") in judged(a_log(**said))[0]


def test_L7_no_size_that_was_lost_is_used_again():
    rows = [*a_log()[:4], an_entry(5, 4), an_entry(6, 5)]
    found, _ = judged(rows, sizes=(2, 4, 5, 6))
    assert found == [(Fault.FORKED, "checkpoint 4"), (Fault.FORKED, "checkpoint 5")]


def test_a_loss_counts_what_is_behind_what_it_had_and_up_to_what_was_held():
    loss = Loss(3, 2, 2, 5, LOST_ROOT.hex(), "2026-11-22T12:03:00Z", "approver", "IG-2026-0142")
    for size in range(8):
        checkpoint = Checkpoint(SIGNER.name, size, LOST_ROOT)
        assert (loss_counting(checkpoint, [loss]) is loss) == (size in {3, 4, 5})
