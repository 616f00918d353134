"""What an audit pack tells of a period beside the registers: each list, what failed, holds, policies.

Counts and references, and nobody: a hold is a number and a reason, a look is a kind and a case.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, timedelta

from gateway.agreements.kept_document import read_kept_document
from gateway.documents.register import Column, Register, Value
from gateway.ledger.entries import Entry, read_entry
from gateway.ledger.events import Event
from gateway.model.complaint import ComplaintState, acknowledge_by
from gateway.model.time import as_text
from gateway.services.complaints.complaint_timer import was_acknowledged_late
from gateway.services.registers.register_agreements import made_by, midnight
from gateway.services.registers.register_uses import Period
from gateway.services.workplace import Workplace
from gateway.store.complaints import Complaint, all_complaints
from gateway.store.registers import (
    ListedFile,
    entries_between,
    files_between,
    statements_with_entries,
)

_FAILURES = (
    Event.SOURCES_REFUSED,
    Event.LIST_FAILED,
    Event.LIST_VOID,
    Event.LIST_UNCERTAIN,
    Event.LIST_REJECTED,
    Event.LIST_UNCOLLECTED,
    Event.LIST_WITHHELD,
    Event.DELIVERY_ATTEMPTED,
    Event.RECEIPT_REFUSED,
    Event.CHECKPOINT_CONTRADICTED,
    Event.DATABASE_RESTORED,
    Event.DATABASE_MOVED,
    Event.DISCLOSURE_STOPPED,
    Event.DISCLOSURE_RESUMED,
    Event.AGREEMENT_SUSPENDED,
    Event.AGREEMENT_RESUMED,
    Event.PARTNER_DISABLED,
    Event.PARTNER_ENABLED,
    Event.ALERT_RAISED,
)
#: Outcomes of a try after which the list stands at the recipient: no failure.
_WENT_WELL = frozenset({"verified", "already-there"})
#: What an entry may say of what went wrong.
_SAID = ("reason", "reasons", "code", "outcome", "verdict", "case")
_ABOUT = ("list", "agreement", "partner", "load")
_HOLDS = (Event.HOLD_PLACED, Event.HOLD_LIFTED, Event.SHARING_DECLINED, Event.SUBJECT_FORGOTTEN)


def runs_register(workplace: Workplace, period: Period) -> Register:
    """Return every list of the period, whatever became of it."""
    with workplace.store.reading() as connection:
        files = files_between(connection, period.first, period.last)
    return Register(
        title="Lists that were made or held back",
        made=made_by(workplace),
        about=f"Every list for the days {period.in_words}, also those that never went.",
        columns=(
            Column("list", "List"),
            Column("window", "For the day"),
            Column("version", "Version"),
            Column("people", "People on it"),
            Column("left_out", "Left out"),
            Column("state", "State"),
            Column("reason", "Reason"),
            Column("since", "Since"),
        ),
        rows=tuple(_run(file) for file in files),
    )


def failures_register(workplace: Workplace, period: Period) -> Register:
    """Return everything that failed, was refused, held back or stopped in the period."""
    entries = [entry for entry in _entries(workplace, period, _FAILURES) if not _went_well(entry)]
    return Register(
        title="What failed, was held back or was stopped",
        made=made_by(workplace),
        about=f"{len(entries):,} entries of the ledger on the days {period.in_words}.",
        columns=(
            Column("entry", "Entry"),
            Column("at", "At"),
            Column("what", "What"),
            Column("about", "About"),
            Column("why", "Why"),
            Column("who", "Who"),
        ),
        rows=tuple(_failure(entry) for entry in entries),
    )


def holds_register(workplace: Workplace, period: Period) -> Register:
    """Return how many holds were placed and lifted, decisions not to share made and people forgotten, by month."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for entry in _entries(workplace, period, _HOLDS):
        month = entry.at[:7]
        counted[month, entry.event.value, str(entry.body["reason"])] += 1
    return Register(
        title="Holds, decisions not to share, people forgotten",
        made=made_by(workplace),
        about="Counts by month and reason. Who it was about is not in this pack.",
        columns=(
            Column("month", "Month"),
            Column("what", "What"),
            Column("reason", "Reason"),
            Column("count", "Count"),
        ),
        rows=tuple((*key, counted[key]) for key in sorted(counted)),
    )


def complaints_register(workplace: Workplace, period: Period) -> Register:
    """Return the complaints that came in the period or were open in it, with what became of each."""
    with workplace.store.reading() as connection:
        found = [each for each in all_complaints(connection) if _was_open_in(each, period)]
    today = workplace.clock.today()
    late = sum(was_acknowledged_late(each, today) for each in found)
    return Register(
        title="Complaints",
        made=made_by(workplace),
        about=f"{len(found):,} complaints that came or were open on the days {period.in_words}; {late:,} of them were "
        "not acknowledged within 30 days. Who complained is not in this pack.",
        columns=(
            Column("complaint", "Complaint"),
            Column("case", "Case"),
            Column("about", "About"),
            Column("list", "List"),
            Column("received", "Received"),
            Column("acknowledge_by", "To be acknowledged by"),
            Column("acknowledged", "Acknowledged"),
            Column("closed", "Closed"),
            Column("outcome", "Outcome"),
            Column("in_time", "Acknowledged in time"),
        ),
        rows=tuple(_complaint(each, today) for each in found),
    )


def policies_register(workplace: Workplace) -> Register:
    """Return the papers that each approved version names."""
    with workplace.store.reading() as connection:
        kept = statements_with_entries(connection)
    rows: list[tuple[Value, ...]] = []
    for statement, at in kept:
        words = read_kept_document(statement.agreement_document, statement.agreement_id)
        named = (words.dpia, words.policy_document, words.power)
        rows.append((f"{statement.agreement_id}, version {statement.version}", as_text(at), *named))
    return Register(
        title="Impact assessments and policies",
        made=made_by(workplace),
        about="The papers that each version of an agreement names. They are kept where the council keeps its papers.",
        columns=(
            Column("agreement", "Agreement"),
            Column("entered", "Entered"),
            Column("impact_assessment", "Impact assessment"),
            Column("policy_document", "Appropriate policy document"),
            Column("legal_power", "Legal power"),
        ),
        rows=tuple(rows),
    )


def _was_open_in(complaint: Complaint, period: Period) -> bool:
    return complaint.received_on <= period.last and (complaint.closed_on or period.last) >= period.first


def _complaint(complaint: Complaint, today: date) -> tuple[Value, ...]:
    days = (complaint.acknowledged_on, complaint.closed_on)
    return (
        complaint.reference,
        complaint.case_reference,
        complaint.about.value,
        complaint.list_reference or "none named",
        complaint.received_on.isoformat(),
        acknowledge_by(complaint.received_on).isoformat(),
        *("no" if each is None else each.isoformat() for each in days),
        complaint.outcome.value if complaint.outcome else "open",
        _in_time(complaint, today),
    )


def _in_time(complaint: Complaint, today: date) -> str:
    if was_acknowledged_late(complaint, today):
        return "NO"
    return "there is time yet" if complaint.state is ComplaintState.RECORDED else "yes"


def _run(file: ListedFile) -> tuple[Value, ...]:
    place = (file.reference, file.window, file.version, _number(file.people), _number(file.excluded))
    return (*place, file.state.value, file.reason or "none", as_text(file.changed_at))


def _number(value: int | None) -> Value:
    return "not decided" if value is None else value


def _failure(entry: Entry) -> tuple[Value, ...]:
    return (
        entry.position,
        entry.at,
        entry.event.value,
        tuple(str(entry.body[name]) for name in _ABOUT if name in entry.body),
        tuple(_words(entry.body, name) for name in _SAID if name in entry.body),
        entry.actor,
    )


def _words(body: Mapping[str, object], name: str) -> str:
    value = body[name]
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _went_well(entry: Entry) -> bool:
    return entry.event is Event.DELIVERY_ATTEMPTED and entry.body["outcome"] in _WENT_WELL


def _entries(workplace: Workplace, period: Period, events: Collection[Event]) -> list[Entry]:
    since, before = midnight(period.first), midnight(period.last + timedelta(days=1))
    with workplace.store.reading() as connection:
        return [read_entry(content) for _, content in entries_between(connection, events, since, before)]
