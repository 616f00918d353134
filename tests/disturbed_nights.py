"""Nights in which something else goes wrong at a moment that is drawn: a server dies, a disk is full."""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from gateway.seams import Seam
from tests.dying_night import STOOD_DOWN, moments, passes, phases_of, start_dying
from tests.rehearsed_county import RehearsedCounty

#: The longest pause between two tries at a list.
_REST = timedelta(minutes=30)
#: Where a session with the partner stands.
IN_SESSION = [
    *(Seam.SESSION_OPENED, f"{Seam.SESSION_OPENED} > {Seam.CLAIMED}", f"{Seam.CLAIMED} > {Seam.COMMITTED}"),
    *(Seam.FILE_OPENED, Seam.BLOCK_WRITTEN, Seam.BROUGHT_TO_DISK, Seam.FILE_CHECKED, Seam.FILE_CLOSED),
    *(f"{Seam.FILE_CLOSED} > {Seam.COMMITTED}", f"{Seam.FILE_CLOSED} > {Seam.KEPT_OUTSIDE}", Seam.RENAMED),
    Seam.COMPANIONS_PLACED,
]
#: Where a database has something to do, from the beginning.
WITH_DATABASE = [
    *("begun", f"begun > {Seam.CLAIMED}", Seam.EXTRACTS_READ, f"{Seam.EXTRACTS_READ} > {Seam.COMMITTED}"),
    # Behind the load a list is decided and scanned.
    f"{Seam.EXTRACTS_READ} > {Seam.KEPT_OUTSIDE}",
    *(Seam.SCANNED, Seam.PLANNED, f"{Seam.PLANNED} > {Seam.COMMITTED}", *IN_SESSION),
]


def disturbed_night(
    county: RehearsedCounty,
    aim: str,
    delay_s: float,
    disturb: Callable[[], None],
    environment: Mapping[str, str] | None = None,
) -> int:
    """Run a night, and disturb it that moment after a phase has begun; it ends by itself. Return how it ended."""
    passed = county.folder / "passed"
    passed.unlink(missing_ok=True)
    night = start_dying(county.settings_file, county.clock.instant, passed, environment=environment)
    while night.is_alive() and aim not in _begun(passed):
        time.sleep(0.001)
    night.join(delay_s)
    print(f"disturbed in {_begun(passed)[-1:]}")  # noqa: T201 - pytest shows it where the test fails
    disturb()
    night.join(120)
    assert night.exitcode in {0, STOOD_DOWN}, f"a night ends well whatever happens around it: {_begun(passed)}"
    # After a try that failed the next one has to wait a while.
    county.clock.instant += _REST
    return int(night.exitcode)


def _begun(passed: Path) -> list[str]:
    return phases_of(passes(passed)) if moments(passed) else []
