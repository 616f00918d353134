"""What a pair weighs: the model's weight of each field's level, adjusted by how common a name is.

- A level weighs log2(m / u): m is how often it stands between two records of one person, u between two people.
- The same rare name, or nearly the same, says more than a common one. A day of birth or a postcode that many have, and
  a common name that agrees only in part, say less. How common a value is, is counted in the cohort, never in the list;
  in a small cohort the model's own expectation stands beside the count.
- The prior falls with the size of the cohort, in whole bits, and sizes are taken in powers of two: nobody's weight
  changes because an unrelated person came or went.

Pure: the same inputs give the same weight, whatever else is on the list.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log2

from gateway.model.linkage import Evidence, Field, Level
from gateway.reconciliation.columns import Columns
from gateway.reconciliation.comparable import Comparable
from gateway.reconciliation.fields import COMPARED
from gateway.reconciliation.levels import EXACT, NOT_KNOWN, FieldRules

#: How many namesakes the parts of a name let expect, counts as much as so many people who were seen.
_DOUBT = 0.5


@dataclass(frozen=True, slots=True)
class Chances:
    """How often a level stands between two records of one person (m), and of two people (u)."""

    m: float
    u: float

    @property
    def bits(self) -> float:
        """Return the weight of the level."""
        return log2(self.m / self.u)


@dataclass(frozen=True, slots=True)
class Commonness:
    """How a field is adjusted by how common its value is."""

    #: The cohort counts as so many people more, in whom the value is as common as the model expects.
    expected_people: int
    #: No value counts as rarer than this.
    rarest: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a pair is linked (theta, and ahead of the next by delta), and from when a person looks at it (low). Bits."""

    theta: float
    delta: float
    low: float


@dataclass(frozen=True, slots=True)
class Model:
    """The weights of all levels, as a model file gives them. Made by `model_file.parse_model` alone."""

    name: str
    sha256: str
    chances: Mapping[Field, Mapping[str, Chances]]
    commonness: Mapping[Field, Commonness]
    #: Of so large a share of the rows the person is expected to be in the cohort.
    expected_share: float
    #: A cohort counts as so many people at least: it is drawn from a county.
    smallest_cohort: int
    thresholds: Thresholds

    def prior(self, people: int) -> float:
        """Return the odds that a row is one given person of the cohort, before anything is compared, in bits."""
        return log2(self.expected_share) - (max(people, self.smallest_cohort) - 1).bit_length()

    def rarest(self, rules: FieldRules, code: str) -> float:
        """Return what no value of a level counts as rarer than: the usual one, where rarity adds nothing."""
        usual = self.chances[rules.field][EXACT].u
        return usual if code in rules.lowered else self.commonness[rules.field].rarest


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How common each value of the adjusted fields is in the cohort."""

    shares: Mapping[Field, Mapping[str, float]] = field(repr=False)
    #: How many people have a forename and a surname together, where several have, and among how many.
    namesakes: Mapping[str, int] = field(repr=False)
    named: int

    def adjustment(self, rules: FieldRules, code: str, one: Comparable, other: Comparable, model: Model) -> float:
        """Return by how much a value that is rarer than most adds to the weight, in bits; a common one takes away."""
        found = [self.shares[rules.field].get(getattr(side, rules.column)) for side in (one, other)]
        known = [share for share in found if share is not None]
        if not known:
            return 0.0
        expected = model.chances[rules.field][EXACT].u
        return log2(expected) - log2(max(*known, model.rarest(rules, code), 0.0))

    def namesake(self, one: Comparable, other: Comparable) -> float:
        """Return what a whole name takes away that is more common than its parts say, in bits: 0 or less.

        Forenames and surnames go together: who is called Mohammed is oftener called Khan than others are.
        """
        people = self.namesakes.get(f"{one.forename} {one.surname}", 0)
        if not people or (one.forename, one.surname) != (other.forename, other.surname):
            return 0.0
        of_parts = self.shares[Field.FORENAME][one.forename or ""] * self.shares[Field.SURNAME][one.surname or ""]
        expected, others = of_parts * self.named, people - 1
        return min(0.0, -log2((_DOUBT + others) / (_DOUBT + expected)))


def frequencies_of(cohort: Columns, model: Model) -> Frequencies:
    """Return how common each value is in the cohort."""
    named = Counter(
        [f"{forename} {surname}" for forename, surname in zip(cohort.forename, cohort.surname, strict=True)
         if forename and surname]
    )  # fmt: skip
    return Frequencies(
        {rules.field: _shares(getattr(cohort, rules.column), rules, model) for rules in COMPARED if rules.counted},
        {name: count for name, count in named.items() if count > 1},
        _power_of_two_within(named.total()),
    )


def _shares(values: Sequence[str | None], rules: FieldRules, model: Model) -> dict[str, float]:
    added = model.commonness[rules.field].expected_people
    expected = model.chances[rules.field][EXACT].u
    counted = Counter(values)
    known = sum(counted.values()) - counted.pop(None, 0)
    whole = _power_of_two_within(known) + added
    return {value: (count + added * expected) / whole for value, count in counted.items() if value is not None}


def _power_of_two_within(number: int) -> int:
    return 1 << (number.bit_length() - 1) if number else 0


def weigh(one: Comparable, other: Comparable, model: Model, frequencies: Frequencies, prior: float) -> Evidence:
    """Return the evidence of one pair: what Splink's SQL says of it, in plain Python."""
    levels = tuple((rules.field, _level(rules, one, other, model, frequencies)) for rules in COMPARED)
    return with_namesakes(Evidence(levels, prior, model.name), one, other, frequencies)


def with_namesakes(evidence: Evidence, one: Comparable, other: Comparable, frequencies: Frequencies) -> Evidence:
    """Return the evidence with the surname as heavy as it is beside the forename."""
    taken = frequencies.namesake(one, other)
    if not taken:
        return evidence
    levels = tuple(
        (field, replace(level, bits=round(level.bits + taken, 6)) if field is Field.SURNAME else level)
        for field, level in evidence.levels
    )
    return replace(evidence, levels=levels)


def _level(rules: FieldRules, one: Comparable, other: Comparable, model: Model, frequencies: Frequencies) -> Level:
    code = rules.level_of(one, other)
    if code == NOT_KNOWN:
        return Level(code, rules.words_of(code), 0.0)
    bits = model.chances[rules.field][code].bits
    if code in rules.adjusted | rules.lowered:
        bits += frequencies.adjustment(rules, code, one, other, model)
    return Level(code, rules.words_of(code), round(bits, 6))
