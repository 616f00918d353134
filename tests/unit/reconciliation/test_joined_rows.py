"""Which rows are one claimant does not depend on how their groups are kept, nor on how many rows there are."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.reconciliation.duplicates import _Joined

_PLACES = st.integers(0, 12)


def _plainly(pairs: list[tuple[int, int]]) -> dict[int, int]:
    first: dict[int, int] = {}
    for one, other in pairs:
        gone = {first.get(one, one), first.get(other, other)}
        joined = [place for place in {*first, one, other} if first.get(place, place) in gone]
        first.update(dict.fromkeys(joined, min(gone)))
    return first


@given(pairs=st.lists(st.tuples(_PLACES, _PLACES).filter(lambda pair: pair[0] != pair[1]), max_size=20))
def test_everyone_of_a_group_has_its_first_place(pairs: list[tuple[int, int]]) -> None:
    joined = _Joined()
    for one, other in pairs:
        joined.join(one, other)
    assert joined.all() == _plainly(pairs)


def test_a_long_group_is_joined_without_going_through_it_each_time() -> None:
    joined = _Joined()
    for place in reversed(range(200_000)):
        joined.join(place, place + 1)
    assert set(joined.all().values()) == {0}
