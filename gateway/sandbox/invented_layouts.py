"""The files of an invented county, each in the layout, encoding and habits of its source system.

- `liquidlogic_ehm/`: UTF-8, commas, CRLF. The warehouse tables write days as `2026-11-22 00:00:00`, the early-help
  reports (families, needs, assessments, plans) as `22/11/2026`. With dirt, one file begins with a byte order mark,
  files end in blank lines, and staff ids hold characters that do not print.
- `capita_one/`: code page 1252, semicolons; names that the code page lacks were typed without their accents.
- `suppression/`: UTF-8, commas.

Edge: writes files under the folder that it is given. Rows are written as they come and never held. What stands in
them is said in invented_rows.py.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Protocol

from gateway.sandbox.invented_families import Family, Person

EHM, CAPITA, SUPPRESSION = "liquidlogic_ehm", "capita_one", "suppression"
#: What the warehouse writes where it does not know who.
UNKNOWN = "-1"
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
