"""Packed rows of evidence: the subtrees of rows that give their leaves, and nothing for any other."""

import struct

import pytest

from gateway.ledger.evidence import leaf, leaf_prefix
from gateway.ledger.packed import WITH_NUMBERS, WITHOUT_NUMBERS, PackedRows, subtrees_of
from gateway.ledger.tree import SUBTREE, root_of

LIST = "L-2026-11-20-all"
PREFIX = leaf_prefix(LIST)
SIZE = 2 * SUBTREE + 3


def a_row(position):
    reference = f"00000000-0000-4000-8000-{position:012d}"
    return position, reference, position % 7, 0xFFFFFFFF - position, position.to_bytes(32)


ROWS = [a_row(position) for position in range(1, SIZE + 1)]
LEAVES = [leaf(LIST, *row) for row in ROWS]


def with_numbers(rows=ROWS, leaves=LEAVES):
    records = [
        WITH_NUMBERS.pack(
            struct.pack(">I", position) + reference.encode() + struct.pack(">II", *both) + committed, each
        )
        for (position, reference, *both, committed), each in zip(rows, leaves, strict=True)
    ]
    return PackedRows(rows[0][0], b"".join(records))


def without_numbers(rows=ROWS, leaves=LEAVES):
    records = [
        WITHOUT_NUMBERS.pack(reference.encode(), committed, each)
        for (_, reference, _, _, committed), each in zip(rows, leaves, strict=True)
    ]
    numbers = ",".join(str((fields << 32) + factors) for _, _, fields, factors, _ in rows)
    return PackedRows(rows[0][0], b"".join(records), numbers.encode())


FORMS = pytest.mark.parametrize("packed", [with_numbers, without_numbers])


@FORMS
@pytest.mark.parametrize("size", [1, SUBTREE - 1, SUBTREE, SUBTREE + 1, SIZE])
def test_rows_that_give_their_leaves_come_to_subtrees_and_a_rest(packed, size):
    rows = packed(ROWS[:size], LEAVES[:size])
    whole = size // SUBTREE
    expected = [root_of(LEAVES[number * SUBTREE : (number + 1) * SUBTREE]) for number in range(whole)]
    assert subtrees_of(PREFIX, rows) == expected
    assert rows.rest == LEAVES[whole * SUBTREE : size]


@FORMS
def test_L7_a_bent_byte_anywhere_in_a_record_does_not_give_its_leaf(packed):
    rows = packed(ROWS[:3], LEAVES[:3])
    for at in range(len(rows.data)):
        bent = rows.data[:at] + bytes([rows.data[at] ^ 1]) + rows.data[at + 1 :]
        assert subtrees_of(PREFIX, rows._replace(data=bent)) is None


@FORMS
def test_L7_rows_of_another_list_in_other_places_or_with_other_numbers_do_not_give_their_leaves(packed):
    assert subtrees_of(leaf_prefix("L-2026-11-21-all"), packed()) is None
    swapped = [ROWS[1], ROWS[0], *ROWS[2:]]
    assert subtrees_of(PREFIX, packed(swapped, LEAVES)) is None
    for column in (2, 3):
        other = [*ROWS[:5], (*ROWS[5][:column], 9, *ROWS[5][column + 1 :]), *ROWS[6:]]
        assert subtrees_of(PREFIX, packed(other, LEAVES)) is None


def test_where_numbers_come_apart_the_first_position_counts():
    assert subtrees_of(PREFIX, without_numbers()._replace(first=2)) is None
