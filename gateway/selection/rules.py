"""Say, for one agreement under one framework, what a person must pass to be disclosed, and in which order.

- Every stage pairs the reason that is given with the criterion that must hold.
- Stages about the person alone come first, protection before everything: a reader sees the strongest reason.
- The other stages are judged for each family that the person is in on the day. The reason is that of the first
  stage at which no family is left that passed every stage so far; the family relied on is the smallest
  `family_key` that passes all.
- Flags that no agreement may leave out are blocking here too, whatever the document says (law L3).

Pure: the same agreement and framework always give the same rules. The two interpreters of the rules are
evaluate.py (one person in Python) and compile.py with decide.py (one statement for everybody).
"""

from dataclasses import dataclass

from gateway.errors import AgreementNotInForce, FrameworkInvalid
from gateway.model.agreement import Agreement, Direction, DomesticAbuseNeed
from gateway.model.criteria import (
    AgeAtLeast,
    AllOf,
    AssessmentOfWholeFamily,
    Criterion,
    FactorsAtLeast,
    InProgramme,
    LeadProfessionalInPlace,
    NeedsAtLeast,
    PlanInPlace,
    Reads,
    reads_of,
)
from gateway.model.factors import BIT, mask_of
from gateway.model.flags import ALWAYS_BLOCKING, flag_mask
from gateway.model.framework import Framework, MustExist
from gateway.model.records import Feed
from gateway.model.selection import ExclusionReason
from gateway.selection.wording import Wording, wording_of


@dataclass(frozen=True, slots=True)
class Unprotected:
    """None of the flags in `mask` reaches the person, no death is recorded, and no hold stands."""

    mask: int


@dataclass(frozen=True, slots=True)
class CompleteRecord:
    """No refused line of an extract touched the person or any family that they were ever in."""


@dataclass(frozen=True, slots=True)
class FreeOfDomesticAbuseNeed:
    """No family that the person was ever in has an unmet need among `codes`.

    A need whose beginning is unknown or still to come counts too: it is judged loosely because it protects.
    """

    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class SafeValues:
    """No free-form value that the row would carry could act as a formula or hide characters (wording.py)."""

    wording: Wording


StageCriterion = Criterion | Unprotected | CompleteRecord | FreeOfDomesticAbuseNeed | SafeValues


@dataclass(frozen=True, slots=True)
class Stage:
    """The reason that a person is left out for when the criterion does not hold."""

    reason: ExclusionReason
    criterion: StageCriterion


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that a decision needs, in the order in which it is considered.

    `about_person` is judged once for a person, `about_family` for each of their families; `age_floor` is the one of
    the former that says whether the cohort rule can be met at all. `factors_of` pairs need
    codes with masks of the thirteen factors. `human_decides` is the criterion that no included person may fail
    unless a person releases the list; `reads` are the coded columns that can change a decision or a row.
    """

    about_person: tuple[Stage, ...]
    about_family: tuple[Stage, ...]
    age_floor: AgeAtLeast
    factors_of: tuple[tuple[str, int], ...]
    human_decides: FreeOfDomesticAbuseNeed | None
    guarded_age: int
    reads: Reads


_MUST_EXIST: dict[MustExist, Criterion] = {
    MustExist.ASSESSMENT: AssessmentOfWholeFamily(),
    MustExist.PLAN: PlanInPlace(),
    MustExist.LEAD_PROFESSIONAL: LeadProfessionalInPlace(),
}
ADULT_AGE = 18
_NEED_CODE = (Feed.NEEDS, "code")
_KIND_OF_INVOLVEMENT = (Feed.INVOLVEMENTS, "kind")


def rules_of(agreement: Agreement, framework: Framework) -> Rules:
    """Return the rules of an agreement under its framework.

    Raises AgreementNotInForce when no legal power lets data out, FrameworkInvalid when the framework cannot be
    judged or when no need of it could ever meet the agreement's domestic-abuse rule.
    """
    factors_of = factors_under(framework)
    abuse = _domestic_abuse_rule(agreement, factors_of)
    age_floor = AgeAtLeast(agreement.cohort.minimum_age)
    blocks = agreement.cohort.domestic_abuse_need is DomesticAbuseNeed.BLOCK
    about_family = (
        Stage(ExclusionReason.NOT_IN_COHORT, AllOf((InProgramme(), agreement.cohort.where))),
        Stage(ExclusionReason.REQUIREMENT_MISSING, _requirements(framework)),
        Stage(ExclusionReason.NEEDS_NOT_MET, needs_rule(framework)),
        *_legal_predicate(agreement, factors_of),
        *((Stage(ExclusionReason.DOMESTIC_ABUSE_NEED, abuse),) if abuse and blocks else ()),
        Stage(ExclusionReason.UNSAFE_VALUE, SafeValues(wording_of(agreement))),
    )
    return Rules(
        about_person=_about_person(agreement, age_floor),
        about_family=about_family,
        age_floor=age_floor,
        factors_of=factors_of,
        human_decides=None if blocks else abuse,
        guarded_age=min(ADULT_AGE, agreement.cohort.minimum_age),
        reads=_reads(agreement, about_family, reads_needs=abuse is not None),
    )


def blocking_flags(agreement: Agreement) -> int:
    """Return the mask of the flags that keep somebody off the agreement's lists."""
    return flag_mask(agreement.blocking_flags | ALWAYS_BLOCKING)


def factors_under(framework: Framework) -> tuple[tuple[str, int], ...]:
    """Return the framework's need codes, each with the mask of the factors that it stands for."""
    return tuple(sorted((code, mask_of(letters)) for code, letters in framework.factors))


def needs_rule(framework: Framework) -> NeedsAtLeast:
    """Return the framework's rule: so many of its criteria, or so many of its single needs."""
    if framework.counted == "criteria":
        groups = tuple(criterion.needs for criterion in framework.criteria)
    elif framework.counted == "needs":
        codes = sorted(frozenset().union(*(criterion.needs for criterion in framework.criteria)))
        groups = tuple(frozenset({code}) for code in codes)
    else:
        raise FrameworkInvalid(f"framework {framework.framework_id} counts neither criteria nor needs")
    if not 1 <= framework.needed <= len(groups):
        raise FrameworkInvalid(f"framework {framework.framework_id} asks for more than it lists, or for nothing")
    return NeedsAtLeast(framework.needed, groups)


def _about_person(agreement: Agreement, age_floor: AgeAtLeast) -> tuple[Stage, ...]:
    return (
        Stage(ExclusionReason.PROTECTED, Unprotected(blocking_flags(agreement))),
        Stage(ExclusionReason.INCOMPLETE_RECORD, CompleteRecord()),
        Stage(ExclusionReason.UNDER_AGE, age_floor),
    )


def _requirements(framework: Framework) -> AllOf:
    return AllOf(tuple(_MUST_EXIST[requirement] for requirement in sorted(framework.must_exist)))


def _legal_predicate(agreement: Agreement, factors_of: tuple[tuple[str, int], ...]) -> tuple[Stage, ...]:
    power = agreement.power(Direction.OUTBOUND)
    if power is None:
        raise AgreementNotInForce(f"agreement {agreement.agreement_id} names no legal power for what goes out")
    if power.factors_needed == 0:
        return ()
    criterion = FactorsAtLeast(power.factors_needed, factors_of)
    return (Stage(ExclusionReason.LEGAL_PREDICATE_NOT_MET, criterion),)


def _domestic_abuse_rule(
    agreement: Agreement, factors_of: tuple[tuple[str, int], ...]
) -> FreeOfDomesticAbuseNeed | None:
    if agreement.cohort.domestic_abuse_need is DomesticAbuseNeed.ALLOW:
        return None
    codes = frozenset(code for code, mask in factors_of if mask & BIT["e"])
    if not codes:
        # A safeguard that nothing can set off would look like one that found nothing.
        raise FrameworkInvalid(
            "the framework maps no need to factor (e), so the agreement's domestic_abuse_need cannot be obeyed"
        )
    return FreeOfDomesticAbuseNeed(codes)


def _reads(agreement: Agreement, about_family: tuple[Stage, ...], *, reads_needs: bool) -> Reads:
    asked = AllOf(tuple(stage.criterion for stage in about_family if isinstance(stage.criterion, Criterion)))
    reads = set(reads_of(asked))
    if reads_needs or any(name.startswith("need_") for name in agreement.field_names):
        reads.add(_NEED_CODE)
    if any(name.startswith("lead_professional_") for name in agreement.field_names):
        reads.add(_KIND_OF_INVOLVEMENT)
    return frozenset(reads)
