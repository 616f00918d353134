"""A mapping says exactly what is read, or what is wrong with it and where."""

import pytest

from gateway.errors import MappingInvalid
from gateway.model.flags import FlagKind
from gateway.model.records import Feed
from gateway.sources.columns import COLUMNS
from gateway.sources.mapping import load_mapping

EHM, CAPITA, SUPPRESSION = "liquidlogic_ehm", "capita_one", "suppression"


def faults_of(extracts, name, *changes):
    with pytest.raises(MappingInvalid) as caught:
        extracts.remapped(name, *changes)
    return str(caught.value)


@pytest.mark.parametrize(("name", "feeds"), [(EHM, set(Feed) - {Feed.SUPPRESSION}), (SUPPRESSION, {Feed.SUPPRESSION})])
def test_the_shipped_mappings_cover_their_feeds(extracts, name, feeds):
    mapping = extracts.shipped(name)
    assert mapping.source == name
    assert set(mapping.feeds) == feeds


def test_every_flag_kind_can_come_in_and_means_itself(extracts):
    codes = extracts.shipped(SUPPRESSION).feeds[Feed.SUPPRESSION].codes["kind"]
    assert set(codes.values()) == set(FlagKind)
    assert all(code == kind for code, kind in codes.items())


def test_needs_of_the_national_framework_are_all_mapped(extracts):
    codes = extracts.shipped(EHM).feeds[Feed.NEEDS].codes["code"]
    assert {code: code.removeprefix("SF").replace("_", ".") for code in codes} == codes
    assert len(codes) == 34


def test_capita_one_is_history_in_its_own_encoding(extracts):
    mapping = extracts.shipped(CAPITA)
    assert (mapping.encodings, mapping.delimiter) == (("cp1252",), ";")
    assert {feed.stale_after_days for feed in mapping.feeds.values()} == {None}


def test_the_hash_changes_with_a_value_and_not_with_layout(extracts):
    shipped = extracts.shipped(EHM).mapping_hash
    assert (
        extracts.remapped(EHM, ("source: liquidlogic_ehm", "# a comment\nsource:   'liquidlogic_ehm'")).mapping_hash
        == shipped
    )
    assert extracts.remapped(EHM, ("EHLP: lead_professional", "EHLX: lead_professional")).mapping_hash != shipped


def test_L2_ethnicity_and_free_text_can_never_be_mapped(extracts):
    """Law L2: columns are a closed list, and it holds neither."""
    columns = {column.name for feed in COLUMNS.values() for column in feed}
    assert not {name for name in columns if "ethnic" in name or "note" in name or "relig" in name or "sex" in name}
    for name in ("ethnicity: ETHNICITY_MAIN_CODE", "notes: NOTES"):
        faults = faults_of(extracts, EHM, ("      surname: SURNAME", f"      surname: SURNAME\n      {name}"))
        assert faults.startswith("liquidlogic_ehm.yaml:25:7: this key is not known in `feeds.persons.columns`")


@pytest.mark.parametrize(
    ("name", "change", "fault"),
    [
        (EHM, ("      to_on: END_DTTM", ""), "`feeds.memberships.columns.to_on` is missing"),
        (EHM, ("to_on: END_DTTM", "to_on: start_dttm"), "names the same heading as `from_on`"),
        (EHM, ("to_on: END_DTTM", "to_on: ''"), "`feeds.memberships.columns.to_on` has no value"),
        (EHM, ("delimiter: by_header", "delimiter: ','"), "`delimiter` must be by_header, comma"),
        (EHM, ("[utf-8, cp1252]", "[utf-8, ebcdic]"), "`encodings` must list one or more of utf-8, cp1252"),
        (EHM, ("[utf-8, cp1252]", "[]"), "`encodings` must list"),
        (EHM, ("[yyyy-mm-dd, dd/mm/yyyy]", "[mm/dd/yyyy]"), "`date_formats` must list"),
        (EHM, ("[yyyy-mm-dd, dd/mm/yyyy]", "[yyyy-mm-dd, yyyy-mm-dd]"), "none twice"),
        (EHM, ("source: liquidlogic_ehm", "source: Liquid Logic"), "`source` must be small letters"),
        (EHM, ("persons_{date}.csv", "../persons_{date}.csv"), "`feeds.persons.file` must be a file name with {date}"),
        (EHM, ("persons_{date}.csv", "persons.csv"), "`feeds.persons.file` must be"),
        (EHM, ("persons_{date}.csv", "Families_{date}.csv"), "reads the same files as `persons`"),
        (EHM, ("stale_after_days: 3", "stale_after_days: soon"), "`feeds.persons.stale_after_days` must be a whole number"),
        (EHM, ("    stale_after_days: 3\n", ""), "`feeds.persons.stale_after_days` is missing"),
        (EHM, ("reject_limit_percent: 20", "reject_limit_percent: 101"), "must be a whole number from 0 to 100"),
        (EHM, ("required: true", "required: yes"), "`feeds.persons.required` must be true or false"),
        (EHM, ("EHLP: lead_professional", "EHLP: boss"), "a code in `feeds.involvements.codes.kind` must lead to one of"),
        (EHM, ('SF1_1: "1.1"', 'SF1_1: "one"'), "must lead to a canonical need code such as 10.1"),
        (EHM, ('SF1_1: "1.1"', '"SF1_2 ": "1.1"'), "has this code twice"),
        (EHM, ("    codes:\n      kind:\n        EHLP", "    code:\n      kind:\n        EHLP"), "`feeds.involvements.codes` is missing"),
        (EHM, ("  workers:", "  staff:"), "`feeds.involvements` cannot be read without a `workers` feed"),
        (CAPITA, ("        CRIME", "        {}\n      ignored:\n        CRIME"), "`feeds.needs.codes.code` must map at least one"),
        (SUPPRESSION, ("stale_after_days: 1", "stale_after_days: never"), "must be a number of days for the suppression"),
        (SUPPRESSION, ("required: true", "required: false"), "the suppression feed must be `required: true`"),
        (SUPPRESSION, ("may_be_empty: false", "may_be_empty: true"), "the suppression feed must be"),
        (SUPPRESSION, ("none_tonight: none tonight\n", ""), "`none_tonight` is missing"),
        (SUPPRESSION, ("      source_id: SOURCE_ID\n", ""), "must map `source` and `source_id` together"),
        (SUPPRESSION, ("legal_hold: legal_hold", "legal_hold: hold"), "must lead to one of protected_address"),
        (SUPPRESSION, ("capita_one: capita_one", "capita_one: not_read"), "must lead to the name of a source"),
    ],
)  # fmt: skip
def test_a_fault_names_its_place(extracts, name, change, fault):
    faults = faults_of(extracts, name, change)
    assert fault in faults
    assert all(line.startswith(f"{name}.yaml:") for line in faults.splitlines())


def test_a_suppression_feed_by_which_nobody_could_be_found_is_a_fault(extracts):
    keys = (
        "source: SOURCE",
        "source_id: SOURCE_ID",
        "nino: NINO",
        "date_of_birth: DATE_OF_BIRTH",
        "postcode: POSTCODE",
    )
    changes = [(f"      {key}\n", "") for key in keys]
    assert "must map a source's id, a NINO, or a surname" in faults_of(extracts, SUPPRESSION, *changes)


def test_all_faults_are_told_at_once(extracts):
    faults = faults_of(extracts, EHM, ("delimiter: by_header", "delimiter: x"), ("title: ", "titel: "))
    assert len(faults.splitlines()) == 3


@pytest.mark.parametrize(
    "data",
    [b"", b"- a\n", b"feeds: {}\n", b"source: x\nfeeds: [1]\n", b"\xff", b"a: &b c\n", b"feeds:\n  persons: x\n"],
)
def test_what_is_not_a_mapping_is_refused(data):
    with pytest.raises(MappingInvalid, match=r"^x\.yaml:[0-9]+:[0-9]+: "):
        load_mapping(data, "x.yaml")


def test_L8_a_fault_never_repeats_a_value_of_the_document(extracts):
    changes = (
        ("delimiter: by_header", "delimiter: Canary"),
        ("source: liquidlogic_ehm", "source: Canary"),
        ("EHLP: lead_professional", "Canary: Canary"),
        ("to_on: END_DTTM", "Canary: Canary"),
    )
    assert "Canary" not in faults_of(extracts, EHM, *changes)
