"""Number everybody whom a load names, and join into groups whoever must be looked at together.

- A person's and a family's id in its source has one number; `held` says which have a line of their own.
- Groups only grow: whoever is joined once too often costs memory and changes nothing, so that keys are compared by
  their hashes. Who is joined too seldom would be decided without what belongs to them: connections.py says who must be.

Everything is held in whole numbers, about a hundred bytes for each id: this is what grows with the county. Pure.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from itertools import count
from typing import NamedTuple, cast

from gateway.cohort.gathered import Handle

#: The number of each id of one source.
IdNumbers = defaultdict[str, int]
#: Hashes are compared one share of them after another: a dictionary of all would be most of a load's memory.
_SHARES = 16


class Held(NamedTuple):
    """Who is held in the whole county, and the sources that hold somebody."""

    people: Container[Handle]
    families: Container[Handle]
    sources: frozenset[str]


class Numbered:
    """The numbers of ids, persons' and families' in one row."""

    def __init__(self) -> None:
        self._count = count()
        self.people: dict[str, IdNumbers] = {}
        self.families: dict[str, IdNumbers] = {}
        self.held = bytearray()

    def of_people(self, source: str, ids: Iterable[str]) -> list[int]:
        """Return the numbers of persons' ids, with new ones for those that are new."""
        return list(map(self._of(self.people, source), ids))

    def of_families(self, source: str, ids: Iterable[str]) -> list[int]:
        """Return the numbers of families' ids, with new ones for those that are new."""
        return list(map(self._of(self.families, source), ids))

    def hold(self, numbers: Iterable[int]) -> None:
        """Note that these have a line of their own."""
        for number in numbers:
            if number >= len(self.held):
                self.held.extend(bytes(max(number + 1, 2 * len(self.held)) - len(self.held)))
            self.held[number] = 1

    def are_all_held(self, numbers: Iterable[int]) -> bool:
        """Say whether each of these has a line of its own."""
        self.held.extend(bytes(max(self.size - len(self.held), 0)))
        return all(map(self.held.__getitem__, numbers))

    def is_held(self, number: int) -> bool:
        """Say whether this one has a line of its own."""
        return number < len(self.held) and bool(self.held[number])

    def who_is_held(self) -> Held:
        """Return who is held."""
        sources = {
            source
            for source, numbers in self.people.items()
            if any(self.is_held(number) for number in numbers.values())
        }
        return Held(_HeldIds(self, self.people), _HeldIds(self, self.families), frozenset(sources))

    def number_of(self, handle: Handle, *, among: dict[str, IdNumbers]) -> int | None:
        """Return the number of a person or a family, `among` whichever, if any line names them."""
        numbers = among.get(handle[0])
        return None if numbers is None else numbers.get(handle[1])

    @property
    def size(self) -> int:
        """How many there are."""
        return sum(len(numbers) for kind in (self.people, self.families) for numbers in kind.values())

    def _of(self, kind: dict[str, IdNumbers], source: str) -> Callable[[str], int]:
        numbers = kind.get(source)
        if numbers is None:
            numbers = kind[source] = defaultdict(self._count.__next__)
        return numbers.__getitem__


class _HeldIds:
    """Those ids that have a line of their own."""

    def __init__(self, numbered: Numbered, kind: dict[str, IdNumbers]) -> None:
        self._numbered, self._kind = numbered, kind

    def __contains__(self, handle: object) -> bool:
        source, own_id = cast("Handle", handle)
        numbers = self._kind.get(source)
        number = None if numbers is None else numbers.get(own_id)
        return number is not None and self._numbered.is_held(number)


class Groups:
    """Numbers that belong together; the least of a group stands for it."""

    def __init__(self, size: int) -> None:
        self._above = array("I", range(size))

    def of(self, number: int) -> int:
        """Return the least number of its group."""
        above = self._above
        while (up := above[number]) != number:
            above[number] = number = above[up]
        return number

    def join(self, one: int, other: int) -> None:
        """Make the groups of two numbers one."""
        first, second = self.of(one), self.of(other)
        if first < second:
            self._above[second] = first
        elif second < first:
            self._above[first] = second

    def parts(self, most: int) -> tuple[Sequence[int], int]:
        """Return the part of each number, and how many parts there are: whole groups, about so many numbers in each."""
        sizes = array("I", bytes(4 * len(self._above)))
        for number in range(len(self._above)):
            sizes[self.of(number)] += 1
        part_of, part, room = array("I", bytes(4 * len(self._above))), 0, most
        for number in range(len(self._above)):
            first = self.of(number)
            if first == number:
                if sizes[number] > room and room < most:
                    part, room = part + 1, most
                room -= sizes[number]
                part_of[number] = part
            else:
                part_of[number] = part_of[first]
        return part_of, part + 1


class Alike:
    """Numbers by the hashes of what they share with others."""

    def __init__(self) -> None:
        self._shares = [(array("q"), array("I")) for _ in range(_SHARES)]

    def add(self, key: object, number: int) -> None:
        """Note that a number has a key."""
        hashed = hash(key)
        hashes, numbers = self._shares[hashed % _SHARES]
        hashes.append(hashed)
        numbers.append(number)

    def join_in(self, groups: Groups) -> None:
        """Join all that have a key in common, and forget the keys."""
        while self._shares:
            first: dict[int, int] = {}
            for hashed, number in _pairs(*self._shares.pop()):
                one = first.setdefault(hashed, number)
                if one != number:
                    groups.join(one, number)


def _pairs(hashes: Sequence[int], numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    return zip(hashes, numbers, strict=True)
