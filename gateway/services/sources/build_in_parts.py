"""Make a county's people and families part by part, so that memory holds one part, however large the county is.

(1) What the last snapshot still knows of lost lines is carried over: of all lines, only those are looked at that could
leave something open. (2) Whoever must be looked at together gets into one part (cohort/connections.py). (3) Each part
is made as a county of its own, by the same rules (cohort/build.py), with every flag, and with what the registry knows
of its people. (4) Its rows are put aside; merged_parts.py reads them in the order of the whole.

What is made is what would be made of all lines at once, row for row: a test holds the one against the other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

from gateway.cohort.build import build_cohort
from gateway.cohort.connections import connect
from gateway.cohort.gathered import Gathered, Handle
from gateway.cohort.groups import Held
from gateway.cohort.identifiers import nino_stem
from gateway.cohort.recall import (
    CARRIED_OVER,
    LastSnapshot,
    NoSnapshot,
    Recalled,
    clues_of_flags,
    postcodes_of_nobody,
    recall,
    with_refused_address,
)
from gateway.cohort.rows import NINO, Clue, Cohort, astray_of
from gateway.cohort.soundness import joined_by_line
from gateway.cohort.ties import ties_of
from gateway.model.records import (
    AddressRecord,
    EpisodeRecord,
    Feed,
    IdentifierRecord,
    InvolvementRecord,
    MembershipRecord,
    PersonRecord,
    Reject,
)
from gateway.services.sources.lines_aside import LinesAside
from gateway.services.sources.merged_parts import MadeRows
from gateway.services.subjects.tombstones import Recognised
from gateway.store.aside import Aside
from gateway.store.registry import Registry, RegistryReader

#: People and families of one part, about: a part of so many takes some 10 MB.
MOST_IN_A_PART = 3000


@dataclass(slots=True)
class County:
    """What was made: rows, put aside, and what is known of all of them."""

    rows: MadeRows
    recognised: dict[Handle, str] = field(default_factory=dict)
    flags: int = 0
    arrived: set[int] = field(default_factory=set)
    doubtful: set[int] = field(default_factory=set)
    rejects: list[Reject] = field(default_factory=list)
    about_nobody: list[Reject] = field(default_factory=list)

    @property
    def astray(self) -> int:
        """The number of flags that cannot be followed to everybody they protect."""
        return astray_of(self.flags, self.arrived, self.doubtful)

    def add(self, cohort: Cohort, registry: Registry) -> None:
        """Add a part."""
        self.rows.add(cohort, registry)
        self.flags = cohort.flags
        self.arrived |= cohort.arrived
        self.doubtful |= cohort.doubtful
        self.rejects += cohort.rejects
        self.about_nobody += cohort.about_nobody


def build_in_parts(
    lines: LinesAside,
    aside: Aside,
    last: LastSnapshot,
    registry: RegistryReader,
    *,
    believed: tuple[str, ...],
    recognise: Callable[[Gathered], Recognised],
    as_at: date,
    between: Callable[[], None],
    most_in_a_part: int = MOST_IN_A_PART,
) -> County:
    """Return the snapshot's rows. `recognise` finds forgotten people among a part's lines; before each is `between`."""
    carried = _carry_over(lines, last, as_at)

    def known(source: str, ids: Sequence[str]) -> list[tuple[str, frozenset[str]]]:
        if not registry.state.identifiers:
            return []
        found = registry.led_to((source, own_id) for own_id in ids)
        return [(own_id, subjects) for own_id in ids if (subjects := found.subjects_of((source, own_id)))]

    of_flags = clues_of_flags(lines.flags, lines.numbered.who_is_held().sources)
    meant = registry.about(of_flags).remembered(of_flags)
    parted = lines.in_parts(*connect(lines, lines.numbered, known).parts(most_in_a_part))
    county = County(MadeRows(aside))
    for part in range(len(parted)):
        between()
        gathered = parted.gathered(part)
        county.recognised |= recognise(gathered)
        recalled = Recalled(gathered, ties_of(gathered), carried)
        handles = _handles_of(recalled)
        of_part = registry.about(handles | _numbers_of(gathered))
        remembered = meant | of_part.remembered(handles)
        county.add(build_cohort(recalled, believed=believed, remembered=remembered, as_at=as_at), of_part)
    county.rejects = joined_by_line(county.rejects)
    county.about_nobody = joined_by_line(county.about_nobody)
    return county


def _handles_of(recalled: Recalled) -> set[Handle]:
    held = {(person.source, person.source_id) for person in recalled.gathered.persons}
    return held | recalled.ties.named


def _numbers_of(gathered: Gathered) -> set[Clue]:
    numbers = {person.nino for person in gathered.persons if person.nino} | {row.value for row in gathered.identifiers}
    return {(NINO, spelt) for number in numbers for spelt in (number, nino_stem(number))}


# --- what is carried over ------------------------------------------------------------------------------------------


def _carry_over(lines: LinesAside, last: LastSnapshot, as_at: date) -> frozenset[Handle]:
    """Add what the last snapshot knows of lost lines, and return the people whom that makes incomplete."""
    if isinstance(last, NoSnapshot):
        return frozenset()
    held = lines.numbered.who_is_held()
    recalled = recall(_lines_left_open(lines, held, last), last, as_at, held)
    again = recalled.gathered
    for records in (again.persons, again.memberships, again.addresses):
        carried = sorted((row for row in records if row.line == CARRIED_OVER), key=attrgetter("source"))
        for _, of_source in groupby(carried, key=attrgetter("source")):
            lines.add_all(list(of_source))
    return recalled.people


def _lines_left_open(lines: LinesAside, held: Held, last: LastSnapshot) -> Gathered:
    """Return the lines that recall.py can ask for: those that name somebody who is not held, and what they touch."""
    found = Gathered(flags=lines.flags, rejects=lines.rejects)
    kinds: tuple[type[Any], ...] = (EpisodeRecord, InvolvementRecord, IdentifierRecord, AddressRecord)
    for kind in kinds:
        for source, rows in lines.blocks(kind):
            # Nearly every block is passed over without a look at each of its lines.
            if not lines.numbered.are_all_held(lines.numbers_of(kind, source, rows)):
                found.add_all([row for row in rows if (source, row.person_id) not in held.people])
    found.memberships = _memberships_left_open(lines, held)
    homes = with_refused_address(found)
    homes |= {(seen.source, seen.source_id) for seen in last.living_at(postcodes_of_nobody(found, held))}
    if homes:
        _add_homes(lines, homes, found)
    return found


def _memberships_left_open(lines: LinesAside, held: Held) -> list[MembershipRecord]:
    """Return the memberships with a side that is not held, and every other one of the sides that are."""
    refused = [reject for reject in lines.rejects if reject.feed is Feed.MEMBERSHIPS]
    people = {(reject.source, each) for reject in refused for each in reject.person_ids}
    families = {(reject.source, each) for reject in refused for each in reject.family_ids}
    numbered = lines.numbered
    for source, rows in lines.blocks(MembershipRecord):
        if numbered.are_all_held(numbered.of_people(source, [row.person_id for row in rows])) and numbered.are_all_held(
            numbered.of_families(source, [row.family_id for row in rows])
        ):
            continue
        for row in rows:
            person, family = (source, row.person_id), (source, row.family_id)
            if person not in held.people or family not in held.families:
                people.add(person)
                families.add(family)
    return [
        row
        for source, rows in (lines.blocks(MembershipRecord) if people or families else ())
        for row in rows
        if (source, row.person_id) in people or (source, row.family_id) in families
    ]


def _add_homes(lines: LinesAside, whose: set[Handle], found: Gathered) -> None:
    """Add everything that is said tonight of where some people live."""
    there = set(found.addresses)
    for source, rows in lines.blocks(AddressRecord):
        found.addresses += [row for row in rows if (source, row.person_id) in whose and row not in there]
    for source, people in lines.blocks(PersonRecord):
        found.persons += [row for row in people if (source, row.source_id) in whose]
