"""Triggers that hold two laws in the database itself, whoever writes to it and with whatever program.

- Law L7: a row of an append-only table is never changed or removed.
- Law L10: a domain row is written, changed or removed only in a transaction that made a ledger entry. An entry of
  this transaction is one that no checkpoint counts yet, because each transaction ends with its checkpoint.

On PostgreSQL the triggers are enabled ALWAYS, so that a session set up as a replica cannot pass them by, and TRUNCATE
is refused too. Their functions look among our tables first: a session's own temporary `checkpoints` is not asked. The
owner of a database can drop a trigger: `audit verify` says when one is missing or changed.
"""

from collections.abc import Iterable

_COUNTED = "(SELECT coalesce(max(size), 0) FROM checkpoints)"
_ENTERED = "(SELECT coalesce(max(position), 0) FROM ledger)"

# The statements below are put together from constants and from table names that the migrations spell out.
_POSTGRESQL_FUNCTIONS = {
    "gateway_never_changed": """
BEGIN
    RAISE EXCEPTION 'law L7: rows of % are never changed', TG_TABLE_NAME;
END
""",
    "gateway_row_explained": f"""
BEGIN
    IF EXISTS (SELECT 1 FROM touched WHERE explained_by <= {_COUNTED}) THEN
        RAISE EXCEPTION 'law L10: a row of % needs a new entry', TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
""",  # noqa: S608
    "gateway_removal_explained": f"""
BEGIN
    IF EXISTS (SELECT 1 FROM touched) AND {_ENTERED} <= {_COUNTED} THEN
        RAISE EXCEPTION 'law L10: a row of % needs a new entry', TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
""",  # noqa: S608
}


def trigger_statements(
    dialect: str, append_only: Iterable[str], explained: Iterable[str], schema: str = "public"
) -> list[str]:
    """Return the statements that make all triggers of these tables, which stand in a schema of PostgreSQL."""
    if dialect == "sqlite":
        return list(sqlite_triggers(append_only, explained).values())
    statements = [
        f'CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = "{schema}", pg_temp AS $${body}$$'
        for name, body in _POSTGRESQL_FUNCTIONS.items()
    ]
    for name, (table, action) in postgresql_triggers(append_only, explained).items():
        statements.append(f"CREATE TRIGGER {name} {action}")
        statements.append(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
    return statements


def postgresql_functions() -> dict[str, str]:
    """Return each function's name and body."""
    return dict(_POSTGRESQL_FUNCTIONS)


def sqlite_triggers(append_only: Iterable[str], explained: Iterable[str]) -> dict[str, str]:
    """Return each trigger's name and the statement that made it, as SQLite keeps it."""
    triggers = {}
    for table in append_only:
        for act in ("update", "delete"):
            triggers[f"{table}_no_{act}"] = (
                f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'law L7: rows of {table} are never changed'); END"
            )
    for table in explained:
        conditions = {
            "insert": f"NEW.explained_by <= {_COUNTED}",
            "update": f"NEW.explained_by <= {_COUNTED}",
            "delete": f"{_ENTERED} <= {_COUNTED}",
        }
        for act, condition in conditions.items():
            triggers[f"{table}_explained_{act}"] = (
                f"CREATE TRIGGER {table}_explained_{act} BEFORE {act.upper()} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, 'law L10: a row of {table} needs a new entry'); END"
            )
    return triggers


def postgresql_triggers(append_only: Iterable[str], explained: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return each trigger's name with its table and what it does."""
    refuse = "FOR EACH STATEMENT EXECUTE FUNCTION gateway_never_changed()"
    row = "FOR EACH STATEMENT EXECUTE FUNCTION gateway_row_explained()"
    removal = "FOR EACH STATEMENT EXECUTE FUNCTION gateway_removal_explained()"
    triggers = {}
    for table in append_only:
        for act in ("update", "delete", "truncate"):
            triggers[f"{table}_no_{act}"] = (table, f"BEFORE {act.upper()} ON {table} {refuse}")
    for table in explained:
        actions = {
            "insert": f"AFTER INSERT ON {table} REFERENCING NEW TABLE AS touched {row}",
            "update": f"AFTER UPDATE ON {table} REFERENCING NEW TABLE AS touched {row}",
            "delete": f"AFTER DELETE ON {table} REFERENCING OLD TABLE AS touched {removal}",
            "truncate": f"BEFORE TRUNCATE ON {table} {refuse}",
        }
        triggers |= {f"{table}_explained_{act}": (table, action) for act, action in actions.items()}
    return triggers
