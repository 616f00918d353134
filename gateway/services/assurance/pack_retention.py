"""What an audit pack tells of keeping: for each list until when it may be kept at both ends, and what became of that.

By the agreement as it was for each list, and by the rules of agreements/retention.py. Nobody is named.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from gateway.agreements.kept_document import KeptDocument, read_kept_document
from gateway.agreements.retention import certificate_due_on, destroy_by, sealed_copy_until
from gateway.documents.register import Column, Register, Value
from gateway.ledger.events import Event
from gateway.model.delivery import RESTING
from gateway.model.time import london_day
from gateway.receipts.match import Verdict
from gateway.services.registers.register_agreements import made_by, midnight
from gateway.services.registers.register_uses import Period
from gateway.services.workplace import Workplace
from gateway.store.registers import (
    ListedFile,
    ReceiptOfList,
    copies_kept,
    entries_between,
    files_between,
    receipts_between,
)
from gateway.store.retention import certified_on, lists_purged

_REMOVALS = (Event.SNAPSHOT_DROPPED, Event.PACKAGE_REMOVED, Event.EVIDENCE_PURGED)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is known of the lists of a period: receipts, sealed copies, certificates, and whose evidence was purged."""

    receipts: Mapping[int, ReceiptOfList]
    copies: Collection[int]
    certified: Mapping[int, date]
    purged: Collection[str]


def retention_register(workplace: Workplace, period: Period) -> Register:
    """Return for each list of the period until when it is kept at both ends, and whether it was kept to."""
    with workplace.store.reading() as connection:
        files = [file for file in files_between(connection, period.first, period.last) if file.sealed_at]
        kept = _kept(connection, period, [file.list_id for file in files])
        removed = _removed(connection, period)
    today = workplace.clock.today()
    return Register(
        title="Retention at both ends",
        made=made_by(workplace),
        about=f"By the agreement as it was for each list. Removed on the days {period.in_words}: {removed}.",
        columns=(
            Column("list", "List"),
            Column("destroy_by", "Recipient destroys it by"),
            Column("certificate", "Recipient's certificate of destruction"),
            Column("receipt", "Receipt"),
            Column("our_copy_until", "Our sealed copy until"),
            Column("our_copy", "Our sealed copy"),
            Column("evidence", "Who was on it"),
        ),
        rows=tuple(_row(file, kept, today) for file in files),
    )


def _kept(connection: Connection, period: Period, list_ids: list[int]) -> _Kept:
    return _Kept(
        receipts=receipts_between(connection, period.first, period.last, Verdict.ACCEPTED.value),
        copies=copies_kept(connection, list_ids),
        certified=certified_on(connection, list_ids, Verdict.ACCEPTED.value),
        purged=lists_purged(connection, list_ids),
    )


def _removed(connection: Connection, period: Period) -> str:
    since, before = midnight(period.first), midnight(period.last + timedelta(days=1))
    snapshots, copies, evidence = (len(entries_between(connection, [event], since, before)) for event in _REMOVALS)
    return f"snapshots {snapshots}, sealed copies {copies}, evidence of lists {evidence}"


def _row(file: ListedFile, kept: _Kept, today: date) -> tuple[Value, ...]:
    words, receipt = read_kept_document(file.document, file.agreement_id), kept.receipts.get(file.list_id)
    until, theirs = _our_copy_until(file, words), words.their_copy_days
    return (
        file.reference,
        None if theirs is None else destroy_by(date.fromisoformat(file.window), theirs).isoformat(),
        _certificate(file, words, kept.certified.get(file.list_id), today),
        f"{receipt.level.value} {london_day(receipt.collected_at)}" if receipt else "none",
        "not at rest yet" if until is None else until.isoformat(),
        _our_copy(until, is_kept=file.list_id in kept.copies, today=today),
        "purged at its term" if file.reference in kept.purged else "kept",
    )


def _our_copy_until(file: ListedFile, words: KeptDocument) -> date | None:
    if file.state not in RESTING or words.our_copy_days is None:
        return None
    return sealed_copy_until(london_day(file.changed_at), words.our_copy_days)


def _our_copy(until: date | None, *, is_kept: bool, today: date) -> str:
    if not is_kept:
        return "removed"
    return "OVERDUE" if until is not None and until < today else "kept"


def _certificate(file: ListedFile, words: KeptDocument, certified: date | None, today: date) -> str:
    if certified is not None:
        return f"came {certified}"
    if words.certificate_within_days is None or words.their_copy_days is None:
        return "none agreed"
    due_on = certificate_due_on(date.fromisoformat(file.window), words.their_copy_days, words.certificate_within_days)
    return f"OVERDUE since {due_on}" if due_on < today else f"due {due_on}"
