"""Write a load's lines one by one: each valid by default, each test changes the one thing it is about."""

from dataclasses import replace
from datetime import date

from gateway.cohort.build import build_cohort
from gateway.cohort.gathered import Gathered
from gateway.cohort.recall import NoSnapshot, recall
from gateway.cohort.rows import Cohort, PersonRow
from gateway.model.flags import FlagKind
from gateway.model.records import (
    LEAD_PROFESSIONAL,
    AddressRecord,
    AssessmentRecord,
    EpisodeRecord,
    FamilyRecord,
    Feed,
    FlagRecord,
    IdentifierRecord,
    InvolvementRecord,
    LastMembership,
    LastSeen,
    MembershipRecord,
    NeedRecord,
    PersonRecord,
    PlanRecord,
    Record,
    Reject,
    WorkerRecord,
)

AS_AT = date(2026, 11, 22)
BEGAN = date(2026, 1, 5)
BORN = date(1990, 2, 17)
EHM, CAPITA = "liquidlogic_ehm", "capita_one"
BELIEVED = (EHM, CAPITA)


class Lines:
    """A load in the making. `cohort()` is what becomes of it."""

    def __init__(self) -> None:
        self.gathered = Gathered()
        self._line = 1

    def add(self, record: Record | Reject) -> None:
        self._line += 1
        is_reject = isinstance(record, Reject)
        self.gathered.add(replace(record, line=self._line) if is_reject else record._replace(line=self._line))

    def person(self, source_id: str, surname: str | None = "Fenwick", *, source: str = EHM, **known: object) -> None:
        values: dict[str, object] = {
            "forename": "Ada",
            "date_of_birth": BORN,
            "dob_estimated": False,
            "deceased_on": None,
            "upn": None,
        }
        self.add(PersonRecord(0, source, source_id, surname=surname, **(values | known)))  # type: ignore[arg-type]

    def family(self, source_id: str, *members: str, source: str = EHM, to_on: date | None = None) -> None:
        self.add(FamilyRecord(0, source, source_id, BEGAN, to_on))
        for member in members:
            self.member(source_id, member, source=source)

    def member(self, family: str, person: str, *, source: str = EHM, to_on: date | None = None) -> None:
        self.add(MembershipRecord(0, source, family, person, BEGAN, to_on))

    def nino(self, person: str, value: str, *, source: str = EHM, to_on: date | None = None) -> None:
        self.add(IdentifierRecord(0, source, person, "nino", value, "valid", None, to_on))

    def address(self, person: str, postcode: str | None, from_on: date = BEGAN, *, source: str = EHM) -> None:
        self.add(AddressRecord(0, source, person, postcode, from_on, None))

    def episode(self, person: str, *, source: str = EHM) -> None:
        self.add(EpisodeRecord(0, source, person, BEGAN, None))

    def lead(self, person: str, worker: str = "W1", *, source: str = EHM, **known: object) -> None:
        values: dict[str, object] = {"kind": LEAD_PROFESSIONAL, "from_on": BEGAN, "to_on": None}
        self.add(InvolvementRecord(0, source, person, worker, **(values | known)))  # type: ignore[arg-type]

    def worker(self, worker: str = "W1", *, source: str = EHM) -> None:
        self.add(WorkerRecord(0, source, worker, "Lee", "Worker", "lee@county.example", None, "Early Help"))

    def need(self, family: str, code: str = "10.1", *, source: str = EHM) -> None:
        self.add(NeedRecord(0, source, family, code, BEGAN, None))

    def assessment(self, family: str, *, source: str = EHM) -> None:
        self.add(AssessmentRecord(0, source, family, BEGAN, covers_family=True))

    def plan(self, family: str, *, source: str = EHM) -> None:
        self.add(PlanRecord(0, source, family, BEGAN, None))

    def flag(self, kind: FlagKind = FlagKind.OBJECTION_UPHELD, **known: object) -> None:
        blank: dict[str, object] = dict.fromkeys(
            ("source", "source_id", "nino", "surname", "date_of_birth", "postcode", "from_on", "to_on")
        )
        self.add(FlagRecord(0, kind, **(blank | known)))  # type: ignore[arg-type]

    def reject(
        self,
        feed: Feed,
        persons: tuple[str, ...] = (),
        families: tuple[str, ...] = (),
        *,
        source: str = EHM,
        reasons: tuple[str, ...] = ("to_on:date_form",),
    ) -> None:
        self.add(Reject(source, feed, 0, reasons, persons, families))

    def cohort(self, last: Cohort | None = None, **known: frozenset[str]) -> Cohort:
        """What becomes of the lines; `known` are subjects that earlier loads knew by clues such as `ehm_P1`."""
        remembered = {_clue(key): subjects for key, subjects in known.items()}
        recalled = recall(self.gathered, LastCohort(last) if last else NoSnapshot(), AS_AT)
        return build_cohort(recalled, believed=BELIEVED, remembered=remembered, as_at=AS_AT)


class LastCohort:
    """A cohort as the last snapshot, asked as store/last_snapshot.py answers."""

    def __init__(self, cohort: Cohort) -> None:
        self._cohort = cohort
        people = {row.person_key: row for row in cohort.persons}
        self._seen = [
            LastSeen(source, source_id, *people[key][1:5], people[key].postcode, people[key].deceased_on)
            for source, source_id, key, _ in cohort.records
        ]

    def records(self, handles):
        return [seen for seen in self._seen if seen[:2] in handles]

    def records_of(self, source):
        return [seen for seen in self._seen if seen.source == source]

    def living_at(self, postcodes):
        return [seen for seen in self._seen if seen.postcode in postcodes]

    def members(self, families):
        return (row for row in self._memberships() if (row.source, row.family_id) in families)

    def memberships_of(self, people):
        return (row for row in self._memberships() if (row.source, row.person_id) in people)

    def _memberships(self):
        named = {row.family_key: (row.source, row.source_id) for row in self._cohort.families}
        for row in self._cohort.memberships:
            source, family_id = named[row.family_key]
            for record in self._cohort.records:
                if record[::2] == (source, row.person_key):
                    yield LastMembership(source, family_id, record.source_id, row.from_on, row.to_on)


def _clue(key: str) -> tuple[str, str]:
    """`ehm_P1` -> that record; `nino_QQ123456` -> that number."""
    source, _, value = key.partition("_")
    return {"ehm": EHM, "capita": CAPITA}.get(source, source), value


def person_of(cohort: Cohort, source_id: str, source: str = EHM) -> PersonRow:
    """The person whom a record is about."""
    key = next(row.person_key for row in cohort.records if (row.source, row.source_id) == (source, source_id))
    return cohort.persons[key - 1]


def are_one(cohort: Cohort, *records: tuple[str, str]) -> bool:
    """Whether the records are one person's."""
    return len({person_of(cohort, source_id, source).person_key for source, source_id in records}) == 1
