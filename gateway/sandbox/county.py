"""Invent a county and leave its raw extracts in a folder, as the source systems would.

The same seed, size and day give the same bytes. The first families are the cases of invented_cases.py, whose
people are named in the answer as canaries; the rest are drawn by lot. Everybody's National Insurance number starts
`QQ`, every street says that it is invented.

With `dirt` the extracts are as bad as real ones, and a few lines are refused. The suppression feed is always whole,
because one bad line in it stops the night. `new_codes` adds a kind of involvement that no mapping knows: agreements
whose decision reads it are then withheld, which is what it is for. Without `abuse_needs` no family has a current need
that comes of domestic abuse: under an agreement that leaves those to a person, every list would wait for one.

Edge: writes files. Memory does not grow with the county.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from gateway.sandbox.invented_cases import CASES, capita_only
from gateway.sandbox.invented_county import Canary, County
from gateway.sandbox.invented_dirt import add_dirty_row, soil
from gateway.sandbox.invented_families import Inventor
from gateway.sandbox.invented_flags import flag_by_lot
from gateway.sandbox.invented_layouts import CAPITA, EHM, SUPPRESSION, UNKNOWN, open_extracts
from gateway.sandbox.invented_rows import write_involvement, write_older_case, write_worker


@dataclass(frozen=True, slots=True)
class CountyFacts:
    """What was put into a county. `lines` and `rejected` count data lines by `source/feed`."""

    folder: Path
    as_at: date
    seed: int
    families: int
    people: int
    adults: int
    fates: dict[str, int]
    flags: int
    lines: dict[str, int]
    rejected: dict[str, int]
    canaries: tuple[Canary, ...]
    paths: tuple[Path, ...]

    def canary(self, name: str) -> Canary:
        """Return the canary of that name."""
        return next(canary for canary in self.canaries if canary.name == name)


def invent_county(
    folder: Path,
    *,
    seed: int,
    families: int = 2500,
    as_at: date,
    dirt: bool = True,
    new_codes: bool = False,
    abuse_needs: bool = True,
) -> CountyFacts:
    """Write the extracts of an invented county and say what is in them.

    Families that only the older system knows come on top of `families`, about four for every hundred.
    """
    dice = Random(seed)  # noqa: S311 - invention, not secrecy
    with open_extracts(folder, as_at, dirt=dirt) as extracts:
        inventor = Inventor(dice, as_at, workers=max(12, families // 15), abuse_needs=abuse_needs)
        county = County(extracts, inventor, dice)
        _write_staff(county)
        for case in CASES[:families]:
            if (dirt or not case.dirty) and (abuse_needs or not case.abuse):
                case.shape(county, case.name)
        while county.families < families:
            _write_by_lot(county)
        if new_codes:
            write_involvement(extracts, county.write(county.inventor.couple()), "NEWCODE", 1, None)
        if not extracts.lines[f"{CAPITA}/persons"]:
            capita_only(county, "capita_only")
        if not extracts.lines[f"{SUPPRESSION}/suppression"]:
            extracts.row(SUPPRESSION, "suppression", "none tonight", *[""] * 8)
    return _facts(county, folder, seed)


def _facts(county: County, folder: Path, seed: int) -> CountyFacts:
    extracts = county.extracts
    return CountyFacts(
        folder=folder,
        as_at=county.as_at,
        seed=seed,
        families=county.families,
        people=county.people,
        adults=county.adults,
        fates=dict(county.fates),
        flags=extracts.lines[f"{SUPPRESSION}/suppression"],
        lines=dict(extracts.lines),
        rejected=dict(extracts.rejected),
        canaries=tuple(county.canaries),
        paths=tuple(extracts.paths),
    )


def _write_staff(county: County) -> None:
    for worker in county.inventor.workers:
        write_worker(county.extracts, worker)
    if county.extracts.dirt:
        county.extracts.row(EHM, "workers", UNKNOWN, "", "", "", "", "", "", "")
        # The warehouse keeps a row for "nobody knows who" in every table of people.
        county.extracts.row(EHM, "persons", UNKNOWN, *[""] * 14)


def _write_by_lot(county: County) -> None:
    """Write the next family, and now and then one that only the older system knows."""
    inventor = county.inventor
    family = inventor.family()
    if county.extracts.dirt:
        soil(county, family)
    county.write(family)
    if inventor.chance(0.04):
        flag_by_lot(county, family)
    if county.extracts.dirt and inventor.chance(0.02):
        add_dirty_row(county, family)
    if inventor.chance(0.04):
        spell = (inventor.days_ago(1500, 2500), inventor.days_ago(900, 1400))
        write_older_case(county.extracts, inventor.family(), spell, county.dice)
