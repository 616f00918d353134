"""What a new version changes, in words: no field of an agreement can change without a line."""

from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import date, time

import pytest

from gateway.agreements.difference import Change, Effect, differences
from gateway.model.agreement import (
    Agreement,
    CatchUp,
    ClaimantLists,
    Direction,
    DomesticAbuseNeed,
    EmptyList,
    Every,
    EvidenceKind,
    FileFormat,
    FullListEvery,
    Mode,
    Party,
    PartyRole,
    PowerStatus,
    Purpose,
    RegisterFacts,
    Split,
)
from gateway.model.criteria import AgeBelow, AllOf, AnyOf, EpisodeOpen, InProgramme, LivesIn
from gateway.model.fields import Transform
from gateway.model.flags import ALWAYS_BLOCKING, FlagKind
from tests.agreements_made import a_power, an_agreement, fields

USUAL = an_agreement(where=AllOf((InProgramme(), EpisodeOpen())))
W, N, C = Effect.WIDENS, Effect.NARROWS, Effect.CHANGES


def cohort(**changes) -> Agreement:
    return replace(USUAL, cohort=replace(USUAL.cohort, **changes))


def limits(**changes) -> Agreement:
    return replace(USUAL, limits=replace(USUAL.limits, **changes))


def cadence(**changes) -> Agreement:
    return replace(USUAL, cadence=replace(USUAL.cadence, **changes))


def retention(**changes) -> Agreement:
    return replace(USUAL, retention=replace(USUAL.retention, **changes))


def power(**changes) -> Agreement:
    return replace(USUAL, legal_powers=(replace(USUAL.legal_powers[0], **changes),))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, 14, (N, "days for the certificate of destruction: 14")),
        (14, None, (W, "days for the certificate of destruction: none is asked for any more")),
        (14, 21, (W, "days for the certificate of destruction goes from 14 to 21")),
    ],
)
def test_a_certificate_of_destruction_narrows_what_the_recipient_may_do(before, after, said):
    old, new = retention(certificate_within_days=before), retention(certificate_within_days=after)
    assert change_of(new, old) == said


def change_of(new: Agreement, old: Agreement = USUAL) -> tuple[Effect, str]:
    (change,) = differences(old, new)
    return change.effect, change.sentence


def test_the_same_agreement_has_no_difference():
    assert differences(USUAL, replace(USUAL, version=2, document_hash="1" * 64)) == ()


FEWER = replace(USUAL, fields=USUAL.fields[:-1])
COARSE = replace(USUAL, fields=fields(*USUAL.field_names, date_of_birth=Transform.YEAR))
SECTOR = replace(USUAL, fields=fields(*USUAL.field_names, postcode=Transform.SECTOR))
WHOLE = replace(USUAL, fields=fields(*USUAL.field_names, postcode=Transform.AS_IS))
REASONED = replace(USUAL, fields=(replace(USUAL.fields[0], necessity="another"), *USUAL.fields[1:]))
NO_EPISODE = cohort(where=AllOf((InProgramme(),)))


@pytest.mark.parametrize(
    ("old", "new", "effect", "words"),
    [
        (
            FEWER,
            USUAL,
            W,
            "new field lead_professional_org: their team, in general words (an agreed general label only)",
        ),
        (USUAL, FEWER, N, "field lead_professional_org is no longer sent"),
        (USUAL, COARSE, N, "field date_of_birth becomes date of birth (the year only)"),
        (COARSE, USUAL, W, "field date_of_birth becomes date of birth"),
        (USUAL, SECTOR, C, "field postcode becomes postcode of the current address (the sector only)"),
        (USUAL, WHOLE, W, "field postcode becomes postcode of the current address"),
        (USUAL, REASONED, C, "the written necessity of field record_ref"),
        (USUAL, replace(USUAL, fields=USUAL.fields[::-1]), C, "the order of the fields"),
        (USUAL, cohort(minimum_age=16), W, "age floor, in years, goes from 18 to 16"),
        (USUAL, cohort(minimum_age=21), N, "age floor, in years, goes from 18 to 21"),
        (USUAL, cohort(under_18_reason="an offer"), C, "the reason for people under 18 is another"),
        (USUAL, cohort(framework="cambs_2021"), C, "framework becomes cambs_2021"),
        (USUAL, cohort(domestic_abuse_need=DomesticAbuseNeed.BLOCK), N, "goes from allow to block"),
        (cohort(domestic_abuse_need=DomesticAbuseNeed.HUMAN), USUAL, W, "goes from human to allow"),
        (USUAL, NO_EPISODE, W, "whom it covers becomes: the family is in the programme"),
        (NO_EPISODE, USUAL, N, "whom it covers becomes: (the family is in the programme"),
        (USUAL, cohort(where=AnyOf((InProgramme(), AgeBelow(25)))), C, "whom it covers becomes"),
        (cohort(where=InProgramme()), NO_EPISODE, C, "whom it covers becomes"),
        (NO_EPISODE, cohort(where=AllOf((InProgramme(), LivesIn(frozenset({"CB1"}))))), N, "the person lives in CB1"),
        (
            replace(USUAL, blocking_flags=ALWAYS_BLOCKING | {FlagKind.CONSENT_WITHDRAWN}),
            USUAL,
            W,
            "flag consent_withdrawn are no longer kept off",
        ),
        (USUAL, replace(USUAL, blocking_flags=ALWAYS_BLOCKING | {FlagKind.LEGAL_HOLD}), N, "flag legal_hold are now"),
        (USUAL, replace(USUAL, recipient="another"), W, "the recipient becomes another"),
        (
            USUAL,
            replace(USUAL, parties=(*USUAL.parties, Party("A", PartyRole.RECIPIENT))),
            W,
            "new party: A, recipient",
        ),
        (USUAL, replace(USUAL, parties=USUAL.parties[:1]), N, "no longer a party: DWP, recipient"),
        (USUAL, power(citation="another Act"), C, "outbound legal power becomes another Act"),
        (USUAL, power(status=PowerStatus.TO_BE_CONFIRMED), C, "outbound legal power: status becomes to_be_confirmed"),
        (USUAL, power(confirmed_by="somebody"), C, "who confirmed it is another"),
        (USUAL, power(confirmed_on=date(2026, 10, 2)), C, "when it was confirmed is another"),
        (USUAL, power(factors_needed=0), W, "factors needed in each row goes from 2 to 0"),
        (USUAL, power(factors_needed=3), N, "factors needed in each row goes from 2 to 3"),
        (USUAL, replace(USUAL, legal_powers=()), C, "outbound legal power becomes none"),
        (
            USUAL,
            replace(USUAL, legal_powers=(*USUAL.legal_powers, a_power(direction=Direction.INBOUND))),
            C,
            "inbound legal power becomes an Act",
        ),
        (USUAL, replace(USUAL, ends_on=date(2029, 1, 1)), W, "last day of the term goes from 2028-01-01 to 2029-01-01"),
        (USUAL, replace(USUAL, starts_on=date(2026, 6, 1)), N, "first day of the term"),
        (USUAL, replace(USUAL, review_by=date(2027, 12, 1)), W, "review day"),
        (USUAL, replace(USUAL, review_grace_days=0), N, "days of grace for the review goes from 30 to 0"),
        (cadence(every=Every.WEEK, weekday=1), USUAL, W, "when it is sent becomes: every day at 01:30"),
        (USUAL, cadence(every=Every.WEEK, weekday=1), N, "every Tuesday at 01:30"),
        (USUAL, cadence(every=Every.MONTH, day_of_month=3), N, "on day 3 of each month"),
        (USUAL, cadence(at=time(2, 0)), C, "every day at 02:00"),
        (USUAL, cadence(catch_up=CatchUp.ALL), C, "missed lists: all"),
        (USUAL, limits(most_people=2000), W, "most people on a list goes from 1000 to 2000"),
        (USUAL, limits(most_change_percent=5), N, "in per cent, goes from 10 to 5"),
        (USUAL, limits(ignore_change_below=9), W, "change in people that is ignored goes from 5 to 9"),
        (USUAL, replace(USUAL, empty_list=EmptyList.SEND), C, "what happens to an empty list becomes send"),
        (USUAL, retention(their_copy_days=56), W, "days the recipient may keep a list goes from 28 to 56"),
        (USUAL, retention(our_copy_days=10), N, "days we keep our sealed copy goes from 35 to 10"),
        (USUAL, retention(receipt_within_working_days=9), W, "working days for the receipt goes from 5 to 9"),
        (
            USUAL,
            replace(USUAL, team_labels=(*USUAL.team_labels, ("T", "x"))),
            W,
            "1 more teams are named by a label: T",
        ),
        (USUAL, replace(USUAL, team_labels=USUAL.team_labels[:1]), N, "no longer named: Education Inclusion"),
        (USUAL, replace(USUAL, team_labels=(("Early Help Hub", "x"), USUAL.team_labels[1])), C, "the label of Early"),
        (USUAL, replace(USUAL, default_team="Hub"), C, "the label of all other teams becomes Hub"),
        (USUAL, replace(USUAL, default_contact="x"), C, "the contact where none may be named is another"),
        (USUAL, replace(USUAL, mode=Mode.DELTA), N, "what a list contains goes from full_list to delta"),
        (
            USUAL,
            replace(USUAL, full_list_every=FullListEvery.WEEK),
            C,
            "a full list again becomes the first in each week",
        ),
        (USUAL, replace(USUAL, split=None), C, "how the list is split becomes one list"),
        (USUAL, replace(USUAL, split=Split("jobcentre", "ely")), C, "by jobcentre, everybody else in ely"),
        (USUAL, replace(USUAL, file_format=FileFormat.CSV_EXCEL), C, "file format becomes csv-excel"),
        (USUAL, replace(USUAL, evidence=EvidenceKind.VALUES), C, "evidence kept becomes values"),
        (USUAL, replace(USUAL, agreement_id="another"), C, "agreement becomes another"),
        (USUAL, replace(USUAL, purpose=Purpose("work", "for more")), C, "purpose is another"),
    ],
)
def test_each_change_is_told_with_its_effect(old, new, effect, words):
    found, sentence = change_of(new, old)
    assert words in sentence
    assert found is effect


def test_a_lone_criterion_and_a_list_of_one_are_the_same_condition():
    assert change_of(cohort(where=InProgramme()), NO_EPISODE)[0] is Effect.CHANGES


def test_what_widens_comes_first():
    new = replace(USUAL, title="x", fields=(*USUAL.fields[:-1], *fields("need_housing")))
    assert [change.effect for change in differences(USUAL, new)] == [W, N, C]


OTHER = {
    "agreement_id": "x",
    "title": "x",
    "programme": "x",
    "parties": (),
    "recipient": "x",
    "purpose": Purpose("x", "x"),
    "legal_powers": (),
    "lawful_basis": replace(USUAL.lawful_basis, article_6=("x",)),
    "dpia_reference": "x",
    "dpia_review_by": date(2030, 1, 1),
    "privacy_notice": "x",
    "starts_on": date(2030, 1, 1),
    "ends_on": date(2030, 1, 1),
    "review_by": date(2030, 1, 1),
    "review_grace_days": 9,
    "cohort": replace(USUAL.cohort, minimum_age=60),
    "fields": (),
    "blocking_flags": frozenset(),
    "mode": Mode.DELTA,
    "split": None,
    "file_format": FileFormat.CSV_EXCEL,
    "evidence": EvidenceKind.VALUES,
    "cadence": replace(USUAL.cadence, at=time(3, 0)),
    "limits": replace(USUAL.limits, most_people=1),
    "empty_list": EmptyList.SEND,
    "retention": replace(USUAL.retention, our_copy_days=1),
    "team_labels": (),
    "default_team": "x",
    "default_contact": "x",
    "contacts": (),
    "registers": RegisterFacts(benefits="x"),
    "full_list_every": FullListEvery.MONTH,
    "claimant_lists": ClaimantLists.PLAIN,
}


def test_lists_that_come_in_as_they_are_protect_people_less_than_sealed_ones():
    sealed, plain = (replace(USUAL, claimant_lists=each) for each in (ClaimantLists.SEALED, ClaimantLists.PLAIN))
    words = "how the recipient's own lists come in goes from sealed to plain"
    assert differences(sealed, plain) == (Change(Effect.WIDENS, words),)
    assert differences(plain, sealed)[0].effect is Effect.NARROWS
    assert differences(sealed, USUAL) == ()


@pytest.mark.parametrize("name", [field.name for field in fields_of(Agreement)])
def test_nothing_in_an_agreement_changes_in_silence(name):
    """The version and the hash are how the two are called, not what they say."""
    if name in {"version", "document_hash"}:
        return
    assert differences(USUAL, replace(USUAL, **{name: OTHER[name]}))
