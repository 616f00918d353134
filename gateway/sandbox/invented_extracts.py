"""Write an invented county as raw extracts, each in the layout, encoding and habits of its source system.

- `liquidlogic_ehm/`: UTF-8, commas, CRLF. The warehouse tables write days as `2026-11-22 00:00:00`, the early-help
  reports (families, needs, assessments, plans) as `22/11/2026`. With dirt, one file begins with a byte order mark,
  files end in blank lines, and staff ids hold characters that do not print.
- `capita_one/`: code page 1252, semicolons; names that the code page lacks were typed without their accents.
- `suppression/`: UTF-8, commas.

Edge: writes files under the folder that it is given. Rows are written as they are invented and never held.
"""

import csv
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import IO, Protocol, TypedDict

from gateway.sandbox.invented_families import Family, Fate, Member, Person, Worker

EHM, CAPITA, SUPPRESSION = "liquidlogic_ehm", "capita_one", "suppression"
#: What the warehouse writes where it does not know who.
UNKNOWN = "-1"
LEAD_PROFESSIONAL = "EHLP"
OTHER_INVOLVEMENTS = ("KA1", "CW", "KAH")
Cell = str | int

HEADINGS: dict[tuple[str, str], tuple[str, ...]] = {
    (EHM, "persons"): (
        *("DIM_PERSON_ID", "LEGACY_ID", "FORENAME", "SURNAME", "GENDER_MAIN_CODE", "BIRTH_DTTM", "DOB_ESTIMATED"),
        *("DEATH_DTTM", "UPN", "FORMER_UPN", "ETHNICITY_MAIN_CODE", "NATNL_CODE", "IS_CLIENT", "DUPLICATED_DTTM"),
        "EHM_SEN_FLAG",
    ),
    (EHM, "families"): ("FAMILY_ID", "PROGRAMME_START_DTTM", "PROGRAMME_END_DTTM"),
    (EHM, "memberships"): ("FAMILY_ID", "DIM_PERSON_ID", "START_DTTM", "END_DTTM"),
    (EHM, "episodes"): (
        *("FACT_CAF_EPISODE_ID", "DIM_PERSON_ID", "EPISODE_START_DTTM", "EPISODE_END_DTTM", "START_REASON"),
        *("DIM_LOOKUP_CAF_EP_ENDRSN_ID_CODE", "DIM_LOOKUP_ORIGINATING_ORGANISATION_CODE"),
    ),
    (EHM, "workers"): (
        *("DIM_WORKER_ID", "STAFF_ID", "FORENAME", "SURNAME", "JOB_TITLE", "DEPARTMENT_NAME", "EMAIL", "TELEPHONE"),
    ),
    (EHM, "involvements"): (
        *("FACT_INVOLVEMENTS_ID", "DIM_PERSON_ID", "DIM_WORKER_ID", "DIM_LOOKUP_INVOLVEMENT_TYPE_CODE"),
        *("IS_ALLOCATED_CW_FLAG", "START_DTTM", "END_DTTM", "DIM_DEPARTMENT_ID"),
    ),
    (EHM, "addresses"): (
        *("DIM_PERSON_ID", "ADDSS_TYPE_CODE", "START_DTTM", "END_DTTM", "HOUSE", "STREET", "TOWN", "POSTCODE", "UPRN"),
    ),
    (EHM, "identifiers"): (
        *("DIM_PERSON_ID", "IDENTIFIER_TYPE", "IDENTIFIER_VALUE", "VALID_FROM_DTTM", "VALID_TO_DTTM"),
    ),
    (EHM, "needs"): ("FAMILY_ID", "NEED_CODE", "IDENTIFIED_DTTM", "MET_DTTM"),
    (EHM, "assessments"): ("FAMILY_ID", "ASSESSMENT_DTTM", "ALL_MEMBERS_FLAG"),
    (EHM, "plans"): ("FAMILY_ID", "PLAN_START_DTTM", "PLAN_END_DTTM"),
    (CAPITA, "persons"): ("BASE_ID", "FIRST_NAME", "LAST_NAME", "DOB", "NI_NO", "POST_CODE", "UPN", "DECEASED"),
    (CAPITA, "families"): ("CASE_ID", "OPENED", "CLOSED"),
    (CAPITA, "memberships"): ("CASE_ID", "BASE_ID", "JOINED", "LEFT"),
    (CAPITA, "needs"): ("CASE_ID", "CONCERN", "RAISED", "CLOSED"),
    (SUPPRESSION, "suppression"): (
        *("FLAG_KIND", "SOURCE", "SOURCE_ID", "NINO", "SURNAME", "DATE_OF_BIRTH", "POSTCODE", "FROM_DATE", "TO_DATE"),
    ),
}
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


def ehm_person_id(person: Person) -> str:
    """Return the person's id in Liquidlogic EHM."""
    return str(2_000_000 + person.number)


def capita_person_id(person: Person) -> str:
    """Return the person's id in Capita One."""
    return str(700_000 + person.number)


def ehm_family_id(family: Family) -> str:
    """Return the family's id in Liquidlogic EHM."""
    return str(50_000 + family.number)


def capita_case_id(family: Family) -> str:
    """Return the family's id in Capita One."""
    return f"CF{family.number:07}"


def warehouse_day(day: date | None) -> str:
    """Write a day as the warehouse does."""
    return f"{day.isoformat()} 00:00:00" if day else ""


def report_day(day: date | None) -> str:
    """Write a day as the early-help reports, Capita One and people do."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}" if day else ""


def without_accents(name: str) -> str:
    """Return a name as somebody types it whose keyboard or code page lacks the letter."""
    plain = name.translate({ord("ł"): "l", ord("Ł"): "L", 0x2019: "'"})
    parts = unicodedata.normalize("NFKD", plain)
    return "".join(part for part in parts if not unicodedata.combining(part))


class _Rows(Protocol):
    def writerow(self, row: Iterable[Cell], /) -> object: ...


class Extracts:
    """The open files of one county."""

    def __init__(self, stack: ExitStack, folder: Path, as_at: date, *, dirt: bool) -> None:
        self.as_at = as_at
        self.dirt = dirt
        self.lines: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.paths: list[Path] = []
        self._files: dict[tuple[str, str], IO[str]] = {}
        self._rows: dict[tuple[str, str], _Rows] = {where: self._open(stack, folder, where) for where in HEADINGS}

    def row(self, source: str, feed: str, *cells: Cell) -> None:
        """Write one row."""
        self._rows[source, feed].writerow(cells)
        self.lines[f"{source}/{feed}"] += 1

    def bad_line(self, source: str, feed: str, line: str) -> None:
        """Write one line that no reader can take."""
        self._files[source, feed].write(line + "\r\n")
        self.lines[f"{source}/{feed}"] += 1
        self.rejected[f"{source}/{feed}"] += 1

    def finish(self) -> None:
        """Leave every file as its system leaves it: with dirt, blank lines trail."""
        if self.dirt:
            for file in self._files.values():
                file.write("\r\n\r\n")

    def _open(self, stack: ExitStack, folder: Path, where: tuple[str, str]) -> _Rows:
        source, feed = where
        path = folder / source / f"{feed}_{self.as_at:%Y%m%d}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        marked = self.dirt and where == (EHM, "persons")
        encoding = "cp1252" if source == CAPITA else "utf-8-sig" if marked else "utf-8"
        file = stack.enter_context(path.open("w", encoding=encoding, newline="", buffering=1 << 18))
        rows = csv.writer(file, delimiter=";" if source == CAPITA else ",", lineterminator="\r\n")
        rows.writerow(HEADINGS[where])
        self._files[where] = file
        self.paths.append(path)
        return rows


@contextmanager
def open_extracts(folder: Path, as_at: date, *, dirt: bool) -> Iterator[Extracts]:
    """Open every extract of the county, headings written; all are finished and closed at the end."""
    with ExitStack() as stack:
        extracts = Extracts(stack, folder, as_at, dirt=dirt)
        yield extracts
        extracts.finish()


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
