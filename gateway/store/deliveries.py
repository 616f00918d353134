"""Edge: what the database remembers of tries at delivering, and whom a list must not reach any more.

Every try is kept, also one that failed: what the server showed of itself is evidence of where a package went.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, or_, select, union

from gateway.documents import sha256_hex
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.model.fields import TAKEN_BACK
from gateway.model.time import as_text
from gateway.store.lists import KeptList, get_list
from gateway.store.tables import attempts, evidence, holds, lists, persons, subject_identifiers
from gateway.store.work import Work

VERIFIED = "verified"
#: What was left under the temporary name of a list that will not go any more was removed.
SWEPT = "swept"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at delivering one list.

    `outcome` is VERIFIED, SWEPT or the code of the error; `session` is canonical JSON of what was negotiated, empty
    where there was no session. `case` is where the papers are of what a person says, and in its entry alone.
    """

    started_at: datetime
    ended_at: datetime
    outcome: str
    session: bytes
    host_key: str | None
    verify_method: str | None
    case: str | None = None


def keep_attempt(work: Work, kept: KeptList, attempt: Attempt) -> int:
    """Keep a try with its entry; return the entry's position."""
    facts = {
        "host_key": attempt.host_key,
        "verify_method": attempt.verify_method,
        "remote_name": kept.remote_name,
        "case": attempt.case,
    }
    position = work.enter(
        Event.DELIVERY_ATTEMPTED,
        list=kept.reference,
        outcome=attempt.outcome,
        started_at=as_text(attempt.started_at),
        ended_at=as_text(attempt.ended_at),
        session=sha256_hex(attempt.session),
        partner=kept.partner,
        **{name: value for name, value in facts.items() if value is not None},
    )
    work.connection.execute(
        insert(attempts).values(
            list_id=kept.list_id,
            started_at=as_text(attempt.started_at),
            ended_at=as_text(attempt.ended_at),
            outcome=attempt.outcome,
            session=attempt.session.decode("ascii"),
            explained_by=position,
        )
    )
    return position


def left_behind(connection: Connection, partner: str, states: Iterable[ListState]) -> list[KeptList]:
    """Return the partner's lists in these states whose temporary file no try says to be gone, newest first."""
    gone = exists().where(attempts.c.list_id == lists.c.list_id, attempts.c.outcome.in_((VERIFIED, SWEPT)))
    left = select(lists.c.list_id).where(
        lists.c.partner == partner,
        lists.c.state.in_([state.value for state in states]),
        lists.c.remote_name.is_not(None),
        ~gone,
    )
    newest_first = left.order_by(lists.c.list_id.desc())
    return [get_list(connection, list_id) for list_id in connection.execute(newest_first).scalars()]


def held_since_sealed(connection: Connection, list_id: int) -> int:
    """Return how many people on a list have a hold: whoever had one when it was sealed is not on it."""
    on_hold = select(holds.c.subject_ref).where(holds.c.lifted_at.is_(None))
    return _people_on(connection, list_id, evidence.c.subject_ref.in_(on_hold))


def protected_since_sealed(connection: Connection, list_id: int, snapshot_id: int, mask: int) -> int:
    """Return how many people on a list are protected in a later snapshot, or are known by an identifier of such a one.

    The snapshot names somebody who was linked since by the reference that was met first.
    """
    protected = select(persons.c.subject_ref).where(
        persons.c.snapshot_id == snapshot_id,
        or_(persons.c.flags.bitwise_and(mask) != 0, persons.c.deceased_on.is_not(None)),
    )
    mine, theirs = subject_identifiers.alias("mine"), subject_identifiers.alias("theirs")
    same = and_(theirs.c.kind == mine.c.kind, theirs.c.value == mine.c.value)
    known = select(theirs.c.subject_ref).join_from(mine, theirs, same).where(mine.c.subject_ref.in_(protected))
    return _people_on(connection, list_id, evidence.c.subject_ref.in_(union(protected, known)))


def _people_on(connection: Connection, list_id: int, who: ColumnElement[bool]) -> int:
    # A row that only takes somebody back tells nothing of them, and goes whatever protects them.
    tells = evidence.c.fields != TAKEN_BACK
    query = select(func.count()).select_from(evidence).where(evidence.c.list_id == list_id, tells, who)
    return int(connection.execute(query).scalar_one())
