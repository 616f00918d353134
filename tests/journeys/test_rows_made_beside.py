"""Rows of a long list are made in a process beside: the same lists, and nothing is left of one that was not made."""

import pytest

from gateway.errors import LedgerDamaged
from gateway.services.disclosure import list_making
from gateway.services.disclosure.run_disclosures import Refused
from gateway.store import rows_beside
from gateway.store.tables import evidence, exclusions, lists
from tests.rehearsed_county import RehearsedCounty


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every list be long enough for a process of its own, and for being decided in two halves."""
    monkeypatch.setattr(rows_beside, "WORTH_A_PROCESS", 0)
    monkeypatch.setattr(list_making, "_WORTH_TWO", 0)


@pytest.mark.usefixtures("beside")
def test_L9_rows_made_beside_give_the_same_lists(
    county: RehearsedCounty, ordinary_lists: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Were one made here after all, this would end it.
    monkeypatch.delattr(rows_beside.Here, "blocks")
    county.approve()
    county.run()
    county.deliver()
    assert county.plaintexts() == ordinary_lists


@pytest.mark.usefixtures("beside")
@pytest.mark.parametrize("ends", ["sys.exit(3)", "sys.stdin.buffer.read()"])
def test_L1_nothing_is_left_of_a_list_whose_process_ends_early_and_the_next_run_makes_it(
    sqlite_county: RehearsedCounty, ordinary_lists: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    county = sqlite_county
    county.approve()
    with monkeypatch.context() as broken:
        broken.setattr(rows_beside, "_LOAD", f"import sys; {ends}")
        # One that takes what it is given and never answers is ended.
        broken.setattr(rows_beside, "ALLOWED_S", 0.3)
        answers = county.run()
    assert {type(answer) for answer in answers} == {Refused}
    assert {answer.code for answer in answers} == {"store"}
    assert [county.rows(table) for table in (lists, evidence, exclusions)] == [[], [], []]
    county.run()
    county.deliver()
    assert county.plaintexts() == ordinary_lists


def test_L7_a_database_that_loses_a_row_of_evidence_is_found_before_anything_is_signed(
    sqlite_county: RehearsedCounty,
) -> None:
    county = sqlite_county
    county.approve()
    with county.at() as workplace, workplace.store.engine.connect() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER loses BEFORE INSERT ON evidence WHEN new.position = 2 BEGIN SELECT RAISE(IGNORE); END"
        )
        connection.commit()
    with pytest.raises(LedgerDamaged, match="does not hold"):
        county.run()
    assert [county.rows(table) for table in (lists, evidence)] == [[], []]
