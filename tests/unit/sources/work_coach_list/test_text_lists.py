"""Lists that are text: encodings, delimiters, where the header is, and every row accounted for."""

from datetime import date

import pytest

from gateway.errors import WorkCoachListChanged, WorkCoachListRefused
from gateway.model.work_coach_list import Column, DateOrder, Mark, RowFlaw
from gateway.sources.work_coach_list.profiles import profile_of
from tests.work_coach_lists_made import ANNA, HEADER, JONAS, PEOPLE, PROFILE, SEAN, csv_of, read, without_row


def flaws(the_list):
    return {row.row: row.reasons for row in the_list.unreadable}


def test_a_list_is_read_row_by_row():
    the_list = read(csv_of())
    assert (the_list.rows_read, the_list.blank_rows, the_list.unreadable) == (3, 0, ())
    anna, jonas, sean = the_list.claimants
    assert (anna.row, anna.surname, anna.forename, anna.nino) == (2, "Kowalska", "Anna", "QQ123456A")
    assert (jonas.born, jonas.postcode, jonas.work_coach) == (date(1985, 12, 31), "PE14 0XY", "Ruth Bell")
    assert (sean.surname, sean.office, sean.marks) == ("O'Neill-Smith", "wisbech", frozenset())
    assert (the_list.encoding, the_list.sheet, the_list.hidden_sheets, the_list.office) == ("utf-8", "", 0, "wisbech")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_same_claimants_in_every_encoding_delimiter_and_line_end(encoding, delimiter, end):
    found = read(csv_of(encoding=encoding, delimiter=delimiter, end=end))
    assert found.claimants == read(csv_of()).claimants
    assert found.encoding == encoding


def test_names_in_code_page_1252_are_read_as_such_and_said():
    found = read(csv_of([SEAN], encoding="cp1252"))
    assert (found.claimants[0].forename, found.encoding) == ("Seán", "cp1252")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (csv_of([JONAS]) + csv_of([SEAN], encoding="cp1252"), "some lines are UTF-8, but line 4 is not"),
        (csv_of([ANNA]) + b"\x81\x8d,", "line 3 is neither UTF-8 nor code page 1252"),
        (csv_of(encoding="utf-32"), "UTF-32"),
        (csv_of(encoding="utf-16-le"), "zero bytes"),
        (b"\xff\xfeS\x00u\x00", "no row near the top"),
        (b"\xff\xfeS\x00u\x00\xd8", "not in the encoding that its first bytes name"),
        (b"", "the file is empty"),
    ],
)
def test_bytes_that_are_no_text_of_one_encoding_are_refused(data, said):
    with pytest.raises((WorkCoachListRefused, WorkCoachListChanged), match=said):
        read(data)


def test_the_header_need_not_be_the_first_row_and_rows_count_as_in_a_spreadsheet():
    above = [["Claimants of Wisbech"], [], ["Printed", "22/11/2026"]]
    the_list = read(csv_of(above=above))
    assert [claimant.row for claimant in the_list.claimants] == [5, 6, 7]


def test_a_line_that_tells_a_spreadsheet_the_delimiter_is_only_a_row_above_the_header():
    the_list = read(b"sep=;\r\n" + csv_of(delimiter=";"))
    assert [claimant.row for claimant in the_list.claimants] == [3, 4, 5]


def test_a_line_break_within_quotes_is_one_row_and_one_blank():
    rows = [(*ANNA[:6], "one\ntwo\r\nthree"), ("Van\nDyk", *JONAS[1:])]
    the_list = read(csv_of(rows))
    assert [(each.row, each.surname) for each in the_list.claimants] == [(2, "Kowalska"), (3, "Van Dyk")]


def test_blank_rows_are_counted_and_are_nobody():
    the_list = read(csv_of([ANNA, [""] * 7, JONAS]) + b"\r\n,,,,,,\r\n")
    assert (the_list.rows_read, the_list.blank_rows) == (2, 3)
    assert [each.row for each in the_list.claimants] == [2, 4]


def test_a_row_that_lost_or_won_a_cell_is_unreadable_and_alone_in_it():
    lost, won = b"Kowalska,Anna,QQ123456A\r\n", b"Kowalska,Anna,QQ123456A,03/04/1990,1, High Street,PE13,Bell,x\r\n"
    the_list = read(csv_of([JONAS]) + lost + won + csv_of([SEAN]).split(b"\r\n", 1)[1])
    assert flaws(the_list) == {3: (RowFlaw.CELLS_MISSING,), 4: (RowFlaw.CELLS_EXTRA,)}
    assert [each.row for each in the_list.claimants] == [2, 5]
    assert the_list.rows_read == 4


def test_empty_cells_beyond_the_header_are_nothing():
    padded = csv_of().replace(b"\r\n", b",,\r\n")
    assert read(padded).claimants == read(csv_of()).claimants


def test_a_zero_byte_costs_its_own_row():
    rows = [JONAS] * 20
    data = csv_of(rows).replace(b"Jonas", b"Jo\0nas", 1)
    the_list = read(data)
    assert flaws(the_list) == {2: (RowFlaw.ZERO_BYTE,)}
    assert the_list.rows_read == 20


def test_quotes_that_are_not_closed_cost_the_row_in_which_they_began():
    broken = b'"Kowalska,Anna,QQ123456A,03/04/1990,PE13 1AB,Bell,\r\n'
    the_list = read(csv_of([ANNA]) + broken + csv_of([JONAS, SEAN]).split(b"\r\n", 1)[1])
    assert flaws(the_list) == {3: (RowFlaw.QUOTES_BROKEN,)}
    assert [each.row for each in the_list.claimants] == [2, 4, 5]


def test_a_quote_within_a_cell_is_a_character():
    assert read(csv_of([ANNA]).replace(b"Anna", b'Anna "Ania"')).claimants[0].forename == 'Anna "Ania"'
    assert read(csv_of([ANNA]).replace(b"Anna", b'"Anna"x')).unreadable[0].reasons == (RowFlaw.QUOTES_BROKEN,)


def test_a_row_that_is_too_long_and_a_value_that_is_are_unreadable():
    longer, long = ("x" * 70_000, *ANNA[1:]), ("x" * 400, *ANNA[1:])
    quoted = ('"' + "x" * 70_000, *ANNA[1:])
    the_list = read(csv_of([longer, long, JONAS, quoted]))
    assert flaws(the_list) == {
        2: (RowFlaw.ROW_TOO_LONG,),
        3: (RowFlaw.CELL_TOO_LONG,),
        5: (RowFlaw.ROW_TOO_LONG,),
    }


def test_a_long_note_that_is_not_read_matters_to_nobody():
    assert read(csv_of([(*ANNA[:6], "note " * 1000)])).rows_read == 1


def test_a_row_by_which_nobody_can_be_found_is_unreadable():
    the_list = read(csv_of([("", "Anna", "N/A", date(1990, 4, 3), "PE13 1AB", "Bell", "")]))
    assert flaws(the_list) == {2: (RowFlaw.IDENTIFIES_NOBODY,)}


def test_a_spreadsheets_error_costs_the_row_where_it_would_say_who_somebody_is():
    the_list = read(csv_of([("#N/A", *ANNA[1:]), (*ANNA[:5], "#REF!", "")]))
    assert flaws(the_list) == {2: (RowFlaw.CELL_ERROR,)}
    assert the_list.claimants[0].work_coach == ""


def test_a_header_alone_is_a_list_of_nobody():
    the_list = read(csv_of([]))
    assert (the_list.rows_read, the_list.claimants) == (0, ())


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ((*HEADER[:5], "Coach", "Notes"), "missing: Work Coach; new: coach$"),
        (HEADER[1:], "missing: Surname$"),
        ((*HEADER, "Email of Anna", "First name"), "new: first name; 1 more that are not known here$"),
        ((*HEADER, "NINO"), "new: NINO$"),
        (("a", "b", "c", "d", "e", "f", "g"), "no row near the top has the headings"),
    ],
)
def test_a_header_other_than_the_confirmed_one_is_refused_and_the_difference_named(header, said):
    with pytest.raises(WorkCoachListChanged, match=said):
        read(csv_of([(*ANNA, *[""] * (len(header) - 7))[: len(header)]], header=header))


def test_no_refusal_repeats_what_stands_in_the_file():
    with pytest.raises(WorkCoachListChanged) as refused:
        read(csv_of(header=ANNA))
    assert "Kowalska" not in str(refused.value) + refused.value.advice()


def test_case_spacing_and_order_of_headings_do_not_matter():
    turned = [tuple(reversed(row)) for row in PEOPLE]
    header = tuple(reversed([f"  {heading.upper().replace(' ', '_')} " for heading in HEADER]))
    assert read(csv_of(turned, header=header)).claimants == read(csv_of()).claimants


def test_order_of_rows_changes_nothing_but_the_rows():
    turned = read(csv_of(PEOPLE[::-1]))
    assert sorted(map(without_row, turned.claimants)) == sorted(map(without_row, read(csv_of()).claimants))


def test_a_whole_name_in_one_cell_is_cut():
    columns = (("Name", Column.FULL_NAME), ("DOB", Column.BORN))
    profile = profile_of("ely", columns, [], DateOrder.DAY_FIRST)
    data = csv_of([("KOWALSKA, Anna", date(1990, 4, 3)), ("Jonas Žukauskas", "")], header=("Name", "DOB"))
    anna, jonas = read(data, profile).claimants
    assert (anna.surname, anna.forename, anna.marks, anna.office) == ("KOWALSKA", "Anna", frozenset(), "ely")
    assert (jonas.surname, jonas.born, jonas.marks) == ("Žukauskas", None, {Mark.NAME_CUT})


def test_a_rows_own_office_reference_and_other_columns_are_kept():
    columns = (
        ("Ref", Column.RECORD_REF),
        ("Site", Column.OFFICE),
        ("Address", Column.ADDRESS_LINE),
        ("Middle", Column.MIDDLE_NAMES),
    )
    profile = profile_of("ely", columns, [], DateOrder.ISO)
    data = csv_of([("r1", "Ely", "1 High Street", "Maria")], header=("Ref", "Site", "Address", "Middle"))
    (found,) = read(data, profile).claimants
    assert (found.record_ref, found.office, found.address_line, found.middle_names) == (
        "r1",
        "Ely",
        "1 High Street",
        "Maria",
    )


def dated(*days):
    return csv_of([("Kowalska", "Anna", "", day, "", "Bell", "") for day in days])


def test_a_file_whose_dates_put_the_month_first_is_refused():
    with pytest.raises(WorkCoachListChanged, match="2 dates of birth can only be read with the month first"):
        read(dated("12/31/1980", "01/31/1990", "03/04/1990"))


def test_one_slip_among_dates_is_a_mark_on_its_row():
    marks = [claimant.marks for claimant in read(dated("12/31/1980", "31/01/1990", "03/04/1990")).claimants]
    assert marks == [{Mark.BORN_UNREADABLE}, frozenset(), frozenset()]


def test_a_file_in_which_most_dates_cannot_be_read_is_refused():
    with pytest.raises(WorkCoachListChanged, match="3 of 4 dates of birth are not in the office's order"):
        read(dated("soon", "x", "tbc", "03/04/1990"))
    assert read(dated("soon", "x", "03/04/1990", "04/04/1990")).rows_read == 4


def test_the_file_of_another_office_is_told_by_its_profile_alone():
    assert read(csv_of()).profile == PROFILE


def test_headings_that_stand_again_on_every_page_are_nobody():
    the_list = read(csv_of([ANNA, [heading.lower() for heading in HEADER], JONAS]))
    assert flaws(the_list) == {3: (RowFlaw.HEADINGS_AGAIN,)}
    assert [each.row for each in the_list.claimants] == [2, 4]


def test_a_list_of_very_many_columns_is_refused():
    header = ["Surname", *(f"note {n}" for n in range(250))]
    profile = profile_of("ely", [("Surname", Column.SURNAME)], header[1:], DateOrder.ISO)
    with pytest.raises(WorkCoachListRefused, match="more than 250 columns"):
        read(csv_of([["Kowalska"] * 251], header=header), profile)
