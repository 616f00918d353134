"""Ask one engine for the counts and the list of an agreement, by the gateway's own statements and line by line.

The same code for every engine: `count_select` and `list_select`, and `whole_list_select` by which a night gets both at
once, as they are; `scan` for the lines, `finish_block` for the bytes and the tree of the list. What differs between
engines is what SQLAlchemy makes of the statements.
"""

import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import Connection, Engine

from gateway.ledger.tree import GrowingTree
from gateway.minimisation import finish_block, header, list_select, list_terms
from gateway.minimisation.whole_list import WholeList, whole_list_select
from gateway.model.agreement import Agreement
from gateway.model.framework import Framework
from gateway.selection import Funnel, count_select, funnel_of
from gateway.store.dialects import connect_engine
from gateway.store.evidence import kept_exclusions
from gateway.store.scan import scan
from scripts.bench.racing.measured import Peaks

SQLITE, POSTGRESQL, DUCKDB, SPARK = "SQLite", "PostgreSQL", "DuckDB", "Spark"
#: Of nobody: a reference under it is only compared.
_KEY = b"a key of nobody, for comparing.."


@dataclass(frozen=True, slots=True)
class Question:
    """One list of one snapshot."""

    agreement: Agreement
    framework: Framework
    snapshot_id: int
    day: date


@dataclass(frozen=True, slots=True)
class Told:
    """What an engine says, to be the same on all: the counts, the list's bytes by their hash, its tree's root.

    `left_out` is the hash of the exclusions that are kept of the list.
    """

    funnel: Funnel
    rows: int
    bytes: int
    sha256: str
    root: str
    left_out: str


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds: to count everyone; until the last line of the list was there; for both at once."""

    counted: float
    listed: float
    whole: float


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that one process found; `opened` are the seconds until the engine could be asked."""

    told: list[Told]
    took: list[Took]
    opened: float
    mebibytes: float


def ask(engine: str, where: str, questions: Sequence[Question]) -> Answers:
    """Ask in a process of its own: two libraries that read SQLite files never meet in one."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_ask_here, engine, where, list(questions)).result()


def _ask_here(engine: str, where: str, questions: Sequence[Question]) -> Answers:
    began = time.monotonic()
    with Peaks(os.getpid()) as peaks, _opened(engine, where) as opened, opened.connect() as connection:
        ready = time.monotonic() - began
        found = [_answer(connection, question) for question in questions]
    return Answers([told for told, _ in found], [took for _, took in found], ready, peaks.mebibytes)


@contextmanager
def _opened(engine: str, where: str) -> Iterator[Engine]:
    match engine:
        case "DuckDB":
            from scripts.bench.engines.on_duckdb import duckdb_over  # noqa: PLC0415 - never beside another library

            with duckdb_over(Path(where)) as opened:
                yield opened
        case "Spark":
            from scripts.bench.engines.on_spark import spark_over  # noqa: PLC0415 - not installed by default

            with spark_over(Path(where)) as opened:
                yield opened
        case _:
            own = connect_engine(where)
            yield own
            own.dispose()


def _answer(connection: Connection, question: Question) -> tuple[Told, Took]:
    asked = {"snapshot_id": question.snapshot_id, "day": question.day}
    agreement, framework = question.agreement, question.framework
    began = time.monotonic()
    counts = funnel_of(connection.execute(count_select(agreement, framework, **asked)).all())
    counted = time.monotonic()
    listed = _Listed(agreement)
    for lines in scan(connection, list_select(agreement, framework, **asked), alone=True):
        listed.add(lines)
    ended = time.monotonic()
    before = kept_exclusions(agreement.agreement_id)
    at_once = whole_list_select(agreement, framework, going=lambda rows: rows, kept_before=before, **asked)
    whole, again = WholeList(scan(connection, at_once, alone=True)), _Listed(agreement)
    funnel = whole.funnel()
    left_out = hashlib.sha256("".join(f"{row}" for block in whole.exclusions() for row in block).encode()).hexdigest()
    for lines in whole.rows():
        again.add(lines)
    took = Took(counted - began, ended - counted - listed.finishing, time.monotonic() - ended - again.finishing)
    if (funnel, again.told()) != (counts, listed.told()):
        raise RuntimeError("what is asked at once is not what is asked one after another")
    return Told(counts, *listed.told(), left_out), took


class _Listed:
    """A list of an agreement, and the seconds that finishing its lines took."""

    def __init__(self, agreement: Agreement) -> None:
        self._terms = list_terms(agreement, "LST-compared", _KEY)
        self._content, self._size, self._tree = hashlib.sha256(header(agreement)), 0, GrowingTree()
        self.finishing = 0.0

    def add(self, lines: list[bytes]) -> None:
        """Take the next lines."""
        began = time.monotonic()
        block = finish_block(lines, self._terms, self._tree.size + 1)
        self._content.update(block.content)
        self._size += len(block.content)
        self._tree.extend(block.leaves)
        self.finishing += time.monotonic() - began

    def told(self) -> tuple[int, int, str, str]:
        """Return rows, bytes, hash and root."""
        return self._tree.size, self._size, self._content.hexdigest(), self._tree.root().hex()
