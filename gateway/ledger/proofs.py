"""RFC 6962 proofs: that a leaf is in a tree, and that one tree begins with another.

A proof is the list of the hashes that are missing for working out the root. Verifying is strict: a proof of the
wrong length, for a place outside the tree or with a hash left over proves nothing.

Pure. Making a proof asks for roots over ranges of leaves, each the sibling of a node: it begins at a multiple of the
power of two that is not smaller than its length. Whoever has all leaves gives them by `roots_of`. Verifying takes only
the proof.
"""

from collections.abc import Callable, Sequence

from gateway.ledger.tree import EMPTY_ROOT, HASH_BYTES, node_hash, root_of

#: The root over the leaves from the first index to before the second.
RootBetween = Callable[[int, int], bytes]


def roots_of(leaves: Sequence[bytes]) -> RootBetween:
    """Return the roots between leaves that are all there."""
    return lambda first, end: root_of(leaves[first:end])


def inclusion_proof(root_between: RootBetween, size: int, index: int) -> list[bytes]:
    """Return the hashes that lead from the leaf at `index` to the root of `size` leaves, lowest first."""
    if not 0 <= index < size:
        raise IndexError("there is no leaf at this place")
    path, first, end = list[bytes](), 0, size
    while end - first > 1:
        split = first + _split(end - first)
        if index < split:
            path.append(root_between(split, end))
            end = split
        else:
            path.append(root_between(first, split))
            first = split
    return path[::-1]


def consistency_proof(root_between: RootBetween, size: int, old_size: int) -> list[bytes]:
    """Return the hashes that show that the tree of the first `old_size` leaves grew into that of `size`."""
    if not 0 <= old_size <= size:
        raise IndexError("the older tree is larger than the newer")
    if old_size in (0, size):
        return []
    path, first, end = list[bytes](), 0, size
    while old_size != end:
        split = first + _split(end - first)
        if old_size <= split:
            path.append(root_between(split, end))
            end = split
        else:
            path.append(root_between(first, split))
            first = split
    # At the left edge the older root itself is this one, and known.
    known = [] if first == 0 else [root_between(first, end)]
    return [*known, *path[::-1]]


def includes(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether the proof shows that the leaf is at `index` of the tree of `size` leaves with this root."""
    if not 0 <= index < size or not _are_hashes(leaf, *proof):
        return False
    hashes = list(proof)
    worked_out = _climb(index, size, leaf, hashes)
    return worked_out == root and not hashes


def extends(old_root: bytes, old_size: int, new_root: bytes, new_size: int, proof: Sequence[bytes]) -> bool:
    """Say whether the proof shows that the newer tree begins with all leaves of the older, in their order."""
    if not 0 <= old_size <= new_size or not _are_hashes(*proof):
        return False
    if old_size == new_size:
        return old_root == new_root and not proof and (old_size > 0 or old_root == EMPTY_ROOT)
    if old_size == 0:
        return old_root == EMPTY_ROOT and not proof
    hashes = list(proof)
    roots = _both_roots(old_size, new_size, old_root, hashes, whole=True)
    return roots == (old_root, new_root) and not hashes


def _are_hashes(*hashes: bytes) -> bool:
    return all(len(each) == HASH_BYTES for each in hashes)


def _split(size: int) -> int:
    """Return the largest power of two smaller than the size (RFC 6962's k)."""
    return 1 << (size - 1).bit_length() - 1


def _climb(index: int, size: int, leaf: bytes, hashes: list[bytes]) -> bytes | None:
    if size == 1:
        return leaf
    if not hashes:
        return None
    sibling = hashes.pop()
    split = _split(size)
    if index < split:
        below = _climb(index, split, leaf, hashes)
        return below and node_hash(below, sibling)
    below = _climb(index - split, size - split, leaf, hashes)
    return below and node_hash(sibling, below)


def _both_roots(
    old_size: int, new_size: int, old_root: bytes, hashes: list[bytes], *, whole: bool
) -> tuple[bytes, bytes] | None:
    """Work out the older and the newer root of a subtree; `whole` while the older tree is all of its left edge."""
    if old_size == new_size:
        if whole:
            return old_root, old_root
        return (last := hashes.pop(), last) if hashes else None
    if not hashes:
        return None
    sibling = hashes.pop()
    split = _split(new_size)
    if old_size <= split:
        roots = _both_roots(old_size, split, old_root, hashes, whole=whole)
        return roots and (roots[0], node_hash(roots[1], sibling))
    roots = _both_roots(old_size - split, new_size - split, old_root, hashes, whole=False)
    return roots and (node_hash(sibling, roots[0]), node_hash(sibling, roots[1]))
