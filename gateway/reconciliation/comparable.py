"""A claimant or a person in the form in which the two are compared: the same columns for both.

None is "not known", never a value that agrees. What the whole of a side says about a value is left to `crowded.py` and
`known_names.py`.

Pure: the columns are what the model's SQL and its Python reading both judge (`levels.py`).
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from gateway.model.linkage import Person
from gateway.model.work_coach_list import Claimant
from gateway.reconciliation.columns import Columns
from gateway.reconciliation.identifiers import address_of, born_of, nino_of, postcode_of
from gateway.reconciliation.names import Given, fields_of, first_whatever_follows, given_of, surname_of
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


#: Of `Comparable`: `forename` to `known`, and `surname` to `others`.
_Given = tuple[str | None, str | None, str | None, tuple[str, ...], tuple[str, ...], str | None, tuple[str, ...], bool]
_Family = tuple[str | None, str | None, tuple[str, ...], tuple[str, ...]]


class Reader:
    """Reads both sides. Keeps what it has read of a name: a county has few names and many people."""

    def __init__(self, nicknames: Nicknames) -> None:
        self._nicknames = nicknames
        self._firsts: dict[str, str] = {}
        self._given: dict[tuple[str, str, str], _Given] = {}
        self._families: dict[str, _Family] = {}
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

    def rows(self, rows: Sequence[Claimant]) -> Columns:
        """Return what all rows are found by, as `claimant` reads it."""
        return self._columns(rows, [row.middle_names for row in rows])

    def people(self, people: Sequence[Person]) -> Columns:
        """Return what everybody is counted and found by, as `person` reads it."""
        return self._columns(people, [person.middle for person in people])

    def _columns(self, side: Sequence[Claimant] | Sequence[Person], middles: list[str]) -> Columns:
        # One column after another takes half the time of one person after another.
        named = [
            (each.forename, each.surname, "")
            if each.forename.isalpha() and each.surname.isalpha()
            else fields_of(each.forename, each.surname)[:3]
            for each in side
        ]
        return Columns(
            [nino_of(each.nino) if each.nino else None for each in side],
            [born_of(each.born) for each in side],
            [
                self._forename_of(forename, middle, also)
                for (forename, _, also), middle in zip(named, middles, strict=True)
            ],
            [self._family_of(surname)[0] for _, surname, _ in named],
            [postcode_of(each.postcode) if each.postcode else None for each in side],
        )

    def _read(self, names: tuple[str, str, str], others: tuple[str, ...], kept: Kept, address: str) -> Comparable:
        forename, middle, surname = names
        also = ""
        if not (forename.isalpha() and surname.isalpha()):
            forename, surname, also, also_surname = fields_of(forename, surname)
            others = (*others, also_surname) if also_surname else others
        family = self._family_with(surname, others) if others else self._family_of(surname)
        address_read = self._address_of(address) if address else None
        given = self._given_of(forename, middle, also)
        return Comparable(kept.nino, kept.born, *given, *family, kept.postcode, address_read)

    def _forename_of(self, forename: str, middle: str, also: str) -> str | None:
        first = self._firsts.get(forename)
        if first is None:
            first = self._firsts[forename] = first_whatever_follows(forename)
        return first or self._given_of(forename, middle, also)[0]

    def _given_of(self, forename: str, middle: str, also: str) -> _Given:
        asked = forename, middle, also
        known = self._given.get(asked)
        if known is None:
            known = self._given[asked] = self._given_read(given_of(*asked))
        return known

    def _given_read(self, given: Given) -> _Given:
        return (
            given.first or None,
            given.whole or None,
            given.others[0] if given.others else None,
            given.others,
            (given.first, *given.others) if given.first else given.others,
            given.before or None,
            *self._nicks_of(given.first),
        )

    def _nicks_of(self, name: str) -> tuple[tuple[str, ...], bool]:
        if name not in self._nicks:
            groups = self._nicknames.of(name)
            self._nicks[name] = (*groups, *sounds_of(name)), bool(groups)
        return self._nicks[name]

    def _family_of(self, surname: str) -> _Family:
        known = self._families.get(surname)
        if known is None:
            name = surname_of(surname)
            parts = name.parts if name.whole else ()
            known = self._families[surname] = name.whole or None, name.stem or None, parts, ()
        return known

    def _family_with(self, surname: str, others: tuple[str, ...]) -> _Family:
        whole, stem, parts, _ = self._family_of(surname)
        also_named = [self._family_of(other) for other in others]
        all_parts = {part for each in also_named for part in each[2]}.union(parts)
        wholes = {also for also, *_ in also_named if also and also != whole}
        return whole, stem, tuple(sorted(all_parts)), tuple(sorted(wholes))

    def _address_of(self, text: str) -> str | None:
        if text not in self._words:
            self._words[text] = address_of(plain(text))
        return self._words[text]


def _kept_of(nino: str, born: date | None, postcode: str) -> Kept:
    return Kept(nino_of(nino) if nino else None, born_of(born), postcode_of(postcode) if postcode else None)
