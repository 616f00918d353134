"""Edge: what the planner of the night reads: lists, leases, the newest load; and the service's signs of life.

Everything here is read, but for heartbeats, which are working state and exempt from law L10. They are instants by
name: when the service last lived, when a load was last tried, when receipts were last asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Label, Select, Subquery, and_, func, insert, or_, select, update

from gateway.model.delivery import MOVES, ListState
from gateway.model.time import as_text, from_text
from gateway.store.deliveries import SWEPT
from gateway.store.tables import (
    approvals,
    attempts,
    heartbeats,
    leases,
    ledger,
    lists,
    office_sectors,
    receipts,
    snapshots,
    switches,
)

#: What a receipt that counts is stored with (receipts/match.py).
_ACCEPTED = "accepted"
#: States from which a list is still moved, by the gateway, the recipient or a person. A planned one is a free window.
_UNSETTLED = frozenset(state for state, moves in MOVES.items() if moves) - {ListState.RECEIVED, ListState.PLANNED}


@dataclass(frozen=True, slots=True)
class Tries:
    """What became of the attempts at delivering a list: how many, when the last one ended, and how."""

    count: int
    ended_at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class ListRow:
    """Where a list stands. `changed_at` is the instant of the ledger entry that explains its state.

    `answered` says whether an accepted receipt came after the newest try.
    """

    list_id: int
    reference: str
    version: int
    partner: str
    window: str
    part: str
    state: ListState
    reason: str | None
    people: int | None
    sealed_at: datetime | None
    changed_at: datetime
    tries: Tries | None
    answered: bool = False


def lists_from(connection: Connection, agreement_id: str, first: date) -> list[ListRow]:
    """Return an agreement's lists for windows from a day on, and every earlier one that is not settled.

    They come in the order of windows and parts.
    """
    last_try = _last_tries().subquery()
    query = (
        select(lists, ledger.c.at, last_try.c.tries, last_try.c.ended_at, last_try.c.outcome, _answered_since(last_try))
        .join(ledger, ledger.c.position == lists.c.explained_by)
        .outerjoin(last_try, last_try.c.list_id == lists.c.list_id)
        .where(lists.c.agreement_id == agreement_id)
        .where(or_(lists.c.window >= first.isoformat(), lists.c.state.in_([state.value for state in _UNSETTLED])))
        .order_by(lists.c.window, lists.c.part)
    )
    return [
        ListRow(
            list_id=row.list_id,
            reference=row.reference,
            version=row.version,
            partner=row.partner,
            window=row.window,
            part=row.part,
            state=ListState(row.state),
            reason=row.reason,
            people=row.people,
            sealed_at=from_text(row.sealed_at) if row.sealed_at else None,
            changed_at=from_text(row.at),
            tries=Tries(row.tries, from_text(row.ended_at), row.outcome) if row.ended_at else None,
            answered=bool(row.answered),
        )
        for row in connection.execute(query)
    ]


def _last_tries() -> Select[tuple[int, int, str, str, int]]:
    counted = (
        select(
            attempts.c.list_id,
            func.count().label("tries"),
            func.max(attempts.c.attempt_id).label("last"),
        )
        # Sweeping up after a list says nothing about the list: a recall before it still stands as it was.
        .where(attempts.c.outcome != SWEPT)
        .group_by(attempts.c.list_id)
        .subquery()
    )
    same = and_(attempts.c.list_id == counted.c.list_id, attempts.c.attempt_id == counted.c.last)
    names = (attempts.c.list_id, counted.c.tries, attempts.c.ended_at, attempts.c.outcome, attempts.c.explained_by)
    return select(*names).join(counted, same)


def _answered_since(last_try: Subquery) -> Label[bool]:
    accepted = select(receipts.c.list_id).where(
        receipts.c.list_id == lists.c.list_id,
        receipts.c.verdict == _ACCEPTED,
        receipts.c.explained_by > last_try.c.explained_by,
    )
    return accepted.exists().label("answered")


def agreements_with_open_lists(connection: Connection) -> frozenset[str]:
    """Return every agreement that has a list which is not settled."""
    states = [state.value for state in _UNSETTLED]
    return frozenset(connection.execute(select(lists.c.agreement_id).where(lists.c.state.in_(states))).scalars())


def partners_enabled_at(connection: Connection) -> Mapping[str, datetime]:
    """Return when each partner that was ever stopped was enabled again, of those that are."""
    kind = "partner:"
    query = (
        select(switches.c.name, ledger.c.at)
        .join(ledger, ledger.c.position == switches.c.explained_by)
        .where(switches.c.name.startswith(kind, autoescape=True), switches.c.stopped.is_(False))
    )
    return {row.name.removeprefix(kind): from_text(row.at) for row in connection.execute(query)}


def live_leases(connection: Connection, now: datetime) -> frozenset[str]:
    """Return the names of leases that somebody still holds."""
    return frozenset(connection.execute(select(leases.c.name).where(leases.c.until > as_text(now))).scalars())


def last_entry_at(connection: Connection) -> datetime | None:
    """Return the instant of the ledger's last entry."""
    newest = connection.execute(select(ledger.c.at).order_by(ledger.c.position.desc()).limit(1)).scalar()
    return from_text(newest) if newest else None


def log_size(connection: Connection) -> int:
    """Return how many entries the ledger has."""
    return connection.execute(select(func.max(ledger.c.position))).scalar() or 0


def loaded_at(connection: Connection) -> datetime | None:
    """Return the instant of the newest load that made a snapshot."""
    newest = connection.execute(select(func.max(snapshots.c.loaded_at))).scalar()
    return from_text(newest) if newest else None


def approved_at(connection: Connection, statement_hash: str) -> datetime | None:
    """Return the instant of the second approval of a policy statement: since when it can be in force."""
    query = (
        select(ledger.c.at)
        .join(approvals, approvals.c.explained_by == ledger.c.position)
        .where(approvals.c.statement_hash == statement_hash)
        .order_by(ledger.c.position)
        .offset(1)
        .limit(1)
    )
    second = connection.execute(query).scalar()
    return from_text(second) if second else None


def offices_loaded(connection: Connection) -> tuple[str, ...]:
    """Return the offices that the newest snapshot splits people by; none before the first load."""
    newest = select(func.max(snapshots.c.snapshot_id)).scalar_subquery()
    query = select(office_sectors.c.office).where(office_sectors.c.snapshot_id == newest).distinct()
    return tuple(sorted(connection.execute(query).scalars()))


def entries_of(connection: Connection, event: str, since: datetime) -> list[tuple[datetime, bytes]]:
    """Return the instant and the bytes of an event's entries since an instant, oldest first."""
    query = select(ledger.c.at, ledger.c.body).where(ledger.c.event == event, ledger.c.at >= as_text(since))
    return [(from_text(row.at), row.body) for row in connection.execute(query.order_by(ledger.c.position))]


def beats(connection: Connection) -> Mapping[str, datetime]:
    """Return every heartbeat's instant by its name."""
    return {row.name: from_text(row.at) for row in connection.execute(select(heartbeats))}


def beat(connection: Connection, name: str, at: datetime) -> None:
    """Remember that something lived, or was tried, at an instant."""
    changed = connection.execute(update(heartbeats).where(heartbeats.c.name == name).values(at=as_text(at)))
    if changed.rowcount == 0:
        connection.execute(insert(heartbeats).values(name=name, at=as_text(at)))
