"""Every agreement that a register names: those with a file, as they stand, and those that only the database knows.

An agreement whose file is gone was still obeyed once: it is shown from the document that was approved last. One that
cannot be read is shown with its faults, never left out.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.agreements.document import load_agreement
from gateway.agreements.rating import Rating, rating_of
from gateway.errors import AgreementMalformed, GatewayError
from gateway.model.agreement import Agreement
from gateway.model.partner import Partner
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.agreements.agreement_standing import standing_of
from gateway.services.workplace import Workplace
from gateway.store.agreements import agreements_with_statements, statements_kept

NO_FILE = "there is no file of it any more: nothing is sent under it"


@dataclass(frozen=True, slots=True)
class KnownAgreement:
    """An agreement as a register shows it.

    `agreement` is None where no document of it can be read by the rules of today. `statement_hash` is of what would be
    run, `approved_by` who approves exactly that.
    """

    agreement_id: str
    agreement: Agreement | None
    partner: Partner | None
    statement_hash: str | None
    approved_by: tuple[str, ...]
    rating: Rating
    stands_for: tuple[str, ...]


def agreements_known(workplace: Workplace, connection: Connection) -> tuple[KnownAgreement, ...]:
    """Return every agreement, in the order of names."""
    filed = frozenset(Shelf.of(workplace).agreement_ids())
    names = sorted(filed | agreements_with_statements(connection))
    return tuple(
        _filed(workplace, connection, name) if name in filed else _gone(workplace, connection, name) for name in names
    )


def read_today(document: bytes, name: str) -> Agreement | None:
    """Return a document that was kept, or None where the rules of today cannot read it."""
    try:
        return load_agreement(document, name)
    except AgreementMalformed:
        return None


def _filed(workplace: Workplace, connection: Connection, name: str) -> KnownAgreement:
    try:
        standing = standing_of(workplace, connection, name)
    except GatewayError as error:
        return KnownAgreement(name, None, None, None, (), Rating.RED, tuple(str(error).splitlines()))
    today = workplace.clock.today()
    rating, why = rating_of(standing.agreement, reasons=standing.reasons, cautions=standing.cautions, today=today)
    return KnownAgreement(
        agreement_id=name,
        agreement=standing.agreement,
        partner=standing.partner,
        statement_hash=standing.statement.statement_hash,
        approved_by=tuple(approval.principal for approval in standing.approvals),
        rating=rating,
        stands_for=why,
    )


def _gone(workplace: Workplace, connection: Connection, name: str) -> KnownAgreement:
    kept = statements_kept(connection, name)[-1]
    agreement = read_today(kept.agreement_document, name)
    partner = workplace.partners.get(agreement.recipient) if agreement else None
    return KnownAgreement(name, agreement, partner, kept.statement_hash, (), Rating.RED, (NO_FILE,))
