"""Chains of acts side by side: each in its order, so many at once, and answers as they were asked."""

import threading
import time

import pytest

from gateway.services.disclosure.side_by_side import side_by_side


class Acts:
    """Acts that note what was under way at once."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._under_way: set[str] = set()
        self.done: list[str] = []
        self.most = 0

    def act(self, name: str, seconds: float = 0.02):
        def done() -> str:
            with self._turn:
                assert name[0] not in {other[0] for other in self._under_way}, "two of one chain at once"
                self._under_way.add(name)
                self.most = max(self.most, len(self._under_way))
            time.sleep(seconds)
            with self._turn:
                self._under_way.remove(name)
                self.done.append(name)
            return name

        return done

    def chains(self, *names: str):
        return [[self.act(f"{chain}{number}") for number in range(3)] for chain in names]


@pytest.mark.parametrize("at_once", [1, 2, 8])
def test_answers_come_in_the_order_asked_however_many_are_at_work(at_once):
    acts = Acts()
    assert side_by_side(acts.chains("a", "b", "c"), at_once) == [
        [f"{chain}{number}" for number in range(3)] for chain in "abc"
    ]
    assert acts.most == min(at_once, 3)


def test_one_at_a_time_starts_no_thread():
    seen = []
    side_by_side(
        [[lambda: seen.append(threading.current_thread())], [lambda: seen.append(threading.current_thread())]], 1
    )
    assert set(seen) == {threading.current_thread()}


def test_an_act_that_raises_ends_everything_once_what_is_under_way_has_ended():
    acts = Acts()

    def broken() -> str:
        while not acts.most:
            time.sleep(0.001)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        side_by_side([[broken], [acts.act("b0", 0.2), acts.act("b1")], [acts.act("c0")]], 2)
    assert acts.done == ["b0"]


def test_asked_to_stop_it_begins_no_other_act_and_answers_with_those_that_were_done():
    acts = Acts()
    assert side_by_side(acts.chains("a", "b"), 1, lambda: len(acts.done) >= 2) == [["a0", "a1"], []]
