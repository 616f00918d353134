"""Edge: rows as they come, some at a time, so that memory does not grow with their number.

On PostgreSQL a stream is a cursor on the server: it is closed also where its reader stops early.
"""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, Executable

#: Enough to cost nothing for each row, few enough to keep.
AT_ONCE = 4096


def stream(connection: Connection, statement: Executable, at_once: int = AT_ONCE) -> Iterator[Any]:
    """Yield the statement's rows."""
    # The option is set on the statement: on the connection it would stay, and break what is written over it.
    with closing(connection.execute(statement.execution_options(yield_per=at_once))) as rows:
        yield from rows
