"""Say who was told what about a person: every disclosure, when, under which agreement, power and basis.

- The identifier is read by the face and goes no further than the blind index: what is kept of the question is its
  reason, the case reference and how much was found, never the identifier (law L8).
- The question is an entry in the ledger, in the same transaction that looks the person up: an answer that was not
  recorded is not given.
- Somebody who was never disclosed and somebody whom nobody knows get the same answer (law L11). Whoever asks why a
  person was left out is shown more, and their question is kept with whom it was about.
- That somebody complained is part of that, and of nothing else: in the usual answer it would tell a person who was
  never disclosed from one whom nobody knows, and no export holds it. An export says what was told to others, in the
  same words for everybody in the same place; a complaint tells nobody anything, may have been made by somebody else on
  the person's behalf, and who made it has the council's own letters.

What an answer holds is gathered in person_history.py and withheld_nights.py.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from gateway.errors import EntryInvalid
from gateway.ledger.entries import Event
from gateway.model.officers import Action
from gateway.services.audit.person_history import History, Told, history_of
from gateway.services.audit.withheld_nights import Withheld, withheld_from
from gateway.services.complaints.read_complaints import KnownComplaint, complaints_about
from gateway.services.registers.decline_sharing import Declined, declined_about
from gateway.services.subjects.subject_search import subjects_meant
from gateway.services.workplace import Workplace
from gateway.store.blind_index import NINO

__all__ = ["Answer", "History", "Question", "ReadReason", "Told", "audit_person"]


class ReadReason(StrEnum):
    """Why somebody asks about a person. Stored."""

    SUBJECT_ACCESS = "subject-access"
    COMPLAINT = "complaint"
    INCIDENT = "incident"
    AUDIT = "audit"
    LEGAL_CLAIM = "legal-claim"


class Question(NamedTuple):
    """Whom it is about: `kind` is `nino` or the name of the source whose id `value` is, in normal form."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Answer(History):
    """The history of a person; `withheld` is every time they were left out, where that was asked, else None.

    `declined` is every decision not to share about them, likewise, and `complaints` every complaint.
    """

    withheld: tuple[Withheld, ...] | None = None
    declined: tuple[Declined, ...] | None = None
    complaints: tuple[KnownComplaint, ...] | None = None


def audit_person(
    workplace: Workplace,
    question: Question,
    *,
    reason: str,
    case_reference: str,
    values: bool = False,
    withheld: bool = False,
) -> Answer:
    """Return every disclosure of the person. `reason` is a ReadReason, `case_reference` where the papers are.

    With `values`, what was told, where the agreement keeps it; with `withheld`, every time they were left out and why.
    Raises AccessDenied, and EntryInvalid where reason or case reference could hold more than they should.
    """
    workplace.actor.require(Action.READ_PERSON)
    require_reason(reason)
    with workplace.store.writing(workplace.actor) as work:
        subjects = subjects_meant(workplace, work.connection, question)
        history = history_of(work.connection, subjects, values=values)
        told = history.number
        work.enter(
            Event.PERSON_READ,
            reason=reason,
            case=case_reference,
            kind=kind_kept(question, subjects),
            found=bool(told),
            disclosures=told,
            values=values or None,
            withheld=withheld or None,
            subject=subjects[0] if subjects and (told or withheld) else None,
        )
        left_out = withheld_from(workplace, work.connection, subjects) if withheld else None
        return Answer(
            history.evidence_since,
            history.disclosures,
            history.attested,
            history.without_rows,
            history.answered,
            history.seen,
            withheld=left_out,
            declined=declined_about(work.connection, subjects) if withheld else None,
            complaints=complaints_about(workplace, work.connection, subjects) if withheld else None,
        )


def require_reason(reason: str) -> None:
    """Raise EntryInvalid unless this is a ReadReason."""
    if reason not in set(ReadReason):
        raise EntryInvalid("the reason is none of those that the ledger keeps", advice=", ".join(ReadReason))


def kind_kept(question: Question, subjects: list[str]) -> str:
    """Return the kind of identifier for the ledger; one that nobody is known by may be a word of whoever asked."""
    return question.kind if subjects or question.kind == NINO else "other"
