"""Edge: the database as one thing that remembers, and the only two ways in.

- `reading()` is one consistent snapshot that cannot change anything.
- `writing(actor)` is one transaction by one writer: what it does is explained by ledger entries and ends with a
  signed checkpoint, or nothing of it happened (`work.py`).

Leases, heartbeats and rejects say nothing about a decision and go through `working_state()` (law L10's exemption).
A database's environment, log name and controller are burnt in when it is made. `outside` names the file that keeps
its newest checkpoint: nothing is written to a database that is older than that.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, insert, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from gateway.documents.canonical import canonical_json, sha256_hex
from gateway.errors import EnvironmentMismatch, KeyUnusable, StoreError, StoreOutOfDate
from gateway.ledger.checkpoint import Signer
from gateway.ledger.entries import Event
from gateway.model.officers import Actor
from gateway.model.time import Clock
from gateway.seams import Seam, seam
from gateway.store.dialects import (
    BEGIN,
    BUSY_SECONDS,
    connect_engine,
    make_sqlite_file,
    parse_database_url,
    sqlite_file,
)
from gateway.store.faults import as_store_error
from gateway.store.outside import KeptOutside
from gateway.store.tables import facts
from gateway.store.upgrade import TABLES_VERSION, migrate, require_upgradable, version_of
from gateway.store.work import Work

#: Any constant will do, as long as every gateway uses the same.
_WRITER_LOCK = 0x5F6A7E11
#: A sort that does not fit spills people into the server's temporary files.
_ROOM_TO_SORT = "SET LOCAL work_mem = '256MB'"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is burnt into a database; `vkey` is the public key of its log."""

    environment: str
    origin: str
    controller: str
    vkey: str


class Store:
    """An open database."""

    def __init__(self, engine: Engine, *, clock: Clock, signer: Signer, outside: Path | None = None) -> None:
        self.engine = engine
        self._clock = clock
        self._signer = signer
        self._outside = KeptOutside(outside, signer) if outside else None
        self._here = threading.local()

    @classmethod
    def open(cls, url: str, *, clock: Clock, signer: Signer, outside: Path | None = None) -> Self:
        """Open a database. Raises StoreOutOfDate for other tables, KeyUnusable for another log's key."""
        store = cls(connect_engine(url), clock=clock, signer=signer, outside=outside)
        with store._closed_on_error():
            store._check()
        return store

    @classmethod
    def create(
        cls,
        url: str,
        *,
        clock: Clock,
        signer: Signer,
        environment: str,
        controller: str,
        actor: Actor,
        outside: Path | None = None,
    ) -> Self:
        """Make a database with all tables, burn the facts in, and enter that it was made."""
        path = sqlite_file(parse_database_url(url))
        if path:
            make_sqlite_file(path)
        store = cls(connect_engine(url), clock=clock, signer=signer, outside=outside)
        with store._closed_on_error():
            store._make_tables()
            store._burn_in(Facts(environment, signer.name, controller, signer.vkey), actor)
        return store

    @classmethod
    def upgrade(
        cls, url: str, *, clock: Clock, signer: Signer, environment: str, actor: Actor, outside: Path | None = None
    ) -> tuple[str, str]:
        """Bring a database's tables to this version and enter it, at once; return the versions before and now.

        Raises StoreOutOfDate for a database without tables or of a newer gateway, EnvironmentMismatch, KeyUnusable.
        """
        store = cls(connect_engine(url), clock=clock, signer=signer, outside=outside)
        try:
            return store._upgrade(environment, actor)
        finally:
            store.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot of the database; a write is refused."""
        with self._our_errors(), self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                connection.execute(text(_ROOM_TO_SORT))
                yield connection
                return
            connection.exec_driver_sql("PRAGMA query_only=on")
            try:
                yield connection
            finally:
                # The connection goes back to the pool, where a writer may take it.
                connection.exec_driver_sql("PRAGMA query_only=off")

    @contextmanager
    def writing(self, actor: Actor) -> Iterator[Work]:
        """One transaction that ends with a checkpoint. Raises StoreBusy where another writer keeps its place."""
        if getattr(self._here, "writing", False):
            raise RuntimeError("a piece of work was begun inside another")
        self._here.writing = True
        try:
            with self._transaction() as connection:
                self._require_newest(connection)
                work = Work(connection, actor=actor, clock=self._clock, signer=self._signer)
                yield work
                note = work.finish()
            seam(Seam.COMMITTED)
            self._keep_outside(note)
        finally:
            self._here.writing = False

    def require_newest(self) -> None:
        """Raise LedgerBehindCheckpoint where this is an older database than the checkpoint kept outside."""
        with self.reading() as connection:
            self._require_newest(connection)

    @contextmanager
    def working_state(self) -> Iterator[Connection]:
        """One transaction on tables that are exempt from law L10 (`tables.EXEMPT`)."""
        with self._transaction(lock=False) as connection:
            yield connection

    @property
    def facts(self) -> Facts:
        """What is burnt into the database."""
        with self.reading() as connection:
            return _facts(connection)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @contextmanager
    def _transaction(self, *, lock: bool = True) -> Iterator[Connection]:
        with self._our_errors(), self.engine.connect() as connection:
            connection.execution_options(**{BEGIN: "BEGIN IMMEDIATE"})
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    _prepare_postgresql(connection, lock=lock)
                yield connection

    @contextmanager
    def _our_errors(self) -> Iterator[None]:
        try:
            yield
        # A COPY speaks to the driver directly, and its errors come as they are.
        except (SQLAlchemyError, self.engine.dialect.loaded_dbapi.Error) as error:
            raise as_store_error(error) from None

    @contextmanager
    def _closed_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    def _require_newest(self, connection: Connection) -> None:
        if self._outside:
            self._outside.require_signed_by(connection)

    def _keep_outside(self, note: str | None) -> None:
        if self._outside and note:
            self._outside.keep(note)
            seam(Seam.KEPT_OUTSIDE)

    def _check(self) -> None:
        with self.reading() as connection:
            found = version_of(connection)
            if found != TABLES_VERSION:
                raise StoreOutOfDate(f"the database's tables are at {found or 'none'}, not {TABLES_VERSION}")
            self._require_our_log(_facts(connection))

    def _require_our_log(self, burnt_in: Facts) -> None:
        if (burnt_in.origin, burnt_in.vkey) != (self._signer.name, self._signer.vkey):
            raise KeyUnusable("the checkpoint key is not the one that this database was made with")

    def _upgrade(self, environment: str, actor: Actor) -> tuple[str, str]:
        note = None
        with self._transaction() as connection:
            before = require_upgradable(version_of(connection))
            burnt_in = _facts(connection)
            self._require_our_log(burnt_in)
            if burnt_in.environment != environment:
                raise EnvironmentMismatch(f"the database is {burnt_in.environment} for ever, not {environment}")
            self._require_newest(connection)
            if before != TABLES_VERSION:
                migrate(connection)
                work = Work(connection, actor=actor, clock=self._clock, signer=self._signer)
                work.enter(Event.DATABASE_UPGRADED, **{"tables": TABLES_VERSION, "from": before})
                note = work.finish()
        self._keep_outside(note)
        return before, TABLES_VERSION

    def _make_tables(self) -> None:
        with self.working_state() as connection:
            if inspect(connection).get_table_names():
                raise StoreError("the database already holds tables; a new one is made only in an empty database")
            migrate(connection)

    def _burn_in(self, burnt_in: Facts, actor: Actor) -> None:
        values = {name: getattr(burnt_in, name) for name in Facts.__slots__}
        with self.writing(actor) as work:
            position = work.enter(
                Event.DATABASE_CREATED,
                environment=burnt_in.environment,
                origin=burnt_in.origin,
                facts=facts_hash(values),
                tables=TABLES_VERSION,
            )
            rows = [{"name": name, "value": value, "explained_by": position} for name, value in values.items()]
            work.connection.execute(insert(facts), rows)


def facts_hash(values: dict[str, str]) -> str:
    """Return the hash of the facts that the entry of a database's making holds."""
    return sha256_hex(canonical_json(values))


def _facts(connection: Connection) -> Facts:
    values = {row.name: row.value for row in connection.execute(select(facts.c.name, facts.c.value))}
    missing = [name for name in Facts.__slots__ if name not in values]
    if missing:
        raise StoreOutOfDate(f"the database was never made whole: it lacks {', '.join(missing)}")
    return Facts(**{name: values[name] for name in Facts.__slots__})


def _prepare_postgresql(connection: Connection, *, lock: bool) -> None:
    connection.execute(text(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'"))
    connection.execute(text(_ROOM_TO_SORT))
    if lock:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITER_LOCK})
