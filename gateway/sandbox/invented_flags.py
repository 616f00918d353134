"""Protect people, in every way in which the suppression feed can know a person: by number, name, birth or address.

`FLAG_CASES` are the cases that every county holds; `flag_by_lot` protects somebody of any family.

Pure but for the rows that the county writes.
"""

from datetime import timedelta

from gateway.model.flags import FAMILY_WIDE, FlagKind
from gateway.model.selection import ExclusionReason
from gateway.sandbox.invented_county import AS_AGREED, INCLUDED, Case, County, people_of
from gateway.sandbox.invented_dirt import JUNK_POSTCODES
from gateway.sandbox.invented_families import Family, Person
from gateway.sandbox.invented_layouts import CAPITA, EHM, capita_person_id, ehm_person_id
from gateway.sandbox.invented_rows import Known

_PROTECTED = ExclusionReason.PROTECTED.value


def flag_by_lot(county: County, family: Family) -> None:
    """Protect one of the family's grown-ups in one of the ways in which the feed can know a person."""
    people = [member.person for member in family.members if not member.guest]
    grown_up = (person for person in people if person in family.adults(county.as_at))
    person = next(grown_up, people[0])
    ended_on = county.as_at - timedelta(days=5) if county.inventor.chance(0.1) else None
    county.flag(county.dice.choice(tuple(FlagKind)), _known_of(county, family, person), until=ended_on)


def _known_of(county: County, family: Family, person: Person) -> Known:
    by_id: Known = {"source": EHM, "source_id": ehm_person_id(person)}
    born: Known = {"surname": person.surname, "born_on": person.born_on}
    ways: list[Known] = [by_id, by_id, born, {**by_id, **born}]
    if family.postcode not in JUNK_POSTCODES:
        ways.append({"surname": person.surname, "postcode": family.postcode})
    if person.nino:
        ways.append({"nino": person.nino})
    if family.older_case and person.born_on < family.older_case[0]:
        ways.append({"source": CAPITA, "source_id": capita_person_id(person)})
    return county.dice.choice(ways)


def _flag_of(kind: FlagKind) -> Case:
    def shape(county: County, name: str) -> None:
        mother, father, _ = people_of(county.write(county.inventor.couple()))
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
    mother, _, _ = people_of(county.write(county.inventor.couple()))
    county.flag(FlagKind.STAFF_OR_RELATIVE, {"surname": mother.surname, "born_on": mother.born_on})
    county.expect(name, mother, _PROTECTED)


def _flag_by_postcode(county: County, name: str) -> None:
    family = county.write(county.inventor.couple())
    mother = family.members[0].person
    county.flag(FlagKind.PROTECTED_ADDRESS, {"surname": mother.surname.upper(), "postcode": family.postcode})
    county.expect(name, mother, _PROTECTED)


def _flag_with_wrong_id(county: County, name: str) -> None:
    """The flag's number is nobody's, but the surname and date of birth are right."""
    mother, _, _ = people_of(county.write(county.inventor.couple()))
    known: Known = {"source": EHM, "source_id": "1", "surname": mother.surname, "born_on": mother.born_on}
    county.flag(FlagKind.MARAC_OR_REFUGE, known)
    county.expect(name, mother, _PROTECTED)


def _flag_ended(county: County, name: str) -> None:
    mother, _, _ = people_of(county.write(county.inventor.couple()))
    ended_on = county.as_at - timedelta(days=10)
    known: Known = {"source": EHM, "source_id": ehm_person_id(mother)}
    county.flag(FlagKind.OBJECTION_UPHELD, known, until=ended_on)
    county.expect(name, mother, INCLUDED)


FLAG_CASES: tuple[Case, ...] = (
    Case("flag_by_capita_id_only", _flag_by_capita_id),
    Case("flag_by_nino_only", _flag_by_nino),
    Case("flag_by_surname_and_birth", _flag_by_birth),
    Case("flag_by_surname_and_postcode", _flag_by_postcode),
    Case("flag_with_wrong_id", _flag_with_wrong_id),
    Case("flag_ended", _flag_ended),
    *(_flag_of(kind) for kind in FlagKind),
)
