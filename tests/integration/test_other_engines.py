"""The gateway's own statements on DuckDB, in a process of its own, over exported tables: the same to the byte.

Spark is asked by `scripts/bench/other_engines.py`, whose page is docs/performance-engines.md.
"""

from pathlib import Path
from random import Random

import pytest
from sqlalchemy import create_engine

from gateway.model.selection import ExclusionReason
from gateway.store import tables
from scripts.bench.engines.answers import DUCKDB, SQLITE, Answers, Question, ask
from scripts.bench.engines.exported import export
from scripts.bench.engines.invented import AS_AT, shipped_question, write_invented
from tests.random_county import DAYS, a_random_agreement, a_random_framework, a_random_snapshot
from tests.snapshot_builder import put_first_entry, put_hold

SEED, PEOPLE, AGREEMENTS = 20261122, 400, 2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a database in which every table stands and nothing is in them."""
    engine = create_engine(f"sqlite:///{tmp_path / 'county.db'}")
    tables.metadata.create_all(engine)
    engine.dispose()
    return tmp_path


def both(folder: Path, questions: list[Question]) -> tuple[Answers, Answers]:
    """What SQLite and DuckDB answer, each in a process of its own."""
    url = f"sqlite:///{folder / 'county.db'}"
    engine = create_engine(url)
    with engine.connect() as connection:
        export(connection, folder)
    engine.dispose()
    return ask(SQLITE, url, questions), ask(DUCKDB, str(folder), questions)


def test_ten_thousand_invented_people_give_the_same_counts_and_the_same_bytes(folder):
    engine = create_engine(f"sqlite:///{folder / 'county.db'}")
    with engine.begin() as connection:
        write_invented(connection, 10_000)
    engine.dispose()
    ours, theirs = both(folder, [shipped_question(AS_AT)])
    assert ours.told == theirs.told
    assert 5_000 < ours.told[0].rows < 6_500
    left_out = dict(ours.told[0].funnel.excluded)
    assert left_out[ExclusionReason.UNSAFE_VALUE] > 100
    assert left_out[ExclusionReason.PROTECTED] > 100


def test_random_agreements_over_people_on_every_edge_give_the_same_counts_and_the_same_bytes(folder):
    """Unsafe words, nulls, birthdays on leap days, overlapping spells, needs of two outcomes: each decided alike."""
    rng = Random(SEED)
    engine = create_engine(f"sqlite:///{folder / 'county.db'}")
    with engine.begin() as connection:
        put_first_entry(connection)
        for snapshot_id, day in enumerate(DAYS, start=1):
            a_random_snapshot(rng, snapshot_id, day, people=PEOPLE).write(connection)
        for person in rng.sample(range(1, PEOPLE), 20):
            put_hold(connection, person, "2026-11-01T09:00:00Z", rng.choice((None, "2026-11-02T09:00:00Z")))
    engine.dispose()
    questions = [
        Question(a_random_agreement(rng), a_random_framework(rng), snapshot_id, day)
        for snapshot_id, day in enumerate(DAYS, start=1)
        for _ in range(AGREEMENTS)
    ]
    ours, theirs = both(folder, questions)
    assert ours.told == theirs.told
    assert sum(told.rows for told in ours.told) > 10
