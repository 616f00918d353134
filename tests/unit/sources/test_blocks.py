"""Lines read in blocks say the same as lines read one by one."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import SourceError
from gateway.model.records import Feed
from gateway.sandbox.county import invent_county
from gateway.sources.extracts import find_extracts
from gateway.sources.mapping import load_mapping
from gateway.sources.read import read_feed
from tests.extracts_written import GOOD, Extracts

TODAY = date(2026, 11, 22)
FEEDS = [feed for feed in Feed if feed is not Feed.SUPPRESSION]


def told(mapping, extract, at_once):
    """Everything that an extract says, read so many lines at once, and how it is refused."""
    reading = read_feed(mapping, extract, environment="synthetic", as_at=TODAY, at_once=at_once)
    items = []
    try:
        items.extend(reading)
    except SourceError as error:
        return items, repr(error)
    return items, reading.counts


@pytest.mark.parametrize("source", ["liquidlogic_ehm", "capita_one"])
def test_a_dirty_county_says_the_same_however_many_lines_are_read_at_once(tmp_path, source):
    invent_county(tmp_path, seed=5, families=120, as_at=TODAY, new_codes=True)
    path = Path(f"config/sources/{source}.yaml")
    mapping = load_mapping(path.read_bytes(), path.name)
    for extract in find_extracts(mapping, tmp_path, TODAY).values():
        one_by_one = told(mapping, extract, 1)
        assert one_by_one[0]
        assert told(mapping, extract, 7) == told(mapping, extract, 256) == one_by_one


@pytest.fixture(scope="module")
def extracts(tmp_path_factory) -> Extracts:
    return Extracts(tmp_path_factory.mktemp("blocks"))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_line_between_others_is_told_in_the_same_way(extracts, data):
    feed = data.draw(st.sampled_from(FEEDS))
    lines = [GOOD[feed].replace("101", str(number)) for number in range(101, 105)]
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        lines[place] = damaged(data, lines[place])
    extracts.write(feed, extracts.bytes_of(feed, *lines))
    mapping, found = extracts.find(feed)
    assert told(mapping, found[feed], 256) == told(mapping, found[feed], 1)


def damaged(data, line):
    """The line with one cell changed, in ways that are no flaw as well as in ways that are."""
    cells = line.split(",")
    place = data.draw(st.integers(0, len(cells) - 1))
    cells[place] = data.draw(st.sampled_from(["", " ", "-1", "NULL", "?", '"x"', 'a"', "x,y", " 101 ", "é", "x" * 65]))
    return ",".join(cells)
