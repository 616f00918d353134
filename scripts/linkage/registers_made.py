"""What two registers make of the same people: the council's cohort and a Jobcentre's list, each with its own errors.

- `rate` multiplies every chance of an error; 1 is ordinary.
- About half of the list is in the cohort. The rest are strangers and, as traps, relatives of people in the cohort:
  twins, sons, partners and ex-partners whom the cohort does not hold.
- No row carries a reference: what is measured is the matching without it.

Pure: the dice are passed in.
"""

from dataclasses import dataclass, replace
from datetime import date
from random import Random

from gateway.model.linkage import Person
from gateway.model.work_coach_list import Claimant
from scripts.linkage.names_of_communities import COMMUNITIES
from scripts.linkage.people_made import Being, Makers
from scripts.linkage.slips import Slips

_IN_COHORT, _RELATIVES, _COHORT_OF_COUNTY = 0.5, 0.15, 0.45
_TODAY = date(2026, 11, 22)


@dataclass(frozen=True)
class Population:
    """A cohort, a list, and who is who."""

    people: tuple[Person, ...]
    rows: tuple[Claimant, ...]
    #: For each row in the cohort: the person's key.
    truth: dict[int, str]
    #: For each row: the community whose names the claimant bears.
    communities: dict[int, str]


def population(seed: int, *, rows: int, cohort: int, rate: float) -> Population:
    """Return the same population for the same seed."""
    dice = Random(seed)
    makers = Makers(dice)
    county = makers.people(int(cohort / _COHORT_OF_COUNTY))
    households = sorted({being.household for being in county})
    dice.shuffle(households)
    in_scope = set(households[: int(len(households) * _COHORT_OF_COUNTY * 1.25)])
    known = [being for being in county if being.household in in_scope and dice.random() < 0.8]
    held = {being.number for being in known}
    relatives = [being for being in county if being.household in in_scope and being.number not in held]
    strangers = [being for being in county if being.household not in in_scope]
    claimants = _drawn(known, relatives, strangers, rows, dice)
    registers = _Registers(dice, makers, rate)
    people = tuple(registers.person(being) for being in known)
    listed = tuple(registers.claimant(being, place) for place, being in enumerate(claimants, start=2))
    return Population(
        people=people,
        rows=listed,
        truth={row.row: _key(being) for row, being in zip(listed, claimants, strict=True) if being.number in held},
        communities={row.row: being.community for row, being in zip(listed, claimants, strict=True)},
    )


def _drawn(known: list[Being], relatives: list[Being], strangers: list[Being], rows: int, dice: Random) -> list[Being]:
    wanted, related = int(rows * _IN_COHORT), int(rows * _RELATIVES)
    drawn = dice.sample(known, min(wanted, len(known))) + dice.sample(relatives, min(related, len(relatives)))
    drawn += dice.sample(strangers, min(rows - len(drawn), len(strangers)))
    dice.shuffle(drawn)
    return drawn


def _key(being: Being) -> str:
    return f"S{being.number:07d}"


class _Registers:
    """Writes people down, with slips."""

    def __init__(self, dice: Random, makers: Makers, rate: float) -> None:
        self._dice, self._makers, self._rate = dice, makers, rate
        self._slips = Slips(dice)
        self._capitals, self._plain_letters = dice.random() < 0.5, dice.random() < 0.7
        self._twin_numbers: dict[str, str] = {}

    def person(self, being: Being) -> Person:
        """Return somebody as the council's system holds them."""
        nino = "" if self._dice.random() < 0.3 else self._nino(being, 0.5)
        return Person(
            key=_key(being),
            nino=nino,
            forename=self._forename(being, 0.5),
            middle=being.middle if self._dice.random() < 0.25 else "",
            surname=self._surname(being, 0.4),
            other_surnames=being.former if self._dice.random() < 0.4 else (),
            born=self._born(being, 0.5),
            postcode=self._postcode(being.postcode, 0.5),
            address=being.address if self._dice.random() < 0.7 else "",
        )

    def claimant(self, being: Being, row: int) -> Claimant:
        """Return somebody as a Jobcentre's list shows them."""
        dice = self._dice
        if dice.random() < 0.13 * self._rate:
            postcode, address = self._makers.new_place()
            being = replace(being, postcode=postcode, address=address)
        if being.woman and dice.random() < 0.03 * self._rate:
            being = self._married(being)
        forename, surname = self._forename(being, 1), self._surname(being, 1)
        middle = being.middle if dice.random() < 0.15 else ""
        if dice.random() < 0.012 * self._rate:
            forename, surname = surname, forename
        return Claimant(
            row=row,
            nino="" if dice.random() < 0.2 else self._nino(being, 1),
            forename=self._shown(forename),
            middle_names=self._shown(middle),
            surname=self._shown(surname),
            born=self._born(being, 1),
            postcode=self._postcode(being.postcode, 1),
            address_line=being.address if dice.random() < 0.3 else "",
        )

    def _chance(self, ordinary: float) -> bool:
        return self._dice.random() < ordinary * self._rate

    def _married(self, being: Being) -> Being:
        taken = self._makers.another_surname(being)
        if self._dice.random() < 0.35:
            taken = f"{being.surname.split('-')[0]}-{taken}"
        return replace(being, surname=taken)

    def _shown(self, name: str) -> str:
        if self._plain_letters:
            name = self._slips.without_marks(name)
        return name.upper() if self._capitals else name

    def _nino(self, being: Being, share: float) -> str:
        if self._chance(0.004 * share):
            return f"QQ{self._dice.randrange(10**6):06d}{self._dice.choice('ABCD')}"
        nino = self._slips.typed(being.nino[:8]) + being.nino[8] if self._chance(0.02 * share) else being.nino
        if self._dice.random() < 0.1:
            nino = nino[:8]
        return (
            f"{nino[:2]} {nino[2:4]} {nino[4:6]} {nino[6:8]} {nino[8:]}".strip() if self._dice.random() < 0.1 else nino
        )

    def _born(self, being: Being, share: float) -> date | None:
        born = being.born
        if self._chance(0.008 * share):
            return None
        if self._chance(0.015 * share) and born.day <= 12:
            return born.replace(month=born.day, day=born.month)
        if self._chance(0.018 * share):
            return self._slips.day(born)
        if self._chance(0.004 * share):
            return born.replace(month=1, day=1)
        return born.replace(year=born.year - self._dice.randint(1, 9), day=1) if self._chance(0.002 * share) else born

    def _forename(self, being: Being, share: float) -> str:
        forename = being.forename
        if self._chance(0.05 * share):
            forename = self._slips.short_form(forename)
        if self._chance(0.012 * share):
            return forename[0]
        if being.middle and self._chance(0.012 * share):
            return being.middle
        if " " in forename and self._dice.random() < 0.4:
            forename = forename.split(" ")[1]
        if being.middle and " " not in forename and self._dice.random() < 0.06:
            forename = f"{forename} {being.middle}"
        if self._chance(0.022 * share):
            forename = self._slips.typed(forename)
        return f"{'Mrs' if being.woman else 'Mr'} {forename}" if self._dice.random() < 0.01 * share else forename

    def _surname(self, being: Being, share: float) -> str:
        surname = being.surname
        if (" " in surname or "-" in surname) and self._dice.random() < 0.3 * share:
            parts = surname.replace("-", " ").split(" ")
            surname = self._dice.choice([parts[0], parts[-1], "-".join(parts), " ".join(parts)])
        if being.former and self._chance(0.03 * share):
            surname = being.former[0]
        if self._chance(0.006 * share):
            surname = self._slips.bent(surname, COMMUNITIES)
        return self._slips.typed(surname) if self._chance(0.022 * share) else surname

    def _postcode(self, postcode: str, share: float) -> str:
        if self._chance(0.03 * share):
            return ""
        return self._slips.typed(postcode) if self._chance(0.02 * share) else postcode
