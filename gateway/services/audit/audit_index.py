"""Where in the log the entries stand that other rows are held against.

Positions only, and one for each list, batch, key or hold, never one for each person: the entries themselves are read
again when they are needed. Made while the log is verified, so that no entry counts that was not found whole.
"""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import Connection

from gateway.errors import EntryInvalid
from gateway.ledger.entries import Entry, read_entry
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.services.audit.audit_rows import RULES
from gateway.store.audit import entry_bytes

#: The events that move a list, and the state that each leaves it in.
STATE_OF = {Event(f"disclosure:list:{state.value}"): state for state in ListState}


@dataclass(slots=True)
class Index:
    """Positions of entries: by list, by batch, and for each table by the key of its rows."""

    created: int = 0
    planned: dict[str, int] = field(default_factory=dict)
    withheld: dict[str, int] = field(default_factory=dict)
    sealed: dict[str, int] = field(default_factory=dict)
    verified: dict[str, int] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    #: Purges of evidence, by kind and reference.
    purged: dict[tuple[str, str], int] = field(default_factory=dict)
    batches: dict[int, int] = field(default_factory=dict)
    #: The newest batch in which the index was made anew, for everybody: what leads to whom stands in it.
    reindexed: int = 0
    forgotten: set[str] = field(default_factory=set)
    newest: dict[str, dict[str, int]] = field(default_factory=lambda: {table: {} for table in RULES})
    #: Holds as they were placed (subject, reason, case, instant), and subjects as they were let go (subject, instant).
    held: Counter[tuple[object, ...]] = field(default_factory=Counter)
    lifted: Counter[tuple[object, ...]] = field(default_factory=Counter)

    def note(self, entry: Entry) -> None:
        """Remember where an entry stands."""
        if "list" in entry.body:
            self._note_list(entry, str(entry.body["list"]))
        self._note_rows(entry)
        match entry.event:
            case Event.DATABASE_CREATED:
                self.created = self.created or entry.position
            case Event.EVIDENCE_PURGED:
                kind = str(entry.body["kind"])
                self.purged[kind, str(entry.body[kind])] = entry.position
            case Event.REGISTRY_GROWN:
                self.batches[number_of(entry.body["batch"])] = entry.position
            case Event.REGISTRY_REINDEXED:
                self.reindexed = number_of(entry.body["batch"])
                self.batches[self.reindexed] = entry.position
            case Event.SUBJECT_FORGOTTEN:
                self.forgotten.add(str(entry.body["subject"]))
            case Event.HOLD_PLACED:
                self.held[entry.body["subject"], entry.body["reason"], entry.body["case"], entry.at] += 1
            case Event.HOLD_LIFTED:
                self.lifted[entry.body["subject"], entry.at] += 1

    def _note_rows(self, entry: Entry) -> None:
        for table, rule in RULES.items():
            if entry.event in rule.events:
                self.newest[table][rule.key_of_entry(entry)] = entry.position
            elif entry.event in rule.ended_by:
                self.newest[table].pop(rule.key_of_entry(entry), None)

    def _note_list(self, entry: Entry, reference: str) -> None:
        if entry.event in STATE_OF:
            self.moved[reference] = entry.position
        match entry.event:
            case Event.LIST_PLANNED:
                self.planned[reference] = entry.position
                # Planned a second time: what it was withheld for says nothing any more.
                self.withheld.pop(reference, None)
            case Event.LIST_WITHHELD:
                self.withheld[reference] = entry.position
            case Event.LIST_SEALED:
                self.sealed[reference] = entry.position
            case Event.LIST_VERIFIED:
                self.verified[reference] = entry.position


@dataclass(slots=True)
class Reading:
    """One pass over the database in one of its snapshots; `lists` and `rows` count what was read under them."""

    connection: Connection
    index: Index
    lists: int = 0
    rows: int = 0

    def said_at(self, position: int | None) -> dict[str, object]:
        """Return what the entry at a position says; nothing where there is none that can be read."""
        content = entry_bytes(self.connection, position) if position else None
        try:
            entry = read_entry(content) if content is not None else None
        except EntryInvalid:
            return {}
        return dict(entry.body) | {"at": entry.at} if entry else {}


def number_of(value: object) -> int:
    """Return a number that an entry says; none counts as nought."""
    return value if isinstance(value, int) else 0
