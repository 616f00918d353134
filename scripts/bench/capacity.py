#!/usr/bin/env python3
"""Work out what one authority, a region and a national service need, from what was measured: docs/explanation/scale.md.

    .venv/bin/python scripts/bench/capacity.py [--write]

Nothing is guessed that was measured: the seconds of a list are those that all its processes computed
(docs/performance.md), rows verified and a person's history are from docs/performance-evidence.md, the bytes of a row
of evidence from docs/performance-partitions.md. The bytes of a snapshot are measured here. What is assumed stands on
the page.
"""

import argparse
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sqlalchemy import create_engine  # noqa: E402

from gateway.store import tables  # noqa: E402
from scripts.bench.engines.invented import write_invented  # noqa: E402

DOCS = ROOT / "docs"
PAGE = DOCS / "explanation" / "scale.md"
NIGHTS, SNAPSHOTS_KEPT, COPIES_KEPT = 365, 35, 35
BACKUP_BYTES_A_SECOND = 100e6
#: The nonce and the tag of a kept line.
_SEALING = 28
_DIGITS = r"([\d.,]+)"
_OF_ROW = ("the rows", "their key", "the index of people")


@dataclass(frozen=True, slots=True)
class Costs:
    """What was measured. A list costs `each_list` seconds and `each_person` more for everybody who is decided about."""

    each_list: float
    each_person: float
    share_listed: float
    bytes_listed: float
    bytes_of_row: float
    bytes_of_person: float
    verified_a_second: float
    history_of_100: float


@dataclass(frozen=True, slots=True)
class Service:
    """Some authorities of one size, each with so many agreements whose whole list goes each night."""

    name: str
    authorities: int
    people: int
    agreements: int


SERVICES = (
    Service("a council", 1, 10_000, 5),
    Service("a large council", 1, 35_000, 20),
    Service("a region of ten", 10, 10_000, 5),
    Service("150 authorities", 150, 10_000, 5),
    Service("150 authorities, more agreements", 150, 10_000, 20),
)


def costs() -> Costs:
    """Read the pages, and measure what none of them has."""
    made, evidence, parts, engines = map(_page, ("", "-evidence", "-partitions", "-engines"))
    few, many = (_list_of(made, people) for people in ("10,000", "100,000"))
    each_person = (many[2] - few[2]) / (many[0] - few[0])
    rows, size = _found(rf"The list: {_DIGITS} rows, {_DIGITS} bytes", engines)
    return Costs(
        each_list=max(0.0, few[2] - each_person * few[0]),
        each_person=each_person,
        share_listed=few[1] / few[0],
        bytes_listed=size / rows,
        bytes_of_row=sum(_found(rf"bytes a row: {what}[^|]*\| {_DIGITS}", parts)[0] for what in _OF_ROW),
        bytes_of_person=_snapshot_bytes(),
        verified_a_second=_found(rf"PostgreSQL \| `audit verify` \| {_DIGITS} \| {_DIGITS} \| {_DIGITS}", evidence)[2],
        history_of_100=_found(rf"history of a person[^|]*\| PostgreSQL \| {_DIGITS}", evidence)[0] / 1000,
    )


def _page(name: str) -> str:
    return (DOCS / f"performance{name}.md").read_text(encoding="utf-8")


def _found(pattern: str, text: str) -> list[float]:
    found = re.search(pattern, text)
    if found is None:
        raise SystemExit(f"no page says what the capacity is worked out from: {pattern}")
    return [float(each.replace(",", "")) for each in found.groups()]


def _list_of(made: str, people: str) -> list[float]:
    """Return people, how many are listed, and the seconds computed, of the gateway on PostgreSQL."""
    row = rf"\| PostgreSQL \| ({people}) \({_DIGITS}\) \| digest \| \d+ \| gateway \| [\d.]+ \| {_DIGITS}"
    return _found(row, made)


def _snapshot_bytes(people: int = 10_000) -> float:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "county.db"
        engine = create_engine(f"sqlite:///{file}")
        tables.metadata.create_all(engine)
        empty = file.stat().st_size
        with engine.begin() as connection:
            write_invented(connection, people)
        engine.dispose()
        return (file.stat().st_size - empty) / people


def worked_out(service: Service, cost: Costs) -> dict[str, str]:
    """Return what a service needs, in the order of the page."""
    listed = service.people * cost.share_listed
    night = service.agreements * (cost.each_list + service.people * cost.each_person)
    rows = service.agreements * listed * NIGHTS
    # The snapshots and sealed copies that are kept stay as many; evidence grows.
    beside = SNAPSHOTS_KEPT * service.people * cost.bytes_of_person
    beside += COPIES_KEPT * service.agreements * listed * cost.bytes_listed
    evidence = 10 * rows * cost.bytes_of_row
    return {
        "stores": f"{service.authorities}",
        "people in each": f"{service.people:,}",
        "agreements of each": f"{service.agreements}",
        "a night of one store, computed": _time(night),
        "rows of evidence a month": f"{rows / 12e6:,.1f} million",
        "snapshots and sealed copies": _size(beside),
        "evidence of ten years": _size(evidence),
        "to verify all of that": _time(10 * rows / cost.verified_a_second),
        "to copy the store at 100 MB a second": _time((evidence + beside) / BACKUP_BYTES_A_SECOND),
        "*all stores*: a night, computed": _time(night * service.authorities),
        "*all stores*: after ten years": _size((evidence + beside) * service.authorities),
    }


def page(cost: Costs) -> str:
    """Return the page."""
    columns = [worked_out(service, cost) for service in SERVICES]
    rows = "\n".join(f"| {what} | {' | '.join(each[what] for each in columns)} |" for what in columns[0])
    heading = f"| | {' | '.join(service.name for service in SERVICES)} |\n|---{'|---' * len(SERVICES)}|"
    one = Service("", 1, 150 * 10_000, 5)
    together = one.agreements * (cost.each_list + one.people * cost.each_person)
    nightly = 10 * NIGHTS * one.agreements
    kept = (cost.bytes_listed + _SEALING) / cost.bytes_of_row
    return f"""<!-- Written by scripts/bench/capacity.py --write. -->

# Scale: one store for each authority

One council is small for this program: some thousand families, a list of some thousand people. What grows is evidence,
a row for each person and list, for as long as agreements ask. This page works out what that comes to.

## A national service is many stores

Each authority has a store of its own: its own database, controller, keys, log, approvers and suppression feed. That is
the boundary of the law before it is one of machines. An authority is the controller of what it discloses, answers its
own subject access requests, and can prove its own log without another's; a key that is stolen, a restored backup or a
stopped night concerns one authority. Nothing in a night asks another store, so stores run beside one another on as many
machines as somebody likes, by the scheduler that they have: a `gateway service` for each, with its own settings file
and account. What a list is decided from never spans two authorities, so there is nothing to distribute, and no cluster,
queue or coordinator is here to be looked after.

What partners see is as many senders as there are authorities, each with its own key and folder, as it is today.

## Worked out

Every agreement sends its whole list every night, which none does; evidence is `digest`, kept for ten years.

{heading}
{rows}

From what was measured:

- {cost.each_list:.2f} s a list and {cost.each_person * 1e6:.0f} microseconds for each person who is decided about,
  computed by all processes on PostgreSQL; {cost.share_listed:.0%} are listed ([lists](../performance.md)). Two
  processors halve that at best, and waiting for a partner's server comes on top
  ([delivery](../performance-delivery.md)).
- {cost.bytes_of_row:.0f} bytes a row of evidence, with its key and the index of people
  ([partitions](../performance-partitions.md)).
- {cost.verified_a_second:,.0f} rows verified a second ([evidence](../performance-evidence.md)).
- {cost.bytes_of_person:,.0f} bytes a person in a snapshot, {SNAPSHOTS_KEPT} of which are kept.
- {cost.bytes_listed:.0f} bytes a row in a sealed copy, kept for {COPIES_KEPT} days
  ([other engines](../performance-engines.md)).

And what follows:

- *Somebody who stood on each list of five agreements for ten years* has {nightly:,} rows. Their history takes about
  {nightly * cost.history_of_100 / 100:.1f} s, as far as a hundred rows in {cost.history_of_100 * 1000:.0f} ms say.
- *Evidence that keeps lines* (`evidence: values`) adds the sealed line to each row: about {kept:.0%} more.
- *All 150 in one database* would decide about {one.people:,} people a list: {_time(together)} computed for five
  agreements. It would work, and would put 150 controllers behind one key, one log and one owner. It is not offered.
- *Backups*: evidence is only added to, so a tool that copies what changed copies a night's rows. Checkpoints go out
  with each manifest, so a backup that is a night too old is found and stops ([restore](../how-to/restore-a-backup.md)).
- *Partitions by month* are for a store whose evidence grows by millions of rows a month
  ([how to](../how-to/partition-evidence.md)); the table says which that is.
- *Another engine* for the decision gains nothing at these sizes ([other engines](../performance-engines.md)).
"""


def _time(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.1f} {unit}"
    return f"{seconds:,.1f} s"


def _size(size: float) -> str:
    for unit, name in ((1e12, "TB"), (1e9, "GB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size / 1e6:,.0f} MB"


def main() -> None:
    """Work it out, and show or write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    made = page(costs())
    if parser.parse_args().write:
        PAGE.write_text(made, encoding="utf-8")
    else:
        print(made)


if __name__ == "__main__":
    main()
