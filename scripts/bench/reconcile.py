#!/usr/bin/env python3
"""Measure how long a whole reconciliation takes, each in a process of its own, imports included, and its memory.

    .venv/bin/python scripts/bench/reconcile.py [--repeat 3] [--rows 2000] [--people 10000 --people 100000]

People and rows are invented and written to a temporary file first, which is not measured: each measured process reads
them, imports the gateway, links, and says its wall time, CPU time and largest memory. Reading them back is not counted.
"""

import argparse
import json
import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

#: Seconds and MiB that the project allows, by the number of people.
ALLOWED = {10_000: 1.5, 100_000: 4.0}
MEMORY = 500

_MEASURED = """
import gc, json, pickle, resource, sys, time
with open(sys.argv[1], "rb") as file:
    rows, people = pickle.load(file)
gc.freeze()
began, cpu = time.perf_counter(), time.process_time()
from pathlib import Path
from gateway.reconciliation.linking import link
from gateway.reconciliation.model_file import shipped_model
from gateway.reconciliation.nicknames import parse_nicknames
nicknames = parse_nicknames(Path("config/linkage/nicknames.csv").read_text(encoding="utf-8"))
found = link(rows, people, model=shipped_model(), nicknames=nicknames)
took = {"wall": time.perf_counter() - began, "cpu": time.process_time() - cpu}
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({**took, "mib": peak, "linked": len(found.matches), "queued": len(found.queued)}))
"""


def main() -> None:
    """Measure, print a line each, and fail where the best is over what is allowed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--people", type=int, action="append")
    asked = parser.parse_args()
    over = [people for people in asked.people or ALLOWED if not _within(asked.rows, people, asked.repeat)]
    sys.exit(f"over what is allowed: {over}" if over else 0)


def _within(rows: int, people: int, repeat: int) -> bool:
    with tempfile.TemporaryDirectory(prefix="reconcile-") as folder:
        made = Path(folder) / "made"
        _make(made, rows, people)
        taken = [_measure(made) for _ in range(repeat)]
    for each in taken:
        print(f"{rows} x {people}", *(f"{name} {figure:.2f}" for name, figure in each.items()), sep="  ")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    best, memory = min(each["wall"] for each in taken), max(each["mib"] for each in taken)
    return best <= ALLOWED.get(people, float("inf")) and memory <= MEMORY


def _make(path: Path, rows: int, people: int) -> None:
    from scripts.linkage.registers_made import population  # noqa: PLC0415  the measured process does without it

    made = population(4242, rows=rows, cohort=people, rate=1)
    path.write_bytes(pickle.dumps((made.rows, made.people)))


def _measure(made: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(made)],
        check=True,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    main()
