"""A night in a process of its own, that a test may run beside another or kill at any point.

Processes are forked from one small server that has everything imported, so that a killed night costs only its own
work. `python -m tests.night_process SETTINGS EVENING NIGHT` is a program that first loads the evening's extracts.
"""

import multiprocessing
import sys
from collections.abc import Sequence
from datetime import datetime
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

from gateway import bootstrap
from gateway.errors import StoreBusy
from gateway.model.time import FrozenClock
from gateway.services.delivery.deliver_lists import Retrying, deliver
from gateway.services.delivery.sessions_ahead import SessionsAhead
from gateway.services.disclosure.run_disclosures import run_disclosures
from gateway.services.planning.plan_night import plan_night
from gateway.services.sources.load_sources import load_sources
from gateway.settings import read_settings


def the_evening(settings_file: Path, instant: datetime) -> None:
    """Load the night's extracts."""
    with bootstrap.workplace_of(read_settings(settings_file), clock=FrozenClock(instant)) as workplace:
        load_sources(workplace)


def the_night(settings_file: Path, instant: datetime) -> None:
    """Run and deliver whatever is due, as one tick of the service does."""
    settings = read_settings(settings_file)
    with bootstrap.workplace_of(settings, clock=FrozenClock(instant)) as workplace, SessionsAhead() as ahead:
        for agreement_id, day in plan_night(workplace, load_at=settings.load_at).to_run():
            run_disclosures(workplace, [(agreement_id, day)], ahead=ahead)
        waiting = plan_night(workplace, load_at=settings.load_at).to_deliver()
        deliver(workplace, waiting, retrying=Retrying(sleep=lambda _: None), ahead=ahead)


def start_evening(settings_file: Path, instant: datetime) -> BaseProcess:
    """Start a load in a process of its own."""
    process = _context().Process(target=the_evening, args=(settings_file, instant))
    process.start()
    return process


def start_night(settings_file: Path, instant: datetime) -> BaseProcess:
    """Start a night in a process of its own."""
    process = _context().Process(target=_quiet_night, args=(settings_file, instant))
    process.start()
    return process


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _quiet_night(settings_file: Path, instant: datetime) -> None:
    try:
        the_night(settings_file, instant)
    except StoreBusy:
        # Another run is at work: whoever comes second stands down, and the next tick looks again.
        sys.exit(75)


def main(arguments: Sequence[str]) -> None:
    settings_file, evening, night = arguments
    the_evening(Path(settings_file), datetime.fromisoformat(evening))
    the_night(Path(settings_file), datetime.fromisoformat(night))


if __name__ == "__main__":
    main(sys.argv[1:])
