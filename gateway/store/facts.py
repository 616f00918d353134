"""Edge: what is burnt into a database when it is made: whose it is, what for, and by which key its log begins."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from gateway.documents.canonical import canonical_json, sha256_hex
from gateway.errors import StoreOutOfDate
from gateway.ledger.entries import Event
from gateway.store.tables import facts
from gateway.store.upgrade import TABLES_VERSION
from gateway.store.work import Work


@dataclass(frozen=True, slots=True)
class Facts:
    """What is burnt into a database; `vkey` is the first public key of its log."""

    environment: str
    origin: str
    controller: str
    vkey: str


def burn_in(work: Work, burnt_in: Facts) -> None:
    """Enter that the database was made, and keep the facts."""
    values = {name: getattr(burnt_in, name) for name in Facts.__slots__}
    position = work.enter(
        Event.DATABASE_CREATED,
        environment=burnt_in.environment,
        origin=burnt_in.origin,
        facts=facts_hash(values),
        tables=TABLES_VERSION,
    )
    rows = [{"name": name, "value": value, "explained_by": position} for name, value in values.items()]
    work.connection.execute(insert(facts), rows)


def facts_of(connection: Connection) -> Facts:
    """Return what is burnt in. Raises StoreOutOfDate for a database that was never made whole."""
    values = {row.name: row.value for row in connection.execute(select(facts.c.name, facts.c.value))}
    missing = [name for name in Facts.__slots__ if name not in values]
    if missing:
        raise StoreOutOfDate(f"the database was never made whole: it lacks {', '.join(missing)}")
    return Facts(**{name: values[name] for name in Facts.__slots__})


def facts_hash(values: dict[str, str]) -> str:
    """Return the hash of the facts that the entry of a database's making holds."""
    return sha256_hex(canonical_json(values))
