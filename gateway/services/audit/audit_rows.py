"""What each domain row says that the entry which explains it must say too: step (8) of ledger/verify.py.

Each row names the newest entry about its key, so that a row that was put back to what it was, or taken away, is
found. Lists and the registry are judged in audit_lists.py and audit_registry.py.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from gateway.errors import EntryInvalid
from gateway.ledger.entries import Entry, read_entry
from gateway.ledger.events import Event
from gateway.ledger.verify import Fault, Finding, disagreements
from gateway.model.complaint import ComplaintState
from gateway.model.export import ExportState
from gateway.model.forgetting import ForgetState
from gateway.model.handover import HandoverState
from gateway.model.keys import KeyState
from gateway.model.reconciliation import Counts, ReconciliationState
from gateway.model.retention import HoldState
from gateway.store.audit import Explained
from gateway.store.complaints import note_commitment

Row = Mapping[str, Any]

_STOPPED = frozenset({Event.AGREEMENT_SUSPENDED, Event.PARTNER_DISABLED, Event.DISCLOSURE_STOPPED})
_RESUMED = frozenset({Event.AGREEMENT_RESUMED, Event.PARTNER_ENABLED, Event.DISCLOSURE_RESUMED})
#: The state that an event leaves a row in, where that is not a list; any other one puts a key in use.
_STATE_AFTER = {
    Event.KEY_PREPARED: KeyState.PREPARED.value,
    Event.KEY_RETIRED: KeyState.RETIRED.value,
    Event.HANDOVER_ENTERED: HandoverState.ENTERED.value,
    Event.HANDOVER_ATTESTED: HandoverState.ATTESTED.value,
    Event.HANDOVER_DISMISSED: HandoverState.DISMISSED.value,
    Event.EXPORT_ASKED: ExportState.ASKED.value,
    Event.EXPORT_RELEASED: ExportState.RELEASED.value,
    Event.EXPORT_REFUSED: ExportState.REFUSED.value,
    Event.COMPLAINT_RECORDED: ComplaintState.RECORDED.value,
    Event.COMPLAINT_ACKNOWLEDGED: ComplaintState.ACKNOWLEDGED.value,
    Event.COMPLAINT_CLOSED: ComplaintState.CLOSED.value,
    Event.RECORDS_HELD: HoldState.HELD.value,
    Event.RECORDS_LET_GO: HoldState.LET_GO.value,
    Event.FORGET_ASKED: ForgetState.ASKED.value,
    Event.FORGET_REFUSED: ForgetState.REFUSED.value,
    Event.FORGET_ERASED: ForgetState.ERASED.value,
    Event.FORGET_FINISHED: ForgetState.FORGOTTEN.value,
    Event.RECONCILED: ReconciliationState.ANSWERED.value,
    Event.CLAIMANTS_TAKEN: ReconciliationState.TAKEN.value,
    Event.RECONCILIATION_SEARCHED: ReconciliationState.SEARCHED.value,
    Event.RECONCILIATION_CLEARED: ReconciliationState.CLEARED.value,
}
_COUNTED = tuple(each.name for each in fields(Counts))
_OF_RECONCILIATION = ("partner", "office", "fingerprint", "model", "model_sha256", "snapshot", "told")
#: A switch over everything.
_ALL = "all"


@dataclass(frozen=True, slots=True)
class Rule:
    """How the rows of a table and their entries go together.

    `says` gives what a row says in the words of the entry; `key_of_entry` and `key_of_row` what both are about;
    `ended_by` the events after which there is no row any more. `called` names a row in a finding.
    """

    events: frozenset[Event]
    says: Callable[[Row, Event], dict[str, object]]
    key_of_entry: Callable[[Entry], str]
    key_of_row: Callable[[Row], str]
    ended_by: frozenset[Event] = frozenset()


def _sha256(value: str | bytes) -> str:
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).hexdigest()


def _attempt(row: Row, _event: Event) -> dict[str, object]:
    same = {name: row[name] for name in ("outcome", "started_at", "ended_at")}
    return same | {"list": row["list_reference"], "session": _sha256(row["session"])}


def _receipt(row: Row, _event: Event) -> dict[str, object]:
    same = {name: row[name] for name in ("raw_sha256", "partner", "verdict", "collected_at", "level")}
    return same | {"list": row["list_reference"], "raw": _sha256(row["raw"])}


def _cosignature(row: Row, _event: Event) -> dict[str, object]:
    same = {name: row[name] for name in ("partner", "witness", "size", "cosigned_at")}
    return same | {"receipt": row["receipt_sha256"], "root": row["root"].hex(), "note": _sha256(row["note"])}


def _handover(row: Row, _event: Event) -> dict[str, object]:
    same = {name: row[name] for name in ("partner", "manner", "people", "identified", "fields", "state")}
    named = {"handover": row["reference"], "agreement": row["agreement_id"], "case": row["case_reference"]}
    return same | named | {"root": row["root"].hex(), "handed_over_on": row["handed_over_on"].isoformat()}


def _export(row: Row, _event: Event) -> dict[str, object]:
    same = {name: row[name] for name in ("asked_by", "asked_at", "disclosures", "harm_check", "state")}
    told = {"values": bool(row["values_told"]), "lead_named": bool(row["lead_named"]), "subject": row["subject_ref"]}
    return same | told | {"export": row["reference"], "case": row["case_reference"]}


def _forget(row: Row, _event: Event) -> dict[str, object]:
    same = {name: row[name] for name in ("asked_by", "asked_at", "reason", "state")}
    about = {"forget": row["reference"], "case": row["case_reference"], "subject": row["subject_ref"]}
    marks = None if row["tombstone"] is None else _sha256(row["tombstone"])
    return same | about | {"hold_back": bool(row["hold_back"]), "tombstone": marks}


def _complaint(row: Row, _event: Event) -> dict[str, object]:
    same = {name: row[name] for name in ("about", "recorded_by", "recorded_at", "outcome", "state")}
    days = {name: row[name] and row[name].isoformat() for name in ("received_on", "acknowledged_on", "closed_on")}
    about = {"subject": row["subject_ref"], "list": row["list_reference"]}
    return same | days | about | {"complaint": row["reference"], "case": row["case_reference"]}


def _complaint_note(row: Row, _event: Event) -> dict[str, object]:
    same = {name: row[name] for name in ("complaint", "number")}
    return same | {"commitment": note_commitment(row["salt"], row["text"])}


def _reconciliation(row: Row, _event: Event) -> dict[str, object]:
    same = {name: row[name] for name in _OF_RECONCILIATION}
    named = {"reconciliation": row["reference"], "agreement": row["agreement_id"], "state": row["state"]}
    hashed = {"file": row["file_sha256"], "answer": row["answer_sha256"], "told_root": row["told_root"].hex()}
    hashed["statement"] = row["statement_hash"]
    counts = {name.replace("_", "-"): row["left_list" if name == "left" else name] for name in _COUNTED}
    return same | named | hashed | {"counts": counts, "ran_by": row["ran_by"], "ran_at": row["ran_at"]}


def _verdict(row: Row, _event: Event) -> dict[str, object]:
    same = {name: row[name] for name in ("row", "side", "verdict", "reason")}
    named = {"agreement": row["agreement_id"], "reconciliation": row["reference"], "subject": row["subject_ref"]}
    marks = {name: row[name].hex() for name in ("row_mark", "evidence_mark")}
    by = {"actor": row["decided_by"], "at": row["decided_at"], "case": row["case_reference"]}
    return same | named | marks | by | {"takes_two": bool(row["takes_two"])}


def _statement(row: Row, _event: Event) -> dict[str, object]:
    same = {"agreement": row["agreement_id"], "version": row["version"], "statement": row["statement_hash"]}
    documents = {"document_bytes": _sha256(row["agreement_document"]), "framework": _sha256(row["framework_document"])}
    return same | documents | {"body": _sha256(row["body"])}


def _approval(row: Row, _event: Event) -> dict[str, object]:
    same = {name: row[name] for name in ("principal", "role")}
    return same | {"statement": row["statement_hash"], "signature": _sha256(row["signature"])}


def _package(row: Row, event: Event) -> dict[str, object]:
    if event is Event.PACKAGE_REMOVED:
        # The copy is gone, and what it was stands in the entry.
        return {"list": row["list_reference"], "manifest": _sha256(row["manifest"]), "copy_bytes": row["copy"].size}
    hashed = {"package_sha256": row["copy"].sha256, "package_bytes": row["copy"].size}
    return hashed | {"list": row["list_reference"]}


def _record_hold(row: Row, _event: Event) -> dict[str, object]:
    same = {name: row[name] for name in ("held_by", "held_at", "state")}
    about = {"list": row["list_reference"], "subject": row["subject_ref"]}
    return same | about | {"hold": row["reference"], "case": row["case_reference"]}


def _stub(row: Row, _event: Event) -> dict[str, object]:
    same = {name: row[name] for name in ("kind", "rows", "exclusions", "fields")}
    days = {name: row[name].isoformat() for name in ("rested_on", "kept_until")}
    return same | days | {row["kind"]: row["reference"], "root": row["root"].hex(), "case": row["case_reference"]}


def _snapshot(row: Row, event: Event) -> dict[str, object]:
    same = {name: row[name] for name in ("content_hash", "people", "flags", "flags_reaching_nobody", "redacted")}
    loaded_at = "loaded_at" if event is Event.SNAPSHOT_REDACTED else "at"
    return same | {"snapshot": row["reference"], "as_at_on": row["as_at_on"].isoformat(), loaded_at: row["loaded_at"]}


def _switch(row: Row, _event: Event) -> dict[str, object]:
    return {"switch": row["name"], "reason": row["reason"], "stopped": bool(row["stopped"])}


def _key(row: Row, event: Event) -> dict[str, object]:
    same = {name: row[name] for name in ("fingerprint", "purpose", "owner", "algorithm")}
    if event is Event.KEY_RETIRED:
        return same | {"state": row["state"]}
    days = {name: row[name] and row[name].isoformat() for name in ("not_before_on", "not_after_on")}
    return same | {"state": row["state"]} | days


def _switch_of(entry: Entry) -> str:
    for kind in ("agreement", "partner"):
        if kind in entry.body:
            return f"{kind}:{entry.body[kind]}"
    return _ALL


def _named(*names: str) -> Callable[[Entry], str]:
    return lambda entry: " ".join(str(entry.body[name]) for name in names)


RULES: dict[str, Rule] = {
    "attempts": Rule(
        events=frozenset({Event.DELIVERY_ATTEMPTED}),
        says=_attempt,
        key_of_entry=lambda entry: f"entry {entry.position}",
        key_of_row=lambda row: f"entry {row['explained_by']}",
    ),
    "receipts": Rule(
        events=frozenset({Event.RECEIPT_COLLECTED, Event.RECEIPT_REFUSED}),
        says=_receipt,
        key_of_entry=_named("raw_sha256"),
        key_of_row=lambda row: row["raw_sha256"],
    ),
    "cosignatures": Rule(
        events=frozenset({Event.CHECKPOINT_WITNESSED, Event.CHECKPOINT_CONTRADICTED}),
        says=_cosignature,
        key_of_entry=_named("receipt"),
        key_of_row=lambda row: row["receipt_sha256"],
    ),
    "handovers": Rule(
        events=frozenset({Event.HANDOVER_ENTERED, Event.HANDOVER_ATTESTED, Event.HANDOVER_DISMISSED}),
        says=_handover,
        key_of_entry=_named("handover"),
        key_of_row=lambda row: row["reference"],
    ),
    "exports": Rule(
        events=frozenset({Event.EXPORT_ASKED, Event.EXPORT_RELEASED, Event.EXPORT_REFUSED}),
        says=_export,
        key_of_entry=_named("export"),
        key_of_row=lambda row: row["reference"],
    ),
    "forgets": Rule(
        events=frozenset({Event.FORGET_ASKED, Event.FORGET_REFUSED, Event.FORGET_ERASED, Event.FORGET_FINISHED}),
        says=_forget,
        key_of_entry=_named("forget"),
        key_of_row=lambda row: row["reference"],
    ),
    "complaints": Rule(
        events=frozenset({Event.COMPLAINT_RECORDED, Event.COMPLAINT_ACKNOWLEDGED, Event.COMPLAINT_CLOSED}),
        says=_complaint,
        key_of_entry=_named("complaint"),
        key_of_row=lambda row: row["reference"],
    ),
    "complaint_notes": Rule(
        events=frozenset({Event.COMPLAINT_NOTED}),
        says=_complaint_note,
        key_of_entry=_named("complaint", "number"),
        key_of_row=lambda row: f"{row['complaint']} {row['number']}",
        ended_by=frozenset({Event.COMPLAINT_NOTE_REMOVED}),
    ),
    "reconciliations": Rule(
        events=frozenset(
            {
                Event.RECONCILED,
                Event.CLAIMANTS_TAKEN,
                Event.RECONCILIATION_SEARCHED,
                Event.RECONCILIATION_CLEARED,
            }
        ),
        says=_reconciliation,
        key_of_entry=_named("reconciliation"),
        key_of_row=lambda row: row["reference"],
    ),
    "link_verdicts": Rule(
        events=frozenset({Event.VERDICT_GIVEN}),
        says=_verdict,
        key_of_entry=lambda entry: f"entry {entry.position}",
        key_of_row=lambda row: f"entry {row['explained_by']}",
    ),
    "statements": Rule(
        events=frozenset({Event.AGREEMENT_PREPARED}),
        says=_statement,
        key_of_entry=_named("statement"),
        key_of_row=lambda row: row["statement_hash"],
    ),
    "approvals": Rule(
        events=frozenset({Event.AGREEMENT_APPROVED}),
        says=_approval,
        key_of_entry=_named("statement", "principal"),
        key_of_row=lambda row: f"{row['statement_hash']} {row['principal']}",
    ),
    "packages": Rule(
        events=frozenset({Event.LIST_SEALED, Event.PACKAGE_REMOVED}),
        says=_package,
        key_of_entry=_named("list"),
        key_of_row=lambda row: str(row["list_reference"]),
    ),
    "record_holds": Rule(
        events=frozenset({Event.RECORDS_HELD, Event.RECORDS_LET_GO}),
        says=_record_hold,
        key_of_entry=_named("hold"),
        key_of_row=lambda row: row["reference"],
    ),
    "evidence_stubs": Rule(
        events=frozenset({Event.EVIDENCE_PURGED}),
        says=_stub,
        key_of_entry=lambda entry: f"{entry.body['kind']} {entry.body[str(entry.body['kind'])]}",
        key_of_row=lambda row: f"{row['kind']} {row['reference']}",
    ),
    "snapshots": Rule(
        events=frozenset({Event.SOURCES_LOADED, Event.SNAPSHOT_REDACTED}),
        says=_snapshot,
        key_of_entry=_named("snapshot"),
        key_of_row=lambda row: row["reference"],
        ended_by=frozenset({Event.SNAPSHOT_DROPPED}),
    ),
    "switches": Rule(
        events=_STOPPED | _RESUMED,
        says=_switch,
        key_of_entry=_switch_of,
        key_of_row=lambda row: row["name"],
    ),
    "keys": Rule(
        events=frozenset(
            {Event.KEY_GENERATED, Event.KEY_IMPORTED, Event.KEY_PREPARED, Event.KEY_ACTIVATED, Event.KEY_RETIRED}
        ),
        says=_key,
        key_of_entry=_named("fingerprint"),
        key_of_row=lambda row: row["fingerprint"],
    ),
}


def entry_of(explained: Explained) -> Entry | None:
    """Return the entry that a row names; None where it is not there or cannot be read, which the log's check says."""
    try:
        return read_entry(explained.body) if explained.body is not None else None
    except EntryInvalid:
        return None


def table_findings(table: str, rows: Iterator[Explained], newest: Mapping[str, int]) -> Iterator[Finding]:
    """Yield what is wrong with the rows of a table; `newest` is the position of the newest entry for each key."""
    rule, waiting = RULES[table], dict(newest)
    for explained in rows:
        position = waiting.pop(str(rule.key_of_row(explained.row)), None)
        yield from _row_findings(table, explained, position)
    for position in sorted(waiting.values()):
        yield Finding(Fault.MISSING, f"{table} row of entry {position}", "its entry is there and it is not")


def _row_findings(table: str, explained: Explained, newest: int | None) -> Iterator[Finding]:
    rule, entry = RULES[table], entry_of(explained)
    where = f"{table} row of entry {explained.row['explained_by']}"
    if entry is None or entry.event not in rule.events or newest is None:
        yield Finding(Fault.UNEXPLAINED, where, "no entry explains it")
        return
    if entry.position != newest:
        yield Finding(Fault.CHANGED, where, f"it is not as entry {newest} left it")
    try:
        said = rule.says(explained.row, entry.event)
    # SQLite takes any value in any column.
    except (AttributeError, TypeError, ValueError):
        yield Finding(Fault.CHANGED, where, "it holds what no row of ours holds")
        return
    yield from disagreements(where, said, _as_said(entry, said))


def _as_said(entry: Entry, said: Mapping[str, object]) -> dict[str, object]:
    """Return what the entry says in the words of rows; what it need not say counts as said."""
    body = dict(entry.body)
    return body | {
        "at": entry.at,
        "actor": entry.actor,
        "switch": _switch_of(entry),
        "stopped": entry.event in _STOPPED,
        "state": _STATE_AFTER.get(entry.event, KeyState.ACTIVE.value),
        "raw": body.get("raw_sha256"),
        "redacted": body.get("redacted", 0),
        "copy_bytes": 0,
        "body": body.get("statement"),
        "document_bytes": body.get("document_bytes", said.get("document_bytes")),
    }
