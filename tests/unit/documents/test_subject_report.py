"""What a person is given: the same facts in every format, in words, and nothing that acts or hides."""

import csv
import io
import json
from dataclasses import replace

import pytest

from gateway.documents.subject_data import as_csv, as_json
from gateway.documents.subject_page import as_page
from gateway.documents.subject_report import COMPLAIN, NOTHING, RIGHTS, SCOPE, Said
from tests.reports_made import a_handover, a_report, a_sharing

WRITERS = [as_page, as_csv, as_json]


def rows_of(report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(report).removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("write", WRITERS)
def test_every_format_says_who_decides_since_when_records_are_held_and_what_one_may_do(write):
    written = write(a_report(a_sharing()))
    plain = written.replace("&#x27;", "'").replace('\\"', '"')
    for said in (
        "Invented County Council",
        "SAR-2026-0017",
        "Department for Work and Pensions (Jobcentre Plus)",
        "An Act of 2017, section 35",
        "Article 9(2)(g)",
        "QQ123456C",
        *SCOPE,
        *RIGHTS,
        *COMPLAIN[1:],
        "Data Protection Officer of Invented County Council",
    ):
        assert said in plain, said
    assert "2026-11-01" in written or "1 November 2026" in written


@pytest.mark.parametrize("write", WRITERS)
def test_with_nothing_to_tell_the_report_says_that_and_all_that_everybody_is_told(write):
    written = write(a_report())
    assert NOTHING in written
    assert "Information Commissioner" in written


@pytest.mark.parametrize("write", WRITERS)
def test_what_two_officers_say_is_marked_as_not_proven(write):
    written = write(a_report(handed_over=(a_handover(),)))
    assert "not proven" in written.replace("_", " ")
    assert "HND-1" in written
    assert NOTHING not in written


@pytest.mark.parametrize("write", WRITERS)
def test_lists_whose_people_are_lost_are_named_to_everybody(write):
    lost = replace(a_report(), lost=("LST-a-2026-11-02-all", "LST-b-2026-11-02-all"))
    assert "LST-a-2026-11-02-all, LST-b-2026-11-02-all" in write(lost)
    assert "A fault cost us" not in write(a_report())


def test_csv_has_a_row_for_each_list_and_says_what_it_said():
    shared = [row for row in rows_of(a_report(a_sharing(2))) if row["kind"] == "shared"]
    assert [row["day"] for row in shared] == ["2026-11-16", "2026-11-17"]
    assert {row["what_this_list_said"] for row in shared} == {
        "your surname: Invented; your National Insurance number: QQ123456C"
    }


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_no_cell_is_a_formula(start):
    sharing = replace(a_sharing(1), purpose=f"{start}cmd()")
    (shared,) = (row for row in rows_of(a_report(sharing)) if row["kind"] == "shared")
    assert shared["why"] == f"'{start}cmd()"


def test_json_says_which_lists_said_what():
    document = json.loads(as_json(a_report(a_sharing(2))))
    (sharing,) = document["sharings"]
    assert [each["list"] for each in sharing["lists"]] == sharing["said"][0]["lists"]
    assert sharing["said"][0]["values"]["your surname"] == "Invented"
    assert "said" not in json.loads(as_json(a_report(a_sharing(said=False))))["sharings"][0]


def test_the_page_says_which_list_had_which_words():
    sharing = a_sharing(3)
    first, *others = sharing.shared
    said = (Said((("your surname", "Before"),), (first,)), Said((("your surname", "After"),), tuple(others)))
    page = as_page(a_report(replace(sharing, said=said)))
    assert page.count("words 1") == 1
    assert page.count("words 2") == 2
    assert page.index("Words 1") < page.index("Before") < page.index("Words 2") < page.index("After")


def test_the_page_leaves_out_what_is_empty():
    sharing = replace(a_sharing(said=False), privacy_notice="", recipient_keeps="")
    page = as_page(a_report(replace(sharing, shared=tuple(replace(each, office="") for each in sharing.shared))))
    for heading in (">Office<", "What it said", "Our privacy notice", "How long the recipient keeps"):
        assert heading not in page
    assert "and not their words" in as_page(a_report(replace(sharing, said=())))


@pytest.mark.parametrize("write", [as_page])
def test_a_value_is_shown_and_never_obeyed(write):
    hostile = replace(a_sharing(1), purpose="<script>alert(1)</script>")
    assert "<script" not in write(a_report(hostile))
