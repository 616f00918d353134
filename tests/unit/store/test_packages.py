"""A sealed copy is read as it was kept, whatever piece of it is asked for, and no more than a block at a time."""

import hashlib
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from gateway.errors import LedgerDamaged, StoreError
from gateway.ledger.entries import Event
from gateway.store.lists import get_list
from gateway.store.packages import NO_COPY, PackageBlocks, copies_by_list, package_of
from gateway.store.tables import package_blocks
from tests.lists_made import keep_statement_of, seal_list_of, some_subjects
from tests.tampering import as_owner

WHOLE = bytes(range(256)) * 10
BLOCK = 700
NIGHT, ANOTHER = "2026-11-23", "2026-11-24"


@pytest.fixture
def kept(store, everyone):
    """A list that was sealed, as the database has it, of which the copy is of several blocks."""
    return _kept(store, everyone)


@pytest.fixture
def kept_on_sqlite(sqlite_store, everyone):
    return _kept(sqlite_store, everyone)


def _kept(store, actor):
    keep_statement_of(store, actor)
    list_id = seal_list_of(store, actor, NIGHT, some_subjects(1))
    with store.reading() as connection:
        kept = get_list(connection, list_id)
    return replace(kept, package_sha256=hashlib.sha256(WHOLE).hexdigest(), package_bytes=len(WHOLE))


def blocks_of(whole=WHOLE, size=BLOCK):
    return [whole[at : at + size] for at in range(0, len(whole), size)]


@contextmanager
def holding(store, kept, blocks):
    """Let the list's copy be these blocks, for what is read over this connection."""
    with as_owner(store) as connection:
        connection.execute(delete(package_blocks).where(package_blocks.c.list_id == kept.list_id))
        for number, block in enumerate(blocks, start=1):
            connection.execute(package_blocks.insert().values(list_id=kept.list_id, number=number, content=block))

        @contextmanager
        def reading():
            yield connection

        yield connection, reading


def test_a_copy_of_several_blocks_is_what_was_kept(store, kept):
    with holding(store, kept, blocks_of()) as (connection, reading):
        copy = package_of(connection, reading, kept).copy
        copy.require_whole(connection)
        assert (len(copy), copy[:], copy.sha256) == (len(WHOLE), WHOLE, kept.package_sha256)
        assert dict(copies_by_list(connection))[kept.list_id].sha256 == kept.package_sha256


def test_any_piece_of_it_is_the_same_piece_of_the_whole(sqlite_store, kept_on_sqlite):
    with holding(sqlite_store, kept_on_sqlite, blocks_of()) as (connection, reading):
        copy = package_of(connection, reading, kept_on_sqlite).copy

        @given(start=st.integers(0, len(WHOLE) + 10), length=st.integers(0, 3 * BLOCK))
        def check(start, length):
            assert copy[start : start + length] == WHOLE[start : start + length]

        check()


def test_one_block_after_another_is_read_once(sqlite_store, kept_on_sqlite):
    asked = []
    with holding(sqlite_store, kept_on_sqlite, blocks_of()) as (connection, reading):

        @contextmanager
        def counting():
            asked.append(1)
            with reading() as connection:
                yield connection

        copy = package_of(connection, counting, kept_on_sqlite).copy
        asked.clear()
        pieces = [copy[at : at + 100] for at in range(0, len(WHOLE), 100)]
    assert b"".join(pieces) == WHOLE
    assert len(asked) == len(blocks_of())


@pytest.mark.parametrize(
    "blocks",
    [
        blocks_of()[:-1],
        blocks_of()[::-1],
        [blocks_of()[0], *blocks_of()[2:]],
        [blocks_of()[0], b"", *blocks_of()[1:]],
        [b"", *blocks_of()],
        [*blocks_of()[:-1], blocks_of()[-1] + b"x"],
        [bytes(BLOCK), *blocks_of()[1:]],
    ],
    ids=["cut", "turned round", "one missing", "an empty one", "begins empty", "too long", "changed"],
)
def test_L5_a_copy_that_is_not_what_was_sealed_is_found_before_it_is_sent(store, kept, blocks):
    with holding(store, kept, blocks) as (connection, reading):
        with pytest.raises(LedgerDamaged, match="not the one that was sealed"):
            package_of(connection, reading, kept).copy.require_whole(connection)
        assert dict(copies_by_list(connection)).get(kept.list_id, NO_COPY).sha256 != kept.package_sha256


def test_what_is_behind_the_copy_is_never_sent_and_the_audit_finds_it(store, kept):
    with holding(store, kept, [*blocks_of(), b"more"]) as (connection, reading):
        assert package_of(connection, reading, kept).copy[:] == WHOLE
        assert dict(copies_by_list(connection))[kept.list_id].sha256 != kept.package_sha256


def test_a_block_under_another_number_makes_no_whole_copy(store, kept):
    with holding(store, kept, blocks_of()) as (connection, reading):
        last = package_blocks.c.list_id == kept.list_id, package_blocks.c.number == len(blocks_of())
        connection.execute(update(package_blocks).where(*last).values(number=99))
        assert dict(copies_by_list(connection))[kept.list_id].sha256 is None
        with pytest.raises(LedgerDamaged):
            package_of(connection, reading, kept).copy.require_whole(connection)


def test_blocks_of_several_lists_come_in_any_order(store, everyone):
    keep_statement_of(store, everyone)
    ids = [seal_list_of(store, everyone, night, some_subjects(1)) for night in (NIGHT, ANOTHER)]
    with as_owner(store) as connection:
        connection.execute(delete(package_blocks))
        writers = {list_id: PackageBlocks(_Writing(connection), list_id) for list_id in ids}
        for one, other in zip(blocks_of(), blocks_of(WHOLE[::-1]), strict=True):
            writers[ids[0]].keep(one)
            writers[ids[1]].keep(other)
        found = dict(copies_by_list(connection))
    assert [found[each].sha256 for each in ids] == [hashlib.sha256(each).hexdigest() for each in (WHOLE, WHOLE[::-1])]


class _Writing:
    """What `PackageBlocks` needs of a piece of work."""

    def __init__(self, connection):
        self.connection = connection


def test_a_list_that_was_never_sealed_has_nothing_to_send(sqlite_store, kept_on_sqlite):
    with sqlite_store.reading() as connection, pytest.raises(StoreError, match="never sealed"):
        package_of(connection, sqlite_store.reading, replace(kept_on_sqlite, package_sha256=None))


def test_L7_blocks_go_only_by_the_entry_that_removes_their_copy(store, kept, everyone):
    with pytest.raises(StoreError, match="law L7"), store.writing(everyone) as work:
        work.enter(Event.SERVICE_STOPPED)
        work.connection.execute(delete(package_blocks))
    with store.reading() as connection:
        assert connection.execute(select(package_blocks.c.list_id)).scalars().all() == [kept.list_id]
