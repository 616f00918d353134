"""Load a library without another that it would load for something that we never ask for.

It is told that the other is not there, which it is prepared to hear. Nobody else is: other threads load it meanwhile,
and whoever wants it has it afterwards.
"""

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType


class _NotThere:
    """A finder that says so of one library, to one thread."""

    def __init__(self, library: str) -> None:
        self._library, self._thread = library, threading.get_ident()

    def find_spec(self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> None:
        """Raise for the library; of all others, and to other threads, say nothing."""
        if name == self._library and threading.get_ident() == self._thread:
            raise ModuleNotFoundError("spared", name=name)


@contextmanager
def spared(library: str) -> Iterator[None]:
    """Let what this thread imports go without a library, unless that is loaded already."""
    not_there = _NotThere(library)
    sys.meta_path.insert(0, not_there)
    try:
        yield
    finally:
        sys.meta_path.remove(not_there)
