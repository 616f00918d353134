"""Edge: the two databases, opened so that the laws hold whatever the server's defaults are.

SQLite: one file on a local disk, readable by its owner only, reached through the standard library's driver and no
other. A second SQLite library in one process drops the first one's locks, and committed rows with them.
PostgreSQL: psycopg 3. On both, parameters never reach an error's text.
"""

import os
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from gateway.errors import StoreError

#: How long a writer waits for another before it gives up with StoreBusy.
BUSY_SECONDS = 30
#: The execution option that says how a SQLite transaction begins.
BEGIN = "gateway_begin"

#: Each setting, and what reading it back must give.
_PRAGMAS: dict[str, tuple[str, set[object]]] = {
    # First, because even setting the journal's mode may have to wait.
    "busy_timeout": (str(BUSY_SECONDS * 1000), {BUSY_SECONDS * 1000}),
    # Readers never wait for the writer, nor the writer for them.
    "journal_mode": ("wal", {"wal", "memory"}),
    # A commit is on the disk before anything is sent because of it (law L1).
    "synchronous": ("full", {2}),
    "foreign_keys": ("on", {1}),
    # Without it INSERT OR REPLACE rewrites an append-only row and no trigger sees it (law L7).
    "recursive_triggers": ("on", {1}),
    # What is deleted is overwritten, so that somebody who is forgotten is not left in a free page (law L8).
    "secure_delete": ("on", {1}),
    # A sort must not spill people into a temporary file (law L8).
    "temp_store": ("memory", {2}),
}
#: The same for whoever opens the file in a process of its own.
SQLITE_SETTINGS = [f"{name}={setting}" for name, (setting, _) in _PRAGMAS.items()]
#: File systems on which SQLite's locks do not hold between hosts.
_SHARED = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "ceph", "glusterfs", "lustre"})


def connect_engine(url: str) -> Engine:
    """Return an engine for a database that exists. Raises StoreError for a file that is not there."""
    parsed = parse_database_url(url)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed)
    path = sqlite_file(parsed)
    if path and not path.exists():
        raise StoreError("there is no database file where the settings say", advice="`gateway init` makes one.")
    if path:
        require_local_disk(path)
    return _sqlite(parsed)


def parse_database_url(url: str) -> URL:
    """Return the parts of a database's address. Raises StoreError for a kind of database that is not supported."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("the database's address cannot be read") from None
    match parsed.get_backend_name():
        case "postgresql":
            return parsed.set(drivername="postgresql+psycopg")
        case "sqlite":
            return parsed.set(drivername="sqlite+pysqlite")
    raise StoreError("the database is neither SQLite nor PostgreSQL")


def sqlite_file(url: URL) -> Path | None:
    """Return the database's file; None for one in memory or on a server."""
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return None
    return Path(str(url.database))


def make_sqlite_file(path: Path) -> None:
    """Make an empty file that only its owner reads; the journal beside it gets the same rights from SQLite."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise StoreError("a database file is already there; it is never written over") from None
    except OSError as error:
        raise StoreError(f"the database file cannot be made: {error.strerror}") from None


def require_local_disk(path: Path, mounts: Path = Path("/proc/self/mounts")) -> None:
    """Raise StoreError for a file on a network share, where two hosts would not see each other's locks."""
    where = path.resolve()
    kind = _file_system(where, mounts) if mounts.exists() else ""
    if kind in _SHARED or str(where).startswith(("\\\\", "//")):
        raise StoreError(
            "the database file is on a network share, where SQLite's locks do not hold",
            advice="Keep the state directory on a local disk, or use PostgreSQL.",
        )


def _file_system(where: Path, mounts: Path) -> str:
    best, kind = Path("/"), ""
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        point = Path(line.split()[1].replace("\\040", " "))
        if where.is_relative_to(point) and len(point.parts) >= len(best.parts):
            best, kind = point, line.split()[2]
    return kind


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        # Each process would ask the server for a type that no table of ours has.
        use_native_hstore=False,
        # Six lists at once, and three connections for each.
        max_overflow=15,
        connect_args={"application_name": "gateway", "connect_timeout": BUSY_SECONDS},
    )


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(driver: Any, _record: Any) -> None:
    # The driver's own idea of when a transaction begins leaves DDL and SELECT outside it.
    driver.isolation_level = None
    for name, (setting, wanted) in _PRAGMAS.items():
        driver.execute(f"PRAGMA {name}={setting}")
        if driver.execute(f"PRAGMA {name}").fetchone()[0] not in wanted:
            raise StoreError(f"this SQLite library does not keep to {name}={setting}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(BEGIN, "BEGIN"))
