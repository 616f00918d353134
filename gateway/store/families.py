"""Edge: how many people are in somebody's families: a number, never who."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, and_, func, or_, select

from gateway.store.snapshots import newest_snapshot
from gateway.store.tables import memberships, persons


def others_in_families(connection: Connection, subject_refs: Collection[str], day: date) -> dict[str, int]:
    """Return of each person of the newest snapshot how many others are in their families on a day."""
    snapshot = newest_snapshot(connection)
    if snapshot is None:
        return {}
    theirs, others = memberships.alias("theirs"), memberships.alias("others")
    same = and_(theirs.c.family_key == others.c.family_key, theirs.c.person_key != others.c.person_key)
    query = (
        select(persons.c.subject_ref, func.count(others.c.person_key.distinct()))
        .join(theirs, and_(theirs.c.snapshot_id == persons.c.snapshot_id, theirs.c.person_key == persons.c.person_key))
        .outerjoin(
            others,
            and_(
                same, others.c.snapshot_id == theirs.c.snapshot_id, or_(others.c.to_on.is_(None), others.c.to_on > day)
            ),
        )
        .where(persons.c.snapshot_id == snapshot.snapshot_id, persons.c.subject_ref.in_(list(subject_refs)))
        .where(or_(theirs.c.to_on.is_(None), theirs.c.to_on > day))
        .group_by(persons.c.subject_ref)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
