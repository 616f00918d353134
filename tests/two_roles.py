"""Two roles on a real PostgreSQL server, as docs/how-to/set-up-postgresql.md makes them: an owner and a runtime role.

Roles belong to the whole server. They are made once for a session of tests, under names of their own, and neither can
do anything to a database that was not given to it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url


@dataclass(frozen=True, slots=True)
class Roles:
    """The names of the two roles."""

    owner: str
    runtime: str

    def owners(self, url: str) -> str:
        """The address of a database for its owner."""
        return under(url, self.owner)

    def runtimes(self, url: str) -> str:
        """The address of a database for the role that works with it."""
        return under(url, self.runtime)

    def give(self, url: str) -> str:
        """Let the owner have an empty database; return its address for the owner."""
        with as_superuser(url) as connection:
            connection.execute(text(f"ALTER DATABASE {make_url(url).database} OWNER TO {self.owner}"))
        return self.owners(url)

    def close(self, url: str) -> str:
        """Take a copied database back from everybody; return its address for the runtime role."""
        self.give(url)
        with as_superuser(url) as connection:
            connection.execute(text(f"REVOKE TEMPORARY ON DATABASE {make_url(url).database} FROM PUBLIC"))
        return self.runtimes(url)


def under(url: str, role: str) -> str:
    """The same database, entered under another role."""
    return make_url(url).set(username=role, password=f"{role}-word").render_as_string(hide_password=False)


@contextmanager
def as_superuser(url: str) -> Iterator[Connection]:
    """A connection of the server's own superuser, each statement by itself."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection to a database; what it does is committed by whoever asks for that."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def two_roles_on(server: str) -> Iterator[Roles]:
    """Make the two roles, and take them away again; whatever they had must be gone by then."""
    roles = Roles(f"gateway_owner_{os.getpid()}", f"gateway_runtime_{os.getpid()}")
    with as_superuser(server) as connection:
        for role in (roles.owner, roles.runtime):
            connection.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD '{role}-word'"))
        yield roles
        for role in (roles.runtime, roles.owner):
            connection.execute(text(f"DROP ROLE {role}"))
