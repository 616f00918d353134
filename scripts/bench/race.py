#!/usr/bin/env python3
"""Race the gateway against what a council would write in shell, print what was found, and write docs/performance.md.

    .venv/bin/python scripts/bench/race.py --people 10000 100000 [--rounds 5] [--evidence digest values]
        [--million] [--write]

Everything is real and on this machine: PostgreSQL and SQLite, OpenSSH's server, OpenPGP, and the whole evidence. The
contestants, and what each run is held to, are in scripts/bench/racing/. A million people take some minutes a round, and
so have fewer rounds.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from scripts.bench.racing.page import PAGE, PICTURE, page, picture, table  # noqa: E402
from scripts.bench.racing.race import COLD, GATEWAY, POSTGRESQL, SQLITE, Race, race  # noqa: E402
from scripts.bench.racing.shell import PIPELINES  # noqa: E402

MILLION, ROUNDS_OF_A_MILLION = 1_000_000, 2


def main() -> None:
    """Race, print, and write where asked to."""
    asked = _asked()
    found: list[Race] = []
    loads = [os.getloadavg()[0]]
    contestants = (GATEWAY, *PIPELINES, COLD)
    for kind, people, evidence, rounds in _races(asked):
        with tempfile.TemporaryDirectory(prefix="race-") as folder:
            found.append(
                race(Path(folder), kind, people, evidence, contestants=contestants, rounds=rounds, seed=asked.seed)
            )
        loads.append(os.getloadavg()[0])
        print(table(found[-1:]), flush=True)
        if asked.write:
            PAGE.write_text(page(found, loads), encoding="utf-8")
            PICTURE.write_text(picture(found), encoding="utf-8")


def _races(asked: argparse.Namespace) -> Iterator[tuple[str, int, str, int]]:
    """Yield database, people, evidence and rounds of each race."""
    kinds = asked.on or (POSTGRESQL, SQLITE)
    for kind in kinds:
        for people in asked.people:
            for evidence in asked.evidence:
                yield kind, people, evidence, asked.rounds
    if asked.million:
        for kind in kinds:
            yield kind, MILLION, asked.evidence[0], min(asked.rounds, ROUNDS_OF_A_MILLION)


def _asked() -> argparse.Namespace:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--people", type=int, nargs="+", default=[10_000, 100_000])
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--evidence", nargs="+", choices=("digest", "values"), default=["digest"])
    words.add_argument("--on", action="append", choices=(POSTGRESQL, SQLITE), help="on this kind of database only")
    words.add_argument("--million", action="store_true", help="race a million people too, in few rounds")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--write", action="store_true", help="write the page and its picture")
    return words.parse_args()


if __name__ == "__main__":
    main()
