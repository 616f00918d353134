"""Hashing here and in a process beside: the same answers in the same order, and nothing is left of the other."""

import os

import pytest

from gateway.ledger.packed import subtrees_of
from gateway.store.hashing import WORTH_A_PROCESS, Beside, Here, hashing
from tests.unit.ledger.test_packed import PREFIX, ROWS, with_numbers, without_numbers

ASKED = [with_numbers(), without_numbers(), with_numbers(ROWS[1:] + ROWS[:1]), without_numbers()._replace(first=2)]


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(("rows", "kind"), [(WORTH_A_PROCESS - 1, Here), (WORTH_A_PROCESS, Beside)])
def test_answers_come_in_the_order_of_the_questions(rows, kind):
    with hashing(rows) as hashes:
        assert isinstance(hashes, kind)
        for each in ASKED:
            hashes.ask(PREFIX, each)
        answers = [hashes.answer() for _ in ASKED]
    assert answers == [subtrees_of(PREFIX, each) for each in ASKED]
    assert [answer is None for answer in answers] == [False, False, True, True]
    if kind is Beside:
        assert not is_running(hashes.child.pid)


def test_a_process_that_ends_gives_no_answer_and_stops_nobody():
    with hashing(WORTH_A_PROCESS) as hashes:
        hashes.ask(PREFIX, ASKED[0])
        assert hashes.answer() is not None
        hashes.child.kill()
        hashes.child.wait()
        for each in ASKED:
            hashes.ask(PREFIX, each)
        assert [hashes.answer() for _ in ASKED] == [None] * len(ASKED)


def test_a_process_does_not_outlive_whoever_stops_reading():
    with pytest.raises(KeyboardInterrupt), hashing(WORTH_A_PROCESS) as hashes:
        hashes.ask(PREFIX, ASKED[0])
        raise KeyboardInterrupt
    assert not is_running(hashes.child.pid)


def test_where_no_process_can_be_started_the_work_is_done_here(monkeypatch):
    monkeypatch.setattr("gateway.store.hashing._COMMAND", ("/nowhere/python",))
    with hashing(WORTH_A_PROCESS) as hashes:
        assert isinstance(hashes, Here)
