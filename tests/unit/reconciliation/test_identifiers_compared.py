"""Numbers, days and postcodes in the form in which they are compared; placeholders are none."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.linkage import Person
from gateway.reconciliation.comparable import Reader
from gateway.reconciliation.crowded import without_shared_numbers
from gateway.reconciliation.identifiers import address_of, born_of, nino_of, postcode_of
from gateway.reconciliation.nicknames import NO_NICKNAMES
from tests.linkage_made import a_person


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("QQ730141C", "QQ730141"),
        ("qq 73 01 41 c", "QQ730141"),
        ("QQ730141", "QQ730141"),
        ("QQ73O14IC", "QQ730141"),
        ("QQ7301411C", "QQ7301411"),
        ("QQ73014C", "QQ73014C"),
        ("QQ7314C", "QQ7314"),
        ("5304218", "5304218"),
        ("TN120487F", None),
        ("AB123456C", None),
        ("QQ000000A", None),
        ("NK", None),
        ("n/a", None),
        ("", None),
    ],
)
def test_a_number_is_compared_without_suffix_and_a_placeholder_is_none(written: str, number: str | None) -> None:
    assert nino_of(written) == number


@pytest.mark.parametrize(
    ("born", "digits"),
    [(date(1987, 4, 12), "19870412"), (date(1900, 1, 1), None), (None, None), (date(1985, 1, 1), "19850101")],
)
def test_a_day_that_stands_for_not_known_is_none(born: date | None, digits: str | None) -> None:
    assert born_of(born) == digits


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("pe29 3tn", "PE293TN"),
        ("CB1 OAA", "CB10AA"),
        ("BFPO 12", "BFPO12"),
        ("PE29", "PE29"),
        ("4223", "4223"),
        ("ZZ99 3VZ", None),
        ("No fixed abode", None),
        ("nfa", None),
        ("", None),
    ],
)
def test_a_postcode_that_says_there_is_none_is_none(written: str, code: str | None) -> None:
    assert postcode_of(written) == code


def test_the_common_words_of_an_address_are_cut_short() -> None:
    assert address_of("12a high street") == address_of("12a high st") == "12a high st"
    assert address_of("") is None


def _numbers(*people: Person) -> list[str | None]:
    return without_shared_numbers(Reader(NO_NICKNAMES).people(people)).nino


def test_a_number_on_three_different_people_is_nobodys() -> None:
    three = _numbers(
        a_person("a"), a_person("b", surname="Nowak"), a_person("c", surname="Khan", born=date(1990, 2, 3))
    )
    assert three == [None, None, None]


def test_a_number_on_one_person_three_times_stays() -> None:
    assert _numbers(a_person("a"), a_person("b"), a_person("c")) == ["QQ730141"] * 3


@given(
    st.from_regex(r"[A-Z]{2}[0-9]{6}[A-D]?", fullmatch=True) | st.sampled_from(["QQ111111A", "TN010203", "ZZ123456B"])
)
def test_a_number_that_is_written_plainly_is_read_as_any_other_is(text: str) -> None:
    assert nino_of(text) == nino_of(f" {text.lower()} ")
