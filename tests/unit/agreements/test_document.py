"""Reading an agreement: what its values become, and whom its criteria name."""

from datetime import date, time
from pathlib import Path

import pytest

from gateway.agreements.criteria import needs_named_in
from gateway.agreements.document import load_agreement, parse_agreement
from gateway.documents import parse_tree, plain_of, sha256_hex
from gateway.documents.canonical import canonical_json
from gateway.model.agreement import Direction, Every, FullListEvery, Mode, OnHoliday, PowerStatus, RegisterFacts, Split
from gateway.model.criteria import (
    AgeAtLeast,
    AgeBelow,
    AllOf,
    AnyOf,
    AssessmentOfWholeFamily,
    AtLeast,
    EpisodeOpen,
    InProgramme,
    LeadProfessionalInPlace,
    LivesIn,
    NeedsAtLeast,
    Not,
    PlanInPlace,
)
from gateway.model.fields import Transform

GOOD = Path("tests/vectors/agreements/good.yaml").read_text()
WHERE = "{all: [in_programme, episode_open]}"


def loaded(*changes: tuple[str, str]):
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return load_agreement(text.encode(), "invented-agreement.yaml")


def test_values_become_what_the_gateway_obeys():
    agreement = loaded()
    assert agreement.field_names == ("record_ref", "surname", "nino", "postcode", "lead_professional_name")
    assert agreement.fields[3].transform is Transform.WHEN_NINO_BLANK
    assert (agreement.starts_on, agreement.ends_on) == (date(2026, 11, 1), date(2028, 10, 31))
    assert (agreement.cadence.every, agreement.cadence.at) == (Every.WEEKDAY, time(1, 30))
    assert agreement.cadence.on_holiday is OnHoliday.SKIP
    assert agreement.mode is Mode.FULL_LIST
    assert agreement.split == Split("jobcentre", "cambridge")
    assert agreement.team_labels == (("Early Help District Team", "Early Help"),)
    power = agreement.power(Direction.OUTBOUND)
    assert power is not None
    assert (power.status, power.confirmed_by, power.factors_needed) == (PowerStatus.TO_BE_CONFIRMED, None, 2)


def test_what_may_be_left_out_is_left_out():
    agreement = loaded(
        ("split: {by: jobcentre, fallback: cambridge}\n", ""),
        ("  - {name: lead_professional_name, necessity: Whom the recipient works with}\n", ""),
        (GOOD[GOOD.index("teams:") : GOOD.index("contacts:")], ""),
        ("  article_9: [Article 9(2)(g)]\n  article_10: [DPA 2018 section 10(5)]\n  policy_document: APD-1\n", ""),
    )
    assert agreement.split is None
    assert (agreement.team_labels, agreement.default_team, agreement.default_contact) == ((), "", "")
    assert (agreement.lawful_basis.article_9, agreement.lawful_basis.policy_document) == ((), None)


def test_differences_say_when_a_list_is_a_full_one_again():
    agreement = loaded(
        ("mode: full_list", "mode: delta\ndelta: {full_list_every: quarter}"),
        ("  - {name: surname,", "  - {name: record_action, necessity: Says what a row does}\n  - {name: surname,"),
    )
    assert (agreement.mode, agreement.full_list_every) == (Mode.DELTA, FullListEvery.QUARTER)
    assert loaded().full_list_every is None


def test_a_weekly_and_a_monthly_list_name_their_day():
    weekly = loaded(("every: weekday", "every: week, weekday: sunday")).cadence
    monthly = loaded(("every: weekday", "every: month, day_of_month: 28")).cadence
    assert (weekly.every, weekly.weekday, weekly.day_of_month) == (Every.WEEK, 6, None)
    assert (monthly.every, monthly.weekday, monthly.day_of_month) == (Every.MONTH, None, 28)


def test_a_power_that_was_confirmed_says_by_whom():
    power = loaded(
        ("status: to_be_confirmed", "status: confirmed\n    confirmed_by: Head of Legal\n    confirmed_on: 2026-10-01")
    ).legal_powers[0]
    assert (power.status, power.confirmed_by, power.confirmed_on) == (
        PowerStatus.CONFIRMED,
        "Head of Legal",
        date(2026, 10, 1),
    )


def test_young_people_may_be_covered_with_a_reason():
    cohort = loaded(("minimum_age: 18", "minimum_age: 16\n  under_18_reason: An offer to young people")).cohort
    assert (cohort.minimum_age, cohort.under_18_reason) == (16, "An offer to young people")


@pytest.mark.parametrize(
    ("yaml", "criterion"),
    [
        ("in_programme", InProgramme()),
        ("assessment_of_whole_family", AssessmentOfWholeFamily()),
        ("{any: [plan_in_place, lead_professional_in_place]}", AnyOf((PlanInPlace(), LeadProfessionalInPlace()))),
        ("{not: episode_open}", Not(EpisodeOpen())),
        ("{not: {not: episode_open}}", Not(Not(EpisodeOpen()))),
        ("{at_least: {count: 1, of: [in_programme, episode_open]}}", AtLeast(1, (InProgramme(), EpisodeOpen()))),
        ("{all: [{age_at_least: 18}, {age_below: 25}]}", AllOf((AgeAtLeast(18), AgeBelow(25)))),
        ("{lives_in: [CB1, PE29]}", LivesIn(frozenset({"CB1", "PE29"}))),
        ('{any_need_in: ["10.1", "10.3"]}', NeedsAtLeast(1, (frozenset({"10.1", "10.3"}),))),
        (
            '{needs_at_least: {count: 2, groups: [["9.1"], ["10.1", "10.2"]]}}',
            NeedsAtLeast(2, (frozenset({"9.1"}), frozenset({"10.1", "10.2"}))),
        ),
    ],
)
def test_criteria_become_a_tree(yaml, criterion):
    assert loaded((WHERE, yaml)).cohort.where == criterion


def test_a_tree_says_which_needs_it_names():
    tree = AllOf(
        (
            AnyOf((NeedsAtLeast(1, (frozenset({"1.1"}), frozenset({"2.1"}))), InProgramme())),
            Not(AtLeast(1, (NeedsAtLeast(1, (frozenset({"9.1"}),)),))),
        )
    )
    assert needs_named_in(tree) == {"1.1", "2.1", "9.1"}


def test_the_hash_is_of_the_content():
    tree, _ = parse_tree(GOOD.encode(), "f")
    assert tree is not None
    assert loaded().document_hash == sha256_hex(canonical_json(plain_of(tree)))
    same = loaded(("mode: full_list", "mode: 'full_list'   # as always"))
    other = loaded(("most_people: 6000", "most_people: 6001"))
    assert same.document_hash == loaded().document_hash != other.document_hash


def test_without_surroundings_names_are_taken_as_they_are():
    assert loaded(("recipient: invented-recipient", "recipient: somebody")).recipient == "somebody"


def test_no_partners_at_all_are_said_so():
    from gateway.agreements.document import Surroundings, parse_agreement

    _, faults = parse_agreement(GOOD.encode(), "f.yaml", Surroundings({}, frozenset(), frozenset()))
    assert [fault.sentence for fault in faults] == [
        "`recipient` must be a partner that is configured: none",
        "`cohort.framework` must be one of none",
        "`split.fallback` must be one of none",
    ]


def test_what_is_written_for_registers_is_kept_and_what_is_not_is_none():
    """An empty list says that there is none, and a missing one that nobody wrote it down."""
    assert loaded().registers == RegisterFacts()
    text = "registers: {processors: [], benefits: One plan, areas: [Cambridgeshire]}\n"
    registers = load_agreement((GOOD + text).encode(), "invented-agreement.yaml").registers
    assert registers == RegisterFacts(processors=(), benefits="One plan", areas=("Cambridgeshire",))
    faults = parse_agreement((GOOD + "registers: {benefit: One plan}\n").encode(), "invented-agreement.yaml")[1]
    assert [str(fault).rpartition(": ")[2] for fault in faults] == [
        "this key is not known in `registers`; is `benefits` meant?"
    ]
