"""Tell of complaints: which there are, what each waits for, and for the officer one of them whole.

- A list of them holds cases, days and outcomes, and never whom one is about: it is read by people who look after
  evidence and deadlines, not after persons.
- One whole is shown with its notes and with every disclosure of whom it is about, as the evidence has them now. That is
  a look at a person, and an entry of its own before anything is shown.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from gateway.ledger.events import Event
from gateway.model.complaint import ComplaintAbout, ComplaintOutcome, ComplaintState, acknowledge_by
from gateway.model.officers import Action
from gateway.services.complaints.complaint_timer import ComplaintDue, due_of, was_acknowledged_late
from gateway.services.complaints.handle_complaints import known_complaint
from gateway.services.subjects.subject_search import everybody_behind
from gateway.services.workplace import Workplace
from gateway.store.complaints import Complaint, Note, all_complaints, complaints_of, notes_on, open_complaints
from gateway.store.handovers import handovers_of
from gateway.store.history import disclosures_to
from gateway.store.lists import list_named
from gateway.store.told_people import told_of


@dataclass(frozen=True, slots=True)
class KnownComplaint:
    """A complaint without whom it is about; `names_somebody` says only whether anybody was named."""

    reference: str
    case: str
    about: ComplaintAbout
    received_on: date
    acknowledge_by: date
    acknowledged_on: date | None
    closed_on: date | None
    outcome: ComplaintOutcome | None
    state: ComplaintState
    late: bool
    list_reference: str | None
    names_somebody: bool
    next: str | None


@dataclass(frozen=True, slots=True)
class Linked:
    """A list that a complaint leads to: one that was named, or on which whom it is about was disclosed."""

    list_reference: str
    agreement_id: str
    day: str
    state: str


@dataclass(frozen=True, slots=True)
class ShownComplaint:
    """A complaint whole: `named` is the list it names, `disclosures` are those that told of whom it is about."""

    complaint: KnownComplaint
    recorded_by: str
    recorded_at: str
    named: Linked | None
    disclosures: tuple[Linked, ...]
    notes: tuple[Note, ...]


def list_complaints(workplace: Workplace, *, open_only: bool = False) -> list[KnownComplaint]:
    """Return the complaints in the order in which they came, all or those that are open. Raises AccessDenied."""
    workplace.actor.require(Action.LIST_COMPLAINTS)
    with workplace.store.reading() as connection:
        found = open_complaints(connection) if open_only else all_complaints(connection)
    return [known_of(workplace, each) for each in found]


def complaints_due(workplace: Workplace) -> list[ComplaintDue]:
    """Return what each open complaint waits for, in the order in which they came. Raises AccessDenied."""
    workplace.actor.require(Action.READ_STATUS)
    with workplace.store.reading() as connection:
        found = open_complaints(connection)
    return [due for each in found if (due := _due(workplace, each)) is not None]


def show_complaint(workplace: Workplace, reference: str) -> ShownComplaint:
    """Return a complaint whole, and enter that it was looked at. Raises AccessDenied, ComplaintRefused."""
    workplace.actor.require(Action.READ_COMPLAINT)
    with workplace.store.writing(workplace.actor) as work:
        complaint = known_complaint(work.connection, reference)
        disclosures = _disclosures(work.connection, complaint.subject_ref) if complaint.subject_ref else ()
        work.enter(
            Event.COMPLAINT_READ,
            complaint=complaint.reference,
            case=complaint.case_reference,
            disclosures=len(disclosures),
            subject=complaint.subject_ref,
        )
        return ShownComplaint(
            complaint=known_of(workplace, complaint),
            recorded_by=complaint.recorded_by,
            recorded_at=complaint.recorded_at,
            named=_named(work.connection, complaint.list_reference) if complaint.list_reference else None,
            disclosures=disclosures,
            notes=tuple(notes_on(work.connection, complaint.reference)),
        )


def complaints_about(
    workplace: Workplace, connection: Connection, subjects: Collection[str]
) -> tuple[KnownComplaint, ...]:
    """Return the complaints about somebody; who asks is entered by the caller."""
    return tuple(known_of(workplace, each) for each in complaints_of(connection, subjects))


def known_of(workplace: Workplace, complaint: Complaint) -> KnownComplaint:
    """Return what is told of a complaint to whoever may know that there is one."""
    due = _due(workplace, complaint)
    return KnownComplaint(
        reference=complaint.reference,
        case=complaint.case_reference,
        about=complaint.about,
        received_on=complaint.received_on,
        acknowledge_by=acknowledge_by(complaint.received_on),
        acknowledged_on=complaint.acknowledged_on,
        closed_on=complaint.closed_on,
        outcome=complaint.outcome,
        state=complaint.state,
        late=was_acknowledged_late(complaint, workplace.clock.today()),
        list_reference=complaint.list_reference,
        names_somebody=complaint.subject_ref is not None,
        next=due.next if due else None,
    )


def _due(workplace: Workplace, complaint: Complaint) -> ComplaintDue | None:
    return due_of(complaint, workplace.clock.today(), workplace.complaint_terms)


def _disclosures(connection: Connection, subject_ref: str) -> tuple[Linked, ...]:
    subjects = everybody_behind(connection, subject_ref)
    told = [
        Linked(row.list_reference, row.agreement_id, row.window, row.state.value)
        for row in disclosures_to(connection, subjects)
    ]
    attested = [
        Linked(each.reference, each.agreement_id, each.handed_over_on.isoformat(), "attested, not proven")
        for each in handovers_of(connection, subjects)
    ]
    answered = [
        Linked(made.reference, made.agreement_id, made.ran_at[:10], f"answered: {row.kind}")
        for made, row in told_of(connection, subjects)
    ]
    return (*attested, *told, *answered)


def _named(connection: Connection, reference: str) -> Linked | None:
    kept = list_named(connection, reference)
    return None if kept is None else Linked(kept.reference, kept.agreement_id, kept.window, kept.state.value)
