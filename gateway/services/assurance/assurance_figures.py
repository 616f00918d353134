"""Gather a month's figures for its assurance statement: what was sent, held, stopped, refused, restored and looked at.

Every figure is counted from the ledger and the lists, and what is verified is verified now. Nothing here is about a
person.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from gateway.errors import QuestionInvalid
from gateway.ledger.entries import Entry, read_entry
from gateway.ledger.events import Event
from gateway.model.complaint import ComplaintState
from gateway.model.delivery import DISCLOSED, ListState
from gateway.services.agreements.agreements_known import KnownAgreement, agreements_known
from gateway.services.audit.audit_lookups import LOOKS
from gateway.services.audit.audit_verify import Verification, audit_verify
from gateway.services.complaints.complaint_timer import was_acknowledged_late
from gateway.services.keys.key_warnings import key_warnings
from gateway.services.registers.register_agreements import midnight
from gateway.services.registers.register_uses import Period
from gateway.services.workplace import Workplace
from gateway.store.agreements import stopped_switches
from gateway.store.complaints import Complaint, all_complaints
from gateway.store.registers import entries_between, files_between, people_on

_COUNTED = (
    Event.LIST_WITHHELD,
    Event.LIST_RELEASED,
    Event.LIST_RECALLED,
    Event.DELIVERY_ATTEMPTED,
    Event.RECEIPT_REFUSED,
    Event.SOURCES_LOADED,
    Event.SOURCES_REFUSED,
    Event.DATABASE_RESTORED,
    Event.DATABASE_MOVED,
    Event.DISCLOSURE_STOPPED,
    Event.AGREEMENT_SUSPENDED,
    Event.PARTNER_DISABLED,
    Event.CHECKPOINT_CONTRADICTED,
    Event.HOLD_PLACED,
    Event.HOLD_LIFTED,
    Event.SUBJECT_FORGOTTEN,
    Event.PACKAGE_REMOVED,
    Event.EVIDENCE_PURGED,
    Event.SHARING_DECLINED,
    Event.COMPLAINT_RECORDED,
    Event.COMPLAINT_CLOSED,
    Event.ALERT_RAISED,
)
#: Outcomes of a try after which the list stands at the recipient.
_WENT_WELL = frozenset({"verified", "already-there"})


@dataclass(frozen=True, slots=True)
class Month:
    """The days of one month, and whether it is over."""

    name: str
    period: Period
    is_over: bool


@dataclass(frozen=True, slots=True)
class KeyEnding:
    """A key that ends soon, has ended or cannot be used."""

    owner: str
    purpose: str
    fingerprint: str
    last_on: date | None


@dataclass(frozen=True, slots=True)
class AssuranceFigures:
    """The figures. `overdue` names each agreement under which no list may leave today, or whose review is overdue.

    `complaints_late` counts those that came in the month and were not acknowledged in time.
    """

    month: str
    period: Period
    is_over: bool
    at: datetime
    states: Mapping[str, int]
    released: int
    rows: int
    people: int
    events: Mapping[str, int]
    failed_attempts: int
    looks: Mapping[str, int]
    agreements: Mapping[str, int]
    overdue: tuple[tuple[str, str], ...]
    keys_ending: tuple[KeyEnding, ...]
    complaints_open: int
    complaints_late: int
    stopped_now: tuple[str, ...]
    verification: Verification


def month_named(name: str, today: date) -> Month:
    """Return the days of a month written `2026-11`. Raises QuestionInvalid for another word, or a month to come."""
    try:
        first = date.fromisoformat(f"{name}-01")
    except ValueError:
        raise QuestionInvalid("a month is written like 2026-11") from None
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    if first > today:
        raise QuestionInvalid("that month has not begun")
    return Month(name, Period(first, following - timedelta(days=1)), today >= following)


def assurance_figures(workplace: Workplace, month: Month) -> AssuranceFigures:
    """Return the figures of a month, and verify the evidence as it is now."""
    period = month.period
    with workplace.store.reading() as connection:
        files = files_between(connection, period.first, period.last)
        released = [each for each in files if each.state in DISCLOSED]
        people = people_on(connection, [each.list_id for each in released])
        entries = _entries(connection, period)
        known = agreements_known(workplace, connection)
        stopped = stopped_switches(connection)
        complaints = all_complaints(connection)
    events = Counter(entry.event for entry in entries)
    return AssuranceFigures(
        month=month.name,
        period=period,
        is_over=month.is_over,
        at=workplace.clock.now(),
        states={state.value: sum(each.state is state for each in files) for state in ListState},
        released=len(released),
        rows=sum(each.people or 0 for each in released),
        people=people,
        events={event.value: events[event] for event in _COUNTED},
        failed_attempts=sum(_has_failed(entry) for entry in entries),
        looks={event.value.removeprefix("audit:"): events[event] for event in LOOKS if events[event]},
        agreements=Counter(each.rating.value for each in known),
        overdue=tuple(_overdue(known)),
        keys_ending=_keys_ending(workplace),
        complaints_open=sum(each.state is not ComplaintState.CLOSED for each in complaints),
        complaints_late=sum(_was_late(each, period, workplace.clock.today()) for each in complaints),
        stopped_now=tuple(sorted(stopped)),
        verification=audit_verify(workplace),
    )


def _entries(connection: Connection, period: Period) -> list[Entry]:
    since, before = midnight(period.first), midnight(period.last + timedelta(days=1))
    return [read_entry(content) for _, content in entries_between(connection, (*_COUNTED, *LOOKS), since, before)]


def _has_failed(entry: Entry) -> bool:
    return entry.event is Event.DELIVERY_ATTEMPTED and entry.body["outcome"] not in _WENT_WELL


def _was_late(complaint: Complaint, period: Period, today: date) -> bool:
    return period.first <= complaint.received_on <= period.last and was_acknowledged_late(complaint, today)


def _overdue(known: tuple[KnownAgreement, ...]) -> list[tuple[str, str]]:
    return [(each.agreement_id, "; ".join(each.stands_for)) for each in known if each.rating.value == "red"]


def _keys_ending(workplace: Workplace) -> tuple[KeyEnding, ...]:
    return tuple(
        KeyEnding(each.owner, each.purpose.value, each.fingerprint, each.last_on) for each in key_warnings(workplace)
    )
