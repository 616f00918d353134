"""The nouns of matching a work-coach list: whom we may match against, how well a pair agrees, and what was decided.

Codes of closed lists are stored: renaming one needs a migration. No `repr` shows a person's details (law L8).
Weights are in bits (log2): one bit more means that the agreement is twice as likely for one person as for two.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom a claimant may turn out to be. Text as the cohort holds it; an empty text is unknown."""

    #: Opaque: the caller's own name for the person, such as the `subject_ref`.
    key: str
    #: Every reference under which the recipient was told of this person.
    record_refs: frozenset[str] = field(default=frozenset(), repr=False)
    nino: str = field(default="", repr=False)
    forename: str = field(default="", repr=False)
    middle: str = field(default="", repr=False)
    surname: str = field(default="", repr=False)
    #: Names that the person also has or had: before a marriage, in the other system.
    other_surnames: tuple[str, ...] = field(default=(), repr=False)
    born: date | None = field(default=None, repr=False)
    postcode: str = field(default="", repr=False)
    #: The first line of the address; empty where it is not known or may not be used.
    address: str = field(default="", repr=False)


class Field(StrEnum):
    """What is compared between a claimant and a person, in the order in which it is shown. Stored."""

    NINO = "nino"
    BORN = "born"
    FORENAME = "forename"
    SURNAME = "surname"
    POSTCODE = "postcode"
    MIDDLE = "middle"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Level:
    """How well one field of a pair agrees. `code` is unique within its field and stored."""

    code: str
    #: For a reader: "day and month swapped".
    words: str
    #: With the adjustment for how common the name is in the cohort; 0 where either side is not known.
    bits: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a pair may be one person: where it starts (`prior`), one step a field, where it ends (`bits`)."""

    levels: tuple[tuple[Field, Level], ...]
    #: The odds before anything is compared, in bits: negative, because most pairs are two people.
    prior: float
    #: The name of the shipped model whose weights these are.
    model: str

    @property
    def bits(self) -> float:
        """Return the weight of the whole, prior and all fields."""
        return round(self.prior + sum(level.bits for _, level in self.levels), 6)

    @property
    def codes(self) -> tuple[tuple[Field, str], ...]:
        """Return what was found of each field, without weights: what stays the same under another model."""
        return tuple((compared, level.code) for compared, level in self.levels)

    def level(self, compared: Field) -> Level:
        """Return how well one field agrees."""
        return next(level for named, level in self.levels if named is compared)


class Veto(StrEnum):
    """Why a pair is never linked without a person looking at it, however much it weighs. Stored."""

    #: Father and son of one name.
    BORN_CONTRADICTS = "born-contradicts"
    NINO_CONTRADICTS = "nino-contradicts"
    #: Neither the NINO nor the date of birth really agrees, or neither is known.
    NO_IDENTIFIER_AGREES = "no-identifier-agrees"
    #: Twins: all but the forename agrees.
    FORENAME_DIFFERS = "forename-differs"
    SURNAME_AND_ADDRESS_DIFFER = "surname-and-address-differ"


class How(StrEnum):
    """What decided that a row is a person, strongest first. Stored."""

    VERDICT = "verdict"
    RECORD_REF = "record-ref"
    NINO_AND_BORN = "nino-and-born"
    NINO_AND_SURNAME = "nino-and-surname"
    NAME_BORN_AND_POSTCODE = "name-born-and-postcode"
    SCORED = "scored"


class WhyQueued(StrEnum):
    """Why a row waits for a person to look at it. Stored."""

    #: Date of birth and surname both contradict the reference on the row.
    REFERENCE_CONTRADICTED = "reference-contradicted"
    #: The reference on the row was given to a person, and verdict or NINO point to another.
    POINTS_TO_TWO = "points-to-two"
    VETOED = "vetoed"
    #: Another person fits the row nearly as well, or another row the person.
    NOT_AHEAD = "not-ahead"
    #: Possible, but not likely enough to be decided without a look.
    NOT_SURE_ENOUGH = "not-sure-enough"
    #: An officer looked, and could not say yet.
    UNDECIDED = "undecided"


class Verdict(StrEnum):
    """What an officer said of a row and a person. Stored."""

    SAME = "same"
    #: Beats any weight: the two are never linked while the verdict holds.
    DIFFERENT = "different"
    NOT_SURE = "not-sure"
    NEEDS_INFORMATION = "needs-information"


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict that still holds for a row of this file, because the evidence is unchanged."""

    row: int
    key: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Match:
    """A row that is a person."""

    row: int
    key: str
    how: How
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person whom a row may be. `lead` is how far it is ahead of the next one in bits; None where there is none."""

    key: str
    evidence: Evidence
    lead: float | None
    vetoes: tuple[Veto, ...]


@dataclass(frozen=True, slots=True)
class Queued:
    """A row that waits for a person to look at it, with whom it may be, likeliest first, five at most."""

    row: int
    why: WhyQueued
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A row that says again what row `of` says: the same claimant, perhaps under two work coaches."""

    row: int
    of: int


@dataclass(frozen=True, slots=True)
class Linked:
    """What became of every claimant's row: it stands in exactly one of the four, each in the order of rows."""

    matches: tuple[Match, ...]
    queued: tuple[Queued, ...]
    unmatched: tuple[int, ...]
    duplicates: tuple[Duplicate, ...]
    #: The shipped model that was used, and the hash of its file.
    model: str
    model_sha256: str
