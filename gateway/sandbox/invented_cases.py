"""The particular families that every county holds, one for each thing that must go right.

Each case shapes one family and names its people as canaries: what a run under a plain agreement (three needs of ten
outcomes, two of thirteen factors, of age, lead professional's contact agreed) must decide of each. Cases that need
dirt are left out of a clean county. `CASES` is the whole list, in order.

Pure but for what the county's own writer does with the rows.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from gateway.model.flags import FAMILY_WIDE, FlagKind
from gateway.model.selection import ExclusionReason
from gateway.sandbox import invented_names as names
from gateway.sandbox.invented_extracts import (
    CAPITA,
    EHM,
    UNKNOWN,
    Extracts,
    Known,
    capita_person_id,
    ehm_family_id,
    ehm_person_id,
    write_family,
    write_flag,
    write_identifier,
    write_older_case,
    write_person,
    write_worker,
)
from gateway.sandbox.invented_families import Family, Fate, Inventor, Person

INCLUDED = "included"
#: What the agreement itself decides: it may block such a person or not.
AS_AGREED = "as_agreed"
_PROTECTED = ExclusionReason.PROTECTED.value
_INCOMPLETE = ExclusionReason.INCOMPLETE_RECORD.value


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


def _ordinary(county: County, name: str) -> None:
    mother, father, child = _people(county.write(county.inventor.couple()))
    county.expect(name, mother, INCLUDED)
    county.expect(f"{name}_partner", father, INCLUDED)
    county.expect(f"{name}_child", child, ExclusionReason.UNDER_AGE.value)


def _twins(county: County, name: str) -> None:
    """Two grown-up sisters: one surname, one birthday, forenames that are almost alike."""
    family = county.inventor.couple()
    born_on = county.inventor.days_ago(20 * 366, 22 * 365)
    for forename in ("Ava", "Eva"):
        twin = county.inventor.person(family.members[0].person.surname, "F", born_on, forename)
        county.inventor.join(family, twin)
        county.expect(f"{name}_{forename.lower()}", twin, INCLUDED)
    county.write(family)


def _father_and_son(county: County, name: str) -> None:
    family = county.inventor.couple()
    father = family.members[1].person
    son = county.inventor.person(father.surname, "M", county.inventor.days_ago(19 * 366, 21 * 365), father.forename)
    county.inventor.join(family, son)
    county.write(family)
    county.expect(f"{name}_father", father, INCLUDED)
    county.expect(f"{name}_son", son, INCLUDED)


def _two_families(county: County, name: str) -> None:
    """A father who left a family that is closed now and lives in another that is eligible."""
    former = county.inventor.couple()
    father = former.members[1].person
    former.members[1].left_on = former.opened_on + timedelta(days=30)
    county.write(former)
    family = county.inventor.couple()
    family.members[1] = replace(family.members[1], person=father, guest=True)
    county.write(family)
    county.expect(name, father, INCLUDED)


def _flag_of(kind: FlagKind) -> Case:
    def shape(county: County, name: str) -> None:
        mother, father, _ = _people(county.write(county.inventor.couple()))
        county.flag(kind, {"source": EHM, "source_id": ehm_person_id(mother)})
        depends = kind in {FlagKind.CONSENT_WITHDRAWN, FlagKind.LEGAL_HOLD}
        county.expect(name, mother, AS_AGREED if depends else _PROTECTED)
        county.expect(f"{name}_partner", father, _PROTECTED if kind in FAMILY_WIDE else INCLUDED)

    return Case(f"flag_{kind.value}", shape)


def _flag_by_capita_id(county: County, name: str) -> None:
    """The flag knows the person only by the number they have in the older system."""
    family = county.inventor.couple()
    mother = family.members[0].person
    mother.nino = mother.nino or county.inventor.next_nino()
    _write_with_same_older_record(county, family, mother)
    county.flag(FlagKind.RESTRICTED_RECORD, {"source": CAPITA, "source_id": capita_person_id(mother)})
    county.expect(name, mother, _PROTECTED)


def _write_with_same_older_record(county: County, family: Family, person: Person) -> None:
    county.write(family)
    day = f"{person.born_on:%d/%m/%Y}"
    forename, surname = (text.encode("cp1252", "ignore").decode("cp1252") for text in (person.forename, person.surname))
    county.extracts.row(
        CAPITA, "persons", capita_person_id(person), forename, surname, day, person.nino, family.postcode, "", ""
    )


def _flag_by_nino(county: County, name: str) -> None:
    """The flag has a number without its suffix and nothing else."""
    family = county.inventor.couple()
    mother = family.members[0].person
    mother.nino = mother.nino or county.inventor.next_nino()
    county.write(family)
    county.flag(FlagKind.OBJECTION_UPHELD, {"nino": mother.nino[:8]})
    county.expect(name, mother, _PROTECTED)


def _flag_by_birth(county: County, name: str) -> None:
    mother, _, _ = _people(county.write(county.inventor.couple()))
    county.flag(FlagKind.STAFF_OR_RELATIVE, {"surname": mother.surname, "born_on": mother.born_on})
    county.expect(name, mother, _PROTECTED)


def _flag_by_postcode(county: County, name: str) -> None:
    family = county.write(county.inventor.couple())
    mother = family.members[0].person
    county.flag(FlagKind.PROTECTED_ADDRESS, {"surname": mother.surname.upper(), "postcode": family.postcode})
    county.expect(name, mother, _PROTECTED)


def _flag_with_wrong_id(county: County, name: str) -> None:
    """The flag's number is nobody's, but the surname and date of birth are right."""
    mother, _, _ = _people(county.write(county.inventor.couple()))
    known: Known = {"source": EHM, "source_id": "1", "surname": mother.surname, "born_on": mother.born_on}
    county.flag(FlagKind.MARAC_OR_REFUGE, known)
    county.expect(name, mother, _PROTECTED)


def _flag_ended(county: County, name: str) -> None:
    mother, _, _ = _people(county.write(county.inventor.couple()))
    ended_on = county.as_at - timedelta(days=10)
    known: Known = {"source": EHM, "source_id": ehm_person_id(mother)}
    county.flag(FlagKind.OBJECTION_UPHELD, known, until=ended_on)
    county.expect(name, mother, INCLUDED)


def _named(forename: str, surname: str) -> Callable[[County, str], None]:
    def shape(county: County, name: str) -> None:
        family = county.inventor.couple()
        mother = family.members[0].person
        mother.forename, mother.surname = forename, surname
        county.write(family)
        county.expect(name, mother, INCLUDED)

    return shape


def _sensitive_team(county: County, name: str) -> None:
    """Led from a team whose name must never reach a partner."""
    family = county.inventor.couple()
    family.lead = next(worker for worker in county.inventor.workers if worker.team in names.SENSITIVE_TEAMS)
    mother, _, _ = _people(county.write(family))
    county.expect(name, mother, INCLUDED)


def _of_fate(fate: Fate, expected: ExclusionReason) -> Case:
    def shape(county: County, name: str) -> None:
        family = county.inventor.couple()
        family.fate = fate
        family.needs = _needs_of(fate, family)
        if fate is Fate.CLOSED:
            family.closed_on = county.as_at - timedelta(days=3)
        if fate is Fate.NOT_BEGUN:
            family.opened_on = county.as_at + timedelta(days=30)
        mother, _, _ = _people(county.write(family))
        county.expect(name, mother, expected.value)

    return Case(f"fate_{fate.value}", shape)


def _needs_of(fate: Fate, family: Family) -> list[tuple[str, date, date | None]]:
    if fate is Fate.PARENTING_ONLY:
        return [(code, family.opened_on, None) for code in ("2.1", "5.1", "5.2")]
    if fate is Fate.TOO_FEW_NEEDS:
        return family.needs[:1]
    if fate is Fate.NEEDS_MET:
        return [(code, began_on, began_on + timedelta(days=20)) for code, began_on, _ in family.needs]
    return family.needs


def _domestic_abuse_need(county: County, name: str) -> None:
    family = county.inventor.couple()
    family.needs.append(("8.1", family.opened_on, None))
    mother, _, _ = _people(county.write(family))
    county.expect(name, mother, AS_AGREED)


def _birthdays(county: County, name: str) -> None:
    """One came of age on the day of the extract, one will in a week."""
    today = county.as_at
    family = county.inventor.couple()
    for which, born_on, expected in (
        ("today", _years_before(today, 18), INCLUDED),
        ("next_week", _years_before(today + timedelta(days=7), 18), ExclusionReason.UNDER_AGE.value),
    ):
        person = county.inventor.person(family.members[0].person.surname, "F", born_on)
        county.inventor.join(family, person)
        county.expect(f"{name}_{which}", person, expected)
    county.write(family)


def _years_before(day: date, years: int) -> date:
    """Return the same day of an earlier year; 29 February has no same day and gives the day before."""
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _died(county: County, name: str) -> None:
    family = county.inventor.couple()
    father = family.members[1].person
    father.died_on = county.as_at - timedelta(days=20)
    county.write(family)
    county.expect(name, father, _PROTECTED)


def _moved_house(county: County, name: str) -> None:
    family = county.inventor.couple()
    family.former_postcode = county.inventor.address()[0]
    mother, _, _ = _people(county.write(family))
    county.expect(name, mother, INCLUDED)


def _left_family(county: County, name: str) -> None:
    family = county.inventor.couple()
    family.members[1].left_on = county.as_at - timedelta(days=2)
    _, father, _ = _people(county.write(family))
    county.expect(name, father, ExclusionReason.NOT_IN_COHORT.value)


def _capita_only(county: County, name: str) -> None:
    """A family that only the older system knows."""
    family = county.inventor.couple()
    spell = (county.inventor.days_ago(2000, 2200), county.inventor.days_ago(1000, 1200))
    write_older_case(county.extracts, family, spell, county.dice)
    mother = family.members[0].person
    expected = ExclusionReason.NOT_IN_COHORT.value
    county.canaries.append(Canary(name, CAPITA, capita_person_id(mother), mother.nino, expected))


def _junk_postcode(county: County, name: str) -> None:
    for junk in ("nopostcode", "XXXX XXX"):
        family = county.inventor.couple()
        family.postcode = junk
        mother, _, _ = _people(county.write(family))
        county.expect(f"{name}_{junk[:2].lower()}", mother, INCLUDED)


def _duplicate(county: County, name: str) -> None:
    """A record that was merged away keeps its row, with the day of the merge."""
    mother, _, _ = _people(county.write(county.inventor.couple()))
    write_duplicate(county, mother)
    county.expect(name, mother, INCLUDED)


def write_duplicate(county: County, person: Person) -> None:
    """Write the copy of a person that a merge leaves behind."""
    merged = f"{county.as_at - timedelta(days=200)} 00:00:00"
    copy = str(4_000_000 + person.number)
    write_person(county.extracts, person, county.dice, number=copy, duplicated=merged)


def _unborn(county: County, name: str) -> None:
    """An expected child has a date of birth that lies ahead."""
    family = county.inventor.couple()
    add_unborn(county, family)
    county.expect(name, family.members[-1].person, ExclusionReason.UNDER_AGE.value)
    county.write(family)


def add_unborn(county: County, family: Family) -> None:
    """Add an expected child to a family that is not yet written."""
    born_on = county.as_at + timedelta(days=county.dice.randint(10, 200))
    child = county.inventor.person(family.members[0].person.surname, "F", born_on, "Unborn")
    child.unborn = True
    county.inventor.join(family, child)


def _unknown_member(county: County, name: str) -> None:
    family = county.write(county.inventor.couple())
    write_unknown_member(county, family)
    county.expect(name, family.members[0].person, AS_AGREED)


def write_unknown_member(county: County, family: Family) -> None:
    """Add a member of whom only the membership is known."""
    began = f"{family.opened_on} 00:00:00"
    county.extracts.row(EHM, "memberships", ehm_family_id(family), UNKNOWN, began, "")


def _formula(county: County, name: str) -> None:
    """Led by somebody whose address a spreadsheet would run."""
    family = county.inventor.couple()
    number = len(county.inventor.workers) + 1
    family.lead = replace(family.lead, number=number, email="=1+1@county.example", phone="")
    write_worker(county.extracts, family.lead)
    mother, _, _ = _people(county.write(family))
    county.expect(name, mother, ExclusionReason.UNSAFE_VALUE.value)


def _bad_birth(county: County, name: str) -> None:
    """A child's date of birth is no date: the whole family is incomplete."""
    family = county.inventor.couple()
    mother, father, _ = _people(county.write(family))
    write_bad_birth(county, family)
    county.expect(name, mother, _INCOMPLETE)
    county.expect(f"{name}_partner", father, _INCOMPLETE)


def write_bad_birth(county: County, family: Family) -> None:
    """Add a member whose date of birth cannot be read."""
    county.inventor.people += 1
    person_id = str(2_000_000 + county.inventor.people)
    surname = family.members[0].person.surname
    cells = (person_id, "", "Sam", surname, "M", "2011-13-45 00:00:00", "N", "", "", "", "NOBT", "GBR", "Y", "", "N")
    county.extracts.bad_line(EHM, "persons", ",".join(cells))
    county.extracts.row(EHM, "memberships", ehm_family_id(family), person_id, f"{family.opened_on} 00:00:00", "")


def _odd_quote(county: County, name: str) -> None:
    mother, father, _ = _people(family := county.write(county.inventor.couple()))
    write_odd_quote(county, family)
    county.expect(name, mother, _INCOMPLETE)
    county.expect(f"{name}_partner", father, _INCOMPLETE)


def write_odd_quote(county: County, family: Family) -> None:
    """Write a second spell of the first member, with one quote too many."""
    person_id = ehm_person_id(family.members[0].person)
    began = f"{family.opened_on} 00:00:00"
    county.extracts.bad_line(EHM, "memberships", f'{ehm_family_id(family)},{person_id},"{began},')


def _bad_nino(county: County, name: str) -> None:
    mother, _, _ = _people(county.write(county.inventor.couple()))
    write_bad_nino(county, mother)
    county.expect(name, mother, _INCOMPLETE)


def write_bad_nino(county: County, person: Person) -> None:
    """Write a number with a digit short."""
    since = county.as_at - timedelta(days=300)
    write_identifier(county.extracts, ehm_person_id(person), "QQ12345A", since)
    county.extracts.rejected[f"{EHM}/identifiers"] += 1


def _bad_need(county: County, name: str) -> None:
    """A need identified on a day that the calendar lacks."""
    family = county.write(county.inventor.couple())
    county.extracts.bad_line(EHM, "needs", f"{ehm_family_id(family)},SF3_1,31/02/2026,")
    county.expect(name, family.members[0].person, AS_AGREED)


def _people(family: Family) -> tuple[Person, Person, Person]:
    mother, father, child = (member.person for member in family.members[:3])
    return mother, father, child


_MISSING = ExclusionReason.REQUIREMENT_MISSING
_OUTSIDE = ExclusionReason.NOT_IN_COHORT
_NEEDS = ExclusionReason.NEEDS_NOT_MET
CASES: tuple[Case, ...] = (
    Case("ordinary", _ordinary),
    Case("twin", _twins),
    Case("same_name", _father_and_son),
    Case("two_families", _two_families),
    Case("flag_by_capita_id_only", _flag_by_capita_id),
    Case("flag_by_nino_only", _flag_by_nino),
    Case("flag_by_surname_and_birth", _flag_by_birth),
    Case("flag_by_surname_and_postcode", _flag_by_postcode),
    Case("flag_with_wrong_id", _flag_with_wrong_id),
    Case("flag_ended", _flag_ended),
    *(_flag_of(kind) for kind in FlagKind),
    Case("apostrophe", _named("Róisín", "O'Brien")),
    Case("diacritics", _named("Łucja", "Wiśniewska")),
    Case("hyphen", _named("Anne-Marie", "Smith-Jones")),
    Case("sensitive_team", _sensitive_team),
    Case("came_of_age", _birthdays),
    Case("died", _died),
    Case("moved_house", _moved_house),
    Case("left_family", _left_family),
    Case("capita_only", _capita_only),
    Case("domestic_abuse_need", _domestic_abuse_need, abuse=True),
    _of_fate(Fate.NO_ASSESSMENT, _MISSING),
    _of_fate(Fate.PART_ASSESSMENT, _MISSING),
    _of_fate(Fate.NO_PLAN, _MISSING),
    _of_fate(Fate.PLAN_ENDED, _MISSING),
    _of_fate(Fate.NO_LEAD, _MISSING),
    _of_fate(Fate.LEAD_ENDED, _MISSING),
    _of_fate(Fate.TOO_FEW_NEEDS, _NEEDS),
    _of_fate(Fate.NEEDS_MET, _NEEDS),
    _of_fate(Fate.PARENTING_ONLY, ExclusionReason.LEGAL_PREDICATE_NOT_MET),
    _of_fate(Fate.CLOSED, _OUTSIDE),
    _of_fate(Fate.NOT_BEGUN, _OUTSIDE),
    Case("junk_postcode", _junk_postcode, dirty=True),
    Case("duplicate", _duplicate, dirty=True),
    Case("unborn", _unborn, dirty=True),
    Case("unknown_member", _unknown_member, dirty=True),
    Case("formula_contact", _formula, dirty=True),
    Case("bad_birth", _bad_birth, dirty=True),
    Case("odd_quote", _odd_quote, dirty=True),
    Case("bad_nino", _bad_nino, dirty=True),
    Case("bad_need", _bad_need, dirty=True),
)
