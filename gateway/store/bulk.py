"""Edge: many rows into one table at once: by COPY on PostgreSQL, by one prepared statement on SQLite.

Values are plain: text, whole numbers, truth values, days, bytes, None. Rows are taken as they come, so that a
snapshot's are never all in memory a second time.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table

_AT_ONCE = 5000


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert the rows, whose values stand in the order of the columns."""
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(table.c[name].name) for name in columns)
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    places = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({places})"  # noqa: S608 - names of our own tables
    for block in _blocks(tuple(map(_as_sqlite, row)) for row in rows):
        connection.exec_driver_sql(statement, block)


def _blocks(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while block := list(islice(rows, _AT_ONCE)):
        yield block


def _as_sqlite(value: Any) -> Any:
    """Return the value as SQLAlchemy's own types keep it in SQLite."""
    return value.isoformat() if isinstance(value, date) else value
