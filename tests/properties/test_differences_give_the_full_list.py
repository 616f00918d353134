"""Whoever takes up lists of differences holds what a full list would have told, whatever was lost on the way.

Each night invents who is selected, and what becomes of the list: received, taken without a receipt, or never taken.
A list that is on its way may be overtaken. Once a list is received, the copy is the full list of its night.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.sandbox.partner_copy import Copy
from tests.differences_made import Made, a_full_list, a_list_of_differences, rows_in

PEOPLE = st.dictionaries(st.integers(1, 8), st.sampled_from(["One", "Two", '"Three, ""T"""']), max_size=8)
RECEIVED, TAKEN, TAKEN_LATE, LOST = "received", "taken", "taken late", "lost"
NIGHTS = st.lists(st.tuples(PEOPLE, st.sampled_from([RECEIVED, TAKEN, TAKEN_LATE, LOST])), min_size=1, max_size=7)


def full(people: dict[int, str]) -> dict[str, object]:
    return rows_in(a_full_list(1, people).plaintext)


@settings(max_examples=300, deadline=None)
@given(PEOPLE, NIGHTS, PEOPLE)
def test_the_copy_is_what_a_full_list_would_have_been(first, nights, last):
    received, doubtful, late = [a_full_list(1, first)], list[Made](), list[Made]()
    copy = received[0].taken_by(Copy())
    for number, (people, fate) in enumerate([*nights, (last, RECEIVED)], start=2):
        made = a_list_of_differences(number, people, received, doubtful)
        if fate == TAKEN_LATE:
            late.append(made)
        elif fate != LOST:
            copy = made.taken_by(copy)
            assert copy.rows == full(people)
        if fate == RECEIVED:
            received, doubtful = [*received, made], []
            for overtaken in late:
                copy = overtaken.taken_by(copy)
            late.clear()
            assert copy.rows == full(people)
        else:
            doubtful.append(made)


@settings(max_examples=100, deadline=None)
@given(PEOPLE, PEOPLE)
def test_the_same_people_the_next_night_are_no_difference(first, second):
    before = a_full_list(1, first)
    changed = a_list_of_differences(2, second, [before], [])
    again = a_list_of_differences(3, second, [before, changed], [])
    assert again.counts.rows == 0
