"""Rows of evidence and of exclusions, as they are written and read back."""

import pytest
from sqlalchemy import select

from gateway.errors import StoreError
from gateway.ledger.evidence import open_line
from gateway.store.evidence import read_evidence, write_block
from gateway.store.tables import exclusions
from tests.lists_made import evidence_row, keep_statement_of, plan_list_of, seal_list_of, some_subjects


@pytest.fixture(autouse=True)
def _statement(store, everyone):
    keep_statement_of(store, everyone)


def test_rows_come_back_as_they_were_written_and_in_order(store, everyone):
    people = some_subjects(5000)
    rows = [
        evidence_row(person, "L", number, b"line \\ \t", keep=number % 2 == 0) for number, person in enumerate(people)
    ]
    with store.writing(everyone) as work:
        list_id, _ = plan_list_of(work, "2026-11-23")
        write_block(work, list_id, rows[4096:])
        write_block(work, list_id, rows[:4096])
        write_block(work, list_id, [])
    with store.reading() as connection:
        assert list(read_evidence(connection, list_id)) == rows
    assert open_line(people[2].secret, "L", 2, rows[2][6]) == b"line \\ \t"


def test_a_position_is_taken_once_and_the_refusal_does_not_name_the_person(store, everyone):
    person = some_subjects(1)[0]
    with pytest.raises(StoreError) as caught, store.writing(everyone) as work:
        list_id, _ = plan_list_of(work, "2026-11-23")
        for _ in range(2):
            write_block(work, list_id, [evidence_row(person, "L", 0, b"line")])
    assert person.subject_ref not in str(caught.value)


def test_an_exclusion_is_kept_when_it_changes(store, everyone):
    a, b, c, d = some_subjects(4)
    nights = [
        # People on the list, the reasons of those left out, and what is kept of it.
        ([d], [(a, "protected"), (b, "under_age")], {a: "protected", b: "under_age"}),
        ([d], [(a, "protected"), (b, "under_age")], {}),
        ([b, d], [(a, "needs_not_met")], {a: "needs_not_met", b: None}),
        ([d], [(b, "under_age"), (c, "protected")], {b: "under_age", c: "protected"}),
        # Who is neither on the list nor left out has gone elsewhere: nothing is said.
        ([d], [], {}),
    ]
    for night, (listed, left_out, expected) in enumerate(nights, start=1):
        reasons = [(person.subject_ref, reason) for person, reason in left_out]
        list_id = seal_list_of(store, everyone, f"2026-11-0{night}", listed, excluded=reasons)
        with store.reading() as connection:
            kept = connection.execute(
                select(exclusions.c.subject_ref, exclusions.c.reason).where(exclusions.c.list_id == list_id)
            ).all()
        assert dict(map(tuple, kept)) == {person.subject_ref: reason for person, reason in expected.items()}, night
