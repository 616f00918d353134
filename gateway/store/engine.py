"""Edge: the database as one thing that remembers, and the only ways in.

- `reading()` is one consistent snapshot that cannot change anything.
- `writing(actor)` is one transaction by one writer: what it does is explained by ledger entries and ends with a
  signed checkpoint, or nothing of it happened (`work.py`). `preparing(actor, name)` is the same, and keeps nobody
  waiting before it has something to enter.

Leases, heartbeats and rejects say nothing about a decision and go through `working_state()` (law L10's exemption).
A database's environment, log name and controller are burnt in when it is made. `outside` names the file that keeps
its newest checkpoint: nothing is written to a database that is older than that.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, Table, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import EnvironmentMismatch, NotSettleable, StoreError, StoreOutOfDate
from gateway.ledger.checkpoint import Checkpoint, Signer
from gateway.ledger.entries import Event
from gateway.model.officers import Actor
from gateway.model.time import Clock
from gateway.seams import Seam, seam
from gateway.store.compact import compact
from gateway.store.dialects import (
    BEGIN,
    BUSY_SECONDS,
    connect_engine,
    make_sqlite_file,
    parse_database_url,
    sqlite_file,
)
from gateway.store.facts import Facts, burn_in, facts_of
from gateway.store.faults import as_store_error
from gateway.store.forget_log import ForgetLog
from gateway.store.host import host_of, require_host, take_host
from gateway.store.outside import KeptOutside, is_known, require_signed_by
from gateway.store.roles import enter_rights
from gateway.store.signing import LogSigner
from gateway.store.upgrade import TABLES_VERSION, migrate, require_upgradable, version_of
from gateway.store.work import Work

#: Any constant will do, as long as every gateway uses the same.
_WRITER_LOCK = 0x5F6A7E11
#: The first half of the lock on a name, whose other half is the name's hash.
_NAMES = 0x5F6A7E12
#: A sort that does not fit spills people into the server's temporary files. To compile our expressions anew for each
#: statement, as servers do by default with large ones, would take seconds and gain nothing.
_ROOM_TO_SORT = "SELECT set_config('work_mem', '256MB', true), set_config('jit', 'off', true)"


class Store:
    """An open database.

    `signer` signs its log; `others` gives the keys that may have taken its place, as the key files stand when asked.
    `host` is what this machine is called; where it is not said, nobody asks whose the database is. `forgotten` is the
    log of people who must not come back with an older database. `owner` gives the address of the tables' owner, where
    another role works with them and somebody says who owns them: what only an owner may is done by that.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Clock,
        signer: Signer,
        outside: Path | None = None,
        others: Callable[[], Iterable[Signer]] = tuple,
        host: str = "",
        forgotten: ForgetLog | None = None,
        owner: Callable[[], str | None] = lambda: None,
    ) -> None:
        self.engine = engine
        self._owner = owner
        self.forgotten = forgotten
        self._host = host
        self._clock = clock
        self._log = LogSigner(signer, others)
        self._outside = KeptOutside(outside) if outside else None
        self._here = threading.local()

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: Clock,
        signer: Signer,
        outside: Path | None = None,
        others: Callable[[], Iterable[Signer]] = tuple,
        host: str = "",
        forgotten: ForgetLog | None = None,
        owner: Callable[[], str | None] = lambda: None,
    ) -> Self:
        """Open a database. Raises StoreOutOfDate for other tables, KeyUnusable for another log's key."""
        store = cls(
            connect_engine(url),
            clock=clock,
            signer=signer,
            outside=outside,
            others=others,
            host=host,
            forgotten=forgotten,
            owner=owner,
        )
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
        host: str = "",
        runtime: str | None = None,
    ) -> Self:
        """Make a database with all tables, burn the facts in, and enter that it was made.

        `runtime` is the role that works with it from then on, where that is not the one that makes it (roles.py).
        """
        path = sqlite_file(parse_database_url(url))
        if path:
            make_sqlite_file(path)
        store = cls(connect_engine(url), clock=clock, signer=signer, outside=outside, host=host)
        with store._closed_on_error():
            store._make_tables()
            with store.writing(actor) as work:
                burn_in(work, Facts(environment, signer.name, controller, signer.vkey))
                if runtime:
                    enter_rights(work, runtime)
        return store

    @classmethod
    def upgrade(
        cls,
        url: str,
        *,
        clock: Clock,
        signer: Signer,
        environment: str,
        actor: Actor,
        outside: Path | None = None,
        others: Callable[[], Iterable[Signer]] = tuple,
        host: str = "",
        runtime: str | None = None,
    ) -> tuple[str, str]:
        """Bring a database's tables to this version and enter it, at once; return the versions before and now.

        The role that works with them, where it is another one, has its rights with the new tables.
        Raises StoreOutOfDate for a database without tables or of a newer gateway, EnvironmentMismatch, KeyUnusable.
        """
        store = cls(connect_engine(url), clock=clock, signer=signer, outside=outside, others=others, host=host)
        try:
            return store._upgrade(environment, actor, runtime)
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
        """One transaction that ends with a checkpoint. Raises StoreBusy where another writer keeps its place.

        Raises LedgerBehindCheckpoint for an older database than the checkpoint kept outside, or StoreElsewhere, or
        ForgottenReturned where people are in it again who were forgotten.
        """
        with self._one_work(actor, self._require_ours) as work:
            yield work

    @contextmanager
    def preparing(self, actor: Actor, name: str, *, alone: bool = False) -> Iterator[Work]:
        """One transaction like `writing`, in which others still write until it takes its turn (`Work.take_turn`).

        Whoever prepares must find out, once it is their turn, that nothing they read was changed since. With `alone`
        the turn comes first, and so it does on SQLite, where one transaction writes at a time. Of what has one name
        one is prepared at a time: the next waits, and then sees what became of it.
        """
        with self._one_work(actor, self._require_ours, prepares=name, alone=alone) as work:
            yield work

    @property
    def lets_several_prepare(self) -> bool:
        """Whether others write while one prepares; on SQLite each waits for the one before."""
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def forgetting_again(self, actor: Actor) -> Iterator[Work]:
        """One transaction on a database in which people may be again who were forgotten; the first thing it does."""
        with self._one_work(actor, self._require_here_and_newest) as work:
            yield work

    def compact(self, of: Iterable[Table]) -> None:
        """Rewrite tables out of which people were deleted. Raises StoreBusy or StoreError."""
        with self._our_errors(), self._as_owner() as engine:
            compact(engine, of)

    @contextmanager
    def _as_owner(self) -> Iterator[Engine]:
        address = self._owner()
        engine = connect_engine(address) if address else self.engine
        try:
            yield engine
        finally:
            if engine is not self.engine:
                engine.dispose()

    @contextmanager
    def _one_work(
        self, actor: Actor, check: Callable[[Connection], object], *, prepares: str = "", alone: bool = True
    ) -> Iterator[Work]:
        if getattr(self._here, "writing", False):
            raise RuntimeError("a piece of work was begun inside another")
        self._here.writing = True
        try:
            with self._transaction() as connection:
                work = Work(connection, actor=actor, clock=self._clock, wait=partial(self._wait, connection, check))
                if prepares:
                    _wait_for_name(connection, prepares)
                if alone or not self.lets_several_prepare:
                    work.take_turn()
                yield work
                note = work.finish()
            if work.handed_to:
                with self.reading() as connection:
                    self._log.take(work.handed_to, connection)
            seam(Seam.COMMITTED)
            self._keep_outside(note)
        finally:
            self._here.writing = False

    def _wait(self, connection: Connection, check: Callable[[Connection], object]) -> Signer:
        """Wait until no other transaction writes, and return who signs what this one enters."""
        _wait_for_others(connection)
        check(connection)
        return self._log.signer

    def require_newest(self) -> None:
        """Raise LedgerBehindCheckpoint for an older database than the checkpoint kept outside, or StoreElsewhere."""
        # Before the snapshot begins: what another keeps outside meanwhile counts entries that the snapshot cannot show.
        kept = self._kept_outside()
        with self.reading() as connection:
            if self._is_for_one_host:
                require_host(connection, self._host)
            self._require_signed(connection, kept)
            self._require_forgotten(connection)

    def lost(self, elsewhere: str | None = None) -> Checkpoint | None:
        """Return the newest checkpoint that counts entries which this database does not have, if there is one.

        `elsewhere` is one that was kept in another place. Raises CheckpointInvalid for one that the log did not sign.
        """
        kept = self._kept_outside()
        with self.reading() as connection:
            return self._lost(connection, kept, elsewhere)

    @contextmanager
    def settling(self, actor: Actor, elsewhere: str | None = None) -> Iterator[tuple[Work, Checkpoint]]:
        """One transaction on a database from an older backup, which has to enter what it lost (ledger/losses.py).

        It ends behind the size of the checkpoint that it gives, and the database is this machine's from then on.
        Raises NotSettleable where nothing was lost, or where the log went on past that size without saying so.
        """
        with self._one_work(actor, self._log.take_in_force) as work:
            lost = self._require_lost(work.connection, elsewhere)
            if self._is_for_one_host:
                take_host(work.connection, self._host)
            yield work, lost
            if work.size <= lost.size:
                raise RuntimeError("a restored database was settled, and its log would use sizes for a second time")

    def move_here(self, actor: Actor, case: str) -> bool:
        """Let a SQLite database belong to this machine from now on, and enter it; False where it does already."""
        with self._one_work(actor, self._require_newest) as work:
            before = host_of(work.connection)
            if not self._is_for_one_host or before == self._host:
                return False
            work.enter(Event.DATABASE_MOVED, host=self._host, before=before, case=case)
            take_host(work.connection, self._host)
        return True

    @contextmanager
    def working_state(self) -> Iterator[Connection]:
        """One transaction on tables that are exempt from law L10 (`tables.EXEMPT`)."""
        with self._transaction() as connection:
            yield connection

    @property
    def facts(self) -> Facts:
        """What is burnt into the database."""
        with self.reading() as connection:
            return facts_of(connection)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._our_errors(), self.engine.connect() as connection:
            connection.execution_options(**{BEGIN: "BEGIN IMMEDIATE"})
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    _prepare_postgresql(connection)
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

    def _require_ours(self, connection: Connection) -> None:
        self._require_here_and_newest(connection)
        self._require_forgotten(connection)

    def _require_here_and_newest(self, connection: Connection) -> None:
        self._require_host(connection)
        self._require_newest(connection)

    def _require_forgotten(self, connection: Connection) -> None:
        if self.forgotten:
            self.forgotten.require_done(connection)

    def _require_lost(self, connection: Connection, elsewhere: str | None) -> Checkpoint:
        lost = self._lost(connection, self._kept_outside(), elsewhere)
        if lost is None:
            raise NotSettleable("this database is no older than any checkpoint that is known of it")
        if lost.size <= (newest := self._log.newest(connection).size):
            raise NotSettleable(
                f"the log has {newest} entries, and a checkpoint of {lost.size} counts other ones",
                advice="Keep both as they are: docs/how-to/restore-a-backup.md says what this means and what to do.",
            )
        return lost

    def _lost(self, connection: Connection, *notes: str | None) -> Checkpoint | None:
        """Return the newest of the checkpoints kept outside that this database neither signed nor records as lost."""
        found = [self._log.read(note) for note in notes if note is not None]
        unknown = [each for each in found if not is_known(connection, each)]
        return max(unknown, key=lambda each: each.size, default=None)

    def _require_newest(self, connection: Connection) -> None:
        self._require_signed(connection, self._kept_outside())

    def _require_signed(self, connection: Connection, note: str | None) -> None:
        self._log.take_in_force(connection)
        if note is not None:
            require_signed_by(connection, note, self._log.read)

    def _kept_outside(self) -> str | None:
        return self._outside.note() if self._outside else None

    def _require_host(self, connection: Connection) -> None:
        """Raise StoreElsewhere where the database belongs to another machine; one that is nobody's becomes ours."""
        if self._is_for_one_host and require_host(connection, self._host) is None:
            take_host(connection, self._host)

    @property
    def _is_for_one_host(self) -> bool:
        return bool(self._host) and self.engine.dialect.name == "sqlite"

    def _keep_outside(self, note: str | None) -> None:
        if self._outside and note:
            self._outside.keep(note, self._log.read)
            seam(Seam.KEPT_OUTSIDE)

    def _check(self) -> None:
        with self.reading() as connection:
            found = version_of(connection)
            if found != TABLES_VERSION:
                raise StoreOutOfDate(f"the database's tables are at {found or 'none'}, not {TABLES_VERSION}")
            self._log.take_known(connection, facts_of(connection).origin)

    def _upgrade(self, environment: str, actor: Actor, runtime: str | None) -> tuple[str, str]:
        note = None
        with self._transaction() as connection:
            _wait_for_others(connection)
            before = require_upgradable(version_of(connection))
            burnt_in = facts_of(connection)
            self._log.take_known(connection, burnt_in.origin)
            if burnt_in.environment != environment:
                raise EnvironmentMismatch(f"the database is {burnt_in.environment} for ever, not {environment}")
            self._require_ours(connection)
            if before != TABLES_VERSION:
                migrate(connection)
                work = Work(connection, actor=actor, clock=self._clock, wait=lambda: self._log.signer)
                work.take_turn()
                work.enter(Event.DATABASE_UPGRADED, **{"tables": TABLES_VERSION, "from": before})
                if runtime:
                    enter_rights(work, runtime)
                note = work.finish()
        self._keep_outside(note)
        return before, TABLES_VERSION

    def _make_tables(self) -> None:
        with self.working_state() as connection:
            if inspect(connection).get_table_names():
                raise StoreError("the database already holds tables; a new one is made only in an empty database")
            migrate(connection)


def _prepare_postgresql(connection: Connection) -> None:
    connection.execute(text(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'"))
    connection.execute(text(_ROOM_TO_SORT))


def _wait_for_others(connection: Connection) -> None:
    """Wait until no other transaction writes. On SQLite none did from the beginning."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITER_LOCK})


def _wait_for_name(connection: Connection, name: str) -> None:
    """Wait until no other transaction prepares what has this name."""
    if connection.dialect.name == "postgresql":
        both = {"names": _NAMES, "name": name}
        connection.execute(text("SELECT pg_advisory_xact_lock(:names, hashtext(:name))"), both)
