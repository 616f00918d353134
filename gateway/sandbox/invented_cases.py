"""The particular families that every county holds, one for each thing that must go right.

Each case shapes one family and names its people as canaries: what a run under a plain agreement (three needs of ten
outcomes, two of thirteen factors, of age, lead professional's contact agreed) must decide of each. Cases that need
dirt are left out of a clean county. `CASES` is the whole list, in order.

Pure but for what the county's own writer does with the rows.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from gateway.model.selection import ExclusionReason
from gateway.sandbox import invented_names as names
from gateway.sandbox.invented_county import AS_AGREED, INCLUDED, Canary, Case, County, people_of
from gateway.sandbox.invented_dirt import (
    add_unborn,
    write_bad_birth,
    write_bad_nino,
    write_duplicate,
    write_odd_quote,
    write_unknown_member,
)
from gateway.sandbox.invented_families import Family, Fate
from gateway.sandbox.invented_flags import FLAG_CASES
from gateway.sandbox.invented_layouts import CAPITA, EHM, capita_person_id, ehm_family_id
from gateway.sandbox.invented_rows import write_older_case, write_worker

_PROTECTED = ExclusionReason.PROTECTED.value
_INCOMPLETE = ExclusionReason.INCOMPLETE_RECORD.value


def _ordinary(county: County, name: str) -> None:
    mother, father, child = people_of(county.write(county.inventor.couple()))
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
    mother, _, _ = people_of(county.write(family))
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
        mother, _, _ = people_of(county.write(family))
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
    mother, _, _ = people_of(county.write(family))
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
    mother, _, _ = people_of(county.write(family))
    county.expect(name, mother, INCLUDED)


def _left_family(county: County, name: str) -> None:
    family = county.inventor.couple()
    family.members[1].left_on = county.as_at - timedelta(days=2)
    _, father, _ = people_of(county.write(family))
    county.expect(name, father, ExclusionReason.NOT_IN_COHORT.value)


def capita_only(county: County, name: str) -> None:
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
        mother, _, _ = people_of(county.write(family))
        county.expect(f"{name}_{junk[:2].lower()}", mother, INCLUDED)


def _duplicate(county: County, name: str) -> None:
    """A record that was merged away keeps its row, with the day of the merge."""
    mother, _, _ = people_of(county.write(county.inventor.couple()))
    write_duplicate(county, mother)
    county.expect(name, mother, INCLUDED)


def _unborn(county: County, name: str) -> None:
    """An expected child has a date of birth that lies ahead."""
    family = county.inventor.couple()
    add_unborn(county, family)
    county.expect(name, family.members[-1].person, ExclusionReason.UNDER_AGE.value)
    county.write(family)


def _unknown_member(county: County, name: str) -> None:
    family = county.write(county.inventor.couple())
    write_unknown_member(county, family)
    county.expect(name, family.members[0].person, AS_AGREED)


def _formula(county: County, name: str) -> None:
    """Led by somebody whose address a spreadsheet would run."""
    family = county.inventor.couple()
    number = len(county.inventor.workers) + 1
    family.lead = replace(family.lead, number=number, email="=1+1@county.example", phone="")
    write_worker(county.extracts, family.lead)
    mother, _, _ = people_of(county.write(family))
    county.expect(name, mother, ExclusionReason.UNSAFE_VALUE.value)


def _bad_birth(county: County, name: str) -> None:
    """A child's date of birth is no date: the whole family is incomplete."""
    family = county.inventor.couple()
    mother, father, _ = people_of(county.write(family))
    write_bad_birth(county, family)
    county.expect(name, mother, _INCOMPLETE)
    county.expect(f"{name}_partner", father, _INCOMPLETE)


def _odd_quote(county: County, name: str) -> None:
    mother, father, _ = people_of(family := county.write(county.inventor.couple()))
    write_odd_quote(county, family)
    county.expect(name, mother, _INCOMPLETE)
    county.expect(f"{name}_partner", father, _INCOMPLETE)


def _bad_nino(county: County, name: str) -> None:
    mother, _, _ = people_of(county.write(county.inventor.couple()))
    write_bad_nino(county, mother)
    county.expect(name, mother, _INCOMPLETE)


def _bad_need(county: County, name: str) -> None:
    """A need identified on a day that the calendar lacks."""
    family = county.write(county.inventor.couple())
    county.extracts.bad_line(EHM, "needs", f"{ehm_family_id(family)},SF3_1,31/02/2026,")
    county.expect(name, family.members[0].person, AS_AGREED)


_MISSING = ExclusionReason.REQUIREMENT_MISSING
_OUTSIDE = ExclusionReason.NOT_IN_COHORT
_NEEDS = ExclusionReason.NEEDS_NOT_MET
CASES: tuple[Case, ...] = (
    Case("ordinary", _ordinary),
    Case("twin", _twins),
    Case("same_name", _father_and_son),
    Case("two_families", _two_families),
    *FLAG_CASES,
    Case("apostrophe", _named("Róisín", "O'Brien")),
    Case("diacritics", _named("Łucja", "Wiśniewska")),
    Case("hyphen", _named("Anne-Marie", "Smith-Jones")),
    Case("sensitive_team", _sensitive_team),
    Case("came_of_age", _birthdays),
    Case("died", _died),
    Case("moved_house", _moved_house),
    Case("left_family", _left_family),
    Case("capita_only", capita_only),
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
