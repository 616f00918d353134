"""Law L3: corrupting any one input line never adds a person to any list.

The lines are bytes in the layouts of their sources, read, built and decided as a night does it; the night before read
them whole. A refused load and a withheld list disclose nobody. Every corruption is tried for two nights, because what
the first night still remembered must not be forgotten by the second.

What is left out, because nothing could see it: a value that becomes another value just as good (another date, another
code, an end that is blank, an id that becomes somebody else's in a membership or a flag), and a line that is gone
altogether. A first load has nothing to remember: the last test says what still holds then.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.cohort.rows import Cohort
from gateway.sandbox.invented_layouts import CAPITA, EHM
from tests.written_county import UNKNOWN_IDS, Nights, Where, WrittenCounty, a_random_county, every_protection


@pytest.fixture(scope="module")
def nights(tmp_path_factory) -> Nights:
    return Nights(tmp_path_factory.mktemp("nights"))


def corruptions_of_cell(cells: list[str], place: int, delimiter: str) -> Iterator[str]:
    """A cell with junk in it, with a quote before it, and where it is an id, as an id that nobody bears."""
    cell = cells[place]
    middle = len(cell) // 2
    changed = {f"{cell[:middle]}#{cell[middle + 1 :]}", f"{cell}\x07", f'"{cell}'}
    if cell.isalnum() and len(cell) in {5, 6}:
        changed |= set(UNKNOWN_IDS)
    for new in sorted(changed - {cell}):
        yield delimiter.join([*cells[:place], new, *cells[place + 1 :]])


def corruptions_of_line(line: str, delimiter: str) -> Iterator[str]:
    """A line cut off before its last cell, and one that is junk altogether."""
    yield from (line[:length] for length in range(2, line.rindex(delimiter), 7))
    yield from ("#" * len(line), "\x00\x01\x02")


def corruptions(where: Where, line: str) -> Iterator[str]:
    delimiter = ";" if where[0] == CAPITA else ","
    cells = line.split(delimiter)
    for place in range(len(cells)):
        yield from corruptions_of_cell(cells, place, delimiter)
    yield from corruptions_of_line(line, delimiter)


def corrupted(county: WrittenCounty, where: Where, place: int, line: str) -> WrittenCounty:
    other = WrittenCounty()
    other.lines = county.lines | {where: [*county.lines[where]]}
    other.lines[where][place] = line
    return other


def added(nights: Nights, before: Cohort, county: WrittenCounty) -> frozenset:
    """Who would be disclosed on either of two nights with these lines, and was not the night before."""
    first = nights.cohort(county, before)
    found = nights.disclosed(first)
    if first is not None:
        found |= nights.disclosed(nights.cohort(county, before, first))
    return found - nights.disclosed(before)


def whole(nights: Nights, county: WrittenCounty) -> Cohort:
    cohort = nights.cohort(county)
    assert cohort is not None, "the county is refused although nothing is wrong with it"
    return cohort


FEEDS = sorted(where for where, lines in every_protection().lines.items() if len(lines) > 1)


def test_the_county_holds_back_what_it_should_and_discloses_the_others(nights):
    disclosed = nights.disclosed(whole(nights, every_protection()))
    assert disclosed == {(EHM, f"2000{number:02}") for number in (1, 2, 3, 16, 18, 22, 25, 31)}


@pytest.mark.parametrize("where", FEEDS, ids="/".join)
def test_L3_no_corruption_of_any_cell_adds_anybody(nights, where):
    county = every_protection()
    before = whole(nights, county)
    for place, line in list(enumerate(county.lines[where]))[1:]:
        # Every third, another third for each next line: every cell of every line has its turn, and every kind.
        for new in islice(corruptions(where, line), place % 3, None, 3):
            assert not added(nights, before, corrupted(county, where, place, new)), (line, new)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
# A member who lost the family by which a flag came, and whose namesake lives in the same street.
@example(seed=249)
def test_L3_no_corruption_of_a_line_of_any_county_adds_anybody(nights, seed):
    chance = Random(seed)
    county = a_random_county(chance)
    before = nights.cohort(county)
    if before is None:
        return
    for _ in range(12):
        where = chance.choice([where for where in FEEDS if len(county.lines[where]) > 1])
        place = chance.randrange(1, len(county.lines[where]))
        line = county.lines[where][place]
        new = chance.choice(list(corruptions(where, line)))
        assert not added(nights, before, corrupted(county, where, place, new)), (where, line, new)
    nights.forget()


@pytest.mark.parametrize("where", [(EHM, "persons"), (EHM, "families"), (EHM, "workers"), (CAPITA, "persons")])
def test_L3_an_id_that_becomes_another_existing_one_adds_nobody(nights, where):
    """Two lines of a source with one id show themselves; nobody guesses whose they are."""
    county = every_protection()
    county.write(EHM, "workers", "900002", "S2", "Kit", "Colleague", "", "Early Help Hub", "kit@county.example", "")
    before = whole(nights, county)
    delimiter = ";" if where[0] == CAPITA else ","
    lines = county.lines[where]
    ids = [line.split(delimiter, 1)[0] for line in lines]
    for place in range(1, len(lines)):
        other = place % (len(lines) - 1) + 1
        new = delimiter.join([ids[other], lines[place].split(delimiter, 1)[1]])
        assert not added(nights, before, corrupted(county, where, place, new)), (lines[place], new)


# --- flags that know a person badly ------------------------------------------------------------------------------


def a_couple(**flag: str) -> WrittenCounty:
    """A woman known to both systems, her partner, and one flag."""
    county = WrittenCounty()
    known = county.person(1, "Alder", "Ann", "03/04/1985", nino="QQ000001A")
    county.home(known, "CB1 2AB")
    county.older_family(1, county.older(1, "Alder", "Ann", "03/04/1985", nino="QQ000001A"), needs=("WORK",))
    county.family(1, known, county.person(2, "Birch", "Ben", "13/05/1984"))
    county.flag("marac_or_refuge", **flag)
    return county


@pytest.mark.parametrize(
    "flag",
    [
        {"source": CAPITA, "source_id": "700001"},
        {"source": EHM, "source_id": "299999", "nino": "QQ000001"},
        {"source": EHM, "source_id": "299999", "surname": "alder", "born": "04/03/1985"},
        {"nino": "QQ000001"},
        {"surname": "ALDER", "born": "03/04/1985"},
        {"surname": "Alder", "postcode": "cb12ab"},
    ],
)
def test_L3_a_flag_on_the_older_record_or_with_a_wrong_id_or_without_one_reaches_both_adults(nights, flag):
    cohort = whole(nights, a_couple(**flag))
    assert nights.disclosed(cohort) == frozenset()
    assert all(person.flags for person in cohort.persons)


def test_L3_a_flag_that_reaches_nobody_holds_back_everybody(nights):
    assert nights.cohort(a_couple(source=EHM, source_id="299999")) is None


def test_L3_a_line_of_the_suppression_feed_that_cannot_be_read_holds_back_everybody(nights):
    county = a_couple(source=EHM, source_id="200001")
    assert nights.cohort(county) is not None
    county.flag("no_such_kind", source=EHM, source_id="200002")
    assert nights.cohort(county) is None


# --- a first load ------------------------------------------------------------------------------------------------


def test_L3_on_a_first_load_a_corrupted_line_can_only_part_people_whom_two_systems_know(nights):
    """There is nothing to remember yet, so a line that is lost may be all that tied two records together."""
    county = every_protection()
    cohort = whole(nights, county)
    records = Counter(row.person_key for row in cohort.records)
    known_to_two = {(row.source, row.source_id) for row in cohort.records if records[row.person_key] > 1}
    disclosed = nights.disclosed(cohort)
    for where in FEEDS:
        for place, line in list(enumerate(county.lines[where]))[1:]:
            for new in corruptions_of_cell(line.split(","), 0, ","):
                alone = nights.disclosed(nights.cohort(corrupted(county, where, place, new)))
                held = {record for record in alone - disclosed if record[1] not in new}
                assert held <= known_to_two, (where, line, new)
