"""Every pair that agrees in all parts of a rule is brought together, once, and no other."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.reconciliation import pairing
from gateway.reconciliation.columns import Columns
from gateway.reconciliation.pairing import PARTS, RULES, Part, brought_together

_DAYS = st.sampled_from(["19870412", "19871204", "19870413", "19600412", "20010412"])
_WORDS = st.sampled_from(["anna", "annabel", "ann", "nowak", "nowacki", "khan", "k", "łucja"])
_NUMBERS = st.sampled_from(["QQ730141", "QQ730142", "QQ999141", "QQ73014", "QQ730"])
_PLACES = st.sampled_from(["PE293TN", "PE293TX", "CB12AB", "CB1"])
_EACH = st.tuples(*(st.none() | known for known in (_NUMBERS, _DAYS, _WORDS, _WORDS, _PLACES)))


def _columns(side: list[tuple[str | None, ...]]) -> Columns:
    return Columns(*([each[place] for each in side] for place in range(5)))


def _piece(side: Columns, place: int, column: str, piece: slice | None) -> str | None:
    value: str | None = getattr(side, column)[place]
    return value if value is None or piece is None else value[piece]


def _agrees(part: Part, person: str | None, row: str | None) -> bool:
    if row is not None and part.swapped:
        row = row[:4] + row[6:] + row[4:6]
    return person is not None and person == row


def _plainly(rows: Columns, people: Columns) -> Iterator[tuple[int, int]]:
    for person in range(len(people.nino)):
        for row in range(len(rows.nino)):
            if any(
                all(
                    _agrees(
                        PARTS[part],
                        _piece(people, person, PARTS[part].person, PARTS[part].piece),
                        _piece(rows, row, PARTS[part].row, PARTS[part].piece),
                    )
                    for part in rule
                )
                for rule in RULES
            ):
                yield person, row


@settings(deadline=None)
@given(rows=st.lists(_EACH, max_size=8), people=st.lists(_EACH, max_size=12), portion=st.integers(1, 13))
def test_the_pairs_are_those_that_any_rule_brings_together(
    rows: list[tuple[str | None, ...]], people: list[tuple[str | None, ...]], portion: int
) -> None:
    listed, cohort = _columns(rows), _columns(people)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pairing, "_PORTION", portion)
        brought = brought_together(listed, cohort)
    assert list(zip(brought.people, brought.rows, strict=True)) == list(_plainly(listed, cohort))


def test_every_part_is_in_some_rule() -> None:
    assert {part for rule in RULES for part in rule} == set(PARTS)
