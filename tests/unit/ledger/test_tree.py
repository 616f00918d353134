"""RFC 6962 trees: the published answers, another implementation's answers, and flat growth."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from gateway.ledger.tree import EMPTY_ROOT, SUBTREE, GrowingTree, leaf_hash, node_hash, root_of

#: The inputs and roots that Certificate Transparency's own implementations test with.
INPUTS = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")] + [
    bytes(range(0x60, 0x70))
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots_come_out(size):
    assert root_of(map(leaf_hash, INPUTS[:size])).hex() == ROOTS[size]


def test_the_empty_tree_and_the_two_kinds_of_hash_are_those_of_the_rfc():
    assert hashlib.sha256(b"").digest() == EMPTY_ROOT == root_of([])
    assert leaf_hash(b"x") == hashlib.sha256(b"\x00x").digest()
    assert node_hash(b"l" * 32, b"r" * 32) == hashlib.sha256(b"\x01" + b"l" * 32 + b"r" * 32).digest()


@pytest.mark.parametrize(
    "size", [1, 2, 3, 7, 8, 9, 100, SUBTREE - 1, SUBTREE, SUBTREE + 1, 2 * SUBTREE, 3 * SUBTREE + 5]
)
def test_another_implementation_gives_the_same_root(size):
    entries = [number.to_bytes(4) for number in range(size)]
    oracle = InmemoryTree(algorithm="sha256")
    for entry in entries:
        oracle.append_entry(entry)
    assert root_of(map(leaf_hash, entries)) == oracle.get_root()


@given(st.lists(st.integers(0, 3000), max_size=5))
def test_a_tree_grown_in_any_steps_has_the_same_root(steps):
    leaves = [leaf_hash(number.to_bytes(4)) for number in range(sum(steps))]
    tree, rest = GrowingTree(), iter(leaves)
    for step in steps:
        tree.extend(next(rest) for _ in range(step))
    assert (tree.size, tree.root()) == (len(leaves), root_of(leaves))
    one_by_one = GrowingTree()
    for leaf in leaves:
        one_by_one.append(leaf)
    assert one_by_one.root() == tree.root()


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=2, max_size=40, unique=True), st.data())
def test_L7_a_changed_removed_inserted_or_moved_leaf_gives_another_root(leaves, data):
    root = root_of(leaves)
    place = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(st.integers(0, len(leaves) - 1).filter(lambda number: number != place))
    changed = leaves.copy()
    changed[place] = bytes(byte ^ 1 for byte in changed[place])
    moved = leaves.copy()
    moved[place], moved[other] = moved[other], moved[place]
    removed = leaves[:place] + leaves[place + 1 :]
    inserted = [*leaves[:place], b"\0" * 32, *leaves[place:]]
    doubled = [*leaves, leaves[-1]]
    assert all(root_of(wrong) != root for wrong in (changed, moved, removed, inserted, doubled))


def test_memory_stays_flat_however_many_leaves_there_are():
    tree = GrowingTree()
    tree.extend(leaf_hash(number.to_bytes(4)) for number in range(100_000))
    assert len(tree._peaks) <= 17
