"""Edge: the keys of the log, as the database's facts and entries name them."""

from sqlalchemy import Connection, select

from gateway.errors import CheckpointInvalid, EntryInvalid
from gateway.ledger.checkpoint import Verifier, parse_vkey
from gateway.ledger.entries import read_entry
from gateway.ledger.events import Event
from gateway.ledger.key_chain import KeyChain
from gateway.store.tables import checkpoints, facts, ledger


def key_chain_of(connection: Connection, first: Verifier | None = None) -> KeyChain:
    """Return the log's keys by period, from the first that is given, or else the one that is burnt in.

    Raises CheckpointInvalid where that is not one.

    An entry that cannot be read names no key here; `audit verify` says which one it is.
    """
    chain = KeyChain(first or _burnt_in(connection))
    changes = select(ledger.c.position, ledger.c.body).where(ledger.c.event == Event.LOG_KEY_CHANGED.value)
    for position, body in connection.execute(changes.order_by(ledger.c.position)):
        try:
            chain.hand_over(position, str(read_entry(body).body["vkey"]))
        except (EntryInvalid, CheckpointInvalid):
            continue
    return chain


def _burnt_in(connection: Connection) -> Verifier:
    first = connection.execute(select(facts.c.value).where(facts.c.name == "vkey")).scalar()
    return parse_vkey(first or "")


def newest_note(connection: Connection) -> str | None:
    """Return the newest checkpoint as it was signed."""
    query = select(checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1)
    return connection.execute(query).scalar()
