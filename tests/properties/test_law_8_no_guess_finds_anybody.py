"""Law L8: whoever takes the database without the registry, and every key, guesses nobody, however much they know.

A million people are tried, those whom the county knows among them. What the registry holds is what stands in the way:
with it, or with one secret, the same guesses find whom they should.
"""

from collections.abc import Iterator

import pytest

from gateway.ledger.entries import Event
from gateway.ledger.forgotten import trait_mark
from gateway.model.forgetting import ForgetReason
from gateway.store.forgets import Forget, erase, keep_forget
from gateway.store.tables import subject_identifiers, subjects
from tests.guessing import EVERYBODY, KNOWN, REGISTRY, everything_in, guessed, make_county, nino_of, thief

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


# --- somebody is forgotten -----------------------------------------------------------------------------------------

TOMBSTONE_KEY = b"the key of tombstones, for tests"


def forget(store, actor, taken, tombstone=None):
    """Delete the person of the target row, as forgetting does; the thief comes afterwards and takes the registry too."""
    with store.writing(actor) as work:
        asked = Forget(
            reference="FGT-1",
            subject_ref=taken.people[taken.target].subject_ref,
            reason=ForgetReason.NOT_NEEDED,
            case_reference="IG-2026-1",
            asked_by="somebody",
            asked_at="2026-11-22T23:10:00Z",
            hold_back=tombstone is not None,
            tombstone=tombstone,
        )
        keep_forget(work, asked, explained_by=work.enter(Event.FORGET_ASKED, **asked.said()))
        erase(work, [asked.subject_ref], reason=asked.reason, case=asked.case_reference)


def test_L8_after_forgetting_a_million_guesses_with_the_registry_find_everybody_but_them(sqlite_store, everyone, taken):
    forget(sqlite_store, everyone, taken)
    with sqlite_store.reading() as connection:
        everything = everything_in(connection)
    assert guessed(everything, thief(taken), EVERYBODY) == set(KNOWN) - {taken.target}


def test_L8_a_tombstone_is_found_by_whoever_has_its_key_and_by_nobody_else(sqlite_store, everyone, taken, sample):
    forget(sqlite_store, everyone, taken, trait_mark(TOMBSTONE_KEY, ("nino", nino_of(taken.target))))
    with sqlite_store.reading() as connection:
        everything = everything_in(connection)
    assert guessed(everything, marked(b"any other key"), sample) == set()
    assert guessed(everything, thief(taken), sample) == set(KNOWN) - {taken.target}
    assert guessed(everything, marked(TOMBSTONE_KEY), sample) == {taken.target}


def marked(key: bytes):
    def guesses(number: int) -> Iterator[bytes]:
        yield trait_mark(key, ("nino", nino_of(number)))

    return guesses
