"""Nothing that the lists did not tell finds anybody, is shown, or is held up as a difference."""

import csv
import io
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import LedgerDamaged
from gateway.ledger.evidence import seal_line
from gateway.model.agreement import FieldRule
from gateway.model.fields import Transform, bitmap_of
from gateway.model.linkage import Person
from gateway.services.reconciliation.told import Line, Lines, people_told, references_of, told_exactly
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


# --- whatever is known of a person, they are read the same way -----------------------------------------------------------

NAMES = ("surname", "forename", "date_of_birth", "nino", "postcode", "lead_professional_name")
TEXTS = st.sampled_from(["", "Example", 'O\'Neill, "Seán"', "1980-12-31", "QQ123456C"])
LINES = st.fixed_dictionaries(dict.fromkeys(NAMES, TEXTS))
AGREED = [
    agreed(),
    agreed(postcode=Transform.WHEN_NINO_BLANK),
    agreed(date_of_birth=Transform.YEAR, postcode=Transform.SECTOR, nino=Transform.AS_IS),
]


def written(values):
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([values[name] for name in NAMES])
    return text.getvalue().encode()


def exactly(values, agreement):
    transforms = {rule.name: rule.transform for rule in agreement.fields}
    exact = {name: value for name, value in values.items() if transforms.get(name) is Transform.AS_IS}
    if transforms.get("postcode") is Transform.WHEN_NINO_BLANK and exact.get("nino") == "":
        exact["postcode"] = values.get("postcode", "")
    return exact


def read_plainly(today, told, kept, snapshot, agreement):
    """Who somebody is for the matcher, and the lead professional of their list, as the rules say it."""
    then = told if told is not None else kept
    was = exactly(snapshot if then is None else kept or then, agreement)
    now = exactly(today or {}, agreement)
    known = {name: now.get(name) or was.get(name) or "" for name in NAMES}
    other = was.get("surname", "")
    try:
        born = date.fromisoformat(known["date_of_birth"])
    except ValueError:
        born = None
    person = Person(
        REF,
        frozenset({"R3f2a"}),
        known["nino"],
        known["forename"],
        "",
        known["surname"],
        (other,) if other and other != known["surname"] else (),
        born,
        known["postcode"],
    )
    return person, None if then is None else then["lead_professional_name"]


@given(
    st.lists(LINES, min_size=3, max_size=3),
    st.tuples(*[st.sampled_from([None, 0, 1, 2])] * 3),
    st.sampled_from(AGREED),
    st.booleans(),
)
def test_who_somebody_is_does_not_hang_on_how_much_of_it_was_told_before(values, which, agreement, forgotten):
    today, told, kept = (None if place is None else values[place] for place in which)
    told = told if today else None
    secret = None if forgotten else SECRET
    line = None if kept is None else seal_line(SECRET, "LST-a", 1, b"R3f2a," + written(kept))
    row = a_row(
        today=written(today) if today else None,
        told=written(told) if told else None,
        line_sealed=line,
        secret=secret,
        fields=bitmap_of(agreement.field_names),
    )
    snapshot = {name: row._asdict()[name] or "" for name in ("surname", "forename", "nino", "postcode")}
    snapshot["date_of_birth"] = row.date_of_birth.isoformat()
    found = the_person(row, agreement)
    expected = read_plainly(today, told, None if forgotten else kept, snapshot, agreement)
    assert (found.person, found.lead_then) == expected
    assert (None if found.today is None else dict(found.today)) == today


def test_a_line_of_other_fields_than_the_agreements_is_damage():
    lines = Lines(agreed())
    for line in (b"one,two", b'"one",two', b""):
        with pytest.raises(LedgerDamaged):
            lines.told(line)


def test_a_line_that_is_read_later_has_the_agreements_fields():
    assert len(Line(Lines(agreed()), b"a,b,c,d,e,f")) == len(NAMES)
