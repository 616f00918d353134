"""The race of scripts/bench/race.py, held for what it checks and not for time: small, one round, both databases."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.bench.racing.race import GATEWAY, POSTGRESQL, SQLITE, race
from scripts.bench.racing.shell import EQUAL

PEOPLE = 10_000
#: The pipeline on SQLite takes a program that not every machine has; on PostgreSQL everything comes with the tests.
AGAINST = {SQLITE: (GATEWAY,), POSTGRESQL: (GATEWAY, EQUAL)}

pytestmark = pytest.mark.sshd


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own: the servers run as other users, and a socket's path has to be short."""
    with tempfile.TemporaryDirectory(prefix="race-") as made:
        yield Path(made)


@pytest.mark.parametrize("kind", [SQLITE, pytest.param(POSTGRESQL, marks=pytest.mark.postgres)])
def test_every_line_delivered_is_what_its_evidence_says_and_what_a_council_would_select_by_hand(kind, folder):
    # Each run is checked, the warm one before the round as well: scripts/bench/racing/checks.py.
    found = race(folder, kind, PEOPLE, "digest", contestants=AGAINST[kind], rounds=1)
    assert set(found.runs) == set(AGAINST[kind])
    assert PEOPLE * 0.5 < found.listed < PEOPLE * 0.65


def test_the_evidence_may_keep_the_lines_and_nothing_else_changes(folder):
    assert race(folder, SQLITE, PEOPLE // 10, "values", contestants=(GATEWAY,), rounds=1).listed > 0
