"""The standing of families: what is kept is what a statement would work out, and decides the same."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from random import Random

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway.minimisation import whole_list_select
from gateway.selection.standing import VERSION, standing_number, standing_select
from gateway.store.evidence import kept_exclusions
from gateway.store.scan import scan
from gateway.store.standings import drop_standings, is_kept, keep_standings
from gateway.store.tables import family_standings
from tests.agreements_made import a_framework
from tests.random_county import DAYS, a_random_agreement, a_random_framework, a_random_snapshot
from tests.snapshot_builder import DAY, SNAPSHOT, Snapshot

#: The version, and the statements of either database that it stands for.
STANDS_FOR = (1, "3b39948f513d6d5b")


def said_by_the_statement() -> str:
    compiled = [
        standing_select(a_framework(), SNAPSHOT, DAY).compile(dialect=dialect)
        for dialect in (postgresql.dialect(), sqlite.dialect())
    ]
    said = [f"{each}\n{sorted(map(str, each.params.items()))}" for each in compiled]
    return sha256("\n".join(said).encode()).hexdigest()[:16]


def test_a_statement_that_says_something_else_has_another_version():
    """Where this fails: raise `VERSION` if the rows can differ, and write here what the statements hash to now."""
    assert (VERSION, said_by_the_statement()) == STANDS_FOR


def test_the_number_is_of_the_day_and_of_what_the_framework_counts():
    framework = a_framework()
    fewer = replace(framework, factors=framework.factors[1:])
    other = replace(framework, criteria=framework.criteria[1:])
    numbers = {
        standing_number(framework, DAY),
        standing_number(framework, DAY + timedelta(days=1)),
        standing_number(fewer, DAY),
        standing_number(other, DAY),
    }
    assert len(numbers) == 4
    assert standing_number(replace(framework, name="Another name"), DAY) == standing_number(framework, DAY)
    assert all(0 <= number < 1 << 63 for number in numbers)


@pytest.fixture
def counties(connection):
    rng = Random(22)
    for snapshot_id, day in enumerate(DAYS[:2], start=1):
        a_random_snapshot(rng, snapshot_id, day).write(connection)
    return connection, rng


def decisions_of(connection, agreement, framework, *, kept_standing=None, **where):
    statement = whole_list_select(
        agreement,
        framework,
        going=lambda rows: rows,
        kept_before=kept_exclusions("nobody's"),
        kept_standing=kept_standing,
        **where,
    )
    with closing(scan(connection, statement)) as blocks:
        return sorted(line for block in blocks for line in block)


def test_L1_with_a_kept_standing_everybody_is_decided_about_as_without(counties):
    connection, rng = counties
    for _ in range(8):
        agreement, framework = a_random_agreement(rng), a_random_framework(rng)
        for snapshot_id, day in enumerate(DAYS[:2], start=1):
            where = {"snapshot_id": snapshot_id, "day": day}
            number = standing_number(framework, day)
            keep_standings(connection, snapshot_id, {number: standing_select(framework, snapshot_id, day)})
            assert is_kept(connection, snapshot_id, number)
            kept = decisions_of(connection, agreement, framework, kept_standing=number, **where)
            assert kept == decisions_of(connection, agreement, framework, **where)


@pytest.fixture
def kept(connection):
    """Three families of a snapshot, kept for one day."""
    made = Snapshot()
    for key in (1, 2, 3):
        made.person(key)
        made.family(key, members=(key,))
    made.write(connection)
    number = standing_number(a_framework(), DAY)
    keep_standings(connection, SNAPSHOT, {number: standing_select(a_framework(), SNAPSHOT, DAY)})
    return connection, number


def test_what_a_number_does_not_stand_for_is_not_kept(kept):
    connection, number = kept
    assert is_kept(connection, SNAPSHOT, number)
    assert not is_kept(connection, SNAPSHOT, number + 1)
    assert not is_kept(connection, SNAPSHOT, standing_number(a_framework(), DAY + timedelta(days=1)))


def test_where_one_family_is_missing_nothing_is_kept(kept):
    connection, number = kept
    connection.execute(delete(family_standings).where(family_standings.c.family_key == 2))
    assert not is_kept(connection, SNAPSHOT, number)


def test_what_is_about_to_change_goes(kept):
    connection, number = kept
    drop_standings(connection, SNAPSHOT)
    assert not is_kept(connection, SNAPSHOT, number)


def test_of_an_earlier_snapshot_nothing_is_kept_once_there_is_a_new_one(kept):
    connection, number = kept
    keep_standings(connection, SNAPSHOT + 1, {number: standing_select(a_framework(), SNAPSHOT + 1, DAY)})
    assert connection.execute(select(family_standings.c.family_key)).all() == []
    assert not is_kept(connection, SNAPSHOT, number)


def test_what_is_kept_is_what_is_read(kept):
    connection, number = kept
    agreement = a_random_agreement(Random(1))
    where = {"snapshot_id": SNAPSHOT, "day": DAY}
    connection.execute(update(family_standings).values(in_programme=False))
    said = decisions_of(connection, agreement, a_framework(), kept_standing=number, **where)
    assert said != decisions_of(connection, agreement, a_framework(), **where)
