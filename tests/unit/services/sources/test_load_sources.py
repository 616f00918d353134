"""Loading: a new snapshot or nothing; each refusal names its cause, keeps its rejects and leaves the old snapshot."""

import dataclasses
import gc
import json
import re
import shutil
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from gateway.cohort.recall import CARRIED_OVER
from gateway.errors import (
    AccessDenied,
    EntryInvalid,
    ExtractMalformed,
    ExtractMissing,
    ExtractShrunk,
    ExtractStale,
    HeaderUnknown,
    MappingInvalid,
    SourceError,
    StoreBusy,
    SuppressionRefused,
)
from gateway.model.records import Feed
from gateway.sandbox.county import invent_county
from gateway.sandbox.invented_layouts import CAPITA, EHM, SUPPRESSION
from gateway.selection.standing import standing_number
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.sources.accept_shrinkage import accept_shrinkage, waiting_for_acceptance
from gateway.services.sources.load_sources import LEASE, load_sources
from gateway.services.sources.source_intake import read_mappings
from gateway.services.sources.source_status import source_rejects, source_status
from gateway.store import leases, tables
from gateway.store.snapshots import newest_snapshot
from gateway.store.standings import is_kept
from tests.loaded_county import APPROVER, DATA_OFFICER, OPERATOR, Drawn, a_county_workplace

TODAY = date(2026, 11, 22)
CASE = "IG-2026-0142"


@pytest.fixture(scope="session")
def county(tmp_path_factory):
    """The extracts of an invented county with dirt in them; not to be changed."""
    return invent_county(tmp_path_factory.mktemp("county"), seed=7, families=110, as_at=TODAY)


@pytest.fixture
def sources(county, tmp_path) -> Path:
    """A copy of the extracts."""
    return Path(shutil.copytree(county.folder, tmp_path / "extracts"))


@pytest.fixture
def workplace(sqlite_store, clock, tmp_path, sources):
    return a_county_workplace(sqlite_store, clock, tmp_path, sources)


def as_actor(workplace, actor):
    return dataclasses.replace(workplace, actor=actor)


def extract(sources: Path, source: str, feed: str, day: date = TODAY) -> Path:
    return sources / source / f"{feed}_{day:%Y%m%d}.csv"


def spoil(path: Path, before: str, after: str) -> None:
    content = path.read_bytes()
    encoded = before.encode("cp1252"), after.encode("cp1252")
    assert encoded[0] in content
    path.write_bytes(content.replace(*encoded, 1))


def keep_lines(path: Path, share: float) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: max(2, int(len(lines) * share))]))


def entries(store, *events):
    with store.reading() as connection:
        found = select(tables.ledger.c.body).where(tables.ledger.c.event.in_(events)).order_by(tables.ledger.c.position)
        return [json.loads(body)["body"] for body in connection.execute(found).scalars()]


def count_of(store, table) -> int:
    with store.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def snapshot_of(store):
    with store.reading() as connection:
        return newest_snapshot(connection)


def rows_of(store, table):
    with store.reading() as connection:
        return connection.execute(select(table).order_by(*table.primary_key.columns)).all()


# --- a load that succeeds ----------------------------------------------------------------------------------------


def test_a_load_keeps_the_families_standing_for_the_days_of_its_night(store, clock, tmp_path, sources):
    workplace = a_county_workplace(store, clock, tmp_path, sources)
    loaded = load_sources(workplace).snapshot.snapshot_id
    frameworks = [each for each in Shelf.of(workplace).frameworks() if each.ends_on is None]
    assert frameworks
    with store.reading() as connection:
        for framework in frameworks:
            night = [standing_number(framework, TODAY + timedelta(days=after)) for after in (0, 1, 2)]
            assert [is_kept(connection, loaded, number) for number in night] == [True, True, False]


def test_of_a_framework_that_has_ended_or_cannot_be_judged_no_standing_is_kept(store, clock, tmp_path, sources):
    workplace = a_county_workplace(store, clock, tmp_path, sources)
    folder = Path(shutil.copytree(workplace.folders.frameworks, tmp_path / "frameworks"))
    for path in folder.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"(?m)^needed: \d+", "needed: 40", text), encoding="utf-8")
    load_sources(dataclasses.replace(workplace, folders=dataclasses.replace(workplace.folders, frameworks=folder)))
    assert count_of(store, tables.family_standings) == 0


def test_a_load_makes_a_snapshot_of_every_extract(store, clock, tmp_path, sources, county):
    workplace = a_county_workplace(store, clock, tmp_path, sources)
    outcome = load_sources(workplace)
    assert outcome.state == "loaded"
    assert outcome.snapshot == snapshot_of(store)
    assert outcome.snapshot.as_at_on == TODAY
    assert (outcome.snapshot.flags, outcome.snapshot.flags_reaching_nobody) == (county.flags - 1, 0)
    assert count_of(store, tables.persons) == outcome.snapshot.people > county.people * 0.9
    assert {(each.source, each.feed.value) for each in outcome.extracts} == {
        tuple(name.split("/")) for name in county.lines
    }
    for table in tables.SNAPSHOT:
        if table is not tables.unmapped_codes:
            assert count_of(store, table), table.name


def test_every_canary_is_protected_or_incomplete_as_the_county_says(workplace, county):
    load_sources(workplace)
    persons, records = rows_of(workplace.store, tables.persons), rows_of(workplace.store, tables.person_records)
    person_of = {row.person_key: row for row in persons}
    found = {(row.source, row.source_id): person_of[row.person_key] for row in records}
    for canary in county.canaries:
        person = found[canary.source, canary.source_id]
        if canary.expected == "protected":
            assert person.flags or person.deceased_on, canary.name
        elif canary.expected == "incomplete_record":
            assert person.incomplete, canary.name
        elif canary.expected != "as_agreed":
            assert not person.flags, canary.name
            assert not person.incomplete, canary.name


def test_the_entry_says_what_the_snapshot_is_made_of(workplace):
    outcome = load_sources(workplace)
    (body,) = entries(workplace.store, "sources:loaded")
    assert body["snapshot"] == outcome.snapshot.reference
    assert body["people"] == outcome.snapshot.people
    assert body["extracts"][f"{EHM}/persons"] == next(
        each.sha256 for each in outcome.extracts if (each.source, each.feed) == (EHM, Feed.PERSONS)
    )
    assert set(body["mappings"]) == {EHM, CAPITA, SUPPRESSION}
    (grown,) = entries(workplace.store, "registry:grown")
    assert (grown["load"], grown["new"]) == (outcome.load, outcome.snapshot.people)


def test_each_person_carries_the_reference_and_secret_of_their_subject(workplace):
    load_sources(workplace)
    subjects = {row.subject_ref: row.secret for row in rows_of(workplace.store, tables.subjects)}
    persons = rows_of(workplace.store, tables.persons)
    assert all(subjects[person.subject_ref] == person.secret for person in persons)
    assert len(subjects) == len(persons)


def test_L9_the_same_extracts_give_the_same_rows_on_both_databases(store, sqlite_store, clock, tmp_path, sources):
    first = a_county_workplace(sqlite_store, clock, tmp_path, sources)
    load_sources(first)
    (tmp_path / "other").mkdir()
    load_sources(a_county_workplace(store, clock, tmp_path / "other", sources))
    for table in tables.SNAPSHOT:
        assert rows_of(store, table) == rows_of(sqlite_store, table), table.name


def test_the_second_night_finds_everybody_again(workplace, clock, sources):
    load_sources(workplace)
    known = {row.subject_ref for row in rows_of(workplace.store, tables.subjects)}
    clock.instant += timedelta(days=1)
    tomorrow = invent_county(sources, seed=7, families=110, as_at=TODAY + timedelta(days=1))
    outcome = load_sources(dataclasses.replace(workplace, draw=Drawn(2)))
    assert outcome.state == "loaded"
    assert tomorrow.people
    assert outcome.snapshot.snapshot_id == 2
    assert {row.subject_ref for row in rows_of(workplace.store, tables.subjects)} >= known


def test_the_same_extracts_again_confirm_the_snapshot(workplace, clock):
    first = load_sources(workplace)
    clock.instant += timedelta(minutes=10)
    again = load_sources(workplace)
    assert again.state == "unchanged"
    assert again.snapshot == dataclasses.replace(first.snapshot, loaded_at="2026-11-22T23:20:00Z")
    assert again.extracts == first.extracts
    assert count_of(workplace.store, tables.snapshots) == 1
    assert [body["snapshot"] for body in entries(workplace.store, "sources:loaded")] == [first.snapshot.reference] * 2


def test_a_load_leaves_the_search_for_cycles_as_it_found_it(workplace):
    load_sources(workplace)
    assert gc.isenabled()
    gc.disable()
    try:
        load_sources(workplace)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_source_that_issues_its_ids_anew_changes_nobody_whom_another_source_knows(workplace, clock, sources):
    """A list of differences is then silent: the subject, the secret and whatever can be told are as they were."""
    load_sources(workplace)
    known = {row.subject_ref: row[3:-2] for row in people_known_to(workplace.store, EHM)}
    clock.instant += timedelta(days=1)
    for path in sources.glob(f"{CAPITA}/*.csv"):
        path.write_bytes(re.sub(rb"(?m)(^|;)(7[0-9]{5})(?=;)", rb"\g<1>9\2", path.read_bytes()))
    load_sources(workplace)
    after = {row.subject_ref: row[3:-2] for row in people_known_to(workplace.store, EHM)}
    assert known == after
    assert len(known) > 100


def people_known_to(store, source):
    """The people of the newest snapshot of whom a source has a record."""
    newest, persons, records = snapshot_of(store).snapshot_id, tables.persons.c, tables.person_records.c
    of_source = select(records.person_key).where(records.snapshot_id == newest, records.source == source)
    with store.reading() as connection:
        whom = (persons.snapshot_id == newest, persons.person_key.in_(of_source))
        return connection.execute(select(tables.persons).where(*whom)).all()


def test_the_same_extracts_on_another_day_are_loaded_again(workplace, clock):
    load_sources(workplace)
    clock.instant += timedelta(days=1)
    assert load_sources(workplace).state == "loaded"


def test_snapshots_are_dropped_when_their_days_are_over(workplace, clock):
    short = dataclasses.replace(workplace, snapshot_kept_days=1)
    first = load_sources(short)
    clock.instant += timedelta(days=1)
    load_sources(short)
    assert count_of(short.store, tables.snapshots) == 2
    with short.store.working_state() as connection:
        connection.execute(
            tables.rejects.insert().values(
                load_reference="LOAD-2026-11-21-9", source="s", feed="needs", line=1, reasons="r"
            )
        )
    clock.instant += timedelta(days=1)
    for path in (short.folders.sources / SUPPRESSION).iterdir():
        path.rename(path.with_name(f"suppression_{clock.today():%Y%m%d}.csv"))
    load_sources(dataclasses.replace(short, snapshot_kept_days=1))
    kept = [row.snapshot_id for row in rows_of(short.store, tables.snapshots)]
    assert kept == [2, 3]
    for table in tables.SNAPSHOT:
        assert first.snapshot.snapshot_id not in {row.snapshot_id for row in rows_of(short.store, table)}
    assert [body["snapshot"] for body in entries(short.store, "snapshot:dropped")] == [first.snapshot.reference]
    assert min(row.load_reference for row in rows_of(short.store, tables.rejects)) >= "LOAD-2026-11-23"


# --- a load that is refused --------------------------------------------------------------------------------------

PERSONS, NEEDS, FLAGS = (EHM, "persons"), (EHM, "needs"), (SUPPRESSION, "suppression")
HEADINGS_OF_FLAGS = "FLAG_KIND,SOURCE,SOURCE_ID,NINO,SURNAME,DATE_OF_BIRTH,POSTCODE,FROM_DATE,TO_DATE\n"


def removed(path):
    path.unlink()


def emptied(path):
    path.write_bytes(b"")


def only_a_header(path):
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])


def cut_off(path):
    content = path.read_bytes().rstrip()
    path.write_bytes(content[: content.rindex(b",")])


def binary_junk(path):
    path.write_bytes(bytes(range(256)) * 400)


def another_encoding(path):
    path.write_bytes(path.read_bytes().decode("utf-8-sig").encode("utf-32"))


def one_line_of_ten_megabytes(path):
    path.write_bytes(path.read_bytes() + b"x" * 10_000_000)


def renamed_heading(path):
    spoil(path, "DIM_PERSON_ID", "PERSON")


def swapped_headings(path):
    spoil(path, "FAMILY_ID,DIM_PERSON_ID", "DIM_PERSON_ID,FAMILY_ID")


def two_days_old(path):
    path.rename(path.with_name(path.name.replace("20261122", "20261118")))


def a_day_ahead(path):
    path.rename(path.with_name(path.name.replace("20261122", "20261123")))


def without_flags(path):
    path.write_text(HEADINGS_OF_FLAGS)


def with_an_unknown_kind(path):
    path.write_text(f"{HEADINGS_OF_FLAGS}no such kind,{EHM},2000001,,,,,,\n")


def with_an_unreadable_day(path):
    path.write_text(f"{HEADINGS_OF_FLAGS}deceased,{EHM},2000001,,,31/02/1980,,,\n")


@pytest.mark.parametrize(
    ("which", "fault", "error"),
    [
        (PERSONS, removed, ExtractMissing),
        (PERSONS, emptied, SourceError),
        (PERSONS, only_a_header, ExtractMalformed),
        (NEEDS, cut_off, ExtractMalformed),
        (PERSONS, binary_junk, SourceError),
        (PERSONS, another_encoding, SourceError),
        (NEEDS, one_line_of_ten_megabytes, ExtractMalformed),
        (PERSONS, renamed_heading, HeaderUnknown),
        ((EHM, "memberships"), swapped_headings, ExtractMalformed),
        (PERSONS, two_days_old, ExtractStale),
        (PERSONS, a_day_ahead, ExtractMalformed),
        (FLAGS, removed, SuppressionRefused),
        (FLAGS, emptied, SuppressionRefused),
        (FLAGS, two_days_old, SuppressionRefused),
        (FLAGS, without_flags, SuppressionRefused),
        (FLAGS, with_an_unknown_kind, SuppressionRefused),
        (FLAGS, with_an_unreadable_day, SuppressionRefused),
    ],
)
def test_a_refused_load_leaves_the_snapshot_and_enters_why(workplace, sources, clock, which, fault, error):
    before = load_sources(workplace).snapshot
    registry = rows_of(workplace.store, tables.subject_identifiers)
    fault(extract(sources, *which))
    with pytest.raises(error) as refused:
        load_sources(workplace)
    assert snapshot_of(workplace.store) == before
    assert rows_of(workplace.store, tables.subject_identifiers) == registry
    (body,) = entries(workplace.store, "sources:refused")
    assert body["reason"] == refused.value.code
    assert body["source"] == which[0]
    assert workplace.record[-1][0] == "sources:refused"
    assert refused.value.advice()


def test_a_refusal_names_the_extracts_hash_where_it_was_read(workplace, sources):
    load_sources(workplace)
    renamed_heading(extract(sources, *PERSONS))
    with pytest.raises(HeaderUnknown):
        load_sources(workplace)
    (body,) = entries(workplace.store, "sources:refused")
    assert (body["source"], body["feed"]) == PERSONS
    assert body["sha256"] == body["extracts"][f"{EHM}/persons"]


def test_the_rejects_of_a_refused_load_are_kept(workplace, sources):
    load_sources(workplace)
    earlier = source_rejects(as_actor(workplace, DATA_OFFICER))
    with_an_unreadable_day(extract(sources, *FLAGS))
    with pytest.raises(SuppressionRefused):
        load_sources(workplace)
    found = source_rejects(as_actor(workplace, DATA_OFFICER))
    assert found.load != earlier.load
    assert [(each.line, each.reasons) for each in found.rejects if each.feed is Feed.SUPPRESSION] == [
        (2, ("date_of_birth:date_form",))
    ]
    status = source_status(as_actor(workplace, DATA_OFFICER))
    assert status.refusal.load == found.load
    assert (status.refusal.code, status.refusal.feed) == ("suppression-refused", "suppression")


def test_a_good_load_after_a_refused_one_ends_the_refusal(workplace, sources):
    kept = extract(sources, *FLAGS).read_bytes()
    without_flags(extract(sources, *FLAGS))
    with pytest.raises(SuppressionRefused):
        load_sources(workplace)
    assert source_status(as_actor(workplace, OPERATOR)).snapshot is None
    extract(sources, *FLAGS).write_bytes(kept)
    outcome = load_sources(workplace)
    status = source_status(as_actor(workplace, OPERATOR))
    assert (status.refusal, status.snapshot) == (None, outcome.snapshot)
    assert source_rejects(as_actor(workplace, DATA_OFFICER)).load == outcome.load


def test_an_empty_suppression_feed_may_say_so(workplace, sources):
    extract(sources, *FLAGS).write_text(f"{HEADINGS_OF_FLAGS}none tonight,,,,,,,,\n")
    assert load_sources(workplace).snapshot.flags == 0


def test_a_suppression_feed_that_says_none_after_a_full_one_has_shrunk(workplace, sources):
    load_sources(workplace)
    extract(sources, *FLAGS).write_text(f"{HEADINGS_OF_FLAGS}none tonight,,,,,,,,\n")
    with pytest.raises(SuppressionRefused):
        load_sources(workplace)


def test_a_fault_in_a_mapping_is_entered_too(workplace, tmp_path):
    mappings = Path(shutil.copytree("config/sources", tmp_path / "other mappings"))
    spoil(mappings / "capita_one.yaml", "source: capita_one", "source: capita_two")
    elsewhere = dataclasses.replace(workplace, folders=dataclasses.replace(workplace.folders, mappings=mappings))
    with pytest.raises(MappingInvalid):
        load_sources(elsewhere)
    assert entries(workplace.store, "sources:refused")[0]["reason"] == "mapping-invalid"


@pytest.mark.parametrize(("gone", "error"), [(SUPPRESSION, SuppressionRefused), (EHM, ExtractMissing)])
def test_there_must_be_people_and_a_suppression_feed(tmp_path, gone, error):
    for source in {EHM, SUPPRESSION} - {gone}:
        shutil.copy(f"config/sources/{source}.yaml", tmp_path)
    with pytest.raises(error):
        read_mappings(tmp_path)


def test_an_extract_that_was_there_before_must_be_there_again(workplace, sources, tmp_path):
    mappings = Path(shutil.copytree("config/sources", tmp_path / "other mappings"))
    text = (mappings / "liquidlogic_ehm.yaml").read_text()
    before, after = text.split("  plans:\n")
    (mappings / "liquidlogic_ehm.yaml").write_text(
        before + "  plans:\n" + after.replace("required: true", "required: false", 1)
    )
    optional = dataclasses.replace(workplace, folders=dataclasses.replace(workplace.folders, mappings=mappings))
    load_sources(optional)
    extract(sources, EHM, "plans").unlink()
    with pytest.raises(ExtractMissing, match="was there at the last load"):
        load_sources(optional)


def test_an_older_extract_than_the_last_one_is_refused(workplace, sources, clock):
    load_sources(workplace)
    path = extract(sources, EHM, "plans")
    path.rename(extract(sources, EHM, "plans", TODAY - timedelta(days=1)))
    with pytest.raises(ExtractStale, match="2026-11-21"):
        load_sources(workplace)


@pytest.mark.parametrize(("allowed", "loads"), [(0, False), (1, True)])
def test_L3_lines_that_may_be_about_anybody_refuse_the_load_beyond_the_agreed_number(
    workplace, sources, allowed, loads
):
    path = extract(sources, *NEEDS)
    path.write_bytes(path.read_bytes().rstrip() + b'\r\n"##,##,##,##\r\n')
    agreed = dataclasses.replace(workplace, lines_about_nobody_allowed=allowed)
    if loads:
        load_sources(agreed)
    else:
        with pytest.raises(ExtractMalformed, match=rf"{EHM}/needs line \d+$"):
            load_sources(agreed)


def test_L3_the_first_load_of_all_refuses_no_line_beyond_the_agreed_number(workplace, sources):
    """What one of them held nobody can say; a later load asks the one before it, so that there a line may be lost."""
    path = extract(sources, *PERSONS)
    strict = dataclasses.replace(workplace, lines_lost_at_first_allowed=0)
    with pytest.raises(ExtractMalformed, match="the first load") as refused:
        load_sources(strict)
    assert "lines_lost_at_first_allowed" in refused.value.advice()
    load_sources(workplace)
    path.write_bytes(path.read_bytes() + b"\r\n")
    assert load_sources(strict).state == "loaded"


def test_L3_what_a_lost_line_held_is_carried_over(workplace, sources, county):
    """A man whose own line is damaged tonight stays, as he was, and incomplete."""
    load_sources(workplace)
    man = county.canary("ordinary_partner").source_id
    path = extract(sources, *PERSONS)
    line = next(line for line in path.read_bytes().decode("utf-8-sig").splitlines() if line.startswith(f"{man},"))
    spoil(path, f"{man},", f'{man},"')
    load_sources(workplace)
    record = next(row for row in rows_of(workplace.store, tables.person_records) if row.source_id == man)
    persons = [row for row in rows_of(workplace.store, tables.persons) if row.person_key == record.person_key]
    assert line.split(",")[3] == persons[-1].surname
    assert persons[-1].incomplete
    assert not any(row.line == CARRIED_OVER for row in rows_of(workplace.store, tables.rejects))


# --- one load at a time --------------------------------------------------------------------------------------------


def test_one_load_at_a_time(workplace):
    assert leases.claim(workplace.store, LEASE, "somebody else", 60)
    with pytest.raises(StoreBusy):
        load_sources(workplace)
    assert count_of(workplace.store, tables.snapshots) == 0


def test_a_load_that_lost_its_lease_writes_nothing(workplace, monkeypatch):
    renewed = []

    def lost(*_):
        renewed.append(True)
        return len(renewed) < 5

    monkeypatch.setattr(leases, "renew", lost)
    with pytest.raises(StoreBusy):
        load_sources(workplace)
    assert count_of(workplace.store, tables.snapshots) == 0
    assert entries(workplace.store, "sources:refused") == []


def test_the_lease_is_renewed_while_parts_are_made(workplace, monkeypatch):
    renewed, renew = [], leases.renew

    def noted(*given):
        renewed.append(given)
        return renew(*given)

    monkeypatch.setattr(leases, "renew", noted)
    monkeypatch.setattr(sys.modules[load_sources.__module__], "_RENEWED_EVERY_SECONDS", 0)
    outcome = load_sources(workplace, most_in_a_part=5)
    # Before each extract, and before and after all parts; the rest is between them.
    assert len(renewed) > len(outcome.extracts) + 2 + 20


def test_a_load_lets_go_of_its_lease_however_it_ends(workplace, sources):
    without_flags(extract(sources, *FLAGS))
    with pytest.raises(SuppressionRefused):
        load_sources(workplace)
    assert leases.claim(workplace.store, LEASE, "somebody else", 60)


@pytest.mark.parametrize("actor", [APPROVER])
def test_who_may_not_load_loads_nothing(workplace, actor):
    with pytest.raises(AccessDenied):
        load_sources(as_actor(workplace, actor))
    assert workplace.record == []


# --- shrinkage -----------------------------------------------------------------------------------------------------


@pytest.fixture
def shrunk(workplace, sources):
    """A workplace whose plans lost half their lines since the last load."""
    load_sources(workplace)
    keep_lines(extract(sources, EHM, "plans"), 0.5)
    return workplace


def test_an_extract_that_lost_too_many_lines_is_refused(shrunk):
    with pytest.raises(ExtractShrunk, match=f"{EHM}/plans") as refused:
        load_sources(shrunk)
    assert "--accept shrinkage" in refused.value.advice()
    assert entries(shrunk.store, "sources:refused")[-1]["feed"] == "plans"


def test_a_little_less_is_no_shrinkage(workplace, sources):
    load_sources(workplace)
    keep_lines(extract(sources, EHM, "plans"), 0.97)
    assert load_sources(workplace).state == "loaded"


def test_one_asks_another_accepts_and_exactly_this_extract_passes(shrunk, sources):
    officer, approver = as_actor(shrunk, DATA_OFFICER), as_actor(shrunk, APPROVER)
    for _ in range(2):
        with pytest.raises(ExtractShrunk, match="plans") as refused:
            load_sources(officer, accept=CASE)
    assert "gateway sources accept" in refused.value.advice()
    assert [body["case"] for body in entries(shrunk.store, "sources:accept-asked")] == [CASE]
    assert [which[:2] for which in waiting_for_acceptance(officer)] == [(EHM, Feed.PLANS)]
    for _ in range(2):
        accepted = accept_shrinkage(approver, EHM, "plans", CASE)
    assert accepted.asked_by == DATA_OFFICER.account
    assert len(entries(shrunk.store, "sources:accepted")) == 1
    assert waiting_for_acceptance(officer) == []
    assert load_sources(shrunk).state == "loaded"
    keep_lines(extract(sources, EHM, "plans"), 0.5)
    with pytest.raises(ExtractShrunk):
        load_sources(shrunk)


def test_nobody_accepts_what_nobody_asked_for(shrunk):
    with pytest.raises(AccessDenied, match="nobody else"):
        accept_shrinkage(as_actor(shrunk, APPROVER), EHM, "plans", CASE)


def test_nobody_accepts_what_they_asked_for_themselves(shrunk):
    both = dataclasses.replace(APPROVER, roles=APPROVER.roles | DATA_OFFICER.roles)
    with pytest.raises(ExtractShrunk):
        load_sources(as_actor(shrunk, both), accept=CASE)
    with pytest.raises(AccessDenied, match="nobody else"):
        accept_shrinkage(as_actor(shrunk, both), EHM, "plans", CASE)


def test_what_was_asked_for_is_not_what_is_there_now(shrunk, sources):
    with pytest.raises(ExtractShrunk):
        load_sources(as_actor(shrunk, DATA_OFFICER), accept=CASE)
    keep_lines(extract(sources, EHM, "plans"), 0.5)
    with pytest.raises(AccessDenied, match="nobody else"):
        accept_shrinkage(as_actor(shrunk, APPROVER), EHM, "plans", CASE)


def test_who_may_not_accept_does_not(shrunk):
    with pytest.raises(ExtractShrunk):
        load_sources(shrunk, accept=CASE)
    with pytest.raises(AccessDenied):
        accept_shrinkage(as_actor(shrunk, DATA_OFFICER), EHM, "plans", CASE)


def test_L3_a_shrunk_suppression_feed_passes_for_nobody(workplace, sources):
    load_sources(workplace)
    keep_lines(extract(sources, *FLAGS), 0.4)
    with pytest.raises(SuppressionRefused, match="lines"):
        load_sources(as_actor(workplace, DATA_OFFICER), accept=CASE)
    assert entries(workplace.store, "sources:accept-asked") == []
    with pytest.raises(SuppressionRefused):
        accept_shrinkage(as_actor(workplace, APPROVER), SUPPRESSION, "suppression", CASE)


def test_there_is_nothing_to_accept_of_a_feed_that_is_not_there(shrunk):
    for source, feed in ((EHM, "no such feed"), ("nowhere", "plans")):
        with pytest.raises(ExtractMissing):
            accept_shrinkage(as_actor(shrunk, APPROVER), source, feed, CASE)


def test_L8_a_case_is_a_reference_and_no_free_text(shrunk):
    with pytest.raises(EntryInvalid):
        load_sources(as_actor(shrunk, DATA_OFFICER), accept="because Ann Smith said so")


# --- asking ----------------------------------------------------------------------------------------------------------


def test_a_code_without_a_mapping_loads_and_is_shown(sqlite_store, clock, tmp_path):
    invent_county(tmp_path / "extracts", seed=3, families=90, as_at=TODAY, new_codes=True)
    workplace = a_county_workplace(sqlite_store, clock, tmp_path, tmp_path / "extracts")
    outcome = load_sources(workplace)
    assert [(each.feed, each.code) for each in outcome.unmapped] == [(Feed.INVOLVEMENTS, "NEWCODE")]
    assert source_status(as_actor(workplace, OPERATOR)).unmapped == outcome.unmapped


def test_before_the_first_load_there_is_nothing_to_say(workplace):
    status = source_status(as_actor(workplace, OPERATOR))
    assert (status.snapshot, status.extracts, status.refusal) == (None, (), None)
    assert source_rejects(as_actor(workplace, DATA_OFFICER)) == type(source_rejects(as_actor(workplace, DATA_OFFICER)))(
        None, ()
    )


def test_L8_status_and_rejects_hold_nobodys_details(workplace, county):
    load_sources(workplace)
    said = repr(source_status(as_actor(workplace, OPERATOR))) + repr(source_rejects(as_actor(workplace, DATA_OFFICER)))
    surnames = {row.surname for row in rows_of(workplace.store, tables.persons)} - {None}
    assert not [surname for surname in surnames if surname in said]
    assert "QQ" not in said
    assert all(not each.person_ids for each in source_rejects(as_actor(workplace, DATA_OFFICER)).rejects)


def test_rejects_are_for_data_officers(workplace):
    with pytest.raises(AccessDenied):
        source_rejects(as_actor(workplace, OPERATOR))
