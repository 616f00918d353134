"""Which extract is read, and when none may be."""

import hashlib
import tracemalloc
from datetime import date, timedelta
from pathlib import Path

import pytest

from gateway.errors import ExtractMalformed, ExtractMissing, ExtractStale, SourceError, SuppressionRefused
from gateway.model.records import Feed
from gateway.sources.extracts import find_extracts
from gateway.sources.read import read_feed

TODAY = date(2026, 11, 22)


def test_the_newest_extract_is_read_and_its_facts_stated(extracts, good):
    data = extracts.bytes_of(Feed.FAMILIES, good[Feed.FAMILIES], "F2,,", "")
    extracts.write(Feed.FAMILIES, b"older", TODAY - timedelta(days=1))
    path = extracts.write(Feed.FAMILIES, data)
    (path.parent / "families_20261122.csv.part").write_bytes(b"x")
    (path.parent / "families_latest.csv").write_bytes(b"x")
    _, found = extracts.find(Feed.FAMILIES)
    extract = found[Feed.FAMILIES]
    assert (extract.path, extract.taken_on) == (path, TODAY)
    assert (extract.sha256, extract.size_bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (extract.lines, extract.encoding) == (3, "utf-8")


def test_a_missing_extract_is_refused_and_may_come_later(extracts):
    with pytest.raises(ExtractMissing) as caught:
        extracts.find(Feed.FAMILIES)
    assert caught.value.retryable
    assert "liquidlogic_ehm/families_{date}.csv" in str(caught.value)


def test_an_optional_extract_may_be_missing(extracts):
    optional = extracts.remapped(
        "liquidlogic_ehm", ("persons_{date}.csv\n    required: true", "persons_{date}.csv\n    required: false")
    )
    extracts.use(optional)
    assert extracts.find(Feed.PERSONS)[1] == {}


def test_an_extract_may_be_as_old_as_its_mapping_allows_and_no_older(extracts, good):
    data = extracts.bytes_of(Feed.FAMILIES, good[Feed.FAMILIES])
    extracts.write(Feed.FAMILIES, data, TODAY - timedelta(days=3))
    assert extracts.find(Feed.FAMILIES)[1]
    with pytest.raises(ExtractStale, match="4 days old; 3 are allowed"):
        extracts.find(Feed.FAMILIES, TODAY + timedelta(days=1))


def test_history_is_never_too_old(extracts):
    extracts.use(extracts.shipped("capita_one"))
    extracts.write(Feed.FAMILIES, b"CASE_ID;OPENED;CLOSED\r\n1;;\r\n", date(2021, 1, 31))
    assert extracts.find(Feed.FAMILIES)[1][Feed.FAMILIES].taken_on == date(2021, 1, 31)


def test_an_extract_from_tomorrow_refuses_rather_than_letting_an_older_one_stand_in(extracts, good):
    data = extracts.bytes_of(Feed.FAMILIES, good[Feed.FAMILIES])
    extracts.write(Feed.FAMILIES, data)
    extracts.write(Feed.FAMILIES, data, TODAY + timedelta(days=1))
    with pytest.raises(ExtractMalformed, match="lies after today"):
        extracts.find(Feed.FAMILIES)


def test_a_day_that_does_not_exist_refuses(extracts):
    path = extracts.write(Feed.FAMILIES, b"x")
    path.rename(path.with_name("families_20261131.csv"))
    with pytest.raises(ExtractMalformed, match="does not exist"):
        extracts.find(Feed.FAMILIES)


@pytest.mark.parametrize("age", [None, 2, -1])
def test_L3_a_suppression_feed_that_is_missing_stale_or_early_stops_the_night(extracts, good, age):
    """Law L3: and in a class of its own, so that nobody mistakes it for any other extract."""
    if age is not None:
        data = extracts.bytes_of(Feed.SUPPRESSION, good[Feed.SUPPRESSION])
        extracts.write(Feed.SUPPRESSION, data, TODAY - timedelta(days=age))
    with pytest.raises(SuppressionRefused) as caught:
        extracts.find(Feed.SUPPRESSION)
    assert caught.value.advice()


def test_a_file_that_cannot_be_read_is_refused_with_a_way_out(extracts):
    path = extracts.write(Feed.FAMILIES, b"")
    make_unreadable(path)
    with pytest.raises(ExtractMissing) as caught:
        extracts.find(Feed.FAMILIES)
    assert "account" in caught.value.advice()


def make_unreadable(path):
    """Let reading the file fail, for root too: this process's memory cannot be read at its beginning."""
    memory = Path("/proc/self/mem")
    if memory.exists():
        path.unlink()
        path.symlink_to(memory)
    else:
        path.chmod(0)


def test_an_extract_that_changes_after_it_was_found_is_refused(extracts, good):
    extracts.write(Feed.FAMILIES, extracts.bytes_of(Feed.FAMILIES, good[Feed.FAMILIES]))
    mapping, found = extracts.find(Feed.FAMILIES)
    for changed in (
        extracts.bytes_of(Feed.FAMILIES, "F9,,"),
        b"FAMILY_ID,PROGRAMME_START_DTTM,PROGRAMME_END_DTTM\n\xff,,\n",
    ):
        extracts.write(Feed.FAMILIES, changed)
        with pytest.raises(ExtractMalformed, match="changed while it was read"):
            list(read_feed(mapping, found[Feed.FAMILIES], environment="synthetic", as_at=TODAY))


def test_an_extract_that_is_gone_when_it_is_read_is_refused(extracts, good):
    path = extracts.write(Feed.FAMILIES, extracts.bytes_of(Feed.FAMILIES, good[Feed.FAMILIES]))
    mapping, found = extracts.find(Feed.FAMILIES)
    path.unlink()
    with pytest.raises(ExtractMalformed, match="cannot be read"):
        list(read_feed(mapping, found[Feed.FAMILIES], environment="synthetic", as_at=TODAY))


def test_a_folder_that_is_not_there_is_a_missing_extract(extracts, tmp_path):
    with pytest.raises(ExtractMissing):
        find_extracts(extracts.mapping, tmp_path / "nowhere", TODAY)


def test_a_folder_that_cannot_be_read_is_refused_with_a_way_out(extracts, tmp_path):
    with pytest.raises(ExtractMissing) as caught:
        find_extracts(extracts.mapping, tmp_path / ("x" * 300), TODAY)
    assert "account" in caught.value.advice()


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "the file is empty"),
        (b"FAMILY_ID\n\x00\n", "line 2 holds a zero byte"),
        ("FAMILY_ID\nF\0\n".encode("utf-16"), "line 2 holds a zero byte"),
        ("FAMILY_ID\n".encode("utf-16-le"), "line 1 holds a zero byte"),
        ("FAMILY_ID\n".encode("utf-32"), "UTF-32"),
        (b"\xef\xbb\xbfFAMILY_ID\n\xff\n", "line 2 is not in the file's encoding"),
        (b"\xff\xfeF\x00\n\x00\x00\xd8\n\x00", "line 2 is not in the file's encoding"),
        (b"FAMILY_ID\n\x81\x8d\n", "line 2 is not in the file's encoding"),
        (
            "FAMILY_ID\nN\u00fa\u00f1ez\n".encode() + "Ren\u00e9e\n".encode("cp1252"),
            "some lines are UTF-8, but line 3 is not",
        ),
    ],
)
def test_what_is_not_text_in_one_encoding_is_refused_by_its_line(extracts, data, fault):
    extracts.write(Feed.FAMILIES, data)
    with pytest.raises(ExtractMalformed) as caught:
        extracts.find(Feed.FAMILIES)
    assert fault in str(caught.value)
    assert caught.value.__context__ is None


def test_L3_a_damaged_utf8_file_is_never_read_as_code_page_1252(extracts):
    """Law L3: read so, every accented name would be another name, and a flag by name would reach nobody."""
    lines = [f"F{n},N\u00fa\u00f1ez,".encode() for n in range(100)]
    lines[50] = b"F50,N\xfa\xc3\xb1ez,"
    extracts.write(Feed.FAMILIES, b"FAMILY_ID,X,Y\n" + b"\n".join(lines) + b"\n")
    with pytest.raises(SourceError, match="some lines are UTF-8, but line 52 is not"):
        extracts.find(Feed.FAMILIES)


def test_a_line_as_long_as_the_file_is_found_in_flat_memory(extracts):
    extracts.write(Feed.FAMILIES, b"FAMILY_ID," + b"x" * 20_000_000 + b"\n")
    tracemalloc.start()
    extracts.find(Feed.FAMILIES)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000
