"""A database with every table for rows that a test makes by hand, on each kind in turn; import into a conftest.

Everything happens in a transaction that is rolled back, so the tables on PostgreSQL are made once for a folder.
"""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.pool import StaticPool

from gateway.store import tables
from tests.snapshot_builder import put_first_entry

_numbers = itertools.count()


@contextmanager
def a_sqlite_database() -> Iterator[Connection]:
    """A SQLite database in memory, in a transaction."""
    engine = create_engine("sqlite://", poolclass=StaticPool, hide_parameters=True)
    tables.metadata.create_all(engine)
    with _rolled_back(engine) as connection:
        yield connection
    engine.dispose()


@contextmanager
def _rolled_back(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        put_first_entry(connection)
        yield connection
        connection.rollback()


@pytest.fixture
def sqlite_connection() -> Iterator[Connection]:
    """A SQLite database in memory, in a transaction."""
    with a_sqlite_database() as connection:
        yield connection


@pytest.fixture(scope="session")
def snapshot_postgres(postgres_server: str) -> Iterator[Engine]:
    """A PostgreSQL database with every table, for a folder of tests."""
    server = make_url(postgres_server).set(drivername="postgresql+psycopg")
    name = f"snapshots_{os.getpid()}_{next(_numbers)}"
    maintenance = create_engine(server, isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = create_engine(server.set(database=name), hide_parameters=True)
    tables.metadata.create_all(engine)
    yield engine
    engine.dispose()
    with maintenance.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    maintenance.dispose()


@pytest.fixture
def postgres_connection(snapshot_postgres: Engine) -> Iterator[Connection]:
    """A PostgreSQL database, in a transaction."""
    with _rolled_back(snapshot_postgres) as connection:
        yield connection


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def connection(request: pytest.FixtureRequest) -> Connection:
    """A database in a transaction, on each kind in turn."""
    name = "sqlite_connection" if request.param == "sqlite" else "postgres_connection"
    found = request.getfixturevalue(name)
    assert isinstance(found, Connection)
    return found
