"""Answer one work-coach list: read it, answer it, keep what was told, and only then hand the worksheet over.

- A TFEA answers for their own offices; the service answers what lies in an office's folder.
- The answer is a disclosure of its own: its entry, with the hashes of the file and of the worksheet, counts and what it
  tells of whom (rows_told.py), is committed before the worksheet leaves this function (law L1).
- An office's lists are answered so many times a day and no more, so many by one TFEA; a list of which hardly anybody
  is on a list raises an alert: a file of guesses is a look-up in the disguise of a list (law L11).
- It is worked out while others write, and kept in one short transaction, if nothing came in between that could make it
  another one; else it is worked out again.
- The rest is held against the whole cohort later, for the data team (search_cohort.py). The worksheet never waits.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time

from sqlalchemy import Connection

from gateway.errors import StoreBusy, TooManyLists
from gateway.ledger.events import Event
from gateway.ledger.evidence import references_under
from gateway.ledger.tree import root_of
from gateway.model.officers import Action
from gateway.model.reconciliation import AnsweredRow, Counts, ReconciliationState, Side
from gateway.model.time import LONDON, as_text
from gateway.model.work_coach_list import WorkCoachList
from gateway.services.cycles import without_looking_for_cycles
from gateway.services.reconciliation.answer_list import Answer, Question, answer_list
from gateway.services.reconciliation.changes import changes_between
from gateway.services.reconciliation.columns import profile_in_force, require_known_office
from gateway.services.reconciliation.kept_rows import answered_row, kept_row, queued_rows
from gateway.services.reconciliation.linking import linker, load_matcher, reader_of
from gateway.services.reconciliation.low_share import found_percent, is_low
from gateway.services.reconciliation.marks import Marks
from gateway.services.reconciliation.moved import has_moved
from gateway.services.reconciliation.rows_told import rows_told
from gateway.services.reconciliation.today import Answering, answering
from gateway.services.reconciliation.without_coach import values_alone, without_coach_of
from gateway.services.reconciliation.worksheet import MARKING, Worksheet, worksheet_of
from gateway.services.workplace import Workplace
from gateway.sources.work_coach_list.read import read_list
from gateway.store.night import log_size
from gateway.store.reconciliations import (
    QueuedRow,
    Reconciliation,
    answered_by,
    answered_on,
    keep_queue,
    keep_reconciliation,
    last_of_office,
    next_reference,
    rows_of_reconciliation,
)
from gateway.store.told_people import ToldRow, keep_told

#: Told how far it is: how many of how many steps.
Progress = Callable[[str], None]
STEPS = ("reading", "answering", "keeping")
#: How often an answer is worked out again where something came in between.
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came for an office under an agreement; the password is of a protected workbook."""

    agreement_id: str
    office: str
    data: bytes = field(repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was answered, and the worksheet for whoever sent the list."""

    reference: str
    agreement_id: str
    office: str
    counts: Counts
    low_share: bool
    since: str | None
    #: How the file was read, and how many of its sheets nobody sees who opens it.
    encoding: str
    hidden_sheets: int
    worksheet: Worksheet = field(repr=False)


def reconcile_list(workplace: Workplace, upload: Upload, progress: Progress = lambda _: None) -> Reconciled:
    """Answer a list. Raises ColumnsUnconfirmed, TooManyLists, what reading raises and what a run raises."""
    workplace.actor.require(Action.RECONCILE)
    workplace.actor.require_office(Action.RECONCILE, upload.office)
    require_known_office(workplace, upload.office)
    workplace.store.require_newest()
    with workplace.store.reading() as connection:
        _require_room(workplace, connection, upload.office)
        profile = profile_in_force(workplace, connection, upload.office)
    load_matcher()
    progress(STEPS[0])
    the_list = read_list(upload.data, profile, as_at=workplace.clock.today(), password=upload.password)
    marks = marks_of(workplace, upload.agreement_id)
    for _ in range(_TRIES):
        with without_looking_for_cycles():
            progress(STEPS[1])
            prepared = _prepare(workplace, upload, the_list, marks)
            progress(STEPS[2])
            made = _keep(workplace, upload, prepared)
        if made is not None:
            return made
    raise StoreBusy(
        "what the list is answered from changed each time that it was answered", advice="Run it again in some minutes."
    )


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An answer as it was worked out, to be kept if nothing came since the log had `size` entries."""

    size: int
    ready: Answering
    the_list: WorkCoachList = field(repr=False)
    marks: Marks
    reference: str
    since: str | None
    answer: Answer
    worksheet: Worksheet = field(repr=False)
    told: list[ToldRow] = field(repr=False)


def _prepare(workplace: Workplace, upload: Upload, the_list: WorkCoachList, marks: Marks) -> _Prepared:
    """Work out the answer and its worksheet in one snapshot of the database, while others write."""
    with answering(workplace, upload.agreement_id, upload.office) as ready:
        connection = ready.connection
        size = log_size(connection)
        reference = next_reference(connection, upload.office, workplace.clock.today().isoformat())
        last = last_of_office(connection, upload.agreement_id, upload.office)
        before = _rows_of(connection, last) if last else []
        answer = answer_list(connection, _question(workplace, ready, the_list, marks))
    changes, since = changes_between(before, answer.rows, marks) if last else (), last.ran_at if last else None
    agreement = ready.standing.agreement
    alone = values_alone(agreement, answer.without_coach)
    told = rows_told(reference, agreement, answer, alone, marks)
    worksheet = worksheet_of(reference, answer, without_coach_of(agreement, alone, MARKING), changes, since)
    return _Prepared(size, ready, the_list, marks, reference, since, answer, worksheet, told)


def marks_of(workplace: Workplace, agreement_id: str) -> Marks:
    """Return what marks claimants and pairs under an agreement."""
    return Marks(workplace.keys.reference_key(agreement_id), reader_of(workplace))


def _question(workplace: Workplace, ready: Answering, the_list: WorkCoachList, marks: Marks) -> Question:
    agreement = ready.standing.agreement
    reference = references_under(workplace.keys.reference_key(agreement.agreement_id))
    return Question(agreement, ready.part, the_list, marks, reference, linker(workplace), ready.today)


def _keep(workplace: Workplace, upload: Upload, prepared: _Prepared) -> Reconciled | None:
    """Commit what is told, and return it with its worksheet; None where it must be worked out again."""
    answer, marks = prepared.answer, prepared.marks
    rows = [kept_row(row, marks) for row in answer.rows]
    queue = list(_queue(prepared))
    low, share = is_low(workplace, answer.counts), found_percent(answer.counts)
    with workplace.store.writing(workplace.actor) as work:
        if has_moved(work.connection, prepared.size, upload.office):
            return None
        _require_room(workplace, work.connection, upload.office)
        made = _made(work.at, workplace, upload, prepared)
        position = work.enter(Event.RECONCILED, **made.said(), found=share, low_share=low)
        keep_reconciliation(work, made, rows, explained_by=position)
        keep_told(work, prepared.told)
        keep_queue(work, queue)
    workplace.record(
        "reconciliation:answered", reconciliation=made.reference, office=upload.office, rows=answer.counts.rows_read
    )
    return Reconciled(
        reference=made.reference,
        agreement_id=upload.agreement_id,
        office=upload.office,
        counts=answer.counts,
        low_share=low,
        since=prepared.since,
        encoding=prepared.the_list.encoding,
        hidden_sheets=prepared.the_list.hidden_sheets,
        worksheet=prepared.worksheet,
    )


def _rows_of(connection: Connection, last: Reconciliation) -> list[AnsweredRow]:
    return [answered_row(row) for row in rows_of_reconciliation(connection, last.reference)]


def _queue(prepared: _Prepared) -> Iterator[QueuedRow]:
    claimants, marks, people = (
        {each.row: each for each in prepared.the_list.claimants},
        prepared.marks,
        prepared.answer.people,
    )
    return queued_rows(
        prepared.reference,
        prepared.answer.queued,
        Side.DISCLOSED,
        claimants,
        lambda claimant, key: (marks.of_row(claimant), marks.of_pair(claimant, people[key].person)),
    )


def _made(at: datetime, workplace: Workplace, upload: Upload, prepared: _Prepared) -> Reconciliation:
    ready, answer, the_list = prepared.ready, prepared.answer, prepared.the_list
    return Reconciliation(
        reference=prepared.reference,
        agreement_id=upload.agreement_id,
        statement_hash=ready.standing.statement.statement_hash,
        partner=ready.standing.partner.name,
        office=upload.office,
        file_sha256=the_list.sha256,
        answer_sha256=prepared.worksheet.sha256,
        fingerprint=the_list.profile.fingerprint,
        model=answer.model,
        model_sha256=answer.model_sha256,
        snapshot=ready.snapshot.reference,
        counts=answer.counts,
        told=len(prepared.told),
        told_root=root_of(row.leaf for row in prepared.told),
        ran_by=workplace.actor.account,
        ran_at=as_text(at),
        state=ReconciliationState.ANSWERED,
    )


def _require_room(workplace: Workplace, connection: Connection, office: str) -> None:
    """Raise TooManyLists where as many lists of the office, or by this TFEA, were answered as may be in a day."""
    begins, agreed, actor = (
        datetime.combine(workplace.clock.today(), time(), LONDON),
        workplace.reconciling,
        workplace.actor,
    )
    if answered_on(connection, office, begins) >= agreed.lists_a_day:
        raise TooManyLists(
            f"{agreed.lists_a_day} lists of {office} were answered today, which is as many as may be in a day"
        )
    if actor.is_for_every_office(Action.RECONCILE):
        return
    if answered_by(connection, actor.account, begins) >= agreed.lists_a_day_by_one:
        raise TooManyLists(
            f"{actor.account} answered {agreed.lists_a_day_by_one} lists today, which is as many as one may in a day",
            advice="Tomorrow is another day; [reconciliation] lists_a_day_by_one in the settings says how many.",
        )
