"""Damage of any kind is a refusal, a reject, or a value that is visibly another; never a value that is gone."""

import traceback
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import SourceError, SuppressionRefused
from gateway.model.records import Feed, Reject, UnmappedCode
from gateway.sources.read import read_feed
from tests.extracts_written import GOOD, HEADERS, Extracts

TODAY = date(2026, 11, 22)
FEEDS = list(Feed)
#: Columns that decide nothing: what is unusable in them is left blank and counted (gateway/sources/cells.py).
CONTACTS = {"email", "phone"}
JUNK = ["\x07", "\ufffd", "?", "\u202e", "x", "9", "/", ",", '"', "\r", "\u00a0", "\u2028", "\u0660", ""]
OTHERS = {feed: line.replace("101", "102").replace("F1", "F2") for feed, line in GOOD.items()}
CANARY = "Canary"


@pytest.fixture(scope="module")
def extracts(tmp_path_factory) -> Extracts:
    return Extracts(tmp_path_factory.mktemp("damage"))


def tried(extracts: Extracts, feed: Feed, data: bytes):
    """Return what became of an extract: an outcome or the refusal."""
    try:
        return extracts.read(feed, data), None
    except SourceError as error:
        return None, error


def damaged_lines(line: str) -> list[str]:
    places = range(len(line) + 1)
    replaced = {line[:place] + junk + line[place + 1 :] for place in places for junk in JUNK}
    inserted = {line[:place] + junk + line[place:] for place in places for junk in JUNK}
    return sorted(replaced | inserted)


def gone_from(before, after) -> set[str]:
    """Return the columns whose value stood in the record before and is now None."""
    return {
        name for name, was, now in zip(before._fields, before, after, strict=True) if was is not None and now is None
    }


@pytest.mark.parametrize("feed", FEEDS)
def test_L3_no_damaged_character_makes_a_value_disappear(extracts, feed):
    """Law L3: at every place of a line, by every kind of junk. A code that is gone is told as unmapped."""
    before = extracts.lines(feed, GOOD[feed]).record
    lines = damaged_lines(GOOD[feed])
    records, told = [], Counter()
    # A few at a time: a column with very many different codes would be refused as a whole.
    for first in range(0, len(lines), 40):
        some, unmapped = every_item(extracts, feed, [GOOD[feed], *lines[first : first + 40]])
        records += some
        told += unmapped
    gone = Counter(name for record in records for name in gone_from(before, record) - CONTACTS)
    assert gone == {column: told[column] for column in gone}
    assert len(records) > 10


def every_item(extracts, feed, lines):
    """Return the records of an extract, whether or not it is refused at its end, and the unmapped codes by column."""
    extracts.write(feed, extracts.bytes_of(feed, *lines))
    mapping, found = extracts.find(feed)
    mapping = replace(mapping, feeds={feed: replace(mapping.feeds[feed], reject_limit_percent=100)})
    records, told = [], Counter()
    with suppress(SuppressionRefused):
        for item in read_feed(mapping, found[feed], environment="synthetic", as_at=TODAY):
            if isinstance(item, UnmappedCode):
                told[item.column] += item.rows
            elif not isinstance(item, Reject):
                records.append(item)
    return records, told


@pytest.mark.parametrize("feed", [feed for feed in FEEDS if feed not in {Feed.SUPPRESSION, Feed.WORKERS}])
def test_L3_a_line_that_loses_a_delimiter_still_says_whom_it_touches(extracts, feed):
    """Law L3: a line that cannot be cut into its columns offers every cell as an id."""
    for line in (
        GOOD[feed] + ",",
        GOOD[feed].replace(",", ";", 1),
        '"' + GOOD[feed],
        GOOD[feed][: GOOD[feed].rindex(",")],
    ):
        outcome = extracts.lines(feed, line, OTHERS[feed], OTHERS[feed])
        (reject,) = outcome.rejects
        ids = {*reject.person_ids, *reject.family_ids}
        if ";" not in line:
            assert ids & {"101", "F1"}


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FEEDS), st.binary(max_size=400))
def test_random_bytes_after_a_header_are_refused_or_rejected_or_read(extracts, feed, junk):
    tried(extracts, feed, HEADERS[feed].encode() + b"\r\n" + junk)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes_alone_are_refused(extracts, junk):
    outcome, refusal = tried(extracts, Feed.FAMILIES, junk)
    assert outcome is None
    assert refusal is not None
    assert refusal.advice()


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(FEEDS), st.data())
def test_L8_no_refusal_reject_or_count_repeats_what_a_file_holds(extracts, feed, data):
    """Law L8: not in the sentence, not in the errors that travel along with it."""
    cells = GOOD[feed].split(",")
    for place in data.draw(st.sets(st.integers(0, len(cells) - 1), min_size=1)):
        cells[place] = data.draw(
            st.sampled_from([CANARY, f"{CANARY} {CANARY}'s", f'{CANARY}"', f"{CANARY}\x07", f'"{CANARY}'])
        )
    header = data.draw(st.sampled_from([HEADERS[feed], CANARY, HEADERS[feed].replace(",", "/")]))
    raw = "\r\n".join([header, ",".join(cells), ",".join(cells[:-1])]).encode()
    raw = raw.replace(b"'s", data.draw(st.sampled_from([b"\xff", b"\x00", b"\x81", b"'s"])))
    outcome, refusal = tried(extracts, feed, raw)
    if refusal is not None:
        assert CANARY not in "".join(traceback.format_exception(refusal)) + refusal.advice()
        assert refusal.__context__ is None
        assert CANARY not in repr(refusal.__dict__)
    else:
        assert CANARY not in repr([reject.reasons for reject in outcome.rejects])
        assert CANARY not in repr(outcome.counts)


def test_swapped_columns_refuse_the_feed(extracts):
    lines = [f"2025-02-01,{n},F{n}," for n in range(30)]
    _, refusal = tried(extracts, Feed.MEMBERSHIPS, extracts.bytes_of(Feed.MEMBERSHIPS, *lines))
    assert "too many of its 30 lines cannot be read: line 2 (from_on:date_form)" in str(refusal)


def test_a_share_of_rejects_beyond_the_limit_refuses_and_within_it_does_not(extracts):
    def with_bad(bad: int):
        lines = [GOOD[Feed.FAMILIES]] * (100 - bad) + ["F1,soon,"] * bad
        return tried(extracts, Feed.FAMILIES, extracts.bytes_of(Feed.FAMILIES, *lines))

    assert len(with_bad(20)[0].rejects) == 20
    assert "too many" in str(with_bad(21)[1])


def test_a_feed_of_nothing_but_rejects_is_refused(extracts):
    _, refusal = tried(extracts, Feed.FAMILIES, extracts.bytes_of(Feed.FAMILIES, "F1,soon,"))
    assert "none of its lines can be read: line 2 (opened_on:date_form)" in str(refusal)


def test_a_feed_without_lines_is_refused_where_its_mapping_does_not_allow_it(extracts):
    assert "a header and no lines" in str(tried(extracts, Feed.PERSONS, extracts.bytes_of(Feed.PERSONS))[1])
    assert tried(extracts, Feed.NEEDS, extracts.bytes_of(Feed.NEEDS))[0].records == []


def test_a_file_that_breaks_off_is_refused_or_its_last_line_rejected(extracts):
    """A cut within the last value leaves the right number of columns, and an end that looks open."""
    whole = extracts.bytes_of(Feed.MEMBERSHIPS, GOOD[Feed.MEMBERSHIPS], "F2,102,2025-02-01,2026-01-31", end="\n")
    for cut in range(1, 29):
        outcome, refusal = tried(extracts, Feed.MEMBERSHIPS, whole[:-cut])
        if refusal is not None:
            assert "it breaks off in line 3" in str(refusal)
        elif not whole[:-cut].endswith(b"\n"):
            (reject,) = outcome.rejects
            assert reject.reasons == ("line_without_end",)
            assert "102" in reject.person_ids


def test_a_line_of_ten_megabytes_is_a_reject_and_its_neighbours_are_read(extracts):
    lines = (GOOD[Feed.FAMILIES], "F7," + "x" * 10_000_000 + ",", "F3,01/02/2025,")
    outcome = extracts.lines(Feed.FAMILIES, *lines)
    (reject,) = outcome.rejects
    assert (reject.line, reject.reasons) == (3, ("line_too_long",))
    assert "F7" in reject.family_ids
    assert [record.line for record in outcome.records] == [2, 4]


def test_a_header_of_ten_megabytes_is_refused(extracts):
    _, refusal = tried(extracts, Feed.FAMILIES, b"FAMILY_ID," + b"x" * 10_000_000)
    assert "too long to be a header" in str(refusal)


def test_an_unbalanced_quote_costs_its_own_line_and_no_other(extracts):
    lines = (GOOD[Feed.FAMILIES], '"F2,01/02/2025,', "F3,01/02/2025,", 'F4,01/02/2025,"', "F5,01/02/2025,")
    outcome = extracts.lines(Feed.FAMILIES, *lines)
    assert [(reject.line, reject.reasons) for reject in outcome.rejects] == [(3, ("quotes_odd",)), (5, ("quotes_odd",))]
    assert [record.line for record in outcome.records] == [2, 4, 6]
    assert [reject.family_ids[0] for reject in outcome.rejects] == ["F2", "F4"]


def test_a_million_rejects_are_not_read_to_the_end(extracts):
    data = extracts.bytes_of(Feed.FAMILIES, *["F1,soon,"] * 1000)
    extracts.write(Feed.FAMILIES, data)
    mapping, found = extracts.find(Feed.FAMILIES)
    reading = iter(read_feed(mapping, found[Feed.FAMILIES], environment="synthetic", as_at=TODAY))
    seen = 0
    with pytest.raises(SourceError):
        for _ in reading:
            seen += 1
    assert seen == 201


def test_the_same_bytes_give_the_same_records(extracts):
    """Law L9."""
    data = extracts.bytes_of(Feed.PERSONS, *(GOOD[Feed.PERSONS], OTHERS[Feed.PERSONS]))
    assert extracts.read(Feed.PERSONS, data) == extracts.read(Feed.PERSONS, data)
