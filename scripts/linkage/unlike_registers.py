"""What a council and a Jobcentre write down of people who are alike, each in its own way.

- A register may leave out the first of two names, hold another surname, spell a name as it sounds, or put the number
  of a wife, a father or a twin beside a name.
- Of the rows that are nobody's in the cohort, half are kin of people in it.

Pure: the same seed gives the same population.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from gateway.model.linkage import Person
from gateway.model.work_coach_list import Claimant
from scripts.linkage.registers_made import Population
from scripts.linkage.slips import Slips
from scripts.linkage.unlike_people import Soul, Souls
from scripts.linkage.unlike_shapes import Shape

_IN_SCOPE = 0.5
_NO_SURNAME = ("", "", ".", "XXX", "NOT KNOWN")


def unlike(shape: Shape, seed: int) -> Population:
    """Return a population of a shape."""
    dice = Random(f"{shape.name} {seed}")
    souls = Souls(shape, dice)
    county = souls.people(int(max(shape.cohort / (_IN_SCOPE * shape.known), shape.rows * 1.2)))
    households = sorted({soul.household for soul in county})
    dice.shuffle(households)
    scope = set(households[: int(len(households) * shape.cohort / (len(county) * shape.known))])
    known = [soul for soul in county if soul.household in scope and dice.random() < shape.known]
    claimants = (_of_households if shape.households else _drawn)(shape, county, known, scope, dice)
    registers = _Registers(shape, souls, county, dice)
    people = tuple(registers.person(soul) for soul in known)
    rows = tuple(registers.claimant(soul, place) for place, soul in enumerate(claimants, start=2))
    held = {soul.number for soul in known}
    return Population(
        people=people,
        rows=rows,
        truth={row.row: _key(soul) for row, soul in zip(rows, claimants, strict=True) if soul.number in held},
        communities={row.row: soul.pool.name for row, soul in zip(rows, claimants, strict=True)},
    )


def _drawn(shape: Shape, county: list[Soul], known: list[Soul], scope: set[int], dice: Random) -> list[Soul]:
    drawn = dice.sample(known, min(int(shape.rows * shape.overlap), len(known)))
    if shape.overlap < 1:
        held = {soul.number for soul in known}
        kin = [soul for soul in county if soul.household in scope and soul.number not in held]
        drawn += dice.sample(kin, min((shape.rows - len(drawn)) // 2, len(kin)))
        strangers = [soul for soul in county if soul.household not in scope]
        drawn += dice.sample(strangers, min(shape.rows - len(drawn), len(strangers)))
    dice.shuffle(drawn)
    return drawn


def _of_households(shape: Shape, county: list[Soul], _known: list[Soul], scope: set[int], dice: Random) -> list[Soul]:
    inside, outside = sorted(scope), sorted({soul.household for soul in county} - scope)
    taken = set(dice.sample(inside, len(inside) // 2) + dice.sample(outside, len(outside) // 4))
    return [soul for soul in county if soul.household in taken][: shape.rows]


def _key(soul: Soul) -> str:
    return f"U{soul.number:07d}"


@dataclass(frozen=True)
class _Written:
    forename: str
    middle: str
    surname: str
    nino: str
    born: date | None
    postcode: str


class _Registers:
    """Writes people down."""

    def __init__(self, shape: Shape, souls: Souls, county: list[Soul], dice: Random) -> None:
        self._shape, self._souls, self._dice, self._slips = shape, souls, dice, Slips(dice)
        self._home: defaultdict[int, list[Soul]] = defaultdict(list)
        for soul in county:
            self._home[soul.household].append(soul)

    def person(self, soul: Soul) -> Person:
        """Return somebody as the council holds them."""
        seen = self._written(soul, 0.5)
        return Person(
            key=_key(soul),
            nino=seen.nino,
            forename=seen.forename,
            middle=seen.middle,
            surname=seen.surname,
            other_surnames=soul.families[1:] if self._dice.random() < 0.15 else (),
            born=seen.born,
            postcode=seen.postcode,
            address=soul.address if self._dice.random() < 0.8 else "",
        )

    def claimant(self, soul: Soul, row: int) -> Claimant:
        """Return somebody as a Jobcentre's list shows them."""
        dice, shape = self._dice, self._shape
        if dice.random() < shape.moved:
            postcode, address = self._souls.new_place()
            soul = replace(soul, postcode=postcode, address=address)
        if soul.woman and dice.random() < shape.married:
            taken = self._souls.another_surname(soul)
            soul = replace(soul, families=(f"{soul.families[0]}-{taken}" if dice.random() < 0.4 else taken,))
        seen = self._written(soul, 1.0)
        names = (seen.surname, seen.forename) if dice.random() < shape.swapped else (seen.forename, seen.surname)
        return Claimant(
            row=row,
            nino=seen.nino,
            forename=names[0].upper(),
            middle_names=seen.middle.upper(),
            surname=names[1].upper(),
            born=seen.born,
            postcode=seen.postcode,
            address_line=soul.address if dice.random() < 0.4 else "",
        )

    def _written(self, soul: Soul, share: float) -> _Written:
        forename, middle = self._given(soul)
        surname = self._surname(soul)
        if self._dice.random() < self._shape.one_name:
            forename, surname = (forename, self._dice.choice(_NO_SURNAME)) if share == 1 else ("", forename)
        return _Written(
            forename=self._typed(forename, 0.02 * share),
            middle=middle,
            surname=self._typed(surname, 0.02 * share),
            nino=self._nino(soul, share),
            born=self._born(soul.born, share),
            postcode="" if self._slip(0.03 * share) else self._typed(soul.postcode, 0.02 * share),
        )

    def _slip(self, chance: float) -> bool:
        return self._dice.random() < chance * self._shape.slips

    def _typed(self, text: str, chance: float) -> str:
        return self._slips.typed(text) if text and self._slip(chance) else text

    def _spelled(self, soul: Soul, name: str) -> str:
        others = soul.pool.spellings.get(name)
        return self._dice.choice(others) if others and self._dice.random() < self._shape.spelled_otherwise else name

    def _given(self, soul: Soul) -> tuple[str, str]:
        """Return what stands as forename and as middle name."""
        dice = self._dice
        before, call = self._spelled(soul, soul.before), self._spelled(soul, soul.call)
        second = soul.second if dice.random() < 0.25 else ""
        if not before:
            return (call[0] if self._slip(0.006) else call), second
        kind = dice.random()
        if kind < 0.4:
            return f"{before} {call}", second
        return (before, call if dice.random() < 0.6 else "") if kind < 0.6 else (call, second)

    def _surname(self, soul: Soul) -> str:
        families = [self._spelled(soul, name) for name in soul.families]
        if len(families) == 1 or self._dice.random() >= self._shape.name_varies:
            return families[0]
        return self._dice.choice([families[1], " ".join(families), "-".join(families)])

    def _nino(self, soul: Soul, share: float) -> str:
        dice = self._dice
        if dice.random() < self._shape.no_number:
            return ""
        if dice.random() < self._shape.others_number * share:
            return dice.choice(self._home[soul.household]).nino
        return self._typed(soul.nino[:8], 0.02 * share) + soul.nino[8:]

    def _born(self, born: date, share: float) -> date | None:
        if self._slip(0.008 * share):
            return None
        if self._slip(0.015 * share) and born.day <= 12:
            return born.replace(month=born.day, day=born.month)
        if self._slip(0.018 * share):
            return self._slips.day(born)
        return born.replace(month=1, day=1) if self._slip(0.004 * share) else born
