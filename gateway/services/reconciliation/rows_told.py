"""Make the evidence of an answer: one row for each person of whom the worksheet tells something (law L1).

- People whom rows of the file were found to be come first, in the order of rows; then those on the list whom no row is
  about, who stand on a sheet of their own. Nothing is told of anybody else: a possible match names nobody.
- A row says which fields were shown and in which the two sides were said to differ. Everything that was shown is
  committed to, under the person's own secret: nobody guesses it from the row, and forgetting them leaves it unreadable.
- Of somebody who is forgotten already nothing but their reference is known. A key of ours stands in for their secret.

Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.documents import canonical_json
from gateway.ledger.evidence import commitment, told_leaf
from gateway.model.agreement import Agreement
from gateway.model.fields import bitmap_of
from gateway.model.reconciliation import FOUND, AnsweredRow, ToldAs
from gateway.services.reconciliation.answer_list import Answer
from gateway.services.reconciliation.classes import without_coach
from gateway.services.reconciliation.marks import Marks
from gateway.services.reconciliation.told import LEAD, REFERENCE, DisclosedPerson
from gateway.services.reconciliation.worksheet import told_alone
from gateway.store.told_people import ToldRow


@dataclass(frozen=True, slots=True)
class _Telling:
    """What the worksheet shows of one person: values of fields, and what is said beside them."""

    person: DisclosedPerson = field(repr=False)
    kind: ToldAs
    values: dict[str, str] = field(repr=False)
    differs: tuple[str, ...] = ()
    beside: tuple[str, ...] = field(default=(), repr=False)


def rows_told(reference: str, agreement: Agreement, answer: Answer, marks: Marks) -> list[ToldRow]:
    """Return a row for each person of whom an answer tells something, in their order."""
    tellings = [*_found(agreement, answer), *_alone(agreement, answer)]
    return [_row(reference, agreement, marks, position, each) for position, each in enumerate(tellings, 1)]


def _found(agreement: Agreement, answer: Answer) -> Iterator[_Telling]:
    lead = [name for name in LEAD if name in agreement.field_names]
    for row in answer.rows:
        if row.kind in FOUND and row.subject_ref:
            person, kind = answer.people[row.subject_ref], ToldAs(row.kind.value)
            values = {REFERENCE: "".join(person.person.record_refs)}
            if kind is not ToldAs.LEFT:
                values |= {name: value for name, value in zip(LEAD, row.lead, strict=True) if name in lead}
            yield _Telling(person, kind, values, row.differs, _beside(row))


def _beside(row: AnsweredRow) -> tuple[str, ...]:
    return (*row.marks, row.last_list_on.isoformat() if row.last_list_on else "")


def _alone(agreement: Agreement, answer: Answer) -> Iterator[_Telling]:
    names = told_alone(agreement)
    for person in without_coach(answer.rows, answer.people.values()):
        today = person.today or {}
        yield _Telling(person, ToldAs.WITHOUT_COACH, {name: today.get(name, "") for name in names})


def _row(reference: str, agreement: Agreement, marks: Marks, position: int, each: _Telling) -> ToldRow:
    person = each.person
    said = canonical_json([each.kind.value, each.values, list(each.differs), list(each.beside)])
    committed = commitment(person.secret or marks.stand_in(person.subject_ref), agreement.agreement_id, said)
    fields, differs = bitmap_of(tuple(each.values)), bitmap_of(each.differs)
    leaf = told_leaf(reference, position, person.subject_ref, each.kind.value, fields, differs, committed)
    return ToldRow(reference, position, person.subject_ref, each.kind.value, fields, differs, committed, leaf)
