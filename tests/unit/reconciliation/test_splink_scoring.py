"""Scoring happens in memory: no file, no network, nothing on the terminal, nothing taken from the list."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from gateway.model.linkage import Person
from gateway.model.work_coach_list import Claimant
from gateway.reconciliation import splink_scoring
from gateway.reconciliation.linking import compared_sides
from gateway.reconciliation.model_file import shipped_model
from gateway.reconciliation.nicknames import NO_NICKNAMES
from gateway.reconciliation.splink_scoring import Scored, score, shut_in_memory
from gateway.reconciliation.weights import frequencies_of
from scripts.linkage.registers_made import population
from tests.linkage_made import a_claimant, a_person


@pytest.mark.parametrize(
    "asked",
    [
        "select * from read_csv('/etc/hostname')",
        "copy (select 1) to 'kept.csv'",
        "attach 'kept.db'",
        # It carries a SQLite of its own, and two in one process lose committed rows (law L7).
        "attach 'kept.db' (type sqlite)",
        "load sqlite",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set temp_directory = '.'",
    ],
)
def test_the_database_reaches_nothing_and_cannot_be_told_to(asked: str) -> None:
    with shut_in_memory() as connection, pytest.raises(duckdb.Error):
        connection.execute(asked)


def test_no_progress_is_written_among_the_data_of_a_command_that_takes_long() -> None:
    with shut_in_memory() as connection:
        assert connection.execute("select current_setting('enable_progress_bar')").fetchall() == [(False,)]


def _scored(rows: list[Claimant], people: list[Person]) -> list[Scored]:
    model, (listed, cohort) = shipped_model(), compared_sides(rows, people, NO_NICKNAMES)
    return score(listed, cohort, model, frequencies_of(cohort.columns, model))


def test_scoring_leaves_no_file_and_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(_scored([a_claimant()], [a_person()])) == 1
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_a_list_of_one_row_weighs_a_name_as_the_cohort_has_it() -> None:
    cohort = [a_person(f"p{number}", surname="Khan", nino="") for number in range(300)]
    (common,) = [pair for pair in _scored([a_claimant(surname="Khan")], [*cohort[:299], a_person("x", surname="Khan")])
                 if pair.evidence.levels[0][1].code == "exact"]  # fmt: skip
    (rare,) = _scored([a_claimant()], [a_person()])
    assert common.evidence.levels[3][1].bits < rare.evidence.levels[3][1].bits - 5


def test_people_of_whom_next_to_nothing_is_known_are_scored() -> None:
    assert len(_scored([Claimant(2, nino="QQ730141C")], [Person("a", nino="QQ730141C")])) == 1
    assert _scored([Claimant(2, surname="Nowak")], [Person("a")]) == []


def test_a_list_is_answered_without_loading_splink() -> None:
    asked = "import gateway.reconciliation.linking, sys; print({'splink', 'sqlglot'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert done.stdout == "set()\n"


def test_pairs_that_are_weighed_in_portions_weigh_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    made = population(101, rows=40, cohort=80, rate=2)
    whole = _scored(list(made.rows), list(made.people))
    monkeypatch.setattr(splink_scoring, "_AT_ONCE", 7)
    assert _scored(list(made.rows), list(made.people)) == whole
    assert len(whole) > 7
