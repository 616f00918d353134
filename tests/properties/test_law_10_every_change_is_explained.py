"""Law L10: a domain row is written, changed or removed only with a ledger entry of the same transaction.

Held by the database itself, for every domain table and on both databases, whoever writes and with whatever program.
"""

import pytest
from sqlalchemy import UniqueConstraint, delete, insert, select, update

from gateway.documents.canonical import sha256_hex
from gateway.errors import StoreError
from gateway.ledger.entries import Event
from gateway.store.tables import APPEND_ONLY, EXEMPT, EXPLAINED, SNAPSHOT, UPLOADED, checkpoints, ledger, lists
from tests.evidence_made import make_evidence
from tests.lists_made import keep_statement_of, plan_list_of, seal_list_of, some_subjects
from tests.tampering import is_row, other_value, rows_of

CHANGEABLE = [table for table in EXPLAINED if table not in APPEND_ONLY]
REFUSED = r"law L10|law L7|NOT NULL|FOREIGN KEY|code 23502|fk_"


@pytest.fixture
def made(store, everyone):
    make_evidence(store, everyone)
    return store


def _copy_of_a_row(store, table):
    """A row that the table would take, were it not for its entry."""
    with store.reading() as connection:
        row = rows_of(connection, table)[-1]
    keys = [
        table.primary_key.columns,
        *(each.columns for each in table.constraints if isinstance(each, UniqueConstraint)),
    ]
    unique = {column.name for key in keys for column in key if not column.foreign_keys}
    # The withheld list is the one without a package, the refused receipt the one that cosigned nothing.
    free = {"packages": {"list_id": 3}, "cosignatures": {"receipt_sha256": sha256_hex(b"another receipt")}}
    return row | {name: other_value(table.c[name], row[name]) for name in unique} | free.get(table.name, {})


def _with_an_entry(store, actor, change):
    with store.writing(actor) as work:
        return work.connection.execute(change(work.enter(Event.SERVICE_STOPPED)))


def test_L10_every_domain_table_names_its_entry():
    for table in EXPLAINED:
        assert not table.c.explained_by.nullable
        assert [key.target_fullname for key in table.c.explained_by.foreign_keys] == ["ledger.position"]


def test_L10_tables_without_an_entry_of_their_own_are_evidence_or_working_state_or_a_snapshot():
    unexplained = {table for table in ledger.metadata.tables.values() if "explained_by" not in table.c}
    assert unexplained == {*APPEND_ONLY, *EXEMPT, *SNAPSHOT, *UPLOADED} - set(EXPLAINED)


def test_L10_a_row_without_an_entry_is_refused(made, everyone):
    for table in EXPLAINED:
        row = _copy_of_a_row(made, table)
        for explained_by in (None, 999_999):
            with pytest.raises(StoreError, match=REFUSED), made.writing(everyone) as work:
                work.connection.execute(insert(table).values(row | {"explained_by": explained_by}))


def test_L10_a_row_with_the_entry_of_another_transaction_is_refused(made, everyone):
    for table in EXPLAINED:
        row = _copy_of_a_row(made, table)
        with pytest.raises(StoreError, match=REFUSED), made.writing(everyone) as work:
            work.enter(Event.SERVICE_STOPPED)
            work.connection.execute(insert(table).values(row))


def test_L10_a_row_with_its_own_entry_is_taken(made, everyone):
    for table in EXPLAINED:
        row = _copy_of_a_row(made, table)
        _with_an_entry(
            made, everyone, lambda entry, table=table, row=row: insert(table).values(row | {"explained_by": entry})
        )


@pytest.mark.parametrize("table", CHANGEABLE, ids=lambda table: table.name)
def test_L10_a_change_with_an_old_entry_is_refused_and_with_a_new_one_made(made, everyone, table):
    with made.reading() as connection:
        row = rows_of(connection, table)[0]
    change = update(table).where(is_row(table, row))
    with pytest.raises(StoreError, match="law L10"), made.working_state() as connection:
        connection.execute(change.values(explained_by=row["explained_by"]))
    with pytest.raises(StoreError, match="law L10"), made.writing(everyone) as work:
        work.enter(Event.SERVICE_STOPPED)
        work.connection.execute(change.values(explained_by=row["explained_by"]))
    assert _with_an_entry(made, everyone, lambda entry: change.values(explained_by=entry)).rowcount == 1


@pytest.mark.parametrize("table", ["switches", "keys", "holds", "packages", "approvals", "facts"])
def test_L10_a_removal_without_an_entry_is_refused_and_with_one_made(made, everyone, table):
    table = ledger.metadata.tables[table]
    with pytest.raises(StoreError, match="law L10"), made.working_state() as connection:
        connection.execute(delete(table))
    assert _with_an_entry(made, everyone, lambda _: delete(table)).rowcount > 0


def test_L10_entry_and_row_stand_or_fall_together(store, everyone):
    keep_statement_of(store, everyone)
    with pytest.raises(ZeroDivisionError), store.writing(everyone) as work:
        plan_list_of(work, "2026-11-23")
        1 / 0  # noqa: B018
    with store.reading() as connection:
        assert connection.execute(select(lists)).all() == []
        events = connection.execute(select(ledger.c.event).order_by(ledger.c.position)).scalars().all()
    assert events == [Event.DATABASE_CREATED.value, Event.AGREEMENT_PREPARED.value]


def test_L10_everything_that_was_written_is_counted_by_a_checkpoint(store, everyone):
    keep_statement_of(store, everyone)
    seal_list_of(store, everyone, "2026-11-23", some_subjects(3))
    with store.reading() as connection:
        newest = connection.execute(select(checkpoints.c.size).order_by(checkpoints.c.size.desc())).scalars().first()
        for table in EXPLAINED:
            assert all(row["explained_by"] <= newest for row in rows_of(connection, table))


def test_L10_working_state_says_nothing_about_a_person_or_a_decision():
    said = {column.name for table in EXEMPT for column in table.columns}
    assert not said & {"subject_ref", "agreement_id", "state", "verdict", "nino", "surname", "person_key"}
