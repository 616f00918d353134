"""Invent the people of a county, household by household, with what makes matching hard: relatives.

- Households share an address and mostly a surname; grown-up children stay at home; some of them are twins, and twins'
  numbers may follow one another, because both got theirs in the same week. Some sons have their father's name.
- Couples part: one moves out and keeps the name. Some marry again.
- Families of one community live near one another, and share few names.

Pure: the dice are passed in. What each register makes of these people is left to `registers_made.py`.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from scripts.linkage.names_of_communities import COMMUNITIES, Community

_SECTORS = tuple(
    f"{area} {sector}"
    for area in ("CB1", "CB2", "CB4", "CB5", "PE13", "PE26", "PE28", "PE29")
    for sector in (1, 2, 3, 7)
)
_UNIT_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_STREETS = (
    "High Street",
    "Mill Road",
    "Church Lane",
    "Station Road",
    "The Green",
    "Oak Drive",
    "Willow Close",
    "Fen Road",
    "Victoria Avenue",
    "Manor Gardens",
    "Chapel Street",
    "Elm Court",
    "St Mary's Road",
    "Norwich Road",
    "Ramnoth Road",
)
_YEAR = 365.25
_TODAY = date(2026, 11, 22)


@dataclass(frozen=True)
class Being:
    """Somebody as they are, before any register wrote them down."""

    number: int
    household: int
    community: str
    woman: bool
    forename: str
    middle: str
    surname: str
    born: date
    nino: str
    postcode: str
    address: str
    former: tuple[str, ...] = field(default=())


class Makers:
    """Makes households until there are enough people."""

    def __init__(self, dice: Random) -> None:
        self._dice, self._number, self._household = dice, 0, 0
        self._postcodes = [self._new_postcode() for _ in range(900)]

    def people(self, count: int) -> list[Being]:
        """Return so many people, in whole households."""
        made: list[Being] = []
        while len(made) < count:
            made += self._family()
        return made

    def new_place(self) -> tuple[str, str]:
        """Return a postcode and a first line of an address."""
        postcode = self._dice.choice(self._postcodes)
        return postcode, f"{self._dice.randint(1, 160)} {self._dice.choice(_STREETS)}"

    def another_surname(self, being: Being) -> str:
        """Return a surname that somebody may have taken on, mostly of the same community."""
        return self._bent(self._surname(_community(being.community)), being.woman, _community(being.community))

    def _new_postcode(self) -> str:
        return self._dice.choice(_SECTORS) + "".join(self._dice.choice(_UNIT_LETTERS) for _ in range(2))

    def _family(self) -> list[Being]:
        dice = self._dice
        self._household += 1
        community = dice.choices(COMMUNITIES, [each.share for each in COMMUNITIES])[0]
        surname, place = self._surname(community), self.new_place()
        age = int(dice.triangular(19, 62, 34))
        adults = [self._being(community, woman, surname, age + dice.randint(-6, 6), place) for woman in self._couple()]
        if len(adults) > 1 and dice.random() < 0.35:
            taken = self._bent(self._surname(community), adults[0].woman, community)
            adults[0] = replace(adults[0], surname=taken)
        elif adults[0].woman and dice.random() < 0.5:
            adults[0] = replace(adults[0], former=(self.another_surname(adults[0]),))
        parted = [self._moved(adults[-1])] if len(adults) > 1 and dice.random() < 0.25 else []
        return adults[: len(adults) - len(parted)] + parted + self._children(adults, community, surname, place)

    def _couple(self) -> list[bool]:
        return self._dice.choices([[True], [True, False], [False], [True, True]], [0.45, 0.42, 0.12, 0.01])[0]

    def _children(self, adults: list[Being], community: Community, surname: str, place: tuple[str, str]) -> list[Being]:
        dice, born = self._dice, adults[0].born
        children: list[Being] = []
        for _ in range(dice.choices([0, 1, 2, 3], [0.45, 0.3, 0.17, 0.08])[0]):
            age = int((_TODAY - born).days / _YEAR) - dice.randint(17, 34)
            if age < 16:
                continue
            child = self._being(community, dice.random() < 0.5, surname, age, place)
            fathers = [adult for adult in adults if not adult.woman]
            if fathers and not child.woman and dice.random() < 0.08:
                child = replace(
                    child, forename=fathers[0].forename, middle=dice.choice([fathers[0].middle, child.middle])
                )
            children.append(child)
            if dice.random() < 0.04:
                children.append(self._twin(child, community))
        return children

    def _twin(self, child: Being, community: Community) -> Being:
        dice = self._dice
        twin = self._being(community, dice.random() < 0.5, child.surname, 20, (child.postcode, child.address))
        forename = twin.forename
        while forename == child.forename:
            forename = self._forename(community, twin.woman)[0]
        if dice.random() < 0.15:
            forename = _almost(child.forename, dice)
        nino = f"{child.nino[:7]}{(int(child.nino[7]) + 1) % 10}{child.nino[8]}" if dice.random() < 0.4 else twin.nino
        return replace(twin, forename=forename, born=child.born, nino=nino)

    def _moved(self, being: Being) -> Being:
        postcode, address = self.new_place()
        return replace(being, postcode=postcode, address=address)

    def _being(self, community: Community, woman: bool, surname: str, age: int, place: tuple[str, str]) -> Being:
        dice = self._dice
        self._number += 1
        forename, middle = self._forename(community, woman)
        born = _TODAY - timedelta(days=int((max(age, 16) + dice.random()) * _YEAR))
        if community.name in {"Pakistani", "Bangladeshi"} and dice.random() < 0.06:
            born = born.replace(month=1, day=1)
        return Being(
            number=self._number,
            household=self._household,
            community=community.name,
            woman=woman,
            forename=forename,
            middle=middle,
            surname=self._bent(surname, woman, community),
            born=born,
            nino=f"QQ{dice.randrange(10**6):06d}{dice.choice('ABCD')}",
            postcode=place[0],
            address=place[1],
        )

    def _forename(self, community: Community, woman: bool) -> tuple[str, str]:
        dice = self._dice
        names = community.women if woman else community.men
        forename = _common_first(names, dice)
        after = community.after_women if woman else community.after_men
        if after:
            return forename, dice.choice(after) if dice.random() < 0.7 else ""
        if not woman and community.before_men and dice.random() < 0.6:
            return f"{dice.choice(community.before_men)} {forename}", ""
        return forename, _common_first(names, dice) if dice.random() < 0.6 else ""

    def _surname(self, community: Community) -> str:
        dice = self._dice
        if community.stems and dice.random() < 0.35:
            return dice.choice(community.stems) + dice.choice(community.endings)
        surname = _common_first(community.surnames, dice)
        if dice.random() < community.double:
            surname += " " + _common_first(community.surnames, dice)
        elif dice.random() < 0.03:
            surname += "-" + _common_first(community.surnames, dice)
        return surname

    def _bent(self, surname: str, woman: bool, community: Community) -> str:
        if not woman or self._dice.random() < 0.25:
            return surname
        for man, bent in community.bends:
            if surname.endswith(man):
                return surname.removesuffix(man) + bent
        return surname


def _community(name: str) -> Community:
    return next(each for each in COMMUNITIES if each.name == name)


def _common_first(names: tuple[str, ...], dice: Random) -> str:
    return names[min(int(len(names) * dice.random() ** 1.7), len(names) - 1)]


def _almost(forename: str, dice: Random) -> str:
    """Return a name such as parents give a twin: with another first letter, or another ending."""
    if dice.random() < 0.5:
        return dice.choice("AJKLMST") + forename[1:]
    return forename + "a" if forename[-1] not in "aeiou" else forename[:-1] + dice.choice("aeio")
