"""Edge: which references of the registry stand for one person, by the ids that sources know them by.

A National Insurance number makes nobody the same: it is mistyped, and two people can have one on file.
"""

from collections.abc import Collection

from sqlalchemy import Connection, and_, select

from gateway.store.blind_index import NINO
from gateway.store.tables import subject_identifiers, subjects


def linked_to(connection: Connection, subject_refs: Collection[str]) -> list[str]:
    """Return everybody whom an id of any of the subjects leads to, they themselves too, the one met first in front."""
    found: frozenset[str] = frozenset()
    reached = frozenset(subject_refs)
    while reached != found:
        found, reached = reached, reached | _sharing_an_id(connection, reached)
    query = select(subjects.c.subject_ref).where(subjects.c.subject_ref.in_(sorted(found)))
    return list(connection.execute(query.order_by(subjects.c.batch, subjects.c.position)).scalars())


def _sharing_an_id(connection: Connection, subject_refs: Collection[str]) -> frozenset[str]:
    mine, theirs = subject_identifiers.alias("mine"), subject_identifiers.alias("theirs")
    same = and_(theirs.c.kind == mine.c.kind, theirs.c.value == mine.c.value)
    query = select(theirs.c.subject_ref).join_from(mine, theirs, same).distinct()
    whose = (mine.c.subject_ref.in_(sorted(subject_refs)), mine.c.kind != NINO)
    return frozenset(connection.execute(query.where(*whose)).scalars())
