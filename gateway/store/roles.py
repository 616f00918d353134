"""The two roles of a PostgreSQL database: one that owns the tables, and one that works with them day and night.

- The owner makes and migrates the tables. Nothing runs under it at night.
- The runtime role gets exactly what rights.py says, after everything else was taken from it and from everybody.
- A table that a later migration makes can be read and added to at once, and nothing more until the rights are given.

Neither role is made here, and neither's attributes are changed: that takes a right over the whole server
(docs/how-to/set-up-postgresql.md). Whether a role has more than this is role_check.py's.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, text

from gateway.documents.canonical import sha256_hex
from gateway.errors import RolesNotSeparate
from gateway.ledger.entries import Event
from gateway.store.dialects import parse_database_url
from gateway.store.rights import CALLED, rights_wanted, sequences
from gateway.store.triggers import postgresql_functions
from gateway.store.upgrade import TABLES_VERSION
from gateway.store.work import Work

#: The first version of PostgreSQL that lets somebody else than the owner rewrite a table.
_MAINTAIN_SINCE = (17,)
_WHERE = text(
    "SELECT current_database() AS database, current_schema() AS schema,"
    " (SELECT pg_get_userbyid(relowner) FROM pg_class"
    "  WHERE relname = 'ledger' AND relnamespace = current_schema()::regnamespace) AS owner,"
    " EXISTS (SELECT 1 FROM pg_roles WHERE rolname = :runtime) AS known"
)
_MAY_ACT_AS = text("SELECT pg_has_role(:owner, 'USAGE')")


@dataclass(frozen=True, slots=True)
class RoleNames:
    """Who is who in a database: its name, the schema of the tables, and the two roles."""

    database: str
    schema: str
    owner: str
    runtime: str


def role_statements(names: RoleNames, *, rewriting: bool) -> list[str]:
    """Return the statements that give the runtime role its rights, in their order; the owner runs them."""
    return [*_of_database(names), *_of_tables(names, rewriting=rewriting), *_of_functions(names), *_of_later(names)]


def role_of(address: str) -> str:
    """Return the role that an address of a PostgreSQL database names. Raises RolesNotSeparate for any other address."""
    parsed = parse_database_url(address)
    if parsed.get_backend_name() != "postgresql":
        raise RolesNotSeparate("a SQLite file has no roles: whoever may write it may change all of it")
    if not parsed.username:
        raise RolesNotSeparate("the address of the database names no role")
    return parsed.username


def names_of(connection: Connection, runtime: str) -> RoleNames:
    """Return who is who. Raises RolesNotSeparate where the runtime role is the owner, or is not there."""
    found = connection.execute(_WHERE, {"runtime": runtime}).one()
    if not found.known:
        raise RolesNotSeparate("the role that the gateway's address names is not on the server")
    if found.owner == runtime:
        raise RolesNotSeparate("the role that the gateway's address names owns the tables itself")
    return RoleNames(found.database, found.schema, found.owner, runtime)


def can_rewrite(connection: Connection) -> bool:
    """Say whether the server lets somebody else than a table's owner rewrite it."""
    return (connection.dialect.server_version_info or (0,)) >= _MAINTAIN_SINCE


def statements_for(connection: Connection, runtime: str) -> list[str]:
    """Return the statements for the database that is connected to. Raises RolesNotSeparate."""
    return role_statements(names_of(connection, runtime), rewriting=can_rewrite(connection))


def enter_rights(work: Work, runtime: str) -> list[str]:
    """Give the runtime role its rights, and enter it; return the statements.

    Raises RolesNotSeparate for anybody but the owner.
    """
    connection = work.connection
    names = names_of(connection, runtime)
    if not connection.execute(_MAY_ACT_AS, {"owner": names.owner}).scalar():
        raise RolesNotSeparate("only the owner of the tables gives rights to them")
    statements = role_statements(names, rewriting=can_rewrite(connection))
    for statement in statements:
        connection.exec_driver_sql(statement)
    work.enter(Event.DATABASE_RIGHTS_GIVEN, tables=TABLES_VERSION, rights=sha256_hex("\n".join(statements).encode()))
    return statements


def _of_database(names: RoleNames) -> list[str]:
    database, schema, runtime = map(_quoted, (names.database, names.schema, names.runtime))
    return [
        # A temporary table goes before one of ours with the same name, wherever a statement does not say which.
        f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {runtime}",
        f"GRANT CONNECT ON DATABASE {database} TO {runtime}",
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {runtime}",
        f"GRANT USAGE ON SCHEMA {schema} TO {runtime}",
    ]


def _of_tables(names: RoleNames, *, rewriting: bool) -> list[str]:
    wanted, runtime = rights_wanted(rewriting=rewriting), _quoted(names.runtime)
    alike: dict[frozenset[str], list[str]] = {}
    for table, rights in sorted(wanted.items()):
        alike.setdefault(rights, []).append(table)
    numbers = _listed(names, sequences())
    return [
        f"REVOKE ALL ON TABLE {_listed(names, sorted(wanted))} FROM PUBLIC, {runtime}",
        *(
            f"GRANT {', '.join(sorted(rights))} ON TABLE {_listed(names, tables)} TO {runtime}"
            for rights, tables in alike.items()
        ),
        f"REVOKE ALL ON SEQUENCE {numbers} FROM PUBLIC, {runtime}",
        f"GRANT USAGE ON SEQUENCE {numbers} TO {runtime}",
    ]


def _of_functions(names: RoleNames) -> list[str]:
    schema, runtime = _quoted(names.schema), _quoted(names.runtime)
    ours = [f"{schema}.{name}()" for name in postgresql_functions()]
    called = [f"{schema}.{function}" for function in CALLED]
    return [
        f"REVOKE ALL ON FUNCTION {', '.join([*ours, *called])} FROM PUBLIC, {runtime}",
        *(f"GRANT EXECUTE ON FUNCTION {function} TO {runtime}" for function in called),
    ]


def _of_later(names: RoleNames) -> list[str]:
    owner, schema, runtime = map(_quoted, (names.owner, names.schema, names.runtime))
    by_owner = f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner}"
    return [
        f"{by_owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
        f"{by_owner} IN SCHEMA {schema} GRANT SELECT, INSERT ON TABLES TO {runtime}",
        f"{by_owner} IN SCHEMA {schema} GRANT USAGE ON SEQUENCES TO {runtime}",
    ]


def _listed(names: RoleNames, of_schema: Iterable[str]) -> str:
    return ", ".join(f"{_quoted(names.schema)}.{_quoted(each)}" for each in of_schema)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
