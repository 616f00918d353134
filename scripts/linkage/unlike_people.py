"""Invent people of whom many are alike: clans of few names, twins, namesakes across the generations, parted couples.

- A clan shares a surname and its grandparents' names; its households may live behind one postcode.
- Twins and triplets share everything but a forename, which may be nearly the same; numbers may follow one another.
- Where a pool has no surnames, a child's surname is the father's name, and the grandfather's may stand there.

Pure: the dice are passed in. What registers make of them is left to `unlike_registers.py`.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from scripts.linkage.unlike_names import Pool
from scripts.linkage.unlike_shapes import Shape

_TODAY = date(2026, 11, 22)
_YEAR = 365.25
_YOUNGEST = 16
_STREETS = ("School Lane", "Park Road", "Queen Street", "Bridge Street", "North Terrace", "West End", "Hawthorn Way")
_HOUSES = ("Kestrel House", "Nene Court", "Wherry Tower", "Ouse House")
_OUTCODES = ("PE1", "PE13", "PE21", "CB7", "CB24", "LU1", "B8", "LS7")
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


@dataclass(frozen=True)
class Soul:
    """Somebody as they are, before any register wrote them down."""

    number: int
    household: int
    pool: Pool
    woman: bool
    #: The name before the one that they are called by.
    before: str
    call: str
    second: str
    #: Every surname under which a register may hold them, the usual first.
    families: tuple[str, ...]
    born: date
    nino: str
    postcode: str
    address: str


@dataclass(frozen=True)
class _Clan:
    pool: Pool
    surname: str
    #: The names of grandmothers and grandfathers.
    women: tuple[str, ...]
    men: tuple[str, ...]
    postcode: str


class Souls:
    """Makes clans until there are enough people."""

    def __init__(self, shape: Shape, dice: Random) -> None:
        self._shape, self._dice = shape, dice
        self._number = self._household = 0
        self._postcodes = [self._new_postcode() for _ in range(shape.postcodes)]

    def people(self, count: int) -> list[Soul]:
        """Return so many people, in whole households."""
        made: list[Soul] = []
        while len(made) < count:
            clan = self._clan()
            for _ in range(self._dice.randint(1, 4)):
                made += self._family(clan)
        return made

    def new_place(self, postcode: str = "") -> tuple[str, str]:
        """Return a postcode and a first line of an address."""
        dice = self._dice
        postcode = postcode or dice.choice(self._postcodes)
        ordinal = sum(map(ord, postcode))
        if self._shape.flats:
            return postcode, f"Flat {dice.randint(1, 120)} {_HOUSES[ordinal % len(_HOUSES)]}"
        return postcode, f"{dice.randint(1, 90)} {_STREETS[ordinal % len(_STREETS)]}"

    def another_surname(self, soul: Soul) -> str:
        """Return a surname that somebody may take on."""
        return self._dice.choice(soul.pool.surnames or soul.pool.men)

    def _new_postcode(self) -> str:
        dice = self._dice
        unit = "".join(dice.choice(_LETTERS) for _ in range(2))
        return f"{dice.choice(_OUTCODES)} {dice.randint(1, 9)}{unit}"

    def _clan(self) -> _Clan:
        dice, pool = self._dice, self._dice.choice(self._shape.pools)
        return _Clan(
            pool=pool,
            surname=dice.choice(pool.surnames) if pool.surnames else "",
            women=tuple(dice.choices(pool.women, k=2)),
            men=tuple(dice.choices(pool.men, k=2)),
            postcode=dice.choice(self._postcodes),
        )

    def _family(self, clan: _Clan) -> list[Soul]:
        dice = self._dice
        self._household += 1
        place = self.new_place(clan.postcode if dice.random() < 0.5 else "")
        age = int(dice.triangular(22, 66, 40))
        father = self._soul(clan, woman=False, age=age, place=place)
        mother = self._soul(clan, woman=True, age=age + dice.randint(-7, 4), place=place)
        adults = [father, mother] if dice.random() < 0.7 else [mother]
        if len(adults) > 1 and dice.random() < self._shape.parted:
            postcode, address = self.new_place()
            adults[0] = replace(father, postcode=postcode, address=address)
        return adults + self._children(clan, father, mother)

    def _children(self, clan: _Clan, father: Soul, mother: Soul) -> list[Soul]:
        dice, shape = self._dice, self._shape
        place, fathers = (mother.postcode, mother.address), (father.call, *father.families)
        oldest = int((_TODAY - mother.born).days / _YEAR) - 17
        children: list[Soul] = []
        for _ in range(dice.randint(0, shape.children) if oldest >= _YOUNGEST else 0):
            woman, age = dice.random() < 0.5, dice.randint(_YOUNGEST, oldest)
            child = self._soul(clan, woman=woman, age=age, place=place, fathers=fathers)
            taken = {each.call for each in children}
            if child.call in taken:
                child = replace(child, call=self._another(clan, taken, woman=woman))
            if dice.random() < shape.juniors and not taken & {mother.call, father.call}:
                parent = mother if woman else father
                child = replace(child, before=parent.before, call=parent.call)
            chance = dice.random()
            more = 2 if chance < shape.triplets else 1 if chance < shape.triplets + shape.twins else 0
            alike = dice.choice(clan.pool.twins) if dice.random() < shape.alike else None
            child = replace(child, call=alike[0]) if more and alike else child
            children.append(child)
            for _ in range(more):
                children.append(self._twin(child, {each.call for each in children}, clan, fathers, alike))
        return children

    def _another(self, clan: _Clan, taken: set[str], *, woman: bool) -> str:
        """Return a name that no brother or sister has."""
        return self._dice.choice([name for name in (clan.pool.women if woman else clan.pool.men) if name not in taken])

    def _twin(
        self, child: Soul, taken: set[str], clan: _Clan, fathers: tuple[str, ...], alike: tuple[str, str] | None
    ) -> Soul:
        dice = self._dice
        place = (child.postcode, child.address)
        twin = self._soul(clan, woman=dice.random() < 0.5, age=20, place=place, fathers=fathers)
        number = (int(child.nino[2:8]) + 1) % 10**6
        return replace(
            twin,
            call=alike[1] if alike and alike[1] not in taken else self._another(clan, taken, woman=twin.woman),
            before=twin.before and (child.before or twin.before),
            born=child.born,
            nino=f"QQ{number:06d}{child.nino[8]}" if dice.random() < 0.4 else twin.nino,
        )

    def _soul(
        self, clan: _Clan, *, woman: bool, age: int, place: tuple[str, str], fathers: tuple[str, ...] = ()
    ) -> Soul:
        dice, pool = self._dice, clan.pool
        self._number += 1
        names, elders = (pool.women, clan.women) if woman else (pool.men, clan.men)
        before = pool.before_women if woman else pool.before_men
        born = _TODAY - timedelta(days=int((max(age, _YOUNGEST) + dice.random()) * _YEAR))
        if dice.random() < self._shape.first_of_january:
            born = born.replace(month=1, day=1)
        return Soul(
            number=self._number,
            household=self._household,
            pool=pool,
            woman=woman,
            before=dice.choice(before) if before and dice.random() < 0.6 else "",
            call=dice.choice(elders if dice.random() < self._shape.ancestors else names),
            second=dice.choice(names) if dice.random() < 0.4 else "",
            families=self._families(clan, woman=woman, fathers=fathers),
            born=born,
            nino=f"QQ{dice.randrange(10**6):06d}{dice.choice('ABCD')}",
            postcode=place[0],
            address=place[1],
        )

    def _families(self, clan: _Clan, *, woman: bool, fathers: tuple[str, ...]) -> tuple[str, ...]:
        dice, pool = self._dice, clan.pool
        if not pool.surnames:
            return fathers[:2] or (dice.choice(clan.men), dice.choice(pool.men))
        of_sex = pool.of_women if woman else pool.of_men
        if not of_sex or dice.random() < 0.3:
            return (clan.surname,)
        return (dice.choice(of_sex), clan.surname)
