"""Strict YAML: what becomes a tree, and what is refused before it can."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.documents import Fault, Items, Place, Table, Text, parse_tree, plain_of
from gateway.documents.tree import MOST_BYTES, MOST_DEPTH, MOST_KEYS_IN_TABLE, MOST_PARTS


def refusal_of(data: bytes) -> str:
    tree, faults = parse_tree(data, "f.yaml")
    assert tree is None
    assert len(faults) == 1
    return str(faults[0])


def test_every_scalar_is_text_with_its_place():
    tree, faults = parse_tree(b"when: 2026-11-22\nyes: no\nmany: [1, 0x2, ~]\n", "f.yaml")
    assert faults == ()
    assert isinstance(tree, Table)
    assert [entry.key.value for entry in tree.entries] == ["when", "yes", "many"]
    assert tree.entries[0].value == Text(Place(1, 7), "2026-11-22")
    assert tree.entries[1].value == Text(Place(2, 6), "no")
    many = tree.entries[2].value
    assert isinstance(many, Items)
    assert [item.value for item in many.items if isinstance(item, Text)] == ["1", "0x2", "~"]


def test_the_content_of_a_document_has_no_places_comments_or_layout():
    loose = b"# why\nb:   [1,\n  2]\na: 'x'   # because\n"
    tight = b"b: ['1', '2']\na: x\n"
    trees = [parse_tree(data, "f")[0] for data in (loose, tight)]
    assert None not in trees
    assert [plain_of(tree) for tree in trees if tree] == [{"b": ["1", "2"], "a": "x"}] * 2


@pytest.mark.parametrize("data", [b"\xef\xbb\xbfa: 1\n", b"a: 1\r\n", b"--- \na: 1\n...\n"])
def test_what_editors_put_around_a_document_is_taken(data):
    tree, _ = parse_tree(data, "f")
    assert tree is not None
    assert plain_of(tree) == {"a": "1"}


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"a: &x 1\n", "f.yaml:1:4: anchors and aliases"),
        (b"a: *x\n", "f.yaml:1:4: anchors and aliases"),
        (b"a: 1\nb: !!int 1\n", "f.yaml:2:4: tags"),
        (b"a: ! 1\n", "f.yaml:1:4: tags"),
        (b"&x {a: 1}\n", "f.yaml:1:1: anchors and aliases"),
        (b"%YAML 1.1\n---\na: 1\n", "f.yaml:1:1: directives"),
        (b"%TAG ! tag:x,2000:\n---\na: 1\n", "f.yaml:1:1: directives"),
        (b"a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document"),
        (b"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: this key stands twice; the first is on line 1"),
        (b"a: {b: 1, b: 2}\n", "f.yaml:1:11: this key stands twice"),
        (b"? [a]\n: 1\n", "f.yaml:1:3: a key must be plain text"),
        (b"", "f.yaml:1:1: the document is empty"),
        (b"# only a comment\n", "f.yaml:1:1: the document is empty"),
        (b"a: 1\nb: \xe9\n", "f.yaml:2:1: the file is not UTF-8"),
        (b"\xff\xfea\x00", "f.yaml:1:1: the file is not UTF-8"),
        ("a: x\u2028y\n".encode(), "f.yaml:1:5: an unusual line separator"),
        ("a: x\x85y\n".encode(), "f.yaml:1:5: an unusual line separator"),
        (b"a: 1\nb: x\x01y\n", "f.yaml:2:5: a character that cannot be seen"),
        (b'a: "x\\x07y"\n', "f.yaml:1:4: the text contains a character that cannot be seen"),
        ("a: x\u200by\n".encode(), "f.yaml:1:4: the text contains a character that cannot be seen"),
        (b"a:\n\t- 1\n", "f.yaml:2:1: a tab stands where only spaces may"),
        (b"a: [1\n", "f.yaml:2:1: this is not well-formed YAML"),
        (b"a: b: c\n", "f.yaml:1:5: this is not well-formed YAML"),
        (b'a: "x\n', "f.yaml:2:1: this is not well-formed YAML"),
    ],
)
def test_what_could_mislead_is_refused_where_it_stands(data, fault):
    assert refusal_of(data).startswith(fault)


def test_size_depth_and_number_are_capped():
    assert "larger than" in refusal_of(b"a: " + b"x" * MOST_BYTES)
    assert "nests deeper" in refusal_of(b"[" * (MOST_DEPTH + 1))
    assert "nests deeper" in refusal_of(b"[" * 200_000)
    assert f"more than {MOST_PARTS} parts" in refusal_of(b"[" + b"a," * (MOST_PARTS + 1) + b"]")
    keys = b"".join(b"k%d: \n" % n for n in range(MOST_KEYS_IN_TABLE + 1))
    assert f"more than {MOST_KEYS_IN_TABLE} keys" in refusal_of(keys)
    tree, _ = parse_tree(b"[" * MOST_DEPTH + b"]" * MOST_DEPTH, "f")
    assert tree is not None


@pytest.mark.parametrize("piece", [b"[", b"{", b"- ", b"? ", b"a: [", b"'", b'"\\', b"|\n", b"&a ", b"#"])
def test_no_document_takes_long_to_refuse(piece):
    data = (piece * (MOST_BYTES // len(piece)))[:MOST_BYTES]
    started = time.monotonic()
    parse_tree(data, "f")
    assert time.monotonic() - started < 10


def test_L8_the_parsers_own_words_are_not_passed_on():
    assert "Quill" not in refusal_of(b"a: [Quill\nb: %Quill\n")
    assert "Quill" not in refusal_of(b'a: "\\Quill"\n')


@given(st.binary(max_size=200))
def test_any_bytes_give_a_tree_or_one_fault(data):
    tree, faults = parse_tree(data, "f")
    assert (tree is None) == (len(faults) == 1)


@given(st.text(alphabet="ab:{}[],-?&*!|>'\"#%\n \t", max_size=80))
def test_any_text_gives_a_tree_or_one_fault(text):
    tree, faults = parse_tree(text.encode(), "f")
    assert (tree is None) == (len(faults) == 1)


def test_a_fault_reads_like_a_compilers():
    assert (
        str(Fault("agreements/x.yaml", Place(3, 7), "`title` is missing"))
        == "agreements/x.yaml:3:7: `title` is missing"
    )


def test_the_same_bytes_are_read_once_and_a_fault_names_the_file_that_was_asked_for():
    assert parse_tree(b"a: 1", "one.yaml") is parse_tree(b"a: 1", "one.yaml")
    assert parse_tree(b"a: 1", "one.yaml") != parse_tree(b"a: 2", "one.yaml")
    for name in ("one.yaml", "two.yaml"):
        _, faults = parse_tree(b"a: &anchor 1", name)
        assert [fault.name for fault in faults] == [name]
