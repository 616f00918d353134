"""What an agreement and its framework ask for, and what cannot be asked."""

from dataclasses import replace

import pytest

from gateway.errors import AgreementNotInForce, FrameworkInvalid
from gateway.model.agreement import Direction, DomesticAbuseNeed
from gateway.model.criteria import (
    AllOf,
    EpisodeOpen,
    FactorsAtLeast,
    InProgramme,
    LeadProfessionalInPlace,
    NeedsAtLeast,
)
from gateway.model.flags import ALWAYS_BLOCKING, FlagKind, flag_mask
from gateway.model.framework import MustExist
from gateway.model.records import Feed
from gateway.model.selection import ExclusionReason
from gateway.selection.rules import Unprotected, needs_rule, rules_of
from tests.agreements_made import a_framework, a_power, an_agreement, fields

NEED_CODE = (Feed.NEEDS, "code")
INVOLVEMENT_KIND = (Feed.INVOLVEMENTS, "kind")


def reasons(rules):
    return [stage.reason for stage in (*rules.about_person, *rules.about_family)]


def test_the_stages_stand_in_the_order_of_the_reasons():
    agreement = an_agreement(domestic_abuse_need=DomesticAbuseNeed.BLOCK)
    assert reasons(rules_of(agreement, a_framework())) == list(ExclusionReason)


def test_a_stage_that_the_agreement_does_not_ask_for_is_not_there():
    rules = rules_of(an_agreement(factors_needed=0, domestic_abuse_need=DomesticAbuseNeed.ALLOW), a_framework())
    absent = {ExclusionReason.LEGAL_PREDICATE_NOT_MET, ExclusionReason.DOMESTIC_ABUSE_NEED}
    assert set(ExclusionReason) - set(reasons(rules)) == absent


def test_L3_flags_that_may_never_be_left_out_block_whatever_the_document_says():
    """Law L3: suppression does not rest on the agreement's text."""
    rules = rules_of(an_agreement(blocking_flags=frozenset({FlagKind.LEGAL_HOLD})), a_framework())
    assert rules.about_person[0].criterion == Unprotected(flag_mask(ALWAYS_BLOCKING | {FlagKind.LEGAL_HOLD}))


def test_the_cohort_is_the_programme_and_what_the_agreement_adds():
    rules = rules_of(an_agreement(where=EpisodeOpen()), a_framework())
    assert rules.about_family[0].criterion == AllOf((InProgramme(), EpisodeOpen()))


def test_single_needs_are_counted_once_though_two_criteria_name_them():
    framework = a_framework(frozenset({"1.1", "9.1"}), frozenset({"9.1", "3.2"}), counted="needs", needed=3)
    assert needs_rule(framework) == NeedsAtLeast(3, (frozenset({"1.1"}), frozenset({"3.2"}), frozenset({"9.1"})))


def test_criteria_are_counted_as_the_framework_names_them():
    groups = (frozenset({"1.1", "9.1"}), frozenset({"9.1", "3.2"}))
    assert needs_rule(a_framework(*groups, counted="criteria", needed=2)) == NeedsAtLeast(2, groups)


@pytest.mark.parametrize("changes", [{"counted": "families"}, {"needed": 0}, {"needed": 11}])
def test_a_framework_that_cannot_be_judged_is_refused(changes):
    with pytest.raises(FrameworkInvalid):
        needs_rule(replace(a_framework(), **changes))


def test_nothing_goes_out_under_a_power_that_only_lets_data_in():
    inbound = a_power(direction=Direction.INBOUND)
    with pytest.raises(AgreementNotInForce):
        rules_of(an_agreement(legal_powers=(inbound,)), a_framework())


@pytest.mark.parametrize("rule", [DomesticAbuseNeed.BLOCK, DomesticAbuseNeed.HUMAN])
def test_a_domestic_abuse_rule_that_no_need_could_set_off_is_refused(rule):
    framework = replace(a_framework(), factors=(("9.1", ("h",)),))
    with pytest.raises(FrameworkInvalid, match=r"factor \(e\)"):
        rules_of(an_agreement(domestic_abuse_need=rule), framework)


def test_where_a_person_decides_the_rule_is_kept_for_the_guard():
    rules = {rule: rules_of(an_agreement(domestic_abuse_need=rule), a_framework()) for rule in DomesticAbuseNeed}
    assert rules[DomesticAbuseNeed.HUMAN].human_decides.codes == {"8.1"}
    assert rules[DomesticAbuseNeed.BLOCK].human_decides is None
    assert rules[DomesticAbuseNeed.ALLOW].human_decides is None


@pytest.mark.parametrize(("floor", "guarded"), [(16, 16), (18, 18), (25, 18)])
def test_the_guard_looks_for_minors_or_for_the_agreed_age_below(floor, guarded):
    assert rules_of(an_agreement(minimum_age=floor), a_framework()).guarded_age == guarded


def test_codes_matter_where_a_criterion_or_a_disclosed_field_reads_them():
    plain = a_framework(must_exist=frozenset({MustExist.PLAN}))
    names_only = fields("record_ref", "surname")
    with_lead = fields("record_ref", "lead_professional_name")
    must_lead = a_framework(must_exist=frozenset({MustExist.LEAD_PROFESSIONAL}))
    assert rules_of(an_agreement(fields=names_only), plain).reads == {NEED_CODE}
    assert rules_of(an_agreement(fields=with_lead), plain).reads == {NEED_CODE, INVOLVEMENT_KIND}
    assert rules_of(an_agreement(fields=names_only), must_lead).reads == {NEED_CODE, INVOLVEMENT_KIND}
    assert rules_of(an_agreement(fields=names_only, where=LeadProfessionalInPlace()), plain).reads == {
        NEED_CODE,
        INVOLVEMENT_KIND,
    }


def test_the_factors_are_those_of_the_framework():
    rules = rules_of(an_agreement(), a_framework())
    predicate = next(stage.criterion for stage in rules.about_family if isinstance(stage.criterion, FactorsAtLeast))
    assert predicate.factors_of == rules.factors_of
    assert dict(rules.factors_of)["7.1"] == 0b1001
