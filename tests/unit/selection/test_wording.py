"""Which words are unsafe: the same in Python and in both databases, for any text."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import String, bindparam, case, null, select

from gateway.selection.text import any_unsafe
from gateway.selection.wording import FORMULA_STARTS, HIDDEN_RANGES, is_phone, is_unsafe
from tests.random_county import PHONES, SAFE_WORDS, UNSAFE_WORDS


@pytest.mark.parametrize("word", SAFE_WORDS)
def test_ordinary_words_are_safe(word):
    assert not is_unsafe(word)


@pytest.mark.parametrize("word", [*UNSAFE_WORDS, *FORMULA_STARTS, "\x00", "a\x7fb", "\u200b"])
def test_formulas_and_hidden_characters_are_unsafe(word):
    assert is_unsafe(word)


def test_nothing_is_safe():
    assert not is_unsafe(None)


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("+44 1632 960001", True),
        ("+441632960001", True),
        ("+44 163 96", False),
        ("+44 1632 960001 x1", False),
        ("+1 1632 9600010", False),
        ("+44" + "1" * 18, False),
        (" +44 1632 960001", False),
    ],
)
def test_a_telephone_number_is_plus_44_and_digits_and_nothing_else(text, phone):
    assert is_phone(text) is phone
    assert is_unsafe(text)
    assert is_unsafe(text, may_be_phone=True) is not phone


_EDGES = [chr(point) for low, high in HIDDEN_RANGES for point in (low - 1, low, high, high + 1) if point]
_TEXT = st.one_of(
    st.sampled_from([*SAFE_WORDS, *UNSAFE_WORDS, *PHONES]),
    st.text(st.sampled_from([*_EDGES, *FORMULA_STARTS, " ", "a", "4", "]", "^", "\\", "*", "?", "["]), max_size=6),
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8),
    st.from_regex(r"\+44[0-9 ]{7,19}", fullmatch=True),
    st.none(),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_TEXT)
def test_both_databases_say_the_same_as_python(connection, text):
    value = bindparam("value", text, String)
    asked = [any_unsafe({"surname": value}, "contact"), any_unsafe({"contact": value, "surname": null()}, "contact")]
    said = connection.execute(select(*(case((each, 1), (~each, 0)).label(f"c{n}") for n, each in enumerate(asked))))
    assert list(said.one()) == [is_unsafe(text), is_unsafe(text, may_be_phone=True)]


def test_a_nul_is_found_where_a_database_can_hold_one(sqlite_connection):
    value = bindparam("value", "a\x00b", String)
    assert sqlite_connection.execute(select(any_unsafe({"surname": value}, "contact"))).scalar_one()
