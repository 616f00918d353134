"""Plan the night: what is due, what is done, what is in the way and what is late, from the ledger of runs alone.

- What is due is decided from the agreements' windows and the lists that the database holds, never from what this
  process remembers: a restart, a second host or a restored clock changes nothing (law L4).
- A window is done when each of its parts has a list that is past `planned`. One that was interrupted before is due
  again; one that an agreement does not catch up is `missed` and said so.
- A list is delivered by itself until its deadline, with longer and longer pauses after each failed try; then it is
  late, and a person decides.
- An agreement in the mode `match_first` has no windows of its own: what is due is to answer each list that came in.
- Nothing runs from extracts older than the night's own load.
- A clock behind the ledger's last entry stops the planner (law L9).

`plan` is pure; `plan_night` reads. Which agreements there are, and what is in their way, is schedule.py's.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from gateway.agreements.bank_holidays import Holidays
from gateway.agreements.force import Reason
from gateway.agreements.windows import Window, deliver_until, next_due, window_on, windows_between, windows_due
from gateway.delivery.plan import OPEN
from gateway.errors import ClockBehindLedger, ForgottenReturned, LedgerBehindCheckpoint, StoreElsewhere
from gateway.model.agreement import CatchUp, Mode
from gateway.model.delivery import ListState
from gateway.model.officers import Action
from gateway.model.time import LONDON, as_text, london_day
from gateway.services.delivery.next_steps import (
    AT_REST,
    FOR_A_PERSON,
    SETTLED_FOR_GOOD,
    is_retryable,
    next_step,
    recall_step,
)
from gateway.services.planning.night_plan import (
    BlockedAgreement,
    NextWindow,
    NightPlan,
    PlannedList,
    Progress,
    Scheduled,
)
from gateway.services.planning.schedule import schedule_of
from gateway.services.workplace import Workplace
from gateway.store.claimants import Asking, asking
from gateway.store.night import ListRow, last_entry_at, lists_from, live_leases, loaded_at, partners_enabled_at

#: How far back the plan shows what became of each window, and how far it reads to find the latest of any cadence.
_SHOWN, _READ_BACK = timedelta(days=7), timedelta(days=100)
#: Warned of so long before the list of bank holidays ends.
CALENDAR_NOTICE = timedelta(days=60)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=30)
_LENGTH_OF_DAY = len("2026-11-22")
_BEING_DELIVERED = frozenset({ListState.SEALED, ListState.SENDING, ListState.UPLOADED})
_NOT_SENT = frozenset({Progress.DUE, Progress.BLOCKED, Progress.UNDER_WAY})
#: The reason of a recalled list about which somebody still has to do something.
NOT_TAKEN_BACK = "recall-not-done"
NOT_LOADED = Reason("sources-not-loaded", "tonight's extracts are not loaded", "`gateway sources load`")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the database showed: lists by agreement, leases that are held, and when extracts were last loaded.

    `enabled_at` is when a partner that had been stopped was enabled again, `asking` the lists that came in under
    agreements that answer them.
    """

    lists: Mapping[str, list[ListRow]]
    leases: Collection[str]
    loaded_at: datetime | None
    enabled_at: Mapping[str, datetime] = field(default_factory=dict)
    asking: Mapping[str, Sequence[Asking]] = field(default_factory=dict)


def plan_night(workplace: Workplace, *, load_at: time) -> NightPlan:
    """Read the agreements and the ledger of runs, and plan. Raises ClockBehindLedger, AccessDenied."""
    workplace.actor.require(Action.READ_STATUS)
    now = workplace.clock.now()
    with workplace.store.reading() as connection:
        last = last_entry_at(connection)
        if last is not None and now < last:
            raise ClockBehindLedger(f"the clock says {as_text(now)}, the last entry {as_text(last)}")
        schedule = schedule_of(workplace, connection)
        agreements = _unless_refused(workplace, schedule.agreements)
        ids = [item.agreement.agreement_id for item in agreements]
        firsts = [_first_day(item, now) for item in agreements]
        lists = {each: lists_from(connection, each, first) for each, first in zip(ids, firsts, strict=True)}
        answering = [item.agreement.agreement_id for item in agreements if _answers(item)]
        came_in = {each: asking(connection, each) for each in answering}
        beside = loaded_at(connection), partners_enabled_at(connection)
        seen = Seen(lists, live_leases(connection, now), *beside, came_in)
    made = plan(agreements, seen, now=now, holidays=workplace.holidays, load_at=load_at)
    return replace(made, blocked=made.blocked + schedule.unreadable)


def _unless_refused(workplace: Workplace, agreements: Sequence[Scheduled]) -> list[Scheduled]:
    """Block every agreement where nothing may be written: an older database, or another machine's."""
    try:
        workplace.store.require_newest()
    except (LedgerBehindCheckpoint, StoreElsewhere, ForgottenReturned) as refusal:
        reason = Reason(refusal.code, str(refusal), refusal.advice())
        return [replace(item, blocked=reason) for item in agreements]
    return list(agreements)


def plan(scheduled: Sequence[Scheduled], seen: Seen, *, now: datetime, holidays: Holidays, load_at: time) -> NightPlan:
    """Return the plan."""
    loaded = seen.loaded_at is not None and seen.loaded_at >= night_began(load_at, now)
    lists: list[PlannedList] = []
    for item in scheduled:
        blocked = item.blocked or (None if loaded else NOT_LOADED)
        lists += _Planner(item, seen, now, holidays, blocked).lists()
    by_cadence = [item.agreement for item in scheduled if not _answers(item)]
    upcoming = [(agreement, next_due(agreement.cadence, after=now, holidays=holidays)) for agreement in by_cadence]
    return NightPlan(
        at=now,
        lists=tuple(lists),
        next=tuple(NextWindow(agreement.agreement_id, each.name, each.due_at) for agreement, each in upcoming),
        blocked=tuple(
            BlockedAgreement(item.agreement.agreement_id, item.blocked) for item in scheduled if item.blocked
        ),
        warnings=() if holidays.known_on(london_day(now + CALENDAR_NOTICE)) else ("calendar-ends",),
    )


def night_began(load_at: time, now: datetime) -> datetime:
    """Return the newest instant at which a night's extracts were to be loaded."""
    today = london_day(now)
    begun = datetime.combine(today, load_at, LONDON)
    if begun > now:
        begun = datetime.combine(today - timedelta(days=1), load_at, LONDON)
    return begun.astimezone(now.tzinfo)


def pause_after(tries: int) -> timedelta:
    """Return how long to wait after so many failed tries: a minute, doubled each time, half an hour at most."""
    return min(_FIRST_PAUSE * (1 << min(tries - 1, 10)), _LONGEST_PAUSE)


def _first_day(item: Scheduled, now: datetime) -> date:
    """Return from which window on lists are read: as far back as the agreement may still catch up, or is shown."""
    since = london_day(item.since or now)
    if item.agreement.cadence.catch_up is CatchUp.ALL:
        return min(since, london_day(now) - _SHOWN)
    return london_day(now) - _READ_BACK


def _answers(item: Scheduled) -> bool:
    """Say whether lists are due when others come in, and at no hour."""
    return item.agreement.mode is Mode.MATCH_FIRST


def _left_of_recall(row: ListRow) -> str:
    """Return what is left to do about a recalled list; nothing for any other."""
    if row.state is not ListState.RECALLED:
        return ""
    return recall_step(row.tries.outcome if row.tries else None, answered=row.answered)


class _Planner:
    """Plans one agreement."""

    def __init__(self, item: Scheduled, seen: Seen, now: datetime, holidays: Holidays, blocked: Reason | None) -> None:
        self.item, self.now, self.blocked = item, now, blocked
        self.cadence = item.agreement.cadence
        self.leases, self.enabled_at = seen.leases, seen.enabled_at
        self.rows = {(row.window, row.part): row for row in seen.lists.get(item.agreement.agreement_id, [])}
        self.due: set[str] = set()
        self.windows = {row.window: self._window_of(row) for row in self.rows.values() if self._is_shown(row)}
        self.asking = seen.asking.get(item.agreement.agreement_id, ())
        if _answers(item):
            self._add_asked()
        elif item.since is not None:
            self._add_windows(item.since, holidays)

    def lists(self) -> Iterator[PlannedList]:
        """Yield every list of the agreement that is due, open, or was lately, in the order of windows."""
        for name, window in sorted(self.windows.items()):
            for part in self._parts(name):
                yield self._list(name, window, part)

    def _add_windows(self, since: datetime, holidays: Holidays) -> None:
        """Add the windows that the cadence asks for: those that are due, and recent ones without a list."""
        due = windows_due(self.cadence, since=since, now=self.now, done=self._done(), holidays=holidays)
        self.due = {window.name for window in due}
        today = london_day(self.now)
        recent = windows_between(self.cadence, max(london_day(since), today - _SHOWN), today, holidays)
        passed = [window for window in recent if since <= window.due_at <= self.now]
        self.windows |= {window.name: window for window in [*due, *passed]}

    def _add_asked(self) -> None:
        """Add the windows of lists that came in and are not answered; each is due from when it came."""
        for each in reversed([each for each in self.asking if not self._is_run(each.window, each.part)]):
            on_the_day = window_on(self.cadence, date.fromisoformat(each.window))
            self.windows[each.window] = replace(on_the_day, due_at=each.taken_at)
            self.due.add(each.window)

    def _window_of(self, row: ListRow) -> Window:
        """Return the window of a list; the name of one that replaces another begins with its day too."""
        return window_on(self.cadence, date.fromisoformat(row.window[:_LENGTH_OF_DAY]))

    def _is_shown(self, row: ListRow) -> bool:
        recent = row.window >= (london_day(self.now) - _SHOWN).isoformat()
        # A window that was set free is shown while it can be run, as any other.
        open_ = row.state not in AT_REST | SETTLED_FOR_GOOD | {ListState.PLANNED}
        return recent or open_ or bool(_left_of_recall(row))

    def _done(self) -> set[str]:
        names = {window for window, _ in self.rows}
        return {name for name in names if all(self._is_run(name, part) for part in self._expected(name))}

    def _is_run(self, window: str, part: str) -> bool:
        row = self.rows.get((window, part))
        return row is not None and row.state is not ListState.PLANNED

    def _had(self, window: str) -> list[str]:
        return [part for name, part in self.rows if name == window]

    def _expected(self, window: str) -> list[str]:
        """Return the parts that the agreement asks for, and those that an earlier version of it had."""
        had = self._had(window)
        asked = [each.part for each in self.asking if each.window == window]
        return had + [part for part in (asked if _answers(self.item) else self.item.parts) if part not in had]

    def _parts(self, window: str) -> list[str]:
        """Return the parts to speak of: a window that is over and was run had its parts, whatever is asked today."""
        over = window not in self.due
        return (over and self._had(window)) or self._expected(window)

    def _list(self, name: str, window: Window, part: str) -> PlannedList:
        row = self.rows.get((name, part))
        progress = self._progress(name, row)
        deadline = deliver_until(self.cadence, window.day, (row and row.sealed_at) or window.due_at)
        over = self.now >= deadline
        late = over and progress in _NOT_SENT
        blocked = self.blocked if progress is Progress.BLOCKED else None
        return PlannedList(
            agreement_id=self.item.agreement.agreement_id,
            version=row.version if row else self.item.agreement.version,
            partner=row.partner if row else self.item.agreement.recipient,
            window=name,
            part=part,
            progress=progress,
            due_at=window.due_at,
            deliver_until=deadline,
            late=late,
            state=row.state.value if row else None,
            reason=blocked.code if blocked else self._reason(row),
            since=row.changed_at if row else None,
            reference=row.reference if row else None,
            list_id=row.list_id if row else None,
            people=row.people if row else None,
            deliver_now=self._deliver_now(row, over=over),
            advice=blocked.way_out if blocked else self._advice(progress, row, late=late),
        )

    def _progress(self, window: str, row: ListRow | None) -> Progress:
        if row is None or row.state is ListState.PLANNED:
            if row is not None and row.reference in self.leases:
                return Progress.UNDER_WAY
            if window not in self.due:
                return Progress.MISSED
            return Progress.BLOCKED if self.blocked else Progress.DUE
        if row.state in FOR_A_PERSON or self._is_stuck(row) or _left_of_recall(row):
            return Progress.WAITING
        return Progress.UNDER_WAY if row.state in _BEING_DELIVERED else Progress.DONE

    def _deliver_now(self, row: ListRow | None, *, over: bool) -> bool:
        """Say whether to try now: in time, nothing in the way, and the pause after the last try is over."""
        if row is None or row.state not in OPEN or row.sealed_at is None or over or self.item.blocked:
            return False
        if row.tries is None:
            return True
        rested = self.now >= row.tries.ended_at + pause_after(row.tries.count)
        return rested and not self._is_stuck(row)

    def _is_stuck(self, row: ListRow) -> bool:
        """Say whether the last try failed so that no repetition mends it, and nobody enabled the partner since."""
        if row.tries is None or row.state not in OPEN or is_retryable(row.tries.outcome):
            return False
        enabled_at = self.enabled_at.get(row.partner)
        return enabled_at is None or enabled_at < row.tries.ended_at

    def _reason(self, row: ListRow | None) -> str | None:
        if row is not None and _left_of_recall(row):
            return NOT_TAKEN_BACK
        if row is None or row.tries is None or not self._is_stuck(row):
            return row.reason if row else None
        return row.tries.outcome

    def _advice(self, progress: Progress, row: ListRow | None, *, late: bool) -> str:
        if progress is Progress.MISSED:
            return "It was not run in time, and the agreement does not catch it up"
        if row is None:
            return next_step(ListState.PLANNED)
        if self.item.blocked and row.state in _BEING_DELIVERED and not self._is_stuck(row):
            return self.item.blocked.way_out
        if late and row.state in _BEING_DELIVERED:
            return f"Its delivery time is over: `gateway deliver resume {row.reference}` sends it all the same"
        if left := _left_of_recall(row):
            return left.replace("disclose recall", f"disclose recall {row.reference}")
        if self._is_stuck(row):
            return next_step(ListState.FAILED, self._reason(row))
        return _failing(row) + next_step(row.state, row.reason)


def _failing(row: ListRow) -> str:
    """Return how the last try failed, of a list that is tried again: for an hour it looks as if all were well."""
    if row.tries is None or row.state not in _BEING_DELIVERED:
        return ""
    return f"{row.tries.count} tries failed, the last at {as_text(row.tries.ended_at)} with {row.tries.outcome}. "
