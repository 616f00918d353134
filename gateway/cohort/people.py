"""Make people of what is known of them: who they are, what may be sent of them, and whether their record is whole.

- What is sent of a person is taken from the source that is believed most and says it at all. A number is sent only
  where it is valid, current, the person's only one, and borne by nobody else; a postcode only where one current
  address is certain.
- A person is incomplete where a refused line touches them: by their own id, by a linked record's, by an id that
  earlier loads knew to be theirs, or as somebody who ever was a member of a touched family. So is a person of whom
  something had to be carried over, whose records contradict each other, or who has two current numbers (law L3).

Pure. How records become people is left to matching.py, what flags reach to suppression.py.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from gateway.cohort.gathered import Gathered, Handle
from gateway.cohort.identifiers import nino_stem, sector_of
from gateway.cohort.matching import Links, Remembered, link, places_of_subjects
from gateway.cohort.recall import Recalled
from gateway.cohort.rows import NINO, Clue, PersonRow, RecordRow
from gateway.cohort.soundness import Sound
from gateway.cohort.suppression import Protection, Reach, in_force, protect
from gateway.cohort.traits import Numbers, Places, numbers_of, places_of, single_number, traits_of
from gateway.model.records import Feed, PersonRecord, Reject


@dataclass(frozen=True, slots=True)
class People:
    """The people of a load. `place_of` gives each record's person, `links` and `rows` hold them in one order."""

    links: Links
    rows: tuple[PersonRow, ...]
    protection: Protection
    numbers: Mapping[Handle, Numbers]

    def key_of(self, handle: Handle) -> int:
        """Return the key of the person whom a held record is about."""
        return self.links.place_of[handle] + 1

    def clues(self) -> Iterator[tuple[Clue, ...]]:
        """Yield what each person is known by, in the order of the rows."""
        for handles in self.links.people:
            if self.numbers.keys().isdisjoint(handles):
                yield handles
                continue
            known = [self.numbers[handle] for handle in handles if handle in self.numbers]
            numbers = {number for those in known for number in those.stems | those.current}
            yield (*handles, *((NINO, number) for number in sorted(numbers)))

    def records(self) -> Iterator[RecordRow]:
        """Yield each record with its person."""
        for key, handles in enumerate(self.links.people, start=1):
            for source, source_id in handles:
                yield RecordRow(source, source_id, key, self.links.rules[source, source_id].value)


def find_people(
    recalled: Recalled,
    sound: Sound,
    *,
    believed: Sequence[str],
    remembered: Remembered,
    as_at: date,
) -> People:
    """Return the people whom tonight's lines and those carried over are about.

    Lines that do not hang together are among them: flags must reach by them too.
    """
    gathered, ties = recalled.gathered, recalled.ties
    numbers, places = numbers_of(gathered, as_at), places_of(gathered, as_at)
    lines = traits_of(gathered, numbers, places)
    links = link(lines, remembered)
    lines_of = _lines_of(gathered)
    reach = Reach(
        lines=lines,
        links=links,
        ties=ties,
        numbers=numbers,
        remembered=remembered,
        sources=frozenset(believed),
        deceased=_deceased(links, gathered.persons),
        without_home=_without_home(sound.rejects, links),
    )
    protection = protect(in_force(gathered.flags, as_at), reach)
    currents = _current_numbers(links, numbers)
    touched = _places_of(recalled.people | _touched(sound.rejects, ties.members_of), links, remembered)
    incomplete = touched | links.contradictory | _with_several_numbers(currents)
    sendable = _sendable_numbers(currents)
    trust = {source: place for place, source in enumerate(believed)}
    rows = []
    for place, handles in enumerate(links.people):
        ordered = _by_trust(handles, trust)
        forename, surname, born_on, died_on = _said(ordered, lines_of)
        postcode = _postcode(ordered, places)
        rows.append(
            PersonRow(
                *(place + 1, forename, surname, born_on, sendable[place]),
                *(postcode, sector_of(postcode) if postcode else None, died_on),
                *(place in incomplete, protection.masks.get(place, 0)),
            )
        )
    return People(links, tuple(rows), protection, numbers)


def _by_trust(handles: tuple[Handle, ...], trust: Mapping[str, int]) -> Sequence[Handle]:
    """Return the records of one person, those of the most believed source first."""
    if len(handles) == 1:
        return handles
    return sorted(handles, key=lambda handle: (trust.get(handle[0], len(trust)), handle))


def _lines_of(gathered: Gathered) -> dict[Handle, list[PersonRecord]]:
    lines: defaultdict[Handle, list[PersonRecord]] = defaultdict(list)
    for person in gathered.persons:
        lines[person.source, person.source_id].append(person)
    return dict(lines)


def _deceased(links: Links, lines: Iterable[PersonRecord]) -> frozenset[int]:
    return frozenset(links.place_of[line.source, line.source_id] for line in lines if line.deceased_on)


def _without_home(rejects: Iterable[Reject], links: Links) -> frozenset[int]:
    ids = {
        (reject.source, person_id)
        for reject in rejects
        if reject.feed is Feed.ADDRESSES
        for person_id in reject.person_ids
    }
    return frozenset(links.place_of[handle] for handle in ids & links.place_of.keys())


# --- whose record is not whole --------------------------------------------------------------------------------


def _touched(rejects: Iterable[Reject], members_of: Mapping[Handle, frozenset[Handle]]) -> set[Handle]:
    """Return the ids of people whom a refused line touches, themselves or through a family."""
    touched: set[Handle] = set()
    for reject in rejects:
        touched.update((reject.source, person_id) for person_id in reject.person_ids)
        for family_id in reject.family_ids:
            touched |= members_of.get((reject.source, family_id), frozenset())
    return touched


def _places_of(handles: Iterable[Handle], links: Links, remembered: Remembered) -> set[int]:
    """Return the people whom the ids belong to; of one that is not held, whom earlier loads knew by it."""
    places: set[int] = set()
    subjects: set[str] = set()
    for handle in handles:
        if handle in links.place_of:
            places.add(links.place_of[handle])
        else:
            subjects |= remembered.get(handle, frozenset())
    known = places_of_subjects(links, remembered) if subjects else {}
    return places.union(*(known.get(subject, ()) for subject in subjects))


# --- what may be sent -----------------------------------------------------------------------------------------


class _Said(NamedTuple):
    """What the lines about a person say of them."""

    forename: str | None
    surname: str | None
    date_of_birth: date | None
    deceased_on: date | None


def _said(ordered: Sequence[Handle], lines_of: Mapping[Handle, Sequence[PersonRecord]]) -> _Said:
    """Return what the lines say, the most believed first. An id with several lines says nothing certain."""
    if len(ordered) == 1 and len(lines_of[ordered[0]]) == 1:
        (line,) = lines_of[ordered[0]]
        forename = line.forename if line.surname else None
        return _Said(forename, line.surname or None, line.date_of_birth, line.deceased_on)
    sole = [lines_of[handle][0] for handle in ordered if len(lines_of[handle]) == 1]
    named = next((line for line in sole if line.surname), None)
    died = [line.deceased_on for handle in ordered for line in lines_of[handle] if line.deceased_on]
    return _Said(
        forename=named.forename if named else None,
        surname=named.surname if named else None,
        date_of_birth=next((line.date_of_birth for line in sole if line.date_of_birth), None),
        deceased_on=min(died, default=None),
    )


def _postcode(ordered: Sequence[Handle], places: Mapping[Handle, Places]) -> str | None:
    """Return the postcode that the most believed source with any address knows to be current."""
    if len(ordered) == 1:
        only = places.get(ordered[0])
        return only.current if only else None
    known = [(handle[0], places[handle].current) for handle in ordered if handle in places]
    if len(known) == 1:
        return known[0][1]
    current = {postcode for source, postcode in known if source == known[0][0]}
    return current.pop() if len(current) == 1 else None


def _current_numbers(links: Links, numbers: Mapping[Handle, Numbers]) -> list[frozenset[str]]:
    none: frozenset[str] = frozenset()
    known = ([numbers[handle].current for handle in handles if handle in numbers] for handles in links.people)
    return [none.union(*currents) if currents else none for currents in known]


def _with_several_numbers(currents: Iterable[frozenset[str]]) -> set[int]:
    several = ((place, current) for place, current in enumerate(currents) if len(current) > 1)
    return {place for place, current in several if len({nino_stem(number) for number in current}) > 1}


def _sendable_numbers(currents: Sequence[frozenset[str]]) -> list[str | None]:
    bearers = Counter(stem for current in currents if current for stem in {nino_stem(number) for number in current})
    single = [single_number(current) if current else None for current in currents]
    return [number if number and bearers[nino_stem(number)] == 1 else None for number in single]
