"""Edge: the people who were disclosed to a recipient: all that a work-coach list is ever answered from (law L11).

Two views of the database (migrations) are named here and no table. Nothing that this module imports can read anybody
else: setup.cfg holds that, and a test that the statements touch nothing but the views.

- `disclosed_people` has each person on each list that went: what the list told, as far as that is known, and what one
  made now would tell, which is there only while `services/reconciliation/today.py` has put it there.
- `disclosed_verdicts` has what officers decided about such people, and about nobody else.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import (
    UUID,
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Date,
    Integer,
    LargeBinary,
    String,
    and_,
    column,
    func,
    select,
    table,
)

#: As tables.py has it, which nothing here may import.
_Reference = String(36).with_variant(UUID(as_uuid=False), "postgresql")
#: So many people of a list are asked for by name; of more, the list is read whole.
_FEW = 300
#: All that may be read on the way from a work-coach list to its answer.
VIEWS = frozenset({"disclosed_people", "disclosed_verdicts"})

_people = table(
    "disclosed_people",
    column("agreement_id", String),
    column("part", String),
    column("list_id", BigInteger),
    column("list_reference", String),
    column("list_window", String),
    column("position", Integer),
    column("subject_ref", _Reference),
    column("fields", Integer),
    column("line_sealed", LargeBinary),
    column("secret", LargeBinary),
    column("surname", String),
    column("forename", String),
    column("date_of_birth", Date),
    column("nino", String),
    column("postcode", String),
    column("today", LargeBinary),
    column("told", LargeBinary),
)
_verdicts = table(
    "disclosed_verdicts",
    column("verdict_id", BigInteger),
    column("agreement_id", String),
    column("row_mark", LargeBinary),
    column("evidence_mark", LargeBinary),
    column("subject_ref", _Reference),
    column("verdict", String),
    column("takes_two", Boolean),
    column("decided_by", String),
)


@dataclass(frozen=True, slots=True)
class DisclosedRow:
    """A person on the newest list that had them, as the view has it; no `repr` shows what was told (law L8)."""

    list_id: int
    list_reference: str
    list_window: str
    position: int
    subject_ref: str
    fields: int
    line_sealed: bytes | None = field(repr=False)
    secret: bytes | None = field(repr=False)
    surname: str | None = field(repr=False)
    forename: str | None = field(repr=False)
    date_of_birth: date | None = field(repr=False)
    nino: str | None = field(repr=False)
    postcode: str | None = field(repr=False)
    today: bytes | None = field(repr=False)
    told: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeptVerdict:
    """What an officer said of a claimant and a person; the marks are keyed hashes."""

    row_mark: bytes
    evidence_mark: bytes
    subject_ref: str
    verdict: str
    takes_two: bool
    decided_by: str


def disclosed_people(connection: Connection, agreement_id: str, part: str) -> list[DisclosedRow]:
    """Return everybody on a list of this part of the agreement, each from the newest list that had them."""
    of_part = and_(_people.c.agreement_id == agreement_id, _people.c.part == part)
    last = select(_people.c.subject_ref, func.max(_people.c.list_id)).where(of_part).group_by(_people.c.subject_ref)
    on_list: defaultdict[int, list[str]] = defaultdict(list)
    for subject_ref, list_id in connection.execute(last):
        on_list[list_id].append(subject_ref)
    # List by list: both at once took databases twenty seconds where this takes a tenth of one.
    found = (row for list_id, refs in on_list.items() for row in _on_list(connection, of_part, list_id, refs))
    return sorted(found, key=lambda row: row.subject_ref)


def _on_list(
    connection: Connection, of_part: ColumnElement[bool], list_id: int, subject_refs: list[str]
) -> Iterator[DisclosedRow]:
    columns = [_people.c[name] for name in DisclosedRow.__slots__]
    query = select(*columns).where(of_part, _people.c.list_id == list_id)
    few = len(subject_refs) <= _FEW
    wanted = frozenset(subject_refs)
    for row in connection.execute(query.where(_people.c.subject_ref.in_(subject_refs)) if few else query):
        if row.subject_ref in wanted:
            yield DisclosedRow(*row)


def disclosed_subjects(connection: Connection, agreement_id: str, part: str) -> frozenset[str]:
    """Return the references of everybody on a list of this part of the agreement."""
    of_part = and_(_people.c.agreement_id == agreement_id, _people.c.part == part)
    return frozenset(connection.execute(select(_people.c.subject_ref).where(of_part).distinct()).scalars())


def verdicts_about(connection: Connection, agreement_id: str, marks: Collection[bytes]) -> list[KeptVerdict]:
    """Return what was decided about claimants with these marks, oldest first."""
    columns = [_verdicts.c[name] for name in KeptVerdict.__slots__]
    query = select(*columns).where(_verdicts.c.agreement_id == agreement_id).order_by(_verdicts.c.verdict_id)
    wanted = frozenset(marks)
    return [KeptVerdict(*row) for row in connection.execute(query) if row.row_mark in wanted]
