"""RFC 6962 Merkle trees: leaf and node hashes, the root of a stream, and the root that grows.

The order of leaves and their number are part of what a root says: a changed, removed, inserted or moved leaf gives
another root. Memory stays flat: of a stream only whole subtrees' hashes are kept, one for each bit of the size and one
for each `SUBTREE` leaves: these lead from few leaves to the root again (known_trees.py).

Pure. What a leaf commits to is decided by `entries.py` and `evidence.py`; proofs are in `proofs.py`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import islice

HASH_BYTES = 32
#: The root of the tree without leaves (RFC 6962 section 2.1).
EMPTY_ROOT = hashlib.sha256(b"").digest()
#: The leaves of a subtree whose root is remembered. A power of two; leaves are folded in runs of this size. Databases
#: keep such roots (store/subtrees.py): with another size, all that they keep is made anew.
SUBTREE = 512


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of a leaf's content."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class GrowingTree:
    """The peaks of a tree that leaves are appended to; `size` leaves are in it.

    A peak is the root of a whole subtree; each is more than twice as tall in leaves as what stands right of it.
    `subtrees` are the roots of the whole subtrees of `SUBTREE` leaves, in their order.
    """

    def __init__(self) -> None:
        self.size = 0
        self.subtrees: list[bytes] = []
        self._peaks: list[tuple[int, bytes]] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash at the right."""
        self._push(1, leaf)

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes at the right, in runs that are folded level by level."""
        stream = iter(leaves)
        while run := list(islice(stream, SUBTREE)):
            at = 0
            while at < len(run):
                width = self._whole_from_here(len(run) - at)
                self._push(width, _fold_whole(run[at : at + width]))
                at += width

    def is_at_edge(self, subtrees: Sequence[bytes]) -> bool:
        """Say whether these subtrees can be joined here."""
        return not subtrees or self.size % SUBTREE == 0

    def join(self, root: bytes) -> None:
        """Add `SUBTREE` leaves of which the root is known, behind whole subtrees only."""
        if not self.is_at_edge([root]):
            raise ValueError("a subtree begins where one of its size ends")
        self._push(SUBTREE, root)

    def _whole_from_here(self, most: int) -> int:
        """Return the width of the largest whole subtree that begins behind the last leaf."""
        largest = 1 << most.bit_length() - 1
        # The lowest bit of the size; of an empty tree, everything begins.
        return min(self.size & -self.size, largest) if self.size else largest

    def root(self) -> bytes:
        """Return the root of all leaves so far."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1][1]
        for _, peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root

    def _push(self, width: int, peak: bytes) -> None:
        self.size += width
        while True:
            if width == SUBTREE:
                self.subtrees.append(peak)
            if not self._peaks or self._peaks[-1][0] != width:
                break
            peak = node_hash(self._peaks.pop()[1], peak)
            width *= 2
        self._peaks.append((width, peak))


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root of a stream of leaf hashes."""
    tree = GrowingTree()
    tree.extend(leaves)
    return tree.root()


def _fold_whole(level: Sequence[bytes]) -> bytes:
    sha256 = hashlib.sha256
    while len(level) > 1:
        pairs = iter(level)
        level = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return level[0]
