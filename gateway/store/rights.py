"""What the runtime role may do to each table: the one list that its rights are made from.

The runtime role is the account by which the gateway works at a PostgreSQL database day and night. It owns nothing, so
that it can neither switch a trigger off nor empty, alter or drop a table. Every table may be read by it, and stands in
exactly one of the kinds below; a table that is in none is refused by a test.

- READ_ONLY: written when the database is made, by the owner.
- ADDED_TO: rows come and stay as they are. All evidence is here (law L7).
- CHANGED: rows come and change; each change carries its entry (law L10), or is working state.
- REPLACED: rows come and go whole: what can be forgotten, and what expires.
- CHANGED_AND_REMOVED: rows come, change and go.

Pure: statements are made in roles.py.
"""

from collections.abc import Mapping

from sqlalchemy import Table

from gateway.store import tables
from gateway.store.disclosed import VIEWS
from gateway.store.purge_function import PURGE_FUNCTION

READ_ONLY = (tables.facts,)
ADDED_TO = (*tables.APPEND_ONLY, tables.statements)
CHANGED = (
    tables.holds,
    tables.approvals,
    tables.switches,
    tables.keys,
    tables.lists,
    # Its entry is another one once the sealed copy is gone.
    tables.packages,
    tables.record_holds,
    tables.handovers,
    tables.exports,
    tables.forgets,
    tables.complaints,
    tables.reconciliations,
    tables.leases,
    tables.heartbeats,
)
REPLACED = (
    tables.subjects,
    tables.subject_identifiers,
    tables.complaint_notes,
    tables.rejects,
    tables.subtrees,
    *tables.SNAPSHOT,
    *tables.UPLOADED,
)
CHANGED_AND_REMOVED = (tables.snapshots,)

#: Which rights each kind comes to, beside reading.
KINDS: Mapping[tuple[Table, ...], tuple[str, ...]] = {
    READ_ONLY: (),
    ADDED_TO: ("INSERT",),
    CHANGED: ("INSERT", "UPDATE"),
    REPLACED: ("INSERT", "DELETE"),
    CHANGED_AND_REMOVED: ("INSERT", "UPDATE", "DELETE"),
}
#: The right to rewrite a table's file, so that nothing of a deleted row is left in it (compact.py).
REWRITE = "MAINTAIN"
#: Functions that run with the owner's rights and that the runtime role may call, each with the types of its arguments.
CALLED: tuple[str, ...] = (f"{PURGE_FUNCTION}(bigint)",)
#: The migrations' own table: the gateway asks which version the tables are.
VERSION_TABLE = "alembic_version"


def rights_wanted(*, rewriting: bool) -> dict[str, frozenset[str]]:
    """Return the rights on each table and view, by its name. `rewriting`: the server has a right to rewrite a table."""
    wanted = {table.name: frozenset({"SELECT", *rights}) for kind, rights in KINDS.items() for table in kind}
    rewritten = {table.name: wanted[table.name] | {REWRITE} for table in REPLACED} if rewriting else {}
    return wanted | rewritten | dict.fromkeys((VERSION_TABLE, *VIEWS), frozenset({"SELECT"}))


def sequences() -> tuple[str, ...]:
    """Return the names of the sequences that number rows, as PostgreSQL calls them."""
    numbered = ((table, table.autoincrement_column) for table in tables.metadata.sorted_tables)
    return tuple(sorted(f"{table.name}_{column.name}_seq" for table, column in numbered if column is not None))
