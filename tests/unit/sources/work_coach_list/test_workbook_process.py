"""What crosses between the two processes, and what becomes of a file when the one that opens it breaks."""

import io
import zipfile

import pytest

from gateway.errors import WorkCoachListChanged, WorkCoachListLocked, WorkCoachListRefused
from gateway.sources.work_coach_list import workbook_process
from gateway.sources.work_coach_list.crossing import lines_of_refusal, lines_of_table, table_of_lines
from gateway.sources.work_coach_list.kinds import kind_of
from gateway.sources.work_coach_list.package import Package
from gateway.sources.work_coach_list.workbook import survey_of, table_of_workbook_here
from tests.work_coach_lists_made import PROFILE, xlsx_of
from tests.workbooks_made import edited, packed


def test_a_table_crosses_as_it_is():
    data = xlsx_of(edit=lambda _, sheet: sheet.merge_range(1, 5, 2, 5, "Bell"))
    table = table_of_workbook_here(data, PROFILE, None)
    assert table_of_lines(lines_of_table(table)) == table


@pytest.mark.parametrize("kind", [WorkCoachListRefused, WorkCoachListLocked, WorkCoachListChanged])
def test_a_refusal_crosses_with_its_way_out(kind):
    with pytest.raises(kind, match="row 3") as refused:
        table_of_lines(lines_of_refusal(kind("row 3", advice="Look there.")))
    assert refused.value.advice() == "Look there."


def test_what_is_no_answer_is_no_table():
    with pytest.raises(ValueError, match="Expecting value"):
        table_of_lines([])


@pytest.mark.parametrize("asked", [b"", b"\0\0\0\2{}", b"\0\0\0\7nothing", b"\xff\xff\xff\xff"])
def test_a_process_that_breaks_refuses_the_file(asked):
    with pytest.raises(WorkCoachListRefused, match="could not be opened"):
        workbook_process._answer(asked)


def test_a_process_that_says_nothing_refuses_the_file(monkeypatch):
    monkeypatch.setattr(workbook_process, "_START", "pass")
    with pytest.raises(WorkCoachListRefused, match="could not be opened"):
        workbook_process.table_of_workbook(xlsx_of(), PROFILE, None)


def test_an_archive_that_no_spreadsheet_writes_is_refused():
    plain = packed({"xl/workbook.xml": b"<a/>"})
    encrypted = bytearray(plain)
    for place in (plain.index(b"PK\x03\x04") + 6, plain.index(b"PK\x01\x02") + 8):
        encrypted[place] |= 1
    with pytest.raises(WorkCoachListRefused, match="encrypted in a way"):
        Package(bytes(encrypted))
    with pytest.raises(WorkCoachListRefused, match="two parts of one name"):
        Package(edited(plain, add={"XL/workbook.xml": b""}))
    with pytest.raises(WorkCoachListRefused, match="out of all proportion"):
        Package(edited(plain, add={"xl/media/image1.png": bytes(3 << 20)}))


def test_parts_that_are_large_together_are_refused_too(monkeypatch):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<a/>")
        for number in range(170):
            archive.writestr(f"xl/media/{number}.png", bytes((1 << 20) - 1))
    with pytest.raises(WorkCoachListRefused, match="out of all proportion"):
        Package(file.getvalue())


def test_sheets_of_one_name_and_sheets_that_stand_nowhere_are_refused():
    twice = edited(
        xlsx_of(edit=lambda book, _: book.add_worksheet("Other")),
        change={"xl/workbook.xml": lambda part: part.replace(b'"Other"', b'"Claimants"')},
    )
    with pytest.raises(WorkCoachListRefused, match="two sheets of one name"):
        table_of_workbook_here(twice, PROFILE, None)
    nowhere = edited(xlsx_of(), change={"xl/_rels/workbook.xml.rels": lambda part: part.replace(b"sheet1", b"sheet9")})
    with pytest.raises(WorkCoachListRefused):
        table_of_workbook_here(nowhere, PROFILE, None)


def test_what_a_password_protects_must_be_a_workbook():
    with pytest.raises(WorkCoachListRefused):
        survey_of(b"Surname,Forename")


def test_a_beginning_of_markup_is_told_behind_a_mark_and_blanks():
    with pytest.raises(WorkCoachListRefused, match="web page"):
        kind_of(b"\xef\xbb\xbf \r\n<table>")
