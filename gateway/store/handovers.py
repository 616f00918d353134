"""Edge: lists that were handed over another way, with the people on them; the only place that moves one.

- A record is moved along `model.handover.MOVES_OF_HANDOVER` or not at all, and each move names its entry (law L10).
- Who stands on it is written once, with it, and never changed (law L7): another record corrects it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Connection, Row, insert, select, update

from gateway.errors import MoveNotAllowed
from gateway.ledger.entries import Event, read_entry
from gateway.model.handover import MOVES_OF_HANDOVER, HandoverState
from gateway.store.streams import stream
from gateway.store.tables import handover_people, handovers, ledger
from gateway.store.work import Work


@dataclass(frozen=True, slots=True)
class Handover:
    """What two people say of a list; `people` stood on it, `identified` of them are known by an identifier."""

    handover_id: int
    reference: str
    agreement_id: str
    partner: str
    handed_over_on: date
    manner: str
    people: int
    identified: int
    fields: int
    root: bytes
    case_reference: str
    state: HandoverState
    explained_by: int


class HandoverRow(NamedTuple):
    """One person on a list that was handed over another way."""

    handover_id: int
    position: int
    subject_ref: str
    leaf: bytes


def keep_handover(work: Work, rows: Sequence[tuple[str, bytes]], *, explained_by: int, **columns: object) -> int:
    """Keep a record with who stands on it, as references and leaves in their order; return its id."""
    made = insert(handovers).values(state=HandoverState.ENTERED.value, explained_by=explained_by, **columns)
    handover_id = int(work.connection.execute(made.returning(handovers.c.handover_id)).scalar_one())
    people = [
        {"handover_id": handover_id, "position": position, "subject_ref": subject_ref, "leaf": leaf}
        for position, (subject_ref, leaf) in enumerate(rows, 1)
    ]
    if people:
        work.connection.execute(insert(handover_people), people)
    return handover_id


def move_handover(work: Work, handover: Handover, to: HandoverState, *, explained_by: int) -> None:
    """Move a record. Raises MoveNotAllowed."""
    if to not in MOVES_OF_HANDOVER[handover.state]:
        raise MoveNotAllowed(f"{handover.reference} is {handover.state.value} and cannot become {to.value}")
    this = update(handovers).where(handovers.c.handover_id == handover.handover_id)
    work.connection.execute(this.values(state=to.value, explained_by=explained_by))


def handover_named(connection: Connection, reference: str) -> Handover | None:
    """Return the record with a reference, if there is one."""
    row = connection.execute(select(handovers).where(handovers.c.reference == reference)).first()
    return _kept(row) if row else None


def all_handovers(connection: Connection) -> list[Handover]:
    """Return every record, in the order in which they were entered."""
    return [_kept(row) for row in connection.execute(select(handovers).order_by(handovers.c.handover_id))]


def references_of_handovers(connection: Connection) -> dict[int, str]:
    """Return the reference of each record by its id."""
    rows = connection.execute(select(handovers.c.handover_id, handovers.c.reference)).all()
    return {row.handover_id: row.reference for row in rows}


def handovers_of(connection: Connection, subject_refs: Collection[str]) -> list[Handover]:
    """Return the records that count and on which any of the subjects stands, oldest first."""
    stands_on = select(handover_people.c.handover_id).where(handover_people.c.subject_ref.in_(list(subject_refs)))
    query = (
        select(handovers)
        .where(handovers.c.handover_id.in_(stands_on), handovers.c.state == HandoverState.ATTESTED.value)
        .order_by(handovers.c.handed_over_on, handovers.c.handover_id)
    )
    return [_kept(row) for row in connection.execute(query)]


def people_of(connection: Connection, handover_id: int) -> list[str]:
    """Return who stands on a record, in their order."""
    query = select(handover_people.c.subject_ref).where(handover_people.c.handover_id == handover_id)
    return list(connection.execute(query.order_by(handover_people.c.position)).scalars())


def who_entered(connection: Connection, handover: Handover) -> str | None:
    """Return the account that entered a record, whoever settled it since."""
    entered = select(ledger.c.actor, ledger.c.body).where(ledger.c.event == Event.HANDOVER_ENTERED.value)
    accounts = (
        row.actor
        for row in connection.execute(entered.order_by(ledger.c.position))
        if read_entry(row.body).body["handover"] == handover.reference
    )
    return next(accounts, None)


def people_by_handover(connection: Connection) -> Iterator[tuple[int, Iterator[HandoverRow]]]:
    """Yield each record's id with its rows in order; take the rows before the next one."""
    names = [handover_people.c[name] for name in HandoverRow._fields]
    rows = stream(connection, select(*names).order_by(handover_people.c.handover_id, handover_people.c.position))
    return ((key, group) for key, group in groupby(map(HandoverRow._make, rows), lambda row: row.handover_id))


def _kept(row: Row[tuple[object, ...]]) -> Handover:
    values = dict(row._mapping)  # noqa: SLF001 - the public way to a row's names
    return Handover(**(values | {"state": HandoverState(values["state"])}))
