"""Spark on this machine over exported tables, as an engine of SQLAlchemy's.

`pyspark` is in config/requirements-engines.lock and nowhere else. It is given by no driver of Python's kind, so as
much of one stands here as reading takes.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pyspark.sql import SparkSession
from sqlalchemy import Engine, Table, create_engine

from gateway.store.tables import metadata
from scripts.bench.engines import dialects
from scripts.bench.engines.exported import exported_files

_FUNCTIONS = (
    f"hides_characters(words STRING) RETURNS BOOLEAN RETURN regexp_like(words, r'{dialects.HIDDEN}')",
    f"looks_unsafe(words STRING) RETURNS BOOLEAN RETURN regexp_like(words, r'{dialects.SUSPECT}')",
    "hex_text(bytes BINARY) RETURNS STRING RETURN lower(hex(bytes))",
    "day_text(day DATE) RETURNS STRING RETURN date_format(day, 'yyyy-MM-dd')",
)
#: What stands, in words of SQL, where a value never is missing.
_NEVER = {int: "0L", str: "''", bool: "false", bytes: "X''", date: "DATE '1970-01-01'"}
_SETTINGS = {
    "spark.master": "local[2]",
    "spark.driver.memory": "4g",
    "spark.driver.maxResultSize": "4g",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
    # Names stand in double quotes, as everywhere else.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
}


@contextmanager
def spark_over(folder: Path) -> Iterator[Engine]:
    """Give an engine that has the tables of the folder."""
    builder = SparkSession.builder.appName("other-engines")
    for name, value in (_SETTINGS | {"spark.local.dir": str(folder / "spilled")}).items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    for name, file in exported_files(folder):
        session.read.parquet(str(file)).selectExpr(*_columns(metadata.tables[name])).createOrReplaceTempView(name)
    for function in _FUNCTIONS:
        session.sql(f"CREATE TEMPORARY FUNCTION {function}")
    driver = SimpleNamespace(Error=Exception, paramstyle="qmark")
    engine = create_engine("spark://", module=driver, creator=lambda: _Connection(session), hide_parameters=True)
    yield engine
    engine.dispose()
    session.stop()


def _columns(table: Table) -> list[str]:
    """Return the columns, each that is never null said to be so.

    Spark takes every column of a file for one that may be null, and then answers NOT IN by holding each row against
    each other: a million people never end.
    """
    return [
        f"`{column.name}`"
        if column.nullable
        else f"coalesce(`{column.name}`, {_NEVER[column.type.python_type]}) AS `{column.name}`"
        for column in table.c
    ]


class _Connection:
    def __init__(self, session: SparkSession) -> None:
        self._session = session

    def cursor(self) -> "_Cursor":
        return _Cursor(self._session)

    def close(self) -> None:
        """Leave the session, which is everybody's."""


class _Cursor:
    rowcount = -1

    def __init__(self, session: SparkSession) -> None:
        self._session = session
        self.description: list[tuple[Any, ...]] | None = None
        self._rows: Iterator[Any] = iter(())

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        found = self._session.sql(statement, args=list(parameters))
        self.description = [(name, None, None, None, None, None, None) for name in found.columns]
        self._rows = found.toLocalIterator()

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchmany(self, size: int = 1) -> list[Any]:
        return list(islice(self._rows, size))

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def close(self) -> None:
        self._rows = iter(())
