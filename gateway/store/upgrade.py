"""The version of the tables, and the way from one to the next.

Alembic runs the scripts in `migrations/`, inside the transaction of the connection it is given: a migration
happens whole or not at all, on both databases.
"""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from gateway.errors import StoreOutOfDate

#: The newest script in migrations/versions; a test holds the two together.
TABLES_VERSION = "0001"
SCRIPTS = Path(__file__).parent / "migrations"


def version_of(connection: Connection) -> str | None:
    """Return the version of a database's tables, None where it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def require_upgradable(version: str | None) -> str:
    """Return a database's version if there is a way from it to this one. Raises StoreOutOfDate."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    if version is None:
        raise StoreOutOfDate("the database has no tables yet", advice="`gateway init` makes a database.")
    if version not in {script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions()}:
        raise StoreOutOfDate(
            f"the database's tables are at {version}, which this gateway does not know",
            advice="A newer gateway made them: install that one.",
        )
    return version


def migrate(connection: Connection) -> None:
    """Bring the tables to the newest version."""
    # Imported here: only making and upgrading a database need it, and it is slow to load.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
