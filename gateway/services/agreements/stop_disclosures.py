"""Stop every disclosure at once, and let them go on.

One person who answers for the data or runs the machine stops; starting again takes an approver. While it is stopped no
list is made and none leaves: a run asks before it makes one, a delivery before it connects and again before the first
byte. Reasons are codes from a closed list with the case's reference (law L8).
"""

from enum import StrEnum

from sqlalchemy import Connection

from gateway.agreements.force import EVERYTHING
from gateway.errors import DisclosureRefused
from gateway.ledger.events import Event
from gateway.ledger.kinds import CASE
from gateway.model.officers import Action
from gateway.services.workplace import Workplace
from gateway.store.agreements import reason_of_stop, set_switch, stopped_switches


class StopReason(StrEnum):
    """Why every disclosure is stopped. Stored."""

    INCIDENT = "incident"
    SAFETY = "safety"
    LEGAL_ADVICE = "legal_advice"
    DATA_QUALITY = "data_quality"
    RESTORED_BACKUP = "restored_backup"


class StartReason(StrEnum):
    """Why disclosures go on. Stored."""

    RESOLVED = "resolved"
    IN_ERROR = "in_error"
    #: After a restored backup: what was entered since the backup was entered again.
    ENTERED_AGAIN = "entered_again"


def stop_disclosures(workplace: Workplace, reason: StopReason, case: str) -> bool:
    """Stop everything; False where it was stopped already."""
    workplace.actor.require(Action.STOP)
    return _turn(workplace, reason, case, stopped=True)


def start_disclosures(workplace: Workplace, reason: StartReason, case: str) -> bool:
    """Let disclosures go on; False where they were not stopped.

    Raises DisclosureRefused after a restored backup, until somebody says that what it lost was entered again.
    """
    workplace.actor.require(Action.START)
    return _turn(workplace, reason, case, stopped=False)


def require_case(case: str) -> None:
    """Raise DisclosureRefused unless this is a case's reference."""
    if not CASE(case):
        raise DisclosureRefused("a case reference must be like IG-2026-0142", advice="Give the case's own reference.")


def _require_entered_again(connection: Connection, reason: StrEnum) -> None:
    restored = reason_of_stop(connection, EVERYTHING) == StopReason.RESTORED_BACKUP
    if restored and reason is not StartReason.ENTERED_AGAIN:
        raise DisclosureRefused(
            "the database was restored from a backup, and holds that were placed since are lost with it",
            advice="Enter holds, stops and approvals again; then `gateway disclose start --reason entered_again`.",
        )


def _turn(workplace: Workplace, reason: StrEnum, case: str, *, stopped: bool) -> bool:
    require_case(case)
    event = Event.DISCLOSURE_STOPPED if stopped else Event.DISCLOSURE_RESUMED
    with workplace.store.writing(workplace.actor) as work:
        if (EVERYTHING in stopped_switches(work.connection)) == stopped:
            return False
        if not stopped:
            _require_entered_again(work.connection, reason)
        position = work.enter(event, reason=reason.value, case=case)
        set_switch(work, EVERYTHING, stopped=stopped, reason=reason.value, explained_by=position)
    return True
