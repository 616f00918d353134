"""Edge: reconciliations and what came with them: the only place that writes one, or deletes uploaded rows.

- A reconciliation is entered whole each time that it moves, and its row says what the newest entry says (law L10).
- Uploaded rows and the queue's rows stand under it, as a snapshot's rows under the snapshot, and go by age or with
  the person whom they are about.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from gateway.model.reconciliation import Counts, ReconciliationState
from gateway.model.time import as_text
from gateway.store.tables import link_verdicts, queue_rows, reconciled_rows, reconciliations
from gateway.store.work import Work

#: Which column counts what: `left` is a word of SQL.
_COUNTS = {each.name: "left_list" if each.name == "left" else each.name for each in fields(Counts)}


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One list answered: hashes and counts."""

    reference: str
    agreement_id: str
    statement_hash: str
    partner: str
    office: str
    file_sha256: str
    answer_sha256: str
    fingerprint: str
    model: str
    model_sha256: str
    snapshot: str
    counts: Counts
    told: int
    told_root: bytes
    ran_by: str
    ran_at: str
    state: ReconciliationState

    def said(self) -> dict[str, object]:
        """Return what each of its entries says."""
        counts = {each.name.replace("_", "-"): getattr(self.counts, each.name) for each in fields(Counts)}
        return {
            "reconciliation": self.reference,
            "agreement": self.agreement_id,
            "statement": self.statement_hash,
            "partner": self.partner,
            "office": self.office,
            "file": self.file_sha256,
            "answer": self.answer_sha256,
            "fingerprint": self.fingerprint,
            "model": self.model,
            "model_sha256": self.model_sha256,
            "snapshot": self.snapshot,
            "counts": counts,
            "told": self.told,
            "told_root": self.told_root.hex(),
            "ran_by": self.ran_by,
            "ran_at": self.ran_at,
        }


@dataclass(frozen=True, slots=True)
class KeptRow:
    """One uploaded row with its answer; `claimant` and `answer` are JSON."""

    row: int
    kind: str
    row_mark: bytes | None
    subject_ref: str | None = field(repr=False)
    claimant: str | None = field(repr=False)
    answer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class QueuedRow:
    """One person whom a row may be; `place` 1 is the likeliest, `evidence` is JSON of codes and numbers."""

    reference: str
    row: int
    subject_ref: str = field(repr=False)
    place: int
    side: str
    why: str
    row_mark: bytes = field(repr=False)
    evidence_mark: bytes = field(repr=False)
    evidence: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """What an officer said, as it is kept."""

    agreement_id: str
    reference: str
    row: int
    row_mark: bytes = field(repr=False)
    evidence_mark: bytes = field(repr=False)
    subject_ref: str = field(repr=False)
    side: str
    verdict: str
    reason: str
    case_reference: str
    takes_two: bool
    decided_by: str
    decided_at: str

    def said(self) -> dict[str, object]:
        """Return what its entry says; who and when stand in the entry's frame."""
        return {
            "agreement": self.agreement_id,
            "reconciliation": self.reference,
            "row": self.row,
            "row_mark": self.row_mark.hex(),
            "evidence_mark": self.evidence_mark.hex(),
            "subject": self.subject_ref,
            "side": self.side,
            "verdict": self.verdict,
            "reason": self.reason,
            "case": self.case_reference,
            "takes_two": self.takes_two,
        }


def keep_reconciliation(work: Work, made: Reconciliation, rows: Sequence[KeptRow], *, explained_by: int) -> None:
    """Keep a reconciliation with its rows."""
    values = {each.name: getattr(made, each.name) for each in fields(made) if each.name != "counts"}
    values |= {name: getattr(made.counts, own) for own, name in _COUNTS.items()}
    state = {"state": made.state.value, "explained_by": explained_by}
    work.connection.execute(insert(reconciliations).values(**values | state))
    if rows:
        work.connection.execute(insert(reconciled_rows), [{"reference": made.reference} | _values(row) for row in rows])


def keep_queue(work: Work, rows: Sequence[QueuedRow]) -> None:
    """Keep whom rows may be."""
    if rows:
        work.connection.execute(insert(queue_rows), [_values(row) for row in rows])


def move_reconciliation(
    work: Work, made: Reconciliation, to: ReconciliationState, *, explained_by: int
) -> Reconciliation:
    """Move one, and return it."""
    this = update(reconciliations).where(reconciliations.c.reference == made.reference)
    work.connection.execute(this.values(state=to.value, explained_by=explained_by))
    return replace(made, state=to)


def next_reference(connection: Connection, office: str, day: str) -> str:
    """Return what the next reconciliation of an office is called on a day."""
    start = f"RCN-{office}-{day}-"
    had = select(func.count()).where(reconciliations.c.reference.startswith(start, autoescape=True))
    return f"{start}{connection.execute(had).scalar_one() + 1}"


def reconciliation_named(connection: Connection, reference: str) -> Reconciliation | None:
    """Return the reconciliation with a reference, if there is one."""
    row = connection.execute(select(reconciliations).where(reconciliations.c.reference == reference)).first()
    return _kept(row) if row else None


def reconciliations_of(connection: Connection, *where: ColumnElement[bool]) -> list[Reconciliation]:
    """Return reconciliations, oldest first."""
    order = reconciliations.c.ran_at, func.length(reconciliations.c.reference), reconciliations.c.reference
    return [_kept(row) for row in connection.execute(select(reconciliations).where(*where).order_by(*order))]


def last_of_office(connection: Connection, agreement_id: str, office: str) -> Reconciliation | None:
    """Return the newest reconciliation of an office under an agreement whose rows are still kept."""
    mine = reconciliations.c.agreement_id == agreement_id, reconciliations.c.office == office
    there = reconciliations.c.state != ReconciliationState.CLEARED.value
    found = reconciliations_of(connection, *mine, there)
    return found[-1] if found else None


def answered_on(connection: Connection, office: str, since: datetime) -> int:
    """Return how many lists of an office were answered since."""
    query = select(func.count()).where(reconciliations.c.office == office, reconciliations.c.ran_at >= as_text(since))
    return int(connection.execute(query).scalar_one())


def answered_by(connection: Connection, account: str, since: datetime) -> int:
    """Return how many lists an account answered since, of all offices."""
    query = select(func.count()).where(reconciliations.c.ran_by == account, reconciliations.c.ran_at >= as_text(since))
    return int(connection.execute(query).scalar_one())


def waiting_to_be_searched(connection: Connection) -> list[Reconciliation]:
    """Return those whose rest was not yet held against the whole cohort."""
    return reconciliations_of(connection, reconciliations.c.state == ReconciliationState.ANSWERED.value)


def rows_of_reconciliation(connection: Connection, reference: str) -> list[KeptRow]:
    """Return the uploaded rows with their answers, in their order; none once they are deleted."""
    columns = [reconciled_rows.c[name] for name in KeptRow.__slots__]
    query = select(*columns).where(reconciled_rows.c.reference == reference).order_by(reconciled_rows.c.row)
    return [KeptRow(*row) for row in connection.execute(query)]


def queue_of(connection: Connection, *where: ColumnElement[bool]) -> list[QueuedRow]:
    """Return rows of the queue: by reconciliation, row and place."""
    columns = [queue_rows.c[name] for name in QueuedRow.__slots__]
    order = queue_rows.c.reference, queue_rows.c.row, queue_rows.c.place
    return [QueuedRow(*row) for row in connection.execute(select(*columns).where(*where).order_by(*order))]


def keep_verdict(work: Work, given: GivenVerdict, *, explained_by: int) -> None:
    """Keep what an officer said."""
    work.connection.execute(insert(link_verdicts).values(**_values(given), explained_by=explained_by))


def verdicts_of(connection: Connection, agreement_id: str) -> list[GivenVerdict]:
    """Return everything that was decided under an agreement, oldest first."""
    columns = [link_verdicts.c[name] for name in GivenVerdict.__slots__]
    query = select(*columns).where(link_verdicts.c.agreement_id == agreement_id).order_by(link_verdicts.c.verdict_id)
    return [GivenVerdict(*row) for row in connection.execute(query)]


def delete_rows(work: Work, reference: str) -> tuple[int, int]:
    """Delete the uploaded rows of a reconciliation and its queue; return how many of each there were."""
    queued = work.connection.execute(delete(queue_rows).where(queue_rows.c.reference == reference)).rowcount
    rows = work.connection.execute(delete(reconciled_rows).where(reconciled_rows.c.reference == reference)).rowcount
    return rows, queued


def delete_rows_about(connection: Connection, subject_refs: Collection[str]) -> int:
    """Delete what came with work-coach lists about people who are forgotten; return how many rows that was.

    A row that may be one of them is theirs as well: its claimant stands in it.
    """
    refs = list(subject_refs)
    named = select(queue_rows.c.reference, queue_rows.c.row).where(queue_rows.c.subject_ref.in_(refs))
    deleted = connection.execute(delete(reconciled_rows).where(reconciled_rows.c.subject_ref.in_(refs))).rowcount
    for reference, row in connection.execute(named).all():
        this = reconciled_rows.c.reference == reference, reconciled_rows.c.row == row
        deleted += connection.execute(delete(reconciled_rows).where(*this)).rowcount
        others = queue_rows.c.reference == reference, queue_rows.c.row == row
        deleted += connection.execute(delete(queue_rows).where(*others)).rowcount
    return deleted


def _values(row: KeptRow | QueuedRow | GivenVerdict) -> dict[str, object]:
    return {each.name: getattr(row, each.name) for each in fields(row)}


def _kept(row: Row[tuple[object, ...]]) -> Reconciliation:
    values: Mapping[str, object] = row._mapping  # type: ignore[assignment]  # noqa: SLF001 - the public way to a row's names
    own = {each.name: values[each.name] for each in fields(Reconciliation) if each.name not in {"counts", "state"}}
    counts = Counts(**{name: int(str(values[kept])) for name, kept in _COUNTS.items()})
    return Reconciliation(**own, counts=counts, state=ReconciliationState(row.state))  # type: ignore[arg-type]
