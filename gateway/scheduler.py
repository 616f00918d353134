"""Face: the nightly service. Once a minute it looks at the ledger of runs and does what is due.

- The library only wakes us: one job in memory, once a minute, in UTC. Whether anything is due, late or missed is
  decided by services/plan_night.py from the database, so that nothing rests on the library's own misfire rules.
- One tick at a time. Each step stands alone: whatever one raises is recorded by its code, and the next one is done.
- A step that fails is tried again after a growing pause, so that a broken one does not fill the night.
- Asked to stop, it finishes the step that it is in, says so in the ledger, and ends.

`tick` is plain and knows no library; `run_service` puts it on the clock.
"""

import logging
import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TypeVar

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

import gateway
from gateway.errors import GatewayError
from gateway.model.time import Clock
from gateway.services.night_plan import NightPlan
from gateway.services.plan_night import pause_after
from gateway.services.workplace import Record

T = TypeVar("T")

TICK_SECONDS = 60
#: What the ledger calls an error that is not one of ours.
UNEXPECTED = "unexpected-error"
_PACKAGE = Path(gateway.__file__).parent


@dataclass(frozen=True, slots=True)
class NightServices:
    """What a tick needs, each a plain callable that bootstrap.py binds to its workplace.

    `load_if_due` and `collect_if_due` say whether they did anything. `run` makes the lists of one agreement's window,
    `deliver` takes the lists whose next try is now, `alert` the plan, if there is one, and the steps that failed.
    """

    clock: Clock
    record: Record
    live: Callable[[], None]
    load_if_due: Callable[[], bool]
    plan: Callable[[], NightPlan]
    run: Callable[[str, date], object]
    deliver: Callable[[Sequence[int]], object]
    collect_if_due: Callable[[], bool]
    alert: Callable[[NightPlan | None, Sequence[tuple[str, str]]], object]


@dataclass(frozen=True, slots=True)
class TickReport:
    """What a tick did. `failed` pairs each step that failed with its code; `stopped` where it was asked to end."""

    at: datetime
    loaded: bool
    ran: tuple[tuple[str, date], ...]
    delivered: tuple[int, ...]
    collected: bool
    failed: tuple[tuple[str, str], ...]
    stopped: bool


@dataclass(slots=True)
class Pauses:
    """Which steps failed lately, and until when they rest. Lost with the process: it is manners, not correctness."""

    until: dict[str, tuple[int, datetime]] = field(default_factory=dict)

    def rests(self, step: str, now: datetime) -> bool:
        """Say whether a step is to be left alone for now."""
        return step in self.until and now < self.until[step][1]

    def failed(self, step: str, now: datetime) -> None:
        """Let a step rest, longer each time."""
        tries = self.until.get(step, (0, now))[0] + 1
        self.until[step] = (tries, now + pause_after(tries))

    def worked(self, step: str) -> None:
        """Forget that a step ever failed."""
        self.until.pop(step, None)


def tick(
    night: NightServices, pauses: Pauses | None = None, stopping: Callable[[], bool] = lambda: False
) -> TickReport:
    """Do everything that is due now, and report it. Never raises an Exception."""
    return _Tick(night, pauses or Pauses(), stopping).do()


class _Tick:
    """One tick in the making."""

    def __init__(self, night: NightServices, pauses: Pauses, stopping: Callable[[], bool]) -> None:
        self.night, self.pauses, self.stopping = night, pauses, stopping
        self.at = night.clock.now()
        self.failed: list[tuple[str, str]] = []
        self.stopped = False

    def do(self) -> TickReport:
        loaded = bool(self._ask("load", self.night.load_if_due))
        plan = self._ask("plan", self.night.plan)
        ran = tuple(self._run(plan)) if plan else ()
        # What was just sealed is delivered in the same tick.
        plan = self._ask("plan", self.night.plan) if ran else plan
        delivered = self._deliver(plan) if plan else ()
        collected = bool(self._ask("collect", self.night.collect_if_due))
        if plan or self.failed:
            self._did("alert", partial(self.night.alert, plan, tuple(self.failed)))
        self._did("live", self.night.live)
        return TickReport(self.at, loaded, ran, delivered, collected, tuple(self.failed), self.stopped)

    def _run(self, plan: NightPlan) -> Iterator[tuple[str, date]]:
        """Run each agreement's window by itself, so that one that fails keeps none of the others."""
        for agreement_id, day in plan.to_run():
            if self._did(f"run:{agreement_id}:{day}", partial(self.night.run, agreement_id, day)):
                yield agreement_id, day

    def _deliver(self, plan: NightPlan) -> tuple[int, ...]:
        lists = plan.to_deliver()
        return lists if lists and self._did("deliver", partial(self.night.deliver, lists)) else ()

    def _did(self, name: str, act: Callable[[], object]) -> bool:
        """Do one step, and say whether it was done without an error."""

        def acted() -> bool:
            act()
            return True

        return bool(self._ask(name, acted))

    def _ask(self, name: str, act: Callable[[], T]) -> T | None:
        """Do one step and return its answer; None where it failed, rests, or the service is to stop."""
        self.stopped = self.stopped or self.stopping()
        if self.stopped or self.pauses.rests(name, self.at):
            return None
        try:
            answer = act()
        except Exception as error:  # noqa: BLE001 - the service outlives whatever a step raises
            self._fail(name, error)
            return None
        self.pauses.worked(name)
        return answer

    def _fail(self, name: str, error: Exception) -> None:
        step = name.partition(":")[0]
        code = error.code if isinstance(error, GatewayError) else UNEXPECTED
        self.failed.append((step, code))
        self.pauses.failed(name, self.at)
        self.night.record("service:step-failed", step=name, code=code if code != UNEXPECTED else _place_of(error))


def _place_of(error: Exception) -> str:
    """Return an error's kind and the innermost line of ours that it passed: never its words (law L8)."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)]
    kind = type(error).__name__
    if not ours:
        return kind
    return f"{kind}@{Path(ours[-1].filename).relative_to(_PACKAGE.parent).as_posix()}:{ours[-1].lineno}"


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
