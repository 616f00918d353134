"""What is kept of the trees: a help to writers and proofs, which holds against what was signed or is not used."""

import pytest
from sqlalchemy import delete, select, text, update

from gateway.errors import LedgerDamaged
from gateway.ledger.entries import Event
from gateway.ledger.tree import SUBTREE, root_of
from gateway.ledger.verify import Fault
from gateway.services.audit.audit_proof import prove_entry, prove_growth, prove_row
from gateway.store.subtrees import LOG, drop_subtrees, keep_subtrees, kept_subtrees
from gateway.store.tables import evidence, ledger, subtrees
from tests.bare_workplace import a_bare_workplace
from tests.lists_made import keep_statement_of, seal_list_of, send_list, some_subjects
from tests.tampering import found_in

PEOPLE = 2 * SUBTREE + 50
LIST = "L-2026-11-20-all"
WRONG = b"\1" * 32


def enter(store, actor, count=1):
    with store.writing(actor) as work:
        for _ in range(count):
            work.enter(Event.SERVICE_STARTED, release="0.1.0")


def kept(store, tree):
    with store.reading() as connection:
        return kept_subtrees(connection, tree)


def put(store, tree, roots):
    with store.working_state() as connection:
        keep_subtrees(connection, tree, roots)


def leaves_of(store, column, *where):
    with store.reading() as connection:
        order = ledger.c.position if column is ledger.c.leaf else evidence.c.position
        return [bytes(leaf) for leaf in connection.execute(select(column).where(*where).order_by(order)).scalars()]


def verified(store, signer):
    with store.reading() as connection:
        return found_in(connection, signer)


def damage(store, table, *where):
    """Change leaves as an owner can, and put the trigger back."""
    with store.engine.begin() as connection:
        made = connection.execute(text(f"SELECT sql FROM sqlite_master WHERE name = '{table.name}_no_update'")).scalar()
        connection.execute(text(f"DROP TRIGGER {table.name}_no_update"))
        connection.execute(update(table).where(*where).values(leaf=b"x" * 32))
        connection.execute(text(made))


@pytest.fixture
def long_log(store, everyone):
    enter(store, everyone, SUBTREE + 20)
    return store


def test_a_writer_keeps_the_whole_subtrees_of_the_log(long_log, everyone):
    enter(long_log, everyone, SUBTREE)
    leaves = leaves_of(long_log, ledger.c.leaf)
    assert kept(long_log, LOG) == {0: root_of(leaves[:SUBTREE]), 1: root_of(leaves[SUBTREE : 2 * SUBTREE])}


def test_a_writer_makes_anew_what_is_missing_or_wrong_of_the_log(long_log, everyone, signer):
    right = kept(long_log, LOG)
    put(long_log, LOG, {0: WRONG})
    enter(long_log, everyone)
    assert kept(long_log, LOG) == right
    with long_log.working_state() as connection:
        drop_subtrees(connection, LOG)
    enter(long_log, everyone)
    assert kept(long_log, LOG) == right
    assert verified(long_log, signer) == []


def test_a_writer_signs_nothing_over_a_log_whose_rows_and_subtrees_are_wrong(sqlite_store, everyone):
    enter(sqlite_store, everyone, SUBTREE + 20)
    damage(sqlite_store, ledger, ledger.c.position == 7)
    put(sqlite_store, LOG, {0: WRONG})
    with pytest.raises(LedgerDamaged, match="do not give the root of its newest checkpoint"):
        enter(sqlite_store, everyone)


def test_a_writer_signs_nothing_over_a_wrong_row_behind_the_subtrees(sqlite_store, everyone):
    enter(sqlite_store, everyone, SUBTREE + 20)
    damage(sqlite_store, ledger, ledger.c.position == SUBTREE + 7)
    with pytest.raises(LedgerDamaged, match="do not give the root of its newest checkpoint"):
        enter(sqlite_store, everyone)


def test_L7_a_wrong_row_under_a_subtree_is_found_and_what_was_signed_since_is_the_same(sqlite_store, everyone, signer):
    enter(sqlite_store, everyone, SUBTREE + 20)
    damage(sqlite_store, ledger, ledger.c.position == 7)
    enter(sqlite_store, everyone)
    found = verified(sqlite_store, signer)
    assert [(each.fault, each.where) for each in found] == [(Fault.CHANGED, "entry 7")]


@pytest.fixture
def long_list(store, everyone, clock, tmp_path):
    """A workplace with a list of some subtrees; the log's only one is complete too."""
    keep_statement_of(store, everyone)
    list_id = seal_list_of(store, everyone, "2026-11-20", some_subjects(PEOPLE))
    send_list(store, everyone, list_id, LIST, verified=False)
    return a_bare_workplace(store, clock, everyone, tmp_path)


def of_list(workplace):
    with workplace.store.reading() as connection:
        list_id = connection.execute(select(evidence.c.list_id).limit(1)).scalar_one()
    return list_id, kept(workplace.store, list_id)


def test_a_sealed_list_keeps_its_whole_subtrees_and_is_proven_by_them(long_list, signer):
    list_id, roots = of_list(long_list)
    leaves = leaves_of(long_list.store, evidence.c.leaf)
    assert roots == {0: root_of(leaves[:SUBTREE]), 1: root_of(leaves[SUBTREE : 2 * SUBTREE])}
    assert verified(long_list.store, signer) == []
    by_subtrees = prove_row(long_list, LIST, 5)
    with long_list.store.working_state() as connection:
        drop_subtrees(connection, list_id)
    assert prove_row(long_list, LIST, 5) == by_subtrees


@pytest.mark.parametrize("wrong", [{1: WRONG}, {0: WRONG, 1: b"short"}])
def test_a_wrong_subtree_is_found_misleads_no_proof_and_is_made_anew(long_list, signer, wrong):
    list_id, right = of_list(long_list)
    put(long_list.store, list_id, wrong)
    found = verified(long_list.store, signer)
    assert [(each.fault, each.where) for each in found] == [
        (Fault.CHANGED, f"list {LIST} subtree {number}") for number in wrong
    ]
    document = prove_row(long_list, LIST, 5)
    # What the row's own path does not ask for is made anew by a proof that does.
    assert prove_row(long_list, LIST, PEOPLE) is not None
    assert prove_row(long_list, LIST, 5) == document
    assert of_list(long_list) == (list_id, right)
    assert verified(long_list.store, signer) == []


def test_a_subtree_that_no_row_can_have_is_found(long_list, signer):
    list_id, _ = of_list(long_list)
    put(long_list.store, list_id, {2: WRONG})
    put(long_list.store, LOG, {0: WRONG})
    found = verified(long_list.store, signer)
    assert [each.where for each in found] == ["log subtree 0", f"list {LIST} subtree 2"]


def test_L7_a_row_is_proven_beside_a_damaged_subtree_and_never_a_damaged_row(sqlite_store, everyone, clock, tmp_path):
    keep_statement_of(sqlite_store, everyone)
    list_id = seal_list_of(sqlite_store, everyone, "2026-11-20", some_subjects(PEOPLE))
    send_list(sqlite_store, everyone, list_id, LIST, verified=False)
    workplace = a_bare_workplace(sqlite_store, clock, everyone, tmp_path)
    document = prove_row(workplace, LIST, 5)
    damage(sqlite_store, evidence, evidence.c.position == SUBTREE + 5)
    assert prove_row(workplace, LIST, 5) == document
    for damaged in (SUBTREE + 4, SUBTREE + 5):
        with pytest.raises(LedgerDamaged, match=f"row {damaged} of {LIST} is not in the list that was sealed"):
            prove_row(workplace, LIST, damaged)


def test_entries_and_growth_are_proven_by_the_subtrees_of_the_log(long_log, everyone, clock, tmp_path):
    workplace = a_bare_workplace(long_log, clock, everyone, tmp_path)
    document, grown = prove_entry(workplace, SUBTREE + 2), prove_growth(workplace, 1)
    right = kept(long_log, LOG)
    put(long_log, LOG, {0: WRONG})
    assert prove_entry(workplace, SUBTREE + 2) == document
    assert kept(long_log, LOG) == right
    put(long_log, LOG, {0: WRONG})
    assert prove_growth(workplace, 1) == grown
    with long_log.working_state() as connection:
        connection.execute(delete(subtrees))
    assert prove_entry(workplace, 1) == prove_entry(workplace, 1)
