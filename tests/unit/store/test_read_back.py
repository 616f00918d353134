"""Law L7: what a database lost, changed, doubled or moved of a list's evidence is found before its root is signed.

The plain way, which reads row by row and folds a tree, is the oracle.
"""

import pytest
from sqlalchemy import text

from gateway.ledger.digests import LeavesDigest, LinesDigest
from gateway.ledger.tree import root_of
from gateway.store.evidence import read_evidence, write_block
from gateway.store.packed_rows import ROWS
from gateway.store.read_back import Kept, read_back
from tests.lists_made import evidence_row, keep_statement_of, plan_list_of, some_subjects
from tests.tampering import as_owner

PEOPLE = ROWS + 1000
ROWS_MADE = [
    evidence_row(person, "L", position, b"line \\ \t%d" % position, keep=position % 3 == 0)
    for position, person in enumerate(some_subjects(PEOPLE), start=1)
]


def come_to(rows):
    """What rows come to as they are made."""
    leaves, lines = LeavesDigest(), LinesDigest()
    leaves.extend(b"".join(row[5] for row in rows))
    lines.extend(row[6] for row in rows if row[6] is not None)
    return Kept(len(rows), leaves.hexdigest(), lines.hexdigest() if lines.count else None)


def by_tree(rows):
    """What the plain way compares."""
    return root_of(row[5] for row in rows), [row[6] for row in rows]


def written(store, everyone, rows):
    keep_statement_of(store, everyone)
    with store.writing(everyone) as work:
        list_id, _ = plan_list_of(work, "2026-11-23")
        other, _ = plan_list_of(work, "2026-11-24")
        write_block(work, list_id, rows[ROWS:])
        write_block(work, list_id, rows[:ROWS])
        write_block(work, other, rows[:3])
    return list_id


@pytest.mark.parametrize("people", [0, 1, ROWS - 1, ROWS, ROWS + 1, PEOPLE])
def test_L7_what_was_written_is_what_is_read_back(store, everyone, people):
    list_id = written(store, everyone, ROWS_MADE[:people])
    with store.reading() as connection:
        assert read_back(connection, list_id) == come_to(ROWS_MADE[:people])


def test_a_list_that_keeps_no_lines_has_no_digest_of_lines(store, everyone):
    bare = [(*row[:6], None) for row in ROWS_MADE[:5]]
    list_id = written(store, everyone, bare)
    with store.reading() as connection:
        assert read_back(connection, list_id) == come_to(bare)
        assert read_back(connection, list_id).lines is None


LEAF_OF_8 = "SELECT leaf FROM evidence AS other WHERE list_id = 1 AND position = 8"
REST = "subject_ref, fields, factors, commitment, leaf, line_sealed"
#: What a database did to rows, and whether the leaves in their order say so.
FAULTS = {
    "lost": ("DELETE FROM evidence WHERE list_id = 1 AND position = 7", True),
    "lost at the beginning": ("DELETE FROM evidence WHERE list_id = 1 AND position = 1", True),
    "lost at the end": (f"DELETE FROM evidence WHERE list_id = 1 AND position = {PEOPLE}", True),
    "all of a block lost": (f"DELETE FROM evidence WHERE list_id = 1 AND position <= {ROWS}", True),
    "all lost": ("DELETE FROM evidence WHERE list_id = 1", True),
    "another leaf": (f"UPDATE evidence SET leaf = commitment WHERE list_id = 1 AND position = {ROWS}", True),
    "the leaf of another": (
        f"UPDATE evidence SET leaf = ({LEAF_OF_8}) WHERE list_id = 1 AND position = 9",
        True,
    ),
    "doubled behind": (
        f"INSERT INTO evidence SELECT list_id, 99999, {REST} FROM evidence WHERE list_id = 1 AND position = 9",
        True,
    ),
    "doubled before": (
        f"INSERT INTO evidence SELECT list_id, -3, {REST} FROM evidence WHERE list_id = 1 AND position = 9",
        True,
    ),
    "moved to the end": (f"UPDATE evidence SET position = {PEOPLE + 1} WHERE list_id = 1 AND position = 4", True),
    "moved to another list": ("UPDATE evidence SET list_id = 2 WHERE list_id = 1 AND position = 4", True),
    # In their order the leaves are the same, and only their places tell.
    "a place left empty at the end": (
        f"UPDATE evidence SET position = {PEOPLE + 1} WHERE list_id = 1 AND position = {PEOPLE}",
        False,
    ),
    "one place before": ("UPDATE evidence SET position = 0 WHERE list_id = 1 AND position = 1", False),
    "another line": (
        "UPDATE evidence SET line_sealed = commitment WHERE list_id = 1 AND position = 6",
        True,
    ),
    "a line lost": ("UPDATE evidence SET line_sealed = NULL WHERE list_id = 1 AND position = 6", True),
    "a line of nobody": ("UPDATE evidence SET line_sealed = leaf WHERE list_id = 1 AND position = 7", True),
}
#: What only SQLite keeps: any kind of value in any column, and hashes of any width.
FAULTS_ON_SQLITE = {
    "a leaf as text": "UPDATE evidence SET leaf = CAST('12345678901234567890123456789012' AS TEXT)",
    "a leaf cut short": "UPDATE evidence SET leaf = substr(leaf, 1, 31)",
    "a line as text": "UPDATE evidence SET line_sealed = 'line'",
    "a place that is no number": "UPDATE evidence SET position = 'first'",
    "a place between": "UPDATE evidence SET position = 6.5",
}


def test_L7_what_a_database_did_to_rows_is_found(store, everyone):
    list_id = written(store, everyone, ROWS_MADE)
    assert list_id == 1
    for name, (statement, in_the_tree) in FAULTS.items():
        with as_owner(store) as connection:
            connection.execute(text(statement))
            assert read_back(connection, list_id) != come_to(ROWS_MADE), name
            assert (by_tree(list(read_evidence(connection, list_id))) != by_tree(ROWS_MADE)) is in_the_tree, name


def test_L7_a_value_of_another_kind_is_found(sqlite_store, everyone):
    list_id = written(sqlite_store, everyone, ROWS_MADE)
    for name, statement in FAULTS_ON_SQLITE.items():
        with as_owner(sqlite_store) as connection:
            connection.execute(text(f"{statement} WHERE list_id = {list_id} AND position = 6"))
            assert read_back(connection, list_id) != come_to(ROWS_MADE), name


def test_L7_a_byte_that_passed_from_one_leaf_to_the_next_is_found(store, everyone):
    list_id = written(store, everyone, ROWS_MADE[:2])
    joined = ROWS_MADE[0][5] + ROWS_MADE[1][5]
    with as_owner(store) as connection:
        for position, part in ((1, joined[:31]), (2, joined[31:])):
            place = {"leaf": part, "list": list_id, "position": position}
            connection.execute(
                text("UPDATE evidence SET leaf = :leaf WHERE list_id = :list AND position = :position"), place
            )
        assert read_back(connection, list_id) is None
