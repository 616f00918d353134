r"""Edge: read a statement's rows as CSV lines: PostgreSQL by COPY, any other database row by row.

Both ways give the same bytes, those of PostgreSQL's `COPY .. (FORMAT csv)`:

- null is nothing at all, an empty text is `""`;
- a value is quoted where it holds a comma, a quote or a line break, or is `\.` alone on its line; a quote inside is
  doubled; leading and trailing spaces stand as they are;
- days are `2026-11-22`, truth is `t` or `f`, whole numbers are digits; other types are refused.

Lines come without a terminator, in blocks. While PostgreSQL copies, its connection can do nothing else; a caller who
writes between blocks gets them from memory, one who does not may ask for them as they come, and one who makes a list
has them read beside (scan_beside.py). Parameters of a COPY are merged into its text, which servers may log: nothing
secret may be a parameter of a scanned statement (law L8).
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Select, text
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import StoreError

Scannable = Select[Any] | CompoundSelect[Any]
#: Rows in a block: large enough to cost nothing, small enough to stay in a processor's cache.
BLOCK = 4096
#: A sort that outgrew this would spill rows, in plain, into the server's temporary files. To compile our expressions
#: anew for each statement, as servers do by default with large ones, would take seconds and gain nothing.
_ROOM = "SELECT set_config('work_mem', '256MB', true), set_config('jit', 'off', true)"
_DAYS_AS_ISO = "SET LOCAL datestyle = 'ISO, YMD'"


def scan(
    connection: Connection, statement: Scannable, block: int = BLOCK, *, alone: bool = False
) -> Generator[list[bytes]]:
    """Yield the statement's rows as CSV lines without terminators, at most `block` at a time.

    With `alone` nobody uses the connection until the scan has ended, and memory stays flat whatever its size.
    Raises StoreError when the database cannot give them all.
    """
    copies = connection.dialect.name == "postgresql"
    # Closing ends a scan that is given up half-way: the server stops sending.
    with closing((_copied if copies else _written)(connection, statement, block)) as blocks:
        yield from list(blocks) if copies and not alone else blocks


def give_room(connection: Connection) -> None:
    """Let this transaction's decisions work in memory; where the database knows no such limit nothing changes."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(_ROOM))


def _copied(connection: Connection, statement: Scannable, block: int) -> Generator[list[bytes]]:
    give_room(connection)
    connection.execute(text(_DAYS_AS_ISO))
    compiled = statement.compile(dialect=connection.dialect)
    expanded = compiled.construct_expanded_state()
    command = f"COPY ({expanded.statement}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')"
    driver = connection.dialect.loaded_dbapi
    # SQLAlchemy types a cursor as what every driver has; `copy` is psycopg's own.
    opened: Any = connection.connection.cursor()
    try:
        with opened as cursor, cursor.copy(command, expanded.parameters) as copy:
            rows = iter(copy)
            # The server sends one row a message, with its line feed.
            while lines := [bytes(row)[:-1] for row in islice(rows, block)]:
                yield lines
    except driver.Error as error:
        raise StoreError(f"the scan was refused or broke off ({type(error).__name__})") from error


def _written(connection: Connection, statement: Scannable, block: int) -> Generator[list[bytes]]:
    driver = connection.dialect.loaded_dbapi
    try:
        for rows in _fetched(connection, statement, block):
            yield [line.encode() for line in _lines_of(rows)]
    except (SQLAlchemyError, driver.Error) as error:
        raise StoreError(f"the scan was refused or broke off ({type(error).__name__})") from error


def _fetched(connection: Connection, statement: Scannable, block: int) -> Iterator[Sequence[Sequence[Any]]]:
    """Yield the rows, `block` at a time; from the driver itself where its values need no change: that spares a copy."""
    columns, dialect = statement.selected_columns, connection.dialect
    if any(column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns):
        # On the statement: the connection would keep the option, and writes with it.
        yield from connection.execute(statement.execution_options(yield_per=block)).partitions(block)
        return
    with closing(connection.execute(statement)) as result:
        cursor: Any = result.cursor
        while rows := cursor.fetchmany(block):
            yield rows


#: Types whose text is what COPY writes.
_AS_TEXT = frozenset({str, int, type(None), date})


def _lines_of(rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return rows as lines. A value is looked at alone only where something on its line may have to be quoted."""
    if not _AS_TEXT.issuperset(map(type, chain.from_iterable(rows))):
        return list(map(_line, rows))
    commas = len(rows[0]) - 1
    joined = [
        ",".join([value if type(value) is str else "" if value is None else str(value) for value in row])
        for row in rows
    ]
    return [
        line if _is_bare(line, commas) and "" not in row else _line(row) for line, row in zip(joined, rows, strict=True)
    ]


def _is_bare(line: str, commas: int) -> bool:
    """Say whether no value of a line holds what is quoted: the only commas are those between its values."""
    return line.count(",") == commas > 0 and '"' not in line and "\n" not in line and "\r" not in line


def _line(row: Sequence[Any]) -> str:
    line = ",".join(map(_cell, row))
    # PostgreSQL once took this for the end of the data, and still quotes it.
    return '"\\."' if line == "\\." else line


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "t" if value else "f"
        case int():
            return str(value)
        case str():
            return _quoted(value)
        case date() if not isinstance(value, datetime):
            return value.isoformat()
        case _:
            raise TypeError(f"a value of type {type(value).__name__} has no agreed form in a list")


def _quoted(value: str) -> str:
    # One by one: to go through what a value is quoted for takes as long as all else of a line.
    if value and not ("," in value or '"' in value or "\n" in value or "\r" in value):
        return value
    return '"' + value.replace('"', '""') + '"'
