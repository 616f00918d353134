"""A county in the making: its open extracts, who is being invented, and the people put in on purpose.

Pure but for the rows that it has written.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from gateway.model.flags import FlagKind
from gateway.sandbox.invented_families import Family, Inventor, Person
from gateway.sandbox.invented_layouts import EHM, Extracts, ehm_person_id
from gateway.sandbox.invented_rows import Known, write_family, write_flag, write_older_case

INCLUDED = "included"
#: What the agreement itself decides: it may block such a person or not.
AS_AGREED = "as_agreed"


@dataclass(frozen=True, slots=True)
class Canary:
    """A person put in on purpose: where they stand, and what a run must decide (`included`, or why not)."""

    name: str
    source: str
    source_id: str
    nino: str
    expected: str


@dataclass(slots=True)
class County:
    """A county in the making."""

    extracts: Extracts
    inventor: Inventor
    dice: Random
    canaries: list[Canary] = field(default_factory=list)
    fates: Counter[str] = field(default_factory=Counter)
    people: int = 0
    adults: int = 0

    @property
    def families(self) -> int:
        """How many families Liquidlogic EHM holds so far."""
        return self.fates.total()

    @property
    def as_at(self) -> date:
        """The day of the extracts."""
        return self.inventor.as_at

    def write(self, family: Family) -> Family:
        """Write a family into every system that knows it."""
        write_family(self.extracts, family, self.dice)
        self.fates[family.fate.value] += 1
        self.people += sum(not member.guest for member in family.members)
        self.adults += len(family.adults(self.as_at))
        if family.older_case:
            write_older_case(self.extracts, family, family.older_case, self.dice)
        return family

    def expect(self, name: str, person: Person, expected: str) -> None:
        """Name a person as a canary."""
        self.canaries.append(Canary(name, EHM, ehm_person_id(person), person.nino, expected))

    def flag(self, kind: FlagKind, known: Known, *, until: date | None = None) -> None:
        """Write a flag that began two months ago, with what is known of the person."""
        write_flag(self.extracts, kind.value, known, since=self.as_at - timedelta(days=60), until=until)


@dataclass(frozen=True, slots=True)
class Case:
    """One family to be shaped; `dirty` where it needs a county with dirt, `abuse` where one with domestic abuse."""

    name: str
    shape: Callable[[County, str], None]
    dirty: bool = False
    abuse: bool = False


def people_of(family: Family) -> tuple[Person, Person, Person]:
    """Return the two parents and the child of a couple's family."""
    mother, father, child = (member.person for member in family.members[:3])
    return mother, father, child
