"""Run what is due: for each agreement and window, ask the policy, then make the list of each part.

- Snapshot, approvals and registers are read once for all that is due; what is entered since is heeded by each list
  (make_list.py).
- On PostgreSQL several lists are made at once, as many as the settings say, each over connections and in a transaction
  of its own. Those of one part of one agreement follow each other, because each is compared with the one before. On
  SQLite one is made after another.
- One agreement that may not run, is withheld or fails changes nothing for the others: a refusal is an answer here, not
  the end of the night. What is wrong for every list alike (no snapshot, a stale one, one after which a load was
  refused, a clock behind the ledger, a damaged ledger) ends the run. A database that another writer holds is waited
  for once in a run: the lists after that are refused at once, and tried again when the run is.

Who asks for a window is not believed: it must be due or to be caught up by the agreement's own cadence. On a day to
come children would be of age, and the window's own list would then never be made.
"""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

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
from gateway.services.delivery.sessions_ahead import SessionsAhead
from gateway.services.disclosure.asked_rows import parts_asked
from gateway.services.disclosure.list_decisions import ListTerms, parts_of
from gateway.services.disclosure.list_making import ListMade
from gateway.services.disclosure.make_list import Again, Footing, make_list
from gateway.services.disclosure.side_by_side import side_by_side
from gateway.services.workplace import Workplace
from gateway.store.night import approved_at, log_size
from gateway.store.snapshots import SnapshotFacts, newest_snapshot
from gateway.store.tables import ledger, snapshots


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
Due = tuple[str, date]
#: Wrong for every list alike, and nothing that a refusal of one list would tell.
_ENDS_THE_RUN = (LedgerDamaged, ClockBehindLedger)


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of one agreement's window, of all its parts; `error` is what broke it where it was not refused."""

    agreement_id: str
    day: date
    ran: tuple[Ran, ...]
    error: Exception | None

    def answer(self) -> list[Ran]:
        """Return what became of each part. Raises the error."""
        if self.error is not None:
            raise self.error
        return list(self.ran)


def run_disclosures(workplace: Workplace, due: Collection[Due], *, ahead: SessionsAhead | None = None) -> list[Ran]:
    """Make every list of the agreements and windows given, and answer in their order.

    Raises SnapshotMissing when there is nothing to decide from, LedgerDamaged and ClockBehindLedger.
    """
    return [ran for ended in run_each(workplace, due, ahead=ahead) for ran in ended.answer()]


def run_each(
    workplace: Workplace,
    due: Collection[Due],
    stopping: Callable[[], bool] = lambda: False,
    *,
    ahead: SessionsAhead | None = None,
) -> list[Ended]:
    """Do the same, and answer with what broke a window rather than raise it.

    Once `stopping` says so no other list is begun, and a window that is not whole then is left out. With `ahead` the
    partners of the lists are reached while they are made. Raises SnapshotMissing, and what keeps anything from being
    written.
    """
    workplace.actor.require(Action.RUN)
    workplace.store.require_newest()
    windows = [_Window(workplace, agreement_id, day) for agreement_id, day in dict.fromkeys(due)]
    if windows:
        with workplace.store.reading() as connection:
            # In this order: what is entered while the rest is read lies behind.
            since, snapshot = log_size(connection), current_snapshot(workplace, connection)
            require_last_load(connection)
            for window in windows:
                window.read(connection, snapshot, since)
        if ahead is not None and not stopping():
            ahead.reach(workplace, {partner for window in windows for partner in window.partners()})
        _make_all(workplace, windows, stopping)
    return [window.ended() for window in windows if window.is_whole()]


class _Window:
    """One agreement's window in a run."""

    def __init__(self, workplace: Workplace, agreement_id: str, day: date) -> None:
        self._workplace = workplace
        self.agreement_id, self._day = agreement_id, day
        self._refused: Refused | Exception | None = None
        self.footings: dict[str, Footing] = {}
        self.answers: dict[str, Ran | Exception] = {}

    def read(self, connection: Connection, snapshot: SnapshotFacts, since: int) -> None:
        """Read what the lists are made on."""
        self._workplace.record("disclosure:begun", agreement=self.agreement_id, window=self._day.isoformat(), part=None)
        try:
            standing, parts = self._standing(connection, snapshot)
        except GatewayError as error:
            self._refused = self._refusal(None, error)
            return
        except SQLAlchemyError:
            # A database that is gone keeps every window, and the store says so.
            raise
        except Exception as error:  # noqa: BLE001 - what breaks one window keeps none of the others
            self._refused = error
            return
        self.footings = {part: self._footing(standing, snapshot, part, since) for part in parts}

    def make(self, run: "_Run", part: str) -> None:
        """Make the list of a part."""
        try:
            self.answers[part] = run.make(self.footings[part], partial(self._again, part))
        except _ENDS_THE_RUN as error:
            self.answers[part] = error
        except GatewayError as error:
            self.answers[part] = self._refusal(part, error)
        except Exception as error:  # noqa: BLE001 - what breaks one list keeps none of the others
            self.answers[part] = error

    def partners(self) -> set[str]:
        """Return for whom lists are made: nobody where the window may not be run, or has no part."""
        return {footing.standing.partner.name for footing in self.footings.values()}

    def is_whole(self) -> bool:
        """Say whether each part has its answer."""
        return self.answers.keys() == self.footings.keys()

    def ended(self) -> Ended:
        """Return what became of the window."""
        answers = [self.answers[part] for part in self.footings]
        found = answers if self._refused is None else [self._refused]
        error = next((each for each in found if isinstance(each, Exception)), None)
        ran = tuple(each for each in found if not isinstance(each, Exception))
        return Ended(self.agreement_id, self._day, ran, error)

    def _again(self, part: str, connection: Connection) -> Footing:
        """Read what the list of a part is made on once more, in its own transaction."""
        since, snapshot = log_size(connection), current_snapshot(self._workplace, connection)
        require_last_load(connection)
        standing, parts = self._standing(connection, snapshot)
        if part not in parts:
            raise DisclosureRefused(
                "the snapshot that was loaded meanwhile has no such part", advice="`gateway disclose due`"
            )
        return self._footing(standing, snapshot, part, since)

    def _standing(self, connection: Connection, snapshot: SnapshotFacts) -> tuple[Standing, tuple[str, ...]]:
        """Return how the agreement stands, and the window's parts. Raises where it may not be run."""
        standing = approved_statement(self._workplace, connection, self.agreement_id)
        parts = _parts_due(self._workplace, connection, standing, snapshot, self._day)
        require_loaded_as_approved(connection, standing, snapshot)
        return standing, parts

    def _footing(self, standing: Standing, snapshot: SnapshotFacts, part: str, since: int) -> Footing:
        return Footing(standing, ListTerms(standing.agreement, standing.framework, snapshot, self._day, part), since)

    def _refusal(self, part: str | None, error: GatewayError) -> Refused:
        window = self._day.isoformat()
        self._workplace.record("disclosure:refused", agreement=self.agreement_id, window=window, code=error.code)
        return Refused(self.agreement_id, window, part, error.code, str(error), error.advice())


class _Run:
    """One run, as its lists know of it."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        #: What is in the way of every list that is not begun yet.
        self._in_the_way: GatewayError | None = None

    def make(self, footing: Footing, again: Again) -> ListMade:
        """Make a list. Raises what is in the way of every list, without waiting for another writer again."""
        if self._in_the_way is not None:
            raise self._in_the_way
        try:
            return make_list(self._workplace, footing, again)
        except (StoreBusy, *_ENDS_THE_RUN) as error:
            self._in_the_way = error
            raise


def _make_all(workplace: Workplace, windows: Sequence[_Window], stopping: Callable[[], bool]) -> None:
    """Make the lists of all windows, those of one agreement's part in the order of windows."""
    run, chains = _Run(workplace), dict[tuple[str, str], list[Callable[[], None]]]()
    for window in windows:
        for part in window.footings:
            chains.setdefault((window.agreement_id, part), []).append(partial(window.make, run, part))
    at_once = workplace.lists_at_once if workplace.store.lets_several_prepare else 1
    side_by_side(list(chains.values()), at_once, stopping)


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
