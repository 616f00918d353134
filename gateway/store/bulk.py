"""Edge: many rows into one table at once: by COPY on PostgreSQL, by one prepared statement on SQLite.

Values are plain: text, whole numbers, truth values, days, bytes, None. Rows are taken as they come, so that a
snapshot's are never all in memory a second time.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Date, Table

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
    days = [place for place, name in enumerate(columns) if isinstance(table.c[name].type, Date)]
    for block in _blocks(rows):
        connection.exec_driver_sql(statement, _with_days_as_text(block, days))


def _blocks(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    waiting = iter(rows)
    while block := list(islice(waiting, _AT_ONCE)):
        yield block


def _with_days_as_text(block: list[Sequence[Any]], days: Sequence[int]) -> list[tuple[Any, ...]]:
    """Return the rows as SQLAlchemy's own types keep them in SQLite; a column at a time, which is quicker."""
    columns: list[Iterable[Any]] = list(zip(*block, strict=True))
    for place in days:
        columns[place] = map(_text_of_day, columns[place])
    return list(zip(*columns, strict=True))


@lru_cache(maxsize=1 << 16)
def _text_of_day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
