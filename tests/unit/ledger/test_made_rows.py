"""Rows made some thousand at a time say what the functions of a single row say."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.ledger.digests import DecisionDigest, LeavesDigest, LinesDigest, decision_digest, sized
from gateway.ledger.evidence import commitment, leaf, leaf_prefix, mask_factors, open_line, record_ref, seal_line
from gateway.ledger.made_rows import RowTerms, Totals, make_rows
from gateway.ledger.tree import root_of

KEY, LIST, AGREEMENT, FIELDS = b"k" * 32, "LST-made-2026-11-22-all", "jobcentre-plus", 0b10110
TERMS = RowTerms(LIST, sized(AGREEMENT), sized(LIST), leaf_prefix(LIST), FIELDS, KEY)

_PEOPLE = st.tuples(
    st.uuids().map(str),
    st.binary(min_size=32, max_size=32),
    st.integers(0, 0x1FFF),
    # Whatever is quoted, and bytes that end lines elsewhere.
    st.one_of(st.just(b""), st.text(max_size=30).map(lambda text: f",{text}".encode())),
)


def plainly(position, person):
    """Make one row by the functions of a single row."""
    subject_ref, secret, factors, rest = person
    line = record_ref(KEY, subject_ref).encode() + rest
    masked, committed = mask_factors(secret, LIST, factors), commitment(secret, AGREEMENT, line)
    leafed = leaf(LIST, position, subject_ref, FIELDS, masked, committed)
    return line, (position, subject_ref, FIELDS, masked, committed, leafed)


def scanned(person):
    subject_ref, secret, factors, rest = person
    return f"{subject_ref},{secret.hex()},{factors}".encode() + rest


@settings(deadline=None)
@given(st.lists(_PEOPLE, max_size=8), st.integers(1, 2**31), st.booleans())
def test_a_block_says_what_the_single_functions_say(people, first, keeps):
    content, rows = make_rows([scanned(person) for person in people], TERMS, first, seal_line if keeps else None)
    expected = [plainly(position, person) for position, person in enumerate(people, first)]
    assert content == b"".join(line + b"\r\n" for line, _ in expected)
    assert [row[:6] for row in rows] == [row for _, row in expected]
    for (_, secret, _, _), (line, row), made in zip(people, expected, rows, strict=True):
        assert made[6] is None if not keeps else open_line(secret, LIST, row[0], made[6]) == line


def people_of(count):
    return [(f"{number:036d}", number.to_bytes(32), number % 0x1FFF, b",A") for number in range(count)]


@pytest.mark.parametrize("sizes", [[], [1], [700], [512, 512, 1], [300, 0, 300, 1000]])
@pytest.mark.parametrize("keeps", [True, False])
def test_totals_are_those_of_all_rows_however_they_come(sizes, keeps):
    totals, rows, people = Totals(), [], people_of(sum(sizes))
    for size in sizes:
        begins = len(rows)
        lines = [scanned(person) for person in people[begins : begins + size]]
        made = make_rows(lines, TERMS, begins + 1, seal_line if keeps else None)[1]
        totals.add(made)
        rows += made
    leaves, lines = LeavesDigest(), LinesDigest()
    leaves.extend(b"".join(row[5] for row in rows))
    lines.extend(row[6] for row in rows if keeps)
    made = totals.made()
    assert (made.people, made.root) == (len(rows), root_of(row[5] for row in rows))
    assert len(made.subtrees) == len(rows) // 512
    assert (made.leaves, made.lines) == (leaves.hexdigest(), lines.hexdigest() if keeps and rows else None)
    assert made.decisions == decision_digest((row[1], None) for row in rows)


def test_people_who_are_all_selected_give_the_digest_of_each():
    together, one_by_one = DecisionDigest(), DecisionDigest()
    for references in ([], ["0" * 36], [f"{number:036d}" for number in range(5)]):
        together.extend_selected(references)
        one_by_one.extend((reference, None) for reference in references)
    assert together.hexdigest() == one_by_one.hexdigest()
