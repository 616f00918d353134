"""Edge: rewrite what was deleted out of the database's files, so that no byte of it is left there.

- SQLite: deleted cells are overwritten when they are deleted (`secure_delete`, dialects.py); VACUUM makes the file
  anew, and the write-ahead log, which still holds the old pages, is cut to nothing.
- PostgreSQL: the statistics of the tables are taken again, and VACUUM FULL writes each table to a new file; the old
  one goes with the next checkpoint. Only a table's owner may, and since version 17 whoever has the right MAINTAIN
  (rights.py): the server answers anybody else with a warning, so the file is looked at. Its write-ahead log holds the
  old rows until it is recycled, and an archive of that until it ends.
"""

from collections.abc import Iterable

from sqlalchemy import Engine, Table, text

from gateway.errors import StoreBusy, StoreError

_FILE = text("SELECT pg_relation_filenode(CAST(:name AS regclass))")


def compact(engine: Engine, of: Iterable[Table]) -> None:
    """Rewrite the tables; of a SQLite database the whole. Raises StoreBusy while others read, StoreError."""
    if engine.dialect.name == "sqlite":
        _rewrite_sqlite(engine)
        return
    for table in of:
        _rewrite_table(engine, table.name)


def _rewrite_sqlite(engine: Engine) -> None:
    # The driver's own connection: SQLAlchemy would begin a transaction, in which neither statement works.
    pooled = engine.raw_connection()
    try:
        driver = pooled.driver_connection
        if driver is None:
            raise RuntimeError("a pool gave no connection")
        driver.execute("VACUUM")
        busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        pooled.close()
    if busy:
        raise StoreBusy(
            "the database is being read, and its log still holds what was deleted",
            advice="The rows are gone. `gateway subjects confirm-forget` again once the reader is done.",
        )


def _rewrite_table(engine: Engine, name: str) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        before = connection.execute(_FILE, {"name": name}).scalar()
        connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {name}")
        if connection.execute(_FILE, {"name": name}).scalar() == before:
            raise StoreError(
                f"the server did not rewrite the table {name}, which still holds what was deleted",
                advice="The rows are gone. `gateway subjects confirm-forget` again, with the address of the tables'"
                " owner in GATEWAY_OWNER_DATABASE: docs/how-to/forget-a-person.md.",
            )
