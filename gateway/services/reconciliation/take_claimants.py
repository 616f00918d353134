"""Take a recipient's own list in, under an agreement in the mode `match_first`: find whom it asks about, and keep them.

(1) The agreement is in force and the night's extracts are loaded, as for any list that leaves (law L6).
(2) The file is opened and read in memory; it is never written to a disk of ours.
(3) Its rows are held against the people whom a list made now would tell of, and nobody else (asked_people.py).
(4) One transaction keeps whom it asks about, the doubtful rows for the data team, and the entry with the file's hash
    and the counts. Of every other row nothing is kept. The same file on the same day is taken once (law L4).

What answers it is a list of ours, made, guarded, sealed and delivered as every list is (services/disclosure). How many
lists come in a day is limited, and one on which hardly anybody is known raises an alert: guesses are a look-up in the
disguise of a list (law L11).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import Connection

from gateway.documents import sha256_hex
from gateway.errors import ColumnsUnconfirmed, ReconciliationRefused, TooManyLists
from gateway.ledger.events import Event
from gateway.ledger.evidence import references_under
from gateway.ledger.tree import EMPTY_ROOT
from gateway.minimisation import list_select
from gateway.minimisation.line import split_line
from gateway.model.agreement import Mode
from gateway.model.linkage import Person
from gateway.model.officers import Action
from gateway.model.reconciliation import Counts, ReconciliationState, Side
from gateway.model.time import LONDON, as_text, from_text, london_day
from gateway.model.work_coach_list import Claimant, ColumnProfile, WorkCoachList
from gateway.services.agreements.agreement_standing import Standing, approved_statement
from gateway.services.disclosure.list_decisions import WHOLE, ListTerms
from gateway.services.disclosure.run_disclosures import current_snapshot, require_last_load, require_loaded_as_approved
from gateway.services.partners.pins_in_use import in_use
from gateway.services.receipts.receipt_signers import Signers, signers_of
from gateway.services.reconciliation.asked_people import Asked, people_listed, whom_it_asks_about
from gateway.services.reconciliation.columns import profile_in_force
from gateway.services.reconciliation.kept_rows import kept_row, queued_rows
from gateway.services.reconciliation.linking import linker
from gateway.services.reconciliation.low_share import found_percent, is_low
from gateway.services.reconciliation.marks import Marks
from gateway.services.reconciliation.reconcile_list import marks_of
from gateway.services.reconciliation.unseal_claimants import list_inside
from gateway.services.workplace import Workplace
from gateway.sources.work_coach_list.read import read_list
from gateway.store.claimants import asked_part, find_asking
from gateway.store.reconciliations import (
    QueuedRow,
    Reconciliation,
    answered_on,
    keep_queue,
    keep_reconciliation,
    next_reference,
    reconciliation_named,
    verdicts_of,
)
from gateway.store.scan import scan
from gateway.store.snapshots import SnapshotFacts
from gateway.store.work import Work


@dataclass(frozen=True, slots=True)
class Taken:
    """A list that came in, and under which window and part it is answered; `again` where it had come before."""

    reference: str
    agreement_id: str
    window: str
    part: str
    counts: Counts
    low_share: bool
    again: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """An agreement under which lists are taken now: what they are read by, opened with and held against."""

    connection: Connection
    standing: Standing
    snapshot: SnapshotFacts
    signers: Signers
    profile: ColumnProfile


def take_claimants(workplace: Workplace, agreement_id: str, data: bytes, *, password: str | None = None) -> Taken:
    """Take one list in. Raises what a run, opening and reading raise, ColumnsUnconfirmed and TooManyLists."""
    workplace.actor.require(Action.TAKE_CLAIMANTS)
    workplace.store.require_newest()
    with ready_to_take(workplace, agreement_id) as ready:
        if (before := _taken_before(workplace, ready.connection, agreement_id, data)) is not None:
            return before
        _require_room(workplace, ready.connection, agreement_id)
        content = list_inside(workplace, ready.standing.agreement, ready.signers, data)  # (2)
        the_list = read_list(content, ready.profile, as_at=workplace.clock.today(), password=password)
        asked = _asked(workplace, ready, the_list)  # (3)
    return _keep(workplace, ready, data, the_list, asked)  # (4)


@contextmanager
def ready_to_take(workplace: Workplace, agreement_id: str) -> Iterator[Ready]:
    """Give what lists are taken with. Raises what a run raises, and ReconciliationRefused for another mode."""
    with workplace.store.reading() as connection:
        standing = approved_statement(workplace, connection, agreement_id)  # (1)
        if standing.agreement.mode is not Mode.MATCH_FIRST:
            raise ReconciliationRefused(
                f"{agreement_id} is no agreement under which the recipient's own lists are answered",
                advice="Its mode is not match_first: `gateway agreements show` has it.",
            )
        snapshot = current_snapshot(workplace, connection)
        require_last_load(connection)
        require_loaded_as_approved(connection, standing, snapshot)
        believed = in_use(connection, standing.partner)
        signers = signers_of(believed, workplace.clock.today())
        profile = _profile(workplace, connection, agreement_id)
        yield Ready(connection, standing, snapshot, signers, profile)


def _profile(workplace: Workplace, connection: Connection, agreement_id: str) -> ColumnProfile:
    """Return what the columns mean; an agreement's are kept under its name, as an office's are."""
    try:
        return profile_in_force(workplace, connection, agreement_id)
    except ColumnsUnconfirmed as unconfirmed:
        advice = (
            f"`gateway reconcile columns FILE --office {agreement_id}`, with a list of invented people in their layout."
        )
        raise ColumnsUnconfirmed(str(unconfirmed), advice=advice) from None


def _taken_before(workplace: Workplace, connection: Connection, agreement_id: str, data: bytes) -> Taken | None:
    window, part = workplace.clock.today().isoformat(), asked_part(sha256_hex(data))
    found = find_asking(connection, agreement_id, window, part)
    made = reconciliation_named(connection, found.reference) if found else None
    if made is None:
        return None
    return _taken(workplace, made, again=True)


def _asked(workplace: Workplace, ready: Ready, the_list: WorkCoachList) -> Asked:
    agreement = ready.standing.agreement
    marks = marks_of(workplace, agreement.agreement_id)
    verdicts = verdicts_of(ready.connection, agreement.agreement_id)
    return whom_it_asks_about(the_list, _people(workplace, ready), verdicts, marks, linker(workplace))


def _people(workplace: Workplace, ready: Ready) -> dict[str, Person]:
    """Return the people whom a list made now would tell of."""
    agreement, today = ready.standing.agreement, workplace.clock.today()
    terms = ListTerms(agreement, ready.standing.framework, ready.snapshot, today, WHOLE)
    statement = list_select(agreement, ready.standing.framework, **terms.asked())
    scanned = (split_line(line) for block in scan(ready.connection, statement) for line in block)
    lines = ((subject_ref, rest.removeprefix(b",")) for subject_ref, _, _, rest in scanned)
    return people_listed(lines, agreement, references_under(workplace.keys.reference_key(agreement.agreement_id)))


def _keep(workplace: Workplace, ready: Ready, data: bytes, the_list: WorkCoachList, asked: Asked) -> Taken:
    agreement_id = ready.standing.agreement.agreement_id
    marks = marks_of(workplace, agreement_id)
    with workplace.store.writing(workplace.actor) as work:
        if (before := _taken_before(workplace, work.connection, agreement_id, data)) is not None:
            return before
        _require_room(workplace, work.connection, agreement_id)
        made = _made(workplace, work, ready, sha256_hex(data), the_list, asked)
        low, share = is_low(workplace, asked.counts), found_percent(asked.counts)
        position = work.enter(Event.CLAIMANTS_TAKEN, **made.said(), found=share, low_share=low)
        keep_reconciliation(work, made, [kept_row(row, marks) for row in asked.rows], explained_by=position)
        keep_queue(work, list(_queue(made.reference, the_list, asked, marks)))
    workplace.record("claimants:taken", reconciliation=made.reference, rows=asked.counts.rows_read)
    return _taken(workplace, made, again=False)


def _queue(reference: str, the_list: WorkCoachList, asked: Asked, marks: Marks) -> Iterator[QueuedRow]:
    """Yield what waits for the data team."""
    claimants = {each.row: each for each in the_list.claimants}

    def marked(claimant: Claimant, key: str) -> tuple[bytes, bytes]:
        return marks.of_row(claimant), marks.of_pair(claimant, asked.people[key])

    return queued_rows(reference, asked.linked.queued, Side.COHORT, claimants, marked)


def _made(  # noqa: PLR0917 - what one row holds
    workplace: Workplace, work: Work, ready: Ready, file_sha256: str, the_list: WorkCoachList, asked: Asked
) -> Reconciliation:
    agreement_id = ready.standing.agreement.agreement_id
    return Reconciliation(
        reference=next_reference(work.connection, agreement_id, workplace.clock.today().isoformat()),
        agreement_id=agreement_id,
        statement_hash=ready.standing.statement.statement_hash,
        partner=ready.standing.partner.name,
        # Whose columns they are: an agreement's lists come from its recipient and from no office.
        office=agreement_id,
        file_sha256=file_sha256,
        answer_sha256=asked.digest,
        fingerprint=the_list.profile.fingerprint,
        model=asked.linked.model,
        model_sha256=asked.linked.model_sha256,
        snapshot=ready.snapshot.reference,
        counts=asked.counts,
        # Nobody is told of here: the list that answers is.
        told=0,
        told_root=EMPTY_ROOT,
        ran_by=workplace.actor.account,
        ran_at=as_text(work.at),
        state=ReconciliationState.TAKEN,
    )


def _taken(workplace: Workplace, made: Reconciliation, *, again: bool) -> Taken:
    return Taken(
        reference=made.reference,
        agreement_id=made.agreement_id,
        window=london_day(from_text(made.ran_at)).isoformat(),
        part=asked_part(made.file_sha256),
        counts=made.counts,
        low_share=is_low(workplace, made.counts),
        again=again,
    )


def _require_room(workplace: Workplace, connection: Connection, agreement_id: str) -> None:
    most, began = workplace.reconciling.lists_a_day, _midnight(workplace.clock.today())
    if answered_on(connection, agreement_id, began) >= most:
        raise TooManyLists(
            f"{most} lists were taken in under {agreement_id} today, which is as many as may be in a day"
        )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON)
