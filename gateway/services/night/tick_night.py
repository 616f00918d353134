"""Do everything that is due at one moment: load, take, plan, run, deliver, collect, tidy, and tell people.

- Each step stands alone: whatever one raises is recorded by its code and place, never by its words (law L8), and the
  next one is done.
- A step that fails rests, longer each time, so that a broken one does not fill the night. What is due is not decided
  here but by plan_night.py from the database.
- Asked to stop, it finishes the step in hand and does no other.

Knows no clockwork: `gateway/scheduler.py` calls it every minute.
"""

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import gateway
from gateway.errors import GatewayError
from gateway.model.time import Clock
from gateway.services.disclosure.run_disclosures import Refused
from gateway.services.planning.night_plan import NightPlan
from gateway.services.planning.plan_night import pause_after
from gateway.services.workplace import Record

T = TypeVar("T")

#: What the ledger calls an error that is not one of ours.
UNEXPECTED = "unexpected-error"
_PACKAGE = Path(gateway.__file__).parent


class RunOfWindow(Protocol):
    """What became of one agreement's window; `answer` raises what broke it."""

    @property
    def agreement_id(self) -> str:
        """The agreement."""
        ...

    @property
    def day(self) -> date:
        """The day of its window."""
        ...

    def answer(self) -> object:
        """Return what became of each part."""
        ...


#: Runs the windows given until it is asked to stop, and answers for each that it came through.
Run = Callable[[Sequence[tuple[str, date]], Callable[[], bool]], Sequence[RunOfWindow]]


@dataclass(frozen=True, slots=True)
class NightServices:
    """What a tick needs, each a plain callable that bootstrap.py binds to its workplace.

    `load_if_due`, `take_if_due`, `collect_if_due` and `tidy_if_due` say whether they did anything. `run` makes the
    lists of the agreements' windows and answers with what became of each (services/disclosure/run_disclosures.py); one
    of which a part was refused counts as failed. `deliver` takes the lists whose next try is now, `alert` the plan, if
    there is one, and the steps that failed.
    """

    clock: Clock
    record: Record
    live: Callable[[], None]
    load_if_due: Callable[[], bool]
    plan: Callable[[], NightPlan]
    run: Run
    deliver: Callable[[Sequence[int]], object]
    collect_if_due: Callable[[], bool]
    tidy_if_due: Callable[[], bool]
    alert: Callable[[NightPlan | None, Sequence[tuple[str, str]]], object]
    #: Fetches the lists that recipients ask with; a county whose agreements answer none has none.
    take_if_due: Callable[[], bool] = lambda: False
    #: Ends what `run` opened for `deliver` and was not used: asked after every tick, whatever it did.
    let_go: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class TickReport:
    """What a tick did. `failed` pairs each step that failed with a code; `stopped` where it was asked to end.

    The step of an agreement's run is called `run:` and the agreement.
    """

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
        # What came in is answered in the same tick.
        self._did("take", self.night.take_if_due)
        plan = self._ask("plan", self.night.plan)
        try:
            ran = tuple(self._run(plan)) if plan else ()
            # What was just sealed is delivered in the same tick.
            plan = self._ask("plan", self.night.plan) if ran else plan
            delivered = self._deliver(plan) if plan else ()
        finally:
            # Before a partner is asked for anything else, and also where the service is to stop by now.
            self._tried("let-go", self.night.let_go)
        collected = bool(self._ask("collect", self.night.collect_if_due))
        self._did("tidy", self.night.tidy_if_due)
        if plan or self.failed:
            self._did("alert", partial(self.night.alert, plan, tuple(self.failed)))
        self._did("live", self.night.live)
        return TickReport(self.at, loaded, ran, delivered, collected, tuple(self.failed), self.stopped)

    def _run(self, plan: NightPlan) -> Iterator[tuple[str, date]]:
        """Run all windows together; what became of each is a step of its own, so that one that fails rests alone."""
        due = [pair for pair in plan.to_run() if not self.pauses.rests(_step_of(pair[0]), self.at)]
        ended = self._ask("run", partial(self.night.run, due, self.stopping)) if due else None
        for each in ended or ():
            # Also where the service is to stop by now: it is done.
            if self._tried(_step_of(each.agreement_id), partial(_whole, each.answer)):
                yield each.agreement_id, each.day

    def _deliver(self, plan: NightPlan) -> tuple[int, ...]:
        lists = plan.to_deliver()
        return lists if lists and self._did("deliver", partial(self.night.deliver, lists)) else ()

    def _did(self, name: str, act: Callable[[], object]) -> bool:
        """Do one step, and say whether all of it was done."""
        return bool(self._ask(name, partial(_whole, act)))

    def _ask(self, name: str, act: Callable[[], T]) -> T | None:
        """Do one step and return its answer; None where it failed, rests, or the service is to stop."""
        self.stopped = self.stopped or self.stopping()
        return None if self.stopped or self.pauses.rests(name, self.at) else self._tried(name, act)

    def _tried(self, name: str, act: Callable[[], T]) -> T | None:
        try:
            answer = act()
        except _Refusals as refusals:
            self._note(name, *refusals.codes)
            return None
        except Exception as error:  # noqa: BLE001 - the service outlives whatever a step raises
            self._fail(name, error)
            return None
        self.pauses.worked(name)
        return answer

    def _fail(self, name: str, error: Exception) -> None:
        if isinstance(error, GatewayError):
            self._note(name, error.code)
            return
        self._note(name, UNEXPECTED)
        self.night.record("service:step-failed", step=name, code=_place_of(error))

    def _note(self, name: str, *codes: str) -> None:
        """Remember a failed step, record it, and let it rest."""
        self.failed += [(name, code) for code in codes]
        self.pauses.failed(name, self.at)
        for code in codes:
            self.night.record("service:step-failed", step=name, code=code)


class _Refusals(Exception):
    """A step ended, and something in it was refused: it is still due, so it rests like one that failed."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__()
        self.codes = codes


def _step_of(agreement_id: str) -> str:
    return f"run:{agreement_id}"


def _whole(act: Callable[[], object]) -> bool:
    """Do a step. Raises _Refusals where something in it was refused."""
    refused = _refusals_in(act())
    if refused:
        raise _Refusals(refused)
    return True


def _refusals_in(answer: object) -> list[str]:
    parts = answer if isinstance(answer, list) else []
    return list(dict.fromkeys(each.code for each in parts if isinstance(each, Refused)))


def _place_of(error: Exception) -> str:
    """Return an error's kind and the innermost line of ours that it passed: never its words (law L8)."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)]
    kind = type(error).__name__
    if not ours:
        return kind
    return f"{kind}@{Path(ours[-1].filename).relative_to(_PACKAGE.parent).as_posix()}:{ours[-1].lineno}"
