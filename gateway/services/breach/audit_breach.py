"""Answer, when something has gone wrong, what a list, key, server or recipient ever carried: in counts and facts.

- People are counted once, and children among them (breach_people.py).
- Only lists that may have reached somebody count; what was sealed and never sent is told apart.
- The question is an entry in the ledger before the answer is given. It names lists, keys and cases, and nobody (law
  L8).
- The clock of UK GDPR Article 33(1) runs from when the council noticed: 72 hours, weekends and holidays among them.

What is likely to follow for anybody, and whether to notify, is for people to say.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_

from sqlalchemy import Connection

from gateway.agreements.kept_document import KeptDocument, read_kept_document
from gateway.agreements.wording import field_in_words
from gateway.errors import QuestionInvalid
from gateway.ledger.events import Event
from gateway.model.delivery import DISCLOSED
from gateway.model.fields import FIELDS, Sensitivity, Transform, names_of
from gateway.model.officers import Action
from gateway.model.time import as_text
from gateway.receipts.match import Verdict
from gateway.sealing.fingerprints import fingerprints_in
from gateway.services.breach.breach_people import PeopleInQuestion, people_in_question
from gateway.services.breach.breach_scope import BreachQuestion, SealedFile, scope_of
from gateway.services.workplace import Workplace
from gateway.store.agreements import statement_kept
from gateway.store.breach import Try
from gateway.store.keys import RegisteredKey, keys_registered
from gateway.store.reconciliations import Reconciliation
from gateway.store.registers import ReceiptOfList, fields_of_lists, handovers_between, receipts_between
from gateway.store.retention import lists_purged, told_purged
from gateway.store.told_people import answers_between, fields_told

#: UK GDPR Article 33(1).
TO_NOTIFY = timedelta(hours=72)
#: What of a session says where a package went and how it was protected on the way.
_SHOWN = ("host_key", "key_exchange", "cipher")


@dataclass(frozen=True, slots=True)
class FieldInQuestion:
    """A fact that was told of each person, as coarse as it was told."""

    name: str
    meaning: str
    sensitivity: Sensitivity


@dataclass(frozen=True, slots=True)
class FileInQuestion:
    """A list in question: what it was, how it was sealed and what became of it."""

    reference: str
    window: str
    part: str
    agreement: str
    recipient: str
    people: int
    state: str
    package: str | None
    sha256: str | None
    size_bytes: int | None
    encrypted_to: str
    signed_by: str
    sealed_at: datetime | None
    settled_at: datetime | None
    verified_by: str | None
    receipt: str | None
    tries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandoverInQuestion:
    """A list that was handed over another way: two people say so, and nothing of it is proven or encrypted by us."""

    reference: str
    day: date
    agreement_id: str
    recipient: str
    manner: str
    people: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerInQuestion:
    """An answer to an office's list of claimants: its worksheet is a file of ours too, and stays with who ran it."""

    reference: str
    answered_at: str
    office: str
    agreement: str
    recipient: str
    answered_by: str
    people: int
    worksheet_sha256: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhoCouldOpen:
    """A key that opens packages in question, and whose it is as far as we know."""

    recipient: str
    key: str
    certificate: str | None
    registered: str


@dataclass(frozen=True, slots=True)
class AgreementInQuestion:
    """The agreement's version that lists in question were made under, in its words of then."""

    agreement: str
    words: KeptDocument


@dataclass(frozen=True, slots=True)
class BreachClock:
    """The 72 hours from when the council noticed."""

    noticed_at: datetime
    ends_at: datetime
    is_over: bool
    #: Whole hours that are left, or that it is over since.
    hours: int


@dataclass(frozen=True, slots=True)
class BreachFacts:
    """Everything that the gateway knows of what a breach is about."""

    case_reference: str
    asked_at: datetime
    clock: BreachClock | None
    found_by: tuple[str, ...]
    people: PeopleInQuestion
    rows: int
    fields: tuple[FieldInQuestion, ...]
    files: tuple[FileInQuestion, ...]
    not_sent: tuple[FileInQuestion, ...]
    handed_over: tuple[HandoverInQuestion, ...]
    who_could_open: tuple[WhoCouldOpen, ...]
    agreements: tuple[AgreementInQuestion, ...]
    #: Of `rows`, those on lists whose evidence was purged at its term: nobody can say any more who they were.
    rows_purged: int = 0
    #: Answers to work-coach lists: their people are in the counts.
    answered: tuple[AnswerInQuestion, ...] = ()


def audit_breach(
    workplace: Workplace, question: BreachQuestion, *, case_reference: str, noticed_at: datetime | None = None
) -> BreachFacts:
    """Return what is known of the lists in question, and enter that somebody asked.

    Raises AccessDenied, StoreError for what there never was, QuestionInvalid where the question says nothing or lies in
    the future, and EntryInvalid where the case reference is none.
    """
    workplace.actor.require(Action.READ_BREACH)
    now = workplace.clock.now()
    if question.is_empty:
        raise QuestionInvalid("a question about a breach needs a list, a key, a server, a recipient or days")
    if noticed_at is not None and noticed_at > now:
        raise QuestionInvalid("what was noticed lies in the future", advice="`--noticed-at` is London time.")
    with workplace.store.reading() as connection:
        facts = _facts(workplace, connection, question, case_reference, noticed_at)
    _enter(workplace, question, facts)
    return facts


def _facts(
    workplace: Workplace,
    connection: Connection,
    question: BreachQuestion,
    case_reference: str,
    noticed_at: datetime | None,
) -> BreachFacts:
    now = workplace.clock.now()
    scope = scope_of(workplace, connection, question)
    left = [each for each in scope.files if each.file.state in DISCLOSED]
    ids = [each.file.list_id for each in left]
    receipts = _receipts(connection, left)
    answers = _answers(connection, question)
    answered_with = fields_told(connection, [each.reference for each in answers])
    told = reduce(or_, (*fields_of_lists(connection, ids).values(), *answered_with.values()), 0)
    purged, gone = lists_purged(connection, ids), told_purged(connection)
    documents = _documents(left) | _documents_of(connection, answers)
    return BreachFacts(
        case_reference=case_reference,
        asked_at=now,
        clock=_clock(noticed_at, now),
        found_by=scope.found_by,
        people=people_in_question(connection, left, [each.reference for each in answers]),
        rows=sum(each.file.people or 0 for each in left) + sum(each.told for each in answers),
        fields=tuple(_fields(documents, names_of(told))),
        files=tuple(_file(each, receipts.get(each.file.list_id)) for each in left),
        not_sent=tuple(_file(each, None) for each in scope.files if each.file.state not in DISCLOSED),
        handed_over=tuple(_handed_over(connection, question)),
        who_could_open=tuple(_who_could_open(workplace, keys_registered(connection), left)),
        agreements=tuple(
            AgreementInQuestion(name, read_kept_document(document, name)) for name, document in documents.items()
        ),
        rows_purged=sum(each.file.people or 0 for each in left if each.file.reference in purged)
        + sum(each.told for each in answers if each.reference in gone),
        answered=tuple(_answered(connection, each, answered_with[each.reference]) for each in answers),
    )


def _clock(noticed_at: datetime | None, now: datetime) -> BreachClock | None:
    if noticed_at is None:
        return None
    ends_at = noticed_at + TO_NOTIFY
    return BreachClock(noticed_at, ends_at, ends_at <= now, abs(ends_at - now) // timedelta(hours=1))


def _enter(workplace: Workplace, question: BreachQuestion, facts: BreachFacts) -> None:
    with workplace.store.writing(workplace.actor) as work:
        work.enter(
            Event.BREACH_READ,
            **{
                "case": facts.case_reference,
                "lists": len(facts.files),
                "people": facts.people.people,
                "children": facts.people.children,
                "noticed_at": facts.clock.noticed_at if facts.clock else None,
                "list": question.list_reference,
                "key": question.key,
                "host": question.host,
                "partner": question.partner,
                "from": question.first,
                "to": question.last,
            },
        )


def _fields(documents: Mapping[str, bytes], told: Sequence[str]) -> Iterator[FieldInQuestion]:
    """Yield what was told, once for each way in which an agreement of then had it told."""
    transforms: dict[str, set[Transform]] = {name: set() for name in told}
    for name, document in documents.items():
        for field, transform in read_kept_document(document, name).fields:
            transforms.get(field, set()).add(transform)
    for name in told:
        for transform in sorted(transforms[name]) or [Transform.AS_IS]:
            yield FieldInQuestion(name, field_in_words(name, transform), FIELDS[name].sensitivity)


def _file(each: SealedFile, receipt: ReceiptOfList | None) -> FileInQuestion:
    file = each.file
    return FileInQuestion(
        reference=file.reference,
        window=file.window,
        part=file.part,
        agreement=f"{file.agreement_id}, version {file.version}",
        recipient=file.partner,
        people=file.people or 0,
        state=file.state.value,
        package=file.remote_name,
        sha256=file.package_sha256,
        size_bytes=file.package_bytes,
        encrypted_to=str(each.entry["recipient_key"]),
        signed_by=str(each.entry["signing_key"]),
        sealed_at=file.sealed_at,
        settled_at=file.settled_at,
        verified_by=file.verify_method,
        receipt=receipt.level.value if receipt else None,
        tries=tuple(map(_try_in_words, each.tries)),
    )


def _handed_over(connection: Connection, question: BreachQuestion) -> Iterator[HandoverInQuestion]:
    """Yield the attested lists that went another way; a list, a key and a server are of the gateway's own way."""
    if question.list_reference or question.key or question.host:
        return
    for each in handovers_between(connection, question.first or date.min, question.last or date.max):
        if question.partner in {None, each.partner}:
            yield HandoverInQuestion(
                each.reference,
                each.handed_over_on,
                each.agreement_id,
                each.partner,
                each.manner,
                each.people,
                names_of(each.fields),
            )


def _try_in_words(tried: Try) -> str:
    shown = [f"{name.replace('_', ' ')} {tried.session[name]}" for name in _SHOWN if tried.session.get(name)]
    return ", ".join([f"{as_text(tried.ended_at)} {tried.outcome}", *shown])


def _receipts(connection: Connection, left: Sequence[SealedFile]) -> Mapping[int, ReceiptOfList]:
    windows = [date.fromisoformat(each.file.window) for each in left]
    return receipts_between(connection, min(windows), max(windows), Verdict.ACCEPTED.value) if windows else {}


def _who_could_open(
    workplace: Workplace, register: Sequence[RegisteredKey], left: Sequence[SealedFile]
) -> Iterator[WhoCouldOpen]:
    for partner, key in sorted({(each.file.partner, str(each.entry["recipient_key"])) for each in left}):
        certificate = _certificate_with(workplace, partner, key)
        known = [each for each in register if each.fingerprint in {certificate, key}]
        said = "; ".join(f"{each.purpose.value}, {each.algorithm}, {each.state.value}" for each in known)
        yield WhoCouldOpen(partner, key, certificate, said or "not in the register of keys")


def _certificate_with(workplace: Workplace, partner_name: str, key: str) -> str | None:
    """Return the fingerprint of the partner's configured certificate, if the key is one of its keys."""
    partner = workplace.partners.get(partner_name)
    if partner is None or not partner.certificate or key not in fingerprints_in(partner.certificate):
        return None
    return partner.fingerprint


def _documents(left: Sequence[SealedFile]) -> dict[str, bytes]:
    return {f"{each.file.agreement_id}, version {each.file.version}": each.file.document for each in left}


def _answers(connection: Connection, question: BreachQuestion) -> list[Reconciliation]:
    """Return the answers to work-coach lists; no key opens a worksheet, and no server of a partner's ever had one."""
    if question.key or question.host:
        return []
    found = answers_between(connection, question.first or date.min, question.last or date.max)
    named, partner = question.list_reference, question.partner
    return [each for each in found if named in {None, each.reference} and partner in {None, each.partner}]


def _answered(connection: Connection, made: Reconciliation, fields: int) -> AnswerInQuestion:
    kept = statement_kept(connection, made.statement_hash)
    return AnswerInQuestion(
        reference=made.reference,
        answered_at=made.ran_at,
        office=made.office,
        agreement=f"{made.agreement_id}, version {kept.version}" if kept else made.agreement_id,
        recipient=made.partner,
        answered_by=made.ran_by,
        people=made.told,
        worksheet_sha256=made.answer_sha256,
        fields=names_of(fields),
    )


def _documents_of(connection: Connection, answers: Sequence[Reconciliation]) -> dict[str, bytes]:
    kept = (statement_kept(connection, statement) for statement in {each.statement_hash: None for each in answers})
    return {f"{each.agreement_id}, version {each.version}": each.agreement_document for each in kept if each}
