"""Gather what was disclosed about a person, from the evidence and the agreements as they were.

- States in which nobody can be sure that the list did not arrive count as disclosed.
- Where the agreement keeps values, what was told is read with the subject's own secret, and only after it was held
  against the commitment and the leaf of its row: a line that was changed since is never told.
- A list that was handed over another way is what two people said of it. It is told as not proven.
- An answer to a Jobcentre's list of claimants is a disclosure of its own: as what the person was told of, and in which
  fields. So is a look at them beside a doubtful row, which is told with who looked.
- Lists that a restored database lost are named with every answer: whoever was on them is not on record.

Nothing here enters who asked: the callers do, in the same transaction.
"""

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import Connection

from gateway.errors import LedgerDamaged
from gateway.ledger.events import Event
from gateway.ledger.evidence import commitment, leaf, open_line
from gateway.model.delivery import ListState
from gateway.model.fields import columns_of, names_of
from gateway.model.receipt import ReceiptLevel
from gateway.model.reconciliation import Side, ToldAs
from gateway.model.time import from_text, london_day
from gateway.receipts.match import Verdict
from gateway.services.agreements.agreement_then import AgreementThen, agreement_then
from gateway.store.agreements import statement_kept, statements_kept
from gateway.store.entries import entries_about
from gateway.store.handovers import Handover, handovers_of
from gateway.store.history import DisclosedRow, KeptReceipt, disclosures_to, evidence_since, newest_receipts
from gateway.store.lists import lists_without_rows
from gateway.store.reconciliations import Reconciliation
from gateway.store.retention import purged_until
from gateway.store.told_people import ToldRow, told_of

#: Fields with what was told in each, in the order of the list.
Values = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One disclosure of the person. `power` and the articles are those of the agreement's version of that night.

    `values` is what was told, where the agreement keeps values and they were asked for.
    """

    day: date
    window: str
    agreement_id: str
    version: int
    recipient: str
    purpose: str
    power: str
    article_6: tuple[str, ...]
    article_9: tuple[str, ...]
    article_10: tuple[str, ...]
    fields: tuple[str, ...]
    list_reference: str
    part: str
    state: ListState
    receipt: ReceiptLevel | None
    receipt_at: datetime | None
    values: Values | None = None


@dataclass(frozen=True, slots=True)
class Attested:
    """A list with the person on it that was handed over another way: what two people say of it, not proven."""

    day: date
    agreement_id: str
    recipient: str
    manner: str
    fields: tuple[str, ...]
    reference: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A list of claimants that was answered with something of the person; `office` is whose, `answered_by` who ran it.

    `fields` were shown, and of those in `differs` it was said that the two sides say different things.
    """

    day: date
    answered_at: str
    agreement_id: str
    version: int
    recipient: str
    purpose: str
    power: str
    office: str
    answered_by: str
    reference: str
    kind: ToldAs
    fields: tuple[str, ...]
    differs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody was shown the person beside a row that may be them."""

    at: str
    by: str
    reference: str
    row: int


@dataclass(frozen=True, slots=True)
class History:
    """The answer, and since when evidence is held at all: what was disclosed before is not in it unless attested."""

    evidence_since: date
    disclosures: tuple[Told, ...]
    attested: tuple[Attested, ...] = ()
    #: Lists that went, or may have gone, and of which nobody knows who was on them.
    without_rows: tuple[str, ...] = ()
    #: Answers to work-coach lists that told of the person, and who was shown them beside a row.
    answered: tuple[Answered, ...] = ()
    seen: tuple[Seen, ...] = ()

    @property
    def number(self) -> int:
        """How many disclosures that is."""
        return len(self.disclosures) + len(self.attested) + len(self.answered)


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A disclosure with everything that is on record of it."""

    row: DisclosedRow
    agreement: AgreementThen
    receipt: KeptReceipt | None

    @property
    def day(self) -> date:
        """The London day on which it went."""
        return london_day(self.row.sent_at)

    @property
    def recipient(self) -> str:
        """The recipient as the agreement names it."""
        return self.agreement.recipient or self.row.partner

    def values(self) -> Values | None:
        """Return what was told; None where it was not kept. Raises LedgerDamaged where it is not what was sent."""
        return values_told(self.row, self.agreement)


def history_of(connection: Connection, subjects: Collection[str], *, values: bool = False) -> History:
    """Return everything that was disclosed about the subjects."""
    return History(
        held_since(connection),
        tuple(_told(each, values=values) for each in disclosed_to(connection, subjects)),
        tuple(_attested(connection, each) for each in handovers_of(connection, subjects)),
        tuple(kept.reference for kept in lists_without_rows(connection)),
        tuple(_answered(connection, made, row) for made, row in told_of(connection, subjects)),
        tuple(_seen(connection, subjects)),
    )


def held_since(connection: Connection) -> date:
    """Return the London day from which on evidence is held: since the database was made, or since the newest purge.

    Something older may still be kept, by a hold; what is since that day is all there.
    """
    made, purged = london_day(evidence_since(connection)), purged_until(connection)
    return made if purged is None else max(made, purged + timedelta(days=1))


def disclosed_to(
    connection: Connection, subjects: Collection[str], *, sealed_by: datetime | None = None
) -> list[Disclosed]:
    """Return the disclosures of the subjects, oldest first; with `sealed_by` only those of lists sealed by then."""
    rows = list(disclosures_to(connection, subjects, sealed_by=sealed_by))
    first = {row.statement_hash: row for row in reversed(rows)}
    agreements = {statement_hash: _under(connection, row) for statement_hash, row in first.items()}
    receipts = newest_receipts(connection, {row.list_id for row in rows}, Verdict.ACCEPTED.value)
    return [Disclosed(row, agreements[row.statement_hash], receipts.get(row.list_id)) for row in rows]


def values_told(row: DisclosedRow, agreement: AgreementThen) -> Values | None:
    """Return what a row's kept line says, field by field; None where no line was kept or the secret is forgotten.

    Raises LedgerDamaged where the line is not the one that was committed to.
    """
    if row.line_sealed is None or row.secret is None:
        return None
    line = open_line(row.secret, row.list_reference, row.position, row.line_sealed)
    committed = commitment(row.secret, row.agreement_id, line)
    leafed = leaf(row.list_reference, row.position, row.subject_ref, row.fields, row.factors, committed)
    if (committed, leafed) != (row.commitment, row.leaf):
        raise LedgerDamaged(f"the kept line {row.position} of {row.list_reference} is not the one that was sent")
    cells = next(csv.reader([line.decode()], strict=True))
    columns, told = columns_of((name for name, _ in agreement.fields), row.fields), names_of(row.fields)
    return tuple((name, cell) for name, cell in zip(columns, cells, strict=True) if name in told)


def _under(connection: Connection, row: DisclosedRow) -> AgreementThen:
    kept = statement_kept(connection, row.statement_hash)
    if kept is None:
        raise LedgerDamaged(f"the policy statement of {row.list_reference} is not there")
    return agreement_then(kept)


def _told(each: Disclosed, *, values: bool) -> Told:
    row, agreement, receipt = each.row, each.agreement, each.receipt
    return Told(
        day=each.day,
        window=row.window,
        agreement_id=row.agreement_id,
        version=row.version,
        recipient=each.recipient,
        purpose=agreement.purpose,
        power=agreement.power,
        article_6=agreement.article_6,
        article_9=agreement.article_9,
        article_10=agreement.article_10,
        fields=names_of(row.fields),
        list_reference=row.list_reference,
        part=row.part,
        state=row.state,
        receipt=receipt.level if receipt else None,
        receipt_at=receipt.collected_at if receipt else None,
        values=each.values() if values else None,
    )


def _attested(connection: Connection, handover: Handover) -> Attested:
    return Attested(
        day=handover.handed_over_on,
        agreement_id=handover.agreement_id,
        recipient=recipient_of(connection, handover),
        manner=handover.manner,
        fields=names_of(handover.fields),
        reference=handover.reference,
    )


def recipient_of(connection: Connection, handover: Handover) -> str:
    """Return the recipient of a handover as its agreement names it, or the partner's name where none is kept."""
    kept = statements_kept(connection, handover.agreement_id)
    return (agreement_then(kept[-1]).recipient if kept else "") or handover.partner


def _answered(connection: Connection, made: Reconciliation, row: ToldRow) -> Answered:
    agreement = agreement_of(connection, made)
    return Answered(
        day=london_day(from_text(made.ran_at)),
        answered_at=made.ran_at,
        agreement_id=made.agreement_id,
        version=agreement.version,
        recipient=agreement.recipient or made.partner,
        purpose=agreement.purpose,
        power=agreement.power,
        office=made.office,
        answered_by=made.ran_by,
        reference=made.reference,
        kind=ToldAs(row.kind),
        fields=names_of(row.fields),
        differs=names_of(row.differs),
    )


def agreement_of(connection: Connection, made: Reconciliation) -> AgreementThen:
    """Return the agreement under which a work-coach list was answered, as it was then. Raises LedgerDamaged."""
    kept = statement_kept(connection, made.statement_hash)
    if kept is None:
        raise LedgerDamaged(f"the policy statement of {made.reference} is not there")
    return agreement_then(kept)


def _seen(connection: Connection, subjects: Collection[str]) -> Iterator[Seen]:
    """Yield the looks at people who were disclosed; a look at anybody else would tell that they are known (law L11)."""
    wanted = frozenset(subjects)
    for entry in entries_about(connection, Event.CANDIDATES_READ) if wanted else ():
        body = entry.body
        if body["side"] == Side.DISCLOSED.value and wanted & set(cast("list[str]", body["subjects"])):
            yield Seen(entry.at, entry.actor, str(body["reconciliation"]), int(str(body["row"])))
