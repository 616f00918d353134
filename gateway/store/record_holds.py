"""Edge: holds on records: what keeps a list, or everything about a person, beyond its term while a case needs it.

A hold on records keeps nobody off a list; that is a hold on a person (services/subjects/hold_subjects.py). Each change
carries its entry (law L10).
"""

from dataclasses import dataclass

from sqlalchemy import Connection, Row, Select, insert, select, update

from gateway.ledger.events import Event
from gateway.model.retention import HoldState
from gateway.store.tables import ledger, record_holds
from gateway.store.work import Work


@dataclass(frozen=True, slots=True)
class RecordHold:
    """A hold on the list `list_reference`, or on what is kept about `subject_ref`."""

    reference: str
    list_reference: str | None
    subject_ref: str | None
    case_reference: str
    held_by: str
    held_at: str
    state: HoldState

    def said(self) -> dict[str, object]:
        """Return what an entry says of it."""
        said = {
            "hold": self.reference,
            "case": self.case_reference,
            "held_by": self.held_by,
            "held_at": self.held_at,
            "list": self.list_reference,
            "subject": self.subject_ref,
        }
        return {name: value for name, value in said.items() if value is not None}


def keep_record_hold(work: Work, hold: RecordHold) -> None:
    """Keep a new hold with its entry."""
    values = {name: getattr(hold, name) for name in hold.__slots__} | {"state": hold.state.value}
    position = work.enter(Event.RECORDS_HELD, **hold.said())
    work.connection.execute(insert(record_holds).values(**values, explained_by=position))


def let_go_of(work: Work, hold: RecordHold, case: str) -> None:
    """End a hold with its entry; `case` is where that was decided."""
    position = work.enter(Event.RECORDS_LET_GO, **hold.said(), decided=case)
    this = update(record_holds).where(record_holds.c.reference == hold.reference)
    work.connection.execute(this.values(state=HoldState.LET_GO.value, explained_by=position))


def record_hold_named(connection: Connection, reference: str) -> RecordHold | None:
    """Return the hold with a reference, if there is one."""
    row = connection.execute(_holds().where(record_holds.c.reference == reference)).first()
    return _kept(row) if row else None


def record_holds_kept(connection: Connection) -> list[RecordHold]:
    """Return every hold, in the order in which they were placed."""
    entered = _holds().join(ledger, ledger.c.position == record_holds.c.explained_by)
    return [
        _kept(row) for row in connection.execute(entered.order_by(record_holds.c.held_at, record_holds.c.reference))
    ]


def _holds() -> Select[tuple[object, ...]]:
    return select(*(record_holds.c[name] for name in RecordHold.__slots__)).select_from(record_holds)


def _kept(row: Row[tuple[object, ...]]) -> RecordHold:
    values = dict(row._mapping)  # noqa: SLF001 - the public way to a row's names
    return RecordHold(**(values | {"state": HoldState(values["state"])}))
