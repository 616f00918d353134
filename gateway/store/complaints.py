"""Edge: complaints, from their record to their outcome, with the notes on them; the only place that moves one.

- A row holds whom it is about as a reference of the registry, never an identifier, and no words of anybody's.
- A complaint is moved along `model.complaint.MOVES_OF_COMPLAINT` or not at all, and each move names its entry (L10).
- Words are notes: rows that can be erased. Their entries hold a commitment under a salt that goes with the words, so
  that a changed note is found, and a removed one cannot be guessed from what stays.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from gateway.errors import MoveNotAllowed
from gateway.ledger.entries import Event
from gateway.model.complaint import MOVES_OF_COMPLAINT, ComplaintAbout, ComplaintOutcome, ComplaintState
from gateway.store.tables import complaint_notes, complaints, ledger
from gateway.store.work import Work

SALT_BYTES = 32
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint. Without `subject_ref` nobody was named by whom it is about; `list_reference` where a list was."""

    reference: str
    case_reference: str
    about: ComplaintAbout
    received_on: date
    recorded_by: str
    recorded_at: str
    subject_ref: str | None
    list_reference: str | None
    state: ComplaintState = ComplaintState.RECORDED
    acknowledged_on: date | None = None
    closed_on: date | None = None
    outcome: ComplaintOutcome | None = None

    def said(self) -> Mapping[str, object]:
        """Return the complaint in the words of its entries."""
        return {
            "complaint": self.reference,
            "case": self.case_reference,
            "about": self.about.value,
            "received_on": self.received_on,
            "recorded_by": self.recorded_by,
            "recorded_at": self.recorded_at,
            "subject": self.subject_ref,
            "list": self.list_reference,
            "acknowledged_on": self.acknowledged_on,
            "closed_on": self.closed_on,
            "outcome": self.outcome.value if self.outcome else None,
        }


@dataclass(frozen=True, slots=True)
class Note:
    """Words on a complaint, and who wrote them when."""

    complaint: str
    number: int
    text: str
    written_by: str
    written_at: str


def next_complaint_reference(connection: Connection, day: str) -> str:
    """Return what the next complaint that is recorded on a day is called."""
    start = f"CMP-{day}-"
    had = select(func.count()).select_from(complaints).where(complaints.c.reference.startswith(start, autoescape=True))
    return f"{start}{connection.execute(had).scalar_one() + 1}"


def keep_complaint(work: Work, complaint: Complaint, *, explained_by: int) -> None:
    """Keep a complaint that was recorded."""
    values = {name: getattr(complaint, name) for name in Complaint.__slots__}
    values |= {"about": complaint.about.value, "state": complaint.state.value}
    work.connection.execute(insert(complaints).values(**values, explained_by=explained_by))


def move_complaint(work: Work, complaint: Complaint, moved: Complaint, *, explained_by: int) -> Complaint:
    """Move a complaint to what it has become, and return that. Raises MoveNotAllowed."""
    if moved.state not in MOVES_OF_COMPLAINT[complaint.state]:
        raise MoveNotAllowed(
            f"{complaint.reference} is {complaint.state.value} and cannot become {moved.state.value}",
            advice="`gateway complaints list` says where each stands; one that goes on after its end is recorded anew.",
        )
    values = {
        "state": moved.state.value,
        "acknowledged_on": moved.acknowledged_on,
        "closed_on": moved.closed_on,
        "outcome": moved.outcome.value if moved.outcome else None,
    }
    this = update(complaints).where(complaints.c.reference == complaint.reference)
    work.connection.execute(this.values(**values, explained_by=explained_by))
    return moved


def complaint_named(connection: Connection, reference: str) -> Complaint | None:
    """Return a complaint by its reference."""
    row = connection.execute(select(complaints).where(complaints.c.reference == reference)).first()
    return _kept(row) if row else None


def all_complaints(connection: Connection) -> list[Complaint]:
    """Return every complaint, in the order in which they came."""
    return _complaints(connection)


def open_complaints(connection: Connection) -> list[Complaint]:
    """Return the complaints that are not closed, in the order in which they came."""
    return _complaints(connection, complaints.c.state != ComplaintState.CLOSED.value)


def complaints_of(connection: Connection, subject_refs: Collection[str]) -> list[Complaint]:
    """Return the complaints about any of the subjects, in the order in which they came."""
    return _complaints(connection, complaints.c.subject_ref.in_(list(subject_refs)))


# --- notes -----------------------------------------------------------------------------------------------------------


def note_commitment(salt: bytes, text: str) -> str:
    """Return what an entry holds of a note."""
    return sha256(salt + text.encode()).hexdigest()


def keep_note(work: Work, complaint: Complaint, text: str, salt: bytes) -> None:
    """Keep a note on a complaint, with its entry."""
    # From the entries, not the rows: the number of a note that was removed is not given again.
    number = _notes_entered(work.connection) + 1
    position = work.enter(
        Event.COMPLAINT_NOTED, complaint=complaint.reference, number=number, commitment=note_commitment(salt, text)
    )
    row = {"complaint": complaint.reference, "number": number, "salt": salt, "text": text}
    work.connection.execute(insert(complaint_notes).values(**row, explained_by=position))


def notes_on(connection: Connection, reference: str) -> list[Note]:
    """Return the notes on a complaint, oldest first."""
    query = (
        select(complaint_notes, ledger.c.actor, ledger.c.at)
        .join(ledger, ledger.c.position == complaint_notes.c.explained_by)
        .where(complaint_notes.c.complaint == reference)
        .order_by(complaint_notes.c.number)
    )
    return [Note(row.complaint, row.number, row.text, row.actor, row.at) for row in connection.execute(query)]


def complaints_with_notes_closed_by(connection: Connection, day: date) -> list[str]:
    """Return the references of the complaints that were closed on a day or before it and still have notes."""
    noted = select(complaint_notes.c.complaint).distinct()
    query = select(complaints.c.reference).where(complaints.c.closed_on <= day, complaints.c.reference.in_(noted))
    return list(connection.execute(query.order_by(complaints.c.reference)).scalars())


def erase_notes(work: Work, references: Collection[str], *, reason: str, naming: Collection[str] = ()) -> int:
    """Delete every note on complaints, and any other one in which a word stands; return how many there were.

    Each is deleted after its entry.
    """
    columns = complaint_notes.c
    everything = select(columns.complaint, columns.number, columns.text).order_by(columns.complaint, columns.number)
    found = [
        (row.complaint, row.number)
        for row in work.connection.execute(everything)
        if row.complaint in references or stands_in(row.text, naming)
    ]
    for complaint, number in found:
        work.enter(Event.COMPLAINT_NOTE_REMOVED, complaint=complaint, number=number, reason=reason)
        this = columns.complaint == complaint, columns.number == number
        work.connection.execute(delete(complaint_notes).where(*this))
    return len(found)


def stands_in(text: str, words: Collection[str]) -> bool:
    """Say whether a word stands in a text, whatever its case and however it is spaced; a part of a word does not."""
    said = _parts(text)
    wanted = ["".join(_parts(word)) for word in words]
    longest = max((len(_parts(word)) for word in words), default=0)
    runs = {"".join(said[n : n + length]) for n in range(len(said)) for length in range(1, max(longest, 2) + 1)}
    return any(word in runs for word in wanted if word)


def _parts(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _notes_entered(connection: Connection) -> int:
    counted = select(func.count()).select_from(ledger).where(ledger.c.event == Event.COMPLAINT_NOTED.value)
    return int(connection.execute(counted).scalar_one())


def _complaints(connection: Connection, *which: ColumnElement[bool]) -> list[Complaint]:
    query = select(complaints).where(*which).order_by(complaints.c.received_on, complaints.c.explained_by)
    return [_kept(row) for row in connection.execute(query)]


def _kept(row: Row[tuple[object, ...]]) -> Complaint:
    kept = Complaint(**{name: getattr(row, name) for name in Complaint.__slots__})
    outcome = ComplaintOutcome(row.outcome) if row.outcome else None
    return replace(kept, about=ComplaintAbout(row.about), state=ComplaintState(row.state), outcome=outcome)
