"""Tell every recipient who ever got a person that it was corrected or is taken back (UK GDPR Article 19).

Each recipient of each agreement that ever told of them is told by a notice (seal_notice.py), which is delivered and
answered as any list is. Where one cannot be told, why is on record instead. The certificate goes recipient by
recipient: told when, received when, or why not. It is read from the ledger and from where the lists stand, so that it
is whole once the last receipt came.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, select

from gateway.documents import canonical_json
from gateway.errors import AgreementError, ConfigurationError, DisclosureRefused, SourceError, SubjectUnknown
from gateway.ledger.events import Event
from gateway.minimisation.taken_back import can_say
from gateway.model.delivery import DISCLOSED
from gateway.model.fields import TAKEN_BACK
from gateway.model.handover import HandoverState
from gateway.model.officers import Action
from gateway.model.time import as_text
from gateway.receipts.match import Verdict
from gateway.sealing.signatures import sign_detached
from gateway.services.agreements.agreement_standing import approved_statement
from gateway.services.agreements.stop_disclosures import require_case
from gateway.services.disclosure.seal_notice import Asked, seal_notice
from gateway.services.subjects.subject_search import subjects_meant
from gateway.services.workplace import Workplace
from gateway.store.blind_index import Clue
from gateway.store.entries import entries_about
from gateway.store.facts import facts_of
from gateway.store.history import DisclosedRow, KeptReceipt, disclosures_to, newest_receipts
from gateway.store.lists import get_list, list_named
from gateway.store.tables import handover_people, handovers
from gateway.store.work import Work

#: Why a recipient was not told by a notice. Stored, as are the codes of errors.
OTHER_RECIPIENT, NO_ACTION, ANOTHER_WAY = "other-recipient-now", "no-record-action", "handed-over-another-way"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who got a person under an agreement; `newest` is the list that told last, None where none of ours did.

    `subject_refs` are those that the recipient still holds, as far as we told.
    """

    agreement_id: str
    partner: str
    newest: int | None
    subject_refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What the certificate says of one recipient. `reason` says why no notice went."""

    agreement_id: str
    partner: str
    told_at: str
    notice: str | None
    corrected: int
    taken_back: int
    state: str | None
    received_at: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class SignedTold:
    """The certificate: what it says, the same as one document, and our OpenPGP signature over exactly that."""

    recipients: tuple[Told, ...]
    document: bytes
    signature: bytes


def tell_recipients(workplace: Workplace, clue: Clue, *, case: str, withdraw: bool) -> list[Told]:
    """Make a notice for every recipient who ever got a person, or enter why not; return what was told under the case.

    Raises SubjectUnknown, and NoticeRefused where a correction would be withheld; what was made before stays.
    """
    workplace.actor.require(Action.TELL_RECIPIENTS)
    require_case(case)
    with workplace.store.reading() as connection:
        subject_refs = subjects_meant(workplace, connection, clue)
        if not subject_refs:
            raise SubjectUnknown("the registry knows nobody by that identifier")
        recipients = recipients_of(connection, subject_refs)
    for recipient in recipients:
        _tell(workplace, recipient, case=case, withdraw=withdraw)
    with workplace.store.reading() as connection:
        return told_under(connection, case)


def certificate_of_notices(workplace: Workplace, case: str) -> SignedTold:
    """Return what recipients were told under a case, in the order of the entries, and our signature over it."""
    workplace.actor.require(Action.LIST_FORGETS)
    require_case(case)
    with workplace.store.reading() as connection:
        told = told_under(connection, case)
        controller = facts_of(connection).controller
    at = as_text(workplace.clock.now())
    content = canonical_json(
        {"case": case, "controller": controller, "made_at": at, "recipients": [asdict(each) for each in told]}
    )
    return SignedTold(tuple(told), content, sign_detached(content, workplace.keys.package_signing_key()))


def recipients_of(connection: Connection, subject_refs: Sequence[str]) -> list[Recipient]:
    """Return every recipient who still holds any of the subjects, as far as we told."""
    rows: dict[tuple[str, str], list[DisclosedRow]] = {}
    for row in disclosures_to(connection, subject_refs):
        rows.setdefault((row.agreement_id, row.partner), []).append(row)
    found = [_recipient(*each, of) for each, of in rows.items()]
    return [each for each in found if each.subject_refs] + _by_hand(connection, subject_refs)


def told_under(connection: Connection, case: str) -> list[Told]:
    """Return what is on record of each recipient under a case."""
    return [
        _told(connection, entry.at, dict(entry.body))
        for entry in entries_about(connection, Event.RECIPIENT_TOLD)
        if entry.body["case"] == case
    ]


def _recipient(agreement_id: str, partner: str, rows: list[DisclosedRow]) -> Recipient:
    # Oldest first: what was told last of each.
    last = {row.subject_ref: row for row in sorted(rows, key=lambda row: row.list_id)}
    held = tuple(sorted(ref for ref, row in last.items() if row.fields != TAKEN_BACK))
    return Recipient(agreement_id, partner, max(row.list_id for row in rows), held)


def _by_hand(connection: Connection, subject_refs: Sequence[str]) -> list[Recipient]:
    named = select(handovers.c.agreement_id, handovers.c.partner, handover_people.c.subject_ref).join_from(
        handover_people, handovers, handovers.c.handover_id == handover_people.c.handover_id
    )
    rows = connection.execute(
        named.where(
            handover_people.c.subject_ref.in_(list(subject_refs)), handovers.c.state == HandoverState.ATTESTED.value
        )
    )
    got: dict[tuple[str, str], set[str]] = {}
    for agreement_id, partner, subject_ref in rows:
        got.setdefault((agreement_id, partner), set()).add(subject_ref)
    return [Recipient(*each, None, tuple(sorted(refs))) for each, refs in sorted(got.items())]


def _tell(workplace: Workplace, recipient: Recipient, *, case: str, withdraw: bool) -> None:
    with workplace.store.writing(workplace.actor) as work:
        reason = _reason_not_to(workplace, work.connection, recipient)
        if reason is None and recipient.newest is not None:
            standing = approved_statement(workplace, work.connection, recipient.agreement_id)
            newest = get_list(work.connection, recipient.newest)
            asked = Asked(workplace, work, standing, newest, recipient.subject_refs, case)
            seal_notice(asked, withdraw=withdraw)
            return
        enter_untold(work, recipient, case, reason or ANOTHER_WAY)


def enter_untold(work: Work, recipient: Recipient, case: str, reason: str) -> None:
    """Enter that no notice goes to a recipient, and why."""
    work.enter(
        Event.RECIPIENT_TOLD,
        subjects=list(recipient.subject_refs),
        agreement=recipient.agreement_id,
        partner=recipient.partner,
        case=case,
        reason=reason,
    )


def _reason_not_to(workplace: Workplace, connection: Connection, recipient: Recipient) -> str | None:
    """Return why a recipient cannot be told by a notice, or None."""
    if recipient.newest is None:
        return ANOTHER_WAY
    try:
        standing = approved_statement(workplace, connection, recipient.agreement_id)
    except (AgreementError, ConfigurationError, DisclosureRefused, SourceError) as error:
        return error.code
    if standing.partner.name != recipient.partner:
        return OTHER_RECIPIENT
    return None if can_say(standing.agreement) else NO_ACTION


def _told(connection: Connection, at: str, said: dict[str, object]) -> Told:
    reference = said.get("list")
    kept = list_named(connection, str(reference)) if reference else None
    receipt = newest_receipts(connection, [kept.list_id], Verdict.ACCEPTED.value) if kept else {}
    return Told(
        agreement_id=str(said["agreement"]),
        partner=str(said["partner"]),
        told_at=at,
        notice=kept.reference if kept else None,
        corrected=_count(said.get("corrected")),
        taken_back=_count(said.get("taken_back")),
        state=kept.state.value if kept else None,
        received_at=_received(receipt.get(kept.list_id)) if kept else None,
        reason=str(said["reason"]) if "reason" in said else None,
    )


def _received(receipt: KeptReceipt | None) -> str | None:
    return None if receipt is None else as_text(receipt.collected_at)


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def is_told(connection: Connection, recipient: Recipient, case: str) -> bool:
    """Say whether a recipient was told under a case, or why not is on record."""
    on_record = [each for each in told_under(connection, case) if _is(each, recipient)]
    return any(each.reason is not None or each.state in {state.value for state in DISCLOSED} for each in on_record)


def _is(told: Told, recipient: Recipient) -> bool:
    return (told.agreement_id, told.partner) == (recipient.agreement_id, recipient.partner)
