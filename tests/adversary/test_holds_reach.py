"""Law L3: a hold reaches as loosely as a flag: every record that could be the person, whatever becomes of it."""

from datetime import timedelta

import pytest

from gateway.services.audit.audit_verify import audit_verify
from gateway.services.subjects.hold_subjects import HoldReason, LiftReason, lift_hold, place_hold
from gateway.store.tables import evidence, holds, person_records, persons
from tests.extracts_edited import edit, take_again_on
from tests.rehearsed_county import EVENING, NIGHT, SMALL_HOURS

CASE = "IG-2026-0142"
OURS = "liquidlogic_ehm"
OTHER = "99000001"
DAY = timedelta(days=1)
OF_PEOPLE = ("persons", "memberships", "episodes", "involvements", "addresses", "identifiers")


@pytest.fixture
def disclosed(county):
    """A county, somebody on tonight's lists who has a number and one record, and that record's id."""
    county.approve()
    told = {
        row.subject_ref for made in county.run() for row in county.rows(evidence, evidence.c.list_id == made.list_id)
    }
    flagged = _ids_that_flags_name(county)
    for person in county.rows(persons, persons.c.subject_ref.in_(sorted(told)), persons.c.nino.is_not(None)):
        records = county.rows(person_records, person_records.c.person_key == person.person_key)
        if [record.source for record in records] == [OURS] and records[0].source_id not in flagged:
            return county, person, records[0].source_id
    raise AssertionError("nobody in the county fits")


def _ids_that_flags_name(county):
    named = []
    edit(county, "suppression", "suppression", lambda lines: named.extend(line["SOURCE_ID"] for line in lines) or lines)
    return set(named)


def copy_record(county, source_id, *, without=(), keep=True, **changes):
    """Give a person's lines a second id, or another one; `changes` are those of the second person's line."""

    def copied(feed):
        def change(lines):
            mine = [line for line in lines if line["DIM_PERSON_ID"] == source_id]
            copies = [] if feed in without else [line | {"DIM_PERSON_ID": OTHER} for line in mine]
            if feed == "persons":
                copies = [line | changes for line in copies]
            return (lines if keep else [line for line in lines if line not in mine]) + copies

        return change

    for feed in OF_PEOPLE:
        edit(county, OURS, feed, copied(feed))


def hold(county, at, kind, value, case=CASE):
    with county.at(at) as workplace:
        return place_hold(workplace, (kind, value), reason=HoldReason.SAFETY, case_reference=case)


def lift(county, at, kind, value):
    with county.at(at) as workplace:
        return lift_hold(workplace, (kind, value), reason=LiftReason.DECIDED, case_reference=CASE)


def told_of(county, person, night):
    """Under which references tonight's lists tell of somebody with that surname and day of birth."""
    lists = [made.list_id for made in county.run(night)]
    newest = max(row.snapshot_id for row in county.rows(persons))
    alike = county.rows(
        persons,
        persons.c.snapshot_id == newest,
        persons.c.surname == person.surname,
        persons.c.date_of_birth == person.date_of_birth,
    )
    assert alike
    refs = [row.subject_ref for row in alike]
    return county.rows(evidence, evidence.c.list_id.in_(lists), evidence.c.subject_ref.in_(refs))


def test_the_person_would_be_told_of_again_without_a_hold(disclosed):
    county, person, source_id = disclosed
    take_again_on(county, NIGHT)
    copy_record(county, source_id, keep=False)
    county.load(EVENING + DAY)
    assert told_of(county, person, SMALL_HOURS + DAY)


def test_a_hold_by_number_reaches_a_second_record_that_has_none(disclosed):
    county, person, source_id = disclosed
    take_again_on(county, NIGHT)
    copy_record(county, source_id, without=("identifiers",), UPN="")
    county.load(EVENING + DAY)
    assert hold(county, EVENING + DAY, "nino", person.nino) == 2
    assert not told_of(county, person, SMALL_HOURS + DAY)


def test_a_hold_follows_a_record_that_is_given_another_id(disclosed):
    county, person, source_id = disclosed
    assert hold(county, SMALL_HOURS, "nino", person.nino) == 1
    take_again_on(county, NIGHT)
    copy_record(county, source_id, keep=False)
    county.load(EVENING + DAY)
    assert not told_of(county, person, SMALL_HOURS + DAY)


def test_a_hold_on_a_record_that_is_linked_to_another_since_holds_back_the_person(disclosed):
    """The list names the reference that was met first; the hold stands on the other."""
    county, person, source_id = disclosed
    take_again_on(county, NIGHT)
    copy_record(county, source_id, without=("identifiers", "addresses"), UPN="", FORENAME="Zed", SURNAME="Unlike")
    county.load(EVENING + DAY)
    assert hold(county, EVENING + DAY, OURS, OTHER) == 1
    take_again_on(county, NIGHT + DAY)
    edit(county, OURS, "persons", lambda lines: [line for line in lines if line["DIM_PERSON_ID"] != OTHER])
    for feed in OF_PEOPLE[1:]:
        edit(county, OURS, feed, lambda lines: [line for line in lines if line["DIM_PERSON_ID"] != OTHER])
    copy_record(county, source_id)
    county.load(EVENING + 2 * DAY)
    assert not told_of(county, person, SMALL_HOURS + 2 * DAY)


def test_what_followed_from_a_hold_is_lifted_with_it(disclosed):
    county, person, source_id = disclosed
    take_again_on(county, NIGHT)
    copy_record(county, source_id, without=("identifiers",), UPN="")
    county.load(EVENING + DAY)
    hold(county, EVENING + DAY, "nino", person.nino)
    assert lift(county, EVENING + DAY, "nino", person.nino) == 1
    assert county.rows(holds, holds.c.lifted_at.is_(None)) == []


def test_a_hold_that_somebody_asked_for_themselves_stays_when_anothers_is_lifted(disclosed):
    """Twins share surname and day of birth: each is held back with the other, and has a hold of their own too."""
    county, person, source_id = disclosed
    take_again_on(county, NIGHT)
    copy_record(county, source_id, without=("identifiers",), UPN="", FORENAME="Twin")
    county.load(EVENING + DAY)
    hold(county, EVENING + DAY, "nino", person.nino)
    hold(county, EVENING + DAY, OURS, OTHER, case="IG-2026-0200")
    lift(county, EVENING + DAY, "nino", person.nino)
    standing = county.rows(holds, holds.c.lifted_at.is_(None))
    assert {row.case_reference for row in standing} == {"IG-2026-0200"}
    assert not told_of(county, person, SMALL_HOURS + DAY)


def test_L7_the_evidence_is_whole_with_holds_that_followed(disclosed):
    county, person, source_id = disclosed
    hold(county, SMALL_HOURS, "nino", person.nino)
    take_again_on(county, NIGHT)
    copy_record(county, source_id, without=("identifiers",), UPN="")
    county.load(EVENING + DAY)
    lift(county, EVENING + DAY, "nino", person.nino)
    with county.at(EVENING + DAY) as workplace:
        assert audit_verify(workplace).whole
