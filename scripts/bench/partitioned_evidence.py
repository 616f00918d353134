#!/usr/bin/env python3
"""Measure evidence in one table beside evidence in monthly partitions: docs/performance-partitions.md.

    .venv/bin/python scripts/bench/partitioned_evidence.py [--people 100000] [--months 24] [--write]

Lists are made by the gateway's own writers on an embedded PostgreSQL, the same in both databases; partitions by the
statements of docs/how-to/partition-evidence.md, a month after each four lists. Then, in both: one more list, the
history of people, one list read back, everything verified, the first month purged, and the room it leaves. At the end
there are ten years of partitions, most of them small, and the history is asked again.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts" / "bench")]

from evidence_databases import ACTOR, NIGHT, SIGNER, open_store  # noqa: E402
from partition_statements import statements  # noqa: E402
from sqlalchemy import create_engine, text  # noqa: E402

from gateway.ledger.checkpoint import parse_vkey  # noqa: E402
from gateway.ledger.key_chain import KeyChain  # noqa: E402
from gateway.ledger.verify import LogCheck  # noqa: E402
from gateway.model.time import FrozenClock  # noqa: E402
from gateway.services.audit.audit_index import Index, Reading  # noqa: E402
from gateway.services.audit.audit_verify import findings_in  # noqa: E402
from gateway.store.engine import Store  # noqa: E402
from gateway.store.history import disclosures_to  # noqa: E402
from gateway.store.lists import get_list  # noqa: E402
from gateway.store.purge import Term, purge_list  # noqa: E402
from gateway.store.read_back import read_back  # noqa: E402
from scripts.bench.racing.race import postgresql  # noqa: E402
from tests.lists_made import keep_statement_of, seal_list_of, send_list, some_subjects  # noqa: E402

PAGE = ROOT / "docs" / "performance-partitions.md"
LISTS_A_MONTH, ASKED, TEN_YEARS = 4, 50, 120
TERM = Term(date(2026, 11, 22), date(2033, 11, 22), "IG-2033-1")
_SIZES = text(
    "WITH parts AS (SELECT 'evidence'::regclass AS part UNION SELECT relid FROM pg_partition_tree('evidence'))"
    " SELECT (SELECT sum(pg_table_size(part)) FROM parts) AS rows,"
    " sum(pg_relation_size(indexrelid)) FILTER (WHERE indisprimary) AS keys,"
    " sum(pg_relation_size(indexrelid)) FILTER (WHERE NOT indisprimary) AS subjects"
    " FROM pg_index JOIN parts ON part = indrelid"
)


@dataclass(slots=True)
class Found:
    """What was found of one layout: seconds by what they are of, and bytes."""

    seconds: dict[str, float] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    rows: int = 0


def timed(found: Found, what: str, do: Callable[[], Any]) -> Any:
    """Do it, and keep how long it took."""
    began = time.monotonic()
    done = do()
    found.seconds[what] = time.monotonic() - began
    return done


def measure(url: str, people: int, months: int, *, divided: bool) -> Found:
    """Fill a database and measure it."""
    found, subjects = Found(rows=people * months * LISTS_A_MONTH), some_subjects(people)
    made = {"environment": "synthetic", "controller": "Invented County Council", "actor": ACTOR}
    Store.create(url, clock=FrozenClock(NIGHT), signer=SIGNER, **made).close()
    store = open_store(url)
    keep_statement_of(store, ACTOR)
    owner = create_engine(url, isolation_level="AUTOCOMMIT")
    functions, divide, _, _ = statements("CURRENT_USER")
    if divided:
        run(owner, functions)
        run(owner, divide)
    for month in range(months):
        if divided and month:
            run(owner, f"SELECT evidence_begin_month('evidence_m{month}')")
        took = [_seal(store, month, number, subjects) for number in range(LISTS_A_MONTH)]
        found.seconds["a list made, first month" if not month else "a list made, last month"] = statistics.median(took)
    run(owner, "VACUUM ANALYZE evidence")
    found.sizes = _sizes(owner)
    _ask(store, found, [each.subject_ref for each in subjects[:: max(1, people // ASKED)][:ASKED]])
    timed(found, "everything verified", lambda: _verify(store))
    _purge(store, owner, found, divided=divided)
    if divided:
        _ten_years(store, owner, found, months, subjects)
    owner.dispose()
    store.close()
    return found


def run(owner: Any, statement: str) -> None:
    """Run it as it stands on the page."""
    with owner.connect() as connection:
        connection.exec_driver_sql(statement.replace("%", "%%"))


def _seal(store: Store, month: int, number: int, subjects: list[Any]) -> float:
    window = f"{2027 + month // 12}-{1 + month % 12:02d}-{1 + 7 * number:02d}"
    began = time.monotonic()
    list_id = seal_list_of(store, ACTOR, window, subjects)
    took = time.monotonic() - began
    send_list(store, ACTOR, list_id, f"L-{window}-all", verified=False)
    return took


def _sizes(owner: Any) -> dict[str, int]:
    with owner.connect() as connection:
        return dict(connection.execute(_SIZES).mappings().one())


def _ask(store: Store, found: Found, people: list[str], when: str = "") -> None:
    took = []
    with store.reading() as connection:
        for subject_ref in people:
            began = time.monotonic()
            list(disclosures_to(connection, [subject_ref]))
            took.append(time.monotonic() - began)
        found.seconds[f"history of a person{when}"] = statistics.median(took[1:])
        found.seconds[f"the slowest of them{when}"] = max(took[1:])
        if not when:
            timed(found, "a list read back", lambda: read_back(connection, LISTS_A_MONTH + 1))


def _verify(store: Store) -> None:
    with store.reading() as connection:
        findings = list(findings_in(Reading(connection, Index()), LogCheck(KeyChain(parse_vkey(SIGNER.vkey)))))
    if findings:
        raise SystemExit(f"the evidence is not whole: {findings[:3]}")


def _purge(store: Store, owner: Any, found: Found, *, divided: bool) -> None:
    def first_month() -> None:
        for list_id in range(1, LISTS_A_MONTH + 1):
            with store.writing(ACTOR) as work:
                purge_list(work, get_list(work.connection, list_id), TERM)

    timed(found, "a month purged by its entries", first_month)
    if divided:
        run(owner, "SELECT evidence_begin_month('evidence_after')")
        # The table that there was, which the conversion made the first partition, is empty; so is its first month.
        for named in ("evidence_before", "evidence_2026_12"):
            timed(found, "the room given back", lambda name=named: run(owner, f"SELECT evidence_end_month('{name}')"))
    else:
        timed(found, "the room given back", lambda: run(owner, "VACUUM FULL evidence"))
    timed(found, "everything verified after that", lambda: _verify(store))


def _ten_years(store: Store, owner: Any, found: Found, months: int, subjects: list[Any]) -> None:
    for number in range(TEN_YEARS - months):
        window = f"{2035 + number // 12}-{1 + number % 12:02d}-01"
        list_id = seal_list_of(store, ACTOR, window, subjects[:100])
        send_list(store, ACTOR, list_id, f"L-{window}-all", verified=False)
        run(owner, f"SELECT evidence_begin_month('evidence_later{number}')")
    people = [each.subject_ref for each in subjects[:: max(1, len(subjects) // ASKED)][:ASKED]]
    _ask(store, found, people, ", with ten years of partitions")


def keys_beside(url: str, found: Found, month: str) -> dict[str, Any]:
    """Try a month with a block-range index in the place of its key; return what it holds and takes."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    blocks = "SELECT count(leaf) FROM {} WHERE list_id = {} AND position > {} AND position <= {}"
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE TABLE tried AS SELECT * FROM {month}")
        connection.exec_driver_sql("CREATE INDEX tried_brin ON tried USING brin (list_id) WITH (pages_per_range = 16)")
        connection.exec_driver_sql("VACUUM ANALYZE tried")
        said: dict[str, Any] = {}
        for name in (month, "tried"):
            list_id = connection.exec_driver_sql(f"SELECT max(list_id) FROM {name}").scalar_one()
            began = time.monotonic()
            for at in range(0, found.rows and 100_000, 4096):
                connection.exec_driver_sql(blocks.format(name, list_id, at, at + 4096))
            said[f"seconds {name}"] = time.monotonic() - began
        said["brin"] = connection.exec_driver_sql("SELECT pg_relation_size('tried_brin')").scalar_one()
        said["key"] = connection.exec_driver_sql(f"SELECT pg_relation_size('{month}_pkey')").scalar_one()
    engine.dispose()
    return {
        "brin": said["brin"],
        "key": said["key"],
        "by_brin": said["seconds tried"],
        "by_key": said[f"seconds {month}"],
    }


def page(one: Found, parts: Found, tried: dict[str, Any], months: int, loads: list[float]) -> str:
    """Return the page."""
    names = list(dict.fromkeys([*one.seconds, *parts.seconds]))
    rows = [f"| {name} | {_shown(one.seconds.get(name))} | {_shown(parts.seconds.get(name))} |" for name in names]
    for name, what in (
        ("rows", "the rows"),
        ("keys", "their key (list, position)"),
        ("subjects", "the index of people"),
    ):
        rows.append(
            f"| bytes a row: {what} | {one.sizes[name] / one.rows:.0f} | {parts.sizes[name] / parts.rows:.0f} |"
        )
    return f"""<!-- Written by scripts/bench/partitioned_evidence.py --write. -->

# Evidence in one table and in monthly partitions

{one.rows:,} rows in {months} months of {LISTS_A_MONTH} lists, on an embedded PostgreSQL. Measured on
{os.cpu_count()} processors ({platform.machine()}), Python {platform.python_version()}. Others worked on the machine
too: its load was from {min(loads):.1f} to {max(loads):.1f}. Of seconds only differences of many times say
anything; bytes are what they are. How it is done: [keep evidence in monthly partitions](how-to/partition-evidence.md).

| seconds, unless it says bytes | one table | partitions |
|---|---|---|
{chr(10).join(rows)}

- A month goes in two steps. The purge reads, holds and deletes every row by the entry of its list, and takes the same
  time in both. The room is given back by dropping an empty file, where one table has to be written anew as a whole,
  with nobody at work: its time grows with all the evidence there is, the other's does not.
- The history of a person looks into each partition, and stays in milliseconds. To verify everything takes as long as
  there are rows, in either.
- *A block-range index (BRIN) in the place of the key*, tried on one month: {tried["brin"]:,} bytes where the key has
  {tried["key"]:,}. A list read in blocks, as `audit verify` reads it: {tried["by_brin"]:.2f} s by BRIN,
  {tried["by_key"]:.2f} s by the key. It is not used: without the key nothing but `audit verify` stops a second row at a
  position, and to find the lists that have rows would read all of them.
"""


def _shown(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.4f}" if seconds < 0.1 else f"{seconds:.2f}"  # noqa: PLR2004 - digits


def main() -> None:
    """Measure, and show or write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    loads = [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory(prefix="gw-parts-") as folder, postgresql(Path(folder) / "pg") as server:
        address = server.get_uri().replace("postgresql:", "postgresql+psycopg:", 1)
        urls = {name: address.replace("/postgres?", f"/{name}?") for name in ("one_table", "partitions")}
        maintenance = create_engine(address, isolation_level="AUTOCOMMIT")
        for name in urls:
            run(maintenance, f"CREATE DATABASE {name}")
        one = measure(urls["one_table"], given.people, given.months, divided=False)
        loads.append(os.getloadavg()[0])
        print(one, flush=True)
        parts = measure(urls["partitions"], given.people, given.months, divided=True)
        loads.append(os.getloadavg()[0])
        print(parts, flush=True)
        tried = keys_beside(urls["partitions"], parts, "evidence_m1")
        maintenance.dispose()
    made = page(one, parts, tried, given.months, loads)
    if given.write:
        PAGE.write_text(made, encoding="utf-8")
    else:
        print(made)


if __name__ == "__main__":
    main()
