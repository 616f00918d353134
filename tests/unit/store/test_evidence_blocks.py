"""Blocks of evidence: whole ones as subtrees, and every row that is like none of ours as it is."""

import pytest
from sqlalchemy import delete, text, update

from gateway.ledger.tree import SUBTREE, root_of
from gateway.ledger.verify import Fault
from gateway.store.evidence_blocks import ROWS, evidence_by_list
from gateway.store.tables import evidence
from tests.lists_made import keep_statement_of, seal_list_of, some_subjects
from tests.tampering import as_owner, found_in

PEOPLE = ROWS + SUBTREE + 7
LISTS = {1: "L-2026-11-20-all", 2: "L-2026-11-21-all"}


@pytest.fixture
def made(store, everyone):
    """A list of more than a block, which keeps lines, and a small one."""
    keep_statement_of(store, everyone)
    subjects = some_subjects(PEOPLE)
    seal_list_of(store, everyone, "2026-11-20", subjects)
    seal_list_of(store, everyone, "2026-11-21", subjects[:5], keep=True)
    return store


@pytest.fixture
def made_sqlite(sqlite_store, everyone):
    keep_statement_of(sqlite_store, everyone)
    seal_list_of(sqlite_store, everyone, "2026-11-20", some_subjects(12))
    return sqlite_store


def blocks_of(connection, references=LISTS):
    return {list_id: list(blocks) for list_id, blocks in evidence_by_list(connection, references)}


@pytest.fixture(params=["here", "beside"])
def _hashed(request, monkeypatch):
    if request.param == "beside":
        monkeypatch.setattr("gateway.store.hashing.WORTH_A_PROCESS", 1)


@pytest.mark.usefixtures("_hashed")
def test_rows_come_in_blocks_of_subtrees_and_a_rest(made, signer):
    with made.reading() as connection:
        found = blocks_of(connection)
        assert [[block.size for block in blocks] for blocks in found.values()] == [[ROWS, SUBTREE + 7], [5]]
        assert [[block.lines for block in blocks] for blocks in found.values()] == [[0, 0], [5]]
        first, second = found[1]
        rows = [*first.rows(), *second.rows()]
        leaves = [row.leaf for row in rows]
        assert [row.position for row in rows] == [*first.positions, *second.positions] == list(range(1, PEOPLE + 1))
        starts = range(0, PEOPLE - SUBTREE, SUBTREE)
        assert [*first.subtrees, *second.subtrees] == [root_of(leaves[at : at + SUBTREE]) for at in starts]
        assert (first.rest, second.rest) == ([], leaves[-7:])
        (small,) = found[2]
        assert (small.subtrees, small.rest) == ([], [row.leaf for row in small.rows()])
    with made.reading() as connection:
        assert found_in(connection, signer) == []


@pytest.mark.usefixtures("_hashed")
def test_a_block_in_which_a_row_does_not_fit_has_no_subtrees(made):
    with made.reading() as connection:
        first, second = blocks_of(connection, LISTS | {1: "L-another"})[1]
        assert (first.subtrees, second.subtrees) == (None, None)
        (unknown,) = blocks_of(connection, {1: LISTS[1]})[2]
        assert unknown.subtrees is None


@pytest.mark.usefixtures("_hashed")
def test_L7_rows_of_a_long_list_that_were_changed_moved_or_taken_away_are_named(made, signer):
    with as_owner(made) as connection:
        places = evidence.c.position
        connection.execute(update(evidence).where(evidence.c.list_id == 1, places == 9).values(fields=1000))
        connection.execute(delete(evidence).where(evidence.c.list_id == 1, places == ROWS + 9))
        found = [(each.fault, each.where) for each in found_in(connection, signer) if each.fault is not Fault.UNGUARDED]
    assert found == [
        (Fault.MISSING, f"list {LISTS[1]} row {ROWS + 9}"),
        (Fault.CHANGED, f"list {LISTS[1]} row 9"),
        (Fault.TRUNCATED, f"list {LISTS[1]}"),
    ]


def changed(store, what):
    """Change rows of the list as an owner can, and give its blocks."""
    with store.engine.connect() as connection, connection.begin() as transaction:
        for name in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER evidence_no_{name}"))
        connection.execute(text(what))
        found = blocks_of(connection)
        transaction.rollback()
    return found


@pytest.mark.parametrize(
    "column",
    [
        "subject_ref = CAST(subject_ref AS BLOB)",
        "subject_ref = subject_ref || 'x'",
        "subject_ref = substr(subject_ref, 2) || char(233)",
        "commitment = CAST('0123456789abcdef0123456789abcdef' AS TEXT)",
        "commitment = commitment || x'00'",
        "leaf = CAST('0123456789abcdef0123456789abcdef' AS TEXT)",
        "leaf = x''",
        "fields = 1.5",
        "fields = 'many'",
        "fields = -1",
        "fields = 4294967296",
        "factors = x'31'",
        "factors = 0.25",
        "factors = -1",
        "factors = 4294967296",
        "position = 3.5",
        "position = -3",
        "position = 100",
    ],
)
def test_L7_a_value_like_none_of_ours_leaves_its_block_without_subtrees(made_sqlite, column):
    blocks = changed(made_sqlite, f"UPDATE evidence SET {column} WHERE position = 3")[1]
    assert blocks[0].subtrees is None
    assert sum(block.size for block in blocks) == 12


@pytest.mark.parametrize("position", ["'third'", "x'03'"])
def test_L7_a_list_with_a_place_that_is_no_number_is_read_row_by_row(made_sqlite, position):
    (block,) = changed(made_sqlite, f"UPDATE evidence SET position = {position} WHERE position = 3")[1]
    assert (block.size, block.subtrees) == (12, None)


def test_rows_far_behind_the_others_are_found_without_looking_at_each_place_between(made):
    far = 2_000_000_000
    with made.engine.connect() as connection, connection.begin() as transaction:
        columns = "subject_ref, fields, factors, commitment, leaf"
        connection.execute(
            text(
                f"INSERT INTO evidence (list_id, position, {columns})"
                f" SELECT list_id, position + {far}, {columns} FROM evidence WHERE list_id = 2"
            )
        )
        near, *behind = blocks_of(connection)[2]
        assert (near.size, sum(block.size for block in behind), {block.subtrees for block in behind}) == (5, 5, {None})
        transaction.rollback()
