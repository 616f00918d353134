"""Say which people and families of a load must be looked at together, so that the others can be looked at apart.

Together are

- whoever one line names, be it refused, and so a family with everybody who ever was in it;
- records that share what strict links or flags go on by (traits.py): a number, a pupil number, surname and birth, names
  and home, forename, birth and home; of whatever was ever recorded, as loosely as flags reach (law L3);
- records that earlier loads knew as one person.

Not a flag's own keys: every part of a load is given every flag. A part decides alone: whatever a decision about one
person can ask of another person's lines must be among the above. A test holds parts against the whole.

Pure.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Protocol, TypeVar

from gateway.cohort.groups import Alike, Groups, Numbered
from gateway.cohort.identifiers import loose_surname, nino_stem
from gateway.cohort.traits import loose_birth
from gateway.model.records import AddressRecord, IdentifierRecord, MembershipRecord, PersonRecord, Record, Reject

R = TypeVar("R", bound=Record)
M = TypeVar("M", bound=tuple[object, ...])
#: Ids of a source, and the subjects that the registry knows each by that it knows.
Known = Callable[[str, Sequence[str]], Iterable[tuple[str, frozenset[str]]]]

_IDS_AT_ONCE = 2000


class Lines(Protocol):
    """All lines of a load."""

    @property
    def rejects(self) -> Sequence[Reject]:
        """Those that were refused."""
        ...

    def blocks(self, kind: type[R]) -> Iterator[tuple[str, Sequence[R]]]:
        """Yield the records of one kind in blocks, each of one source."""
        ...


def connect(lines: Lines, numbered: Numbered, known: Known) -> Groups:
    """Return the groups of everybody whom the lines name."""
    _number_refused(lines.rejects, numbered, known)
    groups = Groups(numbered.size)
    for source, members in lines.blocks(MembershipRecord):
        people = numbered.of_people(source, [row.person_id for row in members])
        for person, family in zip(
            people, numbered.of_families(source, [row.family_id for row in members]), strict=True
        ):
            groups.join(person, family)
    for reject in lines.rejects:
        _join_all(groups, numbers_of_reject(reject, numbered))
    alike = Alike()
    _Keys(numbered, alike).add_all(lines)
    for source, ids in numbered.people.items():
        numbers = numbered.people[source]
        for own_id, subjects in _known_in_blocks(source, ids, known):
            for subject in subjects:
                alike.add(("subject", subject), numbers[own_id])
    alike.join_in(groups)
    return groups


def numbers_of_reject(reject: Reject, numbered: Numbered) -> list[int]:
    """Return the numbers of those ids of a refused line that anybody else names or knows.

    The others say nothing about anybody: a line that could not be cut into its columns offers every cell.
    """
    people = [numbered.number_of((reject.source, each), among=numbered.people) for each in reject.person_ids]
    families = [numbered.number_of((reject.source, each), among=numbered.families) for each in reject.family_ids]
    return [number for number in people + families if number is not None]


def _number_refused(rejects: Iterable[Reject], numbered: Numbered, known: Known) -> None:
    """Number the ids by which earlier loads knew somebody and that only a refused line names now."""
    ids: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for reject in rejects:
        ids[reject.source].update(dict.fromkeys(reject.person_ids))
    for source, named in ids.items():
        numbered.of_people(source, [own_id for own_id, _ in _known_in_blocks(source, named, known)])


def _known_in_blocks(source: str, ids: Iterable[str], known: Known) -> Iterator[tuple[str, frozenset[str]]]:
    every = list(ids)
    for start in range(0, len(every), _IDS_AT_ONCE):
        yield from known(source, every[start : start + _IDS_AT_ONCE])


def _join_all(groups: Groups, numbers: Sequence[int]) -> None:
    for number in numbers[1:]:
        groups.join(numbers[0], number)


class _Keys:
    """What each record shares with others, line by line: whose home it is, is put together by their numbers."""

    def __init__(self, numbered: Numbered, alike: Alike) -> None:
        self._numbered, self._add = numbered, alike.add
        #: For each number, hashes of what makes a key together with a postcode; 0 where there is nothing.
        self._names, self._births = array("q", bytes(8 * numbered.size)), array("q", bytes(8 * numbered.size))
        #: Those of further lines with the same id.
        self._others: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)

    def add_all(self, lines: Lines) -> None:
        """Add the keys of every line."""
        for source, people in lines.blocks(PersonRecord):
            numbers = self._numbered.of_people(source, [row.source_id for row in people])
            for number, person in zip(numbers, people, strict=True):
                self._add_person(number, person)
        # Once all names are known: of two lines with one id, the home of either may be that of both.
        for source, people in lines.blocks(PersonRecord):
            at_home = [person for person in people if person.postcode]
            numbers = self._numbered.of_people(source, [row.source_id for row in at_home])
            for number, person in zip(numbers, at_home, strict=True):
                self._add_home(number, person.postcode or "")
        for source, addresses in lines.blocks(AddressRecord):
            numbers = self._numbered.of_people(source, [row.person_id for row in addresses])
            for number, address in zip(numbers, addresses, strict=True):
                if address.postcode:
                    self._add_home(number, address.postcode)
        for source, identifiers in lines.blocks(IdentifierRecord):
            numbers = self._numbered.of_people(source, [row.person_id for row in identifiers])
            for number, identifier in zip(numbers, identifiers, strict=True):
                self._add(nino_stem(identifier.value), number)

    def _add_person(self, number: int, person: PersonRecord) -> None:
        surname, forename = loose_surname(person.surname or ""), loose_surname(person.forename or "")
        birth = loose_birth(person.date_of_birth)
        if surname and birth:
            self._add((surname, birth), number)
        if person.upn:
            self._add(person.upn, number)
        if person.nino:
            self._add(nino_stem(person.nino), number)
        name = _hash((forename, surname)) if surname else 0
        of_birth = _hash((forename, birth)) if forename and birth else 0
        if self._names[number] or self._births[number]:
            self._others[number].append((name, of_birth))
        else:
            self._names[number], self._births[number] = name, of_birth

    def _add_home(self, number: int, postcode: str) -> None:
        for name, birth in ((self._names[number], self._births[number]), *self._others.get(number, ())):
            if name:
                self._add((name, postcode), number)
            if birth:
                self._add((birth, postcode), number)


def _hash(key: object) -> int:
    return hash(key) or 1


def made(kind: type[M]) -> Callable[[Iterable[tuple[object, ...]]], Iterator[M]]:
    """Return what makes records of rows; the class's own `_make` counts the fields of each row once more."""
    return partial(map, partial(tuple.__new__, kind))
