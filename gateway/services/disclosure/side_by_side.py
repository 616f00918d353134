"""Do chains of acts side by side: each chain in its order, a bounded number of chains at once, answers as asked.

- With one at a time everything is done here, in the order given, and no thread is started.
- An act that raises ends everything: no other is begun, those under way end by themselves, and then what the first of
  them raised is raised. An act whose failure concerns nobody else answers with it.
- Once `stopping` says so no other act is begun either; what was not begun has no answer.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")
Chain = Sequence[Callable[[], T]]


def side_by_side(
    chains: Sequence[Chain[T]], at_once: int, stopping: Callable[[], bool] = lambda: False
) -> list[list[T]]:
    """Do the chains; return what each chain's acts answered."""
    return _SideBySide[T](stopping).do(chains, at_once)


class _SideBySide(Generic[T]):
    def __init__(self, stopping: Callable[[], bool]) -> None:
        self._stopping = stopping
        self._broken = False

    def do(self, chains: Sequence[Chain[T]], at_once: int) -> list[list[T]]:
        if min(at_once, len(chains)) <= 1:
            return [self._chain(chain) for chain in chains]
        with ThreadPoolExecutor(at_once, "list") as pool:
            try:
                return [each.result() for each in [pool.submit(self._chain, chain) for chain in chains]]
            finally:
                # Whoever interrupts the run waits for the lists in hand, and for no other.
                self._broken = True

    def _chain(self, chain: Chain[T]) -> list[T]:
        answers: list[T] = []
        for act in chain:
            if self._broken or self._stopping():
                break
            answers.append(self._done(act))
        return answers

    def _done(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except BaseException:
            self._broken = True
            raise
