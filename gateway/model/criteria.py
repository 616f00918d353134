"""The criteria tree: what an agreement or a framework asks of a person's place in a family.

A criterion is judged for one person in one of their families on one London day. Every leaf is two-valued: a
missing date or value makes it false, never unknown, so that `Not` means what it says. A person meets a tree when
there is at least one family for which the whole tree is true.

Two interpreters read the tree: `selection/compile.py` makes one SQLAlchemy expression (the run) and
`selection/evaluate.py` judges one `Person` in Python (the reference, and `explain`).

`reads` names what a leaf takes from the snapshot, as `(feed, column)`: a code without a mapping in a column that
the decision reads withholds the agreement.
"""

from dataclasses import dataclass

from gateway.model.records import Feed

Reads = frozenset[tuple[Feed, str]]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part is true; true of no parts."""

    parts: tuple["Criterion", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part is true; false of no parts."""

    parts: tuple["Criterion", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part is false."""

    part: "Criterion"


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `count` of the parts are true. `count` is 1 or more, and at most the number of parts."""

    count: int
    parts: tuple["Criterion", ...]

    def __post_init__(self) -> None:
        if not 1 <= self.count <= len(self.parts):
            raise ValueError(f"at least {self.count} of {len(self.parts)} criteria cannot be judged")


@dataclass(frozen=True, slots=True)
class InProgramme:
    """The family's programme spell and the person's membership are both open on the day.

    A spell is open when it began on or before the day and has not ended, or ends after it.
    """


@dataclass(frozen=True, slots=True)
class EpisodeOpen:
    """Somebody who is a member of the family on the day has an early-help episode open on the day."""


@dataclass(frozen=True, slots=True)
class AssessmentOfWholeFamily:
    """The family has an assessment, made on or before the day, that covers all its members."""


@dataclass(frozen=True, slots=True)
class PlanInPlace:
    """The family has a plan begun on or before the day and not ended by it."""


@dataclass(frozen=True, slots=True)
class LeadProfessionalInPlace:
    """The family has a lead professional's involvement open on the day."""


@dataclass(frozen=True, slots=True)
class NeedsAtLeast:
    """At least `count` of the groups have a current need among their codes.

    Each group is one criterion of a framework: a set of canonical need codes. A need is current when it was
    identified on or before the day and is not met by it.
    """

    count: int
    groups: tuple[frozenset[str], ...]

    def __post_init__(self) -> None:
        if not 1 <= self.count <= len(self.groups):
            raise ValueError(f"at least {self.count} of {len(self.groups)} groups of needs cannot be judged")


@dataclass(frozen=True, slots=True)
class FactorsAtLeast:
    """The family's current needs give at least `count` different factors of the thirteen.

    `factors_of` pairs each canonical need code with the mask of factors it stands for.
    """

    count: int
    factors_of: tuple[tuple[str, int], ...]

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError("at least one factor must be asked for")


@dataclass(frozen=True, slots=True)
class AgeAtLeast:
    """The person has completed `years` years of age on the day."""

    years: int


@dataclass(frozen=True, slots=True)
class AgeBelow:
    """The person has a date of birth and has not completed `years` years of age on the day."""

    years: int


@dataclass(frozen=True, slots=True)
class LivesIn:
    """The person's postcode lies in one of the outward codes (`CB1`)."""

    outcodes: frozenset[str]


Criterion = (
    AllOf
    | AnyOf
    | Not
    | AtLeast
    | InProgramme
    | EpisodeOpen
    | AssessmentOfWholeFamily
    | PlanInPlace
    | LeadProfessionalInPlace
    | NeedsAtLeast
    | FactorsAtLeast
    | AgeAtLeast
    | AgeBelow
    | LivesIn
)

_LEAF_READS: dict[type, Reads] = {
    LeadProfessionalInPlace: frozenset({(Feed.INVOLVEMENTS, "kind")}),
    NeedsAtLeast: frozenset({(Feed.NEEDS, "code")}),
    FactorsAtLeast: frozenset({(Feed.NEEDS, "code")}),
}


def reads_of(criterion: Criterion) -> Reads:
    """Return the coded columns whose values can change what the tree says."""
    match criterion:
        case AllOf(parts) | AnyOf(parts) | AtLeast(_, parts):
            return frozenset().union(*(reads_of(part) for part in parts))
        case Not(part):
            return reads_of(part)
        case _:
            return _LEAF_READS.get(type(criterion), frozenset())
