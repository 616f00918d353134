"""Edge: where each list stands, and the only place that moves one.

- A list is moved along `model.delivery.MOVES` or not at all, and each move names the entry that explains it (L10).
- One window and part of an agreement is one row: a second plan of it is refused by the database (law L4).
- What was sealed stays: people, root and package are written by the move to `sealed` and by none after it (law L7).

What is sent for a list is in packages.py.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Row, Select, exists, false, func, insert, or_, select, update

from gateway.errors import MoveNotAllowed, StoreError
from gateway.model.delivery import DISCLOSED, MOVES, RESTORED, ListState
from gateway.store.tables import ledger, lists, packages
from gateway.store.work import Work

#: Where PostgreSQL takes the ids of lists from.
_LIST_IDS = func.pg_get_serial_sequence("lists", "list_id")
#: States that a list reaches only after it was sealed and was meant to go, so that a later one is compared with it.
_MEANT_TO_GO = frozenset(ListState) - {
    ListState.PLANNED,
    ListState.WITHHELD,
    ListState.FAILED,
    ListState.VOID,
}
_UNTIL_SEALED = frozenset(
    {
        "version",
        "statement_hash",
        "snapshot_id",
        "people",
        "excluded",
        "decision_digest",
        "root",
        "package_sha256",
        "package_bytes",
        "remote_name",
        "sealed_at",
        "base",
        "joiners",
        "changes",
        "leavers",
        "held",
    }
)
#: The snapshot of a list of which nobody knows one.
NO_SNAPSHOT = 0
_AT_ANY_MOVE = frozenset({"settled_at", "verify_method"})


@dataclass(frozen=True, slots=True)
class KeptList:
    """A list as the database holds it; what is not known before it is sealed is None."""

    list_id: int
    reference: str
    agreement_id: str
    version: int
    statement_hash: str
    partner: str
    window: str
    part: str
    snapshot_id: int
    state: ListState
    reason: str | None
    supersedes: int | None
    people: int | None
    excluded: int | None
    decision_digest: str | None
    root: bytes | None
    package_sha256: str | None
    package_bytes: int | None
    remote_name: str | None
    sealed_at: str | None
    settled_at: str | None
    verify_method: str | None
    explained_by: int
    base: int | None = None
    joiners: int | None = None
    changes: int | None = None
    leavers: int | None = None
    held: int | None = None


def plan_list(
    work: Work,
    *,
    reference: str,
    agreement_id: str,
    version: int,
    statement_hash: str,
    partner: str,
    window: str,
    part: str,
    snapshot_id: int,
    explained_by: int,
    supersedes: int | None = None,
    list_id: int | None = None,
) -> int:
    """Make the row of a list in `planned` and return its id, which may have been reserved before.

    Raises StoreError where the window and part have one.
    """
    planned = insert(lists).values(
        list_id=next_list_id(work.connection) if list_id is None else list_id,
        reference=reference,
        agreement_id=agreement_id,
        version=version,
        statement_hash=statement_hash,
        partner=partner,
        window=window,
        part=part,
        snapshot_id=snapshot_id,
        supersedes=supersedes,
        state=ListState.PLANNED.value,
        explained_by=explained_by,
    )
    return int(work.connection.execute(planned.returning(lists.c.list_id)).scalar_one())


def next_list_id(connection: Connection) -> int:
    """Reserve the id of a list whose evidence is written before its row; one that is never used is never used again.

    On SQLite, which lets one transaction write at a time, it is the next one until the transaction ends.
    """
    if connection.dialect.name == "postgresql":
        return int(connection.execute(select(func.nextval(_LIST_IDS))).scalar_one())
    return int(connection.execute(select(func.coalesce(func.max(lists.c.list_id), 0) + 1)).scalar_one())


def plan_again(
    work: Work,
    list_id: int,
    *,
    version: int,
    statement_hash: str,
    partner: str,
    snapshot_id: int,
    explained_by: int,
) -> None:
    """Plan a window anew that was set free, under what stands today. Raises MoveNotAllowed for any other list."""
    kept = get_list(work.connection, list_id)
    if kept.state is not ListState.PLANNED:
        raise MoveNotAllowed(f"{kept.reference} is {kept.state.value}, and is not planned again")
    planned = update(lists).where(lists.c.list_id == list_id)
    work.connection.execute(
        planned.values(
            version=version,
            statement_hash=statement_hash,
            partner=partner,
            snapshot_id=snapshot_id,
            reason=None,
            explained_by=explained_by,
        )
    )


def move_list(
    work: Work, list_id: int, to: ListState, *, explained_by: int, reason: str | None = None, **columns: object
) -> None:
    """Move a list; `reason` is a code that explains the state, or None. Raises MoveNotAllowed."""
    kept = get_list(work.connection, list_id)
    if to not in MOVES[kept.state]:
        raise MoveNotAllowed(f"{kept.reference} is {kept.state.value} and cannot become {to.value}")
    if to is ListState.PLANNED and kept.root is not None:
        raise MoveNotAllowed(f"{kept.reference} was sealed, and is never planned again")
    _check_columns(kept, to, frozenset(columns))
    work.connection.execute(
        update(lists)
        .where(lists.c.list_id == list_id)
        .values(state=to.value, reason=reason, explained_by=explained_by, **columns)
    )


def get_list(connection: Connection, list_id: int) -> KeptList:
    """Return a list by its id. Raises StoreError for an id that there is not."""
    found = _one(connection, select(lists).where(lists.c.list_id == list_id))
    if found is None:
        raise StoreError(f"there is no list {list_id}")
    return found


def find_list(connection: Connection, agreement_id: str, window: str, part: str) -> KeptList | None:
    """Return the list of a window and part, if there is one."""
    return _one(
        connection,
        select(lists).where(lists.c.agreement_id == agreement_id, lists.c.window == window, lists.c.part == part),
    )


def list_named(connection: Connection, reference: str) -> KeptList | None:
    """Return the list with a reference, if there is one."""
    return _one(connection, select(lists).where(lists.c.reference == reference))


def lists_in(connection: Connection, *states: ListState) -> list[KeptList]:
    """Return the lists in any of the states, oldest first."""
    wanted = [state.value for state in states]
    found = connection.execute(select(lists).where(lists.c.state.in_(wanted)).order_by(lists.c.list_id))
    return [_kept(row) for row in found]


def places_of(connection: Connection, agreement_id: str) -> frozenset[tuple[str, str]]:
    """Return every window and part of an agreement that has a list."""
    found = connection.execute(select(lists.c.window, lists.c.part).where(lists.c.agreement_id == agreement_id))
    return frozenset((row.window, row.part) for row in found)


def are_lists_of(connection: Connection, references: Collection[str], agreement_id: str, part: str) -> bool:
    """Say whether any of the lists named is of an agreement's part, of whatever window."""
    theirs = lists.c.reference.in_(list(references)), lists.c.agreement_id == agreement_id, lists.c.part == part
    return connection.execute(select(exists().where(*theirs))).scalar_one()


def lists_without_rows(connection: Connection) -> list[KeptList]:
    """Return the lists that count as disclosed and of which nobody knows who was on them, oldest first.

    A restored database lost them: an answer about a person is not whole without their names.
    """
    disclosed = [state.value for state in DISCLOSED]
    lost = select(lists).where(lists.c.state.in_(disclosed), lists.c.root.is_(None))
    return [_kept(row) for row in connection.execute(lost.order_by(lists.c.window, lists.c.list_id))]


def newest_list(connection: Connection, agreement_id: str, part: str) -> KeptList | None:
    """Return the newest list of an agreement's part that was sealed and not held back since."""
    return _one(
        connection,
        select(lists)
        .where(
            lists.c.agreement_id == agreement_id,
            lists.c.part == part,
            lists.c.state.in_([state.value for state in _MEANT_TO_GO]),
            # One that was lost with a restored database says nothing of how many people were on it.
            lists.c.root.is_not(None),
        )
        .order_by(lists.c.window.desc(), lists.c.list_id.desc())
        .limit(1),
    )


def last_people(connection: Connection, agreement_id: str, part: str) -> int | None:
    """Return how many people the newest list of an agreement's part left with the recipient; None before the first."""
    newest = newest_list(connection, agreement_id, part)
    if newest is None:
        return None
    return newest.people if newest.base is None else newest.held


def who_brought_it_here(connection: Connection, kept: KeptList) -> frozenset[str]:
    """Return the accounts that sealed a list and moved it to the state that it is in.

    Whoever settled a restored database decided about no list of it.
    """
    made = ledger.c.position.in_(select(packages.c.explained_by).where(packages.c.list_id == kept.list_id))
    moved = false() if kept.reason == RESTORED else ledger.c.position == kept.explained_by
    named = select(ledger.c.actor).where(or_(made, moved))
    return frozenset(connection.execute(named).scalars())


def _check_columns(kept: KeptList, to: ListState, columns: frozenset[str]) -> None:
    refused = columns - _AT_ANY_MOVE - (_UNTIL_SEALED if kept.root is None else frozenset())
    if refused:
        raise MoveNotAllowed(f"{kept.reference} cannot change {', '.join(sorted(refused))} on becoming {to.value}")


def _one(connection: Connection, statement: Select[tuple[object, ...]]) -> KeptList | None:
    row = connection.execute(statement).first()
    return _kept(row) if row else None


def _kept(row: Row[tuple[object, ...]]) -> KeptList:
    values = dict(row._mapping)  # noqa: SLF001 - the public way to a row's names
    return KeptList(**(values | {"state": ListState(values["state"])}))
