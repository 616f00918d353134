"""Say whom each protective flag reaches: everybody who could be meant, and more rather than fewer (law L3).

(1) A flag reaches every record that has its id in the source it names (in any source where it names none that we
    know), its National Insurance number apart from the suffix, its surname and date of birth (day and month swapped
    too), or its surname and postcode. Each key reaches by itself, so a flag with a wrong id still reaches by the rest.
    Where a line about somebody's address was refused, they could live anywhere: the surname is enough.
(2) From a record it reaches the person, with all records linked to it, and every record that could be the same
    person: one that shares a number, or surname and date of birth, or names and home. Twins share theirs; so be it.
(3) A flag of a kind in FAMILY_WIDE reaches everyone who was ever a member of any family of the person, and from them
    goes on as in (2). Ids tie families together here, even of lines that were refused (ties.py).
(4) A person whose own record says that they died is protected as by a flag of kind `deceased`.

A flag is *astray* when nobody can say that it reached all it protects: it reached no person, or an id that is named
but not held and that no earlier load knew, or a member whose family cannot be read, or a family with a member who
cannot be read. Astray flags are counted; beyond the agreed number every list waits for a person.

A flag that has ended before the day does not count. One that begins in the future does: fail closed.

Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gateway.cohort.gathered import Handle
from gateway.cohort.identifiers import loose_surname, nino_stem
from gateway.cohort.matching import Links, Remembered, places_of_subjects
from gateway.cohort.ties import Ties
from gateway.cohort.traits import SAME_PERSON, LooseKey, Numbers, Traits, by_birth, by_home, by_nino, loose_birth
from gateway.model.flags import FAMILY_WIDE, FLAG_BIT, FlagKind
from gateway.model.records import FlagRecord


@dataclass(frozen=True, slots=True)
class Protection:
    """The mask of flags for the place of each person whom any reaches, and what became of each of so many flags.

    Flags are named by their places in the feed's order. `arrived` are those that reached anybody, `doubtful` those that
    cannot be followed to everybody they protect, whether they arrived or not.
    """

    masks: Mapping[int, int]
    flags: int
    arrived: frozenset[int]
    doubtful: frozenset[int]


#: Flags, by their place in the feed's order, for the place of each person.
Reached = defaultdict[int, set[int]]


def in_force(flags: Iterable[FlagRecord], as_at: date) -> list[FlagRecord]:
    """Return the flags that have not ended before the day."""
    return [flag for flag in flags if flag.to_on is None or flag.to_on >= as_at]


@dataclass(frozen=True, slots=True)
class Reach:
    """What flags are followed through: lines about people, who they are, their families, and earlier loads."""

    lines: Sequence[Traits]
    links: Links
    ties: Ties
    numbers: Mapping[Handle, Numbers]
    remembered: Remembered
    sources: frozenset[str]
    deceased: frozenset[int]
    #: People about whose address a line was refused: they could live anywhere.
    without_home: frozenset[int]


def protect(flags: Sequence[FlagRecord], reach: Reach) -> Protection:
    """Return whom the flags protect."""
    follower = _Follower(flags, reach)
    follower.follow()
    masks = {place: follower.mask_of(numbers) for place, numbers in sorted(follower.reached.items())}
    return Protection(masks, len(flags), follower.arrived(), follower.doubtful())


class _Follower:
    """Follows every flag through the numbered steps of the module."""

    def __init__(self, flags: Sequence[FlagRecord], reach: Reach) -> None:
        self._flags = flags
        #: The last stands for every record that says of itself that the person died.
        self._kinds = [*(flag.kind for flag in flags), FlagKind.DECEASED]
        self._reach = reach
        self._places_of_subject = places_of_subjects(reach.links, reach.remembered)
        #: Every line about a person, with the place of the person.
        self._placed = [(traits, reach.links.place_of[traits.handle]) for traits in reach.lines]
        self._wide = frozenset(n for n, flag in enumerate(flags) if flag.kind in FAMILY_WIDE)
        #: Flags that met an id that nobody is held under, by that id.
        self._unheld: defaultdict[Handle, set[int]] = defaultdict(set)
        self._doubtful: set[int] = set()
        self.reached: Reached = defaultdict(set)

    def follow(self) -> None:
        """Take the steps in their order: each begins where the one before has ended."""
        self._by_ids()
        self._by_keys()
        for place in self._reach.deceased:
            self.reached[place].add(len(self._flags))
        self._to_same_person(self.reached)
        relatives = self._to_families()
        self._to_same_person(relatives)

    def mask_of(self, flags: Iterable[int]) -> int:
        """Return the flags' kinds as one number."""
        mask = 0
        for flag in flags:
            mask |= FLAG_BIT[self._kinds[flag]]
        return mask

    def arrived(self) -> frozenset[int]:
        """Return the flags that reached anybody."""
        return frozenset(flag for flags in self.reached.values() for flag in flags if flag < len(self._flags))

    def doubtful(self) -> frozenset[int]:
        """Return the flags that cannot be followed to everybody they protect."""
        return frozenset(self._doubtful)

    # Step (1): by every key.

    def _by_ids(self) -> None:
        for n, flag in enumerate(self._flags):
            for handle in self._handles_of(flag):
                self._reach_handle(handle, n)
            if flag.nino:
                for place in self._remembered_places(("nino", nino_stem(flag.nino))):
                    self.reached[place].add(n)

    def _handles_of(self, flag: FlagRecord) -> Iterator[Handle]:
        if not flag.source_id:
            return
        if flag.source in self._reach.sources:
            yield flag.source, flag.source_id
        else:
            yield from ((source, flag.source_id) for source in sorted(self._reach.sources))

    def _reach_handle(self, handle: Handle, flag: int, into: Reached | None = None) -> None:
        target = self.reached if into is None else into
        place = self._reach.links.place_of.get(handle)
        if place is not None:
            target[place].add(flag)
            return
        self._unheld[handle].add(flag)
        earlier = self._remembered_places(handle)
        for known in earlier:
            target[known].add(flag)
        if not earlier and handle in self._reach.ties.named:
            self._doubtful.add(flag)

    def _remembered_places(self, clue: Handle) -> set[int]:
        subjects = self._reach.remembered.get(clue, frozenset())
        return {place for subject in subjects for place in self._places_of_subject.get(subject, ())}

    def _by_keys(self) -> None:
        wanted: defaultdict[LooseKey, set[int]] = defaultdict(set)
        for n, flag in enumerate(self._flags):
            for key in _keys_of(flag):
                wanted[key].add(n)
        self._reach_sharing(wanted)
        self._by_numbers_of_nobody(wanted)
        self._by_any_home(wanted)

    def _by_numbers_of_nobody(self, wanted: Mapping[LooseKey, set[int]]) -> None:
        """Reach ids that bear a flag's number and are named, but whose own line is missing."""
        for handle, numbers in self._reach.numbers.items():
            if handle in self._reach.links.place_of:
                continue
            for stem in numbers.stems:
                for flag in wanted.get(by_nino(stem), ()):
                    self._reach_handle(handle, flag)

    def _by_any_home(self, wanted: Mapping[LooseKey, set[int]]) -> None:
        """Reach people about whose address a line was refused by their surname and any postcode that a flag has."""
        postcodes = {flag.postcode for flag in self._flags if flag.postcode}
        for traits, place in self._placed if self._reach.without_home else ():
            if place in self._reach.without_home:
                for postcode in postcodes:
                    self.reached[place] |= wanted.get(by_home(traits.surname, postcode), set())

    # Step (2): from records to everybody who could be the same person.

    def _to_same_person(self, start: Reached) -> None:
        wanted: defaultdict[LooseKey, set[int]] = defaultdict(set)
        for traits, place in self._placed:
            if place in start:
                for key in _of_one_person(traits):
                    wanted[key] |= start[place]
        self._reach_sharing(wanted)

    def _reach_sharing(self, wanted: Mapping[LooseKey, set[int]]) -> None:
        """Reach everybody of whom a line has one of the keys."""
        # Nearly all lines have none, and are passed over without a look at each key.
        shares_none = wanted.keys().isdisjoint
        for traits, place in self._placed:
            if not shares_none(traits.loose_keys):
                self.reached[place] |= set[int]().union(*(wanted.get(key, ()) for key in traits.loose_keys))

    # Step (3): from people to their families.

    def _to_families(self) -> Reached:
        """Reach everyone in the families of whoever is reached family-wide, and return those people."""
        relatives: Reached = defaultdict(set)
        for family, flags in sorted(self._families_reached().items()):
            if family in self._reach.ties.without_person:
                self._doubtful |= flags
            for member in sorted(self._reach.ties.members_of.get(family, ())):
                for flag in flags:
                    self._reach_handle(member, flag, relatives)
        for place, flags in relatives.items():
            self.reached[place] |= flags
        return relatives

    def _families_reached(self) -> dict[Handle, set[int]]:
        families: defaultdict[Handle, set[int]] = defaultdict(set)
        for handle, flags in self._reached_handles():
            wide = flags & self._wide
            if wide and handle in self._reach.ties.without_family:
                self._doubtful |= wide
            if wide:
                for family in self._reach.ties.families_of.get(handle, ()):
                    families[family] |= wide
        return families

    def _reached_handles(self) -> list[tuple[Handle, set[int]]]:
        people = self._reach.links.people
        held = [(handle, flags) for place, flags in self.reached.items() for handle in people[place]]
        return held + list(self._unheld.items())


def _keys_of(flag: FlagRecord) -> Iterator[LooseKey]:
    surname = loose_surname(flag.surname or "")
    if flag.nino:
        yield by_nino(nino_stem(flag.nino))
    if surname and flag.date_of_birth:
        yield by_birth(surname, loose_birth(flag.date_of_birth))
    if surname and flag.postcode:
        yield by_home(surname, flag.postcode)


def _of_one_person(traits: Traits) -> Iterator[LooseKey]:
    return (key for key in traits.loose_keys if key[0] in SAME_PERSON)
