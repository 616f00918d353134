"""Gather what tells one person from another, for each line about a person in any source.

Two sets of keys are made from it, for two opposite uses (law L3):

- `strict` facts, for saying that two records are one person (matching.py): only what is valid and unambiguous.
- `loose_keys`, for saying that two records could be one person (suppression.py): everything ever recorded.

A date of birth and the same with day and month swapped give one loose key. Every strict rule that matching.py knows
leaves at least one loose key in common when any one value of either record is lost, because a flag must still reach
both then.

Pure.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from gateway.cohort.gathered import Gathered, Handle
from gateway.cohort.identifiers import VALID, loose_surname, nino_stem, standing_of
from gateway.model.records import PersonRecord

#: What two records have in common when they could be one person; the first part says what it is.
LooseKey = tuple[str, ...]

_FIRST_TWELVE = 12


class Traits(NamedTuple):
    """One line about a person. A handle with two lines has two of these.

    `nino` is the stem of the one valid number recorded as current, `doubtful_nino` is True where there are several.
    """

    handle: Handle
    forename: str
    surname: str
    born_on: date | None
    born_exactly: bool
    nino: str
    doubtful_nino: bool
    upn: str
    postcode: str
    loose_keys: tuple[LooseKey, ...]


class Numbers(NamedTuple):
    """The National Insurance numbers of one record: `current` ones that are valid, and every stem ever recorded."""

    current: frozenset[str]
    stems: frozenset[str]


class Places(NamedTuple):
    """The postcodes of one record: the one of the current address, if it is certain, and every one ever recorded."""

    current: str | None
    ever: frozenset[str]
    #: False where the source says nothing at all of where the person lives.
    known: bool


def is_current(from_on: date | None, to_on: date | None, as_at: date) -> bool:
    """Say whether something recorded holds on the day; an unknown beginning is taken to lie in the past."""
    return (from_on is None or from_on <= as_at) and (to_on is None or to_on > as_at)


def numbers_of(gathered: Gathered, as_at: date) -> dict[Handle, Numbers]:
    """Return the numbers of every record that has any, held or only named."""
    current: defaultdict[Handle, set[str]] = defaultdict(set)
    stems: defaultdict[Handle, set[str]] = defaultdict(set)
    for person in gathered.persons:
        if person.nino:
            handle = (person.source, person.source_id)
            stems[handle].add(nino_stem(person.nino))
            if standing_of(person.nino) == VALID:
                current[handle].add(person.nino)
    for number in gathered.identifiers:
        handle = (number.source, number.person_id)
        stems[handle].add(nino_stem(number.value))
        if number.standing == VALID and is_current(number.from_on, number.to_on, as_at):
            current[handle].add(number.value)
    return {handle: Numbers(frozenset(current[handle]), frozenset(known)) for handle, known in stems.items()}


def places_of(gathered: Gathered, as_at: date) -> dict[Handle, Places]:
    """Return the postcodes of every record that has an address.

    The current one is that of the address which began last among those that hold on the day. Where two began on the
    same day and differ there is none: nothing says which is right.
    """
    addresses: defaultdict[Handle, list[tuple[date | None, date | None, str | None]]] = defaultdict(list)
    for address in gathered.addresses:
        addresses[address.source, address.person_id].append((address.from_on, address.to_on, address.postcode))
    for person in gathered.persons:
        handle = (person.source, person.source_id)
        if person.postcode and handle not in addresses:
            addresses[handle].append((None, None, person.postcode))
    return {handle: _places_of(rows, as_at) for handle, rows in addresses.items()}


def _places_of(rows: list[tuple[date | None, date | None, str | None]], as_at: date) -> Places:
    if len(rows) == 1:
        ((from_on, to_on, postcode),) = rows
        return Places(postcode if is_current(from_on, to_on, as_at) else None, _ever(postcode), known=True)
    ever = frozenset(postcode for _, _, postcode in rows if postcode)
    standing = [
        (from_on or date.min, postcode) for from_on, to_on, postcode in rows if is_current(from_on, to_on, as_at)
    ]
    if not standing:
        return Places(None, ever, known=True)
    latest = max(began for began, _ in standing)
    newest = {postcode for began, postcode in standing if began == latest}
    return Places(newest.pop() if len(newest) == 1 else None, ever, known=True)


@lru_cache(maxsize=1 << 15)
def _ever(postcode: str | None) -> frozenset[str]:
    """Return the one postcode as a set, which everybody who lives there shares."""
    return frozenset({postcode}) if postcode else frozenset()


def single_number(current: Iterable[str]) -> str | None:
    """Return the one number that several spellings stand for, or None where there are several numbers or none.

    A spelling with a suffix is preferred; two different suffixes leave the number without one.
    """
    numbers = set(current)
    if len(numbers) == 1:
        return numbers.pop()
    if len({nino_stem(number) for number in numbers}) != 1:
        return None
    whole = {number for number in numbers if nino_stem(number) != number}
    return whole.pop() if len(whole) == 1 else nino_stem(numbers.pop())


def traits_of(gathered: Gathered, numbers: dict[Handle, Numbers], places: dict[Handle, Places]) -> list[Traits]:
    """Return the traits of every line about a person, in the order of their handles."""
    none, nowhere = Numbers(frozenset(), frozenset()), Places(None, frozenset(), known=False)
    found = []
    for person in gathered.persons:
        handle = (person.source, person.source_id)
        found.append(_traits(handle, person, numbers.get(handle, none), places.get(handle, nowhere)))
    return sorted(found, key=attrgetter("handle", "loose_keys"))


def _traits(handle: Handle, person: PersonRecord, numbers: Numbers, places: Places) -> Traits:
    number = single_number(numbers.current) if numbers.current else None
    surname = loose_surname(person.surname or "")
    forename = loose_surname(person.forename or "")
    keys = _loose_keys(person, forename, surname, numbers.stems, places.ever)
    nino, doubtful = nino_stem(number) if number else "", number is None and bool(numbers.current)
    # In the order of the fields: to name each would take as long as everything else here.
    return Traits(
        *(handle, forename, surname, person.date_of_birth, not person.dob_estimated),
        *(nino, doubtful, person.upn or "", places.current or "", keys),
    )


def _loose_keys(
    person: PersonRecord, forename: str, surname: str, stems: frozenset[str], postcodes: frozenset[str]
) -> tuple[LooseKey, ...]:
    keys: list[LooseKey] = [by_nino(stem) for stem in _in_order(stems)]
    if person.upn:
        keys.append(("upn", person.upn))
    birth = loose_birth(person.date_of_birth)
    if surname and birth:
        keys.append(by_birth(surname, birth))
    for postcode in _in_order(postcodes):
        if surname:
            keys.append(by_home(surname, postcode))
            keys.append(("name and home", forename, surname, postcode))
        if forename and birth:
            keys.append(("birth and home", forename, birth, postcode))
    return tuple(keys)


def _in_order(texts: frozenset[str]) -> Iterable[str]:
    """Return the texts so that the order of lines says nothing; nearly always there is one at most."""
    return sorted(texts) if len(texts) > 1 else texts


@lru_cache(maxsize=1 << 16)
def loose_birth(born_on: date | None) -> str:
    """Return a day so that it and the same with day and month swapped are alike; no day is an empty text."""
    if born_on is None:
        return ""
    first, second = sorted((born_on.day, born_on.month))
    if second > _FIRST_TWELVE:
        first, second = born_on.month, born_on.day
    return f"{born_on.year:04}-{first:02}-{second:02}"


def by_nino(stem: str) -> LooseKey:
    """Return the loose key of a National Insurance number without its suffix."""
    return ("nino", stem)


def by_birth(surname: str, birth: str) -> LooseKey:
    """Return the loose key of a loose surname and a loose day of birth."""
    return ("birth", surname, birth)


def by_home(surname: str, postcode: str) -> LooseKey:
    """Return the loose key of a loose surname and a postcode; it brings whole households together."""
    return ("home", surname, postcode)


#: Key kinds by which a flag that names one record reaches others that could be the same person. A shared surname and
#: postcode alone is not among them: it reaches a whole household, which only a flag that says so itself should do.
SAME_PERSON = frozenset({"nino", "upn", "birth", "name and home", "birth and home"})
