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
from itertools import islice
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Dialect, Select, text
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import StoreError
from gateway.store.csv_lines import lines_of

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
            yield [line.encode() for line in lines_of(rows)]
    except (SQLAlchemyError, driver.Error) as error:
        raise StoreError(f"the scan was refused or broke off ({type(error).__name__})") from error


def _fetched(connection: Connection, statement: Scannable, block: int) -> Iterator[Sequence[Sequence[Any]]]:
    """Yield the rows, `block` at a time; from the driver itself where its values need no change: that spares a copy."""
    if not comes_as_it_is(statement, connection.dialect):
        # On the statement: the connection would keep the option, and writes with it.
        yield from connection.execute(statement.execution_options(yield_per=block)).partitions(block)
        return
    with closing(connection.execute(statement)) as result:
        cursor: Any = result.cursor
        while rows := cursor.fetchmany(block):
            yield rows


def comes_as_it_is(statement: Scannable, dialect: Dialect) -> bool:
    """Say whether the driver's own values are those of the statement's columns."""
    types = (column.type.dialect_impl(dialect) for column in statement.selected_columns)
    return not any(each.result_processor(dialect, None) for each in types)
