#!/usr/bin/env python3
"""Measure a list of differences beside a full one of the same people: until each is sealed and committed.

    .venv/bin/python scripts/bench/differences.py [--people 100000] [--rounds 5] [--on sqlite] [--percent 1]

- One county, two agreements of the same text in differences. The lists of one are received each night, so that it
  sends differences; those of the other never are, so that each is a full list. Each is made by a process of its own.
- Before each round so many of a hundred people get another surname. The two take turns, on the same snapshot.
- Each round is held to it that both selected the same people, and that of these nobody was told of who did not change.
  Memory is the most that a process ever held (VmHWM); PostgreSQL's own is not counted.
"""

import argparse
import os
import re
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sqlalchemy import Connection, func, select, update  # noqa: E402

from gateway import bootstrap  # noqa: E402
from gateway.ledger.events import Event  # noqa: E402
from gateway.model.delivery import ListState  # noqa: E402
from gateway.model.time import london_day  # noqa: E402
from gateway.services.agreements.agreement_standing import approved_statement  # noqa: E402
from gateway.services.disclosure.list_decisions import ListTerms, parts_of  # noqa: E402
from gateway.services.disclosure.make_list import Footing, make_list  # noqa: E402
from gateway.services.workplace import Workplace  # noqa: E402
from gateway.settings import read_settings  # noqa: E402
from gateway.store.lists import get_list, move_list  # noqa: E402
from gateway.store.night import log_size  # noqa: E402
from gateway.store.snapshots import newest_snapshot  # noqa: E402
from gateway.store.tables import persons  # noqa: E402
from scripts.bench.racing.county import County, found  # noqa: E402
from scripts.bench.racing.race import POSTGRESQL, SQLITE, address_of, postgresql, run_on_server  # noqa: E402
from tests.integration.conftest import make_ssh_key  # noqa: E402

DIFFERENCES, FULL = "differences", "full-lists"
_IN_DIFFERENCES = ((r"(?m)^mode: \w+$", "mode: delta\ndelta:\n  full_list_every: quarter"),)


@dataclass(frozen=True, slots=True)
class Answer:
    """Seconds until the list was committed, its rows, whom the recipient then holds, and the peak of memory in MiB."""

    seconds: float
    rows: int
    held: int
    memory: float


def main() -> None:
    """Measure, and print a line for each kind of database."""
    asked = _asked()
    for kind in asked.on or (POSTGRESQL, SQLITE):
        with tempfile.TemporaryDirectory(prefix="differences-") as folder, ExitStack() as stack:
            _measure(kind, asked, Path(folder), stack)


def _asked() -> argparse.Namespace:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--people", type=int, default=100_000)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--percent", type=int, default=1, help="so many of a hundred people change each night")
    words.add_argument("--on", action="append", choices=(POSTGRESQL, SQLITE), help="on this kind of database only")
    return words.parse_args()


def _measure(kind: str, asked: argparse.Namespace, folder: Path, stack: ExitStack) -> None:
    url = None
    if kind == POSTGRESQL:
        server = stack.enter_context(postgresql(folder / "pg"))
        run_on_server(server, "CREATE DATABASE differences")
        url = address_of(server, "differences")
    county = _founded(folder, asked.people, url)
    made = {name: _Maker(county, name, stack) for name in (DIFFERENCES, FULL)}
    day = _first_day(county)
    for name, maker in made.items():
        maker.make(day, received=name == DIFFERENCES)
    found_of: dict[str, list[Answer]] = {name: [] for name in made}
    for night in range(1, asked.rounds + 1):
        changed = _change(county, night, asked.percent)
        for name, maker in made.items():
            found_of[name].append(maker.make(day + timedelta(days=night), received=name == DIFFERENCES))
        _check(found_of[DIFFERENCES][-1], found_of[FULL][-1], changed)
    _print(kind, asked, found_of)


def _founded(folder: Path, people: int, url: str | None) -> County:
    partner = SimpleNamespace(port=22, user="nobody", host_keys=(make_ssh_key().public,), inbox="/in", receipts="/out")
    server = SimpleNamespace(partner=partner)
    agreements = DIFFERENCES, FULL
    return found(
        folder / "county",
        people,
        evidence="digest",
        server=server,
        url=url,
        agreements=agreements,
        changes=_IN_DIFFERENCES,
    )


def _first_day(county: County) -> date:
    with county.workplace() as workplace:
        return london_day(workplace.clock.now())


def _change(county: County, night: int, percent: int) -> int:
    """Give some people another surname, in the snapshot itself; return how many of them there are in all."""
    some = persons.c.person_key % 100 < percent
    with county.workplace() as workplace, workplace.store.engine.begin() as connection:
        connection.execute(update(persons).where(some).values(surname=f"Night{night}"))
        return int(connection.execute(select(func.count()).select_from(persons).where(some)).scalar_one())


def _check(differences: Answer, full: Answer, changed: int) -> None:
    if differences.held != full.rows or not 0 < differences.rows <= changed:
        raise RuntimeError(f"the differences tell another thing than the full list: {differences}, {full}")


def _print(kind: str, asked: argparse.Namespace, found_of: dict[str, list[Answer]]) -> None:
    seconds = {name: median(each.seconds for each in answers) for name, answers in found_of.items()}
    memory = {name: max(each.memory for each in answers) for name, answers in found_of.items()}
    ratio = seconds[DIFFERENCES] / seconds[FULL]
    print(
        f"{kind}, {asked.people:,} people, {found_of[FULL][-1].rows:,} on the list, "
        f"{found_of[DIFFERENCES][-1].rows:,} differ: differences {seconds[DIFFERENCES]:.2f} s, "
        f"full {seconds[FULL]:.2f} s, ratio {ratio:.2f}; memory {memory[DIFFERENCES]:.0f} and {memory[FULL]:.0f} MiB; "
        f"load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


class _Maker:
    """A process that makes the lists of one agreement, and nothing else."""

    def __init__(self, county: County, agreement: str, stack: ExitStack) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        process = context.Process(target=_make_lists, args=(theirs, county.settings_file, agreement), daemon=True)
        process.start()
        stack.callback(process.join)
        stack.callback(self._pipe.send, None)

    def make(self, day: date, *, received: bool) -> Answer:
        self._pipe.send((day, received))
        answer: Answer = self._pipe.recv()
        return answer


def _make_lists(asked: Pipe, settings: Path, agreement: str) -> None:
    with bootstrap.workplace_of(read_settings(settings)) as workplace:
        while (wanted := asked.recv()) is not None:
            day, received = wanted
            asked.send(_made(workplace, agreement, day, received=received))


def _made(workplace: Workplace, agreement: str, day: date, *, received: bool) -> Answer:
    def footing(connection: Connection) -> Footing:
        snapshot = newest_snapshot(connection)
        if snapshot is None:
            raise RuntimeError("the county has no snapshot")
        standing, since = approved_statement(workplace, connection, agreement), log_size(connection)
        (part,) = parts_of(connection, standing.agreement, snapshot)
        return Footing(standing, ListTerms(standing.agreement, standing.framework, snapshot, day, part), since)

    with workplace.store.reading() as connection:
        first = footing(connection)
    began = time.monotonic()
    made = make_list(workplace, first, footing)
    seconds = time.monotonic() - began
    if received:
        _receive(workplace, made.list_id)
    with workplace.store.reading() as connection:
        kept = get_list(connection, made.list_id)
    memory = int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))[0])
    return Answer(seconds, kept.people or 0, kept.people or 0 if kept.base is None else kept.held or 0, memory / 1024)


def _receive(workplace: Workplace, list_id: int) -> None:
    """Take a list as far as its receipt, as its delivery would."""
    steps: tuple[tuple[Event, ListState, dict[str, Any]], ...] = (
        (Event.LIST_SENDING, ListState.SENDING, {}),
        (Event.LIST_VERIFIED, ListState.VERIFIED, {"verify_method": "read_back"}),
        (Event.LIST_RECEIVED, ListState.RECEIVED, {}),
    )
    with workplace.store.writing(workplace.actor) as work:
        kept = get_list(work.connection, list_id)
        for event, state, facts in steps:
            said = facts | ({"package_sha256": kept.package_sha256} if facts else {})
            position = work.enter(event, list=kept.reference, **said)
            move_list(work, list_id, state, explained_by=position, **facts)


if __name__ == "__main__":
    main()
