"""The argument of verification over streams made up for it: each step has a lie that only this step finds."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.ledger.checkpoint import Checkpoint, Ed25519Signer, parse_vkey, sign_checkpoint
from gateway.ledger.entries import Event, compose_entry
from gateway.ledger.key_chain import KeyChain, signed_by_next
from gateway.ledger.tree import EMPTY_ROOT, SUBTREE, leaf_hash, root_of
from gateway.ledger.verify import (
    Claim,
    Fault,
    Finding,
    LeafBlock,
    LeafRow,
    LogCheck,
    LogRow,
    NoteRow,
    block_findings,
    disagreements,
    leaf_findings,
)
from gateway.model.officers import Actor, Role

ORIGIN = "county.example/log"
SIGNER = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
ACTOR = Actor("tester", "Invented Tester", frozenset({Role.SERVICE}))
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def _entry_row(position, after, at=None):
    at = at or NOON + timedelta(minutes=position)
    entry = compose_entry(position, after, at, ACTOR, Event.SERVICE_STOPPED, {})
    return LogRow(position, entry.at, entry.actor, entry.event.value, entry.content, entry.leaf)


def _note_row(rows, size, signer=SIGNER):
    root = root_of(row.leaf for row in rows[:size])
    return NoteRow(size, root, sign_checkpoint(Checkpoint(signer.name, size, root), signer))


#: Six entries in three pieces of work.
ROWS = [_entry_row(1, 0), _entry_row(2, 1), _entry_row(3, 1), _entry_row(4, 1), _entry_row(5, 4), _entry_row(6, 4)]
NOTES = [_note_row(ROWS, size) for size in (1, 4, 6)]


def _check(rows=ROWS, notes=NOTES, elsewhere=()):
    log = LogCheck(KeyChain(parse_vkey(SIGNER.vkey)), elsewhere)
    entries = []
    found = [(finding.fault, finding.where) for finding in log.findings(rows, notes, entries.append)]
    return found, entries, log


def _with(rows, place, **changes):
    return [*rows[:place], rows[place]._replace(**changes), *rows[place + 1 :]]


def test_a_whole_log_has_nothing_wrong_and_every_entry_is_handed_on():
    found, entries, log = _check(elsewhere=[Checkpoint(ORIGIN, 4, NOTES[1].root), Checkpoint(ORIGIN, 0, EMPTY_ROOT)])
    assert found == []
    assert [entry.position for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert (log.size, log.root) == (6, NOTES[2].root)


def test_an_empty_log_is_whole_until_somebody_holds_a_checkpoint_of_it():
    assert _check([], [])[0] == []
    assert _check([], [], [Checkpoint(ORIGIN, 6, NOTES[2].root)])[0] == [(Fault.TRUNCATED, "entry 1")]


@pytest.mark.parametrize("place", range(6))
def test_step_1_changed_bytes_are_named(place):
    other = _entry_row(place + 1, ROWS[place].position and _after(place), NOON + timedelta(minutes=place, seconds=61))
    rows = _with(ROWS, place, body=other.body)
    assert (Fault.CHANGED, f"entry {place + 1}") in _check(rows)[0]


def _after(place):
    return (0, 1, 1, 1, 4, 4)[place]


@pytest.mark.parametrize(
    "changes",
    [
        {"at": "2026-11-22T12:03:01Z"},
        {"actor": "somebody"},
        {"event": "service:started"},
        {"leaf": b"\0" * 32},
        {"leaf": b""},
        {"body": b"{}"},
    ],
)
def test_step_1_a_changed_column_is_named_and_nothing_else(changes):
    assert _check(_with(ROWS, 2, **changes))[0][0] == (Fault.CHANGED, "entry 3")


def test_step_1_every_flipped_bit_of_an_entry_is_found():
    body = ROWS[2].body
    for bit in range(len(body) * 8):
        bent = bytearray(body)
        bent[bit // 8] ^= 1 << bit % 8
        assert (Fault.CHANGED, "entry 3") in _check(_with(ROWS, 2, body=bytes(bent)))[0]


def test_step_2_a_missing_entry_is_named():
    found = _check([*ROWS[:2], *ROWS[3:]])[0]
    assert found == [(Fault.MISSING, "entry 3")]


def test_step_2_an_entry_in_anothers_place_is_named():
    moved = [
        *ROWS[:4],
        ROWS[5]._replace(position=5),
        ROWS[4]._replace(position=6),
    ]
    found = _check(moved)[0]
    assert (Fault.REORDERED, "entry 5") in found
    assert (Fault.REORDERED, "entry 6") in found


def test_step_2_time_that_goes_back_is_named():
    back = [*ROWS[:5], _entry_row(6, 4, NOON)]
    notes = [*NOTES[:2], _note_row(back, 6)]
    assert _check(back, notes)[0] == [(Fault.REORDERED, "entry 6")]


def test_step_3_a_checkpoint_over_other_entries_is_a_fork():
    forged = [*ROWS[:5], _entry_row(6, 4, NOON + timedelta(hours=1))]
    assert _check(forged)[0] == [(Fault.FORKED, "checkpoint 6 in the database")]


def test_step_3_one_fork_is_told_once():
    forged = [_entry_row(1, 0, NOON), *ROWS[1:]]
    assert _check(forged)[0] == [(Fault.FORKED, "checkpoint 1 in the database")]


@pytest.mark.parametrize(
    "note",
    [
        "not a note",
        NOTES[1].note.replace("A", "B", 1),
        _note_row(ROWS, 4, Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())).note,
    ],
)
def test_step_3_a_checkpoint_that_nobody_trusted_signed_is_named(note):
    assert _check(notes=[NOTES[0], NOTES[1]._replace(note=note), NOTES[2]])[0] == [(Fault.UNSIGNED, "checkpoint 4")]


@pytest.mark.parametrize("origin", ["another.example/log", ORIGIN])
def test_step_3_a_log_is_handed_to_keys_of_its_own_name_only(origin):
    following = Ed25519Signer(origin, Ed25519PrivateKey.generate())
    said = {"vkey": following.vkey, "fingerprint": "AB" * 32, "before": "CD" * 32}
    entry = compose_entry(6, 4, NOON + timedelta(minutes=6), ACTOR, Event.LOG_KEY_CHANGED, said)
    rows = [*ROWS[:5], LogRow(6, entry.at, entry.actor, entry.event.value, entry.content, entry.leaf)]
    by_old = _note_row(rows, 6)
    both = by_old._replace(note=signed_by_next(by_old.note, following))
    named = [] if origin == ORIGIN else [(Fault.CHANGED, "entry 6")]
    assert _check(rows, [*NOTES[:2], both])[0] == named


def test_step_3_a_checkpoint_whose_columns_differ_is_named():
    notes = [NOTES[0], NOTES[1]._replace(root=b"\0" * 32), NOTES[2]]
    assert _check(notes=notes)[0] == [(Fault.CHANGED, "checkpoint 4")]


def test_step_4_a_checkpoint_taken_away_is_missed_by_the_next_entry():
    assert _check(notes=[NOTES[0], NOTES[2]])[0] == [(Fault.MISSING, "checkpoint 4")]


def test_step_4_entries_that_no_checkpoint_counts_are_named():
    assert _check(notes=NOTES[:2])[0] == [(Fault.INSERTED, "entry 5")]


def test_step_4_a_log_that_ends_before_its_checkpoint_is_cut():
    assert _check(ROWS[:4])[0] == [(Fault.TRUNCATED, "entry 5")]
    assert _check(ROWS[:1])[0] == [(Fault.TRUNCATED, "entry 2")]


def test_step_5_a_log_cut_with_its_checkpoints_is_found_from_elsewhere_only():
    assert _check(ROWS[:4], NOTES[:2])[0] == []
    outside = [Checkpoint(ORIGIN, 6, NOTES[2].root)]
    assert _check(ROWS[:4], NOTES[:2], outside)[0] == [(Fault.TRUNCATED, "entry 5")]


def test_step_5_a_log_signed_again_is_found_from_elsewhere_only():
    forged = [*ROWS[:5], _entry_row(6, 4, NOON + timedelta(hours=1))]
    notes = [*NOTES[:2], _note_row(forged, 6)]
    assert _check(forged, notes)[0] == []
    outside = [Checkpoint(ORIGIN, 6, NOTES[2].root)]
    assert _check(forged, notes, outside)[0] == [(Fault.FORKED, "checkpoint 6 kept elsewhere")]


def test_step_5_another_logs_checkpoint_is_not_ours():
    assert _check(elsewhere=[Checkpoint("other/log", 4, NOTES[1].root)])[0] == [
        (Fault.UNSIGNED, "checkpoint 4 kept elsewhere")
    ]


# --- trees of rows ---------------------------------------------------------------------------------------------------


def _leaf(content):
    return lambda position: leaf_hash(b"%d %s" % (position, content))


def _leaf_rows(count=6, first=1):
    return [
        LeafRow(place, _leaf(b"row %d" % place)(place), _leaf(b"row %d" % place))
        for place in range(first, count + first)
    ]


def _claim(rows, first=1):
    return Claim(len(rows), root_of(row.leaf_at(row.position) for row in rows).hex(), first)


CLAIM = _claim(_leaf_rows())


def _found(rows, claim=CLAIM):
    return [(finding.fault, finding.where) for finding in leaf_findings("list L", rows, claim)]


#: A list of two subtrees and a rest, in blocks of one.
MANY = _leaf_rows(2 * SUBTREE + 5)
KEPT = {number: root_of(row.stored for row in MANY[number * SUBTREE : (number + 1) * SUBTREE]) for number in range(2)}


def _block(rows, *, fits=True):
    whole = [row.stored for row in rows[:SUBTREE]] if len(rows) >= SUBTREE else []
    rest = [row.stored for row in rows[len(whole) :]]
    subtrees = ([root_of(whole)] if whole else []) if fits else None
    return LeafBlock(range(rows[0].position, rows[-1].position + 1), subtrees, rest, lambda: rows)


def _found_in_blocks(rows=MANY, fits=(True, True, True), kept=KEPT, claim=None):
    parts = [rows[:SUBTREE], rows[SUBTREE : 2 * SUBTREE], rows[2 * SUBTREE :]]
    blocks = [_block(part, fits=fit) for part, fit in zip(parts, fits, strict=True)]
    found = block_findings("list L", blocks, claim or _claim(MANY), kept)
    return [(finding.fault, finding.where) for finding in found]


def test_blocks_that_fit_and_those_that_are_read_row_by_row_have_nothing_wrong():
    assert _found_in_blocks() == []
    assert _found_in_blocks(kept={}) == []
    for place in range(3):
        assert _found_in_blocks(fits=[number != place for number in range(3)]) == []


def test_step_6_a_row_of_a_block_that_does_not_fit_is_named():
    rows = [*MANY[:SUBTREE], MANY[SUBTREE]._replace(leaf_at=_leaf(b"changed")), *MANY[SUBTREE + 1 :]]
    assert _found_in_blocks(rows, (True, False, True)) == [(Fault.CHANGED, f"list L row {SUBTREE + 1}")]


def test_step_6_blocks_behind_a_gap_are_read_row_by_row():
    rows = [*MANY[:3], *MANY[4:]]
    parts = [rows[: SUBTREE - 1], rows[SUBTREE - 1 : 2 * SUBTREE - 1], rows[2 * SUBTREE - 1 :]]
    blocks = [_block(part, fits=fits) for part, fits in zip(parts, (False, True, True), strict=True)]
    found = list(block_findings("list L", blocks, _claim(MANY), KEPT))
    assert [(each.fault, each.where) for each in found] == [
        (Fault.MISSING, "list L row 4"),
        (Fault.TRUNCATED, "list L"),
    ]


def test_step_7_blocks_that_agree_with_themselves_are_held_against_the_root():
    assert _found_in_blocks(claim=Claim(len(MANY), "00" * 32, 1)) == [(Fault.CHANGED, "list L")]


@pytest.mark.parametrize("wrong", [{0: b"\0" * 32}, {2: KEPT[0]}, {-1: KEPT[0]}, {"first": KEPT[0]}, {1: "text"}])
def test_what_is_kept_of_a_tree_is_held_against_its_rows(wrong):
    (number,) = wrong
    assert _found_in_blocks(kept=KEPT | wrong) == [(Fault.CHANGED, f"list L subtree {number}")]


def test_what_is_kept_of_a_tree_is_not_named_where_its_rows_are_wrong():
    rows = [*MANY[:7], MANY[7]._replace(leaf_at=_leaf(b"changed")), *MANY[8:]]
    assert _found_in_blocks(rows, (False, True, True), {0: b"\0" * 32}) == [(Fault.CHANGED, "list L row 8")]


def test_what_is_kept_of_the_log_is_held_against_its_entries():
    _, _, log = _check()
    assert [each.where for each in log.subtree_findings({0: b"\0" * 32})] == ["log subtree 0"]
    assert list(log.subtree_findings({})) == []
    _, _, broken = _check(rows=_with(ROWS, 2, leaf=b"\0" * 32))
    assert list(broken.subtree_findings({0: b"\0" * 32})) == []


def test_rows_that_give_their_leaves_and_root_have_nothing_wrong():
    assert _found(_leaf_rows()) == []
    assert _found([], Claim(0, EMPTY_ROOT.hex(), 1)) == []
    assert _found(_leaf_rows(3, first=0), _claim(_leaf_rows(3, first=0), first=0)) == []


def test_rows_that_store_no_leaf_are_judged_by_their_root():
    bare = [row._replace(stored=None) for row in _leaf_rows()]
    assert _found(bare) == []
    changed = [*bare[:2], bare[2]._replace(leaf_at=_leaf(b"changed")), *bare[3:]]
    assert _found(changed) == [(Fault.CHANGED, "list L")]


def test_step_6_a_changed_row_is_named():
    rows = _leaf_rows()
    assert _found([*rows[:2], rows[2]._replace(leaf_at=_leaf(b"changed")), *rows[3:]]) == [
        (Fault.CHANGED, "list L row 3")
    ]
    assert (Fault.CHANGED, "list L row 3") in _found([*rows[:2], rows[2]._replace(stored=b"\0" * 32), *rows[3:]])


def test_step_6_rows_in_each_others_place_are_named():
    rows = _leaf_rows()
    moved = [*rows[:2], rows[3]._replace(position=3), rows[2]._replace(position=4), *rows[4:]]
    found = _found(moved)
    assert found[:2] == [(Fault.REORDERED, "list L row 3"), (Fault.REORDERED, "list L row 4")]


def test_step_6_missing_rows_are_named():
    rows = _leaf_rows()
    assert _found([*rows[:2], *rows[4:]]) == [(Fault.MISSING, "list L row 3"), (Fault.TRUNCATED, "list L")]


def test_step_6_a_row_before_the_first_is_named():
    extra = LeafRow(0, leaf_hash(b"x"), lambda _: leaf_hash(b"x"))
    assert (Fault.INSERTED, "list L row 0") in _found([extra, *_leaf_rows()])


def test_step_6_many_changed_rows_are_all_named():
    rows = _leaf_rows(200)
    changed = [row._replace(leaf_at=_leaf(b"changed")) for row in rows]
    found = _found(changed, _claim(rows))
    assert [where for _, where in found] == [f"list L row {place}" for place in range(1, 201)]


def test_step_7_a_cut_list_and_a_grown_list_are_told_apart():
    assert _found(_leaf_rows(5)) == [(Fault.TRUNCATED, "list L")]
    assert _found(_leaf_rows(7)) == [(Fault.INSERTED, "list L")]


def test_step_7_rows_that_agree_with_themselves_only_are_found_at_the_root():
    rows = _leaf_rows()
    forged = rows[2]._replace(leaf_at=_leaf(b"forged"), stored=_leaf(b"forged")(3))
    assert _found([*rows[:2], forged, *rows[3:]]) == [(Fault.CHANGED, "list L")]


def test_step_7_rows_that_no_entry_knows_of_are_one_finding():
    assert _found(_leaf_rows(), None) == [(Fault.INSERTED, "list L")]


@pytest.mark.parametrize("error", [TypeError, ValueError, AttributeError, OverflowError])
def test_what_cannot_be_hashed_is_a_finding_and_no_error(error):
    def refuse(_position):
        raise error

    rows = _leaf_rows()
    assert _found([*rows[:2], rows[2]._replace(leaf_at=refuse), *rows[3:]]) == [(Fault.CHANGED, "list L row 3")]


# --- other rows ------------------------------------------------------------------------------------------------------


def test_step_8_each_name_under_which_row_and_entry_differ_is_told_without_the_values():
    row = {"outcome": "verified", "list": "L-1", "level": None}
    assert list(disagreements("attempt 1", row, {"outcome": "verified", "list": "L-1", "more": 1})) == []
    found = list(disagreements("attempt 1", row, {"outcome": "failed", "list": "L-1", "level": "received"}))
    assert found == [
        Finding(Fault.CHANGED, "attempt 1", "its outcome is not what its entry says"),
        Finding(Fault.CHANGED, "attempt 1", "its level is not what its entry says"),
    ]
