"""The report for a person as a real browser prints it: on A4, all of it within the margins, and nobody else in it."""

import re
from pathlib import Path

import pytest

from gateway.documents.subject_page import as_page
from gateway.documents.subject_report import COMPLAIN, RIGHTS
from tests.printed_pages import HEIGHT, WIDTH, needs_a_browser, printed, sheets_of, sizes_of, words_outside
from tests.reports_made import LONG_NAME, a_hard_report, a_report

pytestmark = needs_a_browser
MARGIN = 40


@pytest.fixture(scope="module")
def hard(tmp_path_factory) -> Path:
    return printed(as_page(a_hard_report()), tmp_path_factory.mktemp("hard"))


def test_it_is_printed_on_a4_and_every_word_is_within_the_margins(hard):
    sheets = sizes_of(hard)
    assert len(sheets) > 3
    assert all(abs(width - WIDTH) < 2 and abs(height - HEIGHT) < 2 for width, height in sheets)
    assert words_outside(hard, WIDTH, MARGIN) == []


def test_each_sheet_has_its_number_and_a_long_table_its_headings_on_each(hard):
    sheets = sheets_of(hard)
    assert [re.search(r"Page (\d+) of (\d+)", sheet).groups() for sheet in sheets] == [
        (str(number), str(len(sheets))) for number in range(1, len(sheets) + 1)
    ]
    with_lists = [sheet for sheet in sheets if sheet.count("Delivered.") > 5]
    assert len(with_lists) > 3
    assert all(re.search(r"Day +List +Office", sheet) for sheet in with_lists)


def test_nothing_of_a_report_is_lost_in_print(hard):
    # Where a word is broken depends on the fonts of the machine.
    text = re.sub(r"\s+", "", "".join(sheets_of(hard)))
    for said in ("Invented County Council", "SAR-2026-0017", "not proven", *RIGHTS, COMPLAIN[2], "An Act of 2017"):
        assert said.replace(" ", "") in text, said
    letters = re.sub(r"[^A-Za-z]", "", LONG_NAME)
    assert letters in re.sub(r"[^A-Za-z]", "", text)


def test_a_report_with_nothing_to_tell_is_one_sheet(tmp_path):
    sheets = sheets_of(printed(as_page(a_report()), tmp_path))
    assert len(sheets) == 1
    assert "no sharing of information about you" in sheets[0]
