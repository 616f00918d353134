"""Nothing that the lists did not tell finds anybody, is shown, or is held up as a difference."""

from dataclasses import replace
from datetime import date

import pytest

from gateway.ledger.evidence import seal_line
from gateway.model.agreement import FieldRule
from gateway.model.fields import Transform, bitmap_of
from gateway.services.reconciliation.told import people_told, references_of, told_exactly
from gateway.store.disclosed import DisclosedRow
from tests.agreements_made import an_agreement

REF = "3f2a6c1e-0000-4000-8000-000000000001"
SECRET = b"s" * 32


def agreed(**transforms):
    names = ("record_ref", "surname", "forename", "date_of_birth", "nino", "postcode", "lead_professional_name")
    rules = tuple(FieldRule(name, "needed", transforms.get(name, Transform.AS_IS)) for name in names)
    return replace(an_agreement(), fields=rules)


def a_row(**changes):
    values = {
        "list_id": 3,
        "list_reference": "LST-a",
        "list_window": "2026-11-16",
        "position": 1,
        "subject_ref": REF,
        "fields": bitmap_of(("surname", "forename", "date_of_birth", "nino", "postcode")),
        "line_sealed": None,
        "secret": SECRET,
        "surname": "Example",
        "forename": "Anna",
        "date_of_birth": date(1980, 12, 31),
        "nino": "QQ123456C",
        "postcode": "CB1 1AA",
        "today": None,
        "told": None,
    }
    return DisclosedRow(**values | changes)


def the_person(row, agreement):
    (person,) = people_told([row], agreement, references_of([row], lambda ref: "R" + ref[:4]))
    return person


def test_somebody_is_found_by_what_their_list_told_and_by_our_reference():
    person = the_person(a_row(), agreed()).person
    assert (person.nino, person.surname, person.born, person.postcode) == (
        "QQ123456C",
        "Example",
        date(1980, 12, 31),
        "CB1 1AA",
    )
    assert person.record_refs == {"R3f2a"}


@pytest.mark.parametrize(("nino", "postcode"), [("QQ123456C", ""), (None, "CB1 1AA")])
def test_a_postcode_that_is_told_without_a_number_alone_finds_nobody_who_has_one(nino, postcode):
    agreement = agreed(postcode=Transform.WHEN_NINO_BLANK)
    assert the_person(a_row(nino=nino), agreement).person.postcode == postcode


def test_a_year_and_a_sector_alone_find_nobody_and_differ_from_nothing():
    agreement = agreed(date_of_birth=Transform.YEAR, postcode=Transform.SECTOR)
    person = the_person(a_row(), agreement).person
    assert (person.born, person.postcode) == (None, "")
    assert told_exactly(agreement).isdisjoint({"date_of_birth", "postcode"})


def test_today_comes_before_the_list_and_the_surname_of_the_list_is_kept_beside_it():
    row = a_row(today=b"Married,Anna,1980-12-31,QQ123456C,CB2 2BB,Lead Two", told=b"Example,Anna,,,,Lead One")
    found = the_person(row, agreed())
    assert (found.person.surname, found.person.other_surnames) == ("Married", ("Example",))
    assert found.person.postcode == "CB2 2BB"
    assert (found.is_on_list, found.lead, found.lead_then) == (True, ("Lead Two", "", ""), "Lead One")


def test_who_would_not_be_on_a_list_now_has_no_lead_to_tell():
    found = the_person(a_row(), agreed())
    assert (found.is_on_list, found.lead) == (False, ("", "", ""))


def test_a_kept_line_is_what_was_told():
    line = b"R3f2a,Kept,Anna,1980-12-31,QQ123456C,,Lead"
    agreement = agreed()
    sealed = seal_line(SECRET, "LST-a", 1, line)
    fields = bitmap_of(agreement.field_names)
    found = the_person(a_row(line_sealed=sealed, fields=fields, surname=None), agreement)
    assert (found.person.surname, found.lead_then) == ("Kept", "Lead")


def test_of_somebody_who_was_forgotten_only_the_reference_finds_them():
    gone = a_row(secret=None, surname=None, forename=None, date_of_birth=None, nino=None, postcode=None)
    person = the_person(gone, agreed()).person
    assert (person.nino, person.surname, person.born, person.postcode) == ("", "", None, "")
    assert person.record_refs == {"R3f2a"}


def test_nothing_of_anybody_is_printed():
    shown = repr(the_person(a_row(), agreed())) + repr(a_row())
    assert not [value for value in ("Example", "QQ123456C", "CB1 1AA") if value in shown]
