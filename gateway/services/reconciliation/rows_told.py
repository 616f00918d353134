"""Make the evidence of an answer: one row for each person of whom the worksheet tells something (law L1).

- People whom rows of the file were found to be come first, in the order of rows; then those on the list whom no row is
  about, who stand on a sheet of their own. Nothing is told of anybody else: a possible match names nobody.
- A row says which fields were shown and in which the two sides were said to differ. Everything that was shown is
  committed to, under the person's own secret: nobody guesses it from the row, and forgetting them leaves it unreadable.
- Of somebody who is forgotten already nothing but their reference is known. A key of ours stands in for their secret.

Pure.
"""

from collections.abc import Iterable, Iterator, Sequence

from gateway.documents import canonical_json, canonical_texts
from gateway.ledger.evidence import commitment, told_leaf, told_under
from gateway.model.agreement import Agreement
from gateway.model.fields import bitmap_of
from gateway.model.reconciliation import FOUND, AnsweredRow, ToldAs
from gateway.services.reconciliation.answer_list import Answer
from gateway.services.reconciliation.marks import Marks
from gateway.services.reconciliation.told import LEAD, REFERENCE, DisclosedPerson
from gateway.services.reconciliation.without_coach import told_alone
from gateway.store.told_people import ToldRow


def rows_told(
    reference: str, agreement: Agreement, answer: Answer, alone: Sequence[tuple[str, ...]], marks: Marks
) -> list[ToldRow]:
    """Return a row for each person of whom an answer tells something, in their order.

    `alone` is what is shown of each of those without a work coach.
    """
    rows = list(_found(reference, agreement, answer, marks))
    shown = zip(answer.without_coach, alone, strict=True)
    rows += _alone(reference, agreement, shown, marks, len(rows) + 1)
    return rows


def _found(reference: str, agreement: Agreement, answer: Answer, marks: Marks) -> Iterator[ToldRow]:
    told = [row for row in answer.rows if row.kind in FOUND and row.subject_ref]
    for position, row in enumerate(told, 1):
        person, kind, values = answer.people[row.subject_ref or ""], row.kind.value, _shown(agreement, answer, row)
        said = canonical_json([kind, values, list(row.differs), list(_beside(row))])
        committed = commitment(_secret(person, marks), agreement.agreement_id, said)
        fields, differs = bitmap_of(tuple(values)), bitmap_of(row.differs)
        leaf = told_leaf(reference, position, person.subject_ref, kind, fields, differs, committed)
        yield ToldRow(reference, position, person.subject_ref, kind, fields, differs, committed, leaf)


def _shown(agreement: Agreement, answer: Answer, row: AnsweredRow) -> dict[str, str]:
    """Return the values of fields that the worksheet shows beside a row."""
    values = {REFERENCE: "".join(answer.people[row.subject_ref or ""].person.record_refs)}
    if ToldAs(row.kind.value) is not ToldAs.LEFT:
        values |= {name: value for name, value in zip(LEAD, row.lead, strict=True) if name in agreement.field_names}
    return values


def _beside(row: AnsweredRow) -> tuple[str, ...]:
    return (*row.marks, row.last_list_on.isoformat() if row.last_list_on else "")


def _alone(
    reference: str,
    agreement: Agreement,
    shown: Iterable[tuple[DisclosedPerson, tuple[str, ...]]],
    marks: Marks,
    first: int,
) -> Iterator[ToldRow]:
    """Yield a row for each person without a work coach: of a long list nearly everybody, and each in the same way."""
    names, kind = told_alone(agreement), ToldAs.WITHOUT_COACH.value
    fields = bitmap_of(names)
    finished = told_under(agreement.agreement_id, reference, kind, fields)
    table, begin = canonical_texts(names), canonical_json(kind).decode()
    for position, (person, values) in enumerate(shown, first):
        said = f"[{begin},{table(values)},[],[]]".encode()
        subject_ref = person.subject_ref
        committed, leaf = finished(position, subject_ref, _secret(person, marks), said)
        yield ToldRow(reference, position, subject_ref, kind, fields, 0, committed, leaf)


def _secret(person: DisclosedPerson, marks: Marks) -> bytes:
    return person.secret or marks.stand_in(person.subject_ref)
