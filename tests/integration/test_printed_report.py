"""The report for a person as a real browser prints it: on A4, all of it within the margins, and nobody else in it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.documents.subject_page import as_page
from gateway.documents.subject_report import COMPLAIN, RIGHTS, SubjectReport
from tests.reports_made import LONG_NAME, a_hard_report, a_report

_PROGRAMS = ("chromium", "pdftotext")
pytestmark = pytest.mark.skipif(
    any(shutil.which(name) is None for name in _PROGRAMS) and not os.environ.get("CI"),
    reason="chromium or pdftotext is not installed",
)
#: Of a sheet of A4, in points; a browser rounds.
WIDTH, HEIGHT = 595, 842
MARGIN = 40
_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">')
_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')


def printed(report: SubjectReport, folder: Path) -> Path:
    page, pdf = folder / "report.html", folder / "report.pdf"
    page.write_text(as_page(report), encoding="utf-8")
    # A container has no place for the browser's own sandbox; the page is ours.
    how = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-pdf-header-footer",
        f"--user-data-dir={folder / 'user'}",
    )
    command = ["chromium", *how, f"--print-to-pdf={pdf}", page.as_uri()]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert pdf.exists(), ended.stderr
    return pdf


def words_of(pdf: Path) -> str:
    return subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout


def boxes_of(pdf: Path) -> str:
    return subprocess.run(["pdftotext", "-bbox", pdf, "-"], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def hard(tmp_path_factory) -> Path:
    return printed(a_hard_report(), tmp_path_factory.mktemp("hard"))


def test_it_is_printed_on_a4_and_every_word_is_within_the_margins(hard):
    boxes = boxes_of(hard)
    sheets = [(float(width), float(height)) for width, height in _PAGE.findall(boxes)]
    assert len(sheets) > 3
    assert all(abs(width - WIDTH) < 2 and abs(height - HEIGHT) < 2 for width, height in sheets)
    words = _WORD.findall(boxes)
    outside = [word for left, _, right, _, word in words if float(left) < MARGIN or float(right) > WIDTH - MARGIN]
    assert outside == []


def test_each_sheet_has_its_number_and_a_long_table_its_headings_on_each(hard):
    sheets = words_of(hard).split("\f")[:-1]
    assert [re.search(r"Page (\d+) of (\d+)", sheet).groups() for sheet in sheets] == [
        (str(number), str(len(sheets))) for number in range(1, len(sheets) + 1)
    ]
    with_lists = [sheet for sheet in sheets if sheet.count("Delivered.") > 5]
    assert len(with_lists) > 3
    assert all(re.search(r"Day +List +Office", sheet) for sheet in with_lists)


def test_nothing_of_a_report_is_lost_in_print(hard):
    # Where a word is broken depends on the fonts of the machine.
    text = re.sub(r"\s+", "", words_of(hard))
    for said in ("Invented County Council", "SAR-2026-0017", "not proven", *RIGHTS, COMPLAIN[2], "An Act of 2017"):
        assert said.replace(" ", "") in text, said
    letters = re.sub(r"[^A-Za-z]", "", LONG_NAME)
    assert letters in re.sub(r"[^A-Za-z]", "", text)


def test_a_report_with_nothing_to_tell_is_one_sheet(tmp_path):
    sheets = words_of(printed(a_report(), tmp_path)).split("\f")[:-1]
    assert len(sheets) == 1
    assert "no sharing of information about you" in sheets[0]
