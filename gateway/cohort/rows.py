"""The rows of a snapshot, as the cohort stage makes them: one class a table, fields in the order of its columns.

`snapshot_id` is left out everywhere, and from a person the subject's reference and secret: store/ puts them on.
Pure.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from gateway.model.records import Reject


class PersonRow(NamedTuple):
    """A person (table `persons`)."""

    person_key: int
    forename: str | None
    surname: str | None
    date_of_birth: date | None
    nino: str | None
    postcode: str | None
    postcode_sector: str | None
    deceased_on: date | None
    incomplete: bool
    flags: int


class RecordRow(NamedTuple):
    """A source's record of a person (table `person_records`)."""

    source: str
    source_id: str
    person_key: int
    rule: str


class FamilyRow(NamedTuple):
    """A family (table `families`)."""

    family_key: int
    source: str
    source_id: str
    opened_on: date | None
    closed_on: date | None
    incomplete: bool


class MembershipRow(NamedTuple):
    """A person's spell in a family (table `memberships`)."""

    membership_key: int
    person_key: int
    family_key: int
    from_on: date | None
    to_on: date | None


class EpisodeRow(NamedTuple):
    """An early-help episode (table `episodes`)."""

    episode_key: int
    person_key: int
    started_on: date
    ended_on: date | None


class NeedRow(NamedTuple):
    """A need of a family (table `needs`)."""

    need_key: int
    family_key: int
    code: str | None
    identified_on: date | None
    met_on: date | None


class AssessmentRow(NamedTuple):
    """An assessment of a family (table `assessments`)."""

    assessment_key: int
    family_key: int
    assessed_on: date
    covers_family: bool


class PlanRow(NamedTuple):
    """A family's plan (table `plans`)."""

    plan_key: int
    family_key: int
    planned_on: date
    ended_on: date | None


class InvolvementRow(NamedTuple):
    """A lead professional's involvement with a family (table `involvements`)."""

    involvement_key: int
    family_key: int
    name: str | None
    email: str | None
    phone: str | None
    team: str | None
    from_on: date
    to_on: date | None


#: What the registry knows a person by: a source's name and id, or `nino` and a number with or without its suffix.
Clue = tuple[str, str]
NINO = "nino"


@dataclass(frozen=True, slots=True)
class Cohort:
    """Everything that one snapshot holds, and every line that was refused.

    `clues` pairs each person, in the order of `persons`, with what they are known by. Of `flags` protective flags, by
    their places, some `arrived` at somebody and some are `doubtful` (suppression.py); `about_nobody` are the rejects
    that may be about anybody.
    """

    persons: tuple[PersonRow, ...]
    clues: tuple[tuple[Clue, ...], ...]
    records: tuple[RecordRow, ...]
    families: tuple[FamilyRow, ...]
    memberships: tuple[MembershipRow, ...]
    episodes: tuple[EpisodeRow, ...]
    needs: tuple[NeedRow, ...]
    assessments: tuple[AssessmentRow, ...]
    plans: tuple[PlanRow, ...]
    involvements: tuple[InvolvementRow, ...]
    rejects: tuple[Reject, ...]
    flags: int
    arrived: frozenset[int]
    doubtful: frozenset[int]
    about_nobody: tuple[Reject, ...]

    @property
    def astray(self) -> int:
        """The number of flags that cannot be followed to everybody they protect."""
        return astray_of(self.flags, self.arrived, self.doubtful)


def astray_of(flags: int, arrived: AbstractSet[int], doubtful: AbstractSet[int]) -> int:
    """Return how many of so many flags are astray: those that arrived nowhere, and those that are doubtful."""
    return len((set(range(flags)) - arrived) | doubtful)
