"""The key of the blind index can be changed: everybody is found as before, and the old key finds nobody."""

import hmac

import pytest
from sqlalchemy import delete, func, select, update

from gateway.errors import KeyUnusable
from gateway.ledger.verify import Fault
from gateway.model.keys import IndexKey
from gateway.store.blind_index import index_value
from gateway.store.registry import RegistryReader, subjects_known_by
from gateway.store.registry_growth import grow, next_batch, plan_growth
from gateway.store.reindex import reindex
from gateway.store.tables import registry_leaves, subject_identifiers
from tests.loaded_county import Drawn
from tests.tampering import as_owner, found_in, put_triggers_back

FIRST = IndexKey((b"the first secret, for tests only",))
SECOND = IndexKey((*FIRST.secrets, b"the second secret, for tests too"))
THIRD = IndexKey((*SECOND.secrets, b"the third secret, for tests, too"))
ADA, BO = ("liquidlogic_ehm", "1"), ("capita_one", "9")
NUMBER, STEM = ("nino", "QQ123456A"), ("nino", "QQ123456")
FINGERPRINT = "AB" * 32


def load(store, actor, key, *people, seed=1):
    with store.reading() as connection:
        reader = RegistryReader(connection, key)
        registry = reader.about({clue for clues in people for clue in clues})
    with store.writing(actor) as work:
        reader.require_unchanged(work.connection)
        growth = plan_growth(registry, people, next_batch(work.connection), Drawn(seed))
        grow(work, growth, load="LOAD-1", snapshot="SNAP-1")
    return [subject.subject_ref for subject in growth.people]


def change(store, actor, key) -> int:
    with store.writing(actor) as work:
        return reindex(work, key, fingerprint=FINGERPRINT)


def known_by(store, key, clue):
    with store.reading() as connection:
        return subjects_known_by(connection, key, clue)


@pytest.fixture
def people(store, everyone):
    """Two people whom loads brought; the second load found the first person again by a new record."""
    ada, bo = load(store, everyone, FIRST, [ADA, NUMBER, STEM], [BO])
    load(store, everyone, FIRST, [ADA, ("capita_one", "1")], seed=2)
    return ada, bo


def test_a_value_is_hashed_again_under_each_secret():
    first = hmac.digest(FIRST.secrets[0], b"nino\0QQ123456A", "sha256")[:16]
    assert index_value(FIRST, NUMBER) == first
    assert index_value(SECOND, NUMBER) == hmac.digest(SECOND.secrets[1], first, "sha256")[:16]
    assert "secret" not in repr(SECOND).replace("secrets", "")


def test_everybody_is_found_as_before_under_the_new_key(store, everyone, signer, people):
    ada, bo = people
    assert change(store, everyone, SECOND) == 2
    assert [known_by(store, SECOND, clue) for clue in (ADA, NUMBER, STEM, ("capita_one", "1"), BO)] == [[ada]] * 4 + [
        [bo]
    ]
    assert load(store, everyone, SECOND, [ADA, NUMBER], [BO], seed=3) == [ada, bo]
    with store.reading() as connection:
        assert found_in(connection, signer) == []


def test_a_key_is_changed_more_than_once(store, everyone, signer, people):
    change(store, everyone, SECOND)
    (newcomer,) = load(store, everyone, SECOND, [("liquidlogic_ehm", "3")], seed=4)
    assert change(store, everyone, THIRD) == 3
    assert known_by(store, THIRD, NUMBER) == [people[0]]
    assert known_by(store, THIRD, ("liquidlogic_ehm", "3")) == [newcomer]
    with store.reading() as connection:
        assert found_in(connection, signer) == []


def test_nothing_that_the_old_key_made_is_left(store, everyone, people):
    change(store, everyone, SECOND)
    old = {index_value(FIRST, clue) for clue in (ADA, NUMBER, STEM, BO, ("capita_one", "1"))}
    with store.reading() as connection:
        assert not old & set(connection.execute(select(subject_identifiers.c.value)).scalars())


def test_a_key_that_is_older_than_the_index_meets_nobody_anew(store, everyone, people):
    change(store, everyone, SECOND)
    for ask in (
        lambda: known_by(store, FIRST, NUMBER),
        lambda: load(store, everyone, FIRST, [ADA]),
        lambda: change(store, everyone, FIRST),
    ):
        with pytest.raises(KeyUnusable, match="made with 2 secrets"):
            ask()


def test_a_database_from_a_backup_is_read_with_the_key_as_it_was_then(store, everyone, signer, people):
    """The key went on, the database did not: everybody is known, and the index can be brought up to the key."""
    assert known_by(store, THIRD, NUMBER) == [people[0]]
    assert load(store, everyone, THIRD, [ADA, NUMBER], seed=9) == [people[0]]
    change(store, everyone, THIRD)
    assert known_by(store, THIRD, NUMBER) == [people[0]]
    with store.reading() as connection:
        assert found_in(connection, signer) == []


def test_a_load_that_read_the_index_before_the_change_is_refused(store, everyone, people):
    with store.reading() as connection:
        reader = RegistryReader(connection, FIRST)
    change(store, everyone, SECOND)
    with store.writing(everyone) as work, pytest.raises(KeyUnusable):
        reader.require_unchanged(work.connection)


def test_an_empty_index_has_nothing_to_make_anew(store, everyone, signer):
    assert change(store, everyone, SECOND) == 0
    (ada,) = load(store, everyone, SECOND, [ADA])
    assert known_by(store, SECOND, ADA) == [ada]
    with store.reading() as connection:
        assert found_in(connection, signer) == []


def _swap(connection):
    """Two people change places in the index."""
    columns = subject_identifiers.c
    one, other = connection.execute(select(columns.subject_ref).distinct()).scalars()
    for before, after in ((one, "-"), (other, one), ("-", other)):
        moved = update(subject_identifiers).where(columns.subject_ref == _reference(before))
        connection.execute(moved.values(subject_ref=_reference(after)))


def _reference(text):
    return "00000000-0000-4000-8000-000000000000" if text == "-" else text


def _take_away(connection):
    connection.execute(delete(subject_identifiers).where(subject_identifiers.c.kind == "nino"))


def _put_back_old(connection):
    """Somebody brings back the value that the old key made."""
    columns = subject_identifiers.c
    one = select(func.min(columns.value)).where(columns.kind == "nino").scalar_subquery()
    connection.execute(update(subject_identifiers).where(columns.value == one).values(value=index_value(FIRST, NUMBER)))


def _drop_leaf(connection):
    newest = select(func.max(registry_leaves.c.batch)).scalar_subquery()
    connection.execute(
        delete(registry_leaves).where(registry_leaves.c.batch == newest, registry_leaves.c.position == 0)
    )


@pytest.mark.parametrize("tamper", [_swap, _take_away, _put_back_old, _drop_leaf])
def test_L7_what_is_changed_in_an_index_made_anew_is_found(store, everyone, signer, people, tamper):
    change(store, everyone, SECOND)
    with as_owner(store) as connection:
        tamper(connection)
        put_triggers_back(connection)
        findings = found_in(connection, signer)
    assert findings
    assert {finding.fault for finding in findings} <= {Fault.CHANGED, Fault.MISSING, Fault.INSERTED, Fault.TRUNCATED}
    assert all("registry" in finding.where for finding in findings)
