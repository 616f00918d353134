"""Write what was invented as rows of the source systems' extracts, with the carelessness of whoever typed them.

Pure but for the dice and for the files that it is given (invented_layouts.py).
"""

import unicodedata
from datetime import date, timedelta
from random import Random
from typing import TypedDict

from gateway.sandbox.invented_families import Family, Fate, Member, Person, Worker
from gateway.sandbox.invented_layouts import (
    CAPITA,
    EHM,
    SUPPRESSION,
    Extracts,
    capita_case_id,
    capita_person_id,
    ehm_family_id,
    ehm_person_id,
    report_day,
    warehouse_day,
)

LEAD_PROFESSIONAL = "EHLP"
OTHER_INVOLVEMENTS = ("KA1", "CW", "KAH")
_ETHNICITIES = ("WBRI", "WOTH", "WROM", "APKN", "AIND", "BAFR", "WIRI", "NOBT")
_CONCERNS = ("CRIME", "EDUC", "WORK", "DA", "CHILD", "HEALTH")


class Known(TypedDict, total=False):
    """What a flag knows of the person whom it protects."""

    source: str
    source_id: str
    nino: str
    surname: str
    born_on: date
    postcode: str


def without_accents(name: str) -> str:
    """Return a name as somebody types it whose keyboard or code page lacks the letter."""
    plain = name.translate({ord("ł"): "l", ord("Ł"): "L", 0x2019: "'"})
    parts = unicodedata.normalize("NFKD", plain)
    return "".join(part for part in parts if not unicodedata.combining(part))


def write_worker(extracts: Extracts, worker: Worker) -> None:
    """Write a member of staff."""
    staff_id = f"CCC{worker.number:05}"
    if extracts.dirt and not worker.number % 9:
        staff_id = f"{staff_id[:4]}\x07{staff_id[4:]}\u00a0"
    extracts.row(
        *(EHM, "workers", worker.number, staff_id, worker.forename, worker.surname, worker.title, worker.team),
        *(worker.email, worker.phone),
    )


def write_family(extracts: Extracts, family: Family, dice: Random) -> None:
    """Write a family and everybody in it into Liquidlogic EHM."""
    family_id = ehm_family_id(family)
    extracts.row(EHM, "families", family_id, report_day(family.opened_on), report_day(family.closed_on))
    for member in family.members:
        write_membership(extracts, family_id, member)
        if not member.guest:
            write_person(extracts, member.person, dice)
            write_address(extracts, family, member.person, dice)
            write_nino(extracts, member.person, dice)
    _write_programme(extracts, family, family_id)
    _write_work(extracts, family, dice)


def write_person(extracts: Extracts, person: Person, dice: Random, *, number: str = "", duplicated: str = "") -> None:
    """Write a person; `number` and `duplicated` are for the copies that a merge leaves behind."""
    ethnicity = dice.choice(_ETHNICITIES)
    extracts.row(
        *(EHM, "persons", number or ehm_person_id(person), "", person.forename, person.surname, person.gender),
        *(warehouse_day(person.born_on), "Y" if person.unborn else "N", warehouse_day(person.died_on)),
        *(person.upn, "", ethnicity, "GBR", "Y", duplicated, "N"),
    )


def write_membership(extracts: Extracts, family_id: str, member: Member) -> None:
    """Write a person's spell in a family."""
    joined_on, left_on = warehouse_day(member.joined_on), warehouse_day(member.left_on)
    extracts.row(EHM, "memberships", family_id, ehm_person_id(member.person), joined_on, left_on)


def write_address(extracts: Extracts, family: Family, person: Person, dice: Random) -> None:
    """Write where a person lives, and where they lived before if they moved; one spelling in four is careless."""
    person_id, moved_on = ehm_person_id(person), family.opened_on + timedelta(days=15)
    house, _, street = family.street.partition(" ")
    since = moved_on if family.former_postcode else family.opened_on - timedelta(days=400)
    place = (house, street, family.town)
    if family.former_postcode:
        former = family.former_postcode
        began, ended = warehouse_day(family.opened_on - timedelta(days=900)), warehouse_day(moved_on)
        extracts.row(EHM, "addresses", person_id, "H", began, ended, "1", "Invented Row", family.town, former, "")
    uprn = 100_000_000_000 + family.number
    postcode = _careless_postcode(family.postcode, dice)
    extracts.row(EHM, "addresses", person_id, "H", warehouse_day(since), "", *place, postcode, uprn)


def write_nino(extracts: Extracts, person: Person, dice: Random) -> None:
    """Write the person's National Insurance number as a linked identifier, if the county holds it."""
    if person.nino:
        value = careless_nino(person.nino, dice) if extracts.dirt else person.nino
        write_identifier(extracts, ehm_person_id(person), value, extracts.as_at - timedelta(days=700))


def write_identifier(
    extracts: Extracts, person_id: str, value: str, since: date, kind: str = "National Insurance Number"
) -> None:
    """Write one linked identifier."""
    extracts.row(EHM, "identifiers", person_id, kind, value, warehouse_day(since), "")


def careless_nino(nino: str, dice: Random) -> str:
    """Return the number as people type it: a third without suffix, with blanks, or in small letters."""
    return dice.choice((nino, nino, nino, nino, nino, nino, nino[:8], spaced(nino), nino.lower()))


def spaced(nino: str) -> str:
    """Return the number as it is printed on a letter."""
    return " ".join((nino[:2], nino[2:4], nino[4:6], nino[6:8], nino[8:])).strip()


def _careless_postcode(postcode: str, dice: Random) -> str:
    return dice.choice((postcode, postcode, postcode, postcode.lower(), postcode.replace(" ", "")))


def _write_programme(extracts: Extracts, family: Family, family_id: str) -> None:
    """Write needs, assessment and plan as far as the family got."""
    for code, began_on, met_on in family.needs:
        source_code = "SF" + code.replace(".", "_")
        extracts.row(EHM, "needs", family_id, source_code, report_day(began_on), report_day(met_on))
    begun_on = min(family.opened_on, extracts.as_at - timedelta(days=60))
    if family.fate is not Fate.NO_ASSESSMENT:
        everybody = "N" if family.fate is Fate.PART_ASSESSMENT else "Y"
        extracts.row(EHM, "assessments", family_id, report_day(begun_on + timedelta(days=30)), everybody)
    if family.fate is not Fate.NO_PLAN:
        ended_on = extracts.as_at - timedelta(days=5) if family.fate is Fate.PLAN_ENDED else family.closed_on
        extracts.row(EHM, "plans", family_id, report_day(begun_on + timedelta(days=40)), report_day(ended_on))


def _write_work(extracts: Extracts, family: Family, dice: Random) -> None:
    """Write the episode of the person through whom the family is known, and who is involved with them."""
    known_by = ehm_person_id(family.members[0].person)
    begun_on = min(family.opened_on, extracts.as_at - timedelta(days=60))
    ended_on, why = warehouse_day(family.closed_on), "OUTMET" if family.closed_on else ""
    began = warehouse_day(begun_on)
    extracts.row(EHM, "episodes", 900_000 + family.number, known_by, began, ended_on, "EHA", why, "CCC")
    if family.fate is not Fate.NO_LEAD:
        left_on = extracts.as_at - timedelta(days=7) if family.fate is Fate.LEAD_ENDED else family.closed_on
        write_involvement(extracts, family, LEAD_PROFESSIONAL, family.lead.number, left_on)
    if not dice.randrange(3):
        other = dice.choice(OTHER_INVOLVEMENTS)
        write_involvement(extracts, family, other, dice.choice((-1, family.lead.number)), family.closed_on)


def write_involvement(extracts: Extracts, family: Family, kind: str, worker: int, ended_on: date | None) -> None:
    """Write one involvement with the person through whom the family is known."""
    involvement_id = extracts.lines[f"{EHM}/involvements"] + 1
    person_id = ehm_person_id(family.members[0].person)
    began_on = min(family.opened_on, extracts.as_at - timedelta(days=60)) + timedelta(days=10)
    allocated = "Y" if kind == LEAD_PROFESSIONAL else "N"
    spell = (warehouse_day(began_on), warehouse_day(ended_on))
    extracts.row(EHM, "involvements", involvement_id, person_id, worker, kind, allocated, *spell, 40 + worker % 8)


def write_older_case(extracts: Extracts, family: Family, spell: tuple[date, date], dice: Random) -> None:
    """Write the family's closed case into Capita One, with those who were born by then."""
    opened, closed = (report_day(day) for day in spell)
    case_id = capita_case_id(family)
    extracts.row(CAPITA, "families", case_id, opened, closed)
    for concern in dice.sample(_CONCERNS, 2):
        extracts.row(CAPITA, "needs", case_id, concern, opened, closed)
    for member in family.members:
        if member.person.born_on < spell[0] and not member.guest:
            write_older_person(extracts, family, member.person, dice)
            extracts.row(CAPITA, "memberships", case_id, capita_person_id(member.person), opened, closed)


def write_older_person(extracts: Extracts, family: Family, person: Person, dice: Random) -> None:
    """Write a person into Capita One: half of them are spelt a little differently there."""
    forename, surname = without_accents(person.forename), without_accents(person.surname)
    if extracts.dirt and dice.randrange(2):
        surname = respelt(surname, dice)
    nino = person.nino if dice.randrange(2) else ""
    postcode = family.former_postcode or family.postcode
    extracts.row(
        *(CAPITA, "persons", capita_person_id(person), forename, surname, report_day(person.born_on)),
        *(careless_nino(nino, dice) if extracts.dirt else nino, postcode, person.upn, report_day(person.died_on)),
    )


def respelt(name: str, dice: Random) -> str:
    """Return the name as another clerk took it down."""
    spellings = (
        name.upper(),
        name.replace("'", ""),
        name.replace("-", " "),
        name.replace("y", "ie", 1) if name.endswith("y") else name.replace("ll", "l"),
        name.replace("ski", "sky").replace("Thompson", "Thomson").replace("Clarke", "Clark"),
    )
    return dice.choice(spellings)


def write_flag(extracts: Extracts, kind: str, known: Known, *, since: date, until: date | None) -> None:
    """Write one line of the suppression feed: a kind, and whatever is known of the person."""
    extracts.row(
        *(SUPPRESSION, "suppression", kind, known.get("source", ""), known.get("source_id", "")),
        *(known.get("nino", ""), known.get("surname", ""), report_day(known.get("born_on"))),
        *(known.get("postcode", ""), report_day(since), report_day(until)),
    )
