"""The databases that hold snapshots made by hand."""

from tests.snapshot_database import connection, postgres_connection, snapshot_postgres, sqlite_connection

__all__ = ["connection", "postgres_connection", "snapshot_postgres", "sqlite_connection"]
