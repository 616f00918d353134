"""A whole night in a process of its own, that ends at a named seam or at a moment between two.

The night is one tick of the service: load what is not loaded, run and deliver what is due, collect what was answered.
Each seam that it passes is written to a file as it goes, with the moment, so that whoever reads it knows where it
died. Only this module sets the product's hook.

A phase is what lies between two seams. It has the name of the first of them; a commit or a claim, of which a night has
several, is told apart by what came before it.
"""

import ctypes
import multiprocessing
import os
import signal
import struct
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from unittest.mock import patch

from gateway import bootstrap
from gateway.documents import parse_tree
from gateway.errors import ConnectionFailed, StoreBusy, StoreError
from gateway.model.time import FrozenClock
from gateway.seams import Seam, set_hook
from gateway.services.delivery.deliver_lists import Retrying, deliver
from gateway.services.delivery.delivery_lanes import MOST_LANES
from gateway.services.delivery.sessions_ahead import SessionsAhead
from gateway.services.disclosure.run_disclosures import run_disclosures
from gateway.services.planning.plan_night import plan_night
from gateway.services.receipts.collect_receipts import collect_receipts
from gateway.services.sources.load_sources import load_sources
from gateway.settings import read_settings
from gateway.store.night import loaded_at

#: What a night answers that was killed.
KILLED = -signal.SIGKILL
#: What a night answers that could not go on, and says so by an error of ours.
STOOD_DOWN = 75
#: The phase before any seam.
BEGUN = "begun"
_COMMITS = frozenset({Seam.COMMITTED, Seam.KEPT_OUTSIDE})
_REPEATED = _COMMITS | {Seam.CLAIMED}

Act = Callable[[Path, datetime], None]


#: Phases of which a night outlives none: it ends so many seconds after the first of them has begun.
Aim = Mapping[str, float]


def whole_night(settings_file: Path, instant: datetime) -> None:
    """Do everything that is due, one list after another, so that a phase lies between two seams of one list."""
    _night(settings_file, instant, lanes=1)


def night_in_lanes(settings_file: Path, instant: datetime) -> None:
    """Do everything that is due, several lists at once as the service does: whoever dies leaves each somewhere else."""
    _night(settings_file, instant, lanes=MOST_LANES)


def _night(settings_file: Path, instant: datetime, *, lanes: int) -> None:
    settings = read_settings(settings_file)
    with bootstrap.workplace_of(settings, clock=FrozenClock(instant)) as workplace:
        with workplace.store.reading() as connection:
            loaded = loaded_at(connection)
        if loaded is None:
            load_sources(workplace)
        with SessionsAhead() as ahead:
            run_disclosures(workplace, plan_night(workplace, load_at=settings.load_at).to_run(), ahead=ahead)
            waiting = plan_night(workplace, load_at=settings.load_at).to_deliver()
            deliver(workplace, waiting, retrying=Retrying(sleep=lambda _: None, lanes=lanes), ahead=ahead)
        collect_receipts(workplace)


def start_dying(
    settings_file: Path,
    instant: datetime,
    passed: Path,
    *,
    at: tuple[Seam, int] | None = None,
    stop: bool = False,
    aim: Aim | None = None,
    act: Act = whole_night,
    environment: Mapping[str, str] | None = None,
) -> BaseProcess:
    """Start a night that ends itself where it passes a seam for that many times; with `stop` it is only stopped.

    With an `aim` the system's own clock kills it there, whatever it is doing. With an `environment` of its own it is a
    process from the very beginning, so that a library can be preloaded.
    """
    context = multiprocessing.get_context("spawn") if environment else _context()
    process = context.Process(target=_dying_night, args=(settings_file, instant, passed, at, stop, aim, act))
    with patch.dict(os.environ, environment or {}):
        process.start()
    return process


def passes(passed: Path) -> list[str]:
    """Return the seams that a night has passed so far."""
    return [name for name, _ in moments(passed)[1:]]


def moments(passed: Path) -> list[tuple[str, float]]:
    """Return the seams that a night has passed so far and when, in seconds; first, that it began."""
    lines = passed.read_text(encoding="ascii").splitlines() if passed.exists() else []
    return [(name, int(at) / 1e9) for name, at in (line.split() for line in lines)]


def phases_of(seams: list[str]) -> list[str]:
    """Name the phase that begins a night, and the one that begins at each seam that it passed."""
    phases, before = [BEGUN], BEGUN
    for name in seams:
        phases.append(_phase(before, name))
        before = _before(before, name)
    return phases


def _phase(before: str, name: str) -> str:
    return f"{before} > {name}" if name in _REPEATED else str(name)


def _before(before: str, name: str) -> str:
    return before if name in _COMMITS else name


def _read_what_every_night_reads() -> None:
    """Read the shipped documents before any night is forked: each would read the same bytes again."""
    for path in sorted((Path(__file__).parents[1] / "config").rglob("*.yaml")):
        parse_tree(path.read_bytes(), path.name)


_read_what_every_night_reads()


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


class _Passing:
    """The hook of one night: it notes each seam, and ends the night where that was asked for."""

    def __init__(self, passed: Path, at: tuple[Seam, int] | None, ending: signal.Signals, aim: Aim | None) -> None:
        self._file = os.open(passed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        self._at, self._ending, self._aim = at, ending, aim or {}
        self._counts: dict[Seam, int] = {}
        self._before = BEGUN
        self._note(BEGUN, BEGUN)

    def __call__(self, name: Seam) -> None:
        self._counts[name] = self._counts.get(name, 0) + 1
        self._note(name, _phase(self._before, name))
        self._before = _before(self._before, name)
        if (name, self._counts[name]) == self._at:
            os.kill(os.getpid(), self._ending)

    def _note(self, name: str, phase: str) -> None:
        os.write(self._file, f"{name} {time.monotonic_ns()}\n".encode("ascii"))
        if phase in self._aim:
            _kill_this_process_in(self._aim[phase])
            self._aim = {}


def _kill_this_process_in(seconds: float) -> None:
    """Have the system send SIGKILL at that moment: no other process has to be awake for it."""
    library, timer = ctypes.CDLL(None, use_errno=True), ctypes.c_void_p()
    event = ctypes.create_string_buffer(struct.pack("@Pii", 0, signal.SIGKILL, 0), 64)
    whole, part = divmod(max(1, int(seconds * 1e9)), 10**9)
    # Never again after the first time, and then.
    due = struct.pack("@4l", 0, 0, whole, part)
    if library.timer_create(time.CLOCK_MONOTONIC, event, ctypes.byref(timer)):
        raise OSError(ctypes.get_errno(), "no timer")
    if library.timer_settime(timer, 0, due, None):
        raise OSError(ctypes.get_errno(), "no timer")


def _dying_night(
    settings_file: Path,
    instant: datetime,
    passed: Path,
    at: tuple[Seam, int] | None,
    stop: bool,
    aim: Aim | None,
    act: Act,
) -> None:
    set_hook(_Passing(passed, at, signal.SIGSTOP if stop else signal.SIGKILL, aim))
    try:
        act(settings_file, instant)
    except (StoreBusy, StoreError, ConnectionFailed):
        sys.exit(STOOD_DOWN)
