"""How well each field agrees, by the pairs that people really are."""

from datetime import date

import pytest

from gateway.model.linkage import Field
from tests.linkage_made import a_claimant, a_person, evidence_of


def _code(field: Field, claimant: dict[str, object], person: dict[str, object]) -> str:
    return evidence_of(a_claimant(**claimant), a_person(**person)).level(field).code


@pytest.mark.parametrize(
    ("listed", "held", "code"),
    [
        (date(1987, 4, 12), date(1987, 4, 12), "exact"),
        (date(1987, 12, 4), date(1987, 4, 12), "swapped"),
        (date(1987, 4, 13), date(1987, 4, 12), "one-key"),
        (date(1987, 4, 21), date(1987, 4, 12), "one-key"),
        (date(1985, 1, 1), date(1985, 1, 1), "same-1-january"),
        (date(1987, 1, 1), date(1987, 4, 12), "year-known"),
        (date(1957, 4, 12), date(1987, 4, 12), "two-parts"),
        (date(1991, 7, 30), date(1987, 4, 12), "same-age"),
        (date(1961, 7, 30), date(1987, 4, 12), "differs"),
        (None, date(1987, 4, 12), "not-known"),
    ],
)
def test_days_of_birth(listed: date | None, held: date, code: str) -> None:
    assert _code(Field.BORN, {"born": listed}, {"born": held}) == code


@pytest.mark.parametrize(
    ("listed", "held", "code"),
    [
        ("QQ730141C", "QQ730141", "exact"),
        ("QQ730411C", "QQ730141C", "one-key"),
        ("QQ73014C", "QQ730141C", "one-key"),
        ("QQ889900C", "QQ730141C", "differs"),
        ("", "QQ730141C", "not-known"),
    ],
)
def test_numbers(listed: str, held: str, code: str) -> None:
    assert _code(Field.NINO, {"nino": listed}, {"nino": held}) == code


@pytest.mark.parametrize(
    ("listed", "held", "code"),
    [
        ("KATHERINE", "Katherine", "exact"),
        ("Kasia", "Katarzyna", "nickname"),
        ("Gosia", "Małgorzata", "nickname"),
        ("Mohd", "Muhammad", "exact"),
        ("Alfie", "Alfred", "nickname"),
        ("Kuba", "Jakub", "nickname"),
        ("Maryjane", "Mary Jane", "run-together"),
        ("Xhristiana", "Christiana", "alike"),
        ("Chirstiana", "Christiana", "one-key"),
        ("Jayden", "Kayden", "similar"),
        ("Paul", "Paula", "alike"),
        ("Hassan", "Hussain", "similar"),
        ("K", "Katherine", "initial"),
        ("Usman", "Mohammed Usman", "exact"),
        ("Mohammed", "Mohammed Usman", "middle"),
        ("Raheem", "Rahim", "nickname"),
        ("Wojciech", "Katherine", "differs"),
    ],
)
def test_forenames(listed: str, held: str, code: str) -> None:
    assert _code(Field.FORENAME, {"forename": listed}, {"forename": held}) == code


@pytest.mark.parametrize(
    ("listed", "held", "code"),
    [
        ("O NEILL", "O'Neill", "exact"),
        ("MACKENZIE", "McKenzie", "exact"),
        ("SMITH-JONES", "Jones", "part"),
        ("SMITH JONES", "Smith-Jones", "exact"),
        ("SANTOS", "dos Santos", "part"),
        ("Kowalski", "Kowalska", "ending"),
        ("Kazlauskienė", "Kazlauskas", "ending"),
        ("Petterson", "Peterson", "alike"),
        ("Nowak", "Wetherby", "differs"),
    ],
)
def test_surnames(listed: str, held: str, code: str) -> None:
    assert _code(Field.SURNAME, {"surname": listed}, {"surname": held}) == code


def test_a_former_surname_is_one_of_the_person() -> None:
    assert _code(Field.SURNAME, {}, {"surname": "Nowak", "other_surnames": ("Wetherby",)}) == "former"
    assert _code(Field.SURNAME, {"surname": "Nowak (formerly Wetherby)"}, {}) == "former"


@pytest.mark.parametrize(("listed", "code"), [("Wetherby", "swapped"), ("Wetherbey", "nearly-swapped")])
def test_names_that_stand_in_each_others_place_are_swapped(listed: str, code: str) -> None:
    evidence = evidence_of(a_claimant(forename=listed, surname="Katherine"), a_person())
    assert evidence.level(Field.FORENAME).code == evidence.level(Field.SURNAME).code == code
    assert evidence.level(Field.SURNAME).words.startswith("forename and surname swapped")


@pytest.mark.parametrize(
    ("listed", "held", "code"),
    [
        ("PE293TN", "PE29 3TN", "exact"),
        ("PE29 3NT", "PE29 3TN", "one-key"),
        ("PE29 3AB", "PE29 3TN", "sector"),
        ("PE29 8AB", "PE29 3TN", "outcode"),
        ("PE29", "PE29 3TN", "outcode"),
        ("CB1 2AB", "PE29 3TN", "differs"),
        ("NFA", "PE29 3TN", "not-known"),
    ],
)
def test_postcodes(listed: str, held: str, code: str) -> None:
    assert _code(Field.POSTCODE, {"postcode": listed}, {"postcode": held}) == code


@pytest.mark.parametrize(
    ("listed", "held", "code"),
    [("Ann", "Ann", "exact"), ("A", "Ann", "initial"), ("Anne", "Ann", "alike"), ("Zofia", "Ann", "differs")],
)
def test_middle_names(listed: str, held: str, code: str) -> None:
    assert _code(Field.MIDDLE, {"middle_names": listed}, {"middle": held}) == code


@pytest.mark.parametrize(
    ("listed", "held", "code"),
    [
        ("12 High Street", "12 HIGH ST", "exact"),
        ("12 High Steet", "12 High Street", "alike"),
        ("21 High Street", "12 High Street", "differs"),
        ("", "12 High Street", "not-known"),
    ],
)
def test_addresses(listed: str, held: str, code: str) -> None:
    assert _code(Field.ADDRESS, {"address_line": listed}, {"address": held}) == code


def test_what_is_not_known_weighs_nothing() -> None:
    assert evidence_of(a_claimant(nino=""), a_person()).level(Field.NINO).bits == 0
