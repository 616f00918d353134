"""Make people and families of the records that a load gathered: the rows of one snapshot.

(1) What the last snapshot still knows of lost lines is carried over (recall.py, before this). (2) Lines that do not
hang together are refused (soundness.py). (3) Records of one person are linked strictly (matching.py). (4) Flags are
followed loosely, over all lines and ids, refused ones too (suppression.py). (5) Whoever a refused line touches is
incomplete, and so is a touched family and everyone who ever was a member of it (people.py). (6) Rows are numbered in
the order of their content, so the order of lines and files changes nothing (law L9).

A lead professional is involved with a person. They lead in the families in which that person is a member, and only
for the days of both.

What this cannot see (limits of law L3): a value corrupted into another that is just as good, such as the id in a
membership or a flag becoming somebody else's; a line that is gone without a trace; a second fault that hides a first.
The count of astray flags and the limits on shrinkage stand against them. On a county's first load nothing can be
carried over: a refused line can then part two records of one person in two systems.

Pure.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from operator import itemgetter
from typing import Any, Protocol, TypeVar

from gateway.cohort.connections import made
from gateway.cohort.gathered import Gathered, Handle
from gateway.cohort.matching import Remembered
from gateway.cohort.people import People, find_people
from gateway.cohort.recall import Recalled
from gateway.cohort.rows import (
    AssessmentRow,
    Cohort,
    EpisodeRow,
    FamilyRow,
    InvolvementRow,
    MembershipRow,
    NeedRow,
    PlanRow,
)
from gateway.cohort.soundness import check_soundness, joined_by_line, lines_about_nobody
from gateway.model.records import LEAD_PROFESSIONAL, FamilyRecord, InvolvementRecord, Reject, WorkerRecord

#: A row that waits for its key: its first field decides its place, then the rest of its content.
R = TypeVar("R", bound=tuple[object, ...])
M = TypeVar("M", bound=tuple[object, ...])
#: What one lead professional says of one family, in the order of the table's columns.
Lead = tuple[int, str | None, str | None, str | None, str | None, date, date | None]


class OfFamily(Protocol):
    """A record that names a family of its source."""

    @property
    def source(self) -> str: ...  # noqa: D102
    @property
    def family_id(self) -> str: ...  # noqa: D102


class OfPerson(Protocol):
    """A record that names a person of its source."""

    @property
    def source(self) -> str: ...  # noqa: D102
    @property
    def person_id(self) -> str: ...  # noqa: D102


def build_cohort(recalled: Recalled, *, believed: Sequence[str], remembered: Remembered, as_at: date) -> Cohort:
    """Return the snapshot's rows.

    `believed` names the sources, the most believed first. `remembered` gives the subjects that the registry knows a
    clue by; it need only know those that `recall.clues_in` returns of the same lines.
    """
    sound = check_soundness(recalled.gathered, as_at)
    people = find_people(recalled, sound, believed=believed, remembered=remembered, as_at=as_at)
    families = _Families(sound.held, people, sound.rejects)
    return Cohort(
        persons=people.rows,
        clues=tuple(people.clues()),
        records=tuple(people.records()),
        families=tuple(families.families()),
        memberships=tuple(families.memberships()),
        episodes=tuple(families.episodes()),
        needs=tuple(families.needs()),
        assessments=tuple(families.assessments()),
        plans=tuple(families.plans()),
        involvements=tuple(families.involvements()),
        rejects=tuple(joined_by_line(sound.rejects)),
        flags=people.protection.flags,
        arrived=people.protection.arrived,
        doubtful=people.protection.doubtful,
        about_nobody=tuple(joined_by_line(lines_about_nobody(sound, recalled.ties))),
    )


class _Families:
    """Makes the rows that hang on families."""

    def __init__(self, held: Gathered, people: People, rejects: Iterable[Reject]) -> None:
        self._held = held
        self._place_of = people.links.place_of
        self._incomplete = {(reject.source, family_id) for reject in rejects for family_id in reject.family_ids}
        self._lines = _by_handle(held.families)
        self._keys = {handle: key for key, handle in enumerate(self._lines, start=1)}
        self._workers = {(worker.source, worker.worker_id): worker for worker in held.workers}
        self._spells = self._spells_of_people()

    def families(self) -> Iterator[FamilyRow]:
        """Yield the families. One with several lines has no spell in the programme that anybody could be sure of."""
        for handle, lines in self._lines.items():
            opened_on, closed_on = (lines[0].opened_on, lines[0].closed_on) if len(lines) == 1 else (None, None)
            yield FamilyRow(self._keys[handle], *handle, opened_on, closed_on, handle in self._incomplete)

    def memberships(self) -> Iterator[MembershipRow]:
        """Yield the memberships."""
        rows = [(self._person(row), self._family(row), row.from_on, row.to_on) for row in self._held.memberships]
        return _rows(MembershipRow, rows)

    def episodes(self) -> Iterator[EpisodeRow]:
        """Yield the episodes."""
        rows = [(self._person(row), row.started_on, row.ended_on) for row in self._held.episodes]
        return _rows(EpisodeRow, rows)

    def needs(self) -> Iterator[NeedRow]:
        """Yield the needs."""
        rows = [(self._family(row), row.code, row.identified_on, row.met_on) for row in self._held.needs]
        return _rows(NeedRow, rows)

    def assessments(self) -> Iterator[AssessmentRow]:
        """Yield the assessments."""
        rows = [(self._family(row), row.assessed_on, row.covers_family) for row in self._held.assessments]
        return _rows(AssessmentRow, rows)

    def plans(self) -> Iterator[PlanRow]:
        """Yield the plans."""
        rows = [(self._family(row), row.planned_on, row.ended_on) for row in self._held.plans]
        return _rows(PlanRow, rows)

    def involvements(self) -> Iterator[InvolvementRow]:
        """Yield the lead professionals of families."""
        rows = {lead for row in self._held.involvements if row.kind == LEAD_PROFESSIONAL for lead in self._leads(row)}
        return _rows(InvolvementRow, rows)

    def _leads(self, row: InvolvementRecord) -> Iterator[Lead]:
        worker = self._workers[row.source, row.worker_id]
        for family_key, from_on, to_on in self._spells[row.source, row.person_id]:
            began = max(row.from_on, from_on)
            ended = min((day for day in (row.to_on, to_on) if day is not None), default=None)
            if ended is None or began < ended:
                yield family_key, _name_of(worker), worker.email, worker.phone, worker.team, began, ended

    def _spells_of_people(self) -> dict[Handle, list[tuple[int, date, date | None]]]:
        """Return the families of each record of who is led; a membership that began nobody knows when is never open."""
        led = {(row.source, row.person_id) for row in self._held.involvements}
        spells: defaultdict[Handle, list[tuple[int, date, date | None]]] = defaultdict(list)
        for row in self._held.memberships:
            if row.from_on is not None and (row.source, row.person_id) in led:
                spells[row.source, row.person_id].append((self._family(row), row.from_on, row.to_on))
        return spells

    def _person(self, row: OfPerson) -> int:
        return self._place_of[row.source, row.person_id] + 1

    def _family(self, row: OfFamily) -> int:
        return self._keys[row.source, row.family_id]


def _by_handle(families: Iterable[FamilyRecord]) -> dict[Handle, list[FamilyRecord]]:
    lines: defaultdict[Handle, list[FamilyRecord]] = defaultdict(list)
    for family in families:
        lines[family.source, family.source_id].append(family)
    return dict(sorted(lines.items()))


def _name_of(worker: WorkerRecord) -> str | None:
    return " ".join(part for part in (worker.forename, worker.surname) if part) or None


def _rows(kind: type[M], rows: Collection[tuple[Any, ...]]) -> Iterator[M]:
    """Return the rows, numbered from 1 in the order of their content: the order of lines says nothing (law L9)."""
    return made(kind)((key, *row) for key, row in enumerate(_ordered(rows), start=1))


def _ordered(rows: Collection[R]) -> Iterator[R]:
    contents = zip(*map(_comparable, zip(*rows, strict=True)), strict=True)
    # Rows of equal content are equal: which of them comes first says nothing.
    ordered = sorted(zip(contents, rows, strict=True), key=itemgetter(0))
    return map(itemgetter(1), ordered)


def _comparable(column: tuple[Any, ...]) -> Iterable[Any]:
    """Return a column of the rows as something that can be ordered: what is missing comes before what is there."""
    if None not in column:
        return column
    return [(value is not None, "" if value is None else value) for value in column]
