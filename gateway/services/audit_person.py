"""Say who was told what about a person: every disclosure, when, under which agreement, power and basis.

- The identifier is read by the face and goes no further than the blind index: what is kept of the question is its
  reason, the case reference and how much was found, never the identifier (law L8).
- The question is an entry in the ledger, in the same transaction that looks the person up: an answer that was not
  recorded is not given.
- States in which nobody can be sure that the list did not arrive count as disclosed.
- Somebody who was never disclosed and somebody whom nobody knows get the same answer (law L11).
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection

from gateway.documents import parse_tree, plain_of
from gateway.errors import AgreementMalformed, EntryInvalid
from gateway.ledger.entries import Event
from gateway.model.agreement import Direction, PartyRole
from gateway.model.delivery import ListState
from gateway.model.fields import names_of
from gateway.model.officers import Action
from gateway.model.receipt import ReceiptLevel
from gateway.model.time import london_day
from gateway.receipts.match import Verdict
from gateway.services.subject_search import subjects_meant
from gateway.services.workplace import Workplace
from gateway.store.history import DisclosedRow, disclosures_to, evidence_since, newest_receipt
from gateway.store.registry import NINO

#: A document without its places.
Plain = dict[str, object]


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
class Told:
    """One disclosure of the person. `power` and the articles are those of the agreement's version of that night."""

    day: date
    window: str
    agreement_id: str
    version: int
    recipient: str
    purpose: str
    power: str
    article_6: tuple[str, ...]
    article_9: tuple[str, ...]
    article_10: tuple[str, ...]
    fields: tuple[str, ...]
    list_reference: str
    part: str
    state: ListState
    receipt: ReceiptLevel | None
    receipt_at: datetime | None


@dataclass(frozen=True, slots=True)
class History:
    """The answer, and since when evidence is held at all: disclosures from before are not in it."""

    evidence_since: date
    disclosures: tuple[Told, ...]


def audit_person(workplace: Workplace, question: Question, *, reason: str, case_reference: str) -> History:
    """Return every disclosure of the person. `reason` is a ReadReason, `case_reference` where the papers are.

    Raises AccessDenied, and EntryInvalid where reason or case reference could hold more than they should.
    """
    workplace.actor.require(Action.READ_PERSON)
    if reason not in set(ReadReason):
        raise EntryInvalid("the reason is none of those that the ledger keeps", advice=", ".join(ReadReason))
    with workplace.store.writing(workplace.actor) as work:
        subjects = subjects_meant(workplace, work.connection, question)
        told = tuple(_told(work.connection, row) for row in disclosures_to(work.connection, subjects))
        work.enter(
            Event.PERSON_READ,
            reason=reason,
            case=case_reference,
            # A kind that nobody is known by may be a word of whoever asked.
            kind=question.kind if subjects or question.kind == NINO else "other",
            found=bool(told),
            disclosures=len(told),
            subject=subjects[0] if told else None,
        )
        return History(london_day(evidence_since(work.connection)), told)


def _told(connection: Connection, row: DisclosedRow) -> Told:
    agreement = _document(row)
    basis = _table(agreement, "lawful_basis")
    receipt = newest_receipt(connection, row.list_id, Verdict.ACCEPTED.value)
    return Told(
        day=london_day(row.sent_at),
        window=row.window,
        agreement_id=row.agreement_id,
        version=row.version,
        recipient=_first(agreement, "parties", "role", PartyRole.RECIPIENT, "name") or row.partner,
        purpose=str(_table(agreement, "purpose").get("text", "")).strip(),
        power=_first(agreement, "legal_powers", "direction", Direction.OUTBOUND, "citation"),
        article_6=_texts(basis, "article_6"),
        article_9=_texts(basis, "article_9"),
        article_10=_texts(basis, "article_10"),
        fields=names_of(row.fields),
        list_reference=row.list_reference,
        part=row.part,
        state=row.state,
        receipt=receipt.level if receipt else None,
        receipt_at=receipt.collected_at if receipt else None,
    )


def _document(row: DisclosedRow) -> Plain:
    """Return the agreement as it was kept with the list: as text, because the rules of agreements change."""
    tree, faults = parse_tree(row.document, row.agreement_id)
    plain = plain_of(tree) if tree is not None and not faults else None
    if not isinstance(plain, dict):
        raise AgreementMalformed(f"the document kept of {row.agreement_id} version {row.version} cannot be read")
    return plain


def _table(plain: Plain, name: str) -> Plain:
    value = plain.get(name)
    return value if isinstance(value, dict) else {}


def _texts(plain: Plain, name: str) -> tuple[str, ...]:
    value = plain.get(name)
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _first(plain: Plain, name: str, key: str, wanted: str, asked: str) -> str:
    """Return what the first item of a list says, of those that have the wanted value."""
    items = plain.get(name)
    found = (item for item in items if isinstance(item, dict)) if isinstance(items, list) else iter(())
    return next((str(item.get(asked, "")) for item in found if item.get(key) == wanted), "")
