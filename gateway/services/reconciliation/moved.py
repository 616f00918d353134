"""Say whether anything came between working an answer out and keeping it that could make it another one.

Every change of a domain row has its entry (law L10), so the log says it all: a snapshot, a hold, a verdict, a list, an
agreement. Only events that are known to change no answer count for nothing; any other one does, new ones among them.
"""

from sqlalchemy import Connection

from gateway.ledger.entries import Entry
from gateway.ledger.events import Event
from gateway.store.entries import entries_behind

#: What changes no answer: looks at evidence, alerts, what became of other lists of claimants, receipts for the log.
_NO_MATTER = frozenset(
    {event for event in Event if event.value.startswith("audit:")}
    | {
        Event.ALERT_RAISED,
        Event.SERVICE_STARTED,
        Event.SERVICE_STOPPED,
        Event.DELIVERY_ATTEMPTED,
        Event.CHECKPOINT_WITNESSED,
        Event.RECONCILIATION_READ,
        Event.RECONCILIATION_SEARCHED,
        Event.CANDIDATES_READ,
        Event.COLUMNS_CONFIRMED,
    }
)


def has_moved(connection: Connection, size: int, office: str) -> bool:
    """Say whether an entry behind so many may make an office's answer another one."""
    behind = entries_behind(connection, size)
    return any(entry.event not in _NO_MATTER and not _is_of_another(entry, office) for entry in behind)


def _is_of_another(entry: Entry, office: str) -> bool:
    """Say whether another office was answered: its rows are its own."""
    return entry.event is Event.RECONCILED and entry.body["office"] != office
