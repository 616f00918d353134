"""Small numbers in what is published: whichever it was, what the public reads is the same."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.services.registers.small_numbers import (
    FEW,
    LEAST_SHOWN,
    WITHHELD,
    PeopleCounts,
    published,
    published_count,
    published_sums,
)

_LARGE = st.builds(PeopleCounts, st.integers(LEAST_SHOWN, 900), st.tuples(st.integers(5, 9000)))
_NOBODY = st.just(PeopleCounts(0, (0,)))
_SMALL = st.builds(PeopleCounts, st.integers(1, 4), st.tuples(st.integers(1, 900)))


def everything_published(rows):
    return [*map(published, rows), published_sums(rows)]


@given(st.lists(_LARGE | _NOBODY), st.lists(st.tuples(_SMALL, _SMALL), min_size=1), st.randoms(use_true_random=False))
def test_no_small_number_can_be_worked_out_from_the_rest(others, small, chance):
    """The law of this module: two counties that differ in their small numbers alone publish the same."""
    order = list(range(len(others) + len(small)))
    chance.shuffle(order)
    one = [*others, *(pair[0] for pair in small)]
    other = [*others, *(pair[1] for pair in small)]
    assert everything_published([one[n] for n in order]) == everything_published([other[n] for n in order])


@given(st.lists(_LARGE | _NOBODY, min_size=1))
def test_where_no_number_is_small_everything_but_the_people_in_two_rows_is_shown(rows):
    assert [published(row) for row in rows] == [(row.people, *row.of_them) for row in rows]
    assert published_sums(rows) == (WITHHELD, sum(row.of_them[0] for row in rows))


def test_five_rows_about_one_person_are_hidden_with_the_person():
    assert published(PeopleCounts(1, (5,))) == (FEW, WITHHELD)
    assert published_sums([PeopleCounts(1, (5,)), PeopleCounts(40, (80,))]) == (WITHHELD, WITHHELD)


def test_nobody_is_said_and_few_are_not():
    assert [published_count(number) for number in (0, 1, 4, 5)] == [0, FEW, FEW, 5]
