"""Registers, the monthly statement and the pack as a real browser prints them: on A4, nothing cut off at the sides."""

from dataclasses import replace

import pytest

from gateway.documents.report import report_page
from gateway.services.assurance.assurance_report import assurance_report
from gateway.services.assurance.audit_pack import make_pack
from gateway.services.assurance.sign_assurance import sign_assurance
from gateway.services.registers.register_uses import Period
from tests.audited_county import an_audited_county
from tests.printed_pages import HEIGHT, WIDTH, needs_a_browser, printed, sheets_of, sizes_of, words_outside
from tests.rehearsed_county import MORNING

pytestmark = needs_a_browser
#: Of the style's fifteen millimetres a browser keeps all but a hair.
MARGIN = 40
#: The widest of each kind: a register by entries, one table, an index with code, facts with hashes.
PAGES = ("uses.html", "failures.html", "index.html", "verification.html")


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    with an_audited_county(tmp_path_factory.mktemp("printed")).at(MORNING) as opened:
        yield opened


@pytest.fixture(scope="module")
def pack(workplace):
    day = MORNING.date()
    return make_pack(workplace, Period(day.replace(day=1), day), case_reference="IA-2026-7", sampled_each=1)


def test_the_monthly_statement_is_one_sheet(workplace, tmp_path):
    pdf = printed(sign_assurance(workplace, "2026-11").page.decode(), tmp_path)
    (sheet,) = sheets_of(pdf)
    assert "Page 1 of 1" in sheet
    assert words_outside(pdf, WIDTH, MARGIN) == []


def test_the_statement_of_a_month_in_which_much_stands_open_is_one_sheet_too(workplace, tmp_path):
    figures = sign_assurance(workplace, "2026-11").figures
    many = tuple(
        (f"an-agreement-with-a-long-name-{number}", "its review is overdue since 2026-09-30") for number in range(12)
    )
    report = assurance_report(
        replace(figures, overdue=many), controller="County", made="Made for a test.", signed_by="F" * 40
    )
    (sheet,) = sheets_of(printed(report_page(report), tmp_path))
    assert "and 6 more" in sheet


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_a_pack_is_within_the_margins_of_its_sheets(pack, name, tmp_path):
    pdf = printed(pack.files[name].decode(), tmp_path)
    (width,) = {round(width) for width, _ in sizes_of(pdf)}
    assert min(abs(width - side) for side in (WIDTH, HEIGHT)) <= 1
    assert words_outside(pdf, width, MARGIN) == []
