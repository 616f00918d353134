"""No text runs when a spreadsheet opens it (ASVS 5.0, 1.2.10)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.worksheets.harmless import LONGEST, all_harmless, begins_like_formula, harmless


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\0=1",
        " =1",
        "\u00a0 =1",
        "\ufeff=1",
        "\u200b=1",
        "-",
        "\t",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "\uff20x",
        "\ufe661",
        "\u207c1",
        "\u22121",
        "\x0b=1",
        "\x1b-1",
        "+44 1223 000000",
    ],
)
def test_a_text_that_begins_like_a_formula_gets_one_quote(text):
    assert harmless(text).startswith("'")
    assert harmless(text)[1:] == "".join(" " if ord(each) < 32 else each for each in text)


@pytest.mark.parametrize("text", ["Kowalska", "O'Neill", "", "  ", "a=1", "12 High Street", "'=1", '"=1"', "Żuk-Nowak"])
def test_any_other_text_stays_as_it_is(text):
    assert harmless(text) == text


def test_what_no_workbook_can_hold_becomes_a_blank_or_a_mark():
    assert harmless("a\x00b\x1bc\nd\x85e\ud800") == "a b c d e\ufffd"


def test_a_text_longer_than_a_cell_is_cut_visibly():
    assert len(harmless("x" * 40_000)) <= LONGEST
    assert harmless("=" + "𝄞" * 40_000).endswith("…")
    assert len(harmless("=" + "𝄞" * 40_000).encode("utf-16-le")) // 2 <= LONGEST + 1


@given(st.text(st.characters(), max_size=60))
def test_no_text_begins_like_a_formula_once_it_is_harmless(text):
    made = harmless(text)
    assert not begins_like_formula(made)
    assert harmless(made) == made


@given(st.lists(st.text("aZ09=-@ \n\r\t\0\x7fé" + chr(0x2028), max_size=3) | st.just("a" * (LONGEST + 1)), max_size=4))
def test_a_column_is_made_harmless_as_each_of_its_texts_is(texts):
    assert all_harmless(texts) == [harmless(text) for text in texts]
