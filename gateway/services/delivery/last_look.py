"""Look once more, between the committed evidence and the first byte: may this list still go?

Time passes between the two: a person can act in it, and a night's flags can come. A hold on anybody on the list, a
flag that reaches them since, or another policy statement than the one that it was sealed under, ends the list for
good: it is void, and the next window makes a new one.
Everything else keeps it where it is: a switch, the end of the term, a certificate that was revoked.
"""

from sqlalchemy import Connection

from gateway.model.agreement import Agreement
from gateway.sealing.certificate import usable
from gateway.selection.rules import blocking_flags
from gateway.services.agreements.agreement_standing import approved_statement
from gateway.services.workplace import Workplace
from gateway.store.deliveries import held_since_sealed, protected_since_sealed
from gateway.store.lists import KeptList
from gateway.store.snapshots import newest_snapshot

HOLD_PLACED = "hold-placed"
PROTECTED_SINCE = "protected-since"
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
    if _is_protected_since(connection, kept, standing.agreement):
        return PROTECTED_SINCE
    partner = standing.partner
    usable(partner.certificate, partner.fingerprint, workplace.clock.today())
    return None


def _is_protected_since(connection: Connection, kept: KeptList, agreement: Agreement) -> bool:
    newest = newest_snapshot(connection)
    if newest is None or newest.snapshot_id == kept.snapshot_id:
        return False
    return protected_since_sealed(connection, kept.list_id, newest.snapshot_id, blocking_flags(agreement)) > 0
