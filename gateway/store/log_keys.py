"""Edge: the keys of the log, as the database's facts and entries name them."""

from sqlalchemy import Connection, select

from gateway.errors import CheckpointInvalid, EntryInvalid
from gateway.ledger.checkpoint import parse_vkey
from gateway.ledger.entries import read_entry
from gateway.ledger.events import Event
from gateway.ledger.key_chain import KeyChain
from gateway.store.tables import checkpoints, facts, ledger


def key_chain_of(connection: Connection) -> KeyChain:
    """Return the log's keys by period. Raises CheckpointInvalid where the first is not one.

    An entry that cannot be read names no key here; `audit verify` says which one it is.
    """
    first = connection.execute(select(facts.c.value).where(facts.c.name == "vkey")).scalar()
    chain = KeyChain(parse_vkey(first or ""))
    changes = select(ledger.c.position, ledger.c.body).where(ledger.c.event == Event.LOG_KEY_CHANGED.value)
    for position, body in connection.execute(changes.order_by(ledger.c.position)):
        try:
            chain.hand_over(position, str(read_entry(body).body["vkey"]))
        except (EntryInvalid, CheckpointInvalid):
            continue
    return chain


def newest_note(connection: Connection) -> str | None:
    """Return the newest checkpoint as it was signed."""
    query = select(checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1)
    return connection.execute(query).scalar()
