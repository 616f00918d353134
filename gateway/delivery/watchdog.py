"""Edge: ends a connection on which nothing moves.

paramiko never finds out by itself that a peer is gone: keep-alives are sent and not counted, and a stopped server's
kernel goes on acknowledging. So one thread watches for answers and closes the connection

- when none came for `idle_s` seconds while something was under way, or
- when the whole of what is under way takes longer than it was given.

Closing wakes whoever waits; that somebody asks `tripped` to learn why.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Watchdog:
    """Watches one connection; `cut` ends it, and is called from another thread."""

    def __init__(self, cut: Callable[[], None], idle_s: float) -> None:
        self._cut = cut
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._answered_at = 0.0
        self._ends_at: float | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="delivery-watchdog", daemon=True)
        #: Why the connection was ended: `idle` or `deadline`.
        self.tripped: str | None = None

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; the thread has ended when this returns."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def answered(self) -> None:
        """Note that the peer is alive."""
        with self._lock:
            self._answered_at = time.monotonic()

    @contextmanager
    def under_way(self, most_s: float) -> Iterator[None]:
        """Watch while the block runs; between blocks nobody owes an answer."""
        with self._lock:
            self._answered_at = time.monotonic()
            self._ends_at = self._answered_at + most_s
        try:
            yield
        finally:
            with self._lock:
                self._ends_at = None

    def _watch(self) -> None:
        while not self._stop.wait(min(1.0, self._idle_s / 4)):
            reason = self._reason_to_cut()
            if reason:
                self.tripped = reason
                self._cut()
                return

    def _reason_to_cut(self) -> str | None:
        with self._lock:
            if self._ends_at is None:
                return None
            now = time.monotonic()
            if now >= self._ends_at:
                return "deadline"
            return "idle" if now - self._answered_at >= self._idle_s else None
