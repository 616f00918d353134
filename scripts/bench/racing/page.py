"""Say what a race found: as a table, as docs/performance.md, and as a picture. Pure: runs in, text out."""

import platform
import sqlite3
from collections.abc import Callable, Iterator
from math import log10
from os import cpu_count
from pathlib import Path
from statistics import median

from scripts.bench.racing.race import COLD, COLD_RUN, GATEWAY, POSTGRESQL, SQLITE, Race, Run
from scripts.bench.racing.shell import EQUAL, TUNED

_DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE, PICTURE = _DOCS / "performance.md", _DOCS / "performance.svg"
#: What is asked of the gateway: at most this share of a pipeline's seconds, by number of people.
ASKED = {
    (POSTGRESQL, EQUAL): {10_000: 0.6, 100_000: 0.7, 1_000_000: 0.75},
    (POSTGRESQL, TUNED): {10_000: 0.6, 100_000: 0.75, 1_000_000: 0.95},
    (SQLITE, TUNED): {10_000: 0.8, 100_000: 1.0, 1_000_000: 1.4},
}
_WHERE_TIME_GOES = """\
## Where the time goes

- Each list decides about everybody, in one question that counts, says who was left out and gives the rows; of a long
  list two halves are asked for at once. A pipeline asks a shorter question twice. It is still the largest part of what
  the gateway computes, on either database.
- What follows for each family from its needs, plans and episodes the load has worked out for its night, and it is in no
  figure here: a tenth of a load, once for all lists. A pipeline could not rely on it. Where it is not kept, a list asks
  in one question that works it out too (decisions/0018-what-follows-from-a-load-is-kept-for-its-night.md).
- A row's reference, mask, commitment and leaf are five hashes in Python, some microseconds a row; of a long list a
  process beside makes them. What writing the evidence takes, and reading back what was uploaded, is the next.
- Memory: a package is sealed, stored, sent and read back in blocks of 1 MiB, and rows are never all in memory; most of
  what is held are libraries. On SQLite it grows all the same, because a sort must not spill people into a temporary
  file and so works in memory; on PostgreSQL sorts are the server's, whose memory is not counted. The processes beside
  that read and make a long list's rows are counted.
- A cold command starts Python and loads what it uses: for `disclose run` that is most of its time at 10,000 people,
  although it loads neither SSH nor migrations. Two commands pay for it twice.
"""
_NAMES = {POSTGRESQL: "PostgreSQL", SQLITE: "SQLite"}
_MOST_MEMORY, _MOST_GROWTH, _MOST_EXPONENT = 200, 1.15, 1.1
#: A cold `disclose run`, at most so many times the tuned pipeline.
_COLD_PEOPLE, _COLD_ASKED = 10_000, 2.0


def table(races: list[Race]) -> str:
    """Return a table of medians, one row a contestant."""
    lines = [
        "| database | people (listed) | evidence | rounds | contestant | seconds | computed | tuned | equal | MiB |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for found in races:
        for name, runs in found.runs.items():
            lines.append(
                f"| {_NAMES[found.kind]} | {found.people:,} ({found.listed:,}) | {found.evidence} | {len(runs)} "
                f"| {name} "
                f"| {_median(runs, _seconds):.2f} | {_median(runs, _computed):.2f} | {_share(found, name, TUNED)} "
                f"| {_share(found, name, EQUAL)} | {max(run.memory for run in runs):.0f} |"
            )
    return "\n".join(lines)


def page(races: list[Race], loads: list[float]) -> str:
    """Return the whole page."""
    return f"""<!-- Written by scripts/bench/race.py --write. -->

# How fast a list is made and delivered

Measured on {cpu_count()} processors ({platform.machine()}), Python {platform.python_version()}, SQLite
{sqlite3.sqlite_version}. Others worked on the machine too: its load, looked at between races, was from {min(loads):.1f}
to {max(loads):.1f}. Medians of rounds in turns, as many as the table says; memory is the most of any round. "Computed"
are the seconds of all processes together, the database's and the SSH server's among them: where the load is more than
there are processors, seconds say more about others than about us. "Tuned" and "equal" are shares of what these
pipelines took.

Everything is on in every round: order, exclusions, evidence, tree, reading back. Each round is held to what it says:
the delivered file is opened, the commitment of each line worked out again is the stored one, in order, the counts
agree, all contestants tell the same of the same people, and the evidence was committed before the first byte was sent.

- *shell*: `psql \\copy (select ..) | gpg --sign --encrypt | sftp`, and an `insert into audit select`.
- *shell, tuned*: the same, and gpg does not compress. *shell, equal work*: and records a hash of each row and who was
  left out, and reads back what it uploaded. Neither has order, salted commitments, a tree, or one state of the data.
- *gateway*: the service, running since before. *gateway, cold commands*: `disclose run` and `deliver resume`, each
  started afresh; the first of them is given alone too, and is no whole delivery.

{table(races)}

![Seconds computed by each contestant](performance.svg)

## What was asked for

{chr(10).join(_verdicts(races))}

{_WHERE_TIME_GOES}"""


def _verdicts(races: list[Race]) -> Iterator[str]:
    for found in races:
        for (kind, against), shares in ASKED.items():
            if kind == found.kind and found.people in shares and against in found.runs:
                yield _verdict(found, GATEWAY, against, shares[found.people])
        if found.people == _COLD_PEOPLE and COLD_RUN in found.runs and TUNED in found.runs:
            yield _verdict(found, COLD_RUN, TUNED, _COLD_ASKED)
    for kind in (POSTGRESQL, SQLITE):
        memory = {each.people: max(run.memory for run in each.runs[GATEWAY]) for each in races if _is_main(each, kind)}
        for people, most in memory.items():
            said = "as asked" if most <= _MOST_MEMORY else "**not as asked**"
            yield f"- {_NAMES[kind]}, {people:,} people: {most:.0f} MiB of at most {_MOST_MEMORY}: {said}."
        few, many = memory.get(100_000), memory.get(1_000_000)
        if few and many:
            said = "as asked" if many <= few * _MOST_GROWTH else "**not as asked**"
            yield f"- {_NAMES[kind]}: a million people take {many / few:.2f} times the memory of 100,000: {said}."
        seconds = {each.people: _median(each.runs[GATEWAY], _seconds) for each in races if _is_main(each, kind)}
        if {100_000, 1_000_000} <= seconds.keys():
            growth = log10(seconds[1_000_000] / seconds[100_000])
            said = "as asked" if growth <= _MOST_EXPONENT else "**not as asked**"
            yield f"- {_NAMES[kind]}: time grows with people to the power of {growth:.2f} (1.1 at most): {said}."


def _is_main(found: Race, kind: str) -> bool:
    return found.kind == kind and found.evidence == "digest" and GATEWAY in found.runs


def _verdict(found: Race, name: str, against: str, asked: float) -> str:
    by_clock = _ratio(found, name, against, _seconds)
    by_work = _ratio(found, name, against, _computed)
    said = "as asked" if by_clock <= asked else f"**missed by {(by_clock / asked - 1) * 100:.0f} %**"
    return (
        f"- {_NAMES[found.kind]}, {found.people:,} people, evidence `{found.evidence}`: *{name}* is {by_clock:.2f} of"
        f" *{against}* by the clock, {by_work:.2f} by what was computed; at most {asked} was asked: {said}."
    )


def picture(races: list[Race]) -> str:
    """Return bars of the computed seconds, each race on its own scale."""
    bars, down = [], 0
    for found in races:
        most = max(_median(runs, _computed) for runs in found.runs.values())
        down += 30
        bars.append(
            f'<text x="10" y="{down}" font-weight="bold">{_NAMES[found.kind]}, {found.people:,} people,'
            f" evidence {found.evidence}</text>"
        )
        for name, runs in found.runs.items():
            down += 20
            value = _median(runs, _computed)
            colour = "#00703c" if name in {GATEWAY, COLD, COLD_RUN} else "#505a5f"
            bars.append(
                f'<text x="10" y="{down}">{name}</text><rect x="190" y="{down - 11}" width="{430 * value / most:.0f}"'
                f' height="13" fill="{colour}"/>'
                f'<text x="{195 + 430 * value / most:.0f}" y="{down}">{value:.2f} s</text>'
            )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 700 {down + 20}" font-family="sans-serif"'
    return "\n".join([f'{head} font-size="12">', *bars, "</svg>", ""])


def _share(found: Race, name: str, against: str) -> str:
    return f"{_ratio(found, name, against, _seconds):.2f}" if against in found.runs else ""


def _ratio(found: Race, name: str, against: str, of: Callable[[Run], float]) -> float:
    return _median(found.runs[name], of) / _median(found.runs[against], of)


def _median(runs: list[Run], of: Callable[[Run], float]) -> float:
    return median(map(of, runs))


def _seconds(run: Run) -> float:
    return run.seconds


def _computed(run: Run) -> float:
    return run.computed
