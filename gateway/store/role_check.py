"""What the role that the gateway works under may really do to its PostgreSQL database, held against rights.py.

- `owns` is what it owns, and `powers` what it may on the whole server or through another role. Either lets it pass by
  every trigger.
- `more` are rights on tables, sequences, the schema, the database, and functions that act as their owner, beyond
  those it needs; `less` are those that it lacks.

The question is asked about the session's own role, whatever it was set to since, and about every table of the schema,
also those that are none of ours. Rights that everybody has count as its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, TextClause, text

from gateway.store.rights import CALLED, REWRITE, rights_wanted, sequences
from gateway.store.roles import can_rewrite

_TABLE_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
#: A right on one column is a right to change evidence in it.
_BY_COLUMN = frozenset({"INSERT", "UPDATE", "REFERENCES"})
_OWNS = text(
    "SELECT 'table ' || relname FROM pg_class"
    " WHERE relowner = :role AND relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')"
    " UNION ALL SELECT 'function ' || proname FROM pg_proc"
    " WHERE proowner = :role AND pronamespace = current_schema()::regnamespace"
    " UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspowner = :role AND nspname = current_schema()"
    " UNION ALL SELECT 'database ' || datname FROM pg_database WHERE datdba = :role AND datname = current_database()"
)
_POWERS = text(
    "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles WHERE oid = :role"
)
_IN_WORDS = {
    "rolsuper": "is a superuser",
    "rolcreaterole": "may make roles",
    "rolcreatedb": "may make databases",
    "rolreplication": "may replicate",
    "rolbypassrls": "may bypass row security",
}
_MEMBER_OF = text(
    "SELECT rolname FROM pg_roles WHERE oid <> :role AND pg_has_role(:role, oid, 'MEMBER') ORDER BY rolname"
)
_MAY_SET = text("SELECT has_parameter_privilege(:role, 'session_replication_role', 'SET')")
_PARAMETERS_SINCE = (15,)
_TABLES = (
    "FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')"
    " ORDER BY relname"
)
_SEQUENCES = text(
    "SELECT relname, has_sequence_privilege(:role, oid, 'USAGE') AS usage, has_sequence_privilege(:role, oid, 'UPDATE')"
    " AS set FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'S' ORDER BY relname"
)
_PLACES = text(
    "SELECT has_schema_privilege(:role, current_schema(), 'CREATE') AS tables,"
    " has_database_privilege(:role, current_database(), 'CREATE') AS schemas,"
    " has_database_privilege(:role, current_database(), 'TEMPORARY') AS temporary"
)
_PLACES_IN_WORDS = {
    "tables": "CREATE in the schema",
    "schemas": "CREATE in the database",
    "temporary": "TEMPORARY in the database",
}
#: Only a function that acts as its owner gives anything to whoever calls it.
_FUNCTIONS = text(
    "SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND prosecdef"
    " AND has_function_privilege(:role, oid, 'EXECUTE') ORDER BY proname"
)


@dataclass(frozen=True, slots=True)
class RightsFound:
    """What a role owns and may, in words that name roles and tables only."""

    role: str
    owns: tuple[str, ...]
    powers: tuple[str, ...]
    more: tuple[str, ...]
    less: tuple[str, ...]


def rights_found(connection: Connection) -> RightsFound | None:
    """Return what the session's role may; None where the database is not on a server."""
    if connection.dialect.name != "postgresql":
        return None
    name, role = connection.execute(text("SELECT rolname, oid FROM pg_roles WHERE rolname = session_user")).one()
    powers = tuple(_powers(connection, role))
    if _IN_WORDS["rolsuper"] in powers:
        # A superuser has every right: to list them says no more.
        return RightsFound(name, _names(connection, _OWNS, role), powers, (), ())
    return RightsFound(
        role=name,
        owns=_names(connection, _OWNS, role),
        powers=powers,
        more=tuple(_beyond(connection, role)),
        less=tuple(_missing(connection, role)),
    )


def _powers(connection: Connection, role: int) -> Iterator[str]:
    row = connection.execute(_POWERS, {"role": role}).one()
    yield from (words for name, words in _IN_WORDS.items() if row._mapping[name])  # noqa: SLF001 - a row's names
    if row.rolsuper:
        return
    yield from (f"is a member of {other}" for other in _names(connection, _MEMBER_OF, role))
    knows_parameters = (connection.dialect.server_version_info or (0,)) >= _PARAMETERS_SINCE
    if knows_parameters and connection.execute(_MAY_SET, {"role": role}).scalar():
        yield "may set session_replication_role"


def _beyond(connection: Connection, role: int) -> Iterator[str]:
    wanted = rights_wanted(rewriting=can_rewrite(connection))
    for table, rights in _rights_on_tables(connection, role).items():
        yield from (f"{right} on {table}" for right in sorted(rights - wanted.get(table, frozenset())))
    yield from (f"UPDATE on {row.relname}" for row in connection.execute(_SEQUENCES, {"role": role}) if row.set)
    places = connection.execute(_PLACES, {"role": role}).one()
    yield from (words for name, words in _PLACES_IN_WORDS.items() if places._mapping[name])  # noqa: SLF001 - see above
    known = _called()
    yield from (f"EXECUTE on {name}" for name in _names(connection, _FUNCTIONS, role) if name not in known)


def _missing(connection: Connection, role: int) -> Iterator[str]:
    wanted, found = rights_wanted(rewriting=can_rewrite(connection)), _rights_on_tables(connection, role)
    for table, rights in sorted(wanted.items()):
        yield from (f"{right} on {table}" for right in sorted(rights - found.get(table, frozenset())))
    used = {row.relname for row in connection.execute(_SEQUENCES, {"role": role}) if row.usage}
    yield from (f"USAGE on {name}" for name in sequences() if name not in used)
    may_call = _names(connection, _FUNCTIONS, role)
    yield from (f"EXECUTE on {name}" for name in _called() if name not in may_call)


def _rights_on_tables(connection: Connection, role: int) -> dict[str, frozenset[str]]:
    rights = (*_TABLE_RIGHTS, REWRITE) if can_rewrite(connection) else _TABLE_RIGHTS
    asked = ", ".join(f"{_asks(right)}(:role, oid, '{right}') AS {right.lower()}_right" for right in rights)
    rows = connection.execute(text(f"SELECT relname, {asked} {_TABLES}"), {"role": role})
    return {name: frozenset(each for each, had in zip(rights, may, strict=True) if had) for name, *may in rows}


def _asks(right: str) -> str:
    return "has_any_column_privilege" if right in _BY_COLUMN else "has_table_privilege"


def _called() -> list[str]:
    return [function.partition("(")[0] for function in CALLED]


def _names(connection: Connection, statement: TextClause, role: int) -> tuple[str, ...]:
    return tuple(connection.execute(statement, {"role": role}).scalars())
