"""Invent the people of a county of any size, as rows of a loaded snapshot, the same for the same seed.

- About 3.5 people a family and 3.5 needs a family; about 57 % are such as the raced agreement selects. Of the others
  some are children, some are protected, some are in families that lack something.
- Names are awkward as real ones are: apostrophes, commas, quotes, letters outside ASCII, spaces at the end, none at
  all. None is unsafe in a spreadsheet: the shell's pipelines do not look, so the two would select different people.
- National Insurance numbers start `QQ`, as every invented one does.

Pure: a seed in, rows out; county.py writes them.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from gateway.model.flags import FLAG_BIT, FlagKind
from gateway.store.registry import Subject

PEOPLE_A_FAMILY = 3.5
Row = tuple[object, ...]

_FORENAMES = ("Aoife", "Ben", "D'Arcy", "Emma Jane", "Faith", "Grace ", 'Kay "Kit"', "Ng", "Oliver", "Priya", "Yusuf")
_SURNAMES = ("O'Brien", "Smith", "Smith, Jr", "Nowak", "van der Berg", "Patel", "St. John", "Jones-Lee", "Ahmed")
_ACCENTED = ("Chloé", "Łukasz", "José", "Núñez", "Ó Súilleabháin")
_TEAMS = ("Early Help District Team South", "Family Intervention Project North", "Refuge outreach", "", None)
_SECTORS = ("CB1 2", "CB4 3", "CB7 4", "PE13 1", "PE29 7", "PE2 8", "SG8 5", None)
_NEEDS = ("1.1", "1.4", "2.1", "3.1", "3.2", "4.1", "5.1", "6.3", "7.1", "9.1", "9.2", "10.1", "10.2", "10.3")
_ABUSE = "8.1"
_ADULT, _CHILD = (18 * 366, 65 * 365), (30, 17 * 365)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The rows of a snapshot: `rows` by table, each in the order of the table's columns after `snapshot_id`."""

    persons: list[Row]
    subjects: list[Subject]
    rows: dict[str, list[Row]]


def invent(people: int, as_at: date, seed: int = 1) -> Snapshot:
    """Return a snapshot of so many people."""
    return _Inventing(random.Random(seed), as_at).snapshot(people)


class _Inventing:
    def __init__(self, chance: random.Random, as_at: date) -> None:
        self._chance, self._as_at = chance, as_at
        self._days = [as_at - timedelta(days=number) for number in range(70 * 366)]
        self.persons: list[Row] = []
        self.rows: dict[str, list[Row]] = {
            name: []
            for name in ("families", "memberships", "episodes", "needs", "assessments", "plans", "involvements")
        }

    def snapshot(self, people: int) -> Snapshot:
        family = 0
        while len(self.persons) < people:
            family += 1
            self._family(family, min(self._chance.choice((2, 3, 3, 4, 4, 5)), people - len(self.persons)))
        return Snapshot(self.persons, list(self._subjects()), self.rows)

    def _family(self, key: int, size: int) -> None:
        draw, day = self._chance.random, self._day
        self.rows["families"].append((key, "bench", f"F{key}", day(60, 1000), self._seldom(0.02), False))
        whole = draw() > 0.03  # noqa: PLR2004 - shares
        if whole:
            self.rows["assessments"].append((key, key, day(10, 900), True))
            self.rows["plans"].append((key, key, day(5, 800), self._seldom(0.01)))
        self._leads(key)
        protected = 1 << FLAG_BIT[FlagKind.MARAC_OR_REFUGE].bit_length() - 1 if draw() < 0.006 else 0  # noqa: PLR2004
        self._needs(key, few=draw() < 0.05)  # noqa: PLR2004
        for number in range(size):
            self._person(key, protected, adult=number < 2 or draw() < 0.28)  # noqa: PLR2004

    def _person(self, family: int, protected: int, *, adult: bool) -> None:
        chance, draw = self._chance, self._chance.random
        key = len(self.persons) + 1
        sector = chance.choice(_SECTORS)
        flags = protected | (FLAG_BIT[FlagKind.OBJECTION_UPHELD] if draw() < 0.03 else 0)  # noqa: PLR2004
        self.persons.append(
            (
                key,
                chance.choice(_FORENAMES) if draw() < 0.995 else None,  # noqa: PLR2004
                f"{chance.choice(_SURNAMES if draw() < 0.95 else _ACCENTED)}{key % 977}",  # noqa: PLR2004
                self._days[chance.randrange(*(_ADULT if adult else _CHILD))],
                f"QQ{key % 1_000_000:06d}{'ABCD'[key % 4]}" if draw() < 0.7 else None,  # noqa: PLR2004
                f"{sector}AB" if sector else None,
                sector,
                None,
                draw() < 0.005,  # noqa: PLR2004
                flags,
            )
        )
        self.rows["memberships"].append((key, key, family, self._day(50, 900), self._seldom(0.02)))
        self.rows["episodes"].append((key, key, self._day(20, 900), self._seldom(0.1)))

    def _needs(self, family: int, *, few: bool) -> None:
        codes = self._chance.sample(_NEEDS, 2 if few else self._chance.choice((3, 3, 4, 4)))
        rows = self.rows["needs"]
        for code in codes:
            rows.append((len(rows) + 1, family, code, self._day(15, 700), None))
        if self._chance.random() < 0.02:  # noqa: PLR2004
            rows.append((len(rows) + 1, family, _ABUSE, self._day(15, 700), None))

    def _leads(self, family: int) -> None:
        rows, chance = self.rows["involvements"], self._chance
        for _ in range(1 if chance.random() < 0.9 else 2):  # noqa: PLR2004
            number = len(rows) + 1
            email = f"worker{number % 500}@county.example" if chance.random() < 0.9 else None  # noqa: PLR2004
            team = chance.choice(_TEAMS)
            rows.append((number, family, f"Sam Worker{number % 500}", email, None, team, self._day(5, 800), None))

    def _subjects(self) -> Iterator[Subject]:
        """Yield who stands for each person: in an order that is not that of the rows, as in a real registry."""
        for position in range(len(self.persons)):
            drawn = self._chance.randbytes(48)
            yield Subject(str(UUID(bytes=drawn[:16], version=4)), drawn[16:], (1, position))

    def _day(self, first: int, last: int) -> date:
        return self._days[self._chance.randrange(first, last)]

    def _seldom(self, share: float) -> date | None:
        return self._day(1, 5) if self._chance.random() < share else None
