"""A county after one whole night with its receipts, made once and copied: for tests of what is read from it afterwards."""

import atexit
import shutil
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from gateway.services.receipts.collect_receipts import collect_receipts
from tests.loaded_county import Drawn
from tests.rehearsed_county import MORNING, RehearsedCounty, found_county, with_server


def an_audited_county(folder: Path) -> RehearsedCounty:
    """A copy of the county on SQLite: six lists were delivered to two recipients, and each was answered."""
    county = _after_a_night().copied_to(folder / "county")
    county.clock.instant = MORNING
    return county


@cache
def _after_a_night() -> RehearsedCounty:
    shelf = Path(tempfile.mkdtemp(prefix="gw-audited-"))
    atexit.register(shutil.rmtree, shelf, ignore_errors=True)
    with ExitStack() as open_until_the_end:
        county = with_server(found_county(shelf / "county"), open_until_the_end)
        county.load(draw=Drawn())
        county.approve()
        county.run()
        county.deliver()
        county.answer()
        with county.at(MORNING) as workplace:
            collect_receipts(workplace)
    return county
