"""Canonical records: what one line of an extract says, after its mapping was applied.

Frozen, one class a feed. A source adapter yields these and `Reject`s, nothing else; names, dates and identifiers
are already in normal form (gateway/cohort/identifiers.py). `line` is the physical line number in the extract,
counted from 1 with the header as line 1. Columns that a mapping does not name never get here (law L2).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from gateway.model.flags import FlagKind


class Feed(StrEnum):
    """What an extract is about. Stored."""

    PERSONS = "persons"
    FAMILIES = "families"
    MEMBERSHIPS = "memberships"
    EPISODES = "episodes"
    WORKERS = "workers"
    INVOLVEMENTS = "involvements"
    ADDRESSES = "addresses"
    IDENTIFIERS = "identifiers"
    NEEDS = "needs"
    ASSESSMENTS = "assessments"
    PLANS = "plans"
    SUPPRESSION = "suppression"


class PersonRecord(NamedTuple):
    """A person as one source knows them.

    `nino` may be an administrative number: `standing_of` (gateway/cohort/identifiers.py) says so, and such a number
    is never sent.
    """

    line: int
    source: str
    source_id: str
    forename: str | None
    surname: str | None
    date_of_birth: date | None
    dob_estimated: bool
    deceased_on: date | None
    upn: str | None
    nino: str | None = None
    postcode: str | None = None


class FamilyRecord(NamedTuple):
    """A family and its spell in the programme."""

    line: int
    source: str
    source_id: str
    opened_on: date | None
    closed_on: date | None


class MembershipRecord(NamedTuple):
    """A person's spell in a family."""

    line: int
    source: str
    family_id: str
    person_id: str
    from_on: date | None
    to_on: date | None


class EpisodeRecord(NamedTuple):
    """A person's early-help episode."""

    line: int
    source: str
    person_id: str
    started_on: date
    ended_on: date | None


class WorkerRecord(NamedTuple):
    """A member of staff. `team` is the source's own department name; only an allow-listed label is ever sent."""

    line: int
    source: str
    worker_id: str
    forename: str | None
    surname: str | None
    email: str | None
    phone: str | None
    team: str | None


#: The one kind of involvement that is used.
LEAD_PROFESSIONAL = "lead_professional"


class InvolvementRecord(NamedTuple):
    """A worker's involvement with a person. `kind` is canonical, or None where the code has no mapping."""

    line: int
    source: str
    person_id: str
    worker_id: str
    kind: str | None
    from_on: date
    to_on: date | None


class AddressRecord(NamedTuple):
    """Where a person lives or lived; only the postcode is read."""

    line: int
    source: str
    person_id: str
    postcode: str | None
    from_on: date | None
    to_on: date | None


class IdentifierRecord(NamedTuple):
    """A linked identifier; only National Insurance numbers are kept. `standing` is `valid` or `administrative`."""

    line: int
    source: str
    person_id: str
    kind: str
    value: str
    standing: str
    from_on: date | None
    to_on: date | None


class NeedRecord(NamedTuple):
    """A need identified in a family. `code` is canonical (`10.1`), or None where the source's code has no mapping."""

    line: int
    source: str
    family_id: str
    code: str | None
    identified_on: date | None
    met_on: date | None


class AssessmentRecord(NamedTuple):
    """An assessment; `covers_family` is True when it says that it covers all family members."""

    line: int
    source: str
    family_id: str
    assessed_on: date
    covers_family: bool


class PlanRecord(NamedTuple):
    """A plan co-ordinated across agencies."""

    line: int
    source: str
    family_id: str
    planned_on: date
    ended_on: date | None


class FlagRecord(NamedTuple):
    """A line of the suppression feed: a kind, and whatever is known of the person it protects."""

    line: int
    kind: FlagKind
    source: str | None
    source_id: str | None
    nino: str | None
    surname: str | None
    date_of_birth: date | None
    postcode: str | None
    from_on: date | None
    to_on: date | None


Record = (
    PersonRecord
    | FamilyRecord
    | MembershipRecord
    | EpisodeRecord
    | WorkerRecord
    | InvolvementRecord
    | AddressRecord
    | IdentifierRecord
    | NeedRecord
    | AssessmentRecord
    | PlanRecord
    | FlagRecord
)


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that was not loaded, with every reason as a stable code; never a value (law L8).

    `touches` holds the source's own ids that the line named, as far as they could be read, so that the people and
    families concerned can be excluded as incomplete (law L3). It is used while loading and not stored.
    """

    source: str
    feed: Feed
    line: int
    reasons: tuple[str, ...]
    person_ids: tuple[str, ...] = ()
    family_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnmappedCode:
    """A code that the mapping does not know: where, and how often."""

    source: str
    feed: Feed
    column: str
    code: str
    rows: int


class LastSeen(NamedTuple):
    """A record of a person as the last snapshot has it: what is known of the person, by whichever of their records."""

    source: str
    source_id: str
    forename: str | None
    surname: str | None
    date_of_birth: date | None
    nino: str | None
    postcode: str | None
    deceased_on: date | None


class LastMembership(NamedTuple):
    """A membership as the last snapshot has it; both ids are of one source."""

    source: str
    family_id: str
    person_id: str
    from_on: date | None
    to_on: date | None
