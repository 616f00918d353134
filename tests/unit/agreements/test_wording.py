"""The words for criteria, fields and cadences, and the page that is made of them."""

from dataclasses import replace
from datetime import date

import pytest

from gateway.agreements.force import Reason
from gateway.agreements.page import page_of
from gateway.agreements.wording import cadence_in_words, criterion_in_words, field_in_words
from gateway.model.agreement import ClaimantLists, Every, EvidenceKind, Mode, OnHoliday, PowerStatus
from gateway.model.criteria import (
    AgeAtLeast,
    AgeBelow,
    AllOf,
    AnyOf,
    AssessmentOfWholeFamily,
    AtLeast,
    EpisodeOpen,
    FactorsAtLeast,
    InProgramme,
    LeadProfessionalInPlace,
    LivesIn,
    NeedsAtLeast,
    Not,
    PlanInPlace,
)
from gateway.model.fields import FIELDS
from tests.agreements_made import a_framework, an_agreement


@pytest.mark.parametrize(
    ("criterion", "words"),
    [
        (InProgramme(), "the family is in the programme and the person a member of it"),
        (AssessmentOfWholeFamily(), "the family has an assessment of all its members"),
        (AllOf((PlanInPlace(),)), "the family has a plan in place"),
        (AllOf(()), "everybody"),
        (AnyOf(()), "nobody"),
        (AllOf((AgeAtLeast(18), AgeBelow(25))), "(the person is 18 or older and the person is younger than 25)"),
        (
            AnyOf((AgeAtLeast(18), Not(EpisodeOpen()))),
            "(the person is 18 or older or not (somebody in the family has an ",
        ),
        (AtLeast(1, (PlanInPlace(), LeadProfessionalInPlace())), "at least 1 of (the family has a plan in place; the "),
        (LivesIn(frozenset({"PE13", "CB1"})), "the person lives in CB1, PE13"),
        (NeedsAtLeast(1, (frozenset({"10.1", "9.2"}),)), "the family has a current need among 9.2, 10.1"),
        (NeedsAtLeast(2, (frozenset({"1.1"}), frozenset({"2.1"}))), "in at least 2 of these groups: 1.1; 2.1"),
        (FactorsAtLeast(2, ()), "show at least 2 of the thirteen factors"),
    ],
)
def test_every_criterion_has_words(criterion, words):
    assert words in criterion_in_words(criterion)


def test_every_field_and_transform_has_words():
    for field in FIELDS.values():
        for transform in field.transforms:
            assert field_in_words(field.name, transform).startswith(field.meaning)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"every": Every.NIGHT}, "every day at 01:30, delivered by 07:00, also on bank holidays"),
        (
            {"every": Every.WEEKDAY, "on_holiday": OnHoliday.SKIP},
            "Monday to Friday at 01:30, delivered by 07:00, not on",
        ),
        (
            {"every": Every.WEEK, "weekday": 6, "on_holiday": OnHoliday.MOVE},
            "every Sunday at 01:30, delivered by 07:00, mov",
        ),
        ({"every": Every.MONTH, "day_of_month": 3}, "on day 3 of each month at 01:30"),
    ],
)
def test_every_cadence_has_words(changes, words):
    assert words in cadence_in_words(replace(an_agreement().cadence, **changes))


def test_the_page_says_everything_that_an_officer_answers_for():
    agreement = an_agreement(where=InProgramme())
    page = page_of(agreement, a_framework(), reasons=(), cautions=())
    for line in (
        "Jobcentre Plus",
        "jobcentre-plus, version 1, document 0000000000000000",
        "  controller: Council",
        "  lists go to: dwp",
        "    confirmed by Legal on 2026-10-01",
        "    each row must show 2 of the thirteen factors",
        "    at least 3 needs; and in place: assessment, lead professional, plan",
        "  aged 18 or over",
        "  postcode: postcode of the current address (only where the National Insurance number is blank)",
        "    because: needed for the purpose",
        "  full_list, csv, one part for each jobcentre, everybody else in cambridge",
        "  evidence: which fields were sent and a keyed digest of the line",
        "  nothing: a list may leave today",
    ):
        assert line in page.splitlines()


def test_the_page_says_where_only_people_on_the_recipients_own_list_are_sent():
    agreement = an_agreement(split=None, mode=Mode.MATCH_FIRST, claimant_lists=ClaimantLists.SEALED)
    page = page_of(agreement, a_framework(), reasons=(), cautions=())
    assert "  the recipient's own list comes in first, sealed; nobody else is sent" in page.splitlines()


def test_the_page_says_what_stands_in_the_way_and_how_to_mend_it():
    usual = an_agreement(factors_needed=0)
    agreement = replace(
        usual,
        legal_powers=(replace(usual.legal_powers[0], status=PowerStatus.TO_BE_CONFIRMED),),
        lawful_basis=replace(usual.lawful_basis, article_9=("9(2)(g)",), policy_document="APD-1"),
        cohort=replace(usual.cohort, minimum_age=16, under_18_reason="an offer for young people"),
        split=None,
        evidence=EvidenceKind.VALUES,
        review_by=date(2027, 1, 1),
    )
    reasons = (Reason("a", "the term ended", "Renew it"), Reason("b", "1 of 2 approvals", "Sign it"))
    framework = a_framework(must_exist=frozenset())
    lines = page_of(agreement, framework, reasons=reasons, cautions=reasons[:1]).splitlines()
    for line in (
        "    to be confirmed by Legal",
        "  9(2)(g)",
        "  Appropriate Policy Document: APD-1",
        "    at least 3 needs; nothing else need be in place",
        "  aged 16 or over: an offer for young people",
        "  full_list, csv, one list",
        "  evidence: the line that was sent, readable until the person is forgotten",
        "  1. the term ended",
        "     Renew it",
        "  2. 1 of 2 approvals",
    ):
        assert line in lines
    assert not any("thirteen factors" in line for line in lines)


def test_the_page_says_by_when_a_destruction_is_certified_where_that_is_agreed():
    words = "  a signed certificate of destruction within 14 days after that day"
    agreement = an_agreement()
    agreed = replace(agreement, retention=replace(agreement.retention, certificate_within_days=14))
    assert words in page_of(agreed, a_framework(), reasons=(), cautions=())
    assert "certificate" not in page_of(agreement, a_framework(), reasons=(), cautions=())
