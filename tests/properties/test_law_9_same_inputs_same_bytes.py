"""Law L9: the same inputs give the same list bytes, in bytewise order, on both databases and in any order of rows."""

from random import Random

import pytest
from sqlalchemy import Connection

from gateway.minimisation import list_select
from gateway.selection import selected_select
from gateway.store.scan import scan
from tests.agreements_made import a_framework, an_agreement
from tests.exclusions_asked import exclusion_select
from tests.random_county import DAYS, a_random_agreement, a_random_framework, a_random_snapshot
from tests.snapshot_builder import SNAPSHOT
from tests.snapshot_database import a_sqlite_database

SEEDS = range(4)


def scanned(connection: Connection, seed: int, *, backwards: bool = False) -> list[list[bytes]]:
    """The scanned lines of several agreements, each whole and by part, of one random county."""
    rng, day = Random(seed), DAYS[seed % len(DAYS)]
    a_random_snapshot(rng, SNAPSHOT, day).write(connection, backwards=backwards)
    terms = [(a_random_agreement(rng), a_random_framework(rng)) for _ in range(2)]
    terms.append((an_agreement(factors_needed=0), a_framework(needed=1, must_exist=frozenset())))
    return [
        [line for block in scan(connection, make(*each, snapshot_id=SNAPSHOT, day=day, part=part)) for line in block]
        for each in terms
        for part in (None, "cambridge")
        for make in (list_select, selected_select, exclusion_select)
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_L9_rows_in_any_order_give_the_same_lines_in_the_bytewise_order_of_references(connection, seed):
    with a_sqlite_database() as forwards:
        expected = scanned(forwards, seed)
    assert any(expected)
    for lines in expected:
        references = [line[:36] for line in lines]
        assert references == sorted(set(references))
    assert scanned(connection, seed, backwards=True) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_L9_the_same_rules_give_the_same_statement(seed):
    """Rules are kept in sets; their order, which differs from process to process, must not reach a statement."""
    texts = set()
    for order in (1, -1):
        rng = Random(seed)
        agreement, framework = a_random_agreement(rng), a_random_framework(rng)
        shuffled = tuple(reversed(framework.factors)) if order < 0 else framework.factors
        framework = type(framework)(**{**_fields(framework), "factors": shuffled})
        statement = list_select(agreement, framework, snapshot_id=SNAPSHOT, day=DAYS[0])
        compiled = statement.compile()
        texts.add((str(compiled), str(sorted(compiled.params.items()))))
    assert len(texts) == 1


def _fields(framework):
    return {name: getattr(framework, name) for name in framework.__slots__}
