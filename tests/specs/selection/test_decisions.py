"""Who is disclosed and who is not, as tables that an officer can read.

Each table names families and people and what is said of them; everything not said is ordinary: an adult, in a
family that is in the programme and has an assessment, a plan, a lead professional and the needs that are asked for.
Both databases and the reference must say what the last column says.
"""

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from gateway.model.agreement import DomesticAbuseNeed
from gateway.model.criteria import AgeBelow, AllOf, AnyOf, AtLeast, EpisodeOpen, LivesIn, NeedsAtLeast, Not
from gateway.model.flags import FLAG_BIT, FlagKind
from gateway.selection.evaluate import judge
from gateway.selection.rules import rules_of
from gateway.store.people import people_in
from tests.agreements_made import a_framework, an_agreement, fields
from tests.interpreters import answer_of, answers_of_database
from tests.snapshot_builder import DAY, SNAPSHOT, Snapshot, put_hold

YESTERDAY, TOMORROW = DAY - timedelta(days=1), DAY + timedelta(days=1)


def table(text: str) -> list[dict[str, str]]:
    """The rows of a table drawn with `|`, by their headings."""
    lines = [line for line in text.strip().splitlines() if "--" not in line]
    headings, *rows = ([cell.strip() for cell in line.split("|")] for line in lines)
    return [dict(zip(headings, row, strict=True)) for row in rows]


def day(text: str) -> date | None:
    """`today`, `yesterday`, `tomorrow`, a date, or nothing."""
    named = {"today": DAY, "yesterday": YESTERDAY, "tomorrow": TOMORROW, "-": None}
    return named[text] if text in named else date.fromisoformat(text)


def decisions(connection: Connection, snapshot: Snapshot, agreement=None, framework=None) -> dict[int, str]:
    """What both interpreters say of everybody, which must be the same."""
    agreement, framework = agreement or an_agreement(), framework or a_framework()
    snapshot.write(connection)
    by_database = answers_of_database(connection, agreement, framework, snapshot_id=SNAPSHOT, day=DAY)
    rules = rules_of(agreement, framework)
    by_reference = {each.person_key: answer_of(judge(each, rules, DAY)) for each in people_in(connection, SNAPSHOT)}
    assert by_database == by_reference
    return {person: reason or "included" for person, (reason, _, _) in by_database.items()}


def expected(rows: list[dict[str, str]]) -> dict[int, str]:
    return {int(row["person"]): row["decision"] for row in rows}


def test_the_strongest_reason_is_given_when_several_apply(connection):
    rows = table("""
        person | flag    | refused line | born       | in a family | decision
        -------+---------+--------------+------------+-------------+------------------
        1      | no      | no           | 1990-01-01 | yes         | included
        2      | yes     | yes          | 2015-01-01 | no          | protected
        3      | no      | yes          | 2015-01-01 | no          | incomplete_record
        4      | no      | no           | 2015-01-01 | no          | under_age
        5      | no      | no           | 1990-01-01 | no          | not_in_cohort
    """)
    snapshot = Snapshot()
    for row in rows:
        flags = FLAG_BIT[FlagKind.MARAC_OR_REFUGE] if row["flag"] == "yes" else 0
        incomplete = row["refused line"] == "yes"
        snapshot.person(int(row["person"]), flags=flags, incomplete=incomplete, date_of_birth=day(row["born"]))
    snapshot.family(1, members=tuple(int(row["person"]) for row in rows if row["in a family"] == "yes"))
    assert decisions(connection, snapshot) == expected(rows)


@pytest.mark.parametrize("kind", FlagKind)
def test_L3_every_kind_of_flag_blocks_unless_the_law_lets_an_agreement_leave_it_out(connection, kind):
    """Law L3: an agreement that names no flags still blocks all but withdrawn consent and a legal hold."""
    snapshot = Snapshot()
    snapshot.family(1, members=(snapshot.person(1, flags=FLAG_BIT[kind]),))
    agreement = an_agreement(blocking_flags=frozenset())
    optional = kind in {FlagKind.CONSENT_WITHDRAWN, FlagKind.LEGAL_HOLD}
    assert decisions(connection, snapshot, agreement) == {1: "included" if optional else "protected"}


@pytest.mark.parametrize("kind", [FlagKind.CONSENT_WITHDRAWN, FlagKind.LEGAL_HOLD])
def test_a_flag_that_an_agreement_names_blocks(connection, kind):
    snapshot = Snapshot()
    snapshot.family(1, members=(snapshot.person(1, flags=FLAG_BIT[kind]),))
    assert decisions(connection, snapshot, an_agreement(blocking_flags=frozenset({kind}))) == {1: "protected"}


def test_the_dead_and_the_held_are_protected(connection):
    rows = table("""
        person | died      | hold placed          | hold lifted          | decision
        -------+-----------+----------------------+----------------------+----------
        1      | -         | -                    | -                    | included
        2      | yesterday | -                    | -                    | protected
        3      | -         | 2026-11-01T09:00:00Z | -                    | protected
        4      | -         | 2026-11-01T09:00:00Z | 2026-11-02T09:00:00Z | included
        5      | tomorrow  | -                    | -                    | protected
    """)
    snapshot = Snapshot()
    snapshot.family(1, members=tuple(snapshot.person(int(row["person"]), deceased_on=day(row["died"])) for row in rows))
    for row in rows:
        if row["hold placed"] != "-":
            lifted = None if row["hold lifted"] == "-" else row["hold lifted"]
            put_hold(connection, int(row["person"]), row["hold placed"], lifted)
    assert decisions(connection, snapshot) == expected(rows)


def test_a_refused_line_about_a_family_touches_everybody_who_was_ever_in_it(connection):
    snapshot = Snapshot()
    for person in (1, 2, 3):
        snapshot.person(person)
    snapshot.family(1, members=(1, 2, 3))
    snapshot.family(2, incomplete=True)
    snapshot.membership(1, 2, date(2020, 1, 1), date(2021, 1, 1))
    snapshot.membership(2, 2, None, None)
    assert decisions(connection, snapshot) == {1: "incomplete_record", 2: "incomplete_record", 3: "included"}


def test_somebody_comes_of_age_on_their_birthday_and_unknown_ages_are_under_age(connection):
    rows = table("""
        person | born       | decision
        -------+------------+----------
        1      | 2008-11-21 | included
        2      | 2008-11-22 | included
        3      | 2008-11-23 | under_age
        4      | -          | under_age
        5      | tomorrow   | under_age
    """)
    snapshot = Snapshot()
    snapshot.family(
        1, members=tuple(snapshot.person(int(row["person"]), date_of_birth=day(row["born"])) for row in rows)
    )
    assert decisions(connection, snapshot) == expected(rows)


def test_a_spell_is_open_from_its_first_day_until_the_day_before_its_last(connection):
    rows = table("""
        person | joined     | left      | family opened | family closed | decision
        -------+------------+-----------+---------------+---------------+--------------
        1      | yesterday  | -         | yesterday     | -             | included
        2      | today      | tomorrow  | today         | tomorrow      | included
        3      | tomorrow   | -         | yesterday     | -             | not_in_cohort
        4      | yesterday  | today     | yesterday     | -             | not_in_cohort
        5      | yesterday  | yesterday | yesterday     | -             | not_in_cohort
        6      | -          | -         | yesterday     | -             | not_in_cohort
        7      | yesterday  | -         | tomorrow      | -             | not_in_cohort
        8      | yesterday  | -         | yesterday     | today         | not_in_cohort
        9      | yesterday  | -         | -             | -             | not_in_cohort
    """)
    snapshot = Snapshot()
    for row in rows:
        key = snapshot.person(int(row["person"]))
        snapshot.family(key, opened_on=day(row["family opened"]), closed_on=day(row["family closed"]))
        snapshot.membership(key, key, day(row["joined"]), day(row["left"]))
    assert decisions(connection, snapshot) == expected(rows)


def test_each_thing_that_must_exist_is_needed(connection):
    rows = table("""
        person | missing           | decision
        -------+-------------------+--------------------
        1      | nothing           | included
        2      | assessment        | requirement_missing
        3      | whole family      | requirement_missing
        4      | plan              | requirement_missing
        5      | plan ended        | requirement_missing
        6      | lead              | requirement_missing
        7      | lead left         | requirement_missing
        8      | assessed tomorrow | requirement_missing
    """)
    snapshot = Snapshot()
    for row in rows:
        key = snapshot.person(int(row["person"]))
        snapshot.family(key, members=(key,))
    snapshot.drop("assessments", family_key=2)
    snapshot.only("assessments", family_key=3)[0]["covers_family"] = False
    snapshot.drop("plans", family_key=4)
    snapshot.only("plans", family_key=5)[0]["ended_on"] = DAY
    snapshot.drop("involvements", family_key=6)
    snapshot.only("involvements", family_key=7)[0]["to_on"] = DAY
    snapshot.only("assessments", family_key=8)[0]["assessed_on"] = TOMORROW
    assert decisions(connection, snapshot) == expected(rows)


def test_three_needs_are_counted_once_each_and_only_while_current(connection):
    rows = table("""
        person | needs                 | decision
        -------+-----------------------+--------------
        1      | 10.1 10.2 9.1         | included
        2      | 10.1 10.2             | needs_not_met
        3      | 10.1 10.1 10.2        | needs_not_met
        4      | 10.1 10.2 99.9        | needs_not_met
        5      | 10.1 10.2 met:9.1     | needs_not_met
        6      | 10.1 10.2 unknown:9.1 | needs_not_met
    """)
    snapshot = Snapshot()
    for row in rows:
        key = snapshot.person(int(row["person"]))
        snapshot.family(key, members=(key,), needs=())
        for said in row["needs"].split():
            kind, _, code = said.rpartition(":")
            began = None if kind == "unknown" else YESTERDAY
            snapshot.need(key, code, began, DAY if kind == "met" else None)
    assert decisions(connection, snapshot) == expected(rows)


def test_two_of_six_counts_criteria_and_not_needs(connection):
    rows = table("""
        person | needs     | decision
        -------+-----------+--------------
        1      | 10.1 9.1  | included
        2      | 10.1 10.2 | needs_not_met
    """)
    snapshot = Snapshot()
    for row in rows:
        key = snapshot.person(int(row["person"]))
        snapshot.family(key, members=(key,), needs=tuple(row["needs"].split()))
    framework = a_framework(
        frozenset({"10.1", "10.2"}), frozenset({"9.1"}), frozenset({"7.1"}), counted="criteria", needed=2
    )
    assert decisions(connection, snapshot, framework=framework) == expected(rows)


def test_the_legal_predicate_asks_for_different_factors(connection):
    """A family can be eligible for the programme and still show too few of the thirteen for the power."""
    snapshot = Snapshot()
    for key, needs in ((1, ("5.1", "10.1")), (2, ("5.1", "10.1", "1.1")), (3, ("3.3",)), (4, ("5.1",))):
        snapshot.family(key, members=(snapshot.person(key),), needs=needs)
    framework = a_framework(needed=1)
    assert decisions(connection, snapshot, framework=framework) == {
        1: "legal_predicate_not_met",
        2: "included",
        3: "included",
        4: "legal_predicate_not_met",
    }


def test_a_power_that_asks_for_no_factor_has_no_legal_predicate(connection):
    snapshot = Snapshot()
    snapshot.family(1, members=(snapshot.person(1),), needs=("5.1",))
    said = decisions(connection, snapshot, an_agreement(factors_needed=0), a_framework(needed=1))
    assert said == {1: "included"}


def test_a_domestic_abuse_need_in_any_family_blocks_the_adult_in_all_where_the_agreement_blocks(connection):
    """The need counts until it is met, however uncertain its beginning, and in families long left."""
    rows = table("""
        person | need of      | need began | need met | decision
        -------+--------------+------------+----------+--------------------
        1      | own family   | yesterday  | -        | domestic_abuse_need
        2      | own family   | yesterday  | today    | included
        3      | own family   | -          | -        | domestic_abuse_need
        4      | own family   | tomorrow   | -        | domestic_abuse_need
        5      | other family | yesterday  | -        | domestic_abuse_need
        6      | left family  | yesterday  | -        | domestic_abuse_need
        7      | nobody       | -          | -        | included
    """)
    snapshot = Snapshot()
    for row in rows:
        key = snapshot.person(int(row["person"]))
        snapshot.family(key, members=(key,))
        snapshot.family(key + 100, needs=())
        where = {"own family": key, "other family": key + 100, "left family": key + 100}.get(row["need of"])
        if where:
            snapshot.need(where, "8.1", day(row["need began"]), day(row["need met"]))
        if row["need of"] == "other family":
            snapshot.membership(key, key + 100)
        if row["need of"] == "left family":
            snapshot.membership(key, key + 100, YESTERDAY - timedelta(days=9), YESTERDAY)
    agreement = an_agreement(domestic_abuse_need=DomesticAbuseNeed.BLOCK)
    assert decisions(connection, snapshot, agreement) == expected(rows)


@pytest.mark.parametrize("rule", [DomesticAbuseNeed.HUMAN, DomesticAbuseNeed.ALLOW])
def test_a_domestic_abuse_need_excludes_nobody_where_a_person_decides_or_it_is_allowed(connection, rule):
    snapshot = Snapshot()
    snapshot.family(1, members=(snapshot.person(1),))
    snapshot.need(1, "8.1")
    assert decisions(connection, snapshot, an_agreement(domestic_abuse_need=rule)) == {1: "included"}


def test_values_that_a_spreadsheet_would_run_leave_the_row_out(connection):
    rows = table("""
        person | surname          | decision
        -------+------------------+-------------
        1      | Smith-Jones      | included
        2      | O'Invented       | included
        3      | =1+1             | unsafe_value
        4      | -Smith           | unsafe_value
        5      | +Smith           | unsafe_value
        6      | @home            | unsafe_value
        7      | \\t              | unsafe_value
        8      | carriage\\r      | unsafe_value
        9      | spaces =1        | included
        10     | ~=1              | unsafe_value
        11     | right\\u202eleft | unsafe_value
        12     | \\uff1dwide      | unsafe_value
    """)
    snapshot = Snapshot()
    for row in rows:
        surname = row["surname"].encode().decode("unicode_escape").replace("~", "  ")
        snapshot.person(int(row["person"]), surname=surname)
    snapshot.family(1, members=tuple(expected(rows)))
    assert decisions(connection, snapshot) == expected(rows)


def test_a_telephone_number_may_begin_with_plus_in_the_contact_and_nowhere_else(connection):
    rows = table("""
        person | lead name       | phone            | decision
        -------+-----------------+------------------+-------------
        1      | Sam             | +44 1632 960001  | included
        2      | Sam             | +44 1632 CALL    | unsafe_value
        3      | Sam             | +44              | unsafe_value
        4      | Sam             | +1 212 555 0100  | unsafe_value
        5      | +44 1632 960001 | 01632 960001     | unsafe_value
    """)
    snapshot = Snapshot()
    for row in rows:
        key = snapshot.person(int(row["person"]))
        snapshot.family(key, members=(key,))
        lead = snapshot.only("involvements", family_key=key)[0]
        lead.update(name=row["lead name"], email=None, phone=row["phone"])
    assert decisions(connection, snapshot) == expected(rows)


def test_a_value_that_is_not_disclosed_is_not_judged(connection):
    snapshot = Snapshot()
    snapshot.family(1, members=(snapshot.person(1, surname="=1+1"),))
    agreement = an_agreement(fields=fields("record_ref", "forename"))
    assert decisions(connection, snapshot, agreement) == {1: "included"}


def test_the_reason_is_the_first_stage_that_no_family_is_left_for(connection):
    """One family lacks a plan, another lacks needs: the second got further, so its reason is given."""
    snapshot = Snapshot()
    snapshot.person(1)
    snapshot.family(1, members=(1,))
    snapshot.drop("plans", family_key=1)
    snapshot.family(2, members=(1,), needs=())
    assert decisions(connection, snapshot) == {1: "needs_not_met"}


def test_the_family_relied_on_is_the_smallest_that_passes_every_stage(connection):
    snapshot = Snapshot()
    snapshot.person(1)
    snapshot.family(3, members=(1,), needs=("3.2", "4.1", "9.1"))
    snapshot.family(2, members=(1,))
    snapshot.family(1, members=(1,), needs=())
    decisions(connection, snapshot)
    answers = answers_of_database(connection, an_agreement(), a_framework(), snapshot_id=SNAPSHOT, day=DAY)
    factors_f_h_m = 1 << 5 | 1 << 7 | 1 << 12
    assert answers == {1: (None, 2, factors_f_h_m)}


@pytest.mark.parametrize(
    ("where", "decision"),
    [
        (AllOf(()), "included"),
        (AnyOf(()), "not_in_cohort"),
        (EpisodeOpen(), "included"),
        (Not(EpisodeOpen()), "not_in_cohort"),
        (LivesIn(frozenset({"CB1", "PE13"})), "included"),
        (LivesIn(frozenset({"CB10"})), "not_in_cohort"),
        (LivesIn(frozenset({"CB"})), "not_in_cohort"),
        (LivesIn(frozenset()), "not_in_cohort"),
        (AgeBelow(37), "included"),
        (AgeBelow(36), "not_in_cohort"),
        (NeedsAtLeast(1, (frozenset({"10.1", "10.3"}),)), "included"),
        (NeedsAtLeast(1, (frozenset(),)), "not_in_cohort"),
        (NeedsAtLeast(2, (frozenset({"10.1"}), frozenset({"10.1", "10.2"}))), "included"),
        (AtLeast(2, (EpisodeOpen(), AgeBelow(20), LivesIn(frozenset({"CB1"})))), "included"),
        (AtLeast(2, (EpisodeOpen(), AgeBelow(20), LivesIn(frozenset({"CB2"})))), "not_in_cohort"),
    ],
)
def test_where_narrows_the_cohort(connection, where, decision):
    snapshot = Snapshot()
    snapshot.family(1, members=(snapshot.person(1),))
    snapshot.episode(1)
    assert decisions(connection, snapshot, an_agreement(where=where)) == {1: decision}


def test_an_episode_of_another_member_counts_for_the_family_while_they_are_in_it(connection):
    snapshot = Snapshot()
    for person in (1, 2, 3):
        snapshot.person(person)
    snapshot.family(1, members=(1, 2))
    snapshot.family(2, members=(3,))
    snapshot.membership(2, 2, YESTERDAY - timedelta(days=9), YESTERDAY)
    snapshot.episode(2)
    said = decisions(connection, snapshot, an_agreement(where=EpisodeOpen()))
    assert said == {1: "included", 2: "included", 3: "not_in_cohort"}


def test_somebody_who_was_in_a_family_twice_is_decided_about_once(connection):
    snapshot = Snapshot()
    snapshot.family(1, members=(snapshot.person(1),))
    snapshot.membership(1, 1, YESTERDAY, TOMORROW)
    assert decisions(connection, snapshot) == {1: "included"}
