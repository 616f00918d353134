"""What a list of differences is built on, and when a list is a full one instead."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, insert, text

from gateway.agreements.statement import Statement
from gateway.errors import LedgerDamaged
from gateway.ledger.events import Event
from gateway.model.agreement import FullListEvery, Mode
from gateway.model.delivery import ListState
from gateway.model.fields import TAKEN_BACK
from gateway.model.time import as_text
from gateway.services.agreements.agreement_standing import Standing
from gateway.services.disclosure.delta_base import WhyFull, base_of
from gateway.services.disclosure.list_decisions import ListTerms
from gateway.store.delta import held_since, is_held
from gateway.store.lists import get_list, move_list
from gateway.store.snapshots import SnapshotFacts
from gateway.store.tables import evidence, receipts
from tests.agreements_made import a_framework, an_agreement
from tests.integration.conftest import a_partner
from tests.lists_made import (
    AGREEMENT,
    keep_statement_of,
    receive_list,
    seal_list_of,
    send_list,
    some_subjects,
)

PEOPLE = some_subjects(3)
IN_DIFFERENCES = an_agreement(agreement_id=AGREEMENT, mode=Mode.DELTA, full_list_every=FullListEvery.MONTH, split=None)
SNAPSHOT = SnapshotFacts(1, "S-1", "2026-11-21T22:00:00Z", date(2026, 11, 21), "0" * 64, 3, 0, 0)


@pytest.fixture
def made(sqlite_store, everyone, clock):
    """A store in which a full list was received, and what makes further ones."""
    clock.instant = datetime(2026, 11, 21, 2, tzinfo=UTC)
    return Made(sqlite_store, everyone, clock)


class Made:
    def __init__(self, store, actor, clock):
        self.store, self.actor, self.clock = store, actor, clock
        self.statement = keep_statement_of(store, actor)
        self.full = self.seal("2026-11-20", received=True)

    def seal(self, window, *, received=False, base=None, part="all"):
        self.clock.instant = self.clock.instant.replace(minute=self.clock.instant.minute + 1)
        list_id = seal_list_of(self.store, self.actor, window, PEOPLE, base=base, part=part)
        if received:
            receive_list(self.store, self.actor, list_id)
        return list_id

    def move(self, list_id, event, state):
        with self.store.writing(self.actor) as work:
            reference = get_list(work.connection, list_id).reference
            position = work.enter(event, list=reference, reason="safety")
            move_list(work, list_id, state, reason="safety", explained_by=position)

    def base(self, *, day=date(2026, 11, 22), statement=None, partner="jcp", agreement=IN_DIFFERENCES):
        framework = a_framework()
        terms = ListTerms(agreement, framework, SNAPSHOT, day, "all")
        of = Statement(AGREEMENT, 1, b"{}", statement or self.statement, date(2026, 11, 1))
        standing = Standing(agreement, b"", framework, a_partner(name=partner), {}, of, (), (), ())
        with self.store.reading() as connection:
            return base_of(connection, terms, standing)


def ids(kept):
    return [each.list_id for each in kept]


def test_an_agreement_in_full_lists_is_built_on_nothing(made):
    assert made.base(agreement=replace(IN_DIFFERENCES, mode=Mode.FULL_LIST)) is None


def test_nothing_is_built_on_while_nothing_was_received(sqlite_store, everyone):
    statement = keep_statement_of(sqlite_store, everyone)
    send_list(sqlite_store, everyone, seal_list_of(sqlite_store, everyone, "2026-11-20", PEOPLE), "L-2026-11-20-all")
    made = object.__new__(Made)
    made.store, made.statement = sqlite_store, statement
    assert made.base() is WhyFull.NOTHING_RECEIVED


def test_differences_are_built_on_the_newest_list_that_was_received_and_those_behind_it(made):
    second = made.seal("2026-11-21", received=True, base=made.full)
    found = made.base()
    assert (ids(found.received), ids(found.doubtful)) == ([made.full, second], [])
    assert found.newest.list_id == second
    assert found.list_ids == [made.full, second]


def test_whatever_was_sealed_since_is_in_doubt_and_another_part_is_not(made):
    waiting = made.seal("2026-11-21", base=made.full)
    made.seal("2026-11-21", part="ely")
    found = made.base()
    assert (ids(found.received), ids(found.doubtful)) == ([made.full], [waiting])
    assert found.people == len(PEOPLE)


def test_another_month_begins_with_a_full_list(made):
    assert made.base(day=date(2026, 12, 1)) is WhyFull.PERIOD_BEGINS


def test_nothing_is_built_on_a_list_that_the_recipient_has_to_destroy(made):
    briefly = replace(IN_DIFFERENCES, retention=replace(IN_DIFFERENCES.retention, their_copy_days=3))
    assert made.base(day=date(2026, 11, 23), agreement=briefly).newest.list_id == made.full
    assert made.base(day=date(2026, 11, 24), agreement=briefly) is WhyFull.DESTROYED


def test_nothing_is_built_on_a_list_that_was_certified_as_destroyed(made):
    with made.store.writing(made.actor) as work:
        facts = {"raw_sha256": "a" * 64, "partner": "jcp", "verdict": "accepted", "level": "destroyed"}
        collected_at = work.at
        position = work.enter(Event.RECEIPT_COLLECTED, collected_at=collected_at, list="L-2026-11-20-all", **facts)
        row = facts | {
            "list_id": made.full,
            "collected_at": as_text(collected_at),
            "raw": b"",
            "explained_by": position,
        }
        work.connection.execute(insert(receipts).values(row))
    assert made.base() is WhyFull.DESTROYED


@pytest.mark.parametrize("other", [{"statement": "f" * 64}, {"partner": "another"}], ids=str)
def test_another_statement_or_partner_gets_a_full_list(made, other):
    assert made.base(**other) is WhyFull.OTHER_STATEMENT


def test_a_full_list_in_doubt_is_followed_by_a_full_one(made):
    made.seal("2026-11-21")
    assert made.base() is WhyFull.FULL_LIST_IN_DOUBT


def test_after_a_rejection_comes_a_full_list(made):
    rejected = made.seal("2026-11-21", received=True, base=made.full)
    made.move(rejected, Event.LIST_REJECTED, ListState.REJECTED)
    assert made.base() is WhyFull.REJECTED


def test_a_recalled_list_is_in_doubt_and_ends_what_was_built_on_it(made):
    second = made.seal("2026-11-21", received=True, base=made.full)
    made.move(second, Event.LIST_RECALLED, ListState.RECALLED)
    assert ids(made.base().doubtful) == [second]
    made.seal("2026-11-22", received=True, base=second)
    assert made.base() is WhyFull.TAKEN_BACK


def test_after_a_backup_was_restored_comes_a_full_list(made):
    with made.store.writing(made.actor) as work:
        work.enter(
            Event.DATABASE_RESTORED, had=1, held=2, root="0" * 64, last_at="2026-11-21T02:00:00Z", case="IG-2026-0001"
        )
    assert made.base() is WhyFull.RESTORED


def test_evidence_that_is_not_whole_is_not_built_on(made):
    with made.store.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER evidence_no_delete"))
        connection.execute(delete(evidence).where(evidence.c.position == 1))
    with pytest.raises(LedgerDamaged, match="not as many rows"):
        made.base()


def test_who_is_held_is_told_by_the_newest_row_of_everybody(made):
    second = made.seal("2026-11-21", received=True, base=made.full)
    stays, leaves, _ = (person.subject_ref for person in PEOPLE)
    third = seal_list_of(made.store, made.actor, "2026-11-22", [], base=second)
    send_list(made.store, made.actor, third, "L-2026-11-22-all")
    row = (third, 1, leaves, TAKEN_BACK, 0, b"0" * 32, b"0" * 32, None)
    with made.store.engine.begin() as connection:
        connection.execute(insert(evidence).values(row))
    with made.store.reading() as connection:
        held = set(connection.execute(held_since(connection, third)).scalars())
        assert held == {person.subject_ref for person in PEOPLE} - {leaves}
        assert set(connection.execute(held_since(connection, made.full)).scalars()) == held | {leaves}
        assert is_held(connection, stays, AGREEMENT, "all", third)
        assert not is_held(connection, leaves, AGREEMENT, "all", third)
        assert is_held(connection, leaves, AGREEMENT, "all", second)
