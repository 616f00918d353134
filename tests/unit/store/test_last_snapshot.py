"""What the last snapshot answers when tonight's lines leave something open."""

from datetime import date

import pytest

from gateway.model.records import LastMembership, LastSeen
from gateway.sandbox.county import invent_county
from gateway.services.sources.load_sources import load_sources
from gateway.store import tables
from gateway.store.last_snapshot import SnapshotReader
from tests.loaded_county import a_county_workplace

TODAY = date(2026, 11, 22)
EHM, CAPITA = "liquidlogic_ehm", "capita_one"


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    return invent_county(tmp_path_factory.mktemp("county"), seed=5, families=80, as_at=TODAY)


@pytest.fixture
def reader(store, clock, tmp_path, county):
    """A reader of a loaded snapshot, and everything that its tables hold, by table."""
    workplace = a_county_workplace(store, clock, tmp_path, county.folder)
    # The second snapshot is the one asked: what the first holds must not be in the answers.
    load_sources(workplace)
    clock.instant = clock.instant.replace(day=23)
    newest = load_sources(workplace).snapshot
    with store.reading() as connection:
        rows = {
            table.name: connection.execute(table.select().where(table.c.snapshot_id == newest.snapshot_id)).all()
            for table in (tables.persons, tables.person_records, tables.families, tables.memberships)
        }
        yield SnapshotReader(connection, newest.snapshot_id), rows


def all_records(rows) -> set[LastSeen]:
    people = {row.person_key: row for row in rows["persons"]}
    return {
        LastSeen(
            *(record.source, record.source_id, person.forename, person.surname, person.date_of_birth),
            *(person.nino, person.postcode, person.deceased_on),
        )
        for record in rows["person_records"]
        for person in [people[record.person_key]]
    }


def test_records_are_found_by_their_source_and_id(reader):
    asked, rows = reader
    everyone = all_records(rows)
    some = {(seen.source, seen.source_id) for seen in sorted(everyone, key=repr)[:20]}
    swapped = {({EHM: CAPITA, CAPITA: EHM}[source], source_id) for source, source_id in some}
    found = list(asked.records(some | swapped))
    assert set(found) == {seen for seen in everyone if seen[:2] in some | swapped}
    assert len(found) == len(set(found))


def test_any_number_of_records_can_be_asked_for(reader):
    asked, rows = reader
    everyone = all_records(rows)
    many = {(seen.source, seen.source_id) for seen in everyone} | {(EHM, str(number)) for number in range(1200)}
    assert set(asked.records(many)) == everyone


def test_every_record_of_a_source(reader):
    asked, rows = reader
    assert set(asked.records_of(CAPITA)) == {seen for seen in all_records(rows) if seen.source == CAPITA}
    assert set(asked.records_of("no such source")) == set()


def test_who_lives_at_a_postcode(reader):
    asked, rows = reader
    everyone = all_records(rows)
    postcodes = {seen.postcode for seen in sorted(everyone, key=repr)[:5] if seen.postcode}
    assert set(asked.living_at(postcodes)) == {seen for seen in everyone if seen.postcode in postcodes}


def test_members_are_named_by_the_familys_own_source(reader):
    asked, rows = reader
    named = {row.family_key: (row.source, row.source_id) for row in rows["families"]}
    families = set(sorted(named.values())[-5:])
    expected = {
        LastMembership(*named[row.family_key], record.source_id, row.from_on, row.to_on)
        for row in rows["memberships"]
        for record in rows["person_records"]
        if named[row.family_key] in families
        and (record.person_key, record.source) == (row.person_key, named[row.family_key][0])
    }
    assert expected
    assert set(asked.members(families)) == expected


def test_memberships_of_people_are_those_that_their_families_tell(reader):
    asked, rows = reader
    every = set(asked.members({(row.source, row.source_id) for row in rows["families"]}))
    people = set(sorted({(row.source, row.person_id) for row in every})[-5:])
    assert set(asked.memberships_of(people)) == {row for row in every if (row.source, row.person_id) in people} != set()


def test_nothing_asked_is_nothing_answered(reader):
    asked, _ = reader
    assert [*asked.records(()), *asked.living_at(()), *asked.members(()), *asked.memberships_of(())] == []
