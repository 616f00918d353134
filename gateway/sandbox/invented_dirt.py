"""What makes extracts as bad as real ones: lines that are refused, copies, members whom nobody knows, junk.

`soil` and `add_dirty_row` spoil families drawn by lot; the others are for the cases too.

Pure but for the rows that the county writes.
"""

from datetime import timedelta

from gateway.sandbox.invented_county import County
from gateway.sandbox.invented_families import Family, Person
from gateway.sandbox.invented_layouts import EHM, UNKNOWN, ehm_family_id, ehm_person_id
from gateway.sandbox.invented_rows import write_identifier, write_person

#: What is typed where a postcode is not known.
JUNK_POSTCODES = ("nopostcode", "XXXX XXX", "ZZ99 3VZ")


def soil(county: County, family: Family) -> None:
    """Spoil what a family is written down with, as often as real extracts do."""
    if county.inventor.chance(0.01):
        family.postcode = county.dice.choice(JUNK_POSTCODES)
    elif county.inventor.chance(0.01):
        add_unborn(county, family)


def add_dirty_row(county: County, family: Family) -> None:
    """Add a row that nobody wants: a copy, an unknown member, another identifier, a line that is refused."""
    person = next(member.person for member in family.members if not member.guest)
    match county.dice.choices(("copy", "unknown", "other", "birth", "quote", "nino"), (6, 4, 4, 2, 2, 2))[0]:
        case "copy":
            write_duplicate(county, person)
        case "unknown":
            write_unknown_member(county, family)
        case "other":
            since = county.as_at - timedelta(days=90)
            number = f"999{person.number % 10**7:07}"
            write_identifier(county.extracts, ehm_person_id(person), number, since, "NHS Number")
        case "birth":
            write_bad_birth(county, family)
        case "quote":
            write_odd_quote(county, family)
        case _:
            write_bad_nino(county, person)


def write_duplicate(county: County, person: Person) -> None:
    """Write the copy of a person that a merge leaves behind."""
    merged = f"{county.as_at - timedelta(days=200)} 00:00:00"
    copy = str(4_000_000 + person.number)
    write_person(county.extracts, person, county.dice, number=copy, duplicated=merged)


def add_unborn(county: County, family: Family) -> None:
    """Add an expected child to a family that is not yet written."""
    born_on = county.as_at + timedelta(days=county.dice.randint(10, 200))
    child = county.inventor.person(family.members[0].person.surname, "F", born_on, "Unborn")
    child.unborn = True
    county.inventor.join(family, child)


def write_unknown_member(county: County, family: Family) -> None:
    """Add a member of whom only the membership is known."""
    began = f"{family.opened_on} 00:00:00"
    county.extracts.row(EHM, "memberships", ehm_family_id(family), UNKNOWN, began, "")


def write_bad_birth(county: County, family: Family) -> None:
    """Add a member whose date of birth cannot be read."""
    county.inventor.people += 1
    person_id = str(2_000_000 + county.inventor.people)
    surname = family.members[0].person.surname
    cells = (person_id, "", "Sam", surname, "M", "2011-13-45 00:00:00", "N", "", "", "", "NOBT", "GBR", "Y", "", "N")
    county.extracts.bad_line(EHM, "persons", ",".join(cells))
    county.extracts.row(EHM, "memberships", ehm_family_id(family), person_id, f"{family.opened_on} 00:00:00", "")


def write_odd_quote(county: County, family: Family) -> None:
    """Write a second spell of the first member, with one quote too many."""
    person_id = ehm_person_id(family.members[0].person)
    began = f"{family.opened_on} 00:00:00"
    county.extracts.bad_line(EHM, "memberships", f'{ehm_family_id(family)},{person_id},"{began},')


def write_bad_nino(county: County, person: Person) -> None:
    """Write a number with a digit short."""
    since = county.as_at - timedelta(days=300)
    write_identifier(county.extracts, ehm_person_id(person), "QQ12345A", since)
    county.extracts.rejected[f"{EHM}/identifiers"] += 1
