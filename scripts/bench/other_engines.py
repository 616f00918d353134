#!/usr/bin/env python3
"""Ask DuckDB and Spark what the gateway's own databases answer, and hold counts and bytes of the list together.

    .venv/bin/python scripts/bench/other_engines.py --people 1000000 [--engine DuckDB ...] [--write]

Spark takes Java 17 and `pip install --require-hashes -r config/requirements-engines.lock`: half a gigabyte that nothing
else needs, so it is not among what the tests install. Where it is missing it is left out, and the page says so.
"""

import argparse
import importlib.util
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sqlalchemy import create_engine  # noqa: E402

from gateway.store import tables  # noqa: E402
from scripts.bench.engines.answers import DUCKDB, POSTGRESQL, SPARK, SQLITE, Answers, ask  # noqa: E402
from scripts.bench.engines.exported import export  # noqa: E402
from scripts.bench.engines.invented import AS_AT, shipped_question, write_invented  # noqa: E402
from scripts.bench.racing.race import postgresql  # noqa: E402

PAGE = ROOT / "docs" / "performance-engines.md"
OWN, OTHERS = (SQLITE, POSTGRESQL), (DUCKDB, SPARK)


def measure(people: int, engines: tuple[str, ...]) -> tuple[dict[str, Answers], float]:
    """Return what each engine answers, asked twice, and the seconds that the export took."""
    questions = [shipped_question(AS_AT)] * 2
    with tempfile.TemporaryDirectory(prefix="engines-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        with postgresql(folder / "pg") as server:
            address = server.get_uri().replace("postgresql:", "postgresql+psycopg:", 1)
            where = {SQLITE: f"sqlite:///{folder / 'county.db'}", POSTGRESQL: address}
            for url in where.values():
                _fill(url, people)
            exporting = _export(where[SQLITE], folder)
            found = {}
            for engine in (*OWN, *engines):
                found[engine] = ask(engine, where.get(engine, str(folder)), questions)
                print(engine, found[engine], flush=True)
    return found, exporting


def _fill(url: str, people: int) -> None:
    engine = create_engine(url)
    tables.metadata.create_all(engine)
    with engine.begin() as connection:
        write_invented(connection, people)
    engine.dispose()


def _export(url: str, folder: Path) -> float:
    began = time.monotonic()
    engine = create_engine(url)
    with engine.connect() as connection:
        export(connection, folder)
    engine.dispose()
    return time.monotonic() - began


def page(people: int, found: dict[str, Answers], exporting: float, loads: list[float]) -> str:
    """Return the page."""
    ours = found[SQLITE]
    first = ours.told[0]
    lines = [_heading(people, loads), "", *_TABLE.split("\n")]
    for engine, answers in found.items():
        cold, warm = answers.took
        same = "itself" if engine == SQLITE else "equal" if answers.told == ours.told else "**differs**"
        seconds = (
            f"{answers.opened:.1f} | {cold.counted:.1f} | {cold.listed:.1f} | {warm.counted:.1f} | {warm.listed:.1f}"
        )
        lines.append(f"| {engine} | {seconds} | {answers.mebibytes:,.0f} | {same} |")
    counted = ", ".join(f"{reason.value} {number:,}" for reason, number in first.funnel.excluded if number)
    lines += [
        "",
        f"The list: {first.rows:,} rows, {first.bytes:,} bytes, SHA-256 `{first.sha256[:16]}`. Left out: {counted}.",
    ]
    lines += [f"The export of the tables as Parquet took {exporting:.1f} s more.", "", _WHAT_DIFFERS]
    lines += [f"Left out here, because it is not installed: {each}." for each in OTHERS if each not in found]
    return "\n".join(lines).rstrip() + "\n"


def _heading(people: int, loads: list[float]) -> str:
    return f"""<!-- Written by scripts/bench/other_engines.py --write. -->

# The same decision on other engines

{people:,} invented people in one snapshot, the shipped agreement for Jobcentre Plus, the whole county on one list.
Measured on {os.cpu_count()} processors ({platform.machine()}), Python {platform.python_version()}. Others worked on the
machine too: its load was from {min(loads):.1f} to {max(loads):.1f}. Each engine in a process of its own, asked twice,
the first time cold. "Equal" means: the count of people for each reason, the number of rows, every byte of the list and
the root of its tree, both times."""


_TABLE = """| engine | to open, s | counts, s | list, s | counts again | list again | most memory, MiB | beside SQLite |
|---|---|---|---|---|---|---|---|"""
_WHAT_DIFFERS = """"Counts" is the funnel of everybody, "list" the ordered rows of those on it, read to the last one;
making references, commitments and leaves of them is left out, and so is sealing. SQLite and PostgreSQL are read from
the gateway's own tables, the others from the exported files. Memory is of the process and what it started; the server
of PostgreSQL is not in it.

## What had to be said differently

`count_select` and `list_select` run as they are, compiled by SQLAlchemy's plain dialect with `?` for parameters
(`scripts/bench/engines/dialects.py`); so does `whole_list_select`, by which a night gets both at once. Beside that:

- *Both*: the four functions that are compiled apart for SQLite and PostgreSQL (hidden characters, looks unsafe, bytes
  as text, days as text) keep their names, and each engine is given a function of that name, of one line.
- *DuckDB*: `ltrim(value)` takes every kind of space away, where the gateway's databases take plain ones: a name behind
  a wide space was judged unsafe. So the space is named.
- *Spark*: `ltrim(value, characters)` takes its arguments **the other way about and raises nothing**: each telephone
  number was judged unsafe. Said as `trim(LEADING .. FROM ..)`.
- *Spark*: `WITH .. AS MATERIALIZED` is not known, so the word is left out.
- *Spark*: each column of a file is taken for one that may be null, and `NOT IN` is then answered by holding each row
  against each other: at a million people the first question had not ended after an hour. So the columns that are never
  null are said to be so, by a `coalesce` on each.

A text that runs elsewhere is therefore not yet a text that says the same elsewhere. A test holds DuckDB to the same
bytes on 10,000 people and on random agreements over people who sit on every edge that a decision has
(`tests/integration/test_other_engines.py`). Spark is held by this script alone.

## What follows

Nothing in the gateway uses them. They read a copy, so what they say is as old as the copy, and they cannot write the
evidence in the same transaction (law L1). A snapshot of a million people is ten times a large authority's; what more
than one authority needs is more than one store: [Scale](explanation/scale.md)."""


def main() -> None:
    """Ask, print, and write where asked to."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--people", type=int, default=10_000)
    words.add_argument("--engine", action="append", choices=OTHERS, help="this one beside our own; all where not said")
    words.add_argument("--write", action="store_true", help="write the page")
    asked = words.parse_args()
    there = importlib.util.find_spec("pyspark") is not None
    engines = tuple(each for each in asked.engine or OTHERS if each != SPARK or there)
    loads = [os.getloadavg()[0]]
    found, exporting = measure(asked.people, engines)
    loads.append(os.getloadavg()[0])
    if asked.write:
        PAGE.write_text(page(asked.people, found, exporting, loads), encoding="utf-8")
    else:
        print(page(asked.people, found, exporting, loads))
    if any(answers.told != found[SQLITE].told for answers in found.values()):
        sys.exit("the engines do not say the same")


if __name__ == "__main__":
    main()
