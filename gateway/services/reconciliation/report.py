"""Say what was answered: a summary in counts for the meeting, and what the Early Help Hub is to mend.

- The summary has no person in it: anybody who may read registers can be handed it.
- The worklist is for the county's own hub, which holds the records: people on the list whose details differ from what
  the Jobcentre has, whose lead professional left or is missing, or whom two rows of a file were about. It says who by
  our reference and the row, and holds nothing of anybody who was not disclosed.
- Reading either is entered.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection

from gateway.errors import ReconciliationRefused
from gateway.ledger.events import Event
from gateway.ledger.evidence import references_under
from gateway.model.officers import Action, Actor
from gateway.model.reconciliation import AnsweredRow, Counts, LeadMark, RowClass
from gateway.services.reconciliation.kept_rows import answered_row
from gateway.services.reconciliation.low_share import found_percent
from gateway.services.workplace import Workplace
from gateway.store.reconciliations import (
    Reconciliation,
    queue_of,
    reconciliation_named,
    reconciliations_of,
    rows_of_reconciliation,
)
from gateway.store.tables import queue_rows, reconciliations


@dataclass(frozen=True, slots=True)
class Summary:
    """One answered list, for the meeting: counts and nobody."""

    reference: str
    office: str
    agreement_id: str
    ran_at: str
    ran_by: str
    state: str
    counts: Counts
    found_percent: int
    waiting: int


@dataclass(frozen=True, slots=True)
class ToMend:
    """One thing about one person on the list for the hub to look at; `record_ref` is what the partner calls them."""

    row: int
    record_ref: str = field(repr=False)
    surname: str = field(repr=False)
    forename: str = field(repr=False)
    work_coach: str = field(repr=False)
    what: str


def summaries(workplace: Workplace, office: str | None = None) -> list[Summary]:
    """Return what was answered for the offices that the actor may see, oldest first; enter that it was read."""
    workplace.actor.require(Action.READ_RECONCILIATIONS)
    if office is not None:
        workplace.actor.require_office(Action.READ_RECONCILIATIONS, office)
    where = [] if office is None else [reconciliations.c.office == office]
    with workplace.store.writing(workplace.actor) as work:
        made = [each for each in reconciliations_of(work.connection, *where) if _is_theirs(workplace.actor, each)]
        # What nobody has a list of may be any word of whoever asked (law L8).
        work.enter(Event.RECONCILIATION_READ, kind="summary", office=office if made else None)
        return [_summary(work.connection, workplace.actor, each) for each in made]


def worklist(workplace: Workplace, reference: str) -> list[ToMend]:
    """Return what the hub is to mend after one list; enter that it was read. Raises ReconciliationRefused."""
    workplace.actor.require(Action.READ_RECONCILIATIONS)
    with workplace.store.writing(workplace.actor) as work:
        made = reconciliation_named(work.connection, reference)
        if made is None or not _is_theirs(workplace.actor, made):
            raise ReconciliationRefused("there is no such list")
        rows = [answered_row(each) for each in rows_of_reconciliation(work.connection, reference)]
        found = list(_to_mend(rows, references_under(workplace.keys.reference_key(made.agreement_id))))
        work.enter(Event.RECONCILIATION_READ, kind="worklist", reconciliation=reference, people=len(found))
    return found


def _is_theirs(actor: Actor, made: Reconciliation) -> bool:
    return actor.is_for_every_office(Action.READ_RECONCILIATIONS) or made.office in actor.offices


def _summary(connection: Connection, actor: Actor, made: Reconciliation) -> Summary:
    queued = queue_of(connection, queue_rows.c.reference == made.reference)
    # A TFEA counts what they may see and nothing else (law L11).
    theirs = {row.row for row in queued if row.side == "disclosed" or actor.may(Action.READ_COHORT_QUEUE)}
    return Summary(
        reference=made.reference,
        office=made.office,
        agreement_id=made.agreement_id,
        ran_at=made.ran_at,
        ran_by=made.ran_by,
        state=made.state.value,
        counts=made.counts,
        found_percent=found_percent(made.counts),
        waiting=len(theirs),
    )


_WORDS = {
    LeadMark.CHANGED: "lead professional changed since the last list: tell the family's work coach",
    LeadMark.MISSING: "no lead professional is named",
    LeadMark.LEFT: "the lead professional left and nobody is named since",
}


def _to_mend(rows: Iterable[AnsweredRow], reference: Callable[[str], str]) -> Iterator[ToMend]:
    for row in rows:
        if row.claimant is None or row.subject_ref is None:
            continue
        for what in _about(row):
            named = row.claimant.surname, row.claimant.forename, row.claimant.work_coach
            yield ToMend(row.row, reference(row.subject_ref), *named, what)


def _about(row: AnsweredRow) -> Iterator[str]:
    if row.kind is RowClass.DETAILS_DIFFER:
        yield f"the Jobcentre has another {', '.join(row.differs).replace('_', ' ')}"
    if row.claimant is not None and not row.claimant.work_coach:
        yield "the Jobcentre's list names no work coach"
    yield from (_WORDS[mark] for mark in row.marks)
