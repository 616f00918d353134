"""What registers, breaches and samples read, on both kinds of database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from gateway.ledger.events import Event
from gateway.model.delivery import DISCLOSED
from gateway.model.receipt import ReceiptLevel
from gateway.store.breach import days_of_key, kept_lines, people_of, sealed_entries, tries_of
from gateway.store.registers import (
    approvals_with_entries,
    copies_at_rest_before,
    copies_kept,
    entries_between,
    entries_ever,
    fields_of_lists,
    files_between,
    handovers_between,
    people_on,
    receipts_between,
    statements_with_entries,
)
from gateway.store.sampling import (
    checkpoint_of,
    entries_of_lists,
    entry_at,
    ids_of_lists,
    newest_checkpoint,
    row_of,
)
from gateway.store.subtrees import Trees
from gateway.store.tables import evidence, ledger, persons
from tests.evidence_made import make_evidence
from tests.lists_made import AGREEMENT

FIRST, LAST = date(2026, 11, 20), date(2026, 11, 22)
NEVER, EVER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def made(store, everyone):
    """Ten people on a list that was received, five of them on one that is being sent, and one list held back."""
    return make_evidence(store, everyone)


@pytest.fixture
def connection(store, made):
    with store.reading() as opened:
        yield opened


def ids_of(connection, *states):
    return [file.list_id for file in files_between(connection, FIRST, LAST, *states)]


def test_lists_are_found_by_their_days_and_states(connection):
    files = files_between(connection, FIRST, LAST)
    assert [file.window for file in files] == ["2026-11-20", "2026-11-21", "2026-11-22"]
    assert [file.window for file in files_between(connection, FIRST, LAST, DISCLOSED)] == ["2026-11-20", "2026-11-21"]
    assert files_between(connection, date(2026, 12, 1), date(2026, 12, 31)) == []
    assert (files[0].people, files[0].package_bytes > 0, files[2].sealed_at) == (10, True, None)


def test_people_are_counted_once_over_lists_and_handovers(connection):
    assert people_on(connection, ids_of(connection, DISCLOSED)) == 10
    assert people_on(connection, []) == 0
    attested, purged = handovers_between(connection, date(2026, 3, 1), date(2026, 3, 31))
    assert handovers_between(connection, date.min, date.max) == [attested, purged]
    assert people_on(connection, [], [purged.handover_id]) == 0
    assert people_on(connection, [], [attested.handover_id]) == 2
    # They are on a list too.
    assert people_on(connection, ids_of(connection, DISCLOSED), [attested.handover_id]) == 10
    assert people_on(connection, [2], [attested.handover_id]) == 5
    assert people_on(connection, [], [], ["RCN-ely-2026-11-22-1"]) == 6
    assert people_on(connection, [2], [], ["RCN-ely-2026-11-22-1", "RCN-ely-2026-11-21-1"]) == 6


def test_more_lists_than_a_database_binds_values_can_be_asked_about(connection):
    assert people_on(connection, range(1, 70_000)) == 10


def test_receipts_fields_statements_approvals_and_copies(connection):
    ids = ids_of(connection, DISCLOSED)
    receipts = receipts_between(connection, FIRST, LAST, "accepted")
    assert {list_id: each.level for list_id, each in receipts.items()} == {ids[0]: ReceiptLevel.RECEIVED}
    assert set(fields_of_lists(connection, ids).values()) == {0b111111}
    assert {kept.agreement_id for kept, _ in statements_with_entries(connection)} == {AGREEMENT}
    assert [each.principal for each in approvals_with_entries(connection)] == ["officer@county.example"]
    assert copies_kept(connection, ids) == set(ids)
    assert copies_at_rest_before(connection, AGREEMENT, "2030-01-01T00:00:00Z") == 1
    assert copies_at_rest_before(connection, AGREEMENT, "2020-01-01T00:00:00Z") == 0


def test_entries_are_found_by_event_and_instant(connection):
    holds = entries_between(connection, [Event.HOLD_PLACED, Event.HOLD_LIFTED], NEVER, EVER)
    assert len(holds) == 3
    at = holds[0][0]
    assert len(entries_between(connection, [Event.HOLD_PLACED], at, at + timedelta(seconds=1))) == 2
    assert entries_between(connection, [Event.HOLD_PLACED], NEVER, at) == []
    assert len(entries_ever(connection, Event.HOLD_PLACED)) == 2


def test_everybody_on_lists_comes_once_with_what_is_known_of_them(store, made, everyone):
    with store.working_state() as connection:
        for n, person in enumerate(made[:3]):
            row = {"snapshot_id": 1, "person_key": n, "subject_ref": person.subject_ref, "secret": person.secret}
            born = date(2010, 1, 1) if n == 0 else date(1990, 1, 1)
            connection.execute(insert(persons).values(**row, date_of_birth=born, incomplete=False, flags=n))
    with store.reading() as connection:
        people = {each.subject_ref: each for each in people_of(connection, ids_of(connection, DISCLOSED))}
    assert len(people) == 10
    known = [people[person.subject_ref] for person in made[:3]]
    assert [each.born_on for each in known] == [date(2010, 1, 1), date(1990, 1, 1), date(1990, 1, 1)]
    assert [each.flags for each in known] == [0, 1, 2]
    # The second one's hold was lifted.
    assert [each.is_held for each in known] == [True, False, False]
    assert {each.first_window for each in people.values()} == {"2026-11-20"}
    assert people[made[5].subject_ref].born_on is None


def test_lines_tries_keys_and_sealed_entries(connection, made):
    first, second = ids_of(connection, DISCLOSED)
    lines = dict(kept_lines(connection, first))
    assert lines.keys() == {person.subject_ref for person in made[:10]}
    assert list(kept_lines(connection, second)) == []
    (tried,) = tries_of(connection, [first, second])
    assert (tried.outcome, tried.session) == ("verified", {})
    assert sealed_entries(connection)["L-2026-11-20-all"]["people"] == 10
    since, until = days_of_key(connection, "A" * 40)
    assert until is not None
    assert since <= until
    assert days_of_key(connection, "B" * 40)[1] is None
    assert days_of_key(connection, "C" * 40) is None


def test_a_sample_is_drawn_from_what_the_log_held(connection, made):
    newest = newest_checkpoint(connection)
    assert checkpoint_of(connection, newest.size) == newest
    assert checkpoint_of(connection, newest.size + 1) is None
    trees = Trees(connection)
    assert trees.log().root(0, newest.size) == newest.root
    assert entry_at(connection, 1).event is Event.DATABASE_CREATED
    assert entry_at(connection, newest.size + 1) is None
    entries = list(entries_of_lists(connection, newest.size))
    assert {entry.event for entry in entries} >= {Event.LIST_SEALED, Event.LIST_RECEIVED, Event.LIST_WITHHELD}
    assert list(entries_of_lists(connection, 1)) == []
    list_id = ids_of_lists(connection)["L-2026-11-20-all"]
    row = row_of(connection, list_id, 3)
    assert (trees.of_list(list_id).root(2, 3), row.subject_ref) == (row.leaf, made[2].subject_ref)
    assert row.is_line_kept
    assert row_of(connection, list_id, 11) is None
    kept = connection.execute(select(evidence.c.commitment).where(evidence.c.position == 3)).scalars().all()
    assert row.commitment in [bytes(each) for each in kept]
    assert connection.execute(select(ledger.c.position)).first() is not None
