"""Delete what came with work-coach lists after the agreed days: rows, queue, and nothing of what they came to.

Counts, hashes and verdicts stay: a verdict holds by keyed marks, from which nobody can be read. The deletion of each
list's rows is entered with how many they were.
"""

from dataclasses import dataclass
from datetime import timedelta

from gateway.ledger.events import Event
from gateway.model.officers import Action
from gateway.model.reconciliation import ReconciliationState
from gateway.model.time import as_text
from gateway.services.workplace import Workplace
from gateway.store.reconciliations import Reconciliation, delete_rows, move_reconciliation, reconciliations_of
from gateway.store.tables import reconciliations

#: Why rows go. Stored.
AT_THEIR_AGE = "retention-ended"


@dataclass(frozen=True, slots=True)
class Cleared:
    """One list's rows that were deleted."""

    reference: str
    rows: int
    queued: int


def due_to_clear(workplace: Workplace) -> list[Reconciliation]:
    """Return the lists whose uploaded rows have been kept for the agreed days, oldest first. Changes nothing."""
    before = workplace.clock.now() - timedelta(days=workplace.reconciling.rows_kept_days)
    with workplace.store.reading() as connection:
        return reconciliations_of(
            connection,
            reconciliations.c.state != ReconciliationState.CLEARED.value,
            reconciliations.c.ran_at < as_text(before),
        )


def clear_uploaded(workplace: Workplace) -> list[Cleared]:
    """Delete the uploaded rows that are due to go, each list's with its entry."""
    workplace.actor.require(Action.CLEAR_UPLOADED)
    return [_clear(workplace, each) for each in due_to_clear(workplace)]


def _clear(workplace: Workplace, made: Reconciliation) -> Cleared:
    with workplace.store.writing(workplace.actor) as work:
        rows, queued = delete_rows(work, made.reference)
        position = work.enter(
            Event.RECONCILIATION_CLEARED, **made.said(), reason=AT_THEIR_AGE, rows=rows, queued=queued
        )
        move_reconciliation(work, made, ReconciliationState.CLEARED, explained_by=position)
    return Cleared(made.reference, rows, queued)
