"""Lay out what a Jobcentre is answered: its own rows with what each is, its people without a work coach, the changes.

- Rows stand in the order of office and work coach, as a TFEA works through them. Each shows what the office's own file
  said; of somebody who is not on the list nothing else is shown, and of somebody who left the day of their last list.
- Whom to call stands beside people on the list alone, as the agreement tells it (law L2).
- The same answer gives the same bytes: nothing of today's hour is in them.

Pure: gateway/worksheets writes the files, and makes harmless what a spreadsheet might run.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from gateway.documents import canonical_json
from gateway.model.reconciliation import AnsweredRow, Counts, LeadMark, RowClass
from gateway.model.time import LONDON, from_text
from gateway.model.work_coach_list import Claimant
from gateway.services.reconciliation.answer_list import Answer
from gateway.services.reconciliation.changes import Change, Changed
from gateway.services.reconciliation.without_coach import WithoutCoach
from gateway.sources.work_coach_list.words import FLAWS, MARKS
from gateway.worksheets.csv_file import written_csv
from gateway.worksheets.sheet import Column, Kind, Sheet, Value
from gateway.worksheets.xlsx_file import written_xlsx

#: Printed at the head of every page.
MARKING = "OFFICIAL-SENSITIVE: for the work coaches of this office"
_WORDS = {
    RowClass.ON_LIST: "On our list",
    RowClass.DETAILS_DIFFER: "On our list, details differ",
    RowClass.LEFT: "Left since an earlier list",
    RowClass.NOT_ON_LIST: "Not on our list",
    RowClass.DUPLICATE: "Same person twice in your file",
    RowClass.POSSIBLE: "Possible match: to be looked at",
    RowClass.UNREADABLE: "Could not be read",
}
_MARKS = {
    LeadMark.CHANGED: "Lead professional changed since the last list",
    LeadMark.MISSING: "No lead professional is named",
    LeadMark.LEFT: "Lead professional left since the last list",
}
_FIELDS = {
    "surname": "surname",
    "forename": "forename",
    "date_of_birth": "date of birth",
    "nino": "National Insurance number",
    "postcode": "postcode",
}
_CHANGES = {
    Change.JOINED: "New on your list",
    Change.GONE: "No longer on your list",
    Change.WORK_COACH: "Work coach changed",
    Change.OFFICE: "Office changed",
    Change.ANSWER: "Answer changed",
}
_ROWS = (
    ("Row in your file", Kind.NUMBER),
    ("Office", Kind.TEXT),
    ("Work coach", Kind.TEXT),
    ("Our reference", Kind.IDENTIFIER),
    ("Surname", Kind.TEXT),
    ("Forename", Kind.TEXT),
    ("Date of birth", Kind.DAY),
    ("National Insurance number", Kind.IDENTIFIER),
    ("Postcode", Kind.IDENTIFIER),
    ("Answer", Kind.TEXT),
    ("What differs", Kind.TEXT),
    ("Lead professional", Kind.TEXT),
    ("Contact", Kind.TEXT),
    ("Team", Kind.TEXT),
    ("To note", Kind.TEXT),
    ("Last list", Kind.DAY),
)


@dataclass(frozen=True, slots=True)
class Worksheet:
    """The files of an answer. `sha256` is of what stands in all of them.

    `without_coach` has the people without a work coach where they are too many for the workbook.
    """

    reference: str
    csv: bytes = field(repr=False)
    workbook: bytes = field(repr=False)
    without_coach: bytes | None = field(repr=False)
    sha256: str


def worksheet_of(
    reference: str, answer: Answer, alone: WithoutCoach, changes: Iterable[Changed], since: str | None
) -> Worksheet:
    """Return the worksheet. `since` is when the list was answered that the changes are counted from."""
    rows = _sheet("Your list", _columns(_ROWS), [_row(each, answer) for each in _in_order(answer.rows)])
    changed = _sheet(
        "Changes",
        _columns((("Change", Kind.TEXT), *_ROWS[:6], ("Before", Kind.TEXT), ("Now", Kind.TEXT))),
        [_changed(each) for each in changes],
    )
    behind = [*([changed] if since else []), _summary(reference, answer.counts, since)]
    return Worksheet(
        reference,
        written_csv(rows),
        written_xlsx([rows, alone.sheet, *behind]),
        alone.file,
        content_hash([_said_on(rows), (alone.sheet.title, alone.rows), *map(_said_on, behind)]),
    )


def content_hash(said: Sequence[tuple[str, Sequence[Sequence[object]]]]) -> str:
    """Return SHA-256 of what is said under each title, in whichever file it stands."""
    return hashlib.sha256(canonical_json(said)).hexdigest()


def _said_on(sheet: Sheet) -> tuple[str, list[list[object]]]:
    return sheet.title, [_plain(row) for row in sheet.rows]


def _in_order(rows: Iterable[AnsweredRow]) -> list[AnsweredRow]:
    return sorted(rows, key=lambda each: (*_place(each.claimant), each.row))


def _place(claimant: Claimant | None) -> tuple[str, str]:
    """Unreadable rows come last: nobody knows whose they are."""
    return (claimant.office.casefold(), claimant.work_coach.casefold()) if claimant else ("\U0010ffff", "")


def _row(each: AnsweredRow, answer: Answer) -> tuple[Value, ...]:
    claimant = each.claimant or Claimant(row=each.row)
    known = answer.people.get(each.subject_ref or "")
    return (
        each.row,
        claimant.office,
        claimant.work_coach,
        "".join(known.person.record_refs) if known else claimant.record_ref,
        claimant.surname,
        claimant.forename,
        claimant.born,
        claimant.nino,
        claimant.postcode,
        _WORDS[each.kind],
        ", ".join(_FIELDS[name] for name in each.differs),
        *each.lead,
        _note(each),
        each.last_list_on,
    )


def _note(each: AnsweredRow) -> str:
    if each.kind is RowClass.DUPLICATE:
        return f"Says again what row {each.duplicate_of} says"
    if each.kind is RowClass.UNREADABLE:
        return "; ".join(FLAWS[flaw] for flaw in each.flaws)
    # Of the file alone, and so the same whoever the row turns out to be (law L11).
    noticed = sorted(each.claimant.marks) if each.claimant else []
    return "; ".join([_MARKS[mark] for mark in each.marks] + [MARKS[mark] for mark in noticed])


def _changed(each: Changed) -> tuple[Value, ...]:
    claimant = each.claimant
    named = claimant.office, claimant.work_coach, claimant.record_ref, claimant.surname, claimant.forename
    return (_CHANGES[each.change], each.row, *named, _said(each.before), _said(each.now))


def _said(text: str) -> str:
    return _WORDS[RowClass(text)] if text in set(RowClass) else text


def _summary(reference: str, counts: Counts, since: str | None) -> Sheet:
    rows: list[tuple[Value, ...]] = [("Reference", reference), ("Rows read", counts.rows_read)]
    rows += [(_WORDS[kind], counts.of(kind)) for kind in RowClass]
    rows += [("On our list, no work coach (people)", counts.without_coach)]
    rows += [("Changes are since the list answered at", _in_london(since))] if since else []
    return _sheet("Summary", _columns((("What", Kind.TEXT), ("How many", Kind.NUMBER))), rows)


def _in_london(instant: str) -> str:
    return f"{from_text(instant).astimezone(LONDON):%d/%m/%Y %H:%M}"


def _sheet(title: str, columns: tuple[Column, ...], rows: Sequence[Sequence[Value]]) -> Sheet:
    return Sheet(title, columns, rows, marking=MARKING)


def _columns(named: Iterable[tuple[str, Kind]]) -> tuple[Column, ...]:
    return tuple(Column(title, kind) for title, kind in named)


def _plain(row: Iterable[Value]) -> list[object]:
    return [cell.isoformat() if isinstance(cell, date) else cell for cell in row]
