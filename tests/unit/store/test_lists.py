"""Where a list stands: planned once, moved along the table of moves only, and never rewritten once sealed."""

from collections import deque
from dataclasses import replace

import pytest
from sqlalchemy import select, text, update

from gateway.errors import MoveNotAllowed, StoreError
from gateway.ledger.entries import Event
from gateway.model.delivery import MOVES, ListState
from gateway.store.lists import (
    find_list,
    get_list,
    last_people,
    list_named,
    lists_in,
    move_list,
    newest_list,
    plan_again,
)
from gateway.store.packages import package_of
from gateway.store.tables import lists
from tests.lists_made import AGREEMENT, keep_statement_of, plan_list_of, seal_list_of, send_list, some_subjects

ROOT = b"0" * 32


@pytest.fixture
def planned(store, everyone):
    keep_statement_of(store, everyone)
    with store.writing(everyone) as work:
        list_id, _ = plan_list_of(work, "2026-11-23")
    return list_id


def test_a_planned_list_is_found_by_its_place_and_by_its_name(store, planned):
    with store.reading() as connection:
        found = find_list(connection, AGREEMENT, "2026-11-23", "all")
        assert found is not None
        assert (found.list_id, found.state, found.people) == (planned, ListState.PLANNED, None)
        assert list_named(connection, found.reference) == found
        assert lists_in(connection, ListState.PLANNED) == [found]
        assert find_list(connection, AGREEMENT, "2026-11-24", "all") is None
        assert lists_in(connection, ListState.SEALED) == []


def test_L4_a_window_and_part_have_one_list(store, planned, everyone):
    with pytest.raises(StoreError, match="lists"), store.writing(everyone) as work:
        plan_list_of(work, "2026-11-23")
    with store.writing(everyone) as work:
        plan_list_of(work, "2026-11-23", "cambridge")


def test_every_move_of_the_table_is_allowed_and_no_other(store, planned, everyone):
    for start, allowed in MOVES.items():
        for to in ListState:
            # Only what was never sealed is planned again.
            _put(store, everyone, planned, start, root=None if to in allowed & {ListState.PLANNED} else ROOT)
            if to in allowed:
                _move(store, everyone, planned, to)
                with store.reading() as connection:
                    assert get_list(connection, planned).state is to
            else:
                with pytest.raises(MoveNotAllowed, match=start.value):
                    _move(store, everyone, planned, to)


def test_every_state_can_be_reached():
    reached, ahead = {ListState.PLANNED}, deque([ListState.PLANNED])
    while ahead:
        new = MOVES[ahead.popleft()] - reached
        reached |= new
        ahead.extend(new)
    assert reached == set(ListState)


def test_L7_what_was_sealed_is_never_planned_again(store, planned, everyone):
    _put(store, everyone, planned, ListState.UNCERTAIN)
    with pytest.raises(MoveNotAllowed, match="was sealed"):
        _move(store, everyone, planned, ListState.PLANNED)


def test_a_window_that_was_set_free_is_planned_anew_and_nothing_else_is(store, planned, everyone):
    anew = {"version": 2, "partner": "another", "snapshot_id": 7}
    with store.writing(everyone) as work:
        statement_hash = get_list(work.connection, planned).statement_hash
        position = work.enter(Event.ALERT_RAISED, code="test")
        plan_again(work, planned, statement_hash=statement_hash, explained_by=position, **anew)
        kept = get_list(work.connection, planned)
        assert (kept.version, kept.partner, kept.snapshot_id) == (2, "another", 7)
    _put(store, everyone, planned, ListState.SEALED)
    with pytest.raises(MoveNotAllowed, match="sealed"), store.writing(everyone) as work:
        plan_again(work, planned, statement_hash=statement_hash, explained_by=1, **anew)


def test_L7_what_was_sealed_is_not_changed_by_a_later_move(store, everyone):
    keep_statement_of(store, everyone)
    list_id = seal_list_of(store, everyone, "2026-11-23", some_subjects(3))
    with pytest.raises(MoveNotAllowed, match="people, root"):
        _move(store, everyone, list_id, ListState.SENDING, root=b"0" * 32, people=2)


def test_a_reason_stays_with_its_state_only(store, planned, everyone):
    _move(store, everyone, planned, ListState.WITHHELD, reason="empty", people=0)
    with store.reading() as connection:
        assert (get_list(connection, planned).reason, get_list(connection, planned).people) == ("empty", 0)
    _move(store, everyone, planned, ListState.FAILED)
    with store.reading() as connection:
        assert get_list(connection, planned).reason is None


def test_a_list_is_compared_with_the_newest_that_was_meant_to_go(store, everyone):
    keep_statement_of(store, everyone)
    with store.reading() as connection:
        assert last_people(connection, AGREEMENT, "all") is None
    first = seal_list_of(store, everyone, "2026-11-21", some_subjects(3))
    second = seal_list_of(store, everyone, "2026-11-22", some_subjects(5))
    _move(store, everyone, second, ListState.VOID)
    with store.writing(everyone) as work:
        plan_list_of(work, "2026-11-23")
    with store.reading() as connection:
        assert last_people(connection, AGREEMENT, "all") == 3
        assert newest_list(connection, AGREEMENT, "all").list_id == first
        assert newest_list(connection, AGREEMENT, "ely") is None


def test_L4_what_is_sent_is_what_was_sealed(store, everyone):
    keep_statement_of(store, everyone)
    list_id = seal_list_of(store, everyone, "2026-11-23", some_subjects(2))
    send_list(store, everyone, list_id, "L-2026-11-23-all")
    with store.reading() as connection:
        kept = get_list(connection, list_id)
        package = package_of(connection, store.reading, kept)
        package.copy.require_whole(connection)
        with pytest.raises(StoreError, match="not kept"):
            package_of(connection, store.reading, replace(kept, list_id=list_id + 1))
    assert (package.copy[:], package.manifest) == (b"sealed L-2026-11-23-all", b"manifest L-2026-11-23-all")


def test_a_list_that_there_is_not_is_said_to_be_none(store):
    with store.reading() as connection, pytest.raises(StoreError, match="no list 7"):
        get_list(connection, 7)


def test_a_sealed_list_without_a_root_is_refused_by_the_database(store, planned, everyone):
    with pytest.raises(StoreError, match="sealed_has_root"):
        _move(store, everyone, planned, ListState.SEALED)
    with store.reading() as connection:
        assert connection.execute(select(lists.c.state)).scalar_one() == "planned"


def _move(store, actor, list_id, to, **columns):
    with store.writing(actor) as work:
        position = work.enter(Event.ALERT_RAISED, code="test")
        if to is not ListState.FAILED and not columns and _root(work, list_id):
            move_list(work, list_id, to, explained_by=position)
        else:
            move_list(work, list_id, to, explained_by=position, **columns)


def _root(work, list_id):
    return work.connection.execute(text(f"SELECT root FROM lists WHERE list_id = {list_id}")).scalar()


def _put(store, actor, list_id, state, root=ROOT):
    with store.writing(actor) as work:
        position = work.enter(Event.ALERT_RAISED, code="test")
        work.connection.execute(
            update(lists).where(lists.c.list_id == list_id).values(state=state.value, root=root, explained_by=position)
        )
