"""The registers made of agreements: the register itself, the record of processing, the Digital Economy Act's.

Each is read off the agreements, the approvals and the recipients' records at the moment of asking; nothing is typed
again. What an agreement does not say is shown as not recorded. Nothing here is about a person who is on a list.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from gateway.agreements.register_cells import DEA, PROCESSING, dea_row, is_under_the_act, processing_row
from gateway.documents.register import Column, Register, Shape, Value
from gateway.model.agreement import Agreement, Direction
from gateway.model.officers import Action
from gateway.model.partner import Partner
from gateway.model.time import as_text, london_day, london_midnight
from gateway.services.agreements.agreements_known import KnownAgreement, agreements_known
from gateway.services.workplace import Workplace
from gateway.store.registers import KeptApproval, approvals_with_entries, copies_at_rest_before

_AGREEMENTS = (
    Column("title", "Agreement"),
    Column("agreement_id", "Reference"),
    Column("rating", "Standing"),
    Column("stands_for", "Why"),
    Column("recipient", "Recipient"),
    Column("parties", "Parties"),
    Column("purpose", "Purpose"),
    Column("legal_power", "Legal power"),
    Column("approvals", "Approved by"),
    Column("impact_assessment", "Impact assessment"),
    Column("policy_document", "Policy document"),
    Column("review_by", "Review by"),
    Column("starts_on", "Term begins"),
    Column("ends_on", "Term ends"),
)


def agreement_register(workplace: Workplace) -> Register:
    """Return the register of agreements as they stand today, in red, amber and green. Raises AccessDenied."""
    workplace.actor.require(Action.READ_REGISTERS)
    with workplace.store.reading() as connection:
        known = agreements_known(workplace, connection)
        approvals = approvals_with_entries(connection)
    return Register(
        title="Register of data sharing agreements",
        made=made_by(workplace),
        about="Every agreement under which lists leave the council or once left it, and how it stands today.",
        columns=_AGREEMENTS,
        rows=tuple(_agreement_row(each, approvals) for each in known),
        shape=Shape.ENTRIES,
        overview=("title", "rating", "recipient", "review_by", "ends_on"),
    )


def processing_register(workplace: Workplace) -> Register:
    """Return the record of processing (Article 30(1)) with the columns of DPA 2018 Schedule 1 paragraph 41."""
    workplace.actor.require(Action.READ_REGISTERS)
    with workplace.store.reading() as connection:
        known = agreements_known(workplace, connection)
        rows = tuple(
            processing_row(
                each.agreement,
                controller=workplace.store.facts.controller,
                security=_security(each.partner),
                overdue_copies=_overdue_copies(workplace, connection, each.agreement),
            )
            for each in known
            if each.agreement is not None
        )
    return Register(
        title="Record of processing activities",
        made=made_by(workplace),
        about="UK GDPR Article 30(1), with what DPA 2018 Schedule 1 paragraph 41 adds." + _unreadable(known),
        columns=PROCESSING,
        rows=rows,
        shape=Shape.ENTRIES,
    )


def dea_register(workplace: Workplace) -> Register:
    """Return the entries for the register of information sharing under the Digital Economy Act 2017, Part 5."""
    workplace.actor.require(Action.READ_REGISTERS)
    with workplace.store.reading() as connection:
        known = agreements_known(workplace, connection)
    under = [each for each in known if each.agreement is not None and is_under_the_act(each.agreement)]
    return Register(
        title="Entries for the Digital Economy Act register",
        made=made_by(workplace),
        about=f"That register's eighteen fields, for the {len(under)} of {len(known)} agreements whose power cites the "
        "Act." + _unreadable(known),
        columns=DEA,
        rows=tuple(
            dea_row(each.agreement, method=_method(each.partner)) for each in under if each.agreement is not None
        ),
        shape=Shape.ENTRIES,
    )


def made_by(workplace: Workplace) -> str:
    """Return the line that says what made a register, for whom, from what and when."""
    facts = workplace.store.facts
    invented = " The people are invented." if facts.environment == "synthetic" else ""
    now = as_text(workplace.clock.now())
    return f"{facts.controller}: made by the gateway {facts.origin} from its own records at {now}.{invented}"


def midnight(day: date) -> datetime:
    """Return the instant at which a London day begins."""
    return london_midnight(day)


def _agreement_row(known: KnownAgreement, approvals: list[KeptApproval]) -> tuple[Value, ...]:
    agreement, standing = known.agreement, (known.rating.value.upper(), known.stands_for)
    if agreement is None:
        return (known.agreement_id, known.agreement_id, *standing, *(None for _ in _AGREEMENTS[4:]))
    return (
        agreement.title,
        f"{known.agreement_id}, version {agreement.version}",
        *standing,
        agreement.recipient,
        tuple(f"{party.name} ({party.role.value})" for party in agreement.parties),
        agreement.purpose.code,
        _power(agreement),
        tuple(_approvals(known, approvals)),
        f"{agreement.dpia_reference}, review by {agreement.dpia_review_by}",
        agreement.lawful_basis.policy_document,
        agreement.review_by.isoformat(),
        agreement.starts_on.isoformat(),
        agreement.ends_on.isoformat(),
    )


def _power(agreement: Agreement) -> tuple[str, ...]:
    power = agreement.power(Direction.OUTBOUND)
    if power is None:
        return ()
    confirmed = (
        f"confirmed by {power.confirmed_by} on {power.confirmed_on}" if power.confirmed_on else "to be confirmed"
    )
    return power.citation, confirmed


def _approvals(known: KnownAgreement, approvals: list[KeptApproval]) -> Iterator[str]:
    for each in approvals:
        if each.statement_hash == known.statement_hash and each.principal in known.approved_by:
            yield f"{each.principal} ({each.role}) on {london_day(each.at)}"


def _unreadable(known: tuple[KnownAgreement, ...]) -> str:
    names = ", ".join(each.agreement_id for each in known if each.agreement is None)
    return f" Not in it, because it cannot be read: {names}." if names else ""


def _overdue_copies(workplace: Workplace, connection: Connection, agreement: Agreement) -> int:
    day = workplace.clock.today() - timedelta(days=agreement.retention.our_copy_days)
    return copies_at_rest_before(connection, agreement.agreement_id, as_text(midnight(day)))


def _method(partner: Partner | None) -> str:
    """Return how a list goes, as the recipient's record says; without one only what holds for every list."""
    sealed = "a file that is signed by the council and encrypted to the recipient's own certificate"
    if partner is None:
        return sealed
    if partner.outbox is not None:
        return f"{sealed}, left in an outbox that the recipient collects from"
    return f"{sealed}, delivered by SFTP to a server whose keys are pinned"


def _security(partner: Partner | None) -> tuple[str, ...]:
    pinned = () if partner is None else (f"the certificate is pinned by its full fingerprint {partner.fingerprint}",)
    return (
        _method(partner),
        *pinned,
        "only agreed fields leave, under a statement that two people in two roles have signed",
        "whoever has a protective flag, a hold or an incomplete record is left out",
        "each disclosure is in an append-only record with signed checkpoints",
    )
