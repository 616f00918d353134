#!/usr/bin/env python3
"""Measure how fast a county's extracts are loaded, beside what only copies them, and write docs/performance-loading.md.

    .venv/bin/python scripts/bench/load.py --families 45000 [--rounds 3] [--on sqlite] [--write]

Everything is real: the command `gateway sources load`, in a process of its own, on PostgreSQL and on SQLite, over the
extracts of an invented county in the layouts of its source systems. What is run, and what each run is held to, is in
scripts/bench/loading/.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from scripts.bench.loading.page import PAGE, page, table  # noqa: E402
from scripts.bench.loading.rounds import Loads, measure  # noqa: E402
from scripts.bench.racing.race import POSTGRESQL, SQLITE  # noqa: E402


def main() -> None:
    """Measure, print, and write where asked to."""
    asked = _asked()
    found: list[Loads] = []
    loads = [os.getloadavg()[0]]
    for kind in asked.on or (POSTGRESQL, SQLITE):
        for families in asked.families:
            with tempfile.TemporaryDirectory(prefix="load-") as folder:
                found.append(measure(Path(folder), kind, families, rounds=asked.rounds, seed=asked.seed))
            loads.append(os.getloadavg()[0])
            print(table(found[-1:]), flush=True)
            if asked.write:
                PAGE.write_text(page(found, asked.rounds, loads), encoding="utf-8")


def _asked() -> argparse.Namespace:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--families", type=int, nargs="+", default=[4_500, 45_000])
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--on", action="append", choices=(POSTGRESQL, SQLITE), help="on this kind of database only")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--write", action="store_true", help="write the page")
    return words.parse_args()


if __name__ == "__main__":
    main()
