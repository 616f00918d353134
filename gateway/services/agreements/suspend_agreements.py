"""Suspend an agreement, and let it run again.

One person suspends, at once and without anybody's leave; running again takes an approver. Reasons are codes from a
closed list with the case's reference: what happened is told in the case, not in the ledger (law L8).
"""

from enum import StrEnum

from gateway.agreements.force import agreement_switch
from gateway.errors import AgreementError
from gateway.ledger.events import Event
from gateway.ledger.kinds import CASE
from gateway.model.officers import Action
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.workplace import Workplace
from gateway.store.agreements import set_switch, statements_kept, stopped_switches
from gateway.store.work import Work


class SuspendReason(StrEnum):
    """Why an agreement is suspended. Stored."""

    INCIDENT = "incident"
    SAFETY = "safety"
    LEGAL_ADVICE = "legal_advice"
    PARTNER_REQUEST = "partner_request"
    DATA_QUALITY = "data_quality"
    REVIEW = "review"


class ResumeReason(StrEnum):
    """Why an agreement runs again. Stored."""

    RESOLVED = "resolved"
    IN_ERROR = "in_error"


def suspend(workplace: Workplace, agreement_id: str, reason: SuspendReason, case: str) -> bool:
    """Suspend an agreement; False where it was suspended already. Its file need not be sound for that."""
    workplace.actor.require(Action.SUSPEND)
    _check_case(case)
    return _turn(workplace, agreement_id, reason, case, stopped=True)


def resume(workplace: Workplace, agreement_id: str, reason: ResumeReason, case: str) -> bool:
    """Let a suspended agreement run again; False where it was not suspended."""
    workplace.actor.require(Action.RESUME)
    _check_case(case)
    return _turn(workplace, agreement_id, reason, case, stopped=False)


def _turn(workplace: Workplace, agreement_id: str, reason: StrEnum, case: str, *, stopped: bool) -> bool:
    switch = agreement_switch(agreement_id)
    event = Event.AGREEMENT_SUSPENDED if stopped else Event.AGREEMENT_RESUMED
    with workplace.store.writing(workplace.actor) as work:
        _require_known(workplace, work, agreement_id)
        if (switch in stopped_switches(work.connection)) == stopped:
            return False
        position = work.enter(event, agreement=agreement_id, reason=reason.value, case=case)
        set_switch(work, switch, stopped=stopped, reason=reason.value, explained_by=position)
    return True


def _require_known(workplace: Workplace, work: Work, agreement_id: str) -> None:
    if agreement_id in Shelf.of(workplace).agreement_ids() or statements_kept(work.connection, agreement_id):
        return
    raise AgreementError("there is no agreement of that name", advice="`gateway agreements list`")


def _check_case(case: str) -> None:
    if not CASE(case):
        raise AgreementError("a case reference must be like IG-2026-0142", advice="Give the case's own reference.")
