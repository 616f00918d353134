"""Invent families: who is in them, where they live, what they need, and how far they got in the programme.

The same dice give the same families, one after another, and only the last few hundred adults are remembered (so that
some of them turn up in a second family): a county of a million people takes no more memory than a village.
Every National Insurance number starts `QQ`, which is never issued; every UPN names local authority 000, which is none.

Pure but for the dice that it is given. How a source system would write any of it is said in invented_extracts.py.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from random import Random

from gateway.sandbox import invented_names as names

_NINOS = 1_000_000
_WORKING_AGE = 16
_PARENT_AND_CHILD = 2
_SCHOOL_AGES = range(4, 20)
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


class Fate(StrEnum):
    """How far a family got: the one thing that stands between it and a list."""

    ELIGIBLE = "eligible"
    NO_ASSESSMENT = "no_assessment"
    PART_ASSESSMENT = "part_assessment"
    NO_PLAN = "no_plan"
    PLAN_ENDED = "plan_ended"
    NO_LEAD = "no_lead"
    LEAD_ENDED = "lead_ended"
    TOO_FEW_NEEDS = "too_few_needs"
    NEEDS_MET = "needs_met"
    #: Eligible by needs, and yet fewer than two of the thirteen statutory factors.
    PARENTING_ONLY = "parenting_only"
    CLOSED = "closed"
    NOT_BEGUN = "not_begun"


FATE_SHARES: dict[Fate, int] = {
    Fate.ELIGIBLE: 800,
    Fate.NO_ASSESSMENT: 22,
    Fate.PART_ASSESSMENT: 20,
    Fate.NO_PLAN: 18,
    Fate.PLAN_ENDED: 10,
    Fate.NO_LEAD: 14,
    Fate.LEAD_ENDED: 14,
    Fate.TOO_FEW_NEEDS: 24,
    Fate.NEEDS_MET: 12,
    Fate.PARENTING_ONLY: 16,
    Fate.CLOSED: 44,
    Fate.NOT_BEGUN: 6,
}
#: Needs that stand for money, work or a home; for schooling or health; and everything else that is often found.
_HARDSHIP = ("10.1", "10.2", "9.2", "9.1")
_SCHOOL_OR_HEALTH = ("1.1", "1.2", "1.4", "3.1", "3.2", "3.3", "2.3")
_OTHER = ("5.1", "5.2", "5.3", "5.4", "2.1", "4.1", "4.2", "6.1", "6.4", "7.1", "7.2", "7.3", "1.3", "10.3")
_DOMESTIC_ABUSE = ("8.1", "8.3")
_PARENTING = ("2.1", "5.1", "5.2", "5.3")


@dataclass(slots=True)
class Person:
    """Somebody who was invented. `nino` is in normal form, or empty where the county does not hold it."""

    number: int
    forename: str
    surname: str
    gender: str
    born_on: date
    nino: str = ""
    upn: str = ""
    unborn: bool = False
    died_on: date | None = None


@dataclass(slots=True)
class Member:
    """A person's spell in a family; `guest` is True where the person was written down with an earlier family."""

    person: Person
    joined_on: date
    left_on: date | None = None
    guest: bool = False


@dataclass(slots=True)
class Worker:
    """A member of staff of the county or of an agency that it works with."""

    number: int
    forename: str
    surname: str
    title: str
    team: str
    email: str
    phone: str


@dataclass(slots=True)
class Family:
    """A family and its time in the programme; `needs` are canonical codes with the days they began and were met."""

    number: int
    fate: Fate
    postcode: str
    town: str
    street: str
    opened_on: date
    lead: Worker
    closed_on: date | None = None
    members: list[Member] = field(default_factory=list)
    needs: list[tuple[str, date, date | None]] = field(default_factory=list)
    former_postcode: str = ""
    #: In the older system too: the spell of the case there.
    older_case: tuple[date, date] | None = None

    def adults(self, as_at: date) -> list[Person]:
        """Return the members who are surely of age on the day, in the order they were invented."""
        return [member.person for member in self.members if (as_at - member.person.born_on).days > 18 * 366]


class Inventor:
    """Invents one family after another."""

    def __init__(self, dice: Random, as_at: date, *, workers: int, abuse_needs: bool = True) -> None:
        self.as_at = as_at
        self.dice = dice
        self.abuse_needs = abuse_needs
        self.people = 0
        self.families = 0
        self._ninos = dice.randrange(_NINOS)
        self._first_nino = self._ninos
        self._upns = dice.randrange(10**9)
        self._recent: deque[Person] = deque(maxlen=300)
        self.workers = [self._worker(number) for number in range(1, workers + 1)]

    def family(self, fate: Fate | None = None) -> Family:
        """Invent the next family."""
        self.families += 1
        fate = fate or self._fate()
        family = self._empty_family(fate)
        self._fill(family)
        family.needs = self._needs(family)
        if self.chance(0.15):
            family.former_postcode = self.address()[0]
        if self.chance(0.18):
            family.older_case = self._older_case()
        return family

    def couple(self, *, grown_up: tuple[date, date] | None = None) -> Family:
        """Invent an eligible family of two parents and a child whom no other family shares."""
        self.families += 1
        family = self._empty_family(Fate.ELIGIBLE)
        surname = self.dice.choice(self._community().surnames)
        mother_born, father_born = grown_up or (self.days_ago(25 * 366, 40 * 365), self.days_ago(41 * 366, 50 * 365))
        self.join(family, self.person(surname[1], "F", mother_born))
        self.join(family, self.person(surname[0], "M", father_born))
        self.join(family, self.person(surname[0], "M", self.days_ago(5 * 366, 8 * 365)))
        family.needs = [(code, family.opened_on, None) for code in ("10.1", "1.1", "3.2")]
        return family

    def chance(self, share: float) -> bool:
        """Say yes that often."""
        return self.dice.random() < share

    def days_ago(self, least: int, most: int) -> date:
        """Return a day that lies so many days before the extract."""
        return self.as_at - timedelta(days=self.dice.randint(least, most))

    def address(self) -> tuple[str, str]:
        """Return a postcode of the county and its town."""
        sector, town = self.dice.choice(names.SECTORS)
        letters = names.UNIT_LETTERS
        return f"{sector}{self.dice.choice(letters)}{self.dice.choice(letters)}", town

    def next_nino(self) -> str:
        """Return a number that nobody else in the county has, or none when all of them are given out."""
        if self._ninos - self._first_nino >= _NINOS:
            return ""
        self._ninos += 1
        return f"QQ{self._ninos * 700_001 % _NINOS:06}{'ABCD'[self._ninos % 4]}"

    def person(self, surname: str, gender: str, born_on: date, forename: str | None = None) -> Person:
        """Invent somebody; a grown-up may have a National Insurance number on file, a pupil has a UPN."""
        self.people += 1
        community = self._community()
        person = Person(
            self.people,
            forename or self.dice.choice(community.hers if gender == "F" else community.his),
            surname,
            gender,
            born_on,
        )
        age = (self.as_at - born_on).days // 365
        if age >= _WORKING_AGE and self.chance(0.58):
            person.nino = self.next_nino()
        if age in _SCHOOL_AGES:
            person.upn = self._next_upn()
        return person

    def join(self, family: Family, person: Person) -> Member:
        """Make somebody a member of the family from its first day."""
        member = Member(person, family.opened_on)
        family.members.append(member)
        return member

    def _fate(self) -> Fate:
        return self.dice.choices(tuple(FATE_SHARES), tuple(FATE_SHARES.values()))[0]

    def _community(self) -> names.Community:
        return self.dice.choices(names.COMMUNITIES, names.COMMUNITY_SHARES)[0]

    def _next_upn(self) -> str:
        self._upns += 1
        digits = f"000{self._upns * 7_000_003 % 10**9:09}"
        total = sum(int(digit) * place for place, digit in enumerate(digits, 2))
        return _UPN_LETTERS[total % 23] + digits

    def _worker(self, number: int) -> Worker:
        community = self._community()
        gender = self.dice.choice("FFM")
        forename = self.dice.choice(community.hers if gender == "F" else community.his)
        surname = self.dice.choice(community.surnames)[gender == "F"]
        teams = names.SENSITIVE_TEAMS if number % 12 == 0 else names.ORDINARY_TEAMS
        return Worker(
            number,
            forename,
            surname,
            self.dice.choice(names.JOB_TITLES),
            teams[number % len(teams)],
            f"worker{number}@county.example" if self.chance(0.9) else "",
            f"01632 960{number % 1000:03}" if self.chance(0.9) else "",
        )

    def _empty_family(self, fate: Fate) -> Family:
        postcode, town = self.address()
        opened_on, closed_on = self.days_ago(60, 900), None
        if fate is Fate.CLOSED:
            closed_on = self.days_ago(1, 400)
            opened_on = closed_on - timedelta(days=self.dice.randint(120, 500))
        elif fate is Fate.NOT_BEGUN:
            opened_on = self.as_at + timedelta(days=self.dice.randint(20, 90))
        return Family(
            number=self.families,
            fate=fate,
            postcode=postcode,
            town=town,
            street=f"{self.dice.randint(1, 180)} {self.dice.choice(names.STREETS)}",
            opened_on=opened_on,
            closed_on=closed_on,
            lead=self.dice.choice(self.workers),
        )

    def _fill(self, family: Family) -> None:
        size = self.dice.choices((1, 2, 3, 4, 5, 6, 7), (8, 20, 25, 22, 14, 7, 4))[0]
        surname = self.dice.choice(self._community().surnames)
        parent = self.join(family, self._grown_up(surname, "F" if self.chance(0.85) else "M")).person
        if size > _PARENT_AND_CHILD and self.chance(0.6):
            self._add_partner(family, surname, parent)
        while len(family.members) < size:
            self._add_child(family, surname, parent)

    def _grown_up(self, surname: tuple[str, str], gender: str) -> Person:
        born_on = self.days_ago(19 * 366, 52 * 365)
        person = self.person(surname[gender == "F"], gender, born_on)
        self._recent.append(person)
        return person

    def _add_partner(self, family: Family, surname: tuple[str, str], parent: Person) -> None:
        """Add the other parent: sometimes of another surname, sometimes one who has a family already."""
        if self._recent and self.chance(0.05):
            guest = self.dice.choice(self._recent)
            if guest is not parent:
                family.members.append(Member(guest, family.opened_on, guest=True))
                return
        if self.chance(0.35):
            surname = self.dice.choice(self._community().surnames)
        member = self.join(family, self._grown_up(surname, "M" if parent.gender == "F" else "F"))
        if self.chance(0.06):
            member.left_on = max(family.opened_on, self.days_ago(1, 50))

    def _add_child(self, family: Family, surname: tuple[str, str], parent: Person) -> None:
        """Add a child or a grown-up child; now and then a twin, or a son with his father's whole name."""
        years = (self.as_at - parent.born_on).days // 365
        last = family.members[-1].person
        if self.chance(0.03) and last.upn:
            born_on, surname = last.born_on, (last.surname, last.surname)
        else:
            born_on = self.days_ago(20, max(366, (years - 16) * 365))
        gender = self.dice.choice("FM")
        child = self.person(surname[gender == "F"], gender, born_on)
        father = family.members[min(1, len(family.members) - 1)].person
        if gender == "M" == father.gender and self.chance(0.02):
            child.forename, child.surname = father.forename, father.surname
        self.join(family, child)

    def _needs(self, family: Family) -> list[tuple[str, date, date | None]]:
        codes = self._need_codes(family.fate)
        since = min(family.opened_on, self.as_at)
        needs: list[tuple[str, date, date | None]] = [
            (code, since + timedelta(days=self.dice.randint(0, 30)), None) for code in codes
        ]
        if family.fate is Fate.NEEDS_MET:
            needs = [(code, began_on, self.days_ago(1, 20)) for code, began_on, _ in needs]
        elif self.chance(0.25):
            needs.append(("1.1", since, since + timedelta(days=40)))
        return needs

    def _need_codes(self, fate: Fate) -> list[str]:
        """Return current needs: three or more that give two factors or more, unless the fate says otherwise."""
        if fate is Fate.PARENTING_ONLY:
            return self.dice.sample(_PARENTING, 3)
        codes = [self.dice.choice(_HARDSHIP), self.dice.choice(_SCHOOL_OR_HEALTH)]
        if fate is Fate.TOO_FEW_NEEDS:
            return codes[: self.dice.randint(1, 2)]
        codes += self.dice.sample(_OTHER, self.dice.randint(1, 3))
        if self.abuse_needs and self.chance(0.07):
            codes.append(self.dice.choice(_DOMESTIC_ABUSE))
        return codes

    def _older_case(self) -> tuple[date, date]:
        closed_on = self.days_ago(900, 2500)
        return closed_on - timedelta(days=self.dice.randint(60, 600)), closed_on
