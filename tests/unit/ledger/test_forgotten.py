"""The log of the forgotten: lines that name nobody, and that nobody changes unseen."""

import json

import pytest

from gateway.errors import LedgerDamaged
from gateway.ledger.forgotten import (
    MARK_BYTES,
    NOTHING,
    ForgottenLine,
    hash_of,
    marks_in,
    name_in,
    person_mark,
    read_lines,
    trait_mark,
    write_line,
)

KEY, OTHER = b"a key of tombstones, for tests", b"another key"
PERSON = "5cc86b5d-7d25-4be7-9e05-928c521cc21c"


def some_lines(count=3):
    written, previous = [], NOTHING
    for number in range(1, count + 1):
        line = ForgottenLine(
            forget=f"FGT-2026-11-22-{number}",
            reason="not-needed",
            case="IG-2026-1",
            asked_by="officer",
            asked_at="2026-11-22T09:00:00Z",
            forgotten_at="2026-11-22T10:00:00Z",
            people=(person_mark(KEY, PERSON),),
            tombstone="",
            previous=previous,
        )
        written.append(write_line(KEY, line).rstrip(b"\n"))
        previous = hash_of(written[-1])
    return written


def test_lines_are_read_as_they_were_written():
    assert [line.forget for line in read_lines(KEY, some_lines())] == [
        f"FGT-2026-11-22-{number}" for number in (1, 2, 3)
    ]


def test_a_line_holds_no_reference():
    assert all(PERSON.encode() not in line for line in some_lines())


@pytest.mark.parametrize("spoil", ["changed", "missing", "swapped", "doubled", "another key", "no line", "no object"])
def test_a_log_that_somebody_edited_is_refused(spoil):
    first, second, third = some_lines()
    edited = json.loads(second)
    edited["line"]["people"] = []
    spoilt = {
        "changed": [first, json.dumps(edited).encode(), third],
        "missing": [first, third],
        "swapped": [second, first, third],
        "doubled": [first, second, second],
        "another key": [first, second, third],
        "no line": [first, b"", third],
        "no object": [first, b"[]", third],
    }[spoil]
    with pytest.raises(LedgerDamaged):
        list(read_lines(OTHER if spoil == "another key" else KEY, spoilt))


def test_a_line_that_was_cut_off_names_nobody():
    whole = some_lines(1)[0]
    assert name_in(whole) == "FGT-2026-11-22-1"
    with pytest.raises(LedgerDamaged):
        name_in(whole[:40])


def test_marks_are_of_one_length_and_of_one_key():
    trait = ("nino", "QQ123456")
    assert list(marks_in(trait_mark(KEY, trait) + trait_mark(OTHER, trait))) == [
        trait_mark(KEY, trait),
        trait_mark(OTHER, trait),
    ]
    assert len(trait_mark(KEY, trait)) == MARK_BYTES
