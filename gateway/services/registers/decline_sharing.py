"""Record that something was not shared, on purpose, and why: the other half of answering for what is shared.

- A decision is about an agreement, or about somebody who asked without one; it may be about a person, whose
  identifier goes no further than the blind index. What is kept is a reason and a kind of requester, both from closed
  lists, and the case reference (law L8).
- It changes nothing that is sent: who is to be left out of lists is held (`subjects hold`).
- An officer who asks about a person with everything that was held back sees it; no export ever does.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from gateway.errors import AgreementError, SubjectUnknown
from gateway.ledger.entries import Entry, read_entry
from gateway.ledger.events import Event
from gateway.model.officers import Action
from gateway.model.time import from_text
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.subjects.subject_search import subjects_meant
from gateway.services.workplace import Workplace
from gateway.store.agreements import agreements_with_statements
from gateway.store.blind_index import Clue
from gateway.store.registers import entries_ever


class DeclineReason(StrEnum):
    """Why something is not shared. Stored."""

    NO_LEGAL_POWER = "no-legal-power"
    NOT_NECESSARY = "not-necessary"
    NOT_PROPORTIONATE = "not-proportionate"
    PURPOSE_NOT_COMPATIBLE = "purpose-not-compatible"
    DUTY_OF_CONFIDENCE = "duty-of-confidence"
    SAFETY = "safety"
    OBJECTION = "objection"
    DATA_NOT_ACCURATE = "data-not-accurate"
    RECIPIENT_NOT_ASSURED = "recipient-not-assured"
    COURT_ORDER = "court-order"


class Requester(StrEnum):
    """Who asked. Stored."""

    RECIPIENT = "recipient"
    OTHER_AUTHORITY = "other-authority"
    POLICE = "police"
    HEALTH = "health"
    COURT = "court"
    COUNCIL = "council"
    RELATIVE = "relative"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Declined:
    """A decision not to share."""

    entry: int
    at: datetime
    decided_by: str
    agreement_id: str | None
    requester: str
    reason: str
    case_reference: str


def decline_sharing(
    workplace: Workplace,
    *,
    requester: Requester,
    reason: DeclineReason,
    case_reference: str,
    agreement_id: str | None = None,
    clue: Clue | None = None,
) -> int:
    """Enter the decision and return its place in the log.

    Raises AccessDenied, AgreementError where there never was such an agreement, SubjectUnknown where nobody is known by
    the identifier, and EntryInvalid where the case reference is none.
    """
    workplace.actor.require(Action.DECLINE)
    with workplace.store.writing(workplace.actor) as work:
        if agreement_id is not None:
            _require_agreement(workplace, work.connection, agreement_id)
        return work.enter(
            Event.SHARING_DECLINED,
            agreement=agreement_id,
            requester=requester.value,
            reason=reason.value,
            case=case_reference,
            subject=None if clue is None else _subject(workplace, work.connection, clue),
        )


def declined_about(connection: Connection, subjects: Collection[str]) -> tuple[Declined, ...]:
    """Return the decisions about somebody, oldest first; who asks is entered by the caller."""
    entries = map(read_entry, entries_ever(connection, Event.SHARING_DECLINED))
    return tuple(_declined(entry) for entry in entries if entry.body.get("subject") in subjects)


def _require_agreement(workplace: Workplace, connection: Connection, agreement_id: str) -> None:
    known = frozenset(Shelf.of(workplace).agreement_ids()) | agreements_with_statements(connection)
    if agreement_id not in known:
        raise AgreementError(
            "there never was an agreement of that name",
            advice="`gateway audit register` names every one; leave it out where somebody asked without one.",
        )


def _subject(workplace: Workplace, connection: Connection, clue: Clue) -> str:
    found = subjects_meant(workplace, connection, clue)
    if not found:
        raise SubjectUnknown(
            "the registry knows nobody by that identifier",
            advice="Leave the person out: the case reference leads to the papers.",
        )
    return found[0]


def _declined(entry: Entry) -> Declined:
    body = entry.body
    agreement_id = body.get("agreement")
    return Declined(
        entry=entry.position,
        at=from_text(entry.at),
        decided_by=entry.actor,
        agreement_id=None if agreement_id is None else str(agreement_id),
        requester=str(body["requester"]),
        reason=str(body["reason"]),
        case_reference=str(body["case"]),
    )
