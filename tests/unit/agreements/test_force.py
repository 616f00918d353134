"""Law L6: an agreement that is not in force lets nothing out, and says every reason with its way out."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from gateway.agreements.approval import Approval
from gateway.agreements.approvers import ApproverRole
from gateway.agreements.force import (
    agreement_switch,
    cautions,
    partner_switch,
    reasons_not_to_run,
    refuse_for,
)
from gateway.errors import AgreementNotInForce, AgreementUnapproved
from gateway.model.agreement import Direction, LegalPower, Mode, PowerStatus
from tests.agreements_made import a_framework, a_power, an_agreement

TODAY = date(2026, 11, 22)
BOTH = (
    Approval("rowan.ashby", ApproverRole.APPROVER, "SHA256:a"),
    Approval("sam.okoro", ApproverRole.IG_OFFICER, "SHA256:b"),
)
UNCONFIRMED = LegalPower(Direction.OUTBOUND, "an Act", PowerStatus.TO_BE_CONFIRMED, None, None, 2)


def codes(agreement=None, **changes) -> list[str]:
    asked = {"approvals": BOTH, "stopped": frozenset(), "today": TODAY, "environment": "production"} | changes
    found = reasons_not_to_run(agreement or an_agreement(), **asked)
    assert all(reason.sentence and reason.way_out for reason in found)
    return [reason.code for reason in found]


def test_an_approved_agreement_in_its_term_may_run():
    assert codes() == []


def test_the_first_and_the_last_day_of_the_term_belong_to_it():
    agreement = an_agreement(starts_on=TODAY, ends_on=TODAY)
    assert codes(agreement) == []
    assert codes(agreement, today=TODAY - timedelta(days=1)) == ["before-term"]
    assert codes(agreement, today=TODAY + timedelta(days=1)) == ["after-term"]


def test_a_review_may_be_late_by_its_grace_and_no_more():
    agreement = an_agreement(review_by=TODAY - timedelta(days=30), review_grace_days=30)
    assert codes(agreement) == []
    assert codes(agreement, today=TODAY + timedelta(days=1)) == ["review-overdue"]


def test_an_impact_assessment_has_no_grace():
    agreement = an_agreement(dpia_review_by=TODAY)
    assert codes(agreement) == []
    assert codes(agreement, today=TODAY + timedelta(days=1)) == ["dpia-overdue"]


def test_production_takes_a_confirmed_power_and_a_synthetic_database_says_that_it_would():
    agreement = an_agreement(legal_powers=(UNCONFIRMED,))
    assert codes(agreement) == ["power-unconfirmed"]
    assert codes(agreement, environment="synthetic") == []
    warned = cautions(agreement, a_framework(), today=TODAY, environment="synthetic")
    assert [caution.code for caution in warned] == ["power-unconfirmed"]
    assert "production would refuse" in warned[0].sentence


def test_a_power_to_receive_lets_nothing_out():
    agreement = an_agreement(legal_powers=(a_power(direction=Direction.INBOUND),))
    assert codes(agreement) == codes(agreement, environment="synthetic") == ["power-missing"]
    assert cautions(agreement, a_framework(), today=TODAY, environment="synthetic") == ()


@pytest.mark.parametrize("approvals", [(), BOTH[:1], BOTH[1:], (BOTH[0], replace(BOTH[0], fingerprint="SHA256:c"))])
def test_fewer_than_two_people_in_two_roles_are_not_enough(approvals):
    assert codes(approvals=approvals) == ["unapproved"]


def test_switches_stop_everything_one_agreement_or_one_partner():
    agreement = an_agreement()
    assert codes(stopped={"all"}) == ["stopped"]
    assert codes(stopped={agreement_switch(agreement.agreement_id)}) == ["suspended"]
    assert codes(stopped={partner_switch(agreement.recipient)}) == ["partner-disabled"]
    assert codes(stopped={agreement_switch("another"), partner_switch("another")}) == []


def test_an_agreement_in_differences_may_run():
    assert codes(an_agreement(mode=Mode.DELTA)) == []


def test_an_agreement_that_answers_lists_needs_a_power_for_what_comes_in_too():
    both = a_power(), a_power(direction=Direction.INBOUND)
    assert codes(an_agreement(mode=Mode.MATCH_FIRST, legal_powers=both[:1])) == ["power-missing"]
    assert codes(an_agreement(mode=Mode.MATCH_FIRST, legal_powers=both)) == []
    doubtful = an_agreement(mode=Mode.MATCH_FIRST, legal_powers=(both[0], replace(both[1], status=UNCONFIRMED.status)))
    assert codes(doubtful) == ["power-unconfirmed"]
    (warned,) = cautions(doubtful, a_framework(), today=TODAY, environment="synthetic")
    assert warned.sentence == "the inbound legal power is to be confirmed; production would refuse"


def test_every_reason_is_given_at_once():
    agreement = an_agreement(
        ends_on=date(2026, 2, 1), review_by=date(2026, 1, 2), dpia_review_by=date(2026, 1, 2), legal_powers=()
    )
    assert codes(agreement, approvals=(), stopped={"all"}) == [
        "stopped",
        "after-term",
        "review-overdue",
        "dpia-overdue",
        "power-missing",
        "unapproved",
    ]


def test_a_refusal_carries_every_reason_and_the_first_way_out():
    lacking = reasons_not_to_run(
        an_agreement(), approvals=(), stopped=frozenset(), today=TODAY, environment="production"
    )
    with pytest.raises(AgreementUnapproved, match="0 of 2 approvals"):
        refuse_for("jobcentre-plus", lacking)
    ended = reasons_not_to_run(
        an_agreement(ends_on=date(2026, 2, 1)), approvals=(), stopped=(), today=TODAY, environment="production"
    )
    with pytest.raises(AgreementNotInForce, match="the term ended on 2026-02-01; 0 of 2 approvals") as refused:
        refuse_for("jobcentre-plus", ended)
    assert "new version" in refused.value.advice()
    refuse_for("jobcentre-plus", ())


def test_what_comes_soon_is_said_thirty_days_before():
    agreement = an_agreement(
        ends_on=TODAY + timedelta(days=31), review_by=TODAY + timedelta(days=30), dpia_review_by=TODAY
    )
    found = cautions(agreement, a_framework(), today=TODAY, environment="production")
    assert [caution.code for caution in found] == ["review-due", "dpia-due"]


def test_an_ended_or_unverified_framework_is_said():
    framework = a_framework()
    ended = replace(framework, ends_on=TODAY - timedelta(days=1))
    unsure = replace(framework, criteria=(replace(framework.criteria[0], verify=True), *framework.criteria[1:]))
    for changed, code in ((ended, "framework-ended"), (unsure, "framework-unverified")):
        found = cautions(an_agreement(), changed, today=TODAY, environment="production")
        assert [caution.code for caution in found] == [code]
    assert cautions(an_agreement(), replace(framework, ends_on=TODAY), today=TODAY, environment="production") == ()
