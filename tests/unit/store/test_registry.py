"""The subject registry: who is found again, what is never reused, and what a batch proves."""

import hmac
import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from gateway.errors import LedgerDamaged, StoreBusy
from gateway.ledger.evidence import registry_commitment, registry_leaf
from gateway.ledger.tree import root_of
from gateway.model.keys import IndexKey
from gateway.store import tables
from gateway.store.blind_index import index_value, index_values
from gateway.store.registry import Registry, RegistryReader, subjects_known_by
from gateway.store.registry_growth import grow, next_batch, plan_growth, reference_of
from tests.loaded_county import Drawn
from tests.whole_load import read_registry

SECRET = b"an index key made for tests only"
KEY = IndexKey((SECRET,))
EHM_1, EHM_2, CAPITA_9 = ("liquidlogic_ehm", "1"), ("liquidlogic_ehm", "2"), ("capita_one", "9")
NUMBER, STEM = ("nino", "QQ123456A"), ("nino", "QQ123456")
LOAD = {"load": "LOAD-2026-11-22-2", "snapshot": "SNAP-2026-11-22-2"}


def load(store, actor, *people, draw=None):
    """One load of these people: their subjects, in order."""
    with store.reading() as connection:
        reader = RegistryReader(connection, KEY)
        registry = reader.about({clue for clues in people for clue in clues})
    with store.writing(actor) as work:
        reader.require_unchanged(work.connection)
        growth = plan_growth(registry, people, next_batch(work.connection), draw or Drawn())
        grow(work, growth, **LOAD)
    return growth.people


def entries(store, event):
    with store.reading() as connection:
        bodies = connection.execute(select(tables.ledger.c.body).where(tables.ledger.c.event == event)).scalars()
        return [json.loads(body)["body"] for body in bodies]


def known_by(store, clue):
    with store.reading() as connection:
        return subjects_known_by(connection, KEY, clue)


def test_who_is_new_gets_a_random_reference_and_secret(store, everyone):
    one, other = load(store, everyone, [EHM_1, NUMBER, STEM], [EHM_2])
    assert one.subject_ref != other.subject_ref
    assert one.subject_ref[14] == "4"
    assert len(one.secret) == 32
    assert known_by(store, EHM_1) == known_by(store, NUMBER) == known_by(store, STEM) == [one.subject_ref]
    assert known_by(store, CAPITA_9) == []


def test_the_index_holds_nothing_that_can_be_read_without_the_key():
    assert index_value(KEY, NUMBER) == hmac.digest(SECRET, b"nino\0QQ123456A", "sha256")[:16]
    assert index_value(IndexKey((b"another key",)), NUMBER) != index_value(KEY, NUMBER)


def test_who_was_met_before_is_found_by_any_record_and_gets_nothing_new(store, everyone):
    (first,) = load(store, everyone, [EHM_1, NUMBER])
    (again,) = load(store, everyone, [EHM_1, NUMBER], draw=Drawn(2))
    assert again == first
    assert len(entries(store, "registry:grown")) == 1


def test_a_new_record_of_a_known_person_leads_to_the_same_subject(store, everyone):
    (first,) = load(store, everyone, [EHM_1])
    (again,) = load(store, everyone, [CAPITA_9, EHM_1, NUMBER], draw=Drawn(2))
    assert again == first
    assert known_by(store, CAPITA_9) == known_by(store, NUMBER) == [first.subject_ref]
    assert entries(store, "subject:linked") == []


def test_a_number_alone_makes_nobody_the_same(store, everyone):
    (first,) = load(store, everyone, [EHM_1, NUMBER])
    (other,) = load(store, everyone, [EHM_2, NUMBER], draw=Drawn(2))
    assert other.subject_ref != first.subject_ref
    assert known_by(store, NUMBER) == [first.subject_ref, other.subject_ref]


def test_two_subjects_that_prove_to_be_one_person_are_linked_once_and_stay_findable(store, everyone):
    older, newer = load(store, everyone, [EHM_1], [CAPITA_9])
    for seed in (2, 3):
        assert load(store, everyone, [EHM_1, CAPITA_9], draw=Drawn(seed)) == [older]
    assert [(body["subject"], body["other"]) for body in entries(store, "subject:linked")] == [
        (older.subject_ref, newer.subject_ref)
    ]
    for clue in (EHM_1, CAPITA_9):
        assert known_by(store, clue) == [older.subject_ref, newer.subject_ref]


def test_the_one_met_first_stands_for_both_whatever_the_order_of_records(store, everyone):
    (older,) = load(store, everyone, [EHM_2])
    load(store, everyone, [CAPITA_9], draw=Drawn(2))
    assert load(store, everyone, [CAPITA_9, EHM_2], draw=Drawn(3)) == [older]


def test_L7_a_batch_can_be_worked_out_again_from_its_rows(store, everyone):
    load(store, everyone, [EHM_1, NUMBER], [EHM_2])
    load(store, everyone, [EHM_1, CAPITA_9], [("liquidlogic_ehm", "3")], draw=Drawn(2))
    for body in entries(store, "registry:grown"):
        leaves = [leaf_from_rows(store, row) for row in leaf_rows(store, body["batch"])]
        assert root_of(leaves).hex() == body["root"]
        assert len(leaves) == body["people"] == 2


def leaf_rows(store, batch):
    columns = tables.registry_leaves.c
    with store.reading() as connection:
        return connection.execute(
            select(tables.registry_leaves).where(columns.batch == batch).order_by(columns.position)
        ).all()


def leaf_from_rows(store, row):
    """The leaf as the subject's secret and the identifiers of the batch's own entry give it."""
    index = tables.subject_identifiers.c
    with store.reading() as connection:
        secret = connection.execute(
            select(tables.subjects.c.secret).where(tables.subjects.c.subject_ref == row.subject_ref)
        ).scalar_one()
        batch_entries = [
            (position, json.loads(body)["body"]["batch"])
            for position, body in connection.execute(
                select(tables.ledger.c.position, tables.ledger.c.body).where(tables.ledger.c.event == "registry:grown")
            )
        ]
        position = next(position for position, batch in batch_entries if batch == row.batch)
        values = connection.execute(
            select(index.kind, index.index_version, index.value).where(
                index.subject_ref == row.subject_ref, index.explained_by == position
            )
        ).all()
    committed = registry_commitment(secret, [tuple(value) for value in values])
    assert committed == row.commitment
    return registry_leaf(row.batch, row.position, row.subject_ref, committed)


def test_a_new_subjects_position_is_that_of_its_leaf(store, everyone):
    load(store, everyone, [EHM_1])
    load(store, everyone, [EHM_1, NUMBER], [EHM_2], draw=Drawn(2))
    leaf, subject = tables.registry_leaves.c, tables.subjects.c
    same = (leaf.batch == subject.batch, leaf.position == subject.position, leaf.subject_ref == subject.subject_ref)
    with store.reading() as connection:
        joined = connection.execute(
            select(func.count()).select_from(tables.subjects.join(tables.registry_leaves, same[0] & same[1] & same[2]))
        )
        assert joined.scalar_one() == 2


def test_a_registry_that_changed_during_a_load_refuses_it(store, everyone):
    load(store, everyone, [EHM_1], [EHM_2])
    with store.reading() as connection:
        reader = RegistryReader(connection, KEY)
    load(store, everyone, [CAPITA_9], draw=Drawn(2))
    with pytest.raises(StoreBusy), store.writing(everyone) as work:
        reader.require_unchanged(work.connection)


def test_an_index_that_leads_to_nobody_is_damage(store, everyone):
    load(store, everyone, [EHM_1])
    with store.reading() as connection:
        index = read_registry(connection, KEY)._known
    registry = Registry(KEY, {}, index)
    with pytest.raises(LedgerDamaged):
        plan_growth(registry, [[EHM_1]], 2, Drawn())


@given(st.binary(min_size=16, max_size=48))
def test_a_reference_is_the_uuid_of_version_4_that_the_library_makes_of_the_same_bytes(drawn):
    assert reference_of(drawn) == str(UUID(bytes=drawn[:16], version=4))


@given(st.lists(st.binary(min_size=1, max_size=100), min_size=1, max_size=3), st.text(max_size=9), st.text(max_size=80))
def test_values_of_many_clues_are_the_keyed_hashes_that_one_alone_has(secrets, kind, value):
    key = IndexKey(tuple(secrets))
    assert index_values(key)((kind, value)) == index_value(key, (kind, value))
