"""A database that goes away at the very moment in which a run reads what its lists are made on.

The servers of test_servers_killed.py are killed at moments that are drawn, and meet this one by chance.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import NullPool, create_engine, text

from gateway.errors import StoreBusy
from gateway.services.disclosure.run_disclosures import run_disclosures
from tests.rehearsed_county import HOUSING, JOBCENTRE, SMALL_HOURS, RehearsedCounty

DUE = [(HOUSING, SMALL_HOURS.date()), (JOBCENTRE, SMALL_HOURS.date())]
_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def county(founded_county, postgres_url, tmp_path) -> RehearsedCounty:
    county = founded_county.copied_to(tmp_path / "county")
    county.move_to(postgres_url)
    with county.server() as partners:
        county.know_partners(partners)
    county.load()
    county.approve()
    return county


def ending_connections(url: str, *, when: str) -> Callable[..., None]:
    """Return what ends every connection to a database once, when something is recorded for the first time."""
    ended = []

    def record(event: str, **_: object) -> None:
        if event == when and not ended:
            ended.append(event)
            with create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect() as connection:
                connection.execute(text(_OTHERS))

    return record


@pytest.mark.postgres
def test_L5_a_database_that_goes_while_windows_are_read_is_said_to_be_gone_and_the_next_run_makes_every_list(
    county, postgres_url
):
    with county.at(SMALL_HOURS) as workplace:
        gone = replace(workplace, record=ending_connections(postgres_url, when="disclosure:begun"))
        with pytest.raises(StoreBusy) as refused:
            run_disclosures(gone, DUE)
        assert refused.value.retryable
        assert county.lists() == []
        made = run_disclosures(workplace, DUE)
    assert {kept.agreement_id for kept in county.lists()} == {HOUSING, JOBCENTRE}
    assert len(made) == len(county.lists())
