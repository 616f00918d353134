"""Put together what an export says to the person it is about: disclosures until it was asked for, in their words.

- Nothing is read here but what was disclosed: no list that left the person out, no reason, no flag, no hold.
- Nobody else is in it. The lead professional is named by role, and their contact left out, unless an officer decided
  that they are named; what is the same for everybody, such as the hub's number, is shown.
- Lists that went later than the question are for another export: the second officer judges what was there.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from sqlalchemy import Connection, select

from gateway.agreements.wording import transform_in_words
from gateway.documents.subject_report import AnsweredTo, HandedOver, Said, Shared, Sharing, SubjectReport
from gateway.errors import NotExportable
from gateway.model.delivery import ListState
from gateway.model.fields import Transform, names_of
from gateway.model.reconciliation import ToldAs
from gateway.model.time import from_text, london_day
from gateway.services.agreements.agreement_then import AgreementThen
from gateway.services.audit.person_history import (
    Disclosed,
    Values,
    agreement_of,
    disclosed_to,
    held_since,
    recipient_of,
)
from gateway.services.disclosure.list_decisions import WHOLE
from gateway.services.disclosure.seal_notice import NOTICE
from gateway.services.workplace import Workplace
from gateway.store.claimants import ASKED
from gateway.store.exports import Export
from gateway.store.handovers import Handover, handovers_of
from gateway.store.linked import linked_to
from gateway.store.lists import lists_without_rows
from gateway.store.reconciliations import Reconciliation
from gateway.store.registry import known_by_number_alone, sharing_a_number
from gateway.store.tables import ledger
from gateway.store.told_people import ToldRow, told_of

LEAD_NAME, LEAD_CONTACT = "lead_professional_name", "lead_professional_contact"
#: Each field in words for the person it is about.
IN_YOUR_WORDS = {
    "record_ref": "a reference for you that is used in this sharing alone",
    "record_action": "whether you were added (A), changed (C) or taken off (D)",
    "surname": "your surname",
    "forename": "your forename",
    "date_of_birth": "your date of birth",
    "nino": "your National Insurance number, where we hold one",
    "postcode": "your postcode",
    "jcp_office": "the Jobcentre that serves your postcode",
    "lead_professional_name": "the name of your family's lead professional",
    "lead_professional_contact": "their work e-mail or telephone, or a general number",
    "lead_professional_org": "their team",
    "need_housing": "that your family has a housing need: yes, or blank",
    "need_health": "that your family has a health need: yes, or blank",
    "need_offending": "that your family has an offending need: yes, or blank",
}
HOW_IT_WENT = {
    ListState.SENDING: "Being sent. Count it as shared.",
    ListState.UPLOADED: "Being sent. Count it as shared.",
    ListState.UNCERTAIN: "Sent. We cannot be sure that it arrived: count it as shared.",
    ListState.VERIFIED: "Delivered.",
    ListState.RECEIVED: "Delivered. The recipient confirmed it.",
    ListState.REJECTED: "Delivered. The recipient told us that they could not use it.",
    ListState.UNCOLLECTED: "Delivered. The recipient has not confirmed it.",
    ListState.RECALLED: "Delivered. We asked for the whole list back.",
}
_MANNER = {
    "paper": "on paper",
    "encrypted-device": "on an encrypted device",
    "secure-email": "by secure e-mail",
    "portal": "through a website",
    "on-screen": "shown on a screen",
}
_TOLD_AS = {
    ToldAs.ON_LIST: "You are on our list",
    ToldAs.DETAILS_DIFFER: "You are on our list",
    ToldAs.LEFT: "You were on an earlier list of ours",
    ToldAs.WITHOUT_COACH: "You are on our list, and were not on the office's",
}
_BLANK = "(blank)"
_LEFT_OUT = {
    LEAD_NAME: "(your family's lead professional: the name was shared, and is left out here)",
    LEAD_CONTACT: "(their work contact was shared, and is left out here)",
}


def report_of(workplace: Workplace, connection: Connection, export: Export) -> SubjectReport:
    """Return what the export says today. Raises NotExportable where the person was forgotten since."""
    subjects = person_of(connection, export)
    asked_at = from_text(export.asked_at)
    disclosed = disclosed_to(connection, subjects, sealed_by=asked_at)
    attested = [each for each in handovers_of(connection, subjects) if _at(connection, each) <= export.asked_at]
    return SubjectReport(
        controller=workplace.store.facts.controller,
        case_reference=export.case_reference,
        made_on=workplace.clock.today(),
        goes_to=london_day(asked_at),
        records_since=held_since(connection),
        sharings=tuple(_sharings(disclosed, export)),
        handed_over=tuple(_handed_over(connection, each) for each in attested),
        lost=tuple(kept.reference for kept in lists_without_rows(connection)),
        answered=tuple(
            _answered(connection, made, row)
            for made, row in told_of(connection, subjects)
            if made.ran_at <= export.asked_at
        ),
    )


def person_of(connection: Connection, export: Export) -> list[str]:
    """Return every reference of the person, those that stand for whoever has their number among them."""
    if export.subject_ref is None:
        return []
    linked = linked_to(connection, [export.subject_ref])
    if not linked:
        raise NotExportable(f"whom {export.reference} is about was forgotten since it was asked for")
    others = [each for each in sharing_a_number(connection, linked) if each not in linked]
    return linked + known_by_number_alone(connection, others)


def _sharings(disclosed: Iterable[Disclosed], export: Export) -> Iterable[Sharing]:
    def alike(each: Disclosed) -> tuple[str, int, str, int]:
        return each.row.agreement_id, each.row.version, each.row.statement_hash, each.row.fields

    for _, found in groupby(sorted(disclosed, key=alike), key=alike):
        yield _sharing(list(found), export)


def _sharing(disclosed: Sequence[Disclosed], export: Export) -> Sharing:
    first, agreement = disclosed[0], disclosed[0].agreement
    shared = [_shared(each) for each in disclosed]
    return Sharing(
        recipient=first.recipient,
        agreement=f"{agreement.title or agreement.agreement_id}, version {agreement.version}",
        purpose=agreement.purpose,
        power=agreement.power,
        basis=(*agreement.article_6, *agreement.article_9, *agreement.article_10),
        facts=tuple(_fact(name, agreement) for name in names_of(first.row.fields)),
        recipient_keeps=f"{agreement.kept_days} days" if agreement.kept_days else "",
        privacy_notice=agreement.privacy_notice,
        contacts=agreement.contacts,
        shared=tuple(shared),
        said=_said(disclosed, shared, export) if export.values_told else None,
    )


def _shared(each: Disclosed) -> Shared:
    part = each.row.part
    office = "" if part == WHOLE or part.startswith((NOTICE, ASKED)) else _office(part)
    return Shared(each.day, each.row.list_reference, office, HOW_IT_WENT[each.row.state])


def _office(name: str) -> str:
    return name.replace("-", " ").title()


def _fact(name: str, agreement: AgreementThen) -> str:
    return IN_YOUR_WORDS.get(name, name) + transform_in_words(dict(agreement.fields).get(name, Transform.AS_IS))


def _said(disclosed: Sequence[Disclosed], shared: Sequence[Shared], export: Export) -> tuple[Said, ...]:
    lists: dict[Values, list[Shared]] = {}
    for each, one in zip(disclosed, shared, strict=True):
        values = each.values()
        if values is not None:
            lists.setdefault(_in_words(values, each.agreement, export), []).append(one)
    return tuple(Said(values, tuple(those)) for values, those in lists.items())


def _in_words(values: Values, agreement: AgreementThen, export: Export) -> Values:
    return tuple(
        (IN_YOUR_WORDS.get(name, name), _word(name, value, agreement, lead_named=export.lead_named))
        for name, value in values
    )


def _word(name: str, value: str, agreement: AgreementThen, *, lead_named: bool) -> str:
    if value and name in _LEFT_OUT and not lead_named and value != agreement.default_contact:
        return _LEFT_OUT[name]
    return value or _BLANK


def _answered(connection: Connection, made: Reconciliation, row: ToldRow) -> AnsweredTo:
    agreement, differs = agreement_of(connection, made), names_of(row.differs)
    beside = (
        f". These details differ: {', '.join(IN_YOUR_WORDS.get(name, name) for name in differs)}" if differs else ""
    )
    return AnsweredTo(
        day=london_day(from_text(made.ran_at)),
        recipient=agreement.recipient or made.partner,
        office=_office(made.office),
        agreement=f"{agreement.title or agreement.agreement_id}, version {agreement.version}",
        purpose=agreement.purpose,
        power=agreement.power,
        told=_TOLD_AS[ToldAs(row.kind)] + beside,
        facts=tuple(IN_YOUR_WORDS.get(name, name) for name in names_of(row.fields)),
        reference=made.reference,
    )


def _handed_over(connection: Connection, handover: Handover) -> HandedOver:
    facts = tuple(IN_YOUR_WORDS.get(name, name) for name in names_of(handover.fields))
    recipient = recipient_of(connection, handover)
    manner = _MANNER.get(handover.manner, handover.manner)
    return HandedOver(handover.handed_over_on, recipient, manner, facts, handover.reference)


def _at(connection: Connection, handover: Handover) -> str:
    """Return when the record was confirmed."""
    query = select(ledger.c.at).where(ledger.c.position == handover.explained_by)
    return str(connection.execute(query).scalar_one())
