"""One decision about everybody says what the statements for counts, exclusions and rows say one by one."""

from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import false, literal, select, union_all

from gateway.minimisation import WholeList, list_select, whole_list_select
from gateway.model.agreement import DomesticAbuseNeed
from gateway.selection import count_select, funnel_of
from gateway.selection.everybody import HALVES
from gateway.selection.holding import Holding
from gateway.store.scan import scan
from gateway.store.tables import Reference, persons
from tests.agreements_made import a_framework, an_agreement, fields
from tests.exclusions_asked import exclusion_select
from tests.snapshot_builder import DAY, SNAPSHOT, Snapshot, reference

WHERE = {"snapshot_id": SNAPSHOT, "day": DAY}


@pytest.fixture
def county(connection):
    """Two families, one of them with an unmet need for help with abuse; somebody flagged, a formula, a child, 40 more."""
    snapshot = Snapshot()
    for key in range(1, 50):
        snapshot.person(key)
    snapshot.only("persons", person_key=2)[0]["flags"] = 1
    snapshot.only("persons", person_key=3)[0]["flags"] = 1
    snapshot.only("persons", person_key=5)[0]["surname"] = "=1+1"
    snapshot.only("persons", person_key=6)[0]["date_of_birth"] = DAY
    snapshot.family(1, members=(1, 2, 5, 6, *range(10, 50)))
    snapshot.family(2, members=(4, 7))
    snapshot.need(2, "8.1")
    snapshot.write(connection)
    return connection


def kept(rows=()):
    """Exclusions that are kept, as a database would give them."""
    given = [select(literal(ref, Reference).label("subject_ref"), literal(why).label("reason")) for ref, why in rows]
    nobody = select(literal(reference(1), Reference).label("subject_ref"), literal("").label("reason")).where(false())
    return union_all(*given, nobody).subquery("kept_before")


def whole_lines(connection, agreement, *, before=(), block=4096, going=lambda rows: rows, **where):
    statement = whole_list_select(agreement, a_framework(), going=going, kept_before=kept(before), **(WHERE | where))
    return scan(connection, statement, block)


def whole(*asked, **how):
    return WholeList(whole_lines(*asked, **how))


def one_by_one(connection, agreement, **where):
    asked = WHERE | where
    funnel = funnel_of(connection.execute(count_select(agreement, a_framework(), **asked)))
    left_out = [tuple(row) for row in connection.execute(exclusion_select(agreement, a_framework(), **asked))]
    rows = [line for block in scan(connection, list_select(agreement, a_framework(), **asked)) for line in block]
    return funnel, left_out, rows


def in_one(said):
    funnel = said.funnel()
    left_out = [each for block in said.exclusions() for each in block]
    return funnel, left_out, [line for block in said.rows() for line in block]


@pytest.mark.parametrize("rule", list(DomesticAbuseNeed))
@pytest.mark.parametrize("block", [1, 3, 4096])
def test_counts_exclusions_and_rows_are_those_of_the_single_statements(county, rule, block):
    agreement = an_agreement(domestic_abuse_need=rule)
    found = in_one(whole(county, agreement, block=block))
    assert found == one_by_one(county, agreement)
    assert found[0].included == len(found[2]) > 40
    assert {(reference(2), "protected"), (reference(5), "unsafe_value")} <= set(found[1])


@pytest.mark.parametrize("part", ["cambridge", "nowhere"])
def test_a_part_and_other_holds_are_asked_as_they_are_one_by_one(county, part):
    where = {"part": part, "holding": Holding(stood_at="2026-11-22T00:00:00.000000Z")}
    assert in_one(whole(county, an_agreement(), **where)) == one_by_one(county, an_agreement(), **where)


@pytest.mark.parametrize("part", [None, "cambridge"])
def test_L1_two_halves_of_everybody_say_what_one_statement_says(county, part):
    agreement = an_agreement(domestic_abuse_need=DomesticAbuseNeed.HUMAN)
    statements = [
        whole_list_select(
            agreement, a_framework(), going=lambda rows: rows, kept_before=kept(), span=span, part=part, **WHERE
        )
        for span in HALVES
    ]
    halves = [list(scan(county, statement, 3)) for statement in statements]
    assert all(any(line.startswith(b"2") for block in half for line in block) for half in halves)
    assert in_one(WholeList(*map(iter, halves))) == one_by_one(county, agreement, part=part)


def test_an_exclusion_comes_where_it_is_new_has_another_reason_or_ended(county):
    before = [(reference(2), "protected"), (reference(5), "needs_not_met"), (reference(10), "protected")]
    agreement = an_agreement(domestic_abuse_need=DomesticAbuseNeed.BLOCK)
    said = whole(county, agreement, before=before)
    said.funnel()
    changed = {ref: why for block in said.exclusions() for ref, why in block}
    assert changed == {
        reference(4): "protected",
        reference(7): "protected",
        reference(5): "unsafe_value",
        reference(10): None,
    }


def test_an_exclusion_ends_for_whoever_is_included_also_where_no_row_of_the_list_tells_of_them(county):
    before = [(reference(10), "protected"), (reference(11), "needs_not_met"), (reference(2), "protected")]
    said = whole(county, an_agreement(), before=before, going=lambda rows: rows.where(false()))
    said.funnel()
    changed = {ref: why for block in said.exclusions() for ref, why in block}
    assert {ref: why for ref, why in changed.items() if why is None} == {reference(10): None, reference(11): None}
    assert reference(2) not in changed
    assert list(said.rows()) == []


def test_an_agreement_may_tell_a_reference_and_nothing_else(county):
    agreement = replace(an_agreement(), fields=fields("record_ref"))
    assert in_one(whole(county, agreement)) == one_by_one(county, agreement)


def test_rows_are_kept_to_those_that_may_go_and_the_counts_are_of_everybody(county):
    """What `going` leaves out was included all the same: whoever judges the list takes it from the counts."""
    chosen = [reference(10), reference(11), reference(2)]
    said = whole(county, an_agreement(), going=lambda rows: rows.where(persons.c.subject_ref.in_(chosen)))
    funnel, _, rows = in_one(said)
    assert funnel == one_by_one(county, an_agreement())[0]
    assert [line[:36].decode() for line in rows] == sorted(chosen[:2])


def test_a_list_that_may_not_go_is_given_up_behind_its_counts(county):
    with closing(whole_lines(county, an_agreement(), block=1)) as lines:
        said = WholeList(lines)
        assert said.funnel().included > 40
    assert list(said.rows()) == []
    assert county.execute(select(literal(1))).scalar_one() == 1


def test_a_snapshot_without_people_has_counts_of_nothing(connection):
    Snapshot().write(connection)
    assert in_one(whole(connection, an_agreement())) == one_by_one(connection, an_agreement())
