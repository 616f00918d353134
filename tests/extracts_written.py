"""A folder of extracts that a test fills with one lie, and reads through the mappings that are shipped."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from gateway.model.records import Feed, Reject, UnmappedCode
from gateway.sources.extracts import find_extracts
from gateway.sources.mapping import SourceMapping, load_mapping
from gateway.sources.read import Counts, read_feed

TODAY = date(2026, 11, 22)
SHIPPED = Path(__file__).parents[1] / "config" / "sources"

HEADERS = {
    Feed.PERSONS: "DIM_PERSON_ID,FORENAME,SURNAME,BIRTH_DTTM,DOB_ESTIMATED,DEATH_DTTM,UPN,DUPLICATED_DTTM,ETHNICITY_MAIN_CODE",
    Feed.FAMILIES: "FAMILY_ID,PROGRAMME_START_DTTM,PROGRAMME_END_DTTM",
    Feed.MEMBERSHIPS: "FAMILY_ID,DIM_PERSON_ID,START_DTTM,END_DTTM",
    Feed.EPISODES: "FACT_CAF_EPISODE_ID,DIM_PERSON_ID,EPISODE_START_DTTM,EPISODE_END_DTTM",
    Feed.WORKERS: "DIM_WORKER_ID,STAFF_ID,FORENAME,SURNAME,DEPARTMENT_NAME,EMAIL,TELEPHONE",
    Feed.INVOLVEMENTS: "DIM_PERSON_ID,DIM_WORKER_ID,DIM_LOOKUP_INVOLVEMENT_TYPE_CODE,START_DTTM,END_DTTM",
    Feed.ADDRESSES: "DIM_PERSON_ID,START_DTTM,END_DTTM,STREET,POSTCODE",
    Feed.IDENTIFIERS: "DIM_PERSON_ID,IDENTIFIER_TYPE,IDENTIFIER_VALUE,VALID_FROM_DTTM,VALID_TO_DTTM",
    Feed.NEEDS: "FAMILY_ID,NEED_CODE,IDENTIFIED_DTTM,MET_DTTM",
    Feed.ASSESSMENTS: "FAMILY_ID,ASSESSMENT_DTTM,ALL_MEMBERS_FLAG",
    Feed.PLANS: "FAMILY_ID,PLAN_START_DTTM,PLAN_END_DTTM",
    Feed.SUPPRESSION: "FLAG_KIND,SOURCE,SOURCE_ID,NINO,SURNAME,DATE_OF_BIRTH,POSTCODE,FROM_DATE,TO_DATE",
}
#: One good line for each feed.
GOOD = {
    Feed.PERSONS: "101,Ada,Example,1990-05-01 00:00:00,N,,,,WBRI",
    Feed.FAMILIES: "F1,01/02/2025,",
    Feed.MEMBERSHIPS: "F1,101,2025-02-01 00:00:00,",
    Feed.EPISODES: "9,101,2025-02-01 00:00:00,",
    Feed.WORKERS: "77,CCC77,Jo,Helper,Early Help North,jo.helper@council.example,01223 000000",
    Feed.INVOLVEMENTS: "101,77,EHLP,2025-02-01 00:00:00,",
    Feed.ADDRESSES: "101,2025-02-01 00:00:00,,1 Invented Row,CB1 2AB",
    Feed.IDENTIFIERS: "101,National Insurance Number,QQ123456A,,",
    Feed.NEEDS: "F1,SF10_1,01/02/2025,",
    Feed.ASSESSMENTS: "F1,01/03/2025,Y",
    Feed.PLANS: "F1,01/03/2025,",
    Feed.SUPPRESSION: "non_disclosure,liquidlogic_ehm,101,QQ123456A,Example,01/05/1990,CB1 2AB,01/01/2026,",
}


@dataclass
class Outcome:
    """What a reading gave."""

    records: list
    rejects: list[Reject]
    unmapped: list[UnmappedCode]
    counts: Counts

    @property
    def record(self):
        assert len(self.records) == 1, self
        return self.records[0]

    @property
    def reasons(self):
        return {reason for reject in self.rejects for reason in reject.reasons}


class Extracts:
    """Writes one extract and reads it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = "synthetic"
        self.mapping: SourceMapping = shipped("liquidlogic_ehm")

    def use(self, mapping: SourceMapping) -> None:
        self.mapping = mapping

    def write(self, feed: Feed, data: bytes, day: date = TODAY) -> Path:
        source = self._mapping_of(feed).source
        path = self.folder / source / f"{feed}_{day:%Y%m%d}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return path

    def find(self, feed: Feed, today: date = TODAY):
        whole = self._mapping_of(feed)
        alone = only(whole, feed)
        return alone, find_extracts(alone, self.folder, today)

    def read(self, feed: Feed, data: bytes) -> Outcome:
        self.write(feed, data)
        mapping, extracts = self.find(feed)
        reading = read_feed(mapping, extracts[feed], environment=self.environment, as_at=TODAY)
        return gathered(reading)

    def lines(self, feed: Feed, *lines: str, end: str = "\r\n") -> Outcome:
        return self.read(feed, self.bytes_of(feed, *lines, end=end))

    def shipped(self, name: str) -> SourceMapping:
        return shipped(name)

    def remapped(self, name: str, *changes: tuple[str, str]) -> SourceMapping:
        """Return a shipped mapping with pieces of its text replaced."""
        return load_mapping(changed(name, *changes), f"{name}.yaml")

    def bytes_of(self, feed: Feed, *lines: str, end: str = "\r\n") -> bytes:
        return as_bytes(HEADERS[feed], *lines, end=end)

    def _mapping_of(self, feed: Feed) -> SourceMapping:
        return shipped("suppression") if feed is Feed.SUPPRESSION and feed not in self.mapping.feeds else self.mapping


def only(mapping: SourceMapping, feed: Feed) -> SourceMapping:
    """Return a mapping with one of its feeds."""
    return replace(mapping, feeds={feed: mapping.feeds[feed]})


def gathered(reading) -> Outcome:
    items = list(reading)
    rejects = [item for item in items if isinstance(item, Reject)]
    unmapped = [item for item in items if isinstance(item, UnmappedCode)]
    records = [item for item in items if not isinstance(item, Reject | UnmappedCode)]
    return Outcome(records, rejects, unmapped, reading.counts)


def as_bytes(*lines: str, end: str = "\r\n", encoding: str = "utf-8") -> bytes:
    return "".join(line + end for line in lines).encode(encoding)


def shipped(name: str) -> SourceMapping:
    return load_mapping((SHIPPED / f"{name}.yaml").read_bytes(), f"{name}.yaml")


def changed(name: str, *changes: tuple[str, str]) -> bytes:
    text = (SHIPPED / f"{name}.yaml").read_text("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()
