"""Tell people when something needs them: by a program of the county's own choosing, by mail, or by the system's log.

- What is told is code, agreement, list, state, count and the next command. It never holds a person, and never free
  text of ours or a partner's (law L8).
- Each alert is raised once a London day while its cause lasts; that a key ends or a complaint waits, once at each step.
  It stands in the ledger before the program is called, so that an alert that nobody received can be proved to have been
  raised.
- A program that fails, hangs or is missing is recorded and never stops the night. It is called again after a pause
  with one alert that counts what it missed.
- Every morning one message says how the night was. Its absence means trouble, whoever is to blame.

What deserves an alert is pure (`alerts_of`); raising and sending are not.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from gateway.errors import GatewayError
from gateway.ledger.entries import read_entry
from gateway.ledger.events import Event
from gateway.model.delivery import RESTORED, ListState
from gateway.model.officers import Action
from gateway.model.time import LONDON, as_text, london_day
from gateway.services.delivery.next_steps import ERRORS, NOTHING_TO_SEND
from gateway.services.planning.heartbeat import is_time_to, remember
from gateway.services.planning.night_plan import NightPlan, PlannedList, Progress
from gateway.services.workplace import Workplace
from gateway.store.night import beats, entries_of

#: Takes the alert's bytes, and answers with the code of its failure, or None.
Hook = Callable[[bytes], str | None]
#: What it is told.
Told = Mapping[str, str | int]

MORNING = "morning-message"
UNDELIVERED = "alerts-undelivered"
TEST = "test-alert"
#: Longer than the longest step, of a key or of a complaint; a key that was left to end is told of again after as long.
STEP_LASTS = timedelta(days=70)
#: The program is given a rest of this long after it failed.
HOOK_PAUSE = timedelta(minutes=10)
_HOOK_WORKED, _HOOK_FAILED = "alert-hook", "alert-hook-failed"
_STATUS = "gateway disclose status"


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that needs a person. `next` is the command that begins to mend it."""

    code: str
    next: str
    agreement: str | None = None
    list_reference: str | None = None
    state: str | None = None
    count: int | None = None
    owner: str | None = None
    key: str | None = None
    step: int | None = None
    complaint: str | None = None

    def as_data(self, at: datetime) -> Told:
        """Return what the program is told; what does not apply is left out."""
        named = {
            "code": self.code,
            "agreement": self.agreement,
            "list": self.list_reference,
            "state": self.state,
            "count": self.count,
            "owner": self.owner,
            "key": self.key,
            "step": self.step,
            "complaint": self.complaint,
            "next": self.next,
            "at": as_text(at),
        }
        return {name: value for name, value in named.items() if value is not None}


def alerts_of(plan: NightPlan | None, failures: Iterable[tuple[str, str]] = ()) -> tuple[Alert, ...]:
    """Return what needs a person: steps that failed, lists that wait or are late, agreements that may not run.

    `failures` pairs the name of a step with a code; an agreement's step is `run:` and the agreement. Without a plan
    there is nothing else to tell.
    """
    failed = tuple(_of_failure(step, code) for step, code in dict.fromkeys(failures))
    if plan is None:
        return failed
    return (
        *failed,
        *(_of_list(item) for item in plan.lists if _is_told_alone(item) or _is_lost(item, plan)),
        *(Alert(item.reason.code, _command_in(item.reason.way_out), item.agreement_id) for item in plan.blocked),
        *_of_sources(plan.of(Progress.BLOCKED)),
        *_of_restored(plan.of(Progress.WAITING)),
        *(Alert(code, "gateway doctor") for code in plan.warnings),
    )


def morning_message(plan: NightPlan) -> dict[str, int]:
    """Return how many lists of the last day stand how."""
    since = plan.at - timedelta(days=1)
    recent = [item for item in plan.lists if item.due_at >= since]
    return {
        "delivered": sum(item.state in _DELIVERED for item in recent),
        "under_way": sum(item.progress is Progress.UNDER_WAY for item in recent),
        "not_run": sum(item.progress in {Progress.DUE, Progress.BLOCKED, Progress.MISSED} for item in recent),
        "late": sum(item.late for item in recent),
        "waiting": sum(item.progress is Progress.WAITING for item in plan.lists),
        "blocked": len(plan.blocked),
    }


def raise_alerts(workplace: Workplace, alerts: Sequence[Alert], hook: Hook | None) -> int:
    """Raise every alert that was not raised today, and return how many.

    Where the ledger cannot take them people hear of it all the same: the program is called, and the error raised.
    """
    workplace.actor.require(Action.RUN)
    now = workplace.clock.now()
    try:
        new = _new_among(alerts, [*_raised_on_day_of(workplace, now), *_raised_at_steps(workplace, now, alerts)])
        _enter(workplace, new)
    except GatewayError:
        _cry(hook, [alert.as_data(now) for alert in alerts])
        raise
    _send(workplace, [alert.as_data(now) for alert in new], hook)
    return len(new)


def send_test_alert(workplace: Workplace, hook: Hook) -> str | None:
    """Enter and send an alert that means nothing, as every other is; return the code of what failed, or None."""
    workplace.actor.require(Action.RUN)
    alert = Alert(TEST, "gateway doctor --send-test")
    _enter(workplace, [alert])
    return hook(_bytes_of(alert.as_data(workplace.clock.now())))


def raise_morning_message(
    workplace: Workplace, plan: NightPlan, *, at: time, hook: Hook | None, more: Mapping[str, int] | None = None
) -> bool:
    """Send the morning message, with `more` than counts of lists, if it is time and none went today; say whether."""
    now = workplace.clock.now()
    if now.astimezone(LONDON).time() < at:
        return False
    if any(body["code"] == MORNING for body in _raised_on_day_of(workplace, now)):
        return False
    counts = morning_message(plan)
    alert = Alert(MORNING, _STATUS, count=counts["delivered"])
    _enter(workplace, [alert])
    _send(workplace, [{**alert.as_data(now), **counts, **(more or {})}], hook)
    return True


def _of_failure(step: str, code: str) -> Alert:
    name, _, agreement_id = step.partition(":")
    kind = ERRORS.get(code)
    command = _command_in(kind.way_out) if kind else "gateway doctor"
    return Alert(code, command, agreement_id or None, state=name)


def _of_list(item: PlannedList) -> Alert:
    code = "list-late" if item.late else item.reason or f"list-{item.state or item.progress.value}"
    named = item.reference is not None
    state = item.state or item.progress.value
    return Alert(code, _command_in(item.advice), item.agreement_id, item.reference if named else None, state)


def _of_sources(blocked: Sequence[PlannedList]) -> Iterator[Alert]:
    """Yield one alert for all lists that wait for the same load."""
    waiting = [item for item in blocked if item.reason == "sources-not-loaded"]
    if waiting:
        yield Alert("sources-not-loaded", "gateway sources load", count=len(waiting))


def _is_told_alone(item: PlannedList) -> bool:
    return item.late or (item.progress is Progress.WAITING and item.reason != RESTORED)


def _is_lost(item: PlannedList, plan: NightPlan) -> bool:
    """Say whether the recipient gets nothing for a window, and nothing of a later one has come since."""
    void = item.state == ListState.VOID.value and item.reason != NOTHING_TO_SEND
    return (void or item.progress is Progress.MISSED) and not any(
        later.window > item.window and later.state in _DELIVERED
        for later in plan.lists
        if (later.agreement_id, later.part) == (item.agreement_id, item.part)
    )


def _of_restored(waiting: Sequence[PlannedList]) -> Iterator[Alert]:
    """Yield one alert for all lists that a restored database left in doubt."""
    lists = [item for item in waiting if item.reason == RESTORED and not item.late]
    if lists:
        yield Alert(RESTORED, _STATUS, state=ListState.UNCERTAIN.value, count=len(lists))


_DELIVERED = frozenset(
    {ListState.VERIFIED.value, ListState.RECEIVED.value, ListState.REJECTED.value, ListState.UNCOLLECTED.value}
)


def _command_in(advice: str) -> str:
    """Return the first command that the advice names; what is for people alone leads to the status."""
    quoted = advice.split("`")[1::2]
    return next((words for words in quoted if words.startswith("gateway ")), _STATUS)


def _body_of(alert: Alert) -> Mapping[str, str | int]:
    """Return what the ledger keeps of an alert; counts change through the day and make no new one."""
    named = {
        "code": alert.code,
        "agreement": alert.agreement,
        "list": alert.list_reference,
        "state": alert.state,
        "owner": alert.owner,
        "key": alert.key,
        "step": alert.step,
        "complaint": alert.complaint,
    }
    return {name: value for name, value in named.items() if value is not None}


def _new_among(alerts: Iterable[Alert], raised: Sequence[Mapping[str, object]]) -> list[Alert]:
    """Return the alerts that were not raised, each once."""
    new: list[Alert] = []
    known = list(raised)
    for alert in alerts:
        body = _body_of(alert)
        if body not in known:
            known.append(body)
            new.append(alert)
    return new


def _raised_on_day_of(workplace: Workplace, now: datetime) -> list[Mapping[str, object]]:
    return _raised_since(workplace, datetime.combine(london_day(now), time(), LONDON))


def _raised_at_steps(workplace: Workplace, now: datetime, alerts: Iterable[Alert]) -> list[Mapping[str, object]]:
    """Return what was told at steps; nothing is looked up where nothing has one."""
    if all(alert.step is None for alert in alerts):
        return []
    return [body for body in _raised_since(workplace, now - STEP_LASTS) if "step" in body]


def _raised_since(workplace: Workplace, since: datetime) -> list[Mapping[str, object]]:
    with workplace.store.reading() as connection:
        entries = entries_of(connection, Event.ALERT_RAISED.value, since)
    bodies = [dict(read_entry(content).body) for _, content in entries]
    return [{name: value for name, value in body.items() if name != "count"} for body in bodies]


def _enter(workplace: Workplace, alerts: Sequence[Alert]) -> None:
    """Put alerts into the ledger, all or none."""
    if not alerts:
        return
    with workplace.store.writing(workplace.actor) as work:
        for alert in alerts:
            work.enter(Event.ALERT_RAISED, **_body_of(alert), count=alert.count)
    for alert in alerts:
        workplace.record(
            "alert:raised", agreement=alert.agreement, state=alert.state, code=alert.code, count=alert.count
        )


def _send(workplace: Workplace, told: Sequence[Told], hook: Hook | None) -> None:
    """Call the program with each alert, after what it missed before; nothing is sent while it rests."""
    if hook is None or not is_time_to(workplace, _HOOK_FAILED, HOOK_PAUSE):
        return
    for each in [*_missed(workplace, len(told)), *told]:
        failure = hook(_bytes_of(each))
        remember(workplace, _HOOK_FAILED if failure else _HOOK_WORKED)
        if failure:
            workplace.record("alert:hook-failed", code=failure)
            return


def _cry(hook: Hook | None, told: Sequence[Told]) -> None:
    """Call the program whatever state the database is in."""
    if hook is not None:
        for each in told:
            hook(_bytes_of(each))


def _missed(workplace: Workplace, new: int) -> list[Told]:
    """Return one alert that counts what the program missed since it last worked, if it failed since."""
    now = workplace.clock.now()
    with workplace.store.reading() as connection:
        known = beats(connection)
        failed, worked = known.get(_HOOK_FAILED), known.get(_HOOK_WORKED)
        if failed is None or (worked is not None and worked > failed):
            return []
        missed = len(entries_of(connection, Event.ALERT_RAISED.value, worked or failed)) - new
    return [Alert(UNDELIVERED, _STATUS, count=max(missed, 1)).as_data(now)]


def _bytes_of(told: Told) -> bytes:
    return json.dumps(told, sort_keys=True).encode() + b"\n"
