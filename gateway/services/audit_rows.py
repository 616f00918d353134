"""What each domain row says that the entry which explains it must say too: step (8) of ledger/verify.py.

A table that is not here says nothing beside its hashes, or is judged with its list or batch. A new column that says
something about a decision belongs here: `test_every_column_is_judged` holds the two together.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gateway.errors import EntryInvalid
from gateway.ledger.entries import Entry, read_entry
from gateway.ledger.events import Event
from gateway.ledger.verify import Fault, Finding, disagreements
from gateway.model.delivery import ListState
from gateway.store.audit import Explained

Row = Mapping[str, Any]
#: A table's events, how its rows are called in a finding, and what a row says in the words of the entry.
Says = tuple[frozenset[Event], Callable[[Row], str], Callable[[Row, Event], dict[str, object]]]

#: The events that move a list, and the state that each leaves it in.
STATE_OF = {Event(f"disclosure:list:{state.value}"): state for state in ListState}
_STOPPED = frozenset({Event.AGREEMENT_SUSPENDED, Event.PARTNER_DISABLED, Event.DISCLOSURE_STOPPED})


def _sha256(value: str | bytes) -> str:
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).hexdigest()


def _attempt(row: Row, _event: Event) -> dict[str, object]:
    same = {name: row[name] for name in ("outcome", "started_at", "ended_at")}
    return same | {"list": row["list_reference"], "session": _sha256(row["session"])}


def _receipt(row: Row, _event: Event) -> dict[str, object]:
    same = {name: row[name] for name in ("raw_sha256", "partner", "verdict", "collected_at", "level")}
    return same | {"list": row["list_reference"], "raw": _sha256(row["raw"])}


def _statement(row: Row, _event: Event) -> dict[str, object]:
    same = {"agreement": row["agreement_id"], "version": row["version"], "statement": row["statement_hash"]}
    return same | {"body": _sha256(row["body"]), "document_bytes": _sha256(row["agreement_document"])}


def _approval(row: Row, _event: Event) -> dict[str, object]:
    same = {name: row[name] for name in ("principal", "role")}
    return same | {"statement": row["statement_hash"], "signature": _sha256(row["signature"])}


def _package(row: Row, _event: Event) -> dict[str, object]:
    hashed = {"package_sha256": _sha256(row["ciphertext"]), "package_bytes": len(row["ciphertext"])}
    return hashed | {"list": row["list_reference"]}


def _hold(row: Row, event: Event) -> dict[str, object]:
    if event is Event.HOLD_LIFTED:
        return {"subject": row["subject_ref"], "at": row["lifted_at"]}
    placed = {"subject": row["subject_ref"], "reason": row["reason"], "case": row["case_reference"]}
    return placed | {"at": row["placed_at"], "lifted": row["lifted_at"]}


def _snapshot(row: Row, _event: Event) -> dict[str, object]:
    same = {name: row[name] for name in ("content_hash", "people", "flags", "flags_reaching_nobody")}
    return same | {"snapshot": row["reference"], "as_at_on": row["as_at_on"].isoformat(), "at": row["loaded_at"]}


def _switch(row: Row, event: Event) -> dict[str, object]:
    kind, _, name = row["name"].partition(":")
    named = {kind: name} if name else {}
    return named | {"reason": row["reason"], "stopped": bool(row["stopped"]), "event": event.value}


def _key(row: Row, _event: Event) -> dict[str, object]:
    return {name: row[name] for name in ("fingerprint", "purpose", "owner", "algorithm")}


SAYS: dict[str, Says] = {
    "attempts": (frozenset({Event.DELIVERY_ATTEMPTED}), lambda row: f"attempt {row['attempt_id']}", _attempt),
    "receipts": (
        frozenset({Event.RECEIPT_COLLECTED, Event.RECEIPT_REFUSED}),
        lambda row: f"receipt explained by entry {row['explained_by']}",
        _receipt,
    ),
    "statements": (
        frozenset({Event.AGREEMENT_PREPARED}),
        lambda row: f"statement explained by entry {row['explained_by']}",
        _statement,
    ),
    "approvals": (
        frozenset({Event.AGREEMENT_APPROVED}),
        lambda row: f"approval explained by entry {row['explained_by']}",
        _approval,
    ),
    "packages": (frozenset({Event.LIST_SEALED}), lambda row: f"package of {row['list_reference']}", _package),
    "holds": (
        frozenset({Event.HOLD_PLACED, Event.HOLD_LIFTED}),
        lambda row: f"hold {row['hold_id']}",
        _hold,
    ),
    "snapshots": (frozenset({Event.SOURCES_LOADED}), lambda row: f"snapshot {row['snapshot_id']}", _snapshot),
    "switches": (
        _STOPPED | {Event.AGREEMENT_RESUMED, Event.PARTNER_ENABLED, Event.DISCLOSURE_RESUMED},
        lambda row: f"switch explained by entry {row['explained_by']}",
        _switch,
    ),
    "keys": (
        frozenset({Event.KEY_GENERATED, Event.KEY_IMPORTED, Event.KEY_RETIRED}),
        lambda row: f"key explained by entry {row['explained_by']}",
        _key,
    ),
}
#: Of each of these events there is exactly one row, for ever.
ONE_ROW_EACH = {"attempts": SAYS["attempts"][0], "receipts": SAYS["receipts"][0], "statements": SAYS["statements"][0]}


def entry_of(explained: Explained) -> Entry | None:
    """Return the entry that a row names; None where it is not there or cannot be read, which the log's check says."""
    try:
        return read_entry(explained.body) if explained.body is not None else None
    except EntryInvalid:
        return None


def row_findings(table: str, explained: Explained) -> Iterator[Finding]:
    """Yield what a row says that its entry does not."""
    events, name_of, says = SAYS[table]
    where, entry = name_of(explained.row), entry_of(explained)
    if entry is None or entry.event not in events:
        yield Finding(Fault.UNEXPLAINED, where, "the entry that it names does not explain it")
        return
    try:
        said = says(explained.row, entry.event)
    # SQLite takes any value in any column.
    except (AttributeError, TypeError, ValueError):
        yield Finding(Fault.CHANGED, where, "it holds what no row of ours holds")
        return
    yield from disagreements(where, said, _as_said(entry, said))


def _as_said(entry: Entry, said: Mapping[str, object]) -> dict[str, object]:
    """Return what the entry says under the names that rows use; what it need not say counts as said."""
    body = dict(entry.body)
    derived = {
        "at": entry.at,
        "event": entry.event.value,
        "stopped": entry.event in _STOPPED,
        "lifted": None,
        "raw": body.get("raw_sha256"),
        "body": body.get("statement"),
        "document_bytes": body.get("document_bytes", said.get("document_bytes")),
    }
    return body | derived
