"""Hold a person back from every list at once, and let them go again.

A hold is what an objection or a doubt asks for before anybody has decided (UK GDPR Articles 18 and 21): it protects
from the next look on, also for lists that are sealed and not yet sent. The identifier is read by the face and looked up
by the blind index; what is kept is the reference, a reason from a closed list and a case reference.
"""

from enum import StrEnum

from sqlalchemy import Connection, insert, select, update

from gateway.errors import SubjectUnknown
from gateway.ledger.events import Event
from gateway.model.officers import Action
from gateway.model.time import as_text
from gateway.services.subject_search import subjects_meant
from gateway.services.workplace import Workplace
from gateway.store.registry import Clue
from gateway.store.tables import holds


class HoldReason(StrEnum):
    """Why a person is held back. Stored."""

    OBJECTION = "objection"
    RESTRICTION = "restriction"
    SAFETY = "safety"
    INCIDENT = "incident"


class LiftReason(StrEnum):
    """Why a person is held back no longer. Stored."""

    DECIDED = "decided"
    WITHDRAWN = "withdrawn"
    IN_ERROR = "in_error"


def place_hold(workplace: Workplace, clue: Clue, *, reason: HoldReason, case_reference: str) -> int:
    """Hold back everybody whom the identifier can mean, and return how many holds were placed.

    Raises SubjectUnknown where the registry knows nobody by it. A person held already is not held twice.
    """
    workplace.actor.require(Action.PLACE_HOLD)
    with workplace.store.writing(workplace.actor) as work:
        subjects = _subjects(workplace, work.connection, clue)
        new = [subject for subject in subjects if subject not in _held(work.connection)]
        for subject in new:
            position = work.enter(Event.HOLD_PLACED, subject=subject, reason=reason.value, case=case_reference)
            values = {
                "subject_ref": subject,
                "reason": reason.value,
                "case_reference": case_reference,
                "placed_at": as_text(work.at),
                "explained_by": position,
            }
            work.connection.execute(insert(holds).values(**values))
    return len(new)


def lift_hold(workplace: Workplace, clue: Clue, *, reason: LiftReason, case_reference: str) -> int:
    """Lift the holds on whom the identifier means, and return how many there were."""
    workplace.actor.require(Action.PLACE_HOLD)
    with workplace.store.writing(workplace.actor) as work:
        held = _held(work.connection)
        lifted = [subject for subject in _subjects(workplace, work.connection, clue) if subject in held]
        for subject in lifted:
            position = work.enter(Event.HOLD_LIFTED, subject=subject, reason=reason.value, case=case_reference)
            standing = update(holds).where(holds.c.subject_ref == subject, holds.c.lifted_at.is_(None))
            work.connection.execute(standing.values(lifted_at=as_text(work.at), explained_by=position))
    return len(lifted)


def _subjects(workplace: Workplace, connection: Connection, clue: Clue) -> list[str]:
    found = subjects_meant(workplace, connection, clue)
    if not found:
        raise SubjectUnknown("the registry knows nobody by that identifier")
    return found


def _held(connection: Connection) -> frozenset[str]:
    return frozenset(connection.execute(select(holds.c.subject_ref).where(holds.c.lifted_at.is_(None))).scalars())
