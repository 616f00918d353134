"""A claimant or a person in the form in which the two are compared: the same columns for both.

None is "not known", never a value that agrees. What the whole of a side says about a value is left to `crowded.py` and
`known_names.py`.

Pure: the columns are what the model's SQL and its Python reading both judge (`levels.py`).
"""

from collections.abc import Iterable
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from gateway.model.linkage import Person
from gateway.model.work_coach_list import Claimant
from gateway.reconciliation.columns import Columns
from gateway.reconciliation.identifiers import address_of, born_of, nino_of, postcode_of
from gateway.reconciliation.names import Given, Surname, fields_of, given_of, surname_of
from gateway.reconciliation.nicknames import Nicknames
from gateway.reconciliation.plain import plain
from gateway.reconciliation.sounds import sounds_of


class Comparable(NamedTuple):
    """One side of a pair."""

    nino: str | None
    born: str | None
    forename: str | None
    #: All words of the forename field, run together.
    forenames: str | None
    #: The first name after the forename.
    middle: str | None
    #: The names after the forename.
    middles: tuple[str, ...]
    #: The forename and the names after it.
    given: tuple[str, ...]
    #: A first name that many share, such as Mohammed, where it stood before the forename.
    before: str | None
    #: The groups of the forename in the table of nicknames, and what it sounds like.
    nicks: tuple[str, ...]
    #: The forename is one that people bear: it stands in the table, or several of the cohort have it.
    known: bool
    surname: str | None
    stem: str | None
    #: The parts of the surname, and those of other surnames.
    parts: tuple[str, ...]
    #: Other surnames, each as one word.
    others: tuple[str, ...]
    postcode: str | None
    address: str | None


class Kept(NamedTuple):
    """The number, day of birth and postcode of somebody, as far as they are their own."""

    nino: str | None
    born: str | None
    postcode: str | None


_LOOKED_AT_IN_A_ROW = attrgetter("nino", "born", "forename", "middle_names", "surname", "postcode")
_LOOKED_AT_IN_A_PERSON = attrgetter("nino", "born", "forename", "middle", "surname", "postcode")


class Reader:
    """Reads both sides. Keeps what it has read of a name: a county has few names and many people."""

    def __init__(self, nicknames: Nicknames) -> None:
        self._nicknames = nicknames
        self._given: dict[tuple[str, str, str], Given] = {}
        self._surnames: dict[str, Surname] = {}
        self._words: dict[str, str | None] = {}
        self._nicks: dict[str, tuple[tuple[str, ...], bool]] = {}

    def claimant(self, row: Claimant, kept: Kept | None = None) -> Comparable:
        """Return a row of the list in the form in which it is compared."""
        names, address = (row.forename, row.middle_names, row.surname), row.address_line
        return self._read(names, (), kept or _kept_of(row.nino, row.born, row.postcode), address)

    def person(self, person: Person, kept: Kept | None = None) -> Comparable:
        """Return a person in the form in which they are compared."""
        names, others = (person.forename, person.middle, person.surname), person.other_surnames
        return self._read(names, others, kept or _kept_of(person.nino, person.born, person.postcode), person.address)

    def rows(self, rows: Iterable[Claimant]) -> Columns:
        """Return what all rows are found by, as `claimant` reads it."""
        return self._columns(map(_LOOKED_AT_IN_A_ROW, rows))

    def people(self, people: Iterable[Person]) -> Columns:
        """Return what everybody is counted and found by, as `person` reads it."""
        return self._columns(map(_LOOKED_AT_IN_A_PERSON, people))

    def _columns(self, side: Iterable[tuple[str, date | None, str, str, str, str]]) -> Columns:
        columns = numbers, days, forenames, surnames, postcodes = Columns([], [], [], [], [])
        for nino, born, forename, middle, surname, postcode in side:
            given, family, also = forename, surname, ""
            if not (forename.isalpha() and surname.isalpha()):
                given, family, also, _ = fields_of(forename, surname)
            numbers.append(nino_of(nino) if nino else None)
            days.append(born_of(born))
            forenames.append(self._given_of(given, middle, also).first or None)
            surnames.append(self._surname_of(family).whole or None)
            postcodes.append(postcode_of(postcode) if postcode else None)
        return columns

    def _read(self, names: tuple[str, str, str], others: tuple[str, ...], kept: Kept, address: str) -> Comparable:
        forename, middle, surname = names
        also = ""
        if not (forename.isalpha() and surname.isalpha()):
            forename, surname, also, also_surname = fields_of(forename, surname)
            others = (*others, also_surname) if also_surname else others
        given = self._given_of(forename, middle, also)
        name = self._surname_of(surname)
        also_named = [self._surname_of(other) for other in others]
        return Comparable(
            kept.nino,
            kept.born,
            given.first or None,
            given.whole or None,
            given.others[0] if given.others else None,
            given.others,
            (given.first, *given.others) if given.first else given.others,
            given.before or None,
            *self._nicks_of(given.first),
            name.whole or None,
            name.stem or None,
            _all_parts(name, also_named),
            tuple(sorted({other.whole for other in also_named} - {name.whole, ""})) if also_named else (),
            kept.postcode,
            self._address_of(address) if address else None,
        )

    def _given_of(self, forename: str, middle: str, also: str) -> Given:
        asked = (forename, middle, also)
        known = self._given.get(asked)
        if known is None:
            known = self._given[asked] = given_of(*asked)
        return known

    def _nicks_of(self, name: str) -> tuple[tuple[str, ...], bool]:
        if name not in self._nicks:
            groups = self._nicknames.of(name)
            self._nicks[name] = (*groups, *sounds_of(name)), bool(groups)
        return self._nicks[name]

    def _surname_of(self, text: str) -> Surname:
        known = self._surnames.get(text)
        if known is None:
            known = self._surnames[text] = surname_of(text)
        return known

    def _address_of(self, text: str) -> str | None:
        if text not in self._words:
            self._words[text] = address_of(plain(text))
        return self._words[text]


def _kept_of(nino: str, born: date | None, postcode: str) -> Kept:
    return Kept(nino_of(nino) if nino else None, born_of(born), postcode_of(postcode) if postcode else None)


def _all_parts(name: Surname, others: list[Surname]) -> tuple[str, ...]:
    if not others:
        return name.parts if name.whole else ()
    return tuple(sorted({part for each in (name, *others) for part in each.parts} - {""}))
