"""Hold a person back from every list at once, and let them go again.

A hold is what an objection or a doubt asks for before anybody has decided (UK GDPR Articles 18 and 21): it protects
from the next look on, also for lists that are sealed and not yet sent. The identifier is read by the face and looked up
by the blind index; what is kept is the reference, a reason from a closed list and a case reference.
"""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, update

from gateway.errors import SubjectUnknown
from gateway.ledger.events import Event
from gateway.model.officers import Action
from gateway.model.time import as_text
from gateway.services.subjects.hold_reach import COULD_BE_HELD, keep_hold, spread_holds
from gateway.services.subjects.subject_search import subjects_meant
from gateway.services.workplace import Workplace
from gateway.store.blind_index import Clue
from gateway.store.tables import holds
from gateway.store.work import Work

#: Why a hold ends with the person. Stored.
_FORGOTTEN = "forgotten"


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
    """Hold back everybody whom the identifier can mean or who could be the same person; return how many holds came.

    Raises SubjectUnknown where the registry knows nobody by it. A person held already is not held twice.
    """
    workplace.actor.require(Action.PLACE_HOLD)
    with workplace.store.writing(workplace.actor) as work:
        held = {hold.subject_ref for hold in _standing(work.connection)}
        new = [subject for subject in _subjects(workplace, work.connection, clue) if subject not in held]
        for subject in new:
            keep_hold(work, subject, reason.value, case_reference)
        return len(new) + (spread_holds(work) if new else 0)


def lift_hold(workplace: Workplace, clue: Clue, *, reason: LiftReason, case_reference: str) -> int:
    """Lift the holds on whom the identifier means, and those that followed from them; return how many of the former.

    What followed from another hold under the same case stays with that one. One that followed from a hold on somebody
    who was forgotten since follows from nobody, and is lifted by its own person's identifier.
    """
    workplace.actor.require(Action.PLACE_HOLD)
    with workplace.store.writing(workplace.actor) as work:
        meant = frozenset(_subjects(workplace, work.connection, clue))
        named = _standing(work.connection)
        lifted = [hold for hold in named if hold.subject_ref in meant]
        lifted += _left_over(work.connection, meant, {hold.case_reference for hold in named})
        cases = {hold.case_reference for hold in lifted} - {
            hold.case_reference for hold in named if hold.subject_ref not in meant
        }
        following = {hold.hold_id: hold for hold in (*lifted, *_followed(work.connection, cases))}
        for hold in following.values():
            _lift(work, hold, reason.value, case_reference)
    return len(lifted)


def lift_forgotten(work: Work, subject_refs: Collection[str], *, case_reference: str) -> None:
    """Lift every hold on people who are forgotten in this work; those that followed for others stay."""
    theirs = holds.c.subject_ref.in_(sorted(subject_refs))
    for hold in _not_lifted(work.connection, theirs):
        _lift(work, hold, _FORGOTTEN, case_reference)


def _lift(work: Work, hold: Row[Any], reason: str, case_reference: str) -> None:
    position = work.enter(Event.HOLD_LIFTED, subject=hold.subject_ref, reason=reason, case=case_reference)
    this = update(holds).where(holds.c.hold_id == hold.hold_id)
    work.connection.execute(this.values(lifted_at=as_text(work.at), explained_by=position))


def _subjects(workplace: Workplace, connection: Connection, clue: Clue) -> list[str]:
    found = subjects_meant(workplace, connection, clue)
    if not found:
        raise SubjectUnknown("the registry knows nobody by that identifier")
    return found


def _standing(connection: Connection) -> Sequence[Row[Any]]:
    """Return the holds that officers placed and nobody has lifted."""
    return _not_lifted(connection, holds.c.reason != COULD_BE_HELD)


def _followed(connection: Connection, cases: Collection[str]) -> Sequence[Row[Any]]:
    return _not_lifted(connection, holds.c.reason == COULD_BE_HELD, holds.c.case_reference.in_(sorted(cases)))


def _left_over(connection: Connection, meant: Collection[str], cases: Collection[str]) -> Sequence[Row[Any]]:
    """Return the holds on these people that followed from a hold which is there no longer."""
    follows = holds.c.reason == COULD_BE_HELD, holds.c.case_reference.not_in(sorted(cases))
    return _not_lifted(connection, holds.c.subject_ref.in_(sorted(meant)), *follows)


def _not_lifted(connection: Connection, *which: ColumnElement[bool]) -> Sequence[Row[Any]]:
    return connection.execute(select(holds).where(holds.c.lifted_at.is_(None), *which).order_by(holds.c.hold_id)).all()
