"""Edge: who hashes rows of evidence: this process, or for many rows one beside it, while this one reads the next.

- The other process gets rows through a pipe and gives roots of subtrees back. It has no database, no login and no
  secret, and sees no name: one connection reads everything, in the one snapshot that a verification sees.
- Where it fails, rows count as not fitting: they are then read and judged one by one, here.
- Answers come in the order of the questions.
"""

import os
import subprocess
import sys
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from gateway.ledger.packed import PackedRows, subtrees_of
from gateway.ledger.tree import HASH_BYTES
from gateway.store import hashing_child
from gateway.store.hashing_child import ANSWER, DOES_NOT_FIT, REQUEST

#: From so many rows on, a process beside this one saves more time than it takes to start.
WORTH_A_PROCESS = 50_000
#: -I and -S: neither the environment nor an installed package changes what is loaded.
_COMMAND = (
    sys.executable,
    "-I",
    "-S",
    "-c",
    "import runpy, sys; sys.path.append(sys.argv[1]); runpy.run_module(sys.argv[2], run_name='__main__')",
    str(Path(hashing_child.__file__).parents[2]),
    hashing_child.__name__,
)
_BUFFER = 1 << 16
#: What a pipe holds: a block, so that whoever hands it over need not wait until it is taken.
_PIPE = 1 << 19


class Hashing(ABC):
    """Takes packed rows, and gives the roots of their whole subtrees, or None where a row does not give its leaf."""

    @abstractmethod
    def ask(self, prefix: bytes, rows: PackedRows) -> None:
        """Ask about rows of a list, whose leaves begin with the prefix."""

    @abstractmethod
    def answer(self) -> list[bytes] | None:
        """Return the answer to the oldest question that has none yet."""


class Here(Hashing):
    """Hashes when it is asked for the answer."""

    def __init__(self) -> None:
        self._asked: deque[tuple[bytes, PackedRows]] = deque()

    def ask(self, prefix: bytes, rows: PackedRows) -> None:
        """Keep the question."""
        self._asked.append((prefix, rows))

    def answer(self) -> list[bytes] | None:
        """Hash the rows of the oldest question."""
        return subtrees_of(*self._asked.popleft())


class Beside(Hashing):
    """Lets a process beside this one hash."""

    def __init__(self, child: "subprocess.Popen[bytes]") -> None:
        self.child = child
        self._requests, self._answers = cast("IO[bytes]", child.stdin), cast("IO[bytes]", child.stdout)

    def ask(self, prefix: bytes, rows: PackedRows) -> None:
        """Hand the rows over; a child that ended takes none, and gives no answer either."""
        lengths = (len(prefix), len(rows.data), len(rows.numbers))
        try:
            self._requests.writelines((REQUEST.pack(*lengths, rows.first), prefix, rows.data, rows.numbers))
            self._requests.flush()
        except OSError:
            return

    def answer(self) -> list[bytes] | None:
        """Wait for the answer to the oldest question."""
        head = self._answers.read(ANSWER.size)
        count = ANSWER.unpack(head)[0] if len(head) == ANSWER.size else DOES_NOT_FIT
        if count == DOES_NOT_FIT:
            return None
        roots = self._answers.read(count * HASH_BYTES)
        if len(roots) != count * HASH_BYTES:
            return None
        return [roots[at : at + HASH_BYTES] for at in range(0, len(roots), HASH_BYTES)]


@contextmanager
def hashing(rows: int) -> Iterator[Hashing]:
    """Give who hashes so many rows; a process beside this one does not outlive the block."""
    child = _started() if rows >= WORTH_A_PROCESS else None
    if child is None:
        yield Here()
        return
    try:
        yield Beside(child)
    finally:
        child.kill()
        child.wait()
        _close_quietly(cast("IO[bytes]", child.stdin))
        cast("IO[bytes]", child.stdout).close()


def _started() -> "subprocess.Popen[bytes] | None":
    """Start the other process; where there is no room for one, this one does the work alone."""
    environment = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    try:
        return subprocess.Popen(
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            bufsize=_BUFFER,
            pipesize=_PIPE,
        )
    except OSError:
        return None


def _close_quietly(stream: IO[bytes]) -> None:
    """Close a pipe whose reader is gone; what was still buffered is dropped on purpose."""
    try:
        stream.close()
    except OSError:
        return
