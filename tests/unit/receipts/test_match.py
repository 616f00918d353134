"""What a verified receipt means for the list that it names, in every state."""

import itertools
from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from gateway.model.delivery import MOVES, ListState
from gateway.model.receipt import Receipt, ReceiptLevel
from gateway.receipts import match
from gateway.receipts.match import KnownList, Outcome, Verdict

HASH = "ab" * 32
TODAY = date(2027, 1, 31)
match_receipt = partial(match.match_receipt, today=TODAY)
_L, _S = ReceiptLevel, ListState


def a_receipt(level: ReceiptLevel = _L.RECEIVED, people: int | None = None, sha256: str = HASH) -> Receipt:
    reason = "cannot_open" if level is _L.REJECTED else None
    receipt = Receipt("L-1", sha256, level, people, reason, "A" * 40, b"raw")
    return replace(receipt, destroyed_on=TODAY) if level is _L.DESTROYED else receipt


def a_list(state: ListState = _S.VERIFIED, levels: tuple[ReceiptLevel, ...] = ()) -> KnownList:
    return KnownList("L-1", HASH, 12, state, levels)


@pytest.mark.parametrize("level", [_L.RECEIVED, _L.VALIDATED, _L.PROCESSED])
@pytest.mark.parametrize("state", [_S.VERIFIED, _S.UNCERTAIN, _S.UNCOLLECTED])
def test_an_answer_moves_a_delivered_list_to_received(level: ReceiptLevel, state: ListState) -> None:
    assert match_receipt(a_receipt(level, 12), a_list(state)) == Outcome(Verdict.ACCEPTED, _S.RECEIVED)


@pytest.mark.parametrize("state", [_S.VERIFIED, _S.UNCERTAIN, _S.UNCOLLECTED, _S.RECEIVED])
def test_a_rejection_moves_it_to_rejected(state: ListState) -> None:
    assert match_receipt(a_receipt(_L.REJECTED), a_list(state)) == Outcome(Verdict.ACCEPTED, _S.REJECTED)


def test_a_further_answer_for_a_received_list_is_kept_and_moves_nothing() -> None:
    known = a_list(_S.RECEIVED, (_L.RECEIVED,))
    assert match_receipt(a_receipt(_L.PROCESSED, 12), known) == Outcome(Verdict.ACCEPTED)


def test_a_recalled_list_may_still_be_answered_for() -> None:
    assert match_receipt(a_receipt(), a_list(_S.RECALLED)) == Outcome(Verdict.ACCEPTED)


@pytest.mark.parametrize("state", [_S.PLANNED, _S.WITHHELD, _S.SEALED, _S.VOID, _S.FAILED])
def test_a_receipt_for_a_list_that_was_never_sent_is_refused(state: ListState) -> None:
    """Somebody holds a package that they should not have, or guesses."""
    assert match_receipt(a_receipt(), a_list(state)).verdict is Verdict.NEVER_SENT


@pytest.mark.parametrize("state", [_S.SENDING, _S.UPLOADED])
def test_a_receipt_that_overtakes_the_delivery_waits(state: ListState) -> None:
    assert match_receipt(a_receipt(), a_list(state)).verdict is Verdict.TOO_EARLY


@pytest.mark.parametrize("state", [_S.VERIFIED, _S.SENDING])
def test_a_receipt_for_another_package_is_refused(state: ListState) -> None:
    assert match_receipt(a_receipt(sha256="cd" * 32), a_list(state)).verdict is Verdict.OTHER_PACKAGE


@pytest.mark.parametrize("state", [_S.UNCERTAIN, _S.VERIFIED, _S.UNCOLLECTED])
@pytest.mark.parametrize("people", [None, 5])
def test_a_list_that_a_restored_database_lost_is_known_by_its_name_alone(state: ListState, people: int | None) -> None:
    """Its package and people are not on record; `people` is what it was withheld for before, if it was."""
    lost = KnownList("L-1", None, people, state, ())
    assert match_receipt(a_receipt(people=12), lost) == Outcome(Verdict.ACCEPTED, _S.RECEIVED)
    assert match_receipt(a_receipt(_L.REJECTED), lost).move_to is _S.REJECTED


def test_a_receipt_for_an_unknown_list_is_refused() -> None:
    assert match_receipt(a_receipt(), None).verdict is Verdict.UNKNOWN_LIST
    assert match_receipt(a_receipt(), KnownList("L-2", HASH, 12, _S.VERIFIED, ())).verdict is Verdict.UNKNOWN_LIST


def test_another_count_is_refused_unless_it_is_what_the_list_is_rejected_for() -> None:
    assert match_receipt(a_receipt(_L.VALIDATED, 11), a_list()).verdict is Verdict.OTHER_COUNT
    assert match_receipt(a_receipt(_L.REJECTED, 11), a_list()).accepted


def test_what_was_said_cannot_be_taken_back() -> None:
    rejected, processed = a_list(_S.REJECTED, (_L.REJECTED,)), a_list(_S.RECEIVED, (_L.RECEIVED, _L.PROCESSED))
    assert match_receipt(a_receipt(_L.PROCESSED, 12), rejected).verdict is Verdict.CONTRADICTS
    assert match_receipt(a_receipt(_L.REJECTED), processed).verdict is Verdict.CONTRADICTS


def test_every_outcome_is_a_move_that_the_machine_has() -> None:
    levels = [(), (_L.RECEIVED,), (_L.PROCESSED,), (_L.REJECTED,)]
    for state, before, level in itertools.product(ListState, levels, ReceiptLevel):
        outcome = match_receipt(a_receipt(level, 12), a_list(state, before))
        assert outcome.move_to is None or outcome.move_to in MOVES[state]
        assert outcome.move_to is None or outcome.accepted


@pytest.mark.parametrize("state", [_S.VERIFIED, _S.UNCERTAIN, _S.UNCOLLECTED])
def test_a_certificate_of_destruction_says_that_the_list_arrived(state: ListState) -> None:
    """Nobody destroys what never came."""
    assert match_receipt(a_receipt(_L.DESTROYED), a_list(state)) == Outcome(Verdict.ACCEPTED, _S.RECEIVED)


@pytest.mark.parametrize("state", [_S.RECEIVED, _S.REJECTED, _S.RECALLED])
@pytest.mark.parametrize("before", [_L.PROCESSED, _L.REJECTED, _L.RECEIVED])
def test_whatever_was_answered_before_a_list_may_be_certified_as_destroyed(state: ListState, before) -> None:
    assert match_receipt(a_receipt(_L.DESTROYED), a_list(state, (before,))) == Outcome(Verdict.ACCEPTED)


def test_a_certificate_counts_for_the_package_that_was_sent_and_no_other() -> None:
    assert match_receipt(a_receipt(_L.DESTROYED, sha256="cd" * 32), a_list()).verdict is Verdict.OTHER_PACKAGE
    assert match_receipt(a_receipt(_L.DESTROYED), a_list(_S.SEALED)).verdict is Verdict.NEVER_SENT


def test_nothing_is_certified_as_destroyed_on_a_day_to_come() -> None:
    tomorrow = replace(a_receipt(_L.DESTROYED), destroyed_on=date(2027, 2, 1))
    assert match_receipt(tomorrow, a_list()).verdict is Verdict.NOT_YET
    assert match_receipt(replace(tomorrow, destroyed_on=TODAY), a_list()).accepted


def test_an_answer_that_comes_after_the_certificate_still_counts() -> None:
    """Files of one folder are read in the order of their names."""
    known = a_list(_S.RECEIVED, (_L.DESTROYED,))
    assert match_receipt(a_receipt(_L.VALIDATED, 12), known) == Outcome(Verdict.ACCEPTED)
