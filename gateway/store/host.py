"""Edge: the one machine that a SQLite database belongs to.

SQLite is for one machine. Two that use one file over a share, or each its own copy of it, would each send every list
(law L4). So the first machine that writes leaves its name, as a hash, and every write asks whether it is still there:
two processes of one machine pass, another machine is refused. It does not lapse with time: a copy that is started
weeks later is as dangerous as one that is started tonight. A person brings a database to another machine
(`Store.move_here`), and the ledger says so.

Working state: the row stands among the leases and is exempt from law L10. On PostgreSQL, which is for many machines,
there is none.
"""

from sqlalchemy import Connection, delete, func, insert, select

from gateway.errors import StoreElsewhere
from gateway.store.tables import leases

#: The name of the row among the leases; no list is called so.
_NAME = "host"


def host_of(connection: Connection) -> str | None:
    """Return the machine that the database belongs to; None before the first write."""
    return connection.execute(select(leases.c.holder).where(leases.c.name == _NAME)).scalar()


def require_host(connection: Connection, host: str) -> str | None:
    """Return the machine that the database belongs to. Raises StoreElsewhere where that is another one."""
    known = host_of(connection)
    if known not in {None, host}:
        raise StoreElsewhere("the database belongs to another machine, and SQLite is for one at a time")
    return known


def take_host(connection: Connection, host: str) -> None:
    """Let the database belong to a machine."""
    connection.execute(delete(leases).where(leases.c.name == _NAME))
    since = func.strftime("%Y-%m-%dT%H:%M:%SZ", "now")
    connection.execute(insert(leases).values(name=_NAME, holder=host, fence=1, until=since))
