"""The databases that hold snapshots made by hand."""

from tests.snapshot_database import connection, postgres_connection, sqlite_connection

__all__ = ["connection", "postgres_connection", "sqlite_connection"]
