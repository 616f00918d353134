"""Typing a document: every fault at once, and placeholders that nobody takes for values."""

from datetime import date, time
from enum import StrEnum

import pytest

from gateway.documents import Place, Reader


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


def reader_of(text: str) -> Reader:
    return Reader.of(text.encode(), "f.yaml")


def sentences(reader: Reader) -> list[str]:
    return [str(fault).removeprefix("f.yaml:") for fault in reader.finish()]


def test_values_are_typed():
    reader = reader_of(
        "t: ' some text '\nn: -12\nyes: true\nno: false\nd: 2026-11-22\nc: 06:30\nk: green\nl: [a, b]\n"
        "in: {t: x}\nmany: [{t: a}, {t: b}]\np: {Team A: one, Team B: two}\n"
    )
    assert reader.text("t") == "some text"
    assert reader.integer("n", -20, 20) == -12
    assert reader.truth("yes") is True
    assert reader.truth("no") is False
    assert reader.day("d") == date(2026, 11, 22)
    assert reader.clock_time("c") == time(6, 30)
    assert reader.choice("k", Colour) is Colour.GREEN
    assert reader.texts("l") == ("a", "b")
    assert reader.table("in").text("t") == "x"
    assert [part.text("t") for part in reader.tables("many")] == ["a", "b"]
    assert [(key.value, text) for key, text in reader.table("p").pairs()] == [("Team A", "one"), ("Team B", "two")]
    assert sentences(reader) == []


def test_what_need_not_be_there_may_be_absent():
    reader = reader_of("t: x\nn: 3\nd: 2026-01-01\nin: {}\n")
    assert (reader.text_or_none("t"), reader.text_or_none("t2")) == ("x", None)
    assert (reader.integer_or_none("n", 0, 9), reader.integer_or_none("n2", 0, 9)) == (3, None)
    assert (reader.day_or_none("d"), reader.day_or_none("d2")) == (date(2026, 1, 1), None)
    assert reader.table_or_none("in") is not None
    assert reader.table_or_none("in2") is None
    assert sentences(reader) == []


@pytest.mark.parametrize(
    ("text", "ask", "fault"),
    [
        ("t: []", lambda r: r.text("t"), "1:4: `t` must be a single text"),
        ("t: ' '", lambda r: r.text("t"), "1:4: `t` has no value"),
        ("t:", lambda r: r.text("t"), "1:3: `t` has no value"),
        ("t: abcd", lambda r: r.text("t", longest=3), "1:4: `t` is longer than 3 characters"),
        ("t: ab", lambda r: r.text("t", pattern="[0-9]+", wanted="digits"), "1:4: `t` must be digits"),
        ("n: 1.5", lambda r: r.integer("n", 0, 9), "1:4: `n` must be a whole number from 0 to 9"),
        ("n: 10", lambda r: r.integer("n", 0, 9), "1:4: `n` must be a whole number from 0 to 9"),
        ("n: 007", lambda r: r.integer("n", 0, 9), "1:4: `n` must be a whole number from 0 to 9"),
        ("n: 1_0", lambda r: r.integer("n", 0, 99), "1:4: `n` must be a whole number from 0 to 99"),
        ("b: yes", lambda r: r.truth("b"), "1:4: `b` must be true or false"),
        ("b: True", lambda r: r.truth("b"), "1:4: `b` must be true or false"),
        ("d: 2026-02-29", lambda r: r.day("d"), "1:4: `d` must be a day that exists, written like 2026-11-22"),
        ("d: 22/11/2026", lambda r: r.day("d"), "1:4: `d` must be a day that exists, written like 2026-11-22"),
        ("d: 20261122", lambda r: r.day("d"), "1:4: `d` must be a day that exists, written like 2026-11-22"),
        ("c: 24:01", lambda r: r.clock_time("c"), "1:4: `c` must be a time of day, written like 06:30"),
        ("c: 6:30", lambda r: r.clock_time("c"), "1:4: `c` must be a time of day, written like 06:30"),
        ("k: blue", lambda r: r.choice("k", Colour), "1:4: `k` must be one of red, green"),
        ("l: x", lambda r: r.texts("l"), "1:4: `l` must be a list"),
        ("l: [a, {}]", lambda r: r.texts("l"), "1:8: `l[2]` must be a single text"),
        ("in: x", lambda r: r.table("in"), "1:5: `in` must be a table of keys and values"),
        ("m: [{}, x]", lambda r: r.tables("m"), "1:9: `m[2]` must be a table of keys and values"),
        ("p: {a: []}", lambda r: r.table("p").pairs(), "1:8: `p[1]` must be a single text"),
        ("p: {' ': x}", lambda r: r.table("p").pairs(), "1:5: `p` has a blank key"),
    ],
)
def test_a_wrong_value_is_a_fault_at_its_place(text, ask, fault):
    reader = reader_of(text)
    ask(reader)
    assert sentences(reader) == [fault]


@pytest.mark.parametrize(
    "ask",
    [
        lambda r: r.text("x"),
        lambda r: r.integer("x", 1, 2),
        lambda r: r.truth("x"),
        lambda r: r.day("x"),
        lambda r: r.clock_time("x"),
        lambda r: r.choice("x", Colour),
        lambda r: r.texts("x"),
        lambda r: r.table("x").text("y"),
        lambda r: r.tables("x"),
        lambda r: r.table("x").pairs(),
    ],
)
def test_a_missing_key_is_one_fault(ask):
    reader = reader_of("in: {}")
    ask(reader.table("in"))
    assert sentences(reader) == ["1:5: `in.x` is missing"]


def test_a_key_that_nobody_asks_for_is_a_fault_with_the_nearest_known():
    reader = reader_of("titel: x\nin: {color: red, zzz: 1}\n")
    reader.has("title")
    reader.table("in").has("colour")
    assert sentences(reader) == [
        "1:1: this key is not known; is `title` meant?",
        "2:6: this key is not known in `in`; is `colour` meant?",
        "2:18: this key is not known in `in`; known here: colour",
    ]


def test_a_table_that_nobody_looks_into_has_no_known_keys():
    reader = reader_of("in: {a: 1}\n")
    reader.table("in")
    assert sentences(reader) == ["1:6: this key is not known in `in`"]


def test_a_document_that_is_no_table_gives_placeholders_and_one_fault():
    for text in ("- a\n", "a: [\n", ""):
        reader = reader_of(text)
        assert reader.text("t") == ""
        assert reader.tables("m") == ()
        assert reader.take_keys() == ()
        assert reader.node is None
        assert len(reader.finish()) == 1


def test_a_list_is_capped():
    reader = reader_of("l: [" + "a," * 5_001 + "]")
    assert reader.texts("l") == ()
    assert sentences(reader) == ["1:4: `l` has more than 5000 items"]


def test_a_section_is_sound_until_something_under_it_is_wrong():
    reader = reader_of("a: {n: x}\nb: {n: 1}\nc: [{n: x}]\nd: {e: {n: x}}\nf: {t: x}\n")
    for key in ("a", "b"):
        reader.table(key).integer("n", 0, 9)
    reader.tables("c")[0].integer("n", 0, 9)
    reader.table("d").table("e").integer("n", 0, 9)
    reader.table("f").text("t")
    assert [reader.sound(key) for key in "abcdf"] == [False, True, False, False, True]
    assert reader.sound("b", "f")
    assert not reader.sound("a", "b")
    reader.fault(None, "everything is wrong")
    assert not reader.sound("b")


def test_a_table_is_read_once_however_often_it_is_asked_for():
    reader = reader_of("a: {}\nb: [{}]\n")
    assert reader.table("a") is reader.table("a")
    assert reader.tables("b")[0] is reader.tables("b")[0]
    reader.table("c")
    reader.table("c")
    reader.raw("d")
    reader.raw("d")
    assert sentences(reader) == ["1:1: `c` is missing", "1:1: `d` is missing"]


def test_faults_stand_where_the_caller_says():
    reader = reader_of("a: 1\nb: 2\n")
    reader.has("a"), reader.has("b")
    reader.fault_at("b", "is strange")
    reader.fault(Place(1, 1), "stands early")
    assert sentences(reader) == ["1:1: stands early", "2:4: `b` is strange"]


def test_L8_no_sentence_quotes_a_key_or_a_value_of_the_document():
    reader = reader_of("Zebedee Quill: Zebedee\nn: Zebedee\nk: Zebedee\nl: [[Zebedee]]\np: {Zebedee: []}\n")
    reader.integer("n", 0, 9)
    reader.choice("k", Colour)
    reader.texts("l")
    reader.table("p").pairs()
    assert len(reader.finish()) == 5
    assert not any("Zebedee" in str(fault) for fault in reader.finish())
