"""Edge: a process beside this one that reads one statement of a SQLite file, and what it read.

A thread would not do: SQLite's library has one lock for the memory of all connections of a process, and two statements
at once took longer than one after another. No more is read ahead than the pipe holds. The statement and its
values go through the pipe too, and are in no argument. Where the process ends early StoreError is raised.
"""

import marshal
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, Self, cast

from sqlalchemy import Dialect

from gateway.errors import StoreError
from gateway.store import scan_child
from gateway.store.dialects import SQLITE_SETTINGS
from gateway.store.frames import read_frame, write_frames
from gateway.store.scan import Scannable

_PIPE = 1 << 20
_LOAD = "import runpy, sys; sys.path.append(sys.argv[1]); runpy.run_module(sys.argv[2], run_name='__main__')"


class ReadsInProcess:
    """The blocks of one statement. Closing ends the process."""

    def __init__(self, path: Path, statement: Scannable, dialect: Dialect, block: int) -> None:
        expanded = statement.compile(dialect=dialect).construct_expanded_state()
        values = list(map(_plain, expanded.positional_parameters))
        self._is_over = False
        self._child = _started()
        self._blocks = cast("BinaryIO", self._child.stdout)
        try:
            asked = marshal.dumps((str(path), SQLITE_SETTINGS, expanded.statement, values, block))
            write_frames(cast("BinaryIO", self._child.stdin), asked)
        except OSError:
            self.close()
            raise _ended_early() from None

    def __iter__(self) -> Iterator[list[bytes]]:
        return self

    def __next__(self) -> list[bytes]:
        """Return the next block. Raises StoreError where the process ended before the last."""
        if self._is_over:
            raise StopIteration
        try:
            read = read_frame(self._blocks)
        except EOFError:
            raise _ended_early() from None
        if not read:
            self._is_over = True
            raise StopIteration
        block: list[bytes] = marshal.loads(read)  # noqa: S302 - of our own child
        return block

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._is_over = True
        self._child.kill()
        self._child.wait()
        self._blocks.close()
        with suppress(OSError):
            # What was still on its way to a process that has ended.
            cast("BinaryIO", self._child.stdin).close()


def _plain(value: object) -> str | int | None:
    """Return a statement's value as SQLAlchemy's own types hand it to the driver."""
    match value:
        case date() if not isinstance(value, datetime):
            return value.isoformat()
        case str():
            return str.__str__(value)
        case int() | None:
            return value
        case _:
            raise TypeError(f"a statement has a value of type {type(value).__name__}, which is handed to nobody else")


def _ended_early() -> StoreError:
    return StoreError("the process that reads the database ended early")


def _started() -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            # -I and -S: neither the environment nor an installed package changes what is loaded.
            [sys.executable, "-I", "-S", "-c", _LOAD, str(Path(scan_child.__file__).parents[2]), scan_child.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ},
            pipesize=_PIPE,
        )
    except OSError as error:
        raise StoreError("there is no room for the process that reads the database") from error
