"""Law L8: whoever takes the database without the registry, and every key, guesses nobody, however much they know.

A million people are tried, those whom the county knows among them. What the registry holds is what stands in the way:
with it, or with one secret, the same guesses find whom they should.
"""

import pytest

from gateway.store.tables import subject_identifiers, subjects
from tests.guessing import EVERYBODY, KNOWN, REGISTRY, everything_in, guessed, make_county, thief

_A_FEW = range(0, 1_000_000, 9_973)


@pytest.fixture(scope="module")
def sample():
    return sorted({*KNOWN, *_A_FEW})


@pytest.fixture
def taken(sqlite_store, everyone):
    return make_county(sqlite_store, everyone)


def test_L8_a_million_guesses_find_nobody_without_the_registry(sqlite_store, taken):
    with sqlite_store.reading() as connection:
        everything = everything_in(connection, but=REGISTRY)
    assert taken.target in EVERYBODY
    assert taken.target not in taken.delivered
    assert guessed(everything, thief(taken), EVERYBODY) == set()


def test_with_the_registrys_index_and_its_key_the_same_guesses_find_everybody_known(sqlite_store, taken, sample):
    with sqlite_store.reading() as connection:
        everything = everything_in(connection, but=(subjects,))
    assert guessed(everything, thief(taken), sample) == set(KNOWN)


def test_with_one_secret_they_find_that_one_person(sqlite_store, taken, sample):
    with sqlite_store.reading() as connection:
        everything = everything_in(connection, but=(subject_identifiers,))
    secret = taken.people[taken.target].secret
    assert guessed(everything, thief(taken, secret=secret), sample) == {taken.target}
