"""Show what waits for a person to look at it: side by side, what differs marked, the evidence in words.

- A TFEA sees the rows of their own offices that may be people who were disclosed. What was found in the rest of the
  cohort is for the data team alone, and to a TFEA no such row is there: not shown, not counted, not missing (law L11).
- How many others are in a person's families tells twins and namesakes apart. It is a number, it is for the data team
  alone, and no list ever says it.
- Whom an officer was shown is entered in the ledger before it is shown.
- Words come before weights: a reviewer who reads the score first agrees with it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import SequenceMatcher
from itertools import groupby

from sqlalchemy import Connection

from gateway.errors import ReconciliationRefused
from gateway.ledger.events import Event
from gateway.ledger.evidence import references_under
from gateway.model.linkage import Candidate, Field, Person, Verdict
from gateway.model.officers import Action, Actor
from gateway.model.reconciliation import Side
from gateway.model.time import from_text, london_day
from gateway.model.work_coach_list import Claimant
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.reconciliation.kept_rows import candidate_of, claimant_of
from gateway.services.reconciliation.offices import part_of
from gateway.services.reconciliation.search_cohort import person_of_cohort
from gateway.services.reconciliation.standing_verdicts import verdict_of, waits_for_second
from gateway.services.reconciliation.told import people_told, references_of
from gateway.services.workplace import Workplace
from gateway.store.disclosed import disclosed_people
from gateway.store.families import others_in_families
from gateway.store.reconciliations import (
    GivenVerdict,
    QueuedRow,
    Reconciliation,
    queue_of,
    reconciliation_named,
    reconciliations_of,
    rows_of_reconciliation,
    verdicts_of,
)
from gateway.store.tables import queue_rows
from gateway.store.work import Work

NOT_THERE = "there is no such row in the queue"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that waits: since when, why, and whether somebody has said "same" and another one has to."""

    reference: str
    row: int
    office: str
    side: Side
    why: str
    people: int
    days: int
    second_after: str | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of a pair, both sides with what differs between brackets, and how well they agree, in words."""

    name: Field
    row: str = field(repr=False)
    person: str = field(repr=False)
    words: str
    bits: float


@dataclass(frozen=True, slots=True)
class Shown:
    """One person whom a row may be. `number` is what a verdict names; `verdict` what stands already.

    `others` is how many more people are in their families today; None for whoever may not see the cohort.
    """

    number: int
    subject_ref: str = field(repr=False)
    compared: tuple[Compared, ...] = field(repr=False)
    candidate: Candidate = field(repr=False)
    verdict: Verdict | None
    second_after: str | None
    others: int | None = None

    @property
    def takes_two(self) -> bool:
        """Whether "same" takes two people."""
        return bool(self.candidate.vetoes)


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A row and everybody whom it may be."""

    reference: str
    row: int
    side: Side
    why: str
    shown: tuple[Shown, ...] = field(repr=False)


def waiting_rows(workplace: Workplace) -> list[Waiting]:
    """Return the rows that wait and that the actor may see, oldest first."""
    workplace.actor.require(Action.READ_QUEUE)
    today = workplace.clock.today()
    with workplace.store.reading() as connection:
        made = {each.reference: each for each in reconciliations_of(connection)}
        rows = [row for row in queue_of(connection) if may_see(workplace.actor, row, made[row.reference])]
        said = _verdicts(connection, {made[row.reference].agreement_id for row in rows})
    return [each for each in _waiting(rows, made, said, today) if each is not None]


def show_row(workplace: Workplace, reference: str, row: int) -> SideBySide:
    """Return a row of the queue with whom it may be, and enter that it was shown. Raises ReconciliationRefused."""
    workplace.actor.require(Action.READ_QUEUE)
    with workplace.store.writing(workplace.actor) as work:
        made, found = queued_here(work.connection, workplace.actor, reference, row)
        claimant = _claimant(work.connection, reference, row)
        people = _people(workplace, work.connection, made, found)
        _enter_shown(work, found)
        said = _verdicts(work.connection, {made.agreement_id})
        others = _others(workplace, work.connection, found)
        shown = tuple(
            replace(_shown(each, claimant, people[each.subject_ref], said), others=others.get(each.subject_ref))
            for each in found
        )
    return SideBySide(reference, row, Side(found[0].side), found[0].why, shown)


def queued_here(
    connection: Connection, actor: Actor, reference: str, row: int
) -> tuple[Reconciliation, list[QueuedRow]]:
    """Return a row of the queue that the actor may see. Raises ReconciliationRefused for any other, in one sentence."""
    made = reconciliation_named(connection, reference)
    found = queue_of(connection, queue_rows.c.reference == reference, queue_rows.c.row == row)
    if made is None or not found or not may_see(actor, found[0], made):
        raise ReconciliationRefused(NOT_THERE, advice="`gateway reconcile queue` says what waits.")
    return made, found


def may_see(actor: Actor, row: QueuedRow, made: Reconciliation) -> bool:
    """Say whether an actor may see a row of the queue at all."""
    if row.side == Side.COHORT.value:
        return actor.may(Action.READ_COHORT_QUEUE)
    return actor.is_for_every_office(Action.READ_QUEUE) or made.office in actor.offices


def pair_verdicts(said: Sequence[GivenVerdict], row: QueuedRow) -> list[GivenVerdict]:
    """Return what was said of a claimant and a person while the evidence was what it is, oldest first."""
    return [each for each in said if each.evidence_mark == row.evidence_mark and each.subject_ref == row.subject_ref]


def _waiting(
    rows: Sequence[QueuedRow], made: dict[str, Reconciliation], said: Sequence[GivenVerdict], today: date
) -> Iterator[Waiting | None]:
    for (reference, row), group in groupby(rows, key=lambda each: (each.reference, each.row)):
        people = list(group)
        verdicts = [pair_verdicts(said, each) for each in people]
        decided = [verdict_of(each) for each in verdicts]
        if Verdict.SAME in decided or all(each is Verdict.DIFFERENT for each in decided):
            continue
        first = people[0]
        day = london_day(from_text(made[reference].ran_at))
        second = next(filter(None, map(waits_for_second, verdicts)), None)
        yield Waiting(
            reference,
            row,
            made[reference].office,
            Side(first.side),
            first.why,
            len(people),
            (today - day).days,
            second,
        )


def _verdicts(connection: Connection, agreements: set[str]) -> list[GivenVerdict]:
    return [each for agreement in sorted(agreements) for each in verdicts_of(connection, agreement)]


def _claimant(connection: Connection, reference: str, row: int) -> Claimant:
    found = (claimant_of(each) for each in rows_of_reconciliation(connection, reference) if each.row == row)
    claimant = next(found, None)
    if claimant is None:
        raise ReconciliationRefused(NOT_THERE)
    return claimant


def _people(
    workplace: Workplace, connection: Connection, made: Reconciliation, rows: Sequence[QueuedRow]
) -> dict[str, Person]:
    """Return who they are: people disclosed as they were told, others as the newest snapshot has them."""
    wanted = [row.subject_ref for row in rows]
    if rows[0].side == Side.COHORT.value:
        found = (person_of_cohort(connection, ref) for ref in wanted)
        people = {person.key: person for person in found if person is not None}
    else:
        people = _told(workplace, connection, made, wanted)
    return {ref: people.get(ref, Person(key=ref)) for ref in wanted}


def _told(
    workplace: Workplace, connection: Connection, made: Reconciliation, wanted: Sequence[str]
) -> dict[str, Person]:
    agreement, _ = Shelf.of(workplace).agreement(made.agreement_id)
    view = disclosed_people(connection, made.agreement_id, part_of(agreement, made.office))
    rows = [row for row in view if row.subject_ref in wanted]
    reference = references_under(workplace.keys.reference_key(made.agreement_id))
    return {each.subject_ref: each.person for each in people_told(rows, agreement, references_of(rows, reference))}


def _others(workplace: Workplace, connection: Connection, rows: Sequence[QueuedRow]) -> dict[str, int]:
    """Return how many others are in the families of each person: for the county's own data team, and as a number."""
    if not workplace.actor.may(Action.READ_COHORT_QUEUE):
        return {}
    return others_in_families(connection, [row.subject_ref for row in rows], workplace.clock.today())


def _enter_shown(work: Work, rows: Sequence[QueuedRow]) -> None:
    first = rows[0]
    subjects = [row.subject_ref for row in rows]
    work.enter(Event.CANDIDATES_READ, reconciliation=first.reference, row=first.row, side=first.side, subjects=subjects)


def _shown(row: QueuedRow, claimant: Claimant, person: Person, said: Sequence[GivenVerdict]) -> Shown:
    candidate = candidate_of(row)
    verdicts = pair_verdicts(said, row)
    return Shown(
        number=row.place,
        subject_ref=row.subject_ref,
        compared=tuple(_compared(candidate, claimant, person)),
        candidate=candidate,
        verdict=verdict_of(verdicts),
        second_after=waits_for_second(verdicts),
    )


def _compared(candidate: Candidate, claimant: Claimant, person: Person) -> Iterator[Compared]:
    sides = {
        Field.NINO: (claimant.nino, person.nino),
        Field.BORN: (_day(claimant.born), _day(person.born)),
        Field.FORENAME: (claimant.forename, person.forename),
        Field.SURNAME: (claimant.surname, " / ".join([person.surname, *person.other_surnames])),
        Field.POSTCODE: (claimant.postcode, person.postcode),
        Field.MIDDLE: (claimant.middle_names, person.middle),
        Field.ADDRESS: (claimant.address_line, person.address),
    }
    for name, level in candidate.evidence.levels:
        row, other = marked(*sides[name])
        if row or other:
            yield Compared(name, row, other, level.words, level.bits)


def marked(one: str, other: str) -> tuple[str, str]:
    """Return two texts with what differs between square brackets; the same text, or one alone, as it is."""
    if not one or not other or one.casefold() == other.casefold():
        return one, other
    left, right = "", ""
    for kind, a, b, c, d in SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False).get_opcodes():
        left += one[a:b] if kind == "equal" or a == b else f"[{one[a:b]}]"
        right += other[c:d] if kind == "equal" or c == d else f"[{other[c:d]}]"
    return left, right


def _day(born: date | None) -> str:
    return f"{born:%d/%m/%Y}" if born else ""
