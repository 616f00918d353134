"""Keep the lines that a load reads aside until all of them are read: by kind and source, encrypted (store/aside.py).

Few are kept in memory: refused lines, flags and workers, which every part of the load is given. Everybody whom a line
names gets a number (cohort/groups.py). Then the lines are laid out by parts, and read part by part.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any, TypeVar, get_args

from gateway.cohort.connections import made, numbers_of_reject
from gateway.cohort.gathered import Gathered
from gateway.cohort.groups import Numbered
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
from gateway.store.aside import Aside, Run

R = TypeVar("R", bound=Record)

#: Whose each line is, by the name of the field: a person's, or a family's.
_OF_PERSON: Mapping[type[Record], str] = {
    PersonRecord: "source_id",
    EpisodeRecord: "person_id",
    AddressRecord: "person_id",
    IdentifierRecord: "person_id",
    InvolvementRecord: "person_id",
    MembershipRecord: "person_id",
}
_OF_FAMILY: Mapping[type[Record], str] = {
    FamilyRecord: "source_id",
    NeedRecord: "family_id",
    AssessmentRecord: "family_id",
    PlanRecord: "family_id",
}
KINDS = (*_OF_PERSON, *_OF_FAMILY)


def days_in(row: type[tuple[Any, ...]]) -> list[int]:
    """Return the places of the days in a class of rows."""
    kinds = row.__annotations__.values()
    return [place for place, kind in enumerate(kinds) if kind is date or date in get_args(kind)]


class LinesAside:
    """All lines of a load."""

    def __init__(self, aside: Aside) -> None:
        self._aside = aside
        self.numbered = Numbered()
        self.rejects: list[Reject] = []
        self.flags: list[FlagRecord] = []
        self.workers: list[WorkerRecord] = []
        self._runs: dict[Any, dict[str, Run]] = {kind: {} for kind in KINDS}

    def add_all(self, records: Sequence[Record | Reject]) -> None:
        """Keep records or rejects of one kind and of one source, of which there is at least one."""
        first = records[0]
        kind: Any = type(first)
        if kind not in self._runs:
            in_memory: dict[Any, list[Any]] = {
                Reject: self.rejects,
                FlagRecord: self.flags,
                WorkerRecord: self.workers,
            }
            in_memory[kind].extend(records)
            return
        numbers = self.numbers_of(kind, str(first.source), records)
        if kind in {PersonRecord, FamilyRecord}:
            self.numbered.hold(numbers)
        elif kind is MembershipRecord:
            self.numbered.of_families(str(first.source), [row.family_id for row in records])  # type: ignore[union-attr]
        runs = self._runs[kind]
        run = runs.get(str(first.source))
        if run is None:
            run = runs[str(first.source)] = Run(self._aside, days_in(kind))
        run.extend(records)  # type: ignore[arg-type]

    def blocks(self, kind: type[R]) -> Iterator[tuple[str, Sequence[R]]]:
        """Yield the records of one kind in blocks, each of one source."""
        make = made(kind)
        for source, run in self._runs[kind].items():
            for block in run.blocks():
                yield source, list(make(block))

    def numbers_of(self, kind: type[Record], source: str, rows: Iterable[Any]) -> list[int]:
        """Return the number of whose each line is."""
        if kind in _OF_PERSON:
            return self.numbered.of_people(source, map(_ids_in(kind, _OF_PERSON[kind]), rows))
        return self.numbered.of_families(source, map(_ids_in(kind, _OF_FAMILY[kind]), rows))

    def in_parts(self, part_of: Sequence[int], parts: int) -> "PartedLines":
        """Lay the lines out by parts. They, and the numbers of whom they name, are no longer here then."""
        parted = PartedLines(self._aside, parts)
        for kind in KINDS:
            for source, run in self._runs.pop(kind).items():
                for rows in run.blocks():
                    of_rows = map(part_of.__getitem__, self.numbers_of(kind, source, rows))
                    parted.add_all(kind, zip(of_rows, rows, strict=True))
            parted.finish(kind)
        for reject in self.rejects:
            numbers = numbers_of_reject(reject, self.numbered)
            # A line that names nobody may stand in any part.
            parted.rejects[part_of[numbers[0]] if numbers else 0].append(reject)
        parted.flags, parted.workers = self.flags, self.workers
        self.numbered = Numbered()
        return parted


class PartedLines:
    """All lines of a load, by parts."""

    def __init__(self, aside: Aside, parts: int) -> None:
        self._runs: dict[Any, list[Run]] = {kind: [Run(aside, days_in(kind)) for _ in range(parts)] for kind in KINDS}
        self.rejects: list[list[Reject]] = [[] for _ in range(parts)]
        self.flags: list[FlagRecord] = []
        self.workers: list[WorkerRecord] = []

    def __len__(self) -> int:
        return len(self.rejects)

    def add_all(self, kind: type[Record], rows: Iterable[tuple[int, tuple[Any, ...]]]) -> None:
        """Add lines, each with the number of its part."""
        by_part: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for part, row in rows:
            by_part[part].append(row)
        runs = self._runs[kind]
        for part, of_part in by_part.items():
            runs[part].extend(of_part)

    def finish(self, kind: type[Record]) -> None:
        """Put aside what is left of a kind in memory."""
        for run in self._runs[kind]:
            run.finish()

    def gathered(self, part: int) -> Gathered:
        """Return the lines of a part, with every flag and worker."""
        found = Gathered(flags=self.flags, workers=self.workers, rejects=self.rejects[part])
        for kind, runs in self._runs.items():
            make: Callable[[Iterable[tuple[Any, ...]]], Iterator[Any]] = made(kind)
            for rows in runs[part].blocks():
                found.add_all(list(make(rows)))
        return found


def _ids_in(kind: type[Any], name: str) -> Callable[[Any], str]:
    return itemgetter(kind._fields.index(name))
