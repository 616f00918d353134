"""Answer one work-coach list: read it, answer it, keep what was told, and only then hand the worksheet over.

- A TFEA answers for their own offices; the service answers what lies in an office's folder.
- The answer is a disclosure of its own: its entry, with the hashes of the file and of the worksheet, counts and what it
  tells of whom (rows_told.py), is committed before the worksheet leaves this function (law L1).
- An office's lists are answered so many times a day and no more, and a list of which hardly anybody is on a list
  raises an alert: a file of guesses is a look-up in the disguise of a list (law L11).
- The rest is held against the whole cohort later, for the data team (search_cohort.py). The worksheet never waits.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from sqlalchemy import Connection

from gateway.errors import TooManyLists
from gateway.ledger.events import Event
from gateway.ledger.evidence import references_under
from gateway.ledger.tree import root_of
from gateway.model.officers import Action
from gateway.model.reconciliation import AnsweredRow, Counts, ReconciliationState, Side
from gateway.model.time import LONDON, as_text
from gateway.model.work_coach_list import WorkCoachList
from gateway.services.reconciliation.answer_list import Answer, Question, answer_list
from gateway.services.reconciliation.changes import changes_between
from gateway.services.reconciliation.columns import profile_in_force, require_known_office
from gateway.services.reconciliation.kept_rows import answered_row, kept_row, queued_rows
from gateway.services.reconciliation.linking import linker, reader_of
from gateway.services.reconciliation.low_share import found_percent, is_low
from gateway.services.reconciliation.marks import Marks
from gateway.services.reconciliation.rows_told import rows_told
from gateway.services.reconciliation.today import Answering, answering
from gateway.services.reconciliation.worksheet import Worksheet, worksheet_of
from gateway.services.workplace import Workplace
from gateway.sources.work_coach_list.read import read_list
from gateway.store.reconciliations import (
    QueuedRow,
    Reconciliation,
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
    progress(STEPS[0])
    the_list = read_list(upload.data, profile, as_at=workplace.clock.today(), password=upload.password)
    progress(STEPS[1])
    marks = marks_of(workplace, upload.agreement_id)
    with answering(workplace, upload.agreement_id, upload.office) as ready:
        answer = answer_list(ready.connection, _question(workplace, ready, the_list, marks))
    progress(STEPS[2])
    return _keep(workplace, upload, ready, the_list, answer, marks)


def marks_of(workplace: Workplace, agreement_id: str) -> Marks:
    """Return what marks claimants and pairs under an agreement."""
    return Marks(workplace.keys.reference_key(agreement_id), reader_of(workplace))


def _question(workplace: Workplace, ready: Answering, the_list: WorkCoachList, marks: Marks) -> Question:
    agreement = ready.standing.agreement
    reference = references_under(workplace.keys.reference_key(agreement.agreement_id))
    return Question(agreement, ready.part, the_list, marks, reference, linker(workplace))


def _keep(  # noqa: PLR0917 - what was asked, found and answered
    workplace: Workplace, upload: Upload, ready: Answering, the_list: WorkCoachList, answer: Answer, marks: Marks
) -> Reconciled:
    """Commit what was told, and return the worksheet."""
    with workplace.store.writing(workplace.actor) as work:
        _require_room(workplace, work.connection, upload.office)
        reference = next_reference(work.connection, upload.office, workplace.clock.today().isoformat())
        last = last_of_office(work.connection, upload.agreement_id, upload.office)
        before = _rows_of(work.connection, last) if last else []
        changes = changes_between(before, answer.rows, marks) if last else ()
        worksheet = worksheet_of(reference, ready.standing.agreement, answer, changes, last.ran_at if last else None)
        told = rows_told(reference, ready.standing.agreement, answer, marks)
        made = _made(work.at, workplace, upload, ready, the_list, answer, reference, worksheet.sha256, told)
        low, share = is_low(workplace, answer.counts), found_percent(answer.counts)
        position = work.enter(Event.RECONCILED, **made.said(), found=share, low_share=low)
        keep_reconciliation(work, made, [kept_row(row, marks) for row in answer.rows], explained_by=position)
        keep_told(work, told)
        keep_queue(work, list(_queue(reference, the_list, answer, marks)))
    workplace.record(
        "reconciliation:answered", reconciliation=reference, office=upload.office, rows=answer.counts.rows_read
    )
    return Reconciled(
        reference=reference,
        agreement_id=upload.agreement_id,
        office=upload.office,
        counts=answer.counts,
        low_share=low,
        since=last.ran_at if last else None,
        encoding=the_list.encoding,
        hidden_sheets=the_list.hidden_sheets,
        worksheet=worksheet,
    )


def _rows_of(connection: Connection, last: Reconciliation) -> list[AnsweredRow]:
    return [answered_row(row) for row in rows_of_reconciliation(connection, last.reference)]


def _queue(reference: str, the_list: WorkCoachList, answer: Answer, marks: Marks) -> Iterator[QueuedRow]:
    claimants = {each.row: each for each in the_list.claimants}
    return queued_rows(
        reference,
        answer.queued,
        Side.DISCLOSED,
        claimants,
        lambda claimant, key: (marks.of_row(claimant), marks.of_pair(claimant, answer.people[key].person)),
    )


def _made(  # noqa: PLR0917 - what one row holds
    at: datetime,
    workplace: Workplace,
    upload: Upload,
    ready: Answering,
    the_list: WorkCoachList,
    answer: Answer,
    reference: str,
    answer_sha256: str,
    told: Sequence[ToldRow],
) -> Reconciliation:
    return Reconciliation(
        reference=reference,
        agreement_id=upload.agreement_id,
        statement_hash=ready.standing.statement.statement_hash,
        partner=ready.standing.partner.name,
        office=upload.office,
        file_sha256=the_list.sha256,
        answer_sha256=answer_sha256,
        fingerprint=the_list.profile.fingerprint,
        model=answer.model,
        model_sha256=answer.model_sha256,
        snapshot=ready.snapshot.reference,
        counts=answer.counts,
        told=len(told),
        told_root=root_of(row.leaf for row in told),
        ran_by=workplace.actor.account,
        ran_at=as_text(at),
        state=ReconciliationState.ANSWERED,
    )


def _require_room(workplace: Workplace, connection: Connection, office: str) -> None:
    begins = datetime.combine(workplace.clock.today(), time(), LONDON)
    most = workplace.reconciling.lists_a_day
    if answered_on(connection, office, begins) >= most:
        raise TooManyLists(f"{most} lists of {office} were answered today, which is as many as may be in a day")
