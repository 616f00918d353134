"""Run what is due: for each agreement and window, ask the policy, then make the list of each part.

One agreement that may not run, is withheld or fails changes nothing for the others: each list is a transaction of its
own, and a refusal is an answer here, not the end of the night. What is refused for every agreement alike (no snapshot,
a stale one, one after which a load was refused, a clock behind the ledger) ends the run. A database that another writer
holds is waited for once in a run: the lists after that are refused at once, and tried again when the run is.

Who asks for a window is not believed: it must be due or to be caught up by the agreement's own cadence. On a day to
come children would be of age, and the window's own list would then never be made.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from gateway.agreements.windows import windows_due
from gateway.errors import (
    AgreementNotInForce,
    ClockBehindLedger,
    DisclosureRefused,
    GatewayError,
    LedgerDamaged,
    SnapshotMissing,
    StoreBusy,
)
from gateway.ledger.events import Event
from gateway.model.agreement import Mode
from gateway.model.officers import Action
from gateway.services.agreements.agreement_standing import Standing, approved_statement
from gateway.services.disclosure.asked_rows import parts_asked
from gateway.services.disclosure.list_decisions import ListTerms, parts_of
from gateway.services.disclosure.seal_list import ListMade, make_list
from gateway.services.workplace import Workplace
from gateway.store.night import approved_at
from gateway.store.snapshots import SnapshotFacts, newest_snapshot
from gateway.store.tables import ledger, snapshots


@dataclass(slots=True)
class _Turn:
    """Whether another writer kept its place for as long as this run waited."""

    held: StoreBusy | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """An agreement's window, or one part of it, that was not run, and why."""

    agreement_id: str
    window: str
    part: str | None
    code: str
    sentence: str
    way_out: str


Ran = ListMade | Refused
#: Wrong for every list alike, and nothing that a refusal of one list would tell.
_ENDS_THE_RUN = (LedgerDamaged, ClockBehindLedger)


def run_disclosures(workplace: Workplace, due: Collection[tuple[str, date]]) -> list[Ran]:
    """Make every list of the agreements and windows given, in their order.

    Raises SnapshotMissing when there is nothing to decide from, LedgerDamaged and ClockBehindLedger.
    """
    workplace.actor.require(Action.RUN)
    workplace.store.require_newest()
    turn = _Turn()
    return [ran for agreement_id, day in due for ran in _run_agreement(workplace, agreement_id, day, turn)]


def current_snapshot(workplace: Workplace, connection: Connection) -> SnapshotFacts:
    """Return the newest snapshot. Raises SnapshotMissing when there is none, or it is not of this night.

    Yesterday's is of this night as long as the night is not over: a run may begin before midnight and end after.
    """
    snapshot = newest_snapshot(connection)
    if snapshot is None:
        raise SnapshotMissing("there is no snapshot to decide from")
    age = (workplace.clock.today() - snapshot.as_at_on).days
    if age > 1:
        raise SnapshotMissing(f"the newest snapshot is of {snapshot.as_at_on}, {age} days old: nothing runs from it")
    return snapshot


def _run_agreement(workplace: Workplace, agreement_id: str, day: date, turn: _Turn) -> Iterator[Ran]:
    workplace.record("disclosure:begun", agreement=agreement_id, window=day.isoformat(), part=None)
    with workplace.store.reading() as connection:
        snapshot = current_snapshot(workplace, connection)
        require_last_load(connection)
        try:
            standing = approved_statement(workplace, connection, agreement_id)
            parts = _parts_due(workplace, connection, standing, snapshot, day)
            require_loaded_as_approved(connection, standing, snapshot)
        except GatewayError as error:
            yield _refused(workplace, agreement_id, day, None, error)
            return
    for part in parts:
        terms = ListTerms(standing.agreement, standing.framework, snapshot, day, part)
        try:
            yield _in_turn(workplace, standing, terms, turn)
        except _ENDS_THE_RUN:
            raise
        except GatewayError as error:
            yield _refused(workplace, agreement_id, day, part, error)


def _in_turn(workplace: Workplace, standing: Standing, terms: ListTerms, turn: _Turn) -> ListMade:
    """Make a list. Raises StoreBusy without waiting again where this run has waited in vain."""
    if turn.held is not None:
        raise turn.held
    try:
        return make_list(workplace, standing, terms)
    except StoreBusy as held:
        turn.held = held
        raise


def require_last_load(connection: Connection) -> None:
    """Raise where a load was refused since: what it refused may have protected somebody (law L3)."""
    loads = ledger.c.event.in_([Event.SOURCES_LOADED.value, Event.SOURCES_REFUSED.value])
    last = connection.execute(select(ledger.c.event).where(loads).order_by(ledger.c.position.desc()).limit(1)).scalar()
    if last == Event.SOURCES_REFUSED.value:
        raise SnapshotMissing("the last load was refused", advice="`gateway sources status` says why; mend it, load.")


def _parts_due(
    workplace: Workplace, connection: Connection, standing: Standing, snapshot: SnapshotFacts, day: date
) -> tuple[str, ...]:
    """Return the parts of a window that is due. Raises DisclosureRefused for one that is not."""
    if standing.agreement.mode is Mode.MATCH_FIRST:
        return parts_asked(connection, standing.agreement.agreement_id, day)
    _require_due(workplace, connection, standing, day)
    return parts_of(connection, standing.agreement, snapshot)


def _require_due(workplace: Workplace, connection: Connection, standing: Standing, day: date) -> None:
    since, now = approved_at(connection, standing.statement.statement_hash), workplace.clock.now()
    cadence, holidays = standing.agreement.cadence, workplace.holidays
    due = windows_due(cadence, since=since, now=now, done=(), holidays=holidays) if since else []
    if day not in {window.day for window in due}:
        raise DisclosureRefused(
            f"{day} is no window that is due or to be caught up", advice="`gateway disclose due` says what is due."
        )


def require_loaded_as_approved(connection: Connection, standing: Standing, snapshot: SnapshotFacts) -> None:
    """Raise unless the snapshot was loaded under the mappings and the register that the approved statement binds.

    One that was changed for a load and then put back would otherwise never be seen by an approver.
    """
    query = (
        select(ledger.c.body)
        .join(snapshots, snapshots.c.explained_by == ledger.c.position)
        .where(snapshots.c.snapshot_id == snapshot.snapshot_id)
    )
    loaded = json.loads(connection.execute(query).scalar_one())["body"]
    bound = json.loads(standing.statement.body)
    for name, title in (("mappings", "source mappings"), ("jobcentres", "a register of Jobcentres")):
        if loaded.get(name) != bound[name]:
            raise AgreementNotInForce(
                f"the snapshot was loaded under {title} other than approved",
                advice="`gateway sources load` under what is approved, then run again.",
            )


def _refused(workplace: Workplace, agreement_id: str, day: date, part: str | None, error: GatewayError) -> Refused:
    workplace.record("disclosure:refused", agreement=agreement_id, window=day.isoformat(), code=error.code)
    return Refused(agreement_id, day.isoformat(), part, error.code, str(error), error.advice())
