"""Edge: who makes the rows of a list: this process, or for a long list one beside it, while this one reads and writes.

- The other process gets scanned lines through a pipe, and gives the list's bytes and the evidence back. It has no
  database and no login; nothing of what it is given is in a file, an argument or the environment.
- No more is handed over than the pipe holds, unless everything was answered. So neither side ever waits for the other
  to read first.
- Where it ends early, StoreError is raised, and what was made until then has to go with its transaction.
"""

import marshal
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from gateway.errors import StoreError
from gateway.ledger.evidence import seal_line
from gateway.ledger.made_rows import Made
from gateway.store import rows_child
from gateway.store.frames import read_frame, write_frames
from gateway.store.made_blocks import Evidence, Maker, ToMake

#: From so many rows on, a process beside this one saves more time than it takes to start.
WORTH_A_PROCESS = 20_000
#: A process that does not end is killed after so many seconds.
ALLOWED_S = 3600.0
#: Rows handed over at once: few, so that the other process stays small and some parts fit into the pipe.
_AT_ONCE = 1024
#: What a pipe is asked to hold.
_PIPE = 1 << 20
_BUFFER = 1 << 16
#: How much may lie in the pipe unanswered: half, as pages of a pipe need not be full. Where its size cannot be asked
#: for it is another, and nothing is handed over before all is answered.
_HELD = _PIPE // 2 if sys.platform == "linux" else 0
_LOAD = "import runpy, sys; sys.path.append(sys.argv[1]); runpy.run_module(sys.argv[2], run_name='__main__')"


class MakesRows(Protocol):
    """Makes the rows of one list."""

    def blocks(self, scanned: Iterable[list[bytes]]) -> Iterator[tuple[bytes, Evidence]]:
        """Yield the bytes and the evidence of each block, in their order."""

    def made(self) -> Made:
        """Return what all rows come to, once there are no more."""


class Here:
    """Makes them in this process."""

    def __init__(self, to_make: ToMake) -> None:
        self._maker = Maker(to_make, seal_line)

    def blocks(self, scanned: Iterable[list[bytes]]) -> Iterator[tuple[bytes, Evidence]]:
        """Make each block."""
        return map(self._maker.make, scanned)

    def made(self) -> Made:
        """Return what all rows come to."""
        return self._maker.made()


class Beside:
    """Lets a process beside this one make them."""

    def __init__(self, child: "subprocess.Popen[bytes]", to_make: ToMake) -> None:
        self.child = child
        self._copies = to_make.copies
        self._in, self._out = cast("BinaryIO", child.stdin), cast("BinaryIO", child.stdout)
        self._unanswered: deque[int] = deque()
        self._made: Made | None = None
        self._put(marshal.dumps((tuple(to_make.terms), *to_make[1:])))

    def blocks(self, scanned: Iterable[list[bytes]]) -> Iterator[tuple[bytes, Evidence]]:
        """Hand each block over, and yield what comes back."""
        for lines in _parted(scanned):
            block = marshal.dumps(lines)
            while self._unanswered and sum(self._unanswered) + len(block) > _HELD:
                yield self._answer()
            self._put(block)
            self._unanswered.append(len(block))
        self._put(b"")
        while self._unanswered:
            yield self._answer()
        self._made = Made(*marshal.loads(self._frame()))  # noqa: S302 - of our own child
        if self.child.wait() != 0:
            raise _ended_early()

    def made(self) -> Made:
        """Return what all rows come to."""
        if self._made is None:
            raise RuntimeError("not all rows were made")
        return self._made

    def _put(self, frame: bytes) -> None:
        try:
            write_frames(self._in, frame)
        except OSError:
            raise _ended_early() from None

    def _answer(self) -> tuple[bytes, Evidence]:
        content, evidence = self._frame(), self._frame()
        self._unanswered.popleft()
        return content, evidence if self._copies else marshal.loads(evidence)  # noqa: S302 - of our own child

    def _frame(self) -> bytes:
        try:
            return read_frame(self._out)
        except EOFError:
            raise _ended_early() from None


@contextmanager
def rows_made(to_make: ToMake, people: int) -> Iterator[MakesRows]:
    """Give who makes the rows of so many people; a process beside this one does not outlive the block."""
    child = _started(to_make) if people >= WORTH_A_PROCESS else None
    if child is None:
        yield Here(to_make)
        return
    deadline = threading.Timer(ALLOWED_S, child.kill)
    deadline.daemon = True
    deadline.start()
    try:
        yield Beside(child, to_make)
    finally:
        deadline.cancel()
        child.kill()
        child.wait()
        _close_quietly(cast("BinaryIO", child.stdin))
        cast("BinaryIO", child.stdout).close()


def _parted(scanned: Iterable[list[bytes]]) -> Iterator[list[bytes]]:
    for lines in scanned:
        for at in range(0, len(lines), _AT_ONCE):
            yield lines[at : at + _AT_ONCE]


def _started(to_make: ToMake) -> "subprocess.Popen[bytes] | None":
    """Start the other process; where there is no room for one, this one does the work alone."""
    # -I and -S: neither the environment nor an installed package changes what is loaded, but where lines are kept.
    bare = [] if to_make.keeps_values else ["-S"]
    source = str(Path(rows_child.__file__).parents[2])
    try:
        return subprocess.Popen(
            [sys.executable, "-I", *bare, "-c", _LOAD, source, rows_child.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ},
            bufsize=_BUFFER,
            pipesize=_PIPE,
        )
    except OSError:
        return None


def _ended_early() -> StoreError:
    return StoreError("the process that makes a list's rows ended early", advice="Run the same command again.")


def _close_quietly(stream: BinaryIO) -> None:
    """Close a pipe whose reader is gone; what was still buffered is dropped on purpose."""
    try:
        stream.close()
    except OSError:
        return
