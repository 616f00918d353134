"""Identifiers stay text; what identifies nobody counts as missing; a whole name is cut by a rule that is told."""

import pytest

from gateway.model.work_coach_list import Claimant, Mark
from gateway.sources.work_coach_list.identifiers import (
    nino_of,
    postcode_of,
    record_ref_of,
    text_of,
    without_repeated_ninos,
)
from gateway.sources.work_coach_list.names import cut_name


def test_a_cell_is_text_with_single_blanks():
    assert text_of("  Anna\u00a0\n Maria ") == "Anna Maria"
    assert (text_of(12.0), text_of(12.5), text_of(None)) == ("12", "12.5", "")


@pytest.mark.parametrize("nino", ["QQ123456A", "qq 12 34 56 a", "QQ123456", "QQ-12-34-56-A"])
def test_a_national_insurance_number_stays_as_it_stands(nino):
    assert nino_of(nino) == (nino, frozenset())


@pytest.mark.parametrize(
    ("cell", "mark"),
    [
        ("TN010190F", Mark.NINO_TEMPORARY),
        ("tn 01 01 90 f", Mark.NINO_TEMPORARY),
        ("TN01019F", Mark.NINO_TEMPORARY),
        ("QQ000000A", Mark.NINO_PLACEHOLDER),
        ("QQ999999", Mark.NINO_PLACEHOLDER),
        ("999999999", Mark.NINO_PLACEHOLDER),
        ("N/A", Mark.NINO_PLACEHOLDER),
        ("not known", Mark.NINO_PLACEHOLDER),
    ],
)
def test_a_number_that_identifies_nobody_counts_as_missing(cell, mark):
    assert nino_of(cell) == ("", {mark})


def test_a_number_with_a_wrong_key_is_kept_and_marked():
    assert nino_of("QQ12345A") == ("QQ12345A", {Mark.NINO_FORM})


def test_an_identifier_that_a_spreadsheet_took_for_a_number_is_kept_and_said():
    assert nino_of(0.0) == ("0", {Mark.NINO_NUMBER})
    assert nino_of(123456.0) == ("123456", {Mark.NINO_NUMBER})
    assert postcode_of(13.0) == ("13", {Mark.POSTCODE_NUMBER})
    assert record_ref_of(123.0) == ("123", {Mark.RECORD_REF_NUMBER})
    assert record_ref_of("1.23E+15") == ("1.23E+15", {Mark.RECORD_REF_NUMBER})
    assert record_ref_of("a1b2") == ("a1b2", frozenset())


@pytest.mark.parametrize("cell", ["NFA", "No fixed abode", "N/A", "ZZ99 3VZ", "unknown", "XXX"])
def test_no_fixed_abode_is_no_postcode(cell):
    assert postcode_of(cell) == ("", {Mark.POSTCODE_PLACEHOLDER})


def test_a_number_on_more_than_two_rows_is_nobodys():
    """Without its suffix it is the same number."""
    people = [Claimant(row, nino=nino) for row, nino in enumerate(["QQ123456A", "qq 123456", "QQ123456B"], start=2)]
    assert [(each.nino, each.marks) for each in without_repeated_ninos(people)] == [("", {Mark.NINO_REPEATED})] * 3
    assert without_repeated_ninos(people[:2]) == people[:2]
    nobody = [Claimant(row) for row in range(5)]
    assert without_repeated_ninos(nobody) == nobody


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("KOWALSKA, Anna Maria", ("Anna", "Maria", "KOWALSKA", False)),
        ("de Souza, Ms Ana", ("Ana", "", "de Souza", False)),
        ("Mr John Paul Smith", ("John", "Paul", "Smith", True)),
        ("Miss. Anna Kowalska", ("Anna", "", "Kowalska", True)),
        ("Kowalska", ("", "", "Kowalska", True)),
        ("Kowalska,", ("", "", "Kowalska", True)),
        ("Mr", ("", "", "Mr", True)),
        ("", ("", "", "", False)),
        (",", ("", "", "", False)),
    ],
)
def test_a_whole_name_is_cut_at_its_comma_or_before_its_last_word(text, parts):
    name = cut_name(text)
    assert (name.forename, name.middle_names, name.surname, name.guessed) == parts
