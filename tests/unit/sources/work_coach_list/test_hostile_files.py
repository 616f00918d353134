"""Hostile files: each is refused with a clear sentence or read row by row, in bounded memory, whatever its name says.

All are read by one process whose peak of memory, and that of the processes it starts, is measured at the end.
"""

import json
import os
import subprocess
import sys

import pytest

from gateway.errors import WorkCoachListRefused
from gateway.sources.work_coach_list.profiles import written_profile
from gateway.sources.work_coach_list.read import bytes_of
from gateway.sources.work_coach_list.workbook import table_of_workbook_here
from gateway.worksheets.csv_file import written_csv
from gateway.worksheets.sheet import Column, Sheet
from tests.work_coach_lists_made import ANNA, HEADER, JONAS, PROFILE, csv_of, read, xlsx_of
from tests.workbooks_made import edited, packed, protected

SHEET = "xl/worksheets/sheet1.xml"
#: The reading process holds at most a few times the largest file; the one that opens workbooks what a list can take.
MOST_READING_MB, MOST_OPENING_MB = 120, 150
READER = """
import json, resource, sys
from datetime import date
from pathlib import Path
from gateway.errors import GatewayError
from gateway.sources.work_coach_list.profiles import read_profile
from gateway.sources.work_coach_list.read import bytes_of, read_list
profile, said = read_profile(Path(sys.argv[1]).read_text()), {}
for path in sorted(Path(sys.argv[2]).iterdir()):
    try:
        the_list = read_list(bytes_of(path), profile, as_at=date(2026, 11, 22))
        said[path.name] = [the_list.rows_read, len(the_list.unreadable)]
    except GatewayError as error:
        said[path.name] = error.code + ": " + str(error) + " | " + error.advice()
# Not its own ru_maxrss, which begins with that of whoever started it.
(peak,) = [line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(json.dumps([said, int(peak) // 1024, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024]))
"""


def with_cells(cells, **options):
    return edited(
        xlsx_of(**options), change={SHEET: lambda part: part.replace(b"</sheetData>", cells + b"</sheetData>")}
    )


def rows_of_numbers(count):
    return b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(5, count))


def formulas_in():
    return csv_of([("=cmd|' /C calc'!A0", "@SUM(1)", "QQ123456A", "", "+1", "-1", ""), JONAS])


def bomb(size):
    return edited(xlsx_of(), add={"xl/media/image1.png": b"\0" * size})


#: What each file is, by its name, which lies; and what is said of it, or its rows and the unreadable ones.
FILES = {
    "zip-bomb.xlsx": (lambda: bomb(20 << 20), "would grow out of all proportion"),
    "nested-zip.xlsx": (lambda: packed({"list.zip": packed({"list.xlsx": bomb(1 << 20)})}), "packed into it"),
    "line-of-100-mb.csv": (lambda: csv_of([ANNA]) + b"x" * (100 << 20), "larger than 20 MB"),
    "line-of-15-mb.csv": (lambda: csv_of([ANNA]) + b"x" * (15 << 20), [2, 1]),
    "header-of-15-mb.csv": (lambda: b"x" * (15 << 20), "no row near the top has the headings"),
    "quotes-of-18-mb.csv": (lambda: csv_of([ANNA]) + b'"' * (18 << 20), [2, 1]),
    "quotes-never-closed.csv": (lambda: csv_of([ANNA]) + (b'"' + b"x" * 3000 + b"\n") * 1000, [1001, 1000]),
    "million-columns.csv": (lambda: b"Surname," * 1_000_000, "no row near the top has the headings"),
    "million-columns.xlsx": (lambda: with_cells(b'<row r="9"><c r="BDWGN9"><v>1</v></c></row>'), "refused"),
    "last-column.xlsx": (lambda: with_cells(b'<row r="9"><c r="XFD9"><v>1</v></c></row>'), "more than 250 columns"),
    "million-rows.csv": (lambda: csv_of([ANNA]) + b"1,2,3,4,5,6,7\n" * 1_000_000, "more than 100000 rows"),
    "million-rows.xlsx": (lambda: with_cells(rows_of_numbers(100_100)), "more than 100000 rows"),
    "last-cell.xlsx": (lambda: with_cells(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "100000 rows"),
    "formula-injection.csv": (formulas_in, [2, 0]),
    "formula-cell.xlsx": (lambda: xlsx_of(edit=lambda _, sheet: sheet.write_formula(1, 6, "=1")), "holds a formula"),
    "program.xlsx": (lambda: b"MZ\x90\x00" + bytes(range(256)) * 100, "the file is a program"),
    "program-of-linux.csv": (lambda: b"\x7fELF" + bytes(10_000), "the file is a program"),
    "a-pdf.xlsx": (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 100, "the file is a PDF"),
    "web-page.xls": (lambda: b"\xef\xbb\xbf <html><table>", "a web page or XML"),
    "truncated.xlsx": (lambda: xlsx_of()[:3000], "damaged or cut short"),
    "one-byte-changed.xlsx": (lambda: xlsx_of().replace(b"<", b"&", 1), "refused"),
    "entities.xlsx": (
        lambda: edited(xlsx_of(), change={SHEET: lambda part: part.replace(b"<worksheet", entities() + b"<worksheet")}),
        "document type",
    ),
    "macros.xlsx": (lambda: edited(xlsx_of(), add={"xl/vbaProject.bin": b"x"}), "has macros"),
    "locked.xlsx": (lambda: protected(xlsx_of(), "p"), "work-coach-list-locked"),
    "merged.xlsx": (lambda: xlsx_of(edit=lambda _, sheet: sheet.merge_range(1, 0, 2, 0, "K")), [3, 2]),
    "empty.csv": (lambda: b"", "the file is empty"),
    "header-only.csv": (lambda: csv_of([]), [0, 0]),
    "header-only.xlsx": (lambda: xlsx_of([]), [0, 0]),
    "zeros.csv": (lambda: bytes(1 << 20), "full of zero bytes"),
    "other-headings.csv": (lambda: csv_of(header=[f"{each} x" for each in HEADER]), "work-coach-list-changed"),
}


def entities():
    nested = b"".join(b'<!ENTITY a%d "%s">' % (n + 1, b"&a%d;" % n * 10) for n in range(9))
    return b'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">' + nested + b"]>"


@pytest.fixture(scope="module")
def read_by_a_process(tmp_path_factory):
    folder, profile = tmp_path_factory.mktemp("hostile"), tmp_path_factory.mktemp("profile") / "wisbech.toml"
    profile.write_text(written_profile(PROFILE), encoding="utf-8")
    for name, (made, _) in FILES.items():
        (folder / name).write_bytes(made())
    command = [sys.executable, "-c", READER, str(profile), str(folder)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120)
    for path in folder.iterdir():
        path.unlink()
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_or_read_row_by_row(read_by_a_process, name):
    found, expected = read_by_a_process[0][name], FILES[name][1]
    if isinstance(expected, str):
        assert isinstance(found, str), found
        assert expected in found
        assert found.startswith("work-coach-list-")
    else:
        assert found == expected


def test_no_hostile_file_takes_more_memory_than_a_list(read_by_a_process):
    _, reading_mb, opening_mb = read_by_a_process
    assert reading_mb < MOST_READING_MB
    assert opening_mb < MOST_OPENING_MB


def test_no_refusal_shows_what_stands_in_the_file(read_by_a_process):
    said = json.dumps(read_by_a_process[0])
    assert not [value for value in (*ANNA, *JONAS) if isinstance(value, str) and len(value) > 3 and value in said]


def test_formulas_come_in_as_text_and_go_out_harmless():
    claimant = read(formulas_in()).claimants[0]
    assert claimant.surname == "=cmd|' /C calc'!A0"
    row = (claimant.surname, claimant.forename, claimant.postcode, claimant.work_coach)
    out = written_csv(Sheet("x", tuple(Column(name) for name in ("a", "b", "c", "d")), [row]))
    assert out.endswith(b"'=cmd|' /C calc'!A0,'@SUM(1),'+1,'-1\r\n")


def test_a_file_is_taken_only_where_it_is_one_and_not_too_large(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "large.csv").write_bytes(b"x" * ((20 << 20) + 1))
    (tmp_path / "list.csv").write_bytes(csv_of())
    (tmp_path / "link.csv").symlink_to(tmp_path / "list.csv")
    for name, said in (
        ("pipe.csv", "not a file"),
        (".", "folder"),
        ("none.csv", "cannot be opened"),
        ("link.csv", "is a link"),
        ("large.csv", "20 MB"),
    ):
        with pytest.raises(WorkCoachListRefused, match=said) as refused:
            bytes_of(tmp_path / name)
        assert str(tmp_path) not in str(refused.value)
    assert bytes_of(tmp_path / "list.csv") == csv_of()


def test_a_workbook_of_many_sheets_is_refused():
    data = xlsx_of(edit=lambda book, _: [book.add_worksheet() for _ in range(100)])
    with pytest.raises(WorkCoachListRefused, match="more than 100 sheets"):
        table_of_workbook_here(data, None, None)
