#!/usr/bin/env python3
"""Measure verifying, proving, writing and looking up in evidence on both databases: docs/performance-evidence.md.

- The databases are real and made by the gateway's own writers (evidence_databases.py); `audit verify` runs whole, in a
  process of its own with its helper beside it. The most memory that both held (VmHWM) is read in a run of its own.
- Beside the seconds that passed stands the time that the processes computed: on a machine where others run, the first
  says more about them than about us. What the server computes is in the first alone.
- Each figure has a peer in the same run: for verifying, a loop that selects the rows and hashes each, and nothing
  else; for trees and proofs, pymerkle over the same leaves in memory; for writing, reading all leaves of the log.
- The history is asked of different people, each once, so that no answer is one that was just given.

Not a test: with `--write` it writes the page, without it prints it.
"""

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts" / "bench")]

from evidence_databases import (  # noqa: E402
    ACTOR,
    NIGHT,
    SIGNER,
    SMALL_LIST,
    copy_nights,
    databases,
    fill,
    grow_log,
    open_store,
    somebody,
)
from sqlalchemy import select  # noqa: E402

from gateway.ledger.checkpoint import parse_vkey  # noqa: E402
from gateway.ledger.events import Event  # noqa: E402
from gateway.ledger.evidence import leaf  # noqa: E402
from gateway.ledger.key_chain import KeyChain  # noqa: E402
from gateway.ledger.tree import SUBTREE, leaf_hash, root_of  # noqa: E402
from gateway.ledger.verify import LogCheck  # noqa: E402
from gateway.model.time import FrozenClock  # noqa: E402
from gateway.services.audit.audit_index import Index, Reading  # noqa: E402
from gateway.services.audit.audit_proof import prove_entry, prove_row  # noqa: E402
from gateway.services.audit.audit_verify import findings_in  # noqa: E402
from gateway.store.audit import log_rows, note_rows  # noqa: E402
from gateway.store.engine import Store  # noqa: E402
from gateway.store.history import disclosures_to  # noqa: E402
from gateway.store.tables import evidence, ledger, lists  # noqa: E402
from tests.bare_workplace import a_bare_workplace  # noqa: E402

PAGE = ROOT / "docs" / "performance-evidence.md"
#: What the gateway is asked for.
ROWS_A_SECOND, MOST_MEMORY_MIB, PROOF_MS, HISTORY_MS = 500_000, 100, 10, 50
ROUNDS, TREE, PEOPLE_ASKED = 3, 100_000, 50


@dataclass(slots=True)
class Verified:
    """One verification, or the peer of one: its rows, the seconds that it took and computed, and the most memory."""

    rows: int
    seconds: float
    computed: float
    memory: int


class Took(NamedTuple):
    """Milliseconds that passed, and that this process computed."""

    clock: float
    computed: float


Answer = tuple[str, Took, int | None]


@dataclass(slots=True)
class Measured:
    """What was measured on one database; each answer with the milliseconds asked for, if any are."""

    ours: Verified
    peer: Verified
    answers: list[Answer] = field(default_factory=list)


def verify(url: str, *, watched: bool) -> None:
    """Verify once and print rows, seconds, seconds computed and the most memory held, which is only read if watched."""
    store, memory, done = open_store(url), dict[int, int](), threading.Event()
    watcher = threading.Thread(target=_watch, args=(done, memory), daemon=True)
    if watched:
        watcher.start()
    began, computed = time.monotonic(), _computed()
    with store.reading() as connection:
        # Each entry of the log is checked too; only rows of evidence are counted.
        reading = Reading(connection, Index())
        findings = list(findings_in(reading, LogCheck(KeyChain(parse_vkey(SIGNER.vkey)))))
    if findings:
        raise SystemExit(f"the evidence is not whole: {findings[:3]}")
    done.set()
    print(reading.rows, time.monotonic() - began, _computed() - computed, sum(memory.values()))


def loop(url: str) -> None:
    """Select the rows of evidence and hash each, as a script would; print the same."""
    store = open_store(url)
    began, computed, rows = time.monotonic(), _computed(), 0
    with store.reading() as connection:
        references = {row.list_id: row.reference for row in connection.execute(select(lists))}
        columns = [evidence.c[name] for name in ("list_id", "position", "subject_ref", "fields", "factors")]
        query = select(*columns, evidence.c.commitment, evidence.c.leaf).order_by("list_id", "position")
        for row in connection.execute(query.execution_options(yield_per=4096)):
            if leaf(references[row[0]], *row[1:6]) != row[6]:
                raise SystemExit("the evidence is not whole")
            rows += 1
    print(rows, time.monotonic() - began, _computed() - computed, _most_memory(os.getpid()))


def _computed() -> float:
    ours, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(each.ru_utime + each.ru_stime for each in (ours, theirs))


def _watch(done: threading.Event, memory: dict[int, int]) -> None:
    """Keep the most memory that this process and each that it started held, as they said it last.

    A process that was just started says what its parent held, until it runs its own program.
    """
    while not done.wait(0.05):
        tasks = Path("/proc/self/task").glob("*/children")
        children = [int(pid) for each in tasks for pid in each.read_text().split()]
        memory |= {pid: held for pid in (os.getpid(), *children) if (held := _most_memory(pid))}


def _most_memory(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024


def ran(what: str, url: str) -> Verified:
    """Do it in processes of their own; return the best seconds and seconds computed, and the most memory."""
    runs = []
    for word in (what, *[what] * ROUNDS, f"{what}-watched"):
        done = subprocess.run([sys.executable, __file__, "--do", word, url], capture_output=True, text=True, check=True)
        runs.append([float(each) for each in done.stdout.split()])
    # The first run warms what the operating system keeps, the last is slowed by being watched.
    timed = runs[1:-1]
    best = [min(run[column] for run in timed) for column in (1, 2)]
    return Verified(int(runs[0][0]), best[0], best[1], int(max(run[3] for run in runs)))


def least(do: Callable[[], object], times: int = 30) -> Took:
    """Return how long something takes at least: what is longer was waiting for a turn."""
    took = [_took(do) for _ in range(times)]
    return Took(min(each.clock for each in took), min(each.computed for each in took))


def _took(do: Callable[[], object]) -> Took:
    began, computed = time.monotonic(), time.process_time()
    do()
    return Took((time.monotonic() - began) * 1000, (time.process_time() - computed) * 1000)


def answers(url: str, large: str, small: str, size: str) -> Iterator[Answer]:
    """Measure proofs and writes."""
    store = open_store(url)
    with tempfile.TemporaryDirectory() as folder:
        workplace = a_bare_workplace(store, FrozenClock(NIGHT), ACTOR, Path(folder))
        yield f"proof of a row, list of {SMALL_LIST:,}", least(lambda: prove_row(workplace, small, 7)), PROOF_MS
        yield f"proof of a row, {size}", least(lambda: prove_row(workplace, large, 7)), PROOF_MS
        yield f"proof of an entry, {size}", least(lambda: prove_entry(workplace, 5000)), PROOF_MS
    yield f"write of one entry, {size}", least(lambda: _write(store)), None
    yield f"peer: all leaves of the log read and hashed, {size}", least(lambda: _read_log(store), 3), None
    yield f"the log verified, {size}", _took(lambda: _check_log(store)), None
    store.close()


def _write(store: Store) -> None:
    with store.writing(ACTOR) as work:
        work.enter(Event.SERVICE_STARTED, release="0.1.0")


def _read_log(store: Store) -> None:
    with store.reading() as connection:
        root_of(connection.execute(select(ledger.c.leaf).order_by(ledger.c.position)).scalars())


def _check_log(store: Store) -> None:
    log = LogCheck(KeyChain(parse_vkey(SIGNER.vkey)))
    with store.reading() as connection:
        if list(log.findings(log_rows(connection), note_rows(connection), lambda _: None)):
            raise SystemExit("the log is not whole")


def histories(url: str, rows: int) -> Iterator[Answer]:
    """Measure a person's history among so many rows."""
    store = open_store(url)
    held, seconds = copy_nights(store, rows)
    asked = [somebody(store, number * 37) for number in range(PEOPLE_ASKED)]
    found = set[int]()
    with store.reading() as connection:
        took = [_took(lambda each=each: found.add(len(list(disclosures_to(connection, [each]))))) for each in asked]
    half = Took(*(statistics.median(each) for each in zip(*took, strict=True)))
    told = f"{max(found):,} disclosures among {held:,} rows (copied in {seconds:.0f} s)"
    yield f"history of a person, {told}: half of {PEOPLE_ASKED} people", half, HISTORY_MS
    yield "the slowest of these", max(took), HISTORY_MS
    store.close()


def trees() -> tuple[float, float, float]:
    """Return leaves a second over the same entries, ours and pymerkle's, and the milliseconds of one of its proofs."""
    from pymerkle import InmemoryTree  # noqa: PLC0415

    entries = [number.to_bytes(96) for number in range(TREE)]
    began = time.process_time()
    ours = root_of(map(leaf_hash, entries))
    between = time.process_time()
    peer = InmemoryTree(algorithm="sha256")
    for entry in entries:
        peer.append_entry(entry)
    theirs = peer.get_root()
    ended = time.process_time()
    if ours != theirs:
        raise SystemExit("the trees differ")
    return TREE / (between - began), TREE / (ended - between), least(lambda: peer.prove_inclusion(7), 3).clock


def judged(measured: float, wanted: float, *, at_least: bool = False) -> str:
    """Say whether a figure is what is asked for."""
    good = measured >= wanted if at_least else measured <= wanted
    return "as asked" if good else "**not as asked**"


_TABLE = """
| database | what | rows | seconds | rows a second | computed seconds | rows a computed second | most memory, MiB |
|---|---|---|---|---|---|---|---|"""
_HOW = f"""
How it is done:

- A verification reads everything over one connection, in one snapshot. The database packs some thousand rows into one
  value; a process beside, of the standard library alone, works their leaves out and folds them, while the next rows are
  read. Where a row does not give its leaf, its block is read again and judged row by row: what is found is as exact as
  if each row had been. Computed seconds are those of both processes, so that on two idle processors less time passes.
- A proof takes the leaves of one subtree of {SUBTREE} rows, and the roots of the others as they were kept when the list
  was sealed. It is held against the signed root before it is handed out; where a root that was kept is wrong or
  missing, the proof is made of all rows, and the root is made anew. `audit verify` finds one that is wrong.
- A write works the root that was signed last out of the same roots and of the rows behind them, and adds its own."""


def _heading() -> str:
    return f"""<!-- Written by scripts/bench/verify_evidence.py --write. -->

# How fast evidence is verified, proven and found

Measured on {os.cpu_count()} processors ({platform.machine()}), Python {platform.python_version()}; about
{os.getloadavg()[0]:.0f} processes wanted to run at the time, ours among them. Where that is more than there are
processors, seconds are mostly waiting: then computed seconds are the ones to read, and for PostgreSQL neither says what
the server takes by itself. Best of {ROUNDS} for verifying, least of 30 for proofs and writes: measure again on a quiet
machine."""


def page(results: dict[str, Measured], tree: tuple[float, float, float]) -> str:
    """Return the page."""
    lines = [*_heading().split("\n"), *_TABLE.split("\n")]
    for name, measured in results.items():
        for what, each in (("`audit verify`", measured.ours), ("peer: select and hash", measured.peer)):
            rates = f"{each.seconds:.2f} | {each.rows / each.seconds:,.0f}"
            rates += f" | {each.computed:.2f} | {each.rows / each.computed:,.0f}"
            lines.append(f"| {name} | {what} | {each.rows:,} | {rates} | {each.memory} |")
    lines += ["", f"Asked for: {ROWS_A_SECOND:,} rows a second in less than {MOST_MEMORY_MIB} MiB.", ""]
    for name, measured in results.items():
        by_clock = judged(measured.ours.rows / measured.ours.seconds, ROWS_A_SECOND, at_least=True)
        held = judged(measured.ours.memory, MOST_MEMORY_MIB)
        lines.append(f"- {name}: {by_clock} by the clock; memory of both processes {held}.")
    lines += [*_HOW.split("\n"), "", "| what | database | milliseconds | of these computed | asked for, at most |"]
    lines.append("|---|---|---|---|---|")
    for name, measured in results.items():
        for what, took, wanted in measured.answers:
            asked = "" if wanted is None else f"{wanted}: {judged(took.clock, wanted)}"
            lines.append(f"| {what} | {name} | {took.clock:.1f} | {took.computed:.1f} | {asked} |")
    rates = f"ours {tree[0]:,.0f} leaves a second, pymerkle's {tree[1]:,.0f}: {tree[0] / tree[1]:.1f} times as fast."
    proof = f"A proof of one of them takes pymerkle {tree[2]:.1f} ms, from memory."
    lines += ["", f"The tree over {TREE:,} entries: {rates} {proof}", ""]
    return "\n".join(lines)


def main() -> None:
    """Measure, and show or write the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--lists", type=int, default=5)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--entries", type=int, default=100_000, help="entries of the log")
    parser.add_argument("--history", type=int, default=10_000_000, help="rows among which a person is looked up")
    parser.add_argument("--folder", type=Path, help="where the databases are made: some gigabytes")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--do", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.do:
        what, url = given.do
        loop(url) if what.startswith("loop") else verify(url, watched=what.endswith("watched"))
        return
    results = {}
    with tempfile.TemporaryDirectory(prefix="gw-bench-", dir=given.folder) as folder, databases(Path(folder)) as urls:
        for name, url in urls.items():
            large, small = fill(url, given.lists, given.people)
            results[name] = Measured(ran("verify", url), ran("loop", url))
            grow_log(url, given.entries)
            size = f"list of {given.people:,}, log of {given.entries:,}"
            results[name].answers += [*answers(url, large, small, size), *histories(url, given.history)]
    made = page(results, trees())
    if given.write:
        PAGE.write_text(made, encoding="utf-8")
    else:
        print(made)


if __name__ == "__main__":
    main()
