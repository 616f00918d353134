"""A whole night in a process of its own, that ends at a named seam or is killed from outside.

The night is one tick of the service: load what is not loaded, run and deliver what is due, collect what was answered.
Each seam that it passes is written to a file as it goes, so that whoever killed it knows where that was. Only this
module sets the product's hook.
"""

import multiprocessing
import os
import signal
import sys
from datetime import datetime
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

from gateway import bootstrap
from gateway.errors import ConnectionFailed, StoreBusy, StoreError
from gateway.model.time import FrozenClock
from gateway.seams import Seam, set_hook
from gateway.services.collect_receipts import collect_receipts
from gateway.services.deliver_lists import Retrying, deliver
from gateway.services.load_sources import load_sources
from gateway.services.plan_night import plan_night
from gateway.services.run_disclosures import run_disclosures
from gateway.settings import read_settings
from gateway.store.night import loaded_at

#: What a night answers that could not go on, and says so by an error of ours.
STOOD_DOWN = 75


def whole_night(settings_file: Path, instant: datetime) -> None:
    """Do everything that is due."""
    settings = read_settings(settings_file)
    with bootstrap.workplace_of(settings, clock=FrozenClock(instant)) as workplace:
        with workplace.store.reading() as connection:
            loaded = loaded_at(connection)
        if loaded is None:
            load_sources(workplace)
        run_disclosures(workplace, plan_night(workplace, load_at=settings.load_at).to_run())
        waiting = plan_night(workplace, load_at=settings.load_at).to_deliver()
        deliver(workplace, waiting, retrying=Retrying(sleep=lambda _: None))
        collect_receipts(workplace)


def start_dying(
    settings_file: Path, instant: datetime, passed: Path, *, at: tuple[Seam, int] | None = None, stop: bool = False
) -> BaseProcess:
    """Start a night that ends itself where it passes a seam for that many times; with `stop` it is only stopped."""
    process = _context().Process(target=_dying_night, args=(settings_file, instant, passed, at, stop))
    process.start()
    return process


def passes(passed: Path) -> list[str]:
    """Return the seams that a night has passed so far."""
    return passed.read_text(encoding="ascii").split() if passed.exists() else []


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _dying_night(settings_file: Path, instant: datetime, passed: Path, at: tuple[Seam, int] | None, stop: bool) -> None:
    file = os.open(passed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    counts: dict[Seam, int] = {}

    def pass_by(name: Seam) -> None:
        counts[name] = counts.get(name, 0) + 1
        os.write(file, f"{name}\n".encode("ascii"))
        if (name, counts[name]) == at:
            os.kill(os.getpid(), signal.SIGSTOP if stop else signal.SIGKILL)

    set_hook(pass_by)
    try:
        whole_night(settings_file, instant)
    except (StoreBusy, StoreError, ConnectionFailed):
        sys.exit(STOOD_DOWN)
