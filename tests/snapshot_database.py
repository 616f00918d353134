"""A database with every table for rows that a test makes by hand, on each kind in turn; import into a conftest."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import StaticPool

from gateway.store import tables
from tests.snapshot_builder import put_first_entry


def a_sqlite_database():
    """A SQLite database in memory, in a transaction."""
    return _with_tables(create_engine("sqlite://", poolclass=StaticPool, hide_parameters=True))


@contextmanager
def _with_tables(engine: Engine) -> Iterator[Connection]:
    tables.metadata.create_all(engine)
    with engine.connect() as connection:
        put_first_entry(connection)
        yield connection
        connection.rollback()
    engine.dispose()


@pytest.fixture
def sqlite_connection() -> Iterator[Connection]:
    """A SQLite database in memory, in a transaction."""
    with a_sqlite_database() as connection:
        yield connection


@pytest.fixture
def postgres_connection(postgres_url: str) -> Iterator[Connection]:
    """A PostgreSQL database, in a transaction."""
    with _with_tables(create_engine(postgres_url, hide_parameters=True)) as connection:
        yield connection


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def connection(request: pytest.FixtureRequest) -> Connection:
    """A database in a transaction, on each kind in turn."""
    name = "sqlite_connection" if request.param == "sqlite" else "postgres_connection"
    found = request.getfixturevalue(name)
    assert isinstance(found, Connection)
    return found
