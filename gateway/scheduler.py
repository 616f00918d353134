"""Face: the nightly service. Once a minute it does what is due.

- The library only wakes us: one job in memory, once a minute, in UTC, never two at a time. Whether anything is due,
  late or missed is decided by services/planning/plan_night.py from the database, so that nothing rests on the
  library's own misfire rules.
- Asked to stop, it finishes the step in hand, says so in the ledger, and ends.
"""

import logging
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from gateway.services.night.tick_night import NightServices, Pauses, tick

__all__ = ["NightServices", "Service", "run_service"]

TICK_SECONDS = 60


@dataclass(slots=True)
class Service:
    """The service on the clock: `started` and `ended` are entered in the ledger by whoever binds them."""

    night: NightServices
    started: Callable[[], None]
    ended: Callable[[], None]
    tick_seconds: float = TICK_SECONDS
    pauses: Pauses = field(default_factory=Pauses)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Tick until asked to stop; then finish the step in hand and end."""
        # The library warns each minute that a tick takes longer than one; that is expected.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self.started()
        self._tick()
        scheduler = BackgroundScheduler(timezone=UTC)
        scheduler.add_job(
            self._tick,
            IntervalTrigger(seconds=self.tick_seconds, timezone=UTC),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        scheduler.start()
        try:
            # In short waits, because on Windows a longer one cannot be interrupted from the keyboard.
            while not self.stop.wait(timeout=1):
                pass
        finally:
            scheduler.shutdown(wait=True)
            self.ended()

    def stop_on_signals(self) -> None:
        """Stop when the system or the keyboard asks for it."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked_to_stop)

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stop.set()

    def _tick(self) -> None:
        report = tick(self.night, self.pauses, self.stop.is_set)
        self.night.record("service:tick", due=len(report.ran), done=len(report.delivered), failed=len(report.failed))


def run_service(night: NightServices, *, started: Callable[[], None], ended: Callable[[], None]) -> None:
    """Run the service until a signal stops it."""
    service = Service(night, started, ended)
    service.stop_on_signals()
    service.run()
