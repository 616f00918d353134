"""Say which holds count in a decision: those that stand now, those that stood at an instant, or both.

Holds are the one thing a decision reads that can change while snapshot, statement and day stay the same. What was
withheld can therefore be decided again exactly, from the holds of its instant; and a release, which counts the
holds of that instant and those of today together, can only be a part of it. A release counts the flags of the newest
snapshot too: they have come since, and they protect as holds do.

Pure: a description and one expression.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select

from gateway.store.tables import holds, persons


@dataclass(frozen=True, slots=True)
class Holding:
    """Which holds count. `stood_at` is an instant as text (`model.time.as_text`), or None for no past instant.

    `flagged_in` is a later snapshot whose flags count beside those of the one that is decided from.
    """

    standing_now: bool = True
    stood_at: str | None = None
    flagged_in: int | None = None


#: An ordinary run.
TODAY = Holding()


def as_withheld(at: str) -> Holding:
    """Return the holds by which a list withheld at that instant was decided."""
    return Holding(standing_now=False, stood_at=at)


def as_released(withheld_at: str, newest_snapshot: int | None = None) -> Holding:
    """Return the holds for a release: today's, and beside them those under which the list was withheld."""
    return Holding(standing_now=True, stood_at=withheld_at, flagged_in=newest_snapshot)


def held_subjects(holding: Holding) -> Select[Any]:
    """Return the references of the people whom a hold protects."""
    standing: list[ColumnElement[bool]] = [holds.c.lifted_at.is_(None)] if holding.standing_now else []
    if holding.stood_at is not None:
        lifted_since = or_(holds.c.lifted_at.is_(None), holds.c.lifted_at > holding.stood_at)
        standing.append(and_(holds.c.placed_at <= holding.stood_at, lifted_since))
    return select(holds.c.subject_ref).where(or_(false(), *standing))


def flagged_subjects(holding: Holding, mask: int) -> Select[Any]:
    """Return the references of the people whom the later snapshot protects."""
    later = persons.alias("later_people")
    return select(later.c.subject_ref).where(
        later.c.snapshot_id == holding.flagged_in,
        or_(later.c.flags.bitwise_and(mask) != 0, later.c.deceased_on.is_not(None)),
    )
