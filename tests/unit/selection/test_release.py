"""A withheld list may only go as it was looked at, less whoever has been held since."""

from dataclasses import replace

import pytest

from gateway.errors import NotReleasable
from gateway.selection.decide import selected_select
from gateway.selection.holding import as_released, as_withheld
from gateway.selection.release import Bound, check_bound, check_shrinks, selection_digest
from tests.agreements_made import a_framework, an_agreement
from tests.snapshot_builder import DAY, SNAPSHOT, Snapshot, put_hold, reference

WITHHELD_AT = "2026-11-22T23:10:00Z"
BEFORE, AFTER = "2026-11-20T09:00:00Z", "2026-11-23T09:00:00Z"
BOUND = Bound(1, "a" * 64, "b" * 64)


def selected(connection, **holding):
    statement = selected_select(an_agreement(), a_framework(), snapshot_id=SNAPSHOT, day=DAY, **holding)
    return list(connection.execute(statement).scalars())


@pytest.fixture
def people(connection):
    """Six people of one family, four of them with holds about the instant at which the list was withheld."""
    snapshot = Snapshot()
    snapshot.family(1, members=tuple(snapshot.person(key) for key in range(1, 7)))
    snapshot.write(connection)
    put_hold(connection, 1, BEFORE)
    put_hold(connection, 2, BEFORE, lifted_at=AFTER)
    put_hold(connection, 3, AFTER)
    put_hold(connection, 4, BEFORE, lifted_at=BEFORE)
    return connection


def references(*people):
    return sorted(reference(person) for person in people)


def test_what_was_withheld_is_decided_again_by_the_holds_of_that_instant(people):
    assert selected(people, holding=as_withheld(WITHHELD_AT)) == references(3, 4, 5, 6)


def test_a_release_leaves_out_new_holds_and_lets_nobody_in_whose_hold_was_lifted(people):
    assert selected(people) == references(2, 4, 5, 6)
    assert selected(people, holding=as_released(WITHHELD_AT)) == references(4, 5, 6)


def test_a_release_counts_whom_it_leaves_out(people):
    withheld = selected(people, holding=as_withheld(WITHHELD_AT))
    assert check_shrinks(withheld, selected(people, holding=as_released(WITHHELD_AT))) == 1


@pytest.mark.parametrize(("released", "left_out"), [("", 4), ("a", 3), ("d", 3), ("bc", 2), ("abcd", 0), ("ad", 2)])
def test_any_part_of_what_was_withheld_may_be_released(released, left_out):
    assert check_shrinks("abcd", released) == left_out


@pytest.mark.parametrize("released", ["e", "abcde", "ba", "aa", "0"])
def test_nobody_else_may_be_released_nor_anybody_twice_or_out_of_order(released):
    with pytest.raises(NotReleasable):
        check_shrinks("abcd", released)


def test_a_release_of_the_same_selection_is_bound():
    check_bound(BOUND, replace(BOUND))


@pytest.mark.parametrize("changes", [{"snapshot_id": 2}, {"statement_hash": "c" * 64}, {"decision_digest": "c" * 64}])
def test_a_release_of_anything_else_is_refused(changes):
    with pytest.raises(NotReleasable):
        check_bound(BOUND, replace(BOUND, **changes))


def test_the_digest_says_who_is_selected_and_in_which_order():
    assert selection_digest(["a", "b"]) == selection_digest(iter(["a", "b"]))
    assert len({selection_digest(each) for each in (["a", "b"], ["b", "a"], ["ab"], ["a"], [])}) == 5
