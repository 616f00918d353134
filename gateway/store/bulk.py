"""Edge: many rows into one table at once: by COPY on PostgreSQL, some hundred a statement on SQLite; many found again.

Values are plain: text, whole numbers, truth values, days, bytes, None. Rows are taken as they come, so that a
snapshot's are never all in memory a second time.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from sqlalchemy import Column, Connection, Date, Table

from gateway.store.tables import Reference

#: Rows of one statement on SQLite: what a statement costs beside its rows, such as noting the pages as they were before
#: it where a trigger may stop it, is then shared by them. They are far from the 32,766 values that one may have.
_AT_ONCE = 100
_ASKED_AT_ONCE = 500


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
    places = f"({', '.join('?' * len(columns))})"
    days = [place for place, name in enumerate(columns) if isinstance(table.c[name].type, Date)]
    for block in _blocks(rows):
        values = ", ".join([places] * len(block))
        statement = f"INSERT INTO {table.name} ({names}) VALUES {values}"  # noqa: S608 - names of our own tables
        connection.exec_driver_sql(statement, tuple(chain.from_iterable(_with_days_as_text(block, days))))


def rows_among(
    connection: Connection, columns: Sequence[Column[Any]], among: Column[Any], values: Sequence[Any], **equal: object
) -> Iterator[Sequence[Any]]:
    """Yield the columns of those rows of one table in which one column is among many values, and others are as said.

    The driver is asked itself: to write such a question by SQLAlchemy takes longer than to answer it.
    """
    on_postgresql = connection.dialect.name == "postgresql"
    mark = "%s" if on_postgresql else "?"
    shown = ", ".join(
        f"{each.name}::text" if on_postgresql and each.type is Reference else each.name for each in columns
    )
    where = "".join(f"{name} = {mark} AND " for name in equal) + among.name
    question = f"SELECT {shown} FROM {among.table.name} WHERE {where}"  # noqa: S608 - names of our own tables
    for start in range(0, len(values), _ASKED_AT_ONCE):
        block = values[start : start + _ASKED_AT_ONCE]
        if on_postgresql:
            kind = "uuid" if among.type is Reference else "bytea"
            answer = connection.exec_driver_sql(f"{question} = ANY(%s::{kind}[])", (*equal.values(), list(block)))
        else:
            places = ", ".join("?" * len(block))
            answer = connection.exec_driver_sql(f"{question} IN ({places})", (*equal.values(), *block))
        yield from answer


def _blocks(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    waiting = iter(rows)
    while block := list(islice(waiting, _AT_ONCE)):
        yield block


def _with_days_as_text(block: list[Sequence[Any]], days: Sequence[int]) -> Iterable[Sequence[Any]]:
    """Return the rows as SQLAlchemy's own types keep them in SQLite; a column at a time, which is quicker."""
    if not days:
        return block
    columns: list[Iterable[Any]] = list(zip(*block, strict=True))
    for place in days:
        columns[place] = map(_text_of_day, columns[place])
    return zip(*columns, strict=True)


@lru_cache(maxsize=1 << 16)
def _text_of_day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
