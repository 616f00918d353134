"""Say what loading took: as a table and as docs/performance-loading.md. Pure: runs in, text out."""

import platform
import sqlite3
from collections.abc import Iterator
from os import cpu_count
from pathlib import Path
from statistics import median

from scripts.bench.loading.rounds import AGAIN, COPY, FIRST, SECOND, Loads
from scripts.bench.racing.race import POSTGRESQL, SQLITE

PAGE = Path(__file__).resolve().parents[3] / "docs" / "performance-loading.md"
_NAMES = {POSTGRESQL: "PostgreSQL", SQLITE: "SQLite"}
_ROWS_A_SECOND, _MOST_MEMORY = 200_000, 100
_WHERE_TIME_GOES = """\
## Where the time goes

The figure that was asked for was found for checking people's lines and copying them into one table. That part, reading
and checking every cell, is a tenth of what a load computes; the rest is what a copy leaves out, in Python and in one
process:

- *Who is one person, and whom a flag reaches* (a sixth): every line about a person is compared by number, by pupil
  number, and by names, birth and home, strictly to link and loosely to protect, over all sources at once.
- *Who must be looked at together* (a sixth): the same keys once more, by their hashes, and the lines laid out by parts.
- *The registry* (a fifth): for each person a keyed hash of each id and number, a reference and a secret drawn at
  random, a commitment and a leaf; each row is explained, by a trigger.
- *Writing* (a sixth): one or two rows for each line, with the indexes that the selection needs. SQLite does this in
  the same process; PostgreSQL beside it, by `COPY`.
- *What rules ask of each family* (a tenth): worked out once at the load, for all lists of the night.
- Starting, opening the database and hashing the files: the whole of *nothing changed*.

Memory holds one part of the county and what is known of everybody in whole numbers, not their lines
(docs/decisions/0015-loading-in-parts.md). Some 75 MiB are the program itself, before it reads a line; what a person or
family adds, while lines are read, is about a hundred bytes for their id and as much for the keys that are compared.

A line that cannot be read costs its neighbours a second reading: a file of which one line in a hundred is broken takes
not quite twice the time, with the same line numbers and reasons.
"""


def table(found: list[Loads]) -> str:
    """Return a table of medians, one row for what was run."""
    lines = [
        "| database | lines (people) | what | seconds | lines a second | computed | of the copy | MiB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for each in found:
        copied = median(run.computed for run in each.runs[COPY])
        for name, runs in each.runs.items():
            seconds, used = median(run.seconds for run in runs), median(run.computed for run in runs)
            lines.append(
                f"| {_NAMES[each.kind]} | {each.lines:,} ({each.people:,}) | {name} | {seconds:.2f} "
                f"| {each.lines / seconds:,.0f} | {used:.2f} | {used / copied:.1f} "
                f"| {max(run.memory for run in runs):.0f} |"
            )
    return "\n".join(lines)


def page(found: list[Loads], rounds: int, loads: list[float]) -> str:
    """Return the whole page."""
    return f"""<!-- Written by scripts/bench/load.py --write. -->

# How fast extracts are loaded

Measured on {cpu_count()} processors ({platform.machine()}), Python {platform.python_version()}, SQLite
{sqlite3.sqlite_version}. Others worked on the machine too: its load, looked at between, was from {min(loads):.1f} to
{max(loads):.1f}. {_rounds(rounds)}; memory is the most of any round, with all that it starts.
"Computed" are the seconds of all processes together, the database's among them: where the load is more than there are
processors, seconds say more about others than about us.

The county is invented, in the layouts, encodings and habits of its source systems, and dirty: some lines are broken,
some name nobody. Each load reads every line, checks every cell, links records of one person, follows every protective
flag, finds everybody in the registry or meets them, and writes the snapshot, the registry and its evidence in one
transaction.

- *{FIRST}*: everybody is new, so that each gets a reference, a secret, index values and a leaf in the registry's tree.
- *{SECOND}*: the same lines as extracts of the next day: everybody is found again.
- *{AGAIN}*: the very same files on the same day, recognised by their hashes. Nothing is loaded anew; a new day always
  is, because ages, spells and flags are judged as at the day.
- *{COPY}*: each extract into a table of text by the database's own tool (`\\copy`, `.import`), less the lines over
  which it would stumble. It checks nothing, links nobody and follows no flag.

{table(found)}

## What was asked for

{chr(10).join(_verdicts(found))}

{_WHERE_TIME_GOES}"""


def _verdicts(found: list[Loads]) -> Iterator[str]:
    for each in found:
        for name in (FIRST, SECOND):
            runs = each.runs[name]
            by_clock = each.lines / median(run.seconds for run in runs)
            by_work = each.lines / median(run.computed for run in runs)
            memory = max(run.memory for run in runs)
            yield (
                f"- {_NAMES[each.kind]}, {each.lines:,} lines, {name}: {by_clock:,.0f} lines a second by the clock,"
                f" {by_work:,.0f} by what was computed; {_ROWS_A_SECOND:,} were asked for:"
                f" {_said(by_clock >= _ROWS_A_SECOND, _ROWS_A_SECOND / by_clock)}. {memory:.0f} MiB of at most"
                f" {_MOST_MEMORY}: {_said(memory <= _MOST_MEMORY, memory / _MOST_MEMORY)}."
            )


def _rounds(rounds: int) -> str:
    return "One round" if rounds == 1 else f"Medians of {rounds} rounds in turns"


def _said(as_asked: bool, times: float) -> str:  # noqa: FBT001 - what was found
    return "as asked" if as_asked else f"**missed, {times:.1f} times**"
