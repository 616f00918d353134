"""Hold everything that one load read, sorted by feed, until people and families are made of it.

Pure. Readers of extracts (sources/) fill it line by line; the order of lines says nothing and nothing here may
depend on it (law L9).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.model.records import (
    AddressRecord,
    AssessmentRecord,
    EpisodeRecord,
    FamilyRecord,
    FlagRecord,
    IdentifierRecord,
    InvolvementRecord,
    MembershipRecord,
    NeedRecord,
    PersonRecord,
    PlanRecord,
    Record,
    Reject,
    WorkerRecord,
)

#: A record of a source: the source's name and its own id. Ids of two sources have nothing to do with each other.
Handle = tuple[str, str]


@dataclass(slots=True)
class Gathered:
    """The records and rejects of one load."""

    persons: list[PersonRecord] = field(default_factory=list)
    families: list[FamilyRecord] = field(default_factory=list)
    memberships: list[MembershipRecord] = field(default_factory=list)
    episodes: list[EpisodeRecord] = field(default_factory=list)
    workers: list[WorkerRecord] = field(default_factory=list)
    involvements: list[InvolvementRecord] = field(default_factory=list)
    addresses: list[AddressRecord] = field(default_factory=list)
    identifiers: list[IdentifierRecord] = field(default_factory=list)
    needs: list[NeedRecord] = field(default_factory=list)
    assessments: list[AssessmentRecord] = field(default_factory=list)
    plans: list[PlanRecord] = field(default_factory=list)
    flags: list[FlagRecord] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    def add(self, record: Record | Reject) -> None:
        """Put one record or reject where it belongs."""
        self._places()[type(record)].append(record)

    def add_all(self, records: Sequence[Record | Reject]) -> None:
        """Put records or rejects of one kind, of which there is at least one, where they belong."""
        self._places()[type(records[0])].extend(records)

    def extend(self, others: "Gathered") -> None:
        """Put in everything that another holds."""
        theirs = others._places()  # noqa: SLF001 - of the same class
        for kind, place in self._places().items():
            place.extend(theirs[kind])

    def _places(self) -> dict[type, list[object]]:
        places: dict[type, object] = {
            PersonRecord: self.persons,
            FamilyRecord: self.families,
            MembershipRecord: self.memberships,
            EpisodeRecord: self.episodes,
            WorkerRecord: self.workers,
            InvolvementRecord: self.involvements,
            AddressRecord: self.addresses,
            IdentifierRecord: self.identifiers,
            NeedRecord: self.needs,
            AssessmentRecord: self.assessments,
            PlanRecord: self.plans,
            FlagRecord: self.flags,
            Reject: self.rejects,
        }
        return places  # type: ignore[return-value]
