"""Edge: which lists a list of differences may be built on, and whom the recipient holds who took them.

Nothing is judged here but that the evidence is whole: which list is the base is services/disclosure/delta_base.py's.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, Select, and_, case, func, or_, select

from gateway.errors import LedgerDamaged
from gateway.ledger.events import Event
from gateway.model.delivery import DISCLOSED, ListState
from gateway.model.fields import TAKEN_BACK
from gateway.store.lists import KeptList, get_list
from gateway.store.tables import evidence, ledger, lists, subjects

_WENT = [state.value for state in DISCLOSED]


def newest_received(connection: Connection, agreement_id: str, part: str) -> KeptList | None:
    """Return the list of a part that the recipient is known to have taken and that was sealed last."""
    query = (
        select(lists.c.list_id)
        .where(
            lists.c.agreement_id == agreement_id,
            lists.c.part == part,
            lists.c.state == ListState.RECEIVED.value,
            # One that was lost with a restored database has no rows to compare with.
            lists.c.root.is_not(None),
        )
        .order_by(lists.c.sealed_at.desc(), lists.c.list_id.desc())
        .limit(1)
    )
    found = connection.execute(query).scalar()
    return None if found is None else get_list(connection, found)


def lists_behind(connection: Connection, newest: KeptList) -> list[KeptList]:
    """Return the full list that a list rests on, those of differences that were built on it, and the list, in order."""
    found = [newest]
    while found[0].base is not None:
        found.insert(0, get_list(connection, found[0].base))
    return found


def sealed_since(connection: Connection, received: Sequence[KeptList]) -> list[KeptList]:
    """Return what was sealed for the part since the newest list that was received, whatever became of it.

    Notices are among them that follow a list of the part, and lists that a restored database lost.
    """
    full, newest = received[0], received[-1]
    lost = and_(lists.c.root.is_(None), lists.c.state.in_(_WENT), lists.c.list_id > full.list_id)
    query = (
        select(lists.c.list_id)
        .where(
            lists.c.agreement_id == newest.agreement_id,
            or_(lists.c.part == newest.part, lists.c.supersedes.is_not(None)),
            lists.c.list_id.not_in([kept.list_id for kept in received]),
            # Of lists of one second, either may have been first.
            or_(lists.c.sealed_at >= newest.sealed_at, lost),
        )
        .order_by(lists.c.list_id)
    )
    found = [get_list(connection, list_id) for list_id in connection.execute(query).scalars()]
    return [kept for kept in found if _part_told(connection, kept) == newest.part]


def held_since(connection: Connection, list_id: int) -> Select[tuple[str]]:
    """Return the statement of whom the recipient holds of a part that took this list and all that went before it.

    Whoever stands on a list of differences in doubt stands on the next one too: the newest row says it of everybody.
    """
    newest = get_list(connection, list_id)
    on_list = select(evidence.c.subject_ref)
    if newest.base is None:
        return on_list.where(evidence.c.list_id == list_id)
    went = and_(
        lists.c.agreement_id == newest.agreement_id,
        lists.c.part == newest.part,
        lists.c.state.in_(_WENT),
        lists.c.list_id <= list_id,
    )
    full = select(func.max(lists.c.list_id)).where(went, lists.c.base.is_(None)).scalar_subquery()
    since = select(lists.c.list_id).where(went, lists.c.list_id >= full)
    told = func.max(case((evidence.c.fields != TAKEN_BACK, evidence.c.list_id), else_=0))
    of_all = on_list.where(evidence.c.list_id.in_(since)).group_by(evidence.c.subject_ref)
    return of_all.having(told == func.max(evidence.c.list_id))


def is_held(connection: Connection, subject_ref: str, agreement_id: str, part: str, list_id: int) -> bool:
    """Say whether a recipient that took all lists of a part up to one of differences holds a person."""
    went = and_(lists.c.agreement_id == agreement_id, lists.c.part == part, lists.c.state.in_(_WENT))
    full = select(func.max(lists.c.list_id)).where(went, lists.c.base.is_(None), lists.c.list_id <= list_id)
    query = (
        select(evidence.c.fields)
        .join(lists, lists.c.list_id == evidence.c.list_id)
        .where(went, evidence.c.subject_ref == subject_ref, evidence.c.list_id <= list_id)
        .where(evidence.c.list_id >= full.scalar_subquery())
        .order_by(evidence.c.list_id.desc())
        .limit(1)
    )
    return connection.execute(query).scalar() not in {None, TAKEN_BACK}


def restored_since(connection: Connection, sealed_at: str) -> bool:
    """Say whether the database was restored from a backup since an instant: what went in between is not known."""
    restored = select(ledger.c.position).where(ledger.c.event == Event.DATABASE_RESTORED.value)
    return connection.execute(restored.where(ledger.c.at >= sealed_at).limit(1)).first() is not None


def require_evidence(connection: Connection, kept: Collection[KeptList]) -> None:
    """Raise LedgerDamaged unless every list has as many rows as it says: what is missing would be told as new."""
    counted = (
        select(evidence.c.list_id, func.count().label("rows"))
        .where(evidence.c.list_id.in_([each.list_id for each in kept]))
        .group_by(evidence.c.list_id)
    )
    rows = {row.list_id: row.rows for row in connection.execute(counted)}
    for each in kept:
        if rows.get(each.list_id, 0) != each.people:
            raise LedgerDamaged(f"{each.reference} has not as many rows of evidence as it says")


def secrets_of(connection: Connection, subject_refs: Sequence[str]) -> dict[str, bytes]:
    """Return the secrets that the registry still has."""
    if not subject_refs:
        return {}
    query = select(subjects.c.subject_ref, subjects.c.secret).where(subjects.c.subject_ref.in_(subject_refs))
    return {row.subject_ref: row.secret for row in connection.execute(query)}


def _part_told(connection: Connection, kept: KeptList) -> str:
    """Return the part of a list; of a notice, that of the list that it follows."""
    while kept.supersedes is not None:
        kept = get_list(connection, kept.supersedes)
    return kept.part
