"""Find what is wrong between lines that are each readable: ids borne twice, and ids that nothing bears.

- Two lines of a source with one id may be two people or two families: nobody guesses, all of them are refused and
  the id stays incomplete.
- A line about a person or family that its source does not hold is refused and touches every id it names.
- A lead professional whose worker is not held is refused while the involvement is current: an older one would
  otherwise be named in their place. One that has ended is refused too, but touches nobody.
- A family without members is counted, and can disclose nobody.

Every refused line makes each person and family that it touches incomplete (build.py), also in feeds whose loss could
only ever take people off a list: one rule that can be held against the data is safer than a list of exceptions, and a
criterion may ask that something be *absent* (`Not`), so that losing its line would add somebody.

Pure. What is wrong within a line is left to sources/.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from gateway.cohort.gathered import Gathered, Handle
from gateway.cohort.ties import Ties
from gateway.cohort.traits import is_current
from gateway.model.records import (
    LEAD_PROFESSIONAL,
    AddressRecord,
    AssessmentRecord,
    EpisodeRecord,
    FamilyRecord,
    Feed,
    IdentifierRecord,
    InvolvementRecord,
    MembershipRecord,
    NeedRecord,
    PersonRecord,
    PlanRecord,
    Reject,
    WorkerRecord,
)


class Unsound(StrEnum):
    """Why a readable line is refused. Stored with rejects: renaming one needs a migration."""

    DUPLICATE_ID = "duplicate_id"
    PERSON_UNKNOWN = "person_unknown"
    FAMILY_UNKNOWN = "family_unknown"
    WORKER_UNKNOWN = "worker_unknown"
    NO_MEMBERS = "family_without_members"


OfPerson = EpisodeRecord | AddressRecord | IdentifierRecord
OfFamily = NeedRecord | AssessmentRecord | PlanRecord
P = TypeVar("P", bound=OfPerson)
F = TypeVar("F", bound=OfFamily)

#: Feeds whose lines, when lost, leave a trace in lines of other feeds that name the same id.
_TRACED = frozenset({Feed.FAMILIES, Feed.WORKERS})
#: Feeds whose lines can hold somebody back: by a flag on another member, or by a need that blocks a family.
_PROTECTING = frozenset({Feed.MEMBERSHIPS, Feed.NEEDS})


@dataclass(frozen=True, slots=True)
class Sound:
    """The lines that hang together, and a reject for each of the others: `unreadable` by itself, or `unsound` here.

    `held` still has the lines of ids borne twice, because a flag must be able to reach them.
    """

    held: Gathered
    unreadable: tuple[Reject, ...]
    unsound: tuple[Reject, ...]

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """Every line that was refused."""
        return self.unreadable + self.unsound


def lines_about_nobody(sound: Sound, ties: Ties) -> list[Reject]:
    """Return the refused lines that name nobody who is held: each may be about anybody, so nobody is safe from it.

    Not among them are a family's or a worker's own line (without it, the lines that name its id are refused); a
    person's own line in which only other cells are at fault, of somebody who is then in no family; and, in feeds
    where a loss can hide no protection, readable lines about people and families outside the extract.
    """
    people = {(person.source, person.source_id) for person in sound.held.persons}
    families = {(family.source, family.source_id) for family in sound.held.families}

    def is_about_somebody(reject: Reject) -> bool:
        touched = {(reject.source, person_id) for person_id in reject.person_ids}
        joined = {(reject.source, family_id) for family_id in reject.family_ids}
        joined.update(*(ties.families_of.get(person, ()) for person in touched))
        return bool(touched & people or joined & families)

    unreadable = [
        reject
        for reject in sound.unreadable
        if reject.feed not in _TRACED and not (reject.feed is Feed.PERSONS and _has_its_id(reject))
    ]
    unsound = [reject for reject in sound.unsound if reject.feed in _PROTECTING]
    return [reject for reject in unreadable + unsound if not is_about_somebody(reject)]


def _has_its_id(reject: Reject) -> bool:
    """Say whether the line could be cut into its columns and its id be read: a reason names the column at fault."""
    columns = {column for column, at_fault, _ in (reason.partition(":") for reason in reject.reasons) if at_fault}
    return len(columns) == len(reject.reasons) and "source_id" not in columns


def check_soundness(gathered: Gathered, as_at: date) -> Sound:
    """Return what hangs together, and why the rest does not."""
    return _Check(gathered, as_at).outcome()


class _Check:
    def __init__(self, gathered: Gathered, as_at: date) -> None:
        self._gathered = gathered
        self._as_at = as_at
        self._persons = Counter((row.source, row.source_id) for row in gathered.persons)
        self._families = Counter((row.source, row.source_id) for row in gathered.families)
        self._workers = Counter((row.source, row.worker_id) for row in gathered.workers)
        self._rejects: list[Reject] = []

    def outcome(self) -> Sound:
        given = self._gathered
        self._refuse_duplicates(given)
        memberships = [row for row in given.memberships if self._membership_holds(row)]
        self._count_empty_families(given.families, memberships)
        held = replace(
            given,
            memberships=memberships,
            workers=[row for row in given.workers if self._workers[row.source, row.worker_id] == 1],
            episodes=self._of_people(Feed.EPISODES, given.episodes),
            addresses=self._of_people(Feed.ADDRESSES, given.addresses),
            identifiers=self._of_people(Feed.IDENTIFIERS, given.identifiers),
            involvements=[row for row in given.involvements if self._involvement_holds(row)],
            needs=self._of_families(Feed.NEEDS, given.needs),
            assessments=self._of_families(Feed.ASSESSMENTS, given.assessments),
            plans=self._of_families(Feed.PLANS, given.plans),
            rejects=[],
        )
        return Sound(held, tuple(given.rejects), tuple(self._rejects))

    def _refuse_duplicates(self, given: Gathered) -> None:
        for person in given.persons if len(self._persons) < len(given.persons) else ():
            if self._persons[person.source, person.source_id] > 1:
                self._refuse(person, Feed.PERSONS, [Unsound.DUPLICATE_ID], persons=(person.source_id,))
        for family in given.families:
            if self._families[family.source, family.source_id] > 1:
                self._refuse(family, Feed.FAMILIES, [Unsound.DUPLICATE_ID], families=(family.source_id,))
        for worker in given.workers:
            if self._workers[worker.source, worker.worker_id] > 1:
                self._refuse(worker, Feed.WORKERS, [Unsound.DUPLICATE_ID])

    def _membership_holds(self, row: MembershipRecord) -> bool:
        if (row.source, row.person_id) in self._persons and (row.source, row.family_id) in self._families:
            return True
        reasons = self._unknown_person(row.source, row.person_id) + self._unknown_family(row.source, row.family_id)
        self._refuse(row, Feed.MEMBERSHIPS, reasons, persons=(row.person_id,), families=(row.family_id,))
        return False

    def _count_empty_families(self, families: list[FamilyRecord], memberships: list[MembershipRecord]) -> None:
        peopled: set[Handle] = {(row.source, row.family_id) for row in memberships}
        for family in families:
            if (family.source, family.source_id) not in peopled:
                self._refuse(family, Feed.FAMILIES, [Unsound.NO_MEMBERS], families=(family.source_id,))

    def _of_people(self, feed: Feed, rows: list[P]) -> list[P]:
        held = [row for row in rows if (row.source, row.person_id) in self._persons]
        # Nearly always all of them are held, and no line is looked at again.
        for row in rows if len(held) < len(rows) else ():
            if (row.source, row.person_id) not in self._persons:
                self._refuse(row, feed, [Unsound.PERSON_UNKNOWN], persons=(row.person_id,))
        return held

    def _of_families(self, feed: Feed, rows: list[F]) -> list[F]:
        held = [row for row in rows if (row.source, row.family_id) in self._families]
        for row in rows if len(held) < len(rows) else ():
            if (row.source, row.family_id) not in self._families:
                self._refuse(row, feed, [Unsound.FAMILY_UNKNOWN], families=(row.family_id,))
        return held

    def _involvement_holds(self, row: InvolvementRecord) -> bool:
        reasons = self._unknown_person(row.source, row.person_id)
        current = is_current(None, row.to_on, self._as_at)
        if row.kind == LEAD_PROFESSIONAL and self._workers[row.source, row.worker_id] != 1:
            reasons = [*reasons, Unsound.WORKER_UNKNOWN]
        if reasons:
            touched = (row.person_id,) if current or Unsound.PERSON_UNKNOWN in reasons else ()
            self._refuse(row, Feed.INVOLVEMENTS, reasons, persons=touched)
        return not reasons

    def _unknown_person(self, source: str, person_id: str) -> list[Unsound]:
        return [] if (source, person_id) in self._persons else [Unsound.PERSON_UNKNOWN]

    def _unknown_family(self, source: str, family_id: str) -> list[Unsound]:
        return [] if (source, family_id) in self._families else [Unsound.FAMILY_UNKNOWN]

    def _refuse(
        self,
        row: PersonRecord | FamilyRecord | WorkerRecord | MembershipRecord | InvolvementRecord | OfPerson | OfFamily,
        feed: Feed,
        reasons: list[Unsound],
        *,
        persons: tuple[str, ...] = (),
        families: tuple[str, ...] = (),
    ) -> None:
        self._rejects.append(Reject(row.source, feed, row.line, tuple(reasons), persons, families))


def joined_by_line(rejects: Iterable[Reject]) -> list[Reject]:
    """Return one reject a line, with all its reasons and everybody it touches, in the order of files and lines."""
    by_line: dict[tuple[str, Feed, int], Reject] = {}
    for reject in rejects:
        key = (reject.source, reject.feed, reject.line)
        first = by_line.get(key)
        by_line[key] = reject if first is None else _joined(first, reject)
    return [by_line[key] for key in sorted(by_line)]


def _joined(one: Reject, other: Reject) -> Reject:
    def both(of: Callable[[Reject], tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(of(one) + of(other)))

    return Reject(
        source=one.source,
        feed=one.feed,
        line=one.line,
        reasons=both(lambda reject: reject.reasons),
        person_ids=both(lambda reject: reject.person_ids),
        family_ids=both(lambda reject: reject.family_ids),
    )
