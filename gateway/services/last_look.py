"""Look once more, between the committed evidence and the first byte: may this list still go?

Time passes between the two, and a person can act in it. A hold on anybody on the list, or another policy statement
than the one that it was sealed under, ends the list for good: it is void, and the next window makes a new one.
Everything else keeps it where it is: a switch, the end of the term, a certificate that was revoked.
"""

from sqlalchemy import Connection

from gateway.sealing.certificate import usable
from gateway.services.agreement_standing import approved_statement
from gateway.services.workplace import Workplace
from gateway.store.deliveries import held_since_sealed
from gateway.store.lists import KeptList

HOLD_PLACED = "hold-placed"
STATEMENT_CHANGED = "statement-changed"


def reason_to_void(workplace: Workplace, connection: Connection, kept: KeptList) -> str | None:
    """Return why the list must never go, or None where it may go now.

    Raises AgreementNotInForce, AgreementUnapproved or KeyUnusable where it may not go at present (law L6).
    """
    if held_since_sealed(connection, kept.list_id):
        return HOLD_PLACED
    standing = approved_statement(workplace, connection, kept.agreement_id)
    if standing.statement.statement_hash != kept.statement_hash:
        return STATEMENT_CHANGED
    partner = standing.partner
    usable(partner.certificate, partner.fingerprint, workplace.clock.today())
    return None
