"""A connection on which nothing moves is ended, and one that lives is not."""

import threading
import time

import pytest

from gateway.delivery.watchdog import Watchdog


@pytest.fixture
def watched():
    """A watchdog of a fifth of a second, and the event that it cuts with."""
    cut = threading.Event()
    watchdog = Watchdog(cut.set, idle_s=0.2)
    watchdog.start()
    yield watchdog, cut
    watchdog.stop()


def test_silence_is_cut(watched):
    watchdog, cut = watched
    with watchdog.under_way(60):
        assert cut.wait(5)
    assert watchdog.tripped == "idle"


def test_answers_keep_it_alive(watched):
    watchdog, cut = watched
    with watchdog.under_way(60):
        for _ in range(10):
            time.sleep(0.05)
            watchdog.answered()
    assert not cut.is_set()
    assert watchdog.tripped is None


def test_the_deadline_holds_even_while_answers_come(watched):
    watchdog, cut = watched
    with watchdog.under_way(0.3):
        while not cut.is_set():
            watchdog.answered()
            time.sleep(0.02)
    assert watchdog.tripped == "deadline"


def test_nobody_owes_an_answer_between_steps(watched):
    watchdog, cut = watched
    with watchdog.under_way(60):
        pass
    time.sleep(0.5)
    assert not cut.is_set()


def test_its_thread_ends_with_it(watched):
    watchdog, _ = watched
    watchdog.stop()
    assert "delivery-watchdog" not in {thread.name for thread in threading.enumerate()}
