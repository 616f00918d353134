"""A tree of which the roots of whole subtrees are known, so that a proof takes few of its leaves.

- What is known is a help and no evidence: whoever takes a root from here holds it against one that was signed. A wrong
  root that is known gives a wrong root above it, and never a proof that verifies.
- A subtree whose root is not known is worked out from its leaves, and is known from then on: `learned`.

Pure: leaves are read by whoever has them.
"""

from collections.abc import Callable, Mapping

from gateway.ledger.tree import SUBTREE, GrowingTree, root_of

#: The leaves from the first index to before the second; fewer where some are not there.
LeavesBetween = Callable[[int, int], list[bytes]]


class KnownTree:
    """Roots over the ranges of leaves that proofs ask for. `known` has roots of subtrees by their numbers, from 0."""

    def __init__(self, known: Mapping[int, bytes], leaves_between: LeavesBetween) -> None:
        self.learned: dict[int, bytes] = {}
        self.known = known
        self._leaves_between = leaves_between
        self._read: dict[int, list[bytes]] = {}

    def root(self, first: int, end: int) -> bytes:
        """Return the root over the leaves from `first` to before `end`: both in one subtree, or `first` at its edge."""
        number, at = divmod(first, SUBTREE)
        if at + end - first <= SUBTREE and end - first < SUBTREE:
            return root_of(self._leaves(number)[at : at + end - first])
        return self._across(number, end)

    def _across(self, number: int, end: int) -> bytes:
        tree = GrowingTree()
        whole, rest = divmod(end, SUBTREE)
        for each in range(number, whole):
            tree.join(self._subtree(each))
        if rest:
            tree.extend(self._leaves(whole)[:rest])
        return tree.root()

    def _subtree(self, number: int) -> bytes:
        if number in self.known:
            return self.known[number]
        if number not in self.learned:
            self.learned[number] = root_of(self._leaves_between(number * SUBTREE, (number + 1) * SUBTREE))
        return self.learned[number]

    def _leaves(self, number: int) -> list[bytes]:
        # Each step of a path asks for other leaves of the same subtree.
        if number not in self._read:
            self._read[number] = self._leaves_between(number * SUBTREE, (number + 1) * SUBTREE)
        return self._read[number]
