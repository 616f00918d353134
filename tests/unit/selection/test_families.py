"""Families by their needs: the two ways in which a framework's needs may stand for factors give the same mask."""

import pytest

from gateway.model.factors import mask_of
from gateway.selection.families import needs_of_families
from tests.snapshot_builder import DAY, SNAPSHOT, Snapshot

ONE_EACH = (("10.1", mask_of(("m",))), ("10.2", mask_of(("f",))), ("9.1", mask_of(("h",))), ("9.2", mask_of(("h",))))
#: The same of these needs, and one beside them that stands for two factors.
ONE_FOR_TWO = (*ONE_EACH, ("7.1", mask_of(("a", "d"))))


@pytest.mark.parametrize("factors_of", [ONE_EACH, ONE_FOR_TWO])
def test_a_familys_mask_holds_each_factor_once(connection, factors_of):
    made = Snapshot()
    made.family(1, needs=("9.1", "9.2", "10.1", "5.1"))
    made.family(2, needs=("5.1",))
    made.family(3, needs=("10.2", "10.2"))
    made.write(connection)
    found = {key: mask for key, _, mask in connection.execute(needs_of_families((), factors_of, SNAPSHOT, DAY))}
    assert found == {1: mask_of(("h", "m")), 2: 0, 3: mask_of(("f",))}


def test_where_no_need_stands_for_a_factor_the_mask_is_empty(connection):
    made = Snapshot()
    made.family(1)
    made.write(connection)
    assert connection.execute(needs_of_families((), (), SNAPSHOT, DAY)).all() == [(1, 0, 0)]
