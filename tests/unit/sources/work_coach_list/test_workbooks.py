"""Lists that are workbooks, of every format: the same claimants as in a text file, or a refusal that says why."""

import struct
import tempfile
from datetime import date

import pytest

from gateway.errors import WorkCoachListChanged, WorkCoachListLocked, WorkCoachListRefused
from gateway.model.work_coach_list import Mark, RowFlaw
from gateway.sources.work_coach_list import compound as compound_file
from gateway.sources.work_coach_list import workbook_process
from gateway.sources.work_coach_list.claimants import rows_read
from gateway.sources.work_coach_list.workbook import table_of_workbook_here
from tests.work_coach_lists_made import (
    ANNA,
    HEADER,
    JONAS,
    PEOPLE,
    PROFILE,
    SEAN,
    TODAY,
    as_typed,
    csv_of,
    read,
    without_row,
    xlsx_of,
)
from tests.workbooks_made import (
    compound,
    edited,
    ods_of,
    packed,
    protected,
    protected_xls,
    xls_of,
    xls_record,
    xls_stream,
    xlsb_of,
    xlsb_record,
)

SHEET = "xl/worksheets/sheet1.xml"
TYPED = [HEADER, *([as_typed(value) for value in row] for row in PEOPLE)]
#: Dates as a workbook counts them.
COUNTED = [
    HEADER,
    *([(value - date(1899, 12, 30)).days if isinstance(value, date) else value for value in row] for row in PEOPLE),
]
EVERY_FORMAT = {
    "xlsx": xlsx_of(),
    "ods": ods_of(TYPED),
    "xls": xls_of(COUNTED),
    "xlsb": xlsb_of(TYPED),
}


def rows_of(data, password=None, profile=PROFILE):
    """Read a workbook in this process."""
    return rows_read(table_of_workbook_here(data, profile, password), profile, TODAY)


def with_cells(cells):
    return edited(xlsx_of(), change={SHEET: lambda part: part.replace(b"</sheetData>", cells + b"</sheetData>")})


def replaced(name, old, new):
    return edited(xlsx_of(), change={name: lambda part: part.replace(old, new, 1)})


@pytest.mark.parametrize("kind", EVERY_FORMAT)
def test_a_workbook_gives_the_claimants_of_the_same_table_as_text(kind):
    found = read(EVERY_FORMAT[kind])
    assert found.claimants == read(csv_of()).claimants
    assert (found.encoding, found.sheet, found.hidden_sheets) == ("workbook", "Claimants", 0)


def test_rows_count_as_the_spreadsheet_counts_them():
    data = xlsx_of([ANNA, ("",) * 7, JONAS], above=[("Claimants of Wisbech",), ("",)])
    rows = rows_of(data)
    assert [each.row for each in rows.claimants] == [4, 6]
    assert rows.blank_rows == 1


def test_a_table_that_does_not_begin_in_the_first_column_is_found():
    moved = [("", "", *row) for row in PEOPLE]
    found = rows_of(xlsx_of(moved, header=("", "", *HEADER)))
    assert found.claimants == read(csv_of()).claimants


def test_what_stands_beside_the_table_is_not_read():
    assert rows_of(xlsx_of([(*ANNA, "rang on Monday")])).claimants == read(csv_of([ANNA])).claimants


def test_hidden_sheets_are_counted_and_not_read():
    data = xlsx_of(edit=lambda book, _: (book.add_worksheet("Other").hide(), book.add_worksheet("Very").very_hidden()))
    assert table_of_workbook_here(data, PROFILE, None).hidden_sheets == 2


def test_a_list_on_a_hidden_sheet_is_refused():
    data = xlsx_of(edit=lambda book, sheet: (book.add_worksheet("Seen").activate(), sheet.hide()))
    with pytest.raises(WorkCoachListRefused, match="on a hidden sheet only"):
        rows_of(data)


def test_a_list_on_several_sheets_is_refused_rather_than_read_in_part():
    with pytest.raises(WorkCoachListRefused, match="2 sheets have these headings"):
        rows_of(xlsx_of(edit=lambda book, _: book.add_worksheet("More").write_row(0, 0, HEADER)))


def test_the_sheet_is_chosen_by_its_header_and_formulas_elsewhere_concern_nobody():
    def with_summary(book, _):
        summary = book.add_worksheet("Summary")
        summary.write_formula(0, 0, "=COUNTA(Claimants!A:A)")

    assert len(rows_of(xlsx_of(edit=with_summary)).claimants) == 3


def test_a_workbook_with_other_headings_is_refused_with_the_difference():
    with pytest.raises(WorkCoachListChanged, match="missing: Work Coach; new: coach"):
        read(xlsx_of(header=(*HEADER[:5], "Coach", "Notes")))


def test_real_dates_texts_and_bare_numbers_of_one_column_are_each_read():
    rows = [(*ANNA[:3], value, *ANNA[4:]) for value in (date(1990, 4, 3), "3 April 1990", 32966, "32966")]
    assert [each.born for each in rows_of(xlsx_of(rows)).claimants] == [date(1990, 4, 3)] * 4


def test_real_dates_of_an_ods_are_read():
    day = '<table:table-cell office:value-type="date" office:date-value="1990-04-03"><text:p>3/4/90</text:p></table:table-cell>'
    name = '<table:table-cell office:value-type="string"><text:p>Kowalska</text:p></table:table-cell>'
    row = f"<table:table-row>{name}<table:table-cell table:number-columns-repeated='2'/>{day}</table:table-row>"
    (found,) = rows_of(ods_of([HEADER], below=row)).claimants
    assert (found.surname, found.born, found.marks) == ("Kowalska", date(1990, 4, 3), frozenset())


def test_bare_numbers_and_real_dates_count_from_1904_where_the_workbook_says_so():
    counted = [(*ANNA[:3], 31504, *ANNA[4:])]
    assert rows_of(xlsx_of([*counted, ANNA], date_1904=True)).claimants[0].born == date(1990, 4, 3)
    assert rows_of(xlsx_of([*counted, ANNA], date_1904=True)).claimants[1].born == date(1990, 4, 3)
    table = [HEADER, *counted]
    assert rows_of(xls_of(table, from_1904=True)).claimants[0].born == date(1990, 4, 3)
    assert rows_of(xlsb_of(table, from_1904=True)).claimants[0].born == date(1990, 4, 3)


def test_real_dates_that_went_through_a_spreadsheet_with_the_month_first_are_marked():
    days = [date(1990, 4, 3), date(1991, 12, 1), date(1992, 7, 7), "31/12/1985"]
    found = rows_of(xlsx_of([(*ANNA[:2], f"QQ10000{n}A", day, *ANNA[4:]) for n, day in enumerate(days)]))
    doubtful = {Mark.BORN_MAYBE_SWAPPED}
    assert [each.marks for each in found.claimants] == [doubtful, doubtful, frozenset(), frozenset()]
    settled = rows_of(xlsx_of([(*ANNA[:2], "", day, *ANNA[4:]) for day in [*days, "03/04/1990"]]))
    assert not any(each.marks for each in settled.claimants)


def test_an_identifier_that_the_spreadsheet_made_a_number_is_kept_and_said():
    (found,) = rows_of(xlsx_of([("Kowalska", "Anna", 123456, "", 13, "Bell", "")])).claimants
    assert (found.nino, found.postcode) == ("123456", "13")
    assert found.marks == {Mark.NINO_NUMBER, Mark.POSTCODE_NUMBER}


def test_a_truth_value_is_text_for_true_is_a_surname():
    data = xlsx_of([ANNA], edit=lambda _, sheet: sheet.write_boolean(1, 0, True))
    assert rows_of(data).claimants[0].surname == "TRUE"


def test_an_error_shown_in_a_cell_costs_the_row_where_it_would_say_who_somebody_is():
    shown = b'<c r="A2" t="e"><v>#N/A</v></c>'
    wrong = replaced(SHEET, b'<c r="A2" t="s"><v>7</v></c>', shown)
    assert [(row.row, row.reasons) for row in rows_of(wrong).unreadable] == [(2, (RowFlaw.CELL_ERROR,))]
    in_xls = xls_of([HEADER, ["", "Anna"]], sheet=xls_record(0x205, struct.pack("<HHHBB", 1, 0, 0, 42, 1)))
    assert rows_of(in_xls).unreadable[0].reasons == (RowFlaw.CELL_ERROR,)
    in_xlsb = xlsb_of([HEADER, ["", "Anna"]], sheet=xlsb_record(3, struct.pack("<IIB", 0, 0, 42)))
    assert rows_of(in_xlsb).unreadable[0].reasons == (RowFlaw.CELL_ERROR,)


def test_a_work_coach_merged_over_several_rows_belongs_to_each_of_them():
    data = xlsx_of([ANNA, JONAS, SEAN], edit=lambda _, sheet: sheet.merge_range(1, 5, 2, 5, "Ida Marsh"))
    found = rows_of(data)
    assert [each.work_coach for each in found.claimants] == ["Ida Marsh", "Ida Marsh", "Omar Said"]
    assert found.claimants[0].marks == frozenset()


def test_a_name_merged_over_several_rows_is_nobodys():
    found = rows_of(xlsx_of(edit=lambda _, sheet: sheet.merge_range(1, 0, 2, 0, "Kowalska")))
    assert [(row.row, row.reasons) for row in found.unreadable] == [
        (2, (RowFlaw.CELL_MERGED,)),
        (3, (RowFlaw.CELL_MERGED,)),
    ]
    assert [each.row for each in found.claimants] == [4]


def test_a_title_merged_above_the_header_and_cells_merged_sideways_change_nothing():
    def merge(_, sheet):
        sheet.merge_range(0, 0, 1, 6, "Claimants")
        sheet.merge_range(3, 5, 3, 6, "Ruth Bell")

    found = rows_of(xlsx_of([ANNA], above=[("", ""), ("", "")], edit=merge))
    assert [without_row(each) for each in found.claimants] == [
        without_row(each) for each in read(csv_of([ANNA])).claimants
    ]


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (xlsx_of(edit=lambda _, sheet: sheet.write_formula(2, 6, "=1+1")), "row 3, column 7"),
        (ods_of(TYPED, cell_attributes=' table:formula="of:=1"'), "row 1, column 1"),
        (xls_of(TYPED, sheet=xls_record(6, struct.pack("<HHHdHIH", 4, 0, 0, 1.0, 0, 0, 0))), "row 5, column 1"),
        (xlsb_of(TYPED, sheet=xlsb_record(9, struct.pack("<IId", 6, 0, 1.0))), "row 4, column 7"),
    ],
    ids=["xlsx", "ods", "xls", "xlsb"],
)
def test_a_formula_on_the_sheet_is_refused_with_its_place(data, place):
    with pytest.raises(WorkCoachListRefused, match=f"{place} holds a formula"):
        rows_of(data)


MACROS, LINKS = "has macros", "links to other files"
SUPPORTING = xls_record(0x1AE, struct.pack("<HH", 1, 5) + b"other")
ITSELF = xls_record(0x1AE, struct.pack("<HH", 1, 0x0401))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (edited(xlsx_of(), add={"xl/vbaProject.bin": b"x"}), MACROS),
        (edited(xlsx_of(), add={"XL/VBAPROJECT.BIN": b"x"}), MACROS),
        (edited(xlsx_of(), add={"xl/macrosheets/sheet1.xml": b"<a/>"}), MACROS),
        (edited(ods_of(TYPED), add={"Basic/script-lc.xml": b"<a/>"}), MACROS),
        (xls_of(TYPED, kind=1), MACROS),
        (xls_of(TYPED, storages=["_VBA_PROJECT_CUR"]), MACROS),
        (edited(xlsx_of(), add={"xl/externalLinks/externalLink1.xml": b"<a/>"}), LINKS),
        (replaced("xl/workbook.xml", b"<sheets>", b"<externalReferences><externalReference/></externalReferences><sheets>"), LINKS),
        (xls_of(TYPED, globals_=SUPPORTING), LINKS),
        (xlsb_of(TYPED, workbook=xlsb_record(355, b"x")), LINKS),
        (ods_of(TYPED, below="<table:table-source/>"), LINKS),
        (edited(xlsx_of(), add={"xl/activeX/activeX1.bin": b"x"}), "controls that can run"),
        (edited(xlsx_of(), add={"xl/embeddings/object.bin": b"x"}), "embedded in it"),
        (xls_of(TYPED, storages=["MBD0001"]), "embedded in it"),
        (edited(xlsx_of(), add={"inner.zip": b"x"}), "packed into it"),
        (packed({"list.xlsx": xlsx_of()}), "packed into it"),
        (packed({"readme.txt": b"x"}), "no workbook"),
        (packed({"xl/workbook.xml": b"<a/>", "content.xml": b"<a/>"}), "no workbook"),
        (packed({f"part{n}": b"" for n in range(2001)}), "more than 2000 parts"),
        (compound({"WordDocument": b"x"}), "a document of another program"),
        (xls_of(TYPED)[:600], "damaged or cut short"),
        (b"PK\x03\x04" + b"x" * 100, "damaged or cut short"),
        (replaced("xl/workbook.xml", b"<workbook", b"<workbook><"), "not the XML"),
        (replaced(SHEET, b'r="B2"', b'r="B"'), "stands nowhere"),
        (with_cells(b'<row r="x"/>'), "not the XML"),
    ],
)  # fmt: skip
def test_what_could_run_or_reach_out_or_is_no_workbook_is_refused(data, said):
    with pytest.raises(WorkCoachListRefused, match=said):
        rows_of(data)


def test_a_workbook_that_refers_to_itself_is_read():
    assert len(rows_of(xls_of(COUNTED, globals_=ITSELF)).claimants) == 3


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (with_cells(b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>'), "more than 100000 rows"),
        (with_cells(b'<row r="9"><c r="XFD9"><v>1</v></c></row>'), "more than 250 columns"),
        (with_cells(b'<row r="90000"><c r="IA90000"><v>1</v></c></row>'), "room for more than 4000000 cells"),
        (xlsb_of(TYPED, sheet=xlsb_record(0, struct.pack("<I", 10**9)) + xlsb_record(5, bytes(16))), "100000 rows"),
        (xls_of(TYPED, sheet=xls_record(0xBD, struct.pack("<HH", 60_000, 0) + bytes(6) + struct.pack("<H", 255))), "columns"),
        (ods_of(TYPED, below='<table:table-row table:number-rows-repeated="1000000"><table:table-cell '
                'xmlns:o="urn:o" office:value-type="float" office:value="1"/></table:table-row>'), "100000 rows"),
        (ods_of([["x"]], below='<table:table-row><table:table-cell table:number-columns-repeated="16384" '
                'office:value-type="float" office:value="1"/></table:table-row>'), "250 columns"),
    ],
)  # fmt: skip
def test_a_cell_far_away_is_refused_before_room_is_made_for_it(data, said):
    with pytest.raises(WorkCoachListRefused, match=said):
        rows_of(data)


def test_rows_and_columns_that_are_only_formatted_are_no_cells():
    empty = b'<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    assert len(rows_of(with_cells(empty)).claimants) == 3
    below = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    assert len(rows_of(ods_of(TYPED, below=below)).claimants) == 3


def test_a_document_type_is_refused_wherever_it_stands():
    doctype = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    for name, root in ((SHEET, b"<worksheet"), ("xl/workbook.xml", b"<workbook"), ("xl/sharedStrings.xml", b"<sst")):
        with pytest.raises(WorkCoachListRefused, match="document type"):
            rows_of(replaced(name, root, doctype + root))


def test_a_protected_workbook_is_opened_in_memory_with_its_password():
    data = protected(xlsx_of(), "a pass phrase of ours")
    assert read(data, password="a pass phrase of ours").claimants == read(csv_of()).claimants


@pytest.mark.parametrize(
    ("password", "said"), [(None, "is protected by a password"), ("wrong", "does not open"), ("", "is protected")]
)
def test_a_protected_workbook_without_its_password_is_refused_as_locked(password, said):
    with pytest.raises(WorkCoachListLocked, match=said) as refused:
        read(protected(xlsx_of(), "right"), password=password)
    assert "Never save an unprotected copy" in refused.value.advice()


def test_what_a_password_protects_is_looked_at_as_closely():
    with pytest.raises(WorkCoachListRefused, match="has macros"):
        rows_of(protected(edited(xlsx_of(), add={"xl/vbaProject.bin": b"x"}), "p"), "p")


def test_an_old_protected_workbook_is_opened_with_its_password_and_never_on_a_disk(monkeypatch, tmp_path):
    kept = []
    temporary = tempfile.TemporaryFile

    def watched(**options):
        kept.append(tempfile.gettempdir())
        return temporary(**options)

    monkeypatch.setattr(tempfile, "TemporaryFile", watched)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert rows_of(protected_xls(COUNTED, "old"), "old").claimants == read(csv_of()).claimants
    assert (kept, tempfile.tempdir) == (["/dev/shm"], str(tmp_path))


@pytest.mark.parametrize(("password", "said"), [(None, "is protected by a password"), ("new", "does not open")])
def test_an_old_protected_workbook_is_locked_without_its_password(password, said):
    with pytest.raises(WorkCoachListLocked, match=said):
        rows_of(protected_xls(COUNTED, "old"), password)


def test_an_old_protected_workbook_is_refused_where_there_is_no_memory_to_open_it_in(monkeypatch, tmp_path):
    monkeypatch.setattr(compound_file, "_MEMORY", tmp_path / "none")
    with pytest.raises(WorkCoachListRefused, match="in memory") as refused:
        rows_of(protected_xls(COUNTED, "old"), "old")
    assert "XLSX" in refused.value.advice()


def test_a_workbook_under_a_sensitivity_labels_rights_is_refused_with_what_to_ask_for():
    """No password opens it: asking for one would send somebody on a search."""
    with pytest.raises(WorkCoachListRefused, match="not by a password") as refused:
        rows_of(compound({"EncryptedPackage": b"x", "DRMEncryptedTransform": b"x"}))
    assert "without that label" in refused.value.advice()


def test_a_way_of_protecting_that_is_not_known_is_refused():
    stream = xls_stream(COUNTED, globals_=xls_record(0x2F, struct.pack("<HHH", 1, 9, 9) + bytes(48)))
    with pytest.raises(WorkCoachListRefused, match="in a way that cannot be opened here"):
        rows_of(compound({"Workbook": stream}), "p")


def test_a_protected_ods_is_refused_with_what_to_ask_for():
    manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    with pytest.raises(WorkCoachListRefused, match="protected by a password, which cannot be opened here") as refused:
        rows_of(ods_of(TYPED, manifest=manifest))
    assert "XLSX" in refused.value.advice()


def test_a_password_that_is_not_needed_changes_nothing():
    assert rows_of(xlsx_of(), "unneeded").claimants == read(csv_of()).claimants


def test_the_password_is_in_no_argument_and_no_environment(monkeypatch):
    seen = []
    run = workbook_process.subprocess.run

    def watched(command, **options):
        seen.append((command, options["env"]))
        return run(command, **options)

    monkeypatch.setattr(workbook_process.subprocess, "run", watched)
    read(protected(xlsx_of(), "a pass phrase of ours"), password="a pass phrase of ours")
    assert "pass phrase" not in str(seen)
    assert len(seen) == 1


def test_a_child_that_cannot_be_started_or_does_not_end_refuses_the_file(monkeypatch):
    monkeypatch.setattr(workbook_process, "_ALLOWED_S", 0.001)
    with pytest.raises(WorkCoachListRefused, match="takes longer"):
        read(xlsx_of())
    monkeypatch.setattr(workbook_process.sys, "executable", "/nowhere/python")
    with pytest.raises(WorkCoachListRefused, match="could not be started"):
        read(xlsx_of())
