"""Edge: read statements beside a transaction that writes, all at once, in one state of the database.

- They see nothing that the transaction wrote, and must ask for nothing that it changed. On PostgreSQL each is read by a
  thread over a connection of its own; the first hands its snapshot on, and whoever scans before their turn (engine.py)
  must find out then that nobody else changed what was asked.
- On SQLite each has a process of its own (scan_process.py): whoever makes a list there has the writer's place first, so
  that nothing is committed while these begin. One statement alone is read by the connection itself, which may write
  between blocks; so is a database in memory, which has no other, and what SQLAlchemy has to make values of.
- No more than a few blocks are read ahead, so memory stays flat; others work meanwhile.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from queue import Full, Queue
from threading import Event, Thread

from sqlalchemy import Connection, Engine, text

from gateway.store.dialects import sqlite_file
from gateway.store.scan import BLOCK, Scannable, comes_as_it_is, scan
from gateway.store.scan_process import ReadsInProcess

_AHEAD = 3
_ONE_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
_HANDED_ON = "SELECT pg_export_snapshot()"
_TAKEN = "SET TRANSACTION SNAPSHOT '{}'"
#: How long a reader that nobody asks any more may go on before it finds out.
_LOOKS_UP_S = 0.1


class ScansBeside:
    """The statements' lines in blocks, as `scan` gives them: those of all are read from now on, until it is closed."""

    def __init__(self, connection: Connection, statements: Sequence[Scannable], block: int = BLOCK) -> None:
        self._stack = ExitStack()
        try:
            self.parts: list[Iterator[list[bytes]]] = list(self._parts(connection, statements, block))
        except BaseException:
            self._stack.close()
            raise

    def close(self) -> None:
        """Read no further."""
        self._stack.close()

    def _parts(
        self, connection: Connection, statements: Sequence[Scannable], block: int
    ) -> Iterator[Iterator[list[bytes]]]:
        engine = connection.engine
        if engine.dialect.name == "sqlite":
            path = sqlite_file(engine.url) if len(statements) > 1 else None
            for statement in statements:
                if path and comes_as_it_is(statement, engine.dialect):
                    yield self._stack.enter_context(ReadsInProcess(path, statement, engine.dialect, block))
                else:
                    yield self._stack.enter_context(closing(scan(connection, statement, block)))
            return
        beside = list(self._connected(engine, len(statements)))
        for each, of_it in zip(beside, statements, strict=True):
            yield self._stack.enter_context(closing(_ReadsInThread(each, of_it, block)))

    def _connected(self, engine: Engine, count: int) -> Iterator[Connection]:
        handed_on = None
        for _ in range(count):
            beside = self._stack.enter_context(engine.connect())
            self._stack.enter_context(beside.begin())
            beside.execute(text(_ONE_SNAPSHOT))
            if handed_on is not None:
                beside.exec_driver_sql(_TAKEN.format(handed_on))
            elif count > 1:
                handed_on = beside.execute(text(_HANDED_ON)).scalar_one()
            yield beside


class _ReadsInThread:
    """A thread that reads one statement ahead of whoever takes its blocks. Closing ends it."""

    def __init__(self, connection: Connection, statement: Scannable, block: int) -> None:
        self._connection, self._statement, self._block = connection, statement, block
        self._read: Queue[list[bytes] | BaseException | None] = Queue(_AHEAD)
        self._is_over = Event()
        self._thread = Thread(target=self._run, name="scan-beside", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[list[bytes]]:
        return self

    def __next__(self) -> list[bytes]:
        """Return the next block. Raises what kept the thread from reading it."""
        block = None if self._is_over.is_set() else self._read.get()
        if isinstance(block, list):
            return block
        self._is_over.set()
        if block is not None:
            raise block
        raise StopIteration

    def close(self) -> None:
        """End the thread."""
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            with closing(scan(self._connection, self._statement, self._block, alone=True)) as blocks:
                any(self._is_dropped(block) for block in blocks)
            self._is_dropped(None)
        except BaseException as error:  # noqa: BLE001 - raised where the blocks are taken
            self._is_dropped(error)

    def _is_dropped(self, block: list[bytes] | BaseException | None) -> bool:
        """Hand a block over; say whether nobody takes it any more."""
        while not self._is_over.is_set():
            try:
                self._read.put(block, timeout=_LOOKS_UP_S)
            except Full:
                continue
            return False
        return True
