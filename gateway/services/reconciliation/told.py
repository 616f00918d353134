"""Read what a person who was disclosed was told as, and make of them somebody whom a claimant can be held against.

- What the list told comes from its kept line, where the agreement keeps values, else from the snapshot that the list
  was made of, in the agreement's fields and as it coarsens them. Nothing that was not told helps to find anybody: how
  well a row agrees with it would be told by the answer.
- What a list made now would tell is there only for whoever would be on it. Everybody else is read from their last
  list alone, whatever the reason is (law L11).

Pure.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from gateway.errors import LedgerDamaged
from gateway.ledger.evidence import open_line
from gateway.model.agreement import Agreement
from gateway.model.fields import Transform, bitmap_of, names_of
from gateway.model.linkage import Person
from gateway.store.disclosed import DisclosedRow

REFERENCE = "record_ref"
LEAD = ("lead_professional_name", "lead_professional_contact", "lead_professional_org")
Told = Mapping[str, str]


class DisclosedPerson(NamedTuple):
    """Somebody on a list of the office's part: `today` is what a list made now would tell.

    `newest`: the newest list left them with the recipient, whether it told of them or, in differences, had no need to.

    `lead_then` is the lead professional whom the newest list named; None where that is not known any more. `secret` is
    what evidence about them is keyed by; None where they are forgotten.
    """

    subject_ref: str
    window: date
    newest: bool
    today: Told | None
    lead_then: str | None
    person: Person
    secret: bytes | None = None

    def __repr__(self) -> str:
        """Say who it is, and nothing of them (law L8)."""
        return f"DisclosedPerson({self.subject_ref!r})"

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
    rows: Sequence[DisclosedRow], agreement: Agreement, references: Mapping[str, str]
) -> list[DisclosedPerson]:
    """Return the people of the view; `references` is what the partner calls each of them."""
    newest, lines = max((row.list_id for row in rows), default=0), Lines(agreement)
    return [
        _person(row, lines, references[row.subject_ref], row.list_id == newest or row.today is not None) for row in rows
    ]


class Lines:
    """Reads lines of an agreement's list, without what the partner calls the person."""

    def __init__(self, agreement: Agreement) -> None:
        self.agreed, self.fields = agreement.field_names, bitmap_of(agreement.field_names)
        self.names = tuple(name for name in self.agreed if name != REFERENCE)
        transforms = {rule.name: rule.transform for rule in agreement.fields}
        self._exact = tuple(name if transforms.get(name) is Transform.AS_IS else "" for name in _IDENTITY)
        self._without_number = "nino" in self._exact and transforms.get("postcode") is Transform.WHEN_NINO_BLANK
        #: Behind the cells of a line one is empty: what is not told as it is stands there.
        places = {name: place for place, name in enumerate((*self.names, ""))}
        self._picked = itemgetter(*(places[name] for name in self._exact))
        self._postcode, self._lead = (places.get(name, len(self.names)) for name in ("postcode", LEAD[0]))

    def told(self, line: bytes) -> dict[str, str]:
        """Return what a line tells. Raises LedgerDamaged where it is not of the agreement's fields."""
        return dict(zip(self.names, self._cells(line), strict=True))

    def identity(self, values: Told) -> "Identity":
        """Return who the values say that somebody is, in those that are told as they are: a year or a sector is not.

        A postcode that is told only where the number is blank is left out where it is not, or is not known to be.
        """
        surname, forename, nino, born, postcode = (values.get(name, "") for name in self._exact)
        if self._without_number and values.get("nino") == "":
            postcode = values.get("postcode", "")
        return Identity(surname, forename, nino, born, postcode)

    def identity_and_lead(self, line: bytes) -> tuple["Identity", str]:
        """Return the same of a line, and the lead professional whom it names: of a long list it is asked for each."""
        cells = self._cells(line)
        cells.append("")
        surname, forename, nino, born, postcode = self._picked(cells)
        if self._without_number and not nino:
            postcode = cells[self._postcode]
        return Identity(surname, forename, nino, born, postcode), cells[self._lead]

    def _cells(self, line: bytes) -> list[str]:
        # Nothing is quoted in nearly every line, and a reader of CSV for each takes far longer.
        plain = line and b'"' not in line
        cells = line.decode().split(",") if plain else next(csv.reader([line.decode()], strict=True), [])
        if len(cells) != len(self.names):
            raise LedgerDamaged("a line that was put beside a disclosed person is not of the agreement's fields")
        return cells


class Line(Mapping[str, str]):
    """What a line tells, read when it is asked for: most of a long list is never looked at."""

    __slots__ = ("_line", "_lines")

    def __init__(self, lines: Lines, line: bytes) -> None:
        self._lines, self._line = lines, line

    def read(self) -> dict[str, str]:
        """Return all of it."""
        return self._lines.told(self._line)

    def __getitem__(self, name: str) -> str:
        """Return what it tells in a field."""
        return self.read()[name]

    def __iter__(self) -> Iterator[str]:
        """Yield its fields."""
        return iter(self.read())

    def __len__(self) -> int:
        """Return how many fields it has."""
        return len(self.read())


def read(told: Told | None) -> Told:
    """Return what is told, read once for all of its fields."""
    return told.read() if isinstance(told, Line) else told or {}


class Identity(NamedTuple):
    """Who somebody is, as a list told it; empty where it did not."""

    surname: str
    forename: str
    nino: str
    date_of_birth: str
    postcode: str


_IDENTITY = Identity._fields
_NOTHING = Identity("", "", "", "", "")


def _person(row: DisclosedRow, lines: Lines, reference: str, newest: bool) -> DisclosedPerson:  # noqa: FBT001
    opened, today = _opened(row), row.today
    lead_then: str | None
    if today is not None and _is_told_again(row, lines, reference, opened):
        # Nothing changed since their last list, which is so for nearly everybody.
        told, lead_then = lines.identity_and_lead(today)
        now = told
    else:
        now = lines.identity(lines.told(today)) if today is not None else _NOTHING
        kept = _kept_line(row, lines, opened)
        then = lines.told(row.told) if row.told is not None else kept
        told = lines.identity(_of_snapshot(row) if then is None else kept or then)
        lead_then = None if then is None else then.get(LEAD[0], "")
    return DisclosedPerson(
        row.subject_ref,
        _day_of(row.list_window),
        newest,
        None if today is None else Line(lines, today),
        lead_then,
        _matched_as(row.subject_ref, reference, told, now),
        row.secret,
    )


def _is_told_again(row: DisclosedRow, lines: Lines, reference: str, opened: bytes | None) -> bool:
    """Say whether all that is known of what was told, and something is, is what a list made now would tell."""
    if row.today is None or row.told not in {None, row.today} or (row.told is None and opened is None):
        return False
    return opened is None or (row.fields == lines.fields and opened == reference.encode() + b"," + row.today)


def person_listed(subject_ref: str, reference: str, line: bytes, lines: Lines) -> Person:
    """Return who somebody is for the matcher whom a list made now would tell of by this line."""
    return _matched_as(subject_ref, reference, _NOTHING, lines.identity(lines.told(line)))


def _matched_as(subject_ref: str, reference: str, told: Identity, today: Identity) -> Person:
    """Return who they are for the matcher: today's details before those of the list, and every surname."""
    known = today if today is told else Identity(*(now or then for now, then in zip(today, told, strict=True)))
    other = told.surname
    return Person(
        key=subject_ref,
        record_refs=frozenset({reference}),
        nino=known.nino,
        forename=known.forename,
        surname=known.surname,
        other_surnames=(other,) if other and other != known.surname else (),
        born=_day(known.date_of_birth),
        postcode=known.postcode,
    )


def _opened(row: DisclosedRow) -> bytes | None:
    """Return the line that was kept; None where none was, or the person is forgotten."""
    if row.line_sealed is None or row.secret is None:
        return None
    return open_line(row.secret, row.list_reference, row.position, row.line_sealed)


def _kept_line(row: DisclosedRow, lines: Lines, opened: bytes | None) -> Told | None:
    """Return what the list told where it was kept, and in the fields that are known."""
    if opened is None:
        return None
    cells = next(csv.reader([opened.decode()]))
    carried = [name for name in lines.agreed if name in names_of(row.fields)]
    if len(cells) != len(carried):
        return None
    return {name: cell for name, cell in zip(carried, cells, strict=True) if name != REFERENCE}


def _of_snapshot(row: DisclosedRow) -> Told:
    born = row.date_of_birth.isoformat() if row.date_of_birth else ""
    values = {"surname": row.surname, "forename": row.forename, "nino": row.nino, "postcode": row.postcode}
    return {name: value or "" for name, value in values.items()} | {"date_of_birth": born}


@lru_cache(maxsize=1 << 16)
def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


_day_of = lru_cache(maxsize=1024)(date.fromisoformat)


def told_exactly(agreement: Agreement) -> frozenset[str]:
    """Return the fields that the agreement tells as they are: a difference in one of them may be said."""
    return frozenset(rule.name for rule in agreement.fields if rule.transform is Transform.AS_IS)


def references_of(rows: Iterable[DisclosedRow], reference: Callable[[str], str]) -> dict[str, str]:
    """Return what the partner calls each person of the view."""
    return {row.subject_ref: reference(row.subject_ref) for row in rows}
