"""Names as registers write them, in the form in which they are compared."""

import pytest

from gateway.reconciliation.names import fields_of, given_of, stem_of, surname_of
from gateway.reconciliation.plain import plain


@pytest.mark.parametrize(
    ("written", "letters"),
    [
        ("Małgorzata", "malgorzata"),
        ("ŁUKASZ", "lukasz"),
        ("O'Neill", "oneill"),
        ("O\u2019Neill", "oneill"),
        ("St. John-Smythe", "st john smythe"),
        ("Jørgensen", "jorgensen"),
        ("Straße", "strasse"),
        ("ŞTEFAN", "stefan"),
        ("KRÃ³L", "krol"),
        ("Wiśniewski".encode().decode("cp1252"), "wisniewski"),
        ("Anna  Maria ", "anna maria"),
        ("ﬁona", "fiona"),
        ("ANNA\u200b", "anna"),
    ],
)
def test_text_comes_down_to_the_letters_that_were_meant(written: str, letters: str) -> None:
    assert plain(written) == letters


@pytest.mark.parametrize(
    ("forename", "surname", "forenames", "last"),
    [
        ("John", "Smith", "John", "Smith"),
        ("", "SMITH, John", " John", "SMITH"),
        ("SMITH, John", "", " John", "SMITH"),
        ("John", "SMITH, John", "John", "SMITH"),
        ("SMITH, John", "Smith", " John", "Smith"),
        ("John", "Smith, Jnr", "John", "Smith, Jnr"),
        ("", "John Smith", "John", "Smith"),
        ("Mary Jane Smith", "", "Mary Jane", "Smith"),
        ("", "Smith", "", "Smith"),
    ],
)
def test_what_is_forename_and_what_surname_is_sorted_out(
    forename: str, surname: str, forenames: str, last: str
) -> None:
    assert fields_of(forename, surname)[:2] == (forenames, last)


def test_a_name_in_brackets_or_after_nee_is_another_name_of_the_person() -> None:
    found = fields_of("Robert (Bob)", "Jones née Wetherby")
    assert (found.forenames, found.surname) == ("Robert", "Jones")
    assert (found.also_forenames, found.also_surname) == ("Bob", "Wetherby")


@pytest.mark.parametrize(
    ("forenames", "middle", "first", "others"),
    [
        ("MRS KATHERINE", "", "katherine", ()),
        ("Mr. John Paul", "", "john", ("paul",)),
        ("Anna-Maria", "Zofia", "anna", ("maria", "zofia")),
        ("Miss", "", "miss", ()),
        ("J", "R", "j", ("r",)),
        ("UNKNOWN", "", "", ()),
        ("Mohammed Usman", "", "usman", ()),
        ("Md", "Karim Ali", "karim", ("ali",)),
        ("Muhammad", "", "mohammed", ()),
        ("Syed", "A", "syed", ("a",)),
    ],
)
def test_titles_go_and_what_follows_the_first_name_is_a_middle_name(
    forenames: str, middle: str, first: str, others: tuple[str, ...]
) -> None:
    given = given_of(forenames, middle, "")
    assert (given.first, given.others) == (first, others)


@pytest.mark.parametrize(
    ("written", "whole", "parts"),
    [
        ("O Neill", "oneill", ("oneill",)),
        ("Mc Donald", "mcdonald", ("mcdonald",)),
        ("MacDonald", "mcdonald", ("mcdonald",)),
        ("Mack", "mack", ("mack",)),
        ("Smith-Jones", "smithjones", ("smith", "jones")),
        ("de Souza Santos", "desouzasantos", ("souza", "santos")),
        ("Al Hassan", "alhassan", ("hassan",)),
        ("Smith Jnr", "smith", ("smith",)),
    ],
)
def test_a_surname_is_one_word_and_its_parts(written: str, whole: str, parts: tuple[str, ...]) -> None:
    surname = surname_of(written)
    assert (surname.whole, surname.parts) == (whole, parts)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kowalski", "kowalska"),
        ("sawicki", "sawicka"),
        ("ivanov", "ivanova"),
        ("kazlauskas", "kazlauskiene"),
        ("kazlauskas", "kazlauskaite"),
        ("balciunas", "balciuniene"),
    ],
)
def test_a_surname_that_bends_keeps_its_stem(one: str, other: str) -> None:
    assert stem_of(one) == stem_of(other)


def test_too_short_a_name_is_its_own_stem() -> None:
    assert stem_of("nis") == "nis"
