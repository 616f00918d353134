"""Canonical JSON: one value, one spelling."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.documents import canonical_json, canonical_texts, sha256_hex

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def test_the_spelling_is_fixed():
    value = {"b": [1, True, None], "a": 'Zoë \u2028 "x"', "ä": {}}
    assert canonical_json(value) == '{"a":"Zoë \u2028 \\"x\\"","b":[1,true,null],"ä":{}}'.encode()
    assert canonical_json((1, 2)) == canonical_json([1, 2]) == b"[1,2]"


@given(VALUES)
def test_it_reads_back_as_what_it_was(value):
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(st.text(), st.integers()))
def test_the_order_of_keys_does_not_matter(value):
    assert canonical_json(dict(reversed(value.items()))) == canonical_json(value)


@pytest.mark.parametrize("value", [1.5, float("nan"), b"x", {1: 2}, [{"a": {2.0}}], object()])
def test_what_has_no_single_spelling_is_refused(value):
    with pytest.raises(TypeError, match="has no canonical form"):
        canonical_json(value)


def test_half_a_character_is_refused():
    with pytest.raises(UnicodeEncodeError):
        canonical_json("\ud800")


def test_the_hash_is_the_one_that_everybody_has():
    assert sha256_hex(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@given(st.dictionaries(st.text(), st.text()))
def test_a_table_of_texts_is_written_in_a_loop_as_it_is_alone(value):
    assert canonical_texts(tuple(value))(tuple(value.values())).encode() == canonical_json(value)
