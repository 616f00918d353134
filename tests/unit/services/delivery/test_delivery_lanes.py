"""Lanes share out lists, and stop together."""

import threading
import time
from contextlib import contextmanager

import pytest

from gateway.errors import TransferRefused
from gateway.services.delivery.delivery_lanes import do_in_lanes

LISTS = list(range(20))


class Lane:
    """A session of which only the lanes count; `most` is how many the server opens beside the first."""

    def __init__(self, most: int = 10) -> None:
        self._most = threading.Semaphore(most)
        self.opened = self.closed = 0

    @contextmanager
    def lane(self):
        if not self._most.acquire(blocking=False):
            raise TransferRefused("no more channels")
        self.opened += 1
        yield self
        self.closed += 1


class Doing:
    """Keeps what was begun and ended; the first four lists wait for each other. `stop_at` says no more, or raises."""

    def __init__(self, stop_at: int | None = None, fault: BaseException | None = None, together: int = 4) -> None:
        self._stop_at, self._fault = stop_at, fault
        self._together = threading.Barrier(together)
        self._first = set(LISTS[:together])
        self.begun: list[int] = []
        self.ended: list[int] = []

    def __call__(self, _: Lane, list_id: int) -> bool:
        self.begun.append(list_id)
        if list_id in self._first:
            self._together.wait(10)
        if list_id == self._stop_at and self._fault:
            raise self._fault
        if self._stop_at is not None and list_id != self._stop_at:
            # Whoever stops the others is first.
            time.sleep(0.1)
        self.ended.append(list_id)
        return list_id != self._stop_at


def test_every_list_is_done_once_and_four_are_done_at_the_same_time():
    session, doing = Lane(), Doing()
    assert do_in_lanes(session, LISTS, doing, lanes=4)
    assert sorted(doing.ended) == LISTS
    assert (session.opened, session.closed) == (3, 3)


def test_there_are_no_more_lanes_than_lists():
    session = Lane()
    assert do_in_lanes(session, [7], lambda _, __: True, lanes=4)
    assert do_in_lanes(session, [], lambda _, __: True, lanes=4)
    assert session.opened == 0


@pytest.mark.parametrize(
    ("lanes", "most"), [(1, 10), (4, 0)], ids=["one lane is asked for", "the server opens no more"]
)
def test_one_lane_takes_them_in_their_order(lanes, most):
    doing = Doing(together=1)
    assert do_in_lanes(Lane(most), LISTS, doing, lanes=lanes)
    assert doing.ended == LISTS


def test_with_fewer_channels_there_are_fewer_lanes():
    session, doing = Lane(most=1), Doing(together=2)
    assert do_in_lanes(session, LISTS, doing, lanes=4)
    assert sorted(doing.ended) == LISTS


@pytest.mark.parametrize("at", range(4))
def test_once_a_list_breaks_off_none_is_begun_and_each_is_ended(at):
    doing = Doing(stop_at=at)
    assert not do_in_lanes(Lane(), LISTS, doing, lanes=4)
    assert sorted(doing.begun) == sorted(doing.ended) == [0, 1, 2, 3]


@pytest.mark.parametrize("fault", [RuntimeError("a fault of the store"), KeyboardInterrupt()], ids=["fault", "key"])
@pytest.mark.parametrize("at", range(4))
def test_what_a_lane_raises_is_raised_when_all_have_ended(fault, at):
    doing = Doing(stop_at=at, fault=fault)
    with pytest.raises(type(fault)):
        do_in_lanes(Lane(), LISTS, doing, lanes=4)
    assert sorted([*doing.ended, at]) == sorted(doing.begun) == [0, 1, 2, 3]
