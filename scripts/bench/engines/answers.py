"""Ask one engine for the counts and the list of an agreement, by the gateway's own statements and line by line.

The same code for every engine: `count_select` and `list_select` as they are, `scan` for the lines, `finish_block` for
the bytes and the tree of the list. What differs between engines is what SQLAlchemy makes of the statements.
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
from gateway.model.agreement import Agreement
from gateway.model.framework import Framework
from gateway.selection import Funnel, count_select, funnel_of
from gateway.store.dialects import connect_engine
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
    """What an engine says, to be the same on all: the counts, the list's bytes by their hash, its tree's root."""

    funnel: Funnel
    rows: int
    bytes: int
    sha256: str
    root: str


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds: to count everyone; until the last line of the list was there."""

    counted: float
    listed: float


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
    began = time.monotonic()
    counts = connection.execute(count_select(question.agreement, question.framework, **asked)).all()
    counted = time.monotonic()
    terms = list_terms(question.agreement, "LST-compared", _KEY)
    content, size, tree, finishing = hashlib.sha256(header(question.agreement)), 0, GrowingTree(), 0.0
    statement = list_select(question.agreement, question.framework, **asked)
    for lines in scan(connection, statement, alone=True):
        came = time.monotonic()
        block = finish_block(lines, terms, tree.size + 1)
        content.update(block.content)
        tree.extend(block.leaves)
        size += len(block.content)
        finishing += time.monotonic() - came
    listed = time.monotonic() - counted - finishing
    told = Told(funnel_of(counts), tree.size, size, content.hexdigest(), tree.root().hex())
    return told, Took(counted - began, listed)
