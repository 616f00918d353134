"""Agreements and frameworks for tests: in force and ordinary, each test changes the one thing it is about."""

from dataclasses import replace
from datetime import date, time
from typing import Any

from gateway.model.agreement import (
    Agreement,
    Cadence,
    CatchUp,
    CohortRule,
    Direction,
    DomesticAbuseNeed,
    EmptyList,
    Every,
    EvidenceKind,
    FieldRule,
    FileFormat,
    LawfulBasis,
    LegalPower,
    Limits,
    Mode,
    OnHoliday,
    Party,
    PartyRole,
    PowerStatus,
    Purpose,
    Retention,
    Split,
)
from gateway.model.criteria import AllOf, Criterion
from gateway.model.fields import Transform
from gateway.model.flags import ALWAYS_BLOCKING
from gateway.model.framework import Framework, FrameworkCriterion, MustExist

LIST_FIELDS = (
    "record_ref",
    "record_action",
    "surname",
    "forename",
    "date_of_birth",
    "nino",
    "postcode",
    "jcp_office",
    "lead_professional_name",
    "lead_professional_contact",
    "lead_professional_org",
)
_USUAL_TRANSFORM = {"postcode": Transform.WHEN_NINO_BLANK, "lead_professional_org": Transform.TEAM_LABEL}


def fields(*names: str, **transforms: Transform) -> tuple[FieldRule, ...]:
    """Rules of fields, each with its usual transform unless another is named."""
    chosen = _USUAL_TRANSFORM | transforms
    return tuple(FieldRule(name, "needed for the purpose", chosen.get(name, Transform.AS_IS)) for name in names)


def a_cohort_rule(**changes: Any) -> CohortRule:
    usual = CohortRule(
        framework="three_needs",
        where=AllOf(()),
        minimum_age=18,
        under_18_reason=None,
        domestic_abuse_need=DomesticAbuseNeed.ALLOW,
    )
    return replace(usual, **changes)


def a_power(factors_needed: int = 2, direction: Direction = Direction.OUTBOUND) -> LegalPower:
    return LegalPower(direction, "an Act", PowerStatus.CONFIRMED, "Legal", date(2026, 10, 1), factors_needed)


def an_agreement(
    *,
    where: Criterion | None = None,
    minimum_age: int = 18,
    domestic_abuse_need: DomesticAbuseNeed = DomesticAbuseNeed.ALLOW,
    factors_needed: int = 2,
    **changes: Any,
) -> Agreement:
    usual = Agreement(
        agreement_id="jobcentre-plus",
        version=1,
        title="Jobcentre Plus",
        programme="supporting-families",
        parties=(Party("Council", PartyRole.CONTROLLER), Party("DWP", PartyRole.RECIPIENT)),
        recipient="dwp",
        purpose=Purpose("work", "so that work coaches work with lead professionals"),
        legal_powers=(a_power(factors_needed),),
        lawful_basis=LawfulBasis(("6(1)(e)",), (), (), None),
        dpia_reference="DPIA-1",
        dpia_review_by=date(2027, 11, 1),
        privacy_notice="https://county.example/privacy",
        starts_on=date(2026, 1, 1),
        ends_on=date(2028, 1, 1),
        review_by=date(2027, 11, 1),
        review_grace_days=30,
        cohort=a_cohort_rule(
            where=where or AllOf(()), minimum_age=minimum_age, domestic_abuse_need=domestic_abuse_need
        ),
        fields=fields(*LIST_FIELDS),
        blocking_flags=ALWAYS_BLOCKING,
        mode=Mode.FULL_LIST,
        split=Split("jobcentre", "cambridge"),
        file_format=FileFormat.CSV,
        evidence=EvidenceKind.DIGEST,
        cadence=Cadence(Every.NIGHT, time(1, 30), time(7, 0), None, None, OnHoliday.RUN, CatchUp.LATEST),
        limits=Limits(most_people=1000, most_change_percent=10, ignore_change_below=5),
        empty_list=EmptyList.WITHHOLD,
        retention=Retention(35, 28, 5),
        team_labels=(("Early Help Hub", "Early Help"), ("Education Inclusion", "Education support")),
        default_team="Early Help Hub",
        default_contact="01632 960 001",
        contacts=("the county council",),
        document_hash="0" * 64,
    )
    return replace(usual, **changes)


#: Needs and what they stand for, as in the national framework: (code, letters).
FACTORS = (
    ("1.1", ("j",)),
    ("3.2", ("i",)),
    ("3.3", ("g", "i")),
    ("4.1", ("l",)),
    ("5.1", ()),
    ("7.1", ("a", "d")),
    ("8.1", ("e",)),
    ("9.1", ("h",)),
    ("10.1", ("m",)),
    ("10.2", ("f",)),
)
EVERYTHING = frozenset(MustExist)


def a_framework(
    *groups: frozenset[str], counted: str = "needs", needed: int = 3, must_exist: frozenset[MustExist] = EVERYTHING
) -> Framework:
    """A framework of three needs, each need its own, unless groups of codes are named."""
    chosen = groups or tuple(frozenset({code}) for code, _ in FACTORS)
    return Framework(
        framework_id="three_needs",
        name="Three needs",
        starts_on=date(2022, 10, 3),
        ends_on=None,
        criteria=tuple(
            FrameworkCriterion(str(number), f"Criterion {number}", codes, verify=False)
            for number, codes in enumerate(chosen)
        ),
        counted=counted,
        needed=needed,
        must_exist=must_exist,
        factors=FACTORS,
        document=b"{}",
        document_hash="0" * 64,
    )
