"""Edge: entries of the ledger, read again by what they are about."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from gateway.ledger.entries import Entry, Event, read_entry
from gateway.store.tables import ledger


def entries_about(connection: Connection, *events: Event) -> Iterator[Entry]:
    """Yield every entry of these events, in their order."""
    wanted = [event.value for event in events]
    bodies = select(ledger.c.body).where(ledger.c.event.in_(wanted)).order_by(ledger.c.position)
    return (read_entry(body) for body in connection.execute(bodies).scalars())


def entries_behind(connection: Connection, position: int) -> Iterator[Entry]:
    """Yield every entry behind a position, in their order."""
    bodies = select(ledger.c.body).where(ledger.c.position > position).order_by(ledger.c.position)
    return (read_entry(body) for body in connection.execute(bodies).scalars())
