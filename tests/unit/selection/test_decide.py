"""The statements beside the decisions: counts, parts, exclusions that are kept, and what the load left open."""

from datetime import date

import pytest
from sqlalchemy import insert

from gateway.errors import CountsDisagree
from gateway.model.agreement import DomesticAbuseNeed
from gateway.model.selection import ExclusionReason
from gateway.selection import (
    count_select,
    decision_select,
    funnel_of,
    offices_select,
    people_select,
    unmapped_select,
)
from gateway.store.tables import unmapped_codes
from tests.agreements_made import a_framework, an_agreement
from tests.exclusions_asked import exclusion_select
from tests.snapshot_builder import DAY, SNAPSHOT, Snapshot, reference

WHERE = {"snapshot_id": SNAPSHOT, "day": DAY}


@pytest.fixture
def county(connection):
    """People of three offices: 1 and 2 of cambridge, 3 of wisbech, 4 of no known sector, 5 without a postcode."""
    snapshot = Snapshot()
    for key, postcode in ((1, "CB1 2AB"), (2, "CB1 2AB"), (3, "PE13 1AA"), (4, "ZE1 0AA"), (5, None)):
        snapshot.person(key, postcode=postcode, postcode_sector=postcode and postcode[:-2])
    snapshot.family(1, members=(1, 2, 3, 4, 5))
    snapshot.office("CB1 2", "cambridge")
    snapshot.office("PE13 1", "wisbech")
    snapshot.write(connection)
    return connection


def people_of(connection, part):
    return {
        row.person_key for row in connection.execute(decision_select(an_agreement(), a_framework(), part=part, **WHERE))
    }


def test_a_part_holds_the_people_of_its_office_and_the_fallback_everybody_else(county):
    assert people_of(county, "cambridge") == {1, 2, 4, 5}
    assert people_of(county, "wisbech") == {3}
    assert people_of(county, "nowhere") == set()
    assert people_of(county, None) == {1, 2, 3, 4, 5}


def test_an_agreement_that_does_not_split_has_one_part_with_everybody(county):
    agreement = an_agreement(split=None)
    rows = county.execute(decision_select(agreement, a_framework(), part="all", **WHERE)).all()
    assert len(rows) == county.execute(people_select(agreement, snapshot_id=SNAPSHOT, part="all")).scalar_one() == 5


def test_the_offices_of_a_snapshot_are_named_once(county):
    assert list(county.execute(offices_select(SNAPSHOT)).scalars()) == ["cambridge", "wisbech"]


def test_the_funnel_names_every_reason_and_adds_up(county):
    funnel = funnel_of(county.execute(count_select(an_agreement(), a_framework(), **WHERE)))
    assert funnel.included == funnel.everyone == 5
    assert funnel.excluded == tuple((reason, 0) for reason in ExclusionReason)
    funnel.check_whole(5)


def test_L1_counts_that_do_not_add_up_stop_everything(county):
    """Law L1: included and excluded are everyone, or nothing is committed."""
    funnel = funnel_of(county.execute(count_select(an_agreement(), a_framework(), **WHERE)))
    with pytest.raises(CountsDisagree):
        funnel.check_whole(6)


def test_the_funnel_counts_those_included_whom_only_a_person_may_let_through(connection):
    snapshot = Snapshot()
    snapshot.family(1, members=(snapshot.person(1), snapshot.person(2)))
    snapshot.family(2, members=(snapshot.person(3), snapshot.person(4, flags=1)))
    snapshot.need(2, "8.1")
    snapshot.write(connection)
    counted = {
        rule: funnel_of(
            connection.execute(count_select(an_agreement(domestic_abuse_need=rule), a_framework(), **WHERE))
        )
        for rule in DomesticAbuseNeed
    }
    assert {rule: (each.included, each.human_decides) for rule, each in counted.items()} == {
        DomesticAbuseNeed.BLOCK: (2, 0),
        DomesticAbuseNeed.HUMAN: (3, 1),
        DomesticAbuseNeed.ALLOW: (3, 0),
    }


def test_no_minor_is_counted_where_the_floor_holds_them_out_or_the_agreement_lets_them_in(connection):
    snapshot = Snapshot()
    snapshot.family(1, members=(snapshot.person(1, date_of_birth=date(2009, 6, 1)),))
    snapshot.write(connection)
    for floor, included in ((18, 0), (16, 1)):
        statement = count_select(an_agreement(minimum_age=floor), a_framework(), **WHERE)
        funnel = funnel_of(connection.execute(statement))
        assert (funnel.included, funnel.minors) == (included, 0)


def test_exclusions_are_kept_for_people_of_the_cohort_and_protective_reasons_look_alike(connection):
    snapshot = Snapshot()
    for key in range(1, 7):
        snapshot.person(key)
    snapshot.only("persons", person_key=2)[0]["flags"] = 1
    snapshot.only("persons", person_key=3)[0]["flags"] = 1
    snapshot.only("persons", person_key=5)[0]["surname"] = "=1+1"
    snapshot.family(1, members=(1, 2, 5))
    snapshot.family(2, members=(4,))
    snapshot.need(2, "8.1")
    snapshot.write(connection)
    agreement = an_agreement(domestic_abuse_need=DomesticAbuseNeed.BLOCK)
    rows = connection.execute(exclusion_select(agreement, a_framework(), **WHERE)).all()
    kept = {reference(2): "protected", reference(4): "protected", reference(5): "unsafe_value"}
    assert [tuple(row) for row in rows] == sorted(kept.items())


def test_the_columns_with_unmapped_codes_are_named_once(connection):
    Snapshot().write(connection)
    found = {"snapshot_id": SNAPSHOT, "source": "ehm", "feed": "needs", "column": "code", "lines": 3}
    connection.execute(insert(unmapped_codes), [found | {"code": "SF11"}, found | {"code": "SF12"}])
    assert [tuple(row) for row in connection.execute(unmapped_select(SNAPSHOT))] == [("needs", "code")]
    assert connection.execute(unmapped_select(SNAPSHOT + 1)).all() == []
