"""Trees of which subtrees are known: the same roots from fewer leaves, and never a wrong one that verifies."""

import pytest

from gateway.ledger.known_trees import KnownTree
from gateway.ledger.proofs import consistency_proof, extends, includes, inclusion_proof, roots_of
from gateway.ledger.tree import SUBTREE, GrowingTree, leaf_hash, root_of

SIZE = 5 * SUBTREE + 77
LEAVES = [leaf_hash(number.to_bytes(4)) for number in range(SIZE)]
SUBTREES = {number: root_of(LEAVES[number * SUBTREE : (number + 1) * SUBTREE]) for number in range(5)}
ROOT = root_of(LEAVES)
PLACES = [0, 1, SUBTREE - 1, SUBTREE, 3 * SUBTREE + 500, 5 * SUBTREE - 1, 5 * SUBTREE, SIZE - 1]


class Counted:
    """The leaves, and how many of them were read."""

    def __init__(self, leaves=LEAVES):
        self.leaves, self.read = leaves, 0

    def __call__(self, first, end):
        found = self.leaves[first:end]
        self.read += len(found)
        return found


def test_a_growing_tree_remembers_its_subtrees_however_it_grew():
    whole, by_one, joined = GrowingTree(), GrowingTree(), GrowingTree()
    whole.extend(LEAVES)
    for each in LEAVES[: 2 * SUBTREE]:
        by_one.append(each)
    for root in SUBTREES.values():
        joined.join(root)
    joined.extend(LEAVES[5 * SUBTREE :])
    assert whole.subtrees == joined.subtrees == list(SUBTREES.values())
    assert by_one.subtrees == whole.subtrees[:2]
    assert joined.root() == whole.root() == ROOT


def test_a_subtree_is_not_joined_behind_part_of_one():
    tree = GrowingTree()
    tree.append(LEAVES[0])
    with pytest.raises(ValueError, match="begins where one of its size ends"):
        tree.join(SUBTREES[0])


@pytest.mark.parametrize("known", [SUBTREES, {}, {1: SUBTREES[1], 4: SUBTREES[4]}])
@pytest.mark.parametrize("index", PLACES)
def test_a_proof_is_the_same_whatever_is_known(known, index):
    proof = inclusion_proof(KnownTree(known, Counted()).root, SIZE, index)
    assert proof == inclusion_proof(roots_of(LEAVES), SIZE, index)
    assert includes(ROOT, SIZE, index, LEAVES[index], proof)


@pytest.mark.parametrize("old", [1, 2, SUBTREE, SUBTREE + 1, 2 * SUBTREE, 4 * SUBTREE, SIZE - 1])
def test_a_proof_of_growth_is_the_same_whatever_is_known(old):
    proof = consistency_proof(KnownTree(SUBTREES, Counted()).root, SIZE, old)
    assert proof == consistency_proof(roots_of(LEAVES), SIZE, old)
    assert extends(root_of(LEAVES[:old]), old, ROOT, SIZE, proof)


@pytest.mark.parametrize("index", PLACES)
def test_what_is_known_need_not_be_read(index):
    leaves = Counted()
    inclusion_proof(KnownTree(SUBTREES, leaves).root, SIZE, index)
    assert leaves.read <= SUBTREE + 77


def test_what_was_worked_out_is_known_from_then_on():
    leaves = Counted()
    tree = KnownTree({0: SUBTREES[0]}, leaves)
    assert tree.root(0, SIZE) == tree.root(0, SIZE) == ROOT
    assert leaves.read == 4 * SUBTREE + 77
    assert tree.learned == {number: SUBTREES[number] for number in range(1, 5)}


@pytest.mark.parametrize("wrong", range(5))
def test_a_wrong_root_that_is_known_proves_nothing(wrong):
    tree = KnownTree(SUBTREES | {wrong: b"\1" * 32}, Counted())
    assert tree.root(0, SIZE) != ROOT
    for index in PLACES:
        if index // SUBTREE != wrong:
            assert not includes(ROOT, SIZE, index, LEAVES[index], inclusion_proof(tree.root, SIZE, index))


def test_leaves_that_are_not_there_prove_nothing():
    tree = KnownTree(SUBTREES, Counted(LEAVES[: SIZE - 1]))
    assert not includes(ROOT, SIZE, 3, LEAVES[3], inclusion_proof(tree.root, SIZE, 3))
