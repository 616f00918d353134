"""What a list of differences says of whom, against lists that were received and lists of which nobody knows."""

import pytest
from sqlalchemy import insert

from gateway.ledger.evidence import commitment, leaf, record_ref
from gateway.minimisation import finish_block, list_select, list_terms
from gateway.minimisation.delta import Counts, changed_row, differences, held_after, held_select, same_line
from gateway.model.fields import TAKEN_BACK
from gateway.store.scan import scan
from gateway.store.tables import evidence
from tests.agreements_made import a_framework, an_agreement, fields
from tests.differences_made import AGREEMENT, KEY, a_full_list, a_list_of_differences, scanned, told
from tests.snapshot_builder import DAY, Snapshot, reference, secret

FULL = a_full_list(1, {1: "One", 2: "Two", 3: "Three", 4: "Four"})


def rows_of(made):
    return sorted(made.plaintext.decode().split("\r\n")[1:-1])


def row(person, rest):
    return f"{record_ref(KEY, reference(person))},{rest}"


def test_joiners_changes_and_leavers_are_told_and_nobody_else():
    made = a_list_of_differences(2, {1: "One", 2: "Other", 4: "Four", 5: "Five"}, [FULL], [])
    expected = [row(2, "Other,C,Ada"), row(3, ",D,"), row(5, "Five,A,Ada")]
    assert rows_of(made) == sorted(expected)
    assert made.counts == Counts(joiners=1, changes=1, leavers=1)
    assert made.counts.rows == 3


def test_nothing_is_told_where_nothing_differs():
    made = a_list_of_differences(2, {1: "One", 2: "Two", 3: "Three", 4: "Four"}, [FULL], [])
    assert rows_of(made) == []


def test_everybody_leaves_where_nobody_is_selected_any_more():
    made = a_list_of_differences(2, {}, [FULL], [])
    assert rows_of(made) == sorted(row(person, ",D,") for person in (1, 2, 3, 4))


def test_rows_stand_in_the_order_of_references_and_their_leaves_can_be_worked_out_again():
    made = a_list_of_differences(2, {1: "One", 2: "Other", 4: "Four", 5: "Five", 6: "Six"}, [FULL], [])
    assert [each[1] for each in made.rows] == sorted(reference(person) for person in (2, 3, 5, 6))
    for position, each in enumerate(made.rows, start=1):
        assert each[0] == position
        assert each[5] == leaf(made.reference, position, each[1], each[2], each[3], each[4])


def test_a_leaver_is_a_row_of_its_own_kind_with_a_commitment_to_what_was_told():
    made = a_list_of_differences(2, {1: "One", 2: "Two", 4: "Four"}, [FULL], [])
    (only,) = made.rows
    assert only[2] == TAKEN_BACK
    assert only[4] == commitment(b"s" * 32, AGREEMENT.agreement_id, row(3, ",D,").encode())


def test_a_changed_person_is_not_told_again_by_the_next_list():
    first = a_list_of_differences(2, {1: "One", 2: "Other", 3: "Three", 4: "Four"}, [FULL], [])
    second = a_list_of_differences(3, {1: "One", 2: "Other", 3: "Three", 4: "Four"}, [FULL, first], [])
    assert rows_of(second) == []
    third = a_list_of_differences(4, {1: "One", 2: "Two", 3: "Three", 4: "Four"}, [FULL, first, second], [])
    assert rows_of(third) == [row(2, "Two,C,Ada")]


def test_whoever_left_and_comes_back_joins():
    first = a_list_of_differences(2, {1: "One", 2: "Two", 4: "Four"}, [FULL], [])
    second = a_list_of_differences(3, {1: "One", 2: "Two", 3: "Three", 4: "Four"}, [FULL, first], [])
    assert rows_of(second) == [row(3, "Three,A,Ada")]


def test_the_newest_of_the_received_lists_counts_whatever_their_numbers():
    late = a_list_of_differences(2, {1: "One", 2: "Later", 3: "Three", 4: "Four"}, [FULL], [])
    early = a_full_list(9, {1: "One", 2: "Two", 3: "Three", 4: "Four"})
    made = a_list_of_differences(10, {1: "One", 2: "Later", 3: "Three", 4: "Four"}, [early, late], [])
    assert rows_of(made) == []


def test_whoever_stands_on_a_list_in_doubt_is_told_again():
    today = {1: "One", 2: "Two", 3: "Three", 4: "Four"}
    doubtful = a_list_of_differences(2, {1: "One", 2: "Other", 4: "Four", 5: "Five"}, [FULL], [])
    made = a_list_of_differences(3, today, [FULL], [doubtful])
    assert rows_of(made) == sorted([row(2, "Two,C,Ada"), row(3, "Three,C,Ada"), row(5, ",D,")])


def test_whoever_joined_with_a_list_in_doubt_joins_again():
    doubtful = a_list_of_differences(2, {1: "One", 2: "Two", 3: "Three", 4: "Four", 5: "Five"}, [FULL], [])
    made = a_list_of_differences(3, {1: "One", 2: "Two", 3: "Three", 4: "Four", 5: "Five"}, [FULL], [doubtful])
    assert rows_of(made) == [row(5, "Five,A,Ada")]
    assert made.counts == Counts(joiners=1)


def test_whoever_was_only_taken_back_by_a_list_in_doubt_is_not_taken_back_again():
    left = a_list_of_differences(2, {1: "One", 2: "Two", 4: "Four"}, [FULL], [])
    doubtful = a_list_of_differences(3, {1: "One", 2: "Two", 4: "Four"}, [FULL], [left])
    assert rows_of(doubtful) == [row(3, ",D,")]
    made = a_list_of_differences(4, {1: "One", 2: "Two", 4: "Four"}, [FULL, left], [doubtful])
    assert rows_of(made) == []


def test_what_a_recipient_holds_is_read_from_evidence_alone():
    left = a_list_of_differences(2, {1: "One", 2: "Other", 4: "Four"}, [FULL], [])
    held = list(held_after(iter(told([FULL, left])), [1, 2], []))
    assert [each.subject_ref.decode() for each in held] == sorted(map(reference, (1, 2, 4)))
    assert not any(each.doubtful for each in held)


def test_the_statement_gives_the_rows_of_the_lists_asked_for_alike_on_both_databases(connection):
    left = a_list_of_differences(2, {1: "One", 2: "Other", 4: "Four"}, [FULL], [])
    another = a_full_list(3, {7: "Seven"})
    for made in (FULL, left, another):
        names = [column.name for column in evidence.columns]
        rows = [dict(zip(names, (made.number, *row), strict=True)) for row in made.rows]
        connection.execute(insert(evidence), rows)
    given = [line for block in scan(connection, held_select([1, 2])) for line in block]
    assert sorted(given) == sorted(told([FULL, left]))
    assert [line[:36] for line in given] == sorted(line[:36] for line in given)
    assert [line for block in scan(connection, held_select([1])) for line in block] == told([FULL])


def test_differences_ask_for_nothing_before_they_are_taken():
    def never():
        raise AssertionError
        yield

    assert differences(never(), never(), lambda *_: True, Counts())


@pytest.mark.parametrize(
    ("surname", "written"),
    [
        ("Plain", "Plain"),
        ("Comma, C", '"Comma, C"'),
        ('Quote "A"', '"Quote ""A"""'),
        ("Line\nA", '"Line\nA"'),
        ("", ""),
    ],
)
def test_only_the_action_becomes_another_whatever_stands_before_it(surname, written):
    line = scanned(1, written)
    assert changed_row(AGREEMENT)(line) == line.replace(b",A,Ada", b",C,Ada"), surname


def test_the_action_may_stand_last():
    agreement = an_agreement(fields=fields("record_ref", "surname", "record_action"))
    line = f"{reference(1)},{secret(1).hex()},5,One,A".encode()
    assert changed_row(agreement)(line) == line[:-1] + b"C"


def test_a_line_without_its_action_is_none_of_ours():
    with pytest.raises(ValueError, match="no action"):
        changed_row(AGREEMENT)(f"{reference(1)},{secret(1).hex()},5,One,X,Ada".encode())


def test_re_issued_source_ids_are_no_change(connection):
    """The same people under other ids of the source, and other keys of ours: nothing that is told differs."""
    terms = list_terms(AGREEMENT, "LIST-1", KEY)
    lines = []
    for snapshot_id, other in ((1, 0), (2, 500)):
        snapshot = Snapshot(snapshot_id)
        for person in (1, 2, 3):
            same = {"subject_ref": reference(person), "secret": secret(person), "surname": f"Synthetic{person}"}
            key = snapshot.person(person + other, **same)
            snapshot.family(person + other, members=(key,), source_id=f"F{person + other}")
        snapshot.write(connection)
        statement = list_select(AGREEMENT, a_framework(), snapshot_id=snapshot_id, day=DAY)
        lines.append([line for block in scan(connection, statement) for line in block])
    first, second = lines
    assert len(first) == 3
    rows = finish_block(first, terms, 1).rows
    told_first = sorted(f"{row[1]},{row[4].hex()},{row[2]},1".encode() for row in rows)
    counts = Counts()
    held = held_after(told_first, [1], [])
    assert list(differences(second, held, same_line(AGREEMENT, terms), counts)) == []
    assert counts.rows == 0
