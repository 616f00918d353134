"""Edge: rows as they come, some at a time, so that memory does not grow with their number.

On PostgreSQL a stream is a cursor on the server: it is closed also where its reader stops early.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable

T = TypeVar("T")

#: Enough to cost nothing for each row, few enough to keep.
AT_ONCE = 4096
#: Items that wait for their reader.
_AHEAD = 3


def stream(connection: Connection, statement: Executable, at_once: int = AT_ONCE) -> Iterator[Any]:
    """Yield the statement's rows."""
    # The option is set on the statement: on the connection it would stay, and break what is written over it.
    with closing(connection.execute(statement.execution_options(yield_per=at_once))) as rows:
        yield from rows


def read_ahead(items: Iterator[T]) -> Iterator[T]:
    """Yield the items, of which the next are made by another thread meanwhile; it ends where the reader stops."""
    end = object()
    with ThreadPoolExecutor(1, "read-ahead") as reader:
        waiting = deque(reader.submit(next, items, end) for _ in range(_AHEAD))
        try:
            while (item := waiting.popleft().result()) is not end:
                waiting.append(reader.submit(next, items, end))
                yield item  # type: ignore[misc]
        finally:
            for each in waiting:
                each.cancel()
