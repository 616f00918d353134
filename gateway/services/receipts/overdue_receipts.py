"""Move lists to `uncollected` whose receipt did not come in the time that their agreement gives.

The time counts in England's working days from the delivery, under the version of the agreement that the list was made
under. Nobody is asked and nothing is sent again: a person calls the recipient's desk. A receipt that comes later still
counts.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from gateway.agreements.bank_holidays import Holidays
from gateway.agreements.document import load_agreement
from gateway.errors import StoreError
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.model.officers import Action
from gateway.receipts.overdue import receipt_due_on
from gateway.services.workplace import Workplace
from gateway.store.agreements import statement_kept
from gateway.store.lists import KeptList, lists_in, move_list
from gateway.store.receipts import state_since

NO_RECEIPT = "no_receipt"


@dataclass(frozen=True, slots=True)
class Overdue:
    """A list whose receipt is overdue, and the day by which it was due."""

    list_id: int
    reference: str
    agreement_id: str
    partner: str
    due_on: date


def mark_uncollected(workplace: Workplace, holidays: Holidays) -> list[Overdue]:
    """Move every delivered list whose receipt is overdue, and return them. Raises AccessDenied."""
    workplace.actor.require(Action.COLLECT_RECEIPTS)
    with workplace.store.reading() as connection:
        overdue = _overdue(connection, holidays, workplace.clock.today())
    if not overdue:
        return []
    with workplace.store.writing(workplace.actor) as work:
        # Asked again: a receipt may have come since.
        overdue = _overdue(work.connection, holidays, workplace.clock.today())
        for found in overdue:
            entry = work.enter(
                Event.LIST_UNCOLLECTED, list=found.reference, reason=NO_RECEIPT, due_on=found.due_on.isoformat()
            )
            move_list(work, found.list_id, ListState.UNCOLLECTED, reason=NO_RECEIPT, explained_by=entry)
    return overdue


def _overdue(connection: Connection, holidays: Holidays, today: date) -> list[Overdue]:
    delivered = lists_in(connection, ListState.VERIFIED)
    due = [(kept, _due_on(connection, kept, holidays)) for kept in delivered]
    return [
        Overdue(kept.list_id, kept.reference, kept.agreement_id, kept.partner, due_on)
        for kept, due_on in due
        if today > due_on
    ]


def _due_on(connection: Connection, kept: KeptList, holidays: Holidays) -> date:
    statement = statement_kept(connection, kept.statement_hash)
    if statement is None:
        raise StoreError(f"the agreement that {kept.reference} was made under is not kept")
    agreement = load_agreement(statement.agreement_document, f"{kept.agreement_id}.yaml")
    within = agreement.retention.receipt_within_working_days
    return receipt_due_on(state_since(connection, kept.list_id), within, holidays)
