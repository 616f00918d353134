"""Measure a whole tree of processes while it runs: what it computed, and the most memory that it held at once or other.

- Computed seconds are those of every process that had a part: the contestant with its children, the database's server
  and the SSH server. On a machine where others work they say more than the clock.
- Memory is the sum, over the contestant and its children, of the most that each ever held (VmHWM). It is read every
  few milliseconds, because it goes with the process.
"""

import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

_TICKS = os.sysconf("SC_CLK_TCK")
_PEAK = re.compile(r"VmHWM:\s+(\d+)")
_EVERY_S = 0.01
_USER, _CHILDREN_SYSTEM = 11, 15


def tree_of(pid: int) -> Iterator[int]:
    """Yield a process and everything that it started and that still runs."""
    yield pid
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [child for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return
    for child in children:
        yield from tree_of(int(child))


def computed(roots: list[int]) -> float:
    """Return how many seconds the processes have computed, with those of their children that have ended."""
    return sum(_computed_by(pid) for root in roots for pid in tree_of(root))


def _computed_by(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[_USER:_CHILDREN_SYSTEM])) / _TICKS


class Peaks:
    """Watches the memory of a process and of its children while the block lasts."""

    def __init__(self, root: int) -> None:
        self._root, self._peaks, self._over = root, dict[int, int](), threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def mebibytes(self) -> float:
        """The most that each held, added up."""
        return sum(self._peaks.values()) / 1024

    def _watch(self) -> None:
        while not self._over.is_set():
            for pid in tree_of(self._root):
                self._look_at(pid)
            time.sleep(_EVERY_S)

    def _look_at(self, pid: int) -> None:
        try:
            found = _PEAK.search(Path(f"/proc/{pid}/status").read_text())
        except OSError:
            return
        if found:
            # Not the largest: until it starts its own program, a child shows its parent's.
            self._peaks[pid] = int(found[1])


def with_byte_code(folder: Path) -> dict[str, str]:
    """Return an environment in which a command keeps its byte code in a folder of ours, as an installed one does."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
