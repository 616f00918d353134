"""People and families as the snapshot holds them: what the reference interpreter and `explain` judge.

The same facts stand in the snapshot's tables (store/tables.py); a `Person` gathers those of one person.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of days: open from `from_on` until the day before `to_on`; None leaves an end open.

    A spell without a beginning is never open: an unknown start is not a reason to disclose.
    """

    from_on: date | None
    to_on: date | None

    def open_on(self, day: date) -> bool:
        """Say whether the spell is open on the day."""
        return self.from_on is not None and self.from_on <= day and (self.to_on is None or self.to_on > day)


@dataclass(frozen=True, slots=True)
class Need:
    """A need of a family; `code` is canonical, or None where the source's code has no mapping."""

    code: str | None
    spell: Spell


@dataclass(frozen=True, slots=True)
class Assessment:
    """An assessment of a family."""

    assessed_on: date
    covers_family: bool


@dataclass(frozen=True, slots=True)
class Involvement:
    """A lead professional's involvement with a family."""

    involvement_key: int
    name: str | None
    email: str | None
    phone: str | None
    team: str | None
    spell: Spell


@dataclass(frozen=True, slots=True)
class Family:
    """A family with everything that criteria ask about it.

    `episodes` pairs each early-help episode's spell with the spell of that person's membership in this family.
    `incomplete` is True when a refused line of an extract touched the family.
    """

    family_key: int
    programme: Spell
    needs: tuple[Need, ...]
    assessments: tuple[Assessment, ...]
    plans: tuple[Spell, ...]
    involvements: tuple[Involvement, ...]
    episodes: tuple[tuple[Spell, Spell], ...]
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's spell in a family."""

    family: Family
    spell: Spell


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the snapshot. `flags` is the mask of every protective flag that reaches them (model/flags.py)."""

    person_key: int
    subject_ref: str
    forename: str | None
    surname: str | None
    date_of_birth: date | None
    nino: str | None
    postcode: str | None
    deceased_on: date | None
    incomplete: bool
    flags: int
    held: bool
    memberships: tuple[Membership, ...]
