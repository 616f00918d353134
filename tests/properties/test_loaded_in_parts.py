"""A county that is made part by part is the county that is made at once: row for row, with the same references."""

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from gateway.model.time import FrozenClock
from gateway.sandbox.county import invent_county
from gateway.sandbox.invented_layouts import SUPPRESSION
from gateway.services.sources.load_sources import load_sources
from gateway.store.engine import Store
from tests.loaded_county import Drawn, a_county_workplace
from tests.whole_load import rows_in, whole_load

FIRST = date(2026, 11, 21)
FAMILIES = 90


@pytest.fixture
def nights(store, tmp_path, signer, store_url):
    """A function that loads a county on a night in small parts, and holds what was written to what it must be."""

    def load(extracts: Path, night: int, most_in_a_part: int) -> None:
        clock = FrozenClock(store._clock.now() + timedelta(days=night))
        opened = Store.open(store_url, clock=clock, signer=signer)
        made = a_county_workplace(opened, clock, tmp_path, extracts)
        workplace = replace(
            made,
            draw=Drawn(night),
            lines_about_nobody_allowed=10_000,
            lines_lost_at_first_allowed=10_000,
        )
        try:
            cohort, expected = whole_load(workplace, night)
            outcome = load_sources(workplace, most_in_a_part=most_in_a_part)
            with opened.reading() as connection:
                found = rows_in(connection)
            assert (outcome.snapshot.flags, outcome.snapshot.flags_reaching_nobody) == (cohort.flags, cohort.astray)
            assert outcome.incomplete == sum(person.incomplete for person in cohort.persons)
            for name, rows in expected.items():
                assert found[name] == rows, name
        finally:
            opened.close()

    return load


def of_the_next_day(extracts: Path, day: date) -> None:
    for path in list(extracts.glob("*/*.csv")):
        path.rename(path.with_name(path.name.replace(f"{day:%Y%m%d}", f"{day + timedelta(days=1):%Y%m%d}")))


def damage(extracts: Path, chance: Random) -> None:
    """Spoil a cell of some lines of every feed but the flags: with nonsense, with nothing, or with another line's."""
    for path in sorted(extracts.glob("*/*.csv")):
        if path.parent.name == SUPPRESSION:
            continue
        header, *lines = path.read_bytes().splitlines(keepends=True)
        delimiter = b";" if b";" in header else b","
        for _ in range(min(6, len(lines) // 20)):
            place, other = chance.randrange(len(lines)), chance.choice(lines).rstrip().split(delimiter)
            cells = lines[place].rstrip().split(delimiter)
            cell = chance.randrange(min(len(cells), len(other)))
            cells[cell] = chance.choice([b"?", b"", other[cell], other[cell]])
            lines[place] = delimiter.join(cells) + b"\r\n"
        path.write_bytes(header + b"".join(lines))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_county_in_parts_is_the_county_at_once_on_every_night(nights, tmp_path, seed):
    county = invent_county(tmp_path / "made", seed=seed, families=FAMILIES, as_at=FIRST)
    extracts = Path(shutil.copytree(county.folder, tmp_path / "extracts"))
    chance = Random(seed)
    nights(extracts, 0, 12)
    for night, most in ((1, 25), (2, 400)):
        of_the_next_day(extracts, FIRST + timedelta(days=night - 1))
        damage(extracts, chance)
        nights(extracts, night, most)
