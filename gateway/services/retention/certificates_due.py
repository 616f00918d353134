"""Say which recipients owe a certificate that a list is destroyed: its day to be destroyed is over, and none came.

Only where the agreement of the list asks for one. Nobody is asked and nothing moves: a person calls the recipient's
desk, and a certificate that comes later counts.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from gateway.agreements.retention import certificate_due_on, destroy_by
from gateway.model.officers import Action
from gateway.receipts.match import Verdict
from gateway.services.retention.plan_retention import document_of
from gateway.services.workplace import Workplace
from gateway.store.retention import UncertifiedList, statements_of_lists, uncertified_lists


@dataclass(frozen=True, slots=True)
class CertificateDue:
    """A list of which a certificate of destruction is to come; overdue where `due_on` has passed."""

    reference: str
    agreement_id: str
    partner: str
    destroy_by: date
    due_on: date
    is_overdue: bool


def certificates_due(workplace: Workplace, *, overdue_only: bool = False) -> list[CertificateDue]:
    """Return the lists whose certificate is to come, oldest first. Raises AccessDenied."""
    workplace.actor.require(Action.READ_STATUS)
    today = workplace.clock.today()
    with workplace.store.reading() as connection:
        terms = {each: days for each in statements_of_lists(connection) if (days := _terms(connection, each))}
        lists = uncertified_lists(connection, terms, Verdict.ACCEPTED.value) if terms else []
    found = (_due(each, *terms[each.statement_hash], today) for each in lists)
    return [each for each in found if each.is_overdue or not overdue_only]


def overdue_by_agreement(due: Iterable[CertificateDue]) -> Counter[str]:
    """Return how many certificates of each agreement are overdue."""
    return Counter(each.agreement_id for each in due if each.is_overdue)


def _due(kept: UncertifiedList, their_copy_days: int, within_days: int, today: date) -> CertificateDue:
    window = date.fromisoformat(kept.window)
    due_on, last = certificate_due_on(window, their_copy_days, within_days), destroy_by(window, their_copy_days)
    return CertificateDue(kept.reference, kept.agreement_id, kept.partner, last, due_on, due_on < today)


def _terms(connection: Connection, statement_hash: str) -> tuple[int, int] | None:
    """Return for how many days the recipient keeps a list and how many more it has for the certificate, if agreed."""
    words = document_of(connection, statement_hash)
    if words is None or words.their_copy_days is None or words.certificate_within_days is None:
        return None
    return words.their_copy_days, words.certificate_within_days
