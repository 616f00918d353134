"""Check what a round left: the delivered file against the evidence, row by row, and against the other contestants'.

- Of the gateway's list every line is opened with the partner's key, and the commitment worked out again from it is the
  stored one, in order; the counts are those of the entry; `audit verify` is left to the tests that are about it.
- Of a pipeline's the lines are counted and compared with its audit.
- What both say of people is the same: a digest that does not ask for order is kept of each file.
- Before the first byte was on the server the evidence was committed: `FirstByte` asks the database at that moment.
"""

import csv
import hashlib
import io
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from sqlalchemy import create_engine, select, text

from gateway.ledger.evidence import commitment
from gateway.model.delivery import ListState
from gateway.sealing.certificate import usable_signer
from gateway.sealing.opening import open_package
from gateway.services.workplace import Workplace
from gateway.store.lists import get_list
from gateway.store.tables import evidence, lists, persons
from scripts.bench.racing.county import AGREEMENT, County

_AS_CHECKED = 2**64


class RoundWrong(RuntimeError):
    """A round did not do what it says: its time is worth nothing."""


def told(plain: bytes) -> tuple[int, int]:
    """Return how many rows a list has, and a digest of what it says of people, whatever their order and reference."""
    rows = csv.reader(io.StringIO(plain.decode(), newline=""))
    next(rows)
    count = digest = 0
    for row in rows:
        count += 1
        digest += int.from_bytes(hashlib.sha256("\0".join(row[1:]).encode()).digest()[:8])
    return count, digest % _AS_CHECKED


def check_gateway(county: County, inbox: Path) -> tuple[int, int]:
    """Hold the one list that was delivered against its evidence, and return what it told."""
    with county.workplace() as workplace, workplace.store.reading() as connection:
        kept = get_list(connection, connection.execute(select(lists.c.list_id)).scalar_one())
        if kept.state is not ListState.VERIFIED:
            raise RoundWrong(f"the list is {kept.state.value}")
        plain = _opened(workplace, county, inbox / str(kept.remote_name))
        _check_lines(connection, kept, plain.split(b"\r\n"))
    return told(plain)


def _opened(workplace: Workplace, county: County, package: Path) -> bytes:
    ours = workplace.keys.certificate().encode()
    signer = usable_signer(ours, workplace.keys.package_fingerprint(), workplace.clock.today())
    return open_package(package.read_bytes(), key=bytes(county.partner.key), signer=signer)


def _check_lines(connection: Any, kept: Any, found: list[bytes]) -> None:
    lines = found[1:-1]
    same = persons.c.subject_ref == evidence.c.subject_ref
    query = (
        select(evidence.c.position, evidence.c.commitment, persons.c.secret)
        .join(persons, same)
        .where(evidence.c.list_id == kept.list_id)
        .order_by(evidence.c.position)
        .execution_options(yield_per=4096)
    )
    count = 0
    for count, (position, committed, secret) in enumerate(connection.execute(query), start=1):
        line = lines[count - 1]
        if position != count or commitment(secret, AGREEMENT, line) != committed:
            raise RoundWrong(f"row {count} is not what its evidence says")
    if not count == len(lines) == kept.people:
        raise RoundWrong(f"{len(lines)} lines, {count} rows of evidence, {kept.people} people on the list")


def check_shell(plain: bytes, audited: int) -> tuple[int, int]:
    """Hold a pipeline's list against its audit, and return what it told."""
    count, digest = told(plain)
    if count != audited:
        raise RoundWrong(f"the pipeline sent {count} rows and audited {audited}")
    return count, digest


class FirstByte:
    """Watches the partner's inbox, and asks how many rows of evidence are committed when the first file is there."""

    def __init__(self, inbox: Path, committed: Callable[[], int]) -> None:
        self._inbox, self._committed, self._over = inbox, committed, threading.Event()
        self.rows: int | None = None
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def check(self, people: int) -> None:
        """Raise unless all evidence was committed by then."""
        if self.rows != people:
            raise RoundWrong(f"{self.rows} rows of evidence were committed when the first byte was sent, not {people}")

    def _watch(self) -> None:
        while not self._over.is_set():
            if any(self._inbox.iterdir()):
                self.rows = self._committed()
                return
            time.sleep(0.002)


def committed_rows(url: str | None, database: Path) -> Callable[[], int]:
    """Return a way to ask for the last position of committed evidence; positions begin at 1 and leave none out."""
    asked = "SELECT max(position) FROM evidence"

    def on_sqlite() -> int:
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        try:
            return int(connection.execute(asked).fetchone()[0] or 0)
        finally:
            connection.close()

    def on_postgresql() -> int:
        engine = create_engine(str(url))
        try:
            with engine.connect() as connection:
                return int(connection.execute(text(asked)).scalar() or 0)
        finally:
            engine.dispose()

    return on_postgresql if url else on_sqlite
