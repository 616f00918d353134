"""An office's columns: proposed with what is unsure, confirmed by a person, written as a text and read strictly."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ColumnProfileInvalid, WorkCoachListRefused
from gateway.model.work_coach_list import Column, DateOrder
from gateway.sources.work_coach_list.headings import plain_heading
from gateway.sources.work_coach_list.profiles import profile_of, read_profile, written_profile
from gateway.sources.work_coach_list.propose import Doubt, confirmed, propose
from tests.work_coach_lists_made import ANNA, HEADER, PEOPLE, PROFILE, SEAN, csv_of, read, xlsx_of
from tests.workbooks_made import protected

TEXT = """\
office = "wisbech"
date_order = "d/m/y"
ignored = ["Notes"]

[columns]
"DOB" = "born"
"Forename" = "forename"
"NINO" = "nino"
"Postcode" = "postcode"
"Surname" = "surname"
"Work Coach" = "work_coach"
"""


def proposed(rows, header, **options):
    proposal = propose(csv_of(rows, header=header, **options))
    return {each.heading: (each.column, each.doubt) for each in proposal.columns}


def test_a_profile_is_a_short_text():
    assert written_profile(PROFILE) == TEXT
    assert read_profile(TEXT) == PROFILE


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=20).filter(plain_heading), st.just(Column.NINO), min_size=1, max_size=1
    ),
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=4),
)
def test_any_profile_reads_back_as_it_was_written(columns, ignored):
    try:
        profile = profile_of("ely", columns.items(), ignored, DateOrder.ISO)
    except ColumnProfileInvalid:
        return
    assert read_profile(written_profile(profile)) == profile


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('office = "wisbech"', 'office = "wisbech"\nlist = 1', "1 keys are not known"),
        ('office = "wisbech"', "office = 3", "office is missing or no text"),
        ('office = "wisbech"\n', "", "office is missing"),
        ('"d/m/y"', '"m/d/y"', "date_order is none of d/m/y, iso"),
        ('["Notes"]', '"Notes"', "ignored must be a list"),
        ('["Notes"]', "[1]", "ignored must be a list"),
        ('"born"', '"birth"', "columns must be a table of headings"),
        ('"born"', '["born"]', "columns must be a table of headings"),
        ('"born"', '"nino"', "more than one column is read as nino"),
        ('"DOB"', '"nino "', "one that stands twice"),
        ('"DOB"', '"--"', "has no heading"),
        ('["Notes"]', '["notes", "dob"]', "one that stands twice"),
        ('"forename"', '"full_name"', "a whole name and a part of it"),
        ("[columns]", "[columns", "the text is no TOML"),
        ('"wisbech"', '"' + "x" * 70_000 + '"', "longer than any header"),
    ],
)
def test_a_text_that_is_not_exactly_a_profile_is_refused_by_key(old, new, said):
    with pytest.raises(ColumnProfileInvalid, match=said):
        read_profile(TEXT.replace(old, new))


def test_columns_by_which_nobody_can_be_found_are_refused():
    with pytest.raises(ColumnProfileInvalid, match="no column says who a claimant is"):
        profile_of("ely", [("DOB", Column.BORN)], [], DateOrder.ISO)


def test_a_profile_does_not_depend_on_the_order_of_columns_or_on_case():
    turned = profile_of("wisbech", PROFILE.columns[::-1], ["NOTES"], DateOrder.DAY_FIRST)
    assert turned.fingerprint == PROFILE.fingerprint
    assert turned.columns == PROFILE.columns


def test_columns_are_proposed_and_confirmed_as_the_profile_with_which_the_file_is_read():
    proposal = propose(csv_of())
    assert confirmed(proposal, "wisbech", {}) == PROFILE
    assert (proposal.rows, proposal.missing, proposal.month_first, proposal.hidden_sheets) == (3, (), 0, 0)
    assert all(each.doubt is None for each in proposal.columns)


def test_a_workbook_under_a_password_is_proposed_for_too():
    data = protected(xlsx_of(edit=lambda book, _: book.add_worksheet("Other").hide()), "p")
    proposal = propose(data, password="p")
    assert confirmed(proposal, "wisbech", {}) == PROFILE
    assert proposal.hidden_sheets == 1


def test_a_heading_that_only_usually_means_something_is_proposed_with_that_doubt():
    found = proposed([ANNA[:6]], ("Surname", "Known as", "NI", "DOB", "PC", "Adviser"))
    assert found["Adviser"] == (Column.WORK_COACH, Doubt.USUAL_HEADING)
    assert found["NI"] == (Column.NINO, Doubt.USUAL_HEADING)
    assert found["DOB"] == (Column.BORN, None)


def test_a_heading_that_nobody_knows_is_proposed_by_what_its_values_look_like():
    rows = [(person[0], person[1], person[2], person[4], person[3]) for person in PEOPLE]
    found = proposed(rows, ("Surname", "Forename", "CIS id", "Lives", "Claim start"))
    assert found["CIS id"] == (Column.NINO, Doubt.BY_VALUES)
    assert found["Lives"] == (Column.POSTCODE, Doubt.BY_VALUES)
    assert found["Claim start"] == (None, None)


def test_values_that_contradict_their_heading_are_said():
    rows = [("Kowalska", "12", "soon"), ("Smith", "13", "later"), ("Jones", "14", "03/04/1990")]
    found = proposed(rows, ("Surname", "NINO", "DOB"))
    assert found["NINO"] == (Column.NINO, Doubt.VALUES_DIFFER)
    assert found["DOB"] == (Column.BORN, Doubt.VALUES_DIFFER)


def test_of_two_columns_that_seem_to_mean_the_same_the_surer_is_taken_and_both_are_said():
    found = proposed([("Kowalska", "Bell", "Said")], ("Surname", "Work coach", "Adviser"))
    assert found["Work coach"] == (Column.WORK_COACH, Doubt.SEVERAL)
    assert found["Adviser"] == (None, Doubt.SEVERAL)


def test_of_two_equally_sure_columns_none_is_taken():
    found = proposed([("Kowalska", "x", "y")], ("Surname", "DOB", "Date of birth"))
    assert (found["DOB"], found["Date of birth"]) == ((None, Doubt.SEVERAL), (None, Doubt.SEVERAL))


def test_a_whole_name_is_not_read_where_its_parts_are():
    found = proposed([("Anna Kowalska", "Kowalska", "Anna")], ("Full name", "Surname", "Forename"))
    assert found["Full name"] == (None, Doubt.SEVERAL)
    assert proposed([("Anna Kowalska", "")], ("Customer name", "DOB"))["Customer name"] == (
        Column.FULL_NAME,
        Doubt.USUAL_HEADING,
    )


def test_a_heading_that_stands_twice_is_not_read_and_the_profile_still_fits_the_file():
    header, rows = (*HEADER, "Notes", ""), [(*person, "", "") for person in PEOPLE]
    data = csv_of(rows, header=header)
    profile = confirmed(propose(data), "wisbech", {})
    assert profile.ignored == ("Notes", "Notes")
    assert len(read(data, profile).claimants) == 3


def test_what_a_list_should_have_and_this_one_has_not_is_said():
    proposal = propose(csv_of([("Kowalska", "PE13 1AB")], header=("Surname", "Postcode")))
    assert proposal.missing == (Column.NINO, Column.BORN, Column.WORK_COACH)
    assert propose(csv_of([("QQ123456A", "x")], header=("NINO", "Postcode"))).missing[0] is Column.SURNAME


def test_the_order_of_dates_is_proposed_from_the_dates():
    dates = ["1990-04-03", "1991-12-31"]
    assert propose(csv_of([("K", day) for day in dates], header=("Surname", "DOB"))).date_order is DateOrder.ISO
    mixed = propose(csv_of([("K", "1990-04-03"), ("L", "12/31/1990")], header=("Surname", "DOB")))
    assert (mixed.date_order, mixed.month_first) == (DateOrder.DAY_FIRST, 1)
    assert propose(xlsx_of([("K", date(1990, 4, 3))], header=("Surname", "DOB"))).date_order is DateOrder.DAY_FIRST


def test_a_person_chooses_otherwise():
    proposal = propose(csv_of())
    chosen = confirmed(proposal, "ely", {"Notes": Column.ADDRESS_LINE, "Postcode": None}, DateOrder.ISO)
    assert ("Notes", Column.ADDRESS_LINE) in chosen.columns
    assert (chosen.ignored, chosen.date_order, chosen.office) == (("Postcode",), DateOrder.ISO, "ely")
    with pytest.raises(ColumnProfileInvalid, match="1 of the headings chosen for"):
        confirmed(proposal, "ely", {"Nothing": None})
    with pytest.raises(ColumnProfileInvalid, match="read as nino"):
        confirmed(proposal, "ely", {"Notes": Column.NINO})


def test_a_very_long_run_of_blanks_where_a_date_should_be_is_soon_told_to_be_none():
    """Cut in every way that it can be, it would take for ever."""
    rows = [("Kowalska", "1" + " " * 60_000 + "x"), ("Smith", "1990-04-03"), ("Jones", "1/ /" + " " * 50_000)]
    assert proposed(rows, ("Surname", "DOB"))["DOB"] == (Column.BORN, Doubt.VALUES_DIFFER)


@pytest.mark.parametrize("header", [("a", "b"), ("Surname", "x"), ("DOB", "Postcode")])
def test_a_file_in_which_no_row_looks_like_a_header_is_refused(header):
    with pytest.raises(WorkCoachListRefused, match="no row near the top has headings") as refused:
        propose(csv_of([SEAN[:2]], header=header))
    assert "Neill" not in str(refused.value)


def test_nothing_of_the_file_is_printed_with_a_proposal():
    assert "Surname" not in repr(propose(csv_of()))
