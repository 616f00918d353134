"""Invented people under a county's own headings are the same people: every line reads as it did before."""

import csv
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from gateway.model.records import Feed, Reject, UnmappedCode
from gateway.sandbox.county import invent_county
from gateway.sandbox.relabel import donors_of, relabel
from gateway.sources.extracts import find_extracts
from gateway.sources.mapping import load_mapping
from gateway.sources.read import read_feed

DAY = date(2026, 11, 22)
SHIPPED = Path("config/sources")
EHM, CAPITA, FLAGS = "liquidlogic_ehm", "capita_one", "suppression"

#: A county that keeps everything otherwise: another system, other headings, codes, days, delimiter and encoding.
OTHER_SYSTEM = """
source: mosaic
title: Mosaic
encodings: [cp1252]
delimiter: pipe
date_formats: [dd.mm.yyyy]
null_tokens: ["(none)"]
unknown_members: ["0"]
feeds:
  persons:
    file: People-{date}.txt
    required: true
    may_be_empty: false
    stale_after_days: 1
    shrink_limit_percent: 10
    reject_limit_percent: 20
    columns:
      source_id: Person Ref
      forename: Given name
      surname: "Family name, as known"
      date_of_birth: Born
      dob_estimated: Guessed
      nino: NI Number
      postcode: Post Code
      deceased_on: Died
  families:
    file: Households-{date}.txt
    required: true
    may_be_empty: false
    stale_after_days: 1
    shrink_limit_percent: 10
    reject_limit_percent: 20
    columns: {source_id: Household, opened_on: From, closed_on: Until}
  memberships:
    file: Members-{date}.txt
    required: true
    may_be_empty: false
    stale_after_days: 1
    shrink_limit_percent: 10
    reject_limit_percent: 20
    columns: {person_id: Person Ref, family_id: Household, to_on: Until, from_on: From}
  needs:
    file: Needs-{date}.txt
    required: true
    may_be_empty: true
    stale_after_days: 1
    shrink_limit_percent: 10
    reject_limit_percent: 20
    columns: {family_id: Household, code: Outcome, identified_on: From, met_on: Until}
    codes:
      code: {EDU: "1.1", EDU2: "1.1", WORK: "10.1"}
"""
OTHER_FLAGS = """
source: alerts
title: Alerts
encodings: [utf-8]
delimiter: tab
date_formats: [yyyymmdd]
null_tokens: []
unknown_members: []
none_tonight: NO ALERTS
feeds:
  suppression:
    file: alerts.{date}.tsv
    required: true
    may_be_empty: false
    stale_after_days: 1
    shrink_limit_percent: 30
    reject_limit_percent: 0
    columns: {kind: Alert, source: System, source_id: Ref, nino: NI, surname: Name, date_of_birth: Born}
    codes:
      kind: {SAFE: protected_address, QUIET: non_disclosure, MARAC: marac_or_refuge, DEAD: deceased}
      source: {MOS: mosaic}
"""


@pytest.fixture(scope="module")
def shipped():
    return {path.stem: load_mapping(path.read_bytes(), path.name) for path in sorted(SHIPPED.glob("*.yaml"))}


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    folder = tmp_path_factory.mktemp("invented")
    invent_county(folder, seed=3, families=120, as_at=DAY)
    return folder


@pytest.fixture
def other():
    mappings = (load_mapping(text.encode(), "other.yaml") for text in (OTHER_SYSTEM, OTHER_FLAGS))
    return {mapping.source: mapping for mapping in mappings}


def _read(mapping, folder, feed):
    """What an extract says: records without their line and source, and how many lines were refused for what."""
    extract = find_extracts(mapping, folder, DAY)[feed]
    items = list(read_feed(mapping, extract, environment="synthetic", as_at=DAY))
    assert not [item for item in items if isinstance(item, UnmappedCode)]
    rejects = Counter(item.reasons for item in items if isinstance(item, Reject))
    # A flag has no source of its own beside the one that it names.
    told = 1 if feed is Feed.SUPPRESSION else 2
    return [tuple(item)[told:] for item in items if not isinstance(item, Reject)], rejects


def _made(made, source, feed):
    return next(each for each in made if (each.source, each.feed) == (source, feed))


def test_under_the_shipped_mappings_every_line_says_what_it_said(shipped, invented, tmp_path):
    made = relabel(invented, shipped, shipped, tmp_path, DAY)
    for name, mapping in shipped.items():
        for feed in mapping.feeds:
            assert _read(mapping, tmp_path, feed) == _read(mapping, invented, feed), (name, feed)
            assert _made(made, name, feed).left_out == 0
    assert sum(len(_read(mapping, tmp_path, feed)[1]) for mapping in shipped.values() for feed in mapping.feeds) >= 3


def test_headings_files_days_and_delimiter_are_the_countys(shipped, invented, other, tmp_path):
    relabel(invented, shipped, other, tmp_path, DAY)
    text = (tmp_path / "mosaic" / "People-20261122.txt").read_text(encoding="cp1252")
    first, nobody, somebody, *_ = csv.reader(text.splitlines(), delimiter="|")
    assert first == [
        *("Person Ref", "Given name", "Family name, as known", "Born", "Guessed"),
        *("Died", "NI Number", "Post Code"),
    ]
    assert nobody[0] == "0"
    assert somebody[3][2] == somebody[3][5] == "."
    assert (tmp_path / "alerts" / "alerts.20261122.tsv").exists()


def test_another_system_holds_the_same_people_families_and_members(shipped, invented, other, tmp_path):
    relabel(invented, shipped, other, tmp_path, DAY)
    ehm, mosaic = shipped[EHM], other["mosaic"]
    for feed in (Feed.FAMILIES, Feed.MEMBERSHIPS):
        assert _read(mosaic, tmp_path, feed) == _read(ehm, invented, feed)
    before = {(row[0], row[3]) for row in _read(ehm, invented, Feed.PERSONS)[0]}
    after = {(row[0], row[3]) for row in _read(mosaic, tmp_path, Feed.PERSONS)[0]}
    # A person is refused where the number that is now on their own line is one that cannot be.
    assert after <= before
    assert len(before - after) <= 5


def test_a_number_and_a_postcode_kept_elsewhere_come_with_the_person(shipped, invented, other, tmp_path):
    relabel(invented, shipped, other, tmp_path, DAY)
    people = {row[0]: row for row in _read(other["mosaic"], tmp_path, Feed.PERSONS)[0]}
    numbers = {(row[0], row[2]) for row in _read(shipped[EHM], invented, Feed.IDENTIFIERS)[0]}
    current = {(row[0], row[1]) for row in _read(shipped[EHM], invented, Feed.ADDRESSES)[0] if row[3] is None}
    with_number = {(key, row[7]) for key, row in people.items() if row[7]}
    assert len(with_number) > 50
    assert with_number <= numbers
    assert {(key, row[8]) for key, row in people.items() if row[8]} <= current


def test_what_the_mapping_has_no_place_for_is_left_out_and_counted(shipped, invented, other, tmp_path):
    made = relabel(invented, shipped, other, tmp_path, DAY)
    needs = _made(made, "mosaic", Feed.NEEDS)
    assert needs.lines > 0
    assert needs.left_out > 0
    assert {row[1] for row in _read(other["mosaic"], tmp_path, Feed.NEEDS)[0]} == {"1.1", "10.1"}
    # Copies that a merge left behind, where the county's extract does not mark them.
    assert _made(made, "mosaic", Feed.PERSONS).left_out > 0


def test_flags_follow_the_people_into_the_other_system(shipped, invented, other, tmp_path):
    relabel(invented, shipped, other, tmp_path, DAY)
    flags, rejects = _read(other["alerts"], tmp_path, Feed.SUPPRESSION)
    assert not rejects
    assert {kind for kind, *_ in flags} == {
        *("protected_address", "non_disclosure", "marac_or_refuge", "deceased"),
    }
    by_id = [flag for flag in flags if flag[2]]
    ids = {row[0] for row in _read(other["mosaic"], tmp_path, Feed.PERSONS)[0]}
    assert by_id
    assert all(flag[1] == "mosaic" for flag in by_id)
    assert len({flag[2] for flag in by_id} - ids) <= 2
    # Nobody could be found by the number of a system that the county does not have.
    assert all(flag[2] or flag[3] or (flag[4] and flag[5]) for flag in flags)


def test_each_source_has_the_people_of_the_one_that_is_like_it(shipped, other):
    assert donors_of(shipped, shipped) == {EHM: EHM, CAPITA: CAPITA, FLAGS: FLAGS} | {FLAGS: EHM}
    assert donors_of(shipped, other)["mosaic"] == EHM
    persons = replace(shipped[CAPITA].feeds[Feed.PERSONS])
    history = replace(shipped[CAPITA], source="older", feeds={Feed.PERSONS: persons})
    assert donors_of(shipped, {"older": history}) == {"older": CAPITA}


def test_a_flag_known_only_by_a_system_that_the_county_gave_up_is_left_out(shipped, invented, tmp_path):
    without = {name: mapping for name, mapping in shipped.items() if name != CAPITA}
    made = relabel(invented, shipped, without, tmp_path, DAY)
    before, _ = _read(shipped[FLAGS], invented, Feed.SUPPRESSION)
    after, _ = _read(shipped[FLAGS], tmp_path, Feed.SUPPRESSION)
    lost = [flag for flag in before if flag[1] == CAPITA]
    assert lost
    assert _made(made, FLAGS, Feed.SUPPRESSION).left_out == len(lost)
    assert after == [flag for flag in before if flag not in lost]


def test_without_any_flag_the_feed_says_so_in_the_countys_words(shipped, invented, other, tmp_path):
    empty = tmp_path / "invented"
    (empty / FLAGS).mkdir(parents=True)
    for name in (EHM, CAPITA):
        (empty / name).symlink_to(invented / name)
    heading = "FLAG_KIND,SOURCE,SOURCE_ID,NINO,SURNAME,DATE_OF_BIRTH,POSTCODE,FROM_DATE,TO_DATE\r\n"
    said = f"{heading}none tonight,,,,,,,,\r\n"
    (empty / FLAGS / "suppression_20261122.csv").write_text(said, encoding="ascii")
    relabel(empty, shipped, other, tmp_path / "made", DAY)
    assert _read(other["alerts"], tmp_path / "made", Feed.SUPPRESSION) == ([], Counter())
    only_lost = f"{heading}adopted_or_sealed,{EHM},2000001,,,,,,\r\n"
    (empty / FLAGS / "suppression_20261122.csv").write_text(only_lost, encoding="ascii")
    relabel(empty, shipped, other, tmp_path / "again", DAY)
    assert _read(other["alerts"], tmp_path / "again", Feed.SUPPRESSION) == ([], Counter())


def test_the_same_extracts_give_the_same_bytes(shipped, invented, other, tmp_path):
    for name in ("one", "two"):
        relabel(invented, shipped, other, tmp_path / name, DAY)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    assert files
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
