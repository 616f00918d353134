"""Read what a person who was disclosed was told as, and make of them somebody whom a claimant can be held against.

- What the list told comes from its kept line, where the agreement keeps values, else from the snapshot that the list
  was made of, in the agreement's fields and as it coarsens them. Nothing that was not told helps to find anybody: how
  well a row agrees with it would be told by the answer.
- What a list made now would tell is there only for whoever would be on it. Everybody else is read from their last
  list alone, whatever the reason is (law L11).

Pure.
"""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from gateway.errors import LedgerDamaged
from gateway.ledger.evidence import open_line
from gateway.model.agreement import Agreement
from gateway.model.fields import Transform, names_of
from gateway.model.linkage import Person
from gateway.store.disclosed import DisclosedRow

REFERENCE = "record_ref"
LEAD = ("lead_professional_name", "lead_professional_contact", "lead_professional_org")
Told = dict[str, str]


@dataclass(frozen=True, slots=True)
class DisclosedPerson:
    """Somebody on a list of the office's part: `told` is what their last list told, `today` what one made now would.

    `newest`: the newest list left them with the recipient, whether it told of them or, in differences, had no need to.

    `lead_then` is the lead professional whom the newest list named; None where that is not known any more. `secret` is
    what evidence about them is keyed by; None where they are forgotten.
    """

    subject_ref: str
    window: date
    newest: bool
    told: Told = field(repr=False)
    today: Told | None = field(repr=False)
    lead_then: str | None = field(repr=False)
    person: Person = field(repr=False)
    secret: bytes | None = field(default=None, repr=False)

    @property
    def is_on_list(self) -> bool:
        """Say whether they are on the newest list, and would be on the next one."""
        return self.newest and self.today is not None

    @property
    def lead(self) -> tuple[str, str, str]:
        """Return name, contact and kind of team of the lead professional, as a list made now would tell them."""
        if not self.is_on_list or self.today is None:
            return ("", "", "")
        name, contact, team = (self.today.get(each, "") for each in LEAD)
        return (name, contact, team)


def people_told(
    rows: Sequence[DisclosedRow], agreement: Agreement, references: dict[str, str]
) -> list[DisclosedPerson]:
    """Return the people of the view; `references` is what the partner calls each of them."""
    newest = max((row.list_id for row in rows), default=0)
    return [
        _person(row, agreement, references[row.subject_ref], row.list_id == newest or row.today is not None)
        for row in rows
    ]


def _person(row: DisclosedRow, agreement: Agreement, reference: str, newest: bool) -> DisclosedPerson:  # noqa: FBT001
    line = _kept_line(row, agreement)
    today = _cells(row.today, agreement) if row.today is not None else None
    then = _cells(row.told, agreement) if row.told is not None else line
    told = _exactly(_of_snapshot(row) if then is None else line or then, agreement)
    return DisclosedPerson(
        subject_ref=row.subject_ref,
        window=date.fromisoformat(row.list_window),
        newest=newest,
        told=told,
        today=today,
        lead_then=None if then is None else then.get(LEAD[0], ""),
        person=_matched_as(row.subject_ref, reference, told, _exactly(today or {}, agreement)),
        secret=row.secret,
    )


def person_listed(subject_ref: str, reference: str, line: bytes, agreement: Agreement) -> Person:
    """Return who somebody is for the matcher whom a list made now would tell of by this line."""
    return _matched_as(subject_ref, reference, {}, _exactly(_cells(line, agreement), agreement))


def _matched_as(subject_ref: str, reference: str, told: Told, today: Told) -> Person:
    """Return who they are for the matcher: today's details before those of the list, and every surname."""
    known = {name: today.get(name) or told.get(name) or "" for name in _IDENTITY}
    other = told.get("surname", "")
    return Person(
        key=subject_ref,
        record_refs=frozenset({reference}),
        nino=known["nino"],
        forename=known["forename"],
        surname=known["surname"],
        other_surnames=(other,) if other and other != known["surname"] else (),
        born=_day(known["date_of_birth"]),
        postcode=known["postcode"],
    )


_IDENTITY = ("surname", "forename", "nino", "date_of_birth", "postcode")


def _kept_line(row: DisclosedRow, agreement: Agreement) -> Told | None:
    """Return what the list told where it was kept; None where it was not, or the person is forgotten."""
    if row.line_sealed is None or row.secret is None:
        return None
    cells = next(csv.reader([open_line(row.secret, row.list_reference, row.position, row.line_sealed).decode()]))
    carried = [name for name in agreement.field_names if name in names_of(row.fields)]
    if len(cells) != len(carried):
        return None
    return {name: cell for name, cell in zip(carried, cells, strict=True) if name != REFERENCE}


def _of_snapshot(row: DisclosedRow) -> Told:
    born = row.date_of_birth.isoformat() if row.date_of_birth else ""
    values = {"surname": row.surname, "forename": row.forename, "nino": row.nino, "postcode": row.postcode}
    return {name: value or "" for name, value in values.items()} | {"date_of_birth": born}


def _exactly(values: Told, agreement: Agreement) -> Told:
    """Return the values that the agreement tells as they are: a year or a sector alone is left out.

    A postcode that is told only where the number is blank is left out where it is not, or is not known to be.
    """
    transforms = {rule.name: rule.transform for rule in agreement.fields}
    exact = {name: value for name, value in values.items() if transforms.get(name) is Transform.AS_IS}
    if transforms.get("postcode") is Transform.WHEN_NINO_BLANK and exact.get("nino") == "":
        exact["postcode"] = values.get("postcode", "")
    return exact


def _cells(line: bytes, agreement: Agreement) -> Told:
    names = [name for name in agreement.field_names if name != REFERENCE]
    cells = next(csv.reader([line.decode()], strict=True), [])
    if len(cells) != len(names):
        raise LedgerDamaged("a line that was put beside a disclosed person is not of the agreement's fields")
    return dict(zip(names, cells, strict=True))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def told_exactly(agreement: Agreement) -> frozenset[str]:
    """Return the fields that the agreement tells as they are: a difference in one of them may be said."""
    return frozenset(rule.name for rule in agreement.fields if rule.transform is Transform.AS_IS)


def references_of(rows: Iterable[DisclosedRow], reference: Callable[[str], str]) -> dict[str, str]:
    """Return what the partner calls each person of the view."""
    return {row.subject_ref: reference(row.subject_ref) for row in rows}
