"""Proofs of inclusion and of growth: every true one verifies, every bent one does not."""

import pytest
from pymerkle import InmemoryTree

from gateway.ledger.proofs import consistency_proof, extends, includes, inclusion_proof, roots_of
from gateway.ledger.tree import EMPTY_ROOT, leaf_hash, root_of

LEAVES = [leaf_hash(number.to_bytes(2)) for number in range(40)]
BETWEEN = roots_of(LEAVES)
ROOTS = [root_of(LEAVES[:size]) for size in range(41)]


def test_every_leaf_of_every_tree_is_proved():
    for size in range(1, 41):
        for index in range(size):
            proof = inclusion_proof(BETWEEN, size, index)
            assert includes(ROOTS[size], size, index, LEAVES[index], proof)


def test_every_growth_is_proved():
    for size in range(41):
        for old_size in range(size + 1):
            proof = consistency_proof(BETWEEN, size, old_size)
            assert extends(ROOTS[old_size], old_size, ROOTS[size], size, proof)


def test_another_implementation_climbs_the_same_path():
    oracle = InmemoryTree(algorithm="sha256")
    for number in range(40):
        oracle.append_entry(number.to_bytes(2))
    for index in range(40):
        path = oracle.prove_inclusion(index + 1).path
        # The oracle's path begins with the leaf itself.
        assert [bytes(part) for part in path[1:]] == inclusion_proof(BETWEEN, 40, index)


def _bent(proof):
    yield proof[:-1]
    yield [*proof, b"\0" * 32]
    yield list(reversed(proof)) if len(set(proof)) > 1 else [*proof, *proof]
    for place in range(len(proof)):
        yield [*proof[:place], bytes(byte ^ 1 for byte in proof[place]), *proof[place + 1 :]]


def test_a_bent_proof_of_inclusion_proves_nothing():
    for size in (2, 3, 7, 8, 13, 40):
        for index in range(size):
            proof = inclusion_proof(BETWEEN, size, index)
            assert not any(includes(ROOTS[size], size, index, LEAVES[index], bent) for bent in _bent(proof))
            assert not includes(ROOTS[size], size, index, LEAVES[(index + 1) % size], proof)
            assert not includes(ROOTS[size - 1], size, index, LEAVES[index], proof)


def test_a_bent_proof_of_growth_proves_nothing():
    for size in (3, 7, 8, 13, 40):
        for old_size in range(1, size):
            proof = consistency_proof(BETWEEN, size, old_size)
            for bent in _bent(proof):
                assert not extends(ROOTS[old_size], old_size, ROOTS[size], size, bent)
            assert not extends(ROOTS[old_size - 1], old_size, ROOTS[size], size, proof)
            assert not extends(ROOTS[old_size], old_size, ROOTS[size - 1], size, proof)


@pytest.mark.parametrize("index", [-1, 40, 41])
def test_a_place_outside_the_tree_has_no_proof(index):
    with pytest.raises(IndexError):
        inclusion_proof(BETWEEN, 40, index)
    assert not includes(ROOTS[40], 40, index, LEAVES[0], [])


def test_a_larger_tree_never_shrank():
    with pytest.raises(IndexError):
        consistency_proof(BETWEEN, 40, 41)
    assert not extends(ROOTS[40], 40, ROOTS[39], 39, [])
    assert not extends(ROOTS[0], -1, ROOTS[39], 39, [])


def test_the_empty_tree_grows_into_any_and_needs_no_proof():
    assert extends(EMPTY_ROOT, 0, ROOTS[7], 7, [])
    assert not extends(EMPTY_ROOT, 0, ROOTS[7], 7, [b"\0" * 32])
    assert not extends(ROOTS[1], 0, ROOTS[7], 7, [])
    assert not extends(ROOTS[7], 7, ROOTS[7], 7, [b"\0" * 32])
    assert not extends(ROOTS[6], 7, ROOTS[7], 7, [])
