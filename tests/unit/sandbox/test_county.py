"""The invented county: raw extracts as bad as real ones, the same for the same seed, and nobody real in them."""

import csv
import re
import tracemalloc
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from gateway.model.flags import FlagKind
from gateway.model.records import Reject, UnmappedCode
from gateway.sandbox import invented_names as names
from gateway.sandbox.county import CountyFacts, invent_county
from gateway.sandbox.invented_cases import CASES
from gateway.sandbox.invented_families import Fate
from gateway.sandbox.invented_layouts import CAPITA, EHM, HEADINGS, SUPPRESSION
from gateway.sandbox.invented_rows import LEAD_PROFESSIONAL, OTHER_INVOLVEMENTS
from gateway.sources.extracts import find_extracts
from gateway.sources.mapping import load_mapping
from gateway.sources.read import read_feed

AS_AT = date(2026, 11, 22)
ENCODING = {EHM: "utf-8-sig", CAPITA: "cp1252", SUPPRESSION: "utf-8"}
FEEDS = sorted(HEADINGS)


@pytest.fixture(scope="module")
def county(tmp_path_factory) -> CountyFacts:
    return invent_county(tmp_path_factory.mktemp("county"), seed=7, families=600, as_at=AS_AT)


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> CountyFacts:
    return invent_county(tmp_path_factory.mktemp("clean"), seed=7, families=300, as_at=AS_AT, dirt=False)


def text_of(facts: CountyFacts, source: str, feed: str) -> str:
    path = facts.folder / source / f"{feed}_{facts.as_at:%Y%m%d}.csv"
    return path.read_bytes().decode(ENCODING[source])


def rows_of(facts: CountyFacts, source: str, feed: str) -> list[dict[str, str]]:
    """Read every line that is whole: refused lines with an odd quote or too few cells are left out."""
    lines = [line for line in text_of(facts, source, feed).split("\r\n") if line and line.count('"') % 2 == 0]
    rows = csv.DictReader(lines, delimiter=";" if source == CAPITA else ",")
    return [row for row in rows if None not in row.values()]


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.csv"))}


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    """Law L9."""
    for name in ("a", "b"):
        invent_county(tmp_path / name, seed=3, families=200, as_at=AS_AT)
    invent_county(tmp_path / "c", seed=4, families=200, as_at=AS_AT)
    assert everything(tmp_path / "a") == everything(tmp_path / "b")
    assert everything(tmp_path / "a") != everything(tmp_path / "c")


@pytest.mark.parametrize(("source", "feed"), FEEDS)
def test_every_feed_of_every_source_is_written_under_its_own_headings(county, source, feed):
    header = text_of(county, source, feed).split("\r\n")[0]
    assert tuple(re.split("[;,]", header)) == HEADINGS[source, feed]
    assert county.lines[f"{source}/{feed}"] > 0


@pytest.mark.parametrize(("source", "feed"), FEEDS)
def test_the_facts_count_the_lines_that_are_there(county, source, feed):
    lines = [line for line in text_of(county, source, feed).split("\r\n")[1:] if line]
    assert len(lines) == county.lines[f"{source}/{feed}"]


def test_every_national_insurance_number_starts_with_the_letters_that_are_never_issued(county):
    values = [
        row["IDENTIFIER_VALUE"] for row in rows_of(county, EHM, "identifiers") if "Insurance" in row["IDENTIFIER_TYPE"]
    ]
    values += [row["NI_NO"] for row in rows_of(county, CAPITA, "persons") if row["NI_NO"]]
    values += [row["NINO"] for row in rows_of(county, SUPPRESSION, "suppression") if row["NINO"]]
    assert len(values) > 100
    assert all(value.upper().startswith("QQ") for value in values)


def test_no_two_people_share_a_national_insurance_number(clean):
    values = [row["IDENTIFIER_VALUE"] for row in rows_of(clean, EHM, "identifiers")]
    assert len(values) == len(set(values)) > 50


def test_every_pupil_number_has_a_true_check_letter_and_an_authority_that_does_not_exist(clean):
    upns = [row["UPN"] for row in rows_of(clean, EHM, "persons") if row["UPN"]]
    assert len(upns) == len(set(upns)) > 50
    for upn in upns:
        total = sum(int(digit) * place for place, digit in enumerate(upn[1:], 2))
        assert upn[0] == "ABCDEFGHJKLMNPQRTUVWXYZ"[total % 23]
        assert upn[1:4] == "000"


def test_every_postcode_has_the_form_of_one_in_the_county(clean):
    postcodes = {row["POSTCODE"].upper().replace(" ", "") for row in rows_of(clean, EHM, "addresses")}
    assert len(postcodes) > 200
    assert all(re.fullmatch(r"(CB|PE)\d\d?\d[ABD-HJLNP-UW-Z]{2}", postcode) for postcode in postcodes)


def test_every_street_and_contact_says_that_it_is_invented(county):
    assert all(row["STREET"].startswith("Invented") for row in rows_of(county, EHM, "addresses"))
    for worker in rows_of(county, EHM, "workers"):
        assert worker["EMAIL"] == "" or worker["EMAIL"].endswith(".example")
        assert worker["TELEPHONE"] == "" or worker["TELEPHONE"].startswith("01632 960")


def test_families_have_one_to_eight_members_and_about_half_of_the_people_are_of_age(county):
    sizes = Counter(row["FAMILY_ID"] for row in rows_of(county, EHM, "memberships"))
    assert set(sizes.values()) >= set(range(1, 8))
    assert max(sizes.values()) <= 9
    assert 0.42 < county.adults / county.people < 0.6


def test_most_families_are_eligible_and_every_fate_is_met(county):
    assert set(county.fates) == {fate.value for fate in Fate}
    assert county.fates["eligible"] / county.families > 0.7


def test_a_county_holds_every_case_and_names_its_people(county):
    canaries = {canary.name for canary in county.canaries}
    assert all(any(name.startswith(case.name) for name in canaries) for case in CASES)
    assert len(canaries) == len(county.canaries)
    known = {row["DIM_PERSON_ID"] for row in rows_of(county, EHM, "persons")}
    assert {canary.source_id for canary in county.canaries if canary.source == EHM} <= known


def test_needs_that_come_of_domestic_abuse_can_be_left_out(county, tmp_path):
    without = invent_county(tmp_path, seed=7, families=300, as_at=AS_AT, abuse_needs=False)
    assert any(row["NEED_CODE"].startswith("SF8") for row in rows_of(county, EHM, "needs"))
    assert not any(row["NEED_CODE"].startswith("SF8") for row in rows_of(without, EHM, "needs"))


def test_a_small_county_has_the_first_cases_only(tmp_path):
    facts = invent_county(tmp_path, seed=1, families=3, as_at=AS_AT)
    assert facts.canary("ordinary").expected == "included"
    assert not any(canary.name.startswith("flag") for canary in facts.canaries)
    assert [row["FLAG_KIND"] for row in rows_of(facts, SUPPRESSION, "suppression")] == ["none tonight"]


def test_the_suppression_feed_has_every_kind_and_every_way_of_knowing_somebody(county):
    rows = rows_of(county, SUPPRESSION, "suppression")
    assert {row["FLAG_KIND"] for row in rows} == {kind.value for kind in FlagKind}
    known = {tuple(name for name in ("SOURCE_ID", "NINO", "DATE_OF_BIRTH", "POSTCODE") if row[name]) for row in rows}
    assert known >= {("SOURCE_ID",), ("NINO",), ("DATE_OF_BIRTH",), ("POSTCODE",), ("SOURCE_ID", "DATE_OF_BIRTH")}
    assert {row["SOURCE"] for row in rows} == {"", EHM, CAPITA}
    assert any(row["TO_DATE"] for row in rows)


def test_the_suppression_feed_has_no_line_that_could_be_refused(county):
    """Law L3: one bad line in it stops the night, so an invented county never has one."""
    assert f"{SUPPRESSION}/suppression" not in county.rejected
    assert all(row["FROM_DATE"] for row in rows_of(county, SUPPRESSION, "suppression"))


def test_dirt_is_what_real_extracts_hold(county):
    raw = (county.folder / EHM / "persons_20261122.csv").read_bytes()
    persons = rows_of(county, EHM, "persons")
    workers = rows_of(county, EHM, "workers")
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.endswith(b"\r\n\r\n\r\n")
    assert any(row["DIM_PERSON_ID"] == "-1" for row in persons)
    assert any(row["DUPLICATED_DTTM"] for row in persons)
    assert any(row["DOB_ESTIMATED"] == "Y" and row["BIRTH_DTTM"] > "2026-11-22" for row in persons)
    assert any("\x07" in row["STAFF_ID"] for row in workers)
    assert any(row["EMAIL"].startswith("=") for row in workers)
    assert any(row["POSTCODE"] in {"nopostcode", "XXXX XXX"} for row in rows_of(county, EHM, "addresses"))


def test_both_ways_of_writing_a_day_are_met(county):
    assert all(
        re.fullmatch(r"\d{4}-\d\d-\d\d 00:00:00", row["START_DTTM"]) for row in rows_of(county, EHM, "memberships")
    )
    assert all(re.fullmatch(r"\d\d/\d\d/\d{4}", row["ASSESSMENT_DTTM"]) for row in rows_of(county, EHM, "assessments"))


def test_a_few_lines_are_refused_in_a_dirty_county_and_none_in_a_clean_one(county, clean):
    assert 4 <= sum(county.rejected.values()) < county.people / 50
    assert clean.rejected == {}
    for source, feed in FEEDS:
        text = text_of(clean, source, feed)
        assert not text.endswith("\r\n\r\n")
        assert all(line.count('"') % 2 == 0 for line in text.split("\r\n"))


def test_involvement_codes_are_known_ones_unless_new_ones_are_asked_for(county, tmp_path):
    asked = invent_county(tmp_path, seed=7, families=10, as_at=AS_AT, new_codes=True)
    known = {LEAD_PROFESSIONAL, *OTHER_INVOLVEMENTS}
    column = "DIM_LOOKUP_INVOLVEMENT_TYPE_CODE"
    assert {row[column] for row in rows_of(county, EHM, "involvements")} == known
    assert {row[column] for row in rows_of(asked, EHM, "involvements")} - known == {"NEWCODE"}


def test_some_lead_professionals_work_in_teams_that_must_be_masked(county):
    teams = Counter(row["DEPARTMENT_NAME"] for row in rows_of(county, EHM, "workers"))
    assert set(names.SENSITIVE_TEAMS) & set(teams)
    assert set(names.ORDINARY_TEAMS) <= set(teams)


def test_some_people_are_in_both_systems_and_some_in_the_older_one_alone(county):
    newer = {int(row["DIM_PERSON_ID"]) - 2_000_000 for row in rows_of(county, EHM, "persons")}
    older = {int(row["BASE_ID"]) - 700_000 for row in rows_of(county, CAPITA, "persons")}
    assert len(newer & older) > 50
    assert len(older - newer) > 20


def test_the_older_system_spells_some_names_differently(county):
    newer = {int(row["DIM_PERSON_ID"]) - 2_000_000: row["SURNAME"] for row in rows_of(county, EHM, "persons")}
    older = {int(row["BASE_ID"]) - 700_000: row["LAST_NAME"] for row in rows_of(county, CAPITA, "persons")}
    both = newer.keys() & older.keys()
    different = [number for number in both if newer[number] != older[number]]
    assert 0 < len(different) < len(both)


def test_names_of_every_community_are_met_with_their_diacritics(county):
    surnames = {row["SURNAME"] for row in rows_of(county, EHM, "persons")}
    assert all(
        any(his in surnames or hers in surnames for his, hers in community.surnames) for community in names.COMMUNITIES
    )
    assert any("'" in surname for surname in surnames)
    assert any("-" in surname for surname in surnames)
    assert any(ord(letter) > 255 for surname in surnames for letter in surname)


@pytest.mark.parametrize("families", [1, 3, 600])
@pytest.mark.parametrize("dirt", [True, False])
def test_the_mappings_that_are_shipped_read_a_county_and_refuse_exactly_the_lines_that_were_spoilt(
    tmp_path, families, dirt
):
    facts = invent_county(tmp_path, seed=11, families=families, as_at=AS_AT, dirt=dirt)
    rejected, unmapped = Counter(), []
    for source in (EHM, CAPITA, SUPPRESSION):
        name = f"config/sources/{source}.yaml"
        mapping = load_mapping(Path(name).read_bytes(), name)
        for feed, extract in find_extracts(mapping, tmp_path, AS_AT).items():
            for item in read_feed(mapping, extract, environment="synthetic", as_at=AS_AT):
                rejected[f"{source}/{feed.value}"] += isinstance(item, Reject)
                unmapped += [item] if isinstance(item, UnmappedCode) else []
    assert +rejected == Counter(facts.rejected)
    assert unmapped == []


def test_the_day_of_the_extract_may_be_29_february(tmp_path):
    facts = invent_county(tmp_path, seed=1, families=60, as_at=date(2028, 2, 29))
    assert facts.canary("came_of_age_today").expected == "included"


def test_memory_does_not_grow_with_the_county(tmp_path):
    def peak_of(families: int) -> int:
        tracemalloc.start()
        invent_county(tmp_path / str(families), seed=1, families=families, as_at=AS_AT)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    small, large = peak_of(500), peak_of(2000)
    assert large < small * 1.5
