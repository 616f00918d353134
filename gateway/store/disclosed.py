"""Edge: the people who were disclosed to a recipient: all that a work-coach list is ever answered from (law L11).

Three views of the database (migrations) are named here and no table. Nothing that this module imports can read anybody
else: setup.cfg holds that, and a test that the statements touch nothing but the views.

- `disclosed_people` has each person on each list that went, with what the list told, as far as that is known.
- `handed_over_people` has each person on each list that two people attest to have handed over another way. Such a list
  names no office: whose its people were is read from the snapshot of its day, and is not known of everybody.
- What a list made now would tell of such a person is handed in (`services/reconciliation/today.py`), and is looked up
  for people of the views alone.
- `disclosed_verdicts` has what officers decided about such people, and about nobody else.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import (
    UUID,
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Date,
    Integer,
    LargeBinary,
    Row,
    String,
    and_,
    column,
    func,
    select,
    table,
)

from gateway.model.fields import TAKEN_BACK

#: As tables.py has it, which nothing here may import.
_Reference = String(36).with_variant(UUID(as_uuid=False), "postgresql")
#: The part of an agreement whose lists are not split.
_WHOLE = "all"
#: So many people of a list are asked for by name; of more, the list is read whole.
_FEW = 300
#: So many rows are taken from the driver at once: one at a time takes longer than to read them.
_AT_ONCE = 5000
#: All that may be read on the way from a work-coach list to its answer.
VIEWS = frozenset({"disclosed_people", "handed_over_people", "disclosed_verdicts"})

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
)
_by_hand = table(
    "handed_over_people",
    column("agreement_id", String),
    column("office", String),
    column("list_reference", String),
    column("handed_over_on", Date),
    column("position", Integer),
    column("subject_ref", _Reference),
    column("fields", Integer),
    column("secret", LargeBinary),
    column("surname", String),
    column("forename", String),
    column("date_of_birth", Date),
    column("nino", String),
    column("postcode", String),
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


class TodayLine(NamedTuple):
    """What a list made now would tell of somebody; `told` is what the newest list told, where that is known."""

    line: bytes
    told: bytes | None

    def __repr__(self) -> str:
        """Show nothing of anybody (law L8)."""
        return "TodayLine()"


NO_LINES: Mapping[str, TodayLine] = MappingProxyType({})


class DisclosedRow(NamedTuple):
    """A person on the newest list that had them, as a view has it.

    `list_id` is nought for a list that was handed over another way. The details of the snapshot are there where
    nothing else says what was told.
    """

    list_id: int
    list_reference: str
    list_window: str
    position: int
    subject_ref: str
    fields: int
    line_sealed: bytes | None
    secret: bytes | None
    surname: str | None
    forename: str | None
    date_of_birth: date | None
    nino: str | None
    postcode: str | None
    today: bytes | None = None
    told: bytes | None = None

    def __repr__(self) -> str:
        """Say who it is, and nothing of them (law L8)."""
        return f"DisclosedRow({self.subject_ref!r})"


#: What a row of either view has, and what only the first one has.
_DETAILS = ("surname", "forename", "date_of_birth", "nino", "postcode")
_OF_LISTS = ("list_id", "list_reference", "list_window", "position", "subject_ref", "fields", "line_sealed", "secret")
_NO_DETAILS = (None, None, None, None, None)
_SUBJECT = _OF_LISTS.index("subject_ref")
_UNKNOWN: tuple[None, None] = (None, None)


@dataclass(frozen=True, slots=True)
class KeptVerdict:
    """What an officer said of a claimant and a person; the marks are keyed hashes."""

    row_mark: bytes
    evidence_mark: bytes
    subject_ref: str
    verdict: str
    takes_two: bool
    decided_by: str


def disclosed_people(
    connection: Connection, agreement_id: str, part: str, today: Mapping[str, TodayLine] = NO_LINES
) -> list[DisclosedRow]:
    """Return everybody on a list of this part of the agreement, each from the newest list that had them."""
    found = {row.subject_ref: row for row in _handed_over(connection, agreement_id, part, today)}
    # Their list says more of them: nobody scanned what was handed over.
    found |= {row.subject_ref: row for row in _listed(connection, agreement_id, part, today)}
    return [found[ref] for ref in sorted(found)]


def _listed(
    connection: Connection, agreement_id: str, part: str, today: Mapping[str, TodayLine]
) -> Iterator[DisclosedRow]:
    # A row that takes somebody back tells nothing of them: what is read is what was told before (law L11).
    tells = _people.c.fields != TAKEN_BACK
    of_part = and_(_people.c.agreement_id == agreement_id, _people.c.part == part, tells)
    last = select(_people.c.subject_ref, func.max(_people.c.list_id)).where(of_part).group_by(_people.c.subject_ref)
    on_list: defaultdict[tuple[int, bool], set[str]] = defaultdict(set)
    for subject_ref, list_id in connection.execute(last):
        on_list[list_id, today.get(subject_ref, _UNKNOWN)[1] is not None].add(subject_ref)
    # List by list: both at once took databases twenty seconds where this takes a tenth of one.
    for (list_id, is_known), refs in on_list.items():
        for row in _on_list(connection, and_(of_part, _people.c.list_id == list_id), refs, is_known):
            details = _NO_DETAILS if is_known else ()
            yield DisclosedRow._make((*row, *details, *today.get(row[_SUBJECT], _UNKNOWN)))


def _on_list(connection: Connection, on_it: ColumnElement[bool], refs: set[str], is_known: bool) -> Iterator[Row[Any]]:  # noqa: FBT001
    """Yield these people of a list; where it is known what was told, their details are not looked up again."""
    names = _OF_LISTS if is_known else (*_OF_LISTS, *_DETAILS)
    query = select(*(_people.c[name] for name in names)).where(on_it)
    few = len(refs) <= _FEW
    found = connection.execute(query.where(_people.c.subject_ref.in_(refs)) if few else query)
    return (row for rows in found.partitions(_AT_ONCE) for row in rows if row[_SUBJECT] in refs)


def _handed_over(
    connection: Connection, agreement_id: str, part: str, today: Mapping[str, TodayLine]
) -> Iterator[DisclosedRow]:
    """Yield the people of lists that were handed over, the newest last: of this part then, or by what is known now."""
    query = select(_by_hand).where(_by_hand.c.agreement_id == agreement_id)
    for row in connection.execute(query.order_by(_by_hand.c.handed_over_on, _by_hand.c.list_reference)):
        if part in {_WHOLE, row.office} or row.subject_ref in today:
            yield DisclosedRow(
                0,
                row.list_reference,
                row.handed_over_on.isoformat(),
                row.position,
                row.subject_ref,
                row.fields,
                None,
                row.secret,
                *(row._mapping[name] for name in _DETAILS),  # noqa: SLF001 - the public way to a row's names
                *today.get(row.subject_ref, _UNKNOWN),
            )


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
