"""What makes a whole list wait for a person."""

from dataclasses import replace

import pytest

from gateway.model.agreement import DomesticAbuseNeed, EmptyList
from gateway.model.records import Feed
from gateway.model.selection import ExclusionReason, Withheld, WithheldReason
from gateway.selection.funnel import Funnel
from gateway.selection.guard import Surroundings, reasons_about_differences, reasons_to_withhold
from gateway.selection.rules import rules_of
from tests.agreements_made import a_framework, an_agreement

ORDINARY = Surroundings(last_people=100, unmapped=frozenset(), flags_reaching_nobody=0, flags_allowed=0)


def a_funnel(included=100, minors=0, human_decides=0):
    return Funnel(included, ((ExclusionReason.PROTECTED, 5),), minors, human_decides)


def reasons(funnel, around=ORDINARY, **changes):
    agreement = an_agreement(**changes)
    found = reasons_to_withhold(funnel, agreement, rules_of(agreement, a_framework()), around)
    return found.reasons if found else ()


def test_a_list_like_the_last_one_may_go():
    assert reasons(a_funnel()) == ()


@pytest.mark.parametrize(
    ("policy", "found"),
    [(EmptyList.WITHHOLD, (WithheldReason.EMPTY,)), (EmptyList.SEND, ()), (EmptyList.SKIP, ())],
)
def test_an_empty_list_waits_where_the_agreement_says_so(policy, found):
    around = replace(ORDINARY, last_people=None)
    assert reasons(a_funnel(included=0), around, empty_list=policy) == found


@pytest.mark.parametrize(("people", "found"), [(1000, ()), (1001, (WithheldReason.TOO_MANY,))])
def test_a_list_has_a_largest_size(people, found):
    assert reasons(a_funnel(people), replace(ORDINARY, last_people=people)) == found


@pytest.mark.parametrize(
    ("last", "now", "waits"),
    [
        (None, 500, False),
        (100, 110, False),
        (100, 111, True),
        (100, 90, False),
        (100, 89, True),
        # Six of ten is a large part of a small office, and more than is ignored; five is not.
        (10, 15, False),
        (10, 16, True),
        (0, 5, False),
        (0, 6, True),
    ],
)
def test_a_change_counts_when_it_is_larger_than_both_limits(last, now, waits):
    found = reasons(a_funnel(now), replace(ORDINARY, last_people=last))
    assert found == ((WithheldReason.CHANGED_TOO_MUCH,) if waits else ())


def test_a_single_minor_holds_the_list():
    assert reasons(a_funnel(minors=1)) == (WithheldReason.MINOR_SELECTED,)


@pytest.mark.parametrize(("column", "waits"), [((Feed.NEEDS, "code"), True), ((Feed.PERSONS, "gender"), False)])
def test_an_unmapped_code_holds_only_lists_whose_decision_reads_its_column(column, waits):
    found = reasons(a_funnel(), replace(ORDINARY, unmapped=frozenset({column})))
    assert found == ((WithheldReason.UNMAPPED_CODE,) if waits else ())


@pytest.mark.parametrize("rule", DomesticAbuseNeed)
def test_an_included_person_with_a_domestic_abuse_need_waits_where_a_person_decides(rule):
    found = reasons(a_funnel(human_decides=1), domestic_abuse_need=rule)
    assert found == ((WithheldReason.DOMESTIC_ABUSE_NEED,) if rule is DomesticAbuseNeed.HUMAN else ())


@pytest.mark.parametrize(("nobody", "allowed", "waits"), [(1, 0, True), (2, 2, False), (3, 2, True)])
def test_flags_that_reach_nobody_hold_every_list_beyond_the_agreed_number(nobody, allowed, waits):
    around = replace(ORDINARY, flags_reaching_nobody=nobody, flags_allowed=allowed)
    assert reasons(a_funnel(), around) == ((WithheldReason.FLAGS_REACH_NOBODY,) if waits else ())


def test_every_reason_that_applies_is_given_with_the_counts():
    around = Surroundings(2000, frozenset({(Feed.NEEDS, "code")}), flags_reaching_nobody=1, flags_allowed=0)
    agreement = an_agreement(domestic_abuse_need=DomesticAbuseNeed.HUMAN)
    found = reasons_to_withhold(
        a_funnel(1001, minors=1, human_decides=1), agreement, rules_of(agreement, a_framework()), around
    )
    assert found == Withheld(tuple(WithheldReason)[1:], 1001, 2000)


@pytest.mark.parametrize(
    ("rows", "before", "found"),
    [
        (10, 100, ()),
        (11, 100, (WithheldReason.CHANGED_TOO_MUCH,)),
        (5, 10, ()),
        (6, 10, (WithheldReason.CHANGED_TOO_MUCH,)),
        (500, None, ()),
    ],
)
def test_as_many_joiners_as_leavers_are_a_change_all_the_same(rows, before, found):
    assert reasons_about_differences(rows, before, an_agreement()) == found


@pytest.mark.parametrize(
    ("policy", "found"),
    [(EmptyList.WITHHOLD, (WithheldReason.EMPTY,)), (EmptyList.SEND, ()), (EmptyList.SKIP, ())],
)
def test_no_difference_is_an_empty_list(policy, found):
    assert reasons_about_differences(0, 100, an_agreement(empty_list=policy)) == found
