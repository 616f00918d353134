"""The data uses register: every file that was released, to whom, what for, how many people, and what became of it.

- A file counts as released in every state in which nobody can be sure that it did not arrive.
- Purpose, power and days are the words of the agreement as it was kept with the list, not as it is today.
- Lists that were handed over another way stand in it too, marked as attested and not proven, and so do answers to the
  work-coach lists of offices, each a disclosure of its own.
- For publishing, fewer than five people are not counted out, and the package's name and hash are left away: they are
  for finding a file, not for readers.
"""

from dataclasses import dataclass
from datetime import date

from gateway.agreements.kept_document import KeptDocument, read_kept_document
from gateway.agreements.retention import destroy_by
from gateway.documents.register import Column, Register, Shape, Value
from gateway.model.delivery import DISCLOSED
from gateway.model.fields import names_of
from gateway.model.officers import Action
from gateway.model.time import as_text, from_text, london_day
from gateway.receipts.match import Verdict
from gateway.services.registers.register_agreements import made_by
from gateway.services.registers.small_numbers import published_count
from gateway.services.workplace import Workplace
from gateway.store.agreements import KeptStatement, statement_kept
from gateway.store.handovers import Handover
from gateway.store.reconciliations import Reconciliation
from gateway.store.registers import (
    ListedFile,
    ReceiptOfList,
    fields_of_lists,
    files_between,
    handovers_between,
    receipts_between,
    statements_with_entries,
)
from gateway.store.told_people import answers_between, fields_told

_COLUMNS = (
    Column("list", "List"),
    Column("window", "For the day"),
    Column("part", "Part"),
    Column("agreement", "Agreement"),
    Column("recipient", "Recipient"),
    Column("purpose", "Purpose"),
    Column("legal_power", "Legal power"),
    Column("people", "People"),
    Column("fields", "Facts of each person"),
    Column("state", "State"),
    Column("since", "Since"),
    Column("receipt", "Receipt"),
    Column("destroy_by", "To be destroyed by"),
    Column("package", "Package"),
    Column("sha256", "SHA-256 of the package"),
)
_NOT_PUBLISHED = ("package", "sha256")


@dataclass(frozen=True, slots=True)
class Period:
    """From one London day to another, both included."""

    first: date
    last: date

    @property
    def in_words(self) -> str:
        """The period as people read it."""
        return f"{self.first} to {self.last}"


def uses_register(workplace: Workplace, period: Period, *, publish: bool = False) -> Register:
    """Return every file that was released for the days of a period. Raises AccessDenied."""
    workplace.actor.require(Action.READ_REGISTERS)
    with workplace.store.reading() as connection:
        files = files_between(connection, period.first, period.last, DISCLOSED)
        receipts = receipts_between(connection, period.first, period.last, Verdict.ACCEPTED.value)
        fields = fields_of_lists(connection, [each.list_id for each in files])
        handed_over = handovers_between(connection, period.first, period.last)
        answers = answers_between(connection, period.first, period.last)
        told = fields_told(connection, [each.reference for each in answers])
        then = {each.statement_hash: statement_kept(connection, each.statement_hash) for each in answers}
        documents = {kept.agreement_id: kept.agreement_document for kept, _ in statements_with_entries(connection)}
    rows = [_row(each, receipts.get(each.list_id), fields.get(each.list_id, 0)) for each in files]
    rows += [_handed_over(each, documents.get(each.agreement_id)) for each in handed_over]
    rows += [_answered(each, then[each.statement_hash], told[each.reference]) for each in answers]
    keep = [n for n, column in enumerate(_COLUMNS) if not (publish and column.name in _NOT_PUBLISHED)]
    return Register(
        title="Data uses register",
        made=made_by(workplace),
        about=f"Every file that was released for the days {period.in_words}, under the agreement as it was then.",
        columns=tuple(_COLUMNS[n] for n in keep),
        rows=tuple(tuple(_publishable(row, publish=publish)[n] for n in keep) for row in rows),
        shape=Shape.ENTRIES,
        overview=("list", "window", "recipient", "people", "state", "destroy_by"),
    )


def _row(file: ListedFile, receipt: ReceiptOfList | None, fields: int) -> tuple[Value, ...]:
    document = read_kept_document(file.document, file.agreement_id)
    return (
        file.reference,
        file.window,
        file.part,
        f"{file.agreement_id}, version {file.version}",
        document.recipient or file.partner,
        document.purpose,
        document.power,
        file.people,
        names_of(fields),
        file.state.value if file.reason is None else f"{file.state.value} ({file.reason})",
        as_text(file.settled_at or file.changed_at),
        f"{receipt.level.value} {london_day(receipt.collected_at)}" if receipt else "none",
        _destroy_by(date.fromisoformat(file.window), document),
        file.remote_name,
        file.package_sha256,
    )


def _handed_over(handover: Handover, document: bytes | None) -> tuple[Value, ...]:
    words = read_kept_document(document, handover.agreement_id) if document else None
    return (
        handover.reference,
        handover.handed_over_on.isoformat(),
        "all",
        handover.agreement_id,
        (words.recipient if words else None) or handover.partner,
        words.purpose if words else None,
        words.power if words else None,
        handover.people,
        names_of(handover.fields),
        f"attested, not proven: handed over by {handover.manner}",
        handover.handed_over_on.isoformat(),
        "none",
        _destroy_by(handover.handed_over_on, words) if words else None,
        "none",
        "none",
    )


def _answered(made: Reconciliation, kept: KeptStatement | None, fields: int) -> tuple[Value, ...]:
    words = read_kept_document(kept.agreement_document, made.agreement_id) if kept else None
    day = london_day(from_text(made.ran_at))
    return (
        made.reference,
        day.isoformat(),
        made.office,
        f"{made.agreement_id}, version {kept.version}" if kept else made.agreement_id,
        (words.recipient if words else None) or made.partner,
        words.purpose if words else None,
        words.power if words else None,
        made.told,
        names_of(fields),
        "an answer to a work-coach list",
        made.ran_at,
        "none",
        _destroy_by(day, words) if words else None,
        "none",
        "none",
    )


def _destroy_by(day: date, document: KeptDocument) -> str | None:
    days = document.their_copy_days
    return None if days is None else destroy_by(day, days).isoformat()


def _publishable(row: tuple[Value, ...], *, publish: bool) -> tuple[Value, ...]:
    people = [column.name for column in _COLUMNS].index("people")
    found = row[people]
    if not publish or not isinstance(found, int):
        return row
    return (*row[:people], published_count(found), *row[people + 1 :])
