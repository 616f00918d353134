"""Edge: who is at work on what, so that two processes or hosts never do the same thing at once.

- A lease has a name, a holder and an end by the database's own time: hosts' clocks may differ, this one is shared.
- Each claim raises the lease's fencing number. Whoever lost a lease while it slept finds another number and stops
  (`require`), however sure it was.
- A released lease keeps its row, so that numbers only ever rise.

Working state: exempt from law L10, because a lease says nothing about a person or a decision.
"""

import importlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, literal_column, select, update

from gateway.errors import StoreBusy
from gateway.store.engine import Store
from gateway.store.tables import leases

#: More claims of one lease than there can be between a backup and its restore.
_NEVER_REACHED = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim that was granted; `fence` is its number."""

    name: str
    holder: str
    fence: int


def claim(store: Store, name: str, holder: str, seconds: int) -> Lease | None:
    """Claim the lease for some seconds; None where somebody else, or an earlier claim of ours, still holds it."""
    with store.working_state() as connection:
        dialect = connection.dialect.name
        insert = _insert_of(dialect)
        first = insert(leases).values(name=name, holder=holder, fence=1, until=_in(connection, seconds))
        taken_over = first.on_conflict_do_update(
            index_elements=[leases.c.name],
            set_={"holder": holder, "fence": leases.c.fence + 1, "until": _in(connection, seconds)},
            where=leases.c.until <= _in(connection, 0),
        )
        fence = connection.execute(taken_over.returning(leases.c.fence)).scalar()
    return None if fence is None else Lease(name, holder, fence)


def renew(store: Store, lease: Lease, seconds: int) -> bool:
    """Hold the lease for some seconds from now; False where it was lost."""
    with store.working_state() as connection:
        held = update(leases).where(_is(lease)).values(until=_in(connection, seconds))
        return connection.execute(held).rowcount == 1


def release(store: Store, lease: Lease) -> None:
    """Let others claim it; nothing happens where it was lost already."""
    with store.working_state() as connection:
        connection.execute(update(leases).where(_is(lease)).values(until=_in(connection, 0)))


def require(connection: Connection, lease: Lease) -> None:
    """Raise StoreBusy unless the lease is still ours. In a transaction that writes, it stays so until the commit.

    One that ran out and that nobody took is still ours.
    """
    held = select(leases.c.fence).where(_is(lease))
    if connection.execute(held.with_for_update(read=True)).scalar() is None:
        raise StoreBusy(f"another run has taken over {lease.name}")


def outlive(connection: Connection) -> None:
    """Give every lease a number that it never had: the database was restored, and its numbers had gone on elsewhere."""
    connection.execute(update(leases).values(fence=leases.c.fence + _NEVER_REACHED))


def _is(lease: Lease) -> ColumnElement[bool]:
    return and_(leases.c.name == lease.name, leases.c.holder == lease.holder, leases.c.fence == lease.fence)


def _insert_of(dialect: str) -> Any:
    """Return the insert of the database in use. The other's dialect, with all its drivers, is not loaded."""
    return importlib.import_module(f"sqlalchemy.dialects.{dialect}").insert


def _in(connection: Connection, seconds: int) -> ColumnElement[str]:
    """Return the database's own time some seconds from now, as `model.time.as_text` writes instants."""
    if connection.dialect.name == "postgresql":
        then = func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
        return func.to_char(func.timezone("UTC", then), literal_column("""'YYYY-MM-DD"T"HH24:MI:SS"Z"'"""))
    return func.strftime("%Y-%m-%dT%H:%M:%SZ", "now", f"{seconds} seconds")
