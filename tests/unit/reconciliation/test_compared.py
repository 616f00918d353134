"""A side is the same whether everybody is read whole or only looked at, and placeholders are gone in both."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.linkage import Person
from gateway.reconciliation.columns import Columns
from gateway.reconciliation.comparable import Reader
from gateway.reconciliation.linking import compared_sides
from gateway.reconciliation.names import first_whatever_follows, given_of
from scripts.linkage.registers_made import population
from scripts.linkage.unlike_registers import unlike
from scripts.linkage.unlike_shapes import SHAPES
from tests.linkage_made import a_person, columns_of, nicknames

_ODDLY_WRITTEN = [
    a_person("a", forename="Md", middle="Hasan"),
    a_person("b", forename="WETHERBY, Katherine (Kate)", surname=""),
    a_person("c", forename="", surname="Anna Nowak"),
    a_person("d", forename="Mary-Ann", surname="O'Neill Jnr"),
    a_person("e", forename="baby", surname="nee Smith", nino="TN123456", postcode="NFA", born=None),
    a_person("f", forename="Zoë", surname="Wałęsa (formerly Nowak)"),
    Person("g"),
]


def test_what_everybody_is_found_by_is_what_is_read_of_them_whole() -> None:
    made = [population(101, rows=100, cohort=300, rate=8), unlike(replace(SHAPES[5], rows=100, cohort=300), 1)]
    for people in (_ODDLY_WRITTEN, *(each.people for each in made)):
        reader = Reader(nicknames())
        assert reader.people(people) == columns_of([reader.person(person) for person in people])
    for rows in (each.rows for each in made):
        assert reader.rows(rows) == columns_of([reader.claimant(row) for row in rows])
    assert reader.people([]) == Columns([], [], [], [], [])


def test_a_side_is_read_in_any_order_and_each_place_once() -> None:
    _, cohort = compared_sides([], _ODDLY_WRITTEN, nicknames())
    assert cohort[-1] is cohort[len(cohort) - 1]
    assert cohort[1:3] == [cohort[1], cohort[2]]
    read_whole = [Reader(nicknames()).person(each) for each in _ODDLY_WRITTEN]
    # The number stands on more than two different people.
    assert list(cohort) == [each._replace(nino=None) for each in read_whole]
    with pytest.raises(IndexError):
        cohort[len(cohort)]


_FORENAMES = st.sampled_from(["Anna", "Mohd", "MD", "Baby", "Jnr", "Mrs", "Zoë", "Iii", "Ann Mary", "", "J", "ﬁona"])


@given(forename=_FORENAMES, middle=_FORENAMES | st.text(alphabet="abM d", max_size=6))
def test_a_forename_that_no_middle_name_changes_is_read_as_it_is_with_one(forename: str, middle: str) -> None:
    first = first_whatever_follows(forename)
    assert first in {"", given_of(forename, middle, "").first}


def test_most_forenames_are_changed_by_no_middle_name() -> None:
    assert [first_whatever_follows(each) for each in ("Anna", "Mohd", "Baby", "Ann Mary")] == ["anna", "", "", ""]
