"""Drawing at random so that anybody can draw the same again."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from gateway.ledger.sampling import places_drawn, seed_of

SEED = "0" * 64


@given(st.text(), st.lists(st.text(max_size=5), max_size=3), st.integers(0, 200), st.integers(0, 50))
def test_as_many_different_places_as_wanted_and_always_the_same(seed, stratum, size, wanted):
    places = places_drawn(seed, stratum, size, wanted)
    assert places == sorted(set(places)) == places_drawn(seed, stratum, size, wanted)
    assert len(places) == min(size, wanted)
    assert all(0 <= place < size for place in places)


def test_what_was_drawn_before_is_drawn_for_ever():
    """A sample of years ago has to come out again: this may not change with a version of anything."""
    assert places_drawn(SEED, ("an-agreement", "all", "received"), 3180, 5) == [302, 785, 790, 2138, 2689]


def test_every_place_is_as_likely_as_every_other():
    drawn = Counter(place for n in range(4000) for place in places_drawn(str(n), (), 20, 5))
    # A thousand each is expected; five standard deviations are 137.
    assert all(abs(times - 1000) < 137 for times in drawn.values())
    assert len(drawn) == 20


def test_words_become_a_seed_and_a_seed_stays_one():
    assert seed_of(SEED) == SEED
    assert seed_of("dice 4 2 6") == seed_of("dice 4 2 6") != seed_of("dice 4 2 5")
    assert len(seed_of("")) == 64
