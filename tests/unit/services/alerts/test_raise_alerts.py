"""What is told to people: codes, counts and the next command, never a person, once a day, whatever the program does."""

import json
import os
import sys
import time as clock_of_the_machine
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.agreements.force import Reason
from gateway.errors import ClockBehindLedger
from gateway.ledger.entries import read_entry
from gateway.model.delivery import RESTORED, ListState
from gateway.model.keys import KeyFacts
from gateway.services.alerts.alert_hook import CommandHook
from gateway.services.alerts.raise_alerts import (
    HOOK_PAUSE,
    MORNING,
    UNDELIVERED,
    Alert,
    alerts_of,
    morning_message,
    raise_alerts,
    raise_morning_message,
)
from gateway.services.delivery.next_steps import NOTHING_TO_SEND
from gateway.services.night.night_steps import collect_if_due, load_if_due, tell
from gateway.services.night.run_status import run_status
from gateway.services.planning.heartbeat import (
    Pulse,
    enter_started,
    enter_stopped,
    is_time_to,
    live,
    remember,
    service_health,
)
from gateway.services.planning.night_plan import BlockedAgreement, NightPlan, PlannedList, Progress
from gateway.services.workplace import Workplace
from gateway.store.night import entries_of
from tests.bare_workplace import Untouchable, a_bare_workplace

AT = datetime(2026, 11, 22, 23, 10, tzinfo=UTC)
LOAD_AT = time(22)


class Heard(list):
    """A hook that hears: what it was told, and the codes that it is to answer with."""

    def __init__(self) -> None:
        self.answers: list[str | None] = []

    def __call__(self, alert: bytes) -> str | None:
        self.append(json.loads(alert))
        return self.answers.pop(0) if self.answers else None


class NoKeys(Untouchable):
    """A ring without a key that could end."""

    def facts(self) -> list[KeyFacts]:
        return []


@pytest.fixture
def workplace(sqlite_store, clock, everyone, tmp_path: Path) -> Workplace:
    return a_bare_workplace(sqlite_store, clock, everyone, tmp_path, keys=NoKeys())


@pytest.fixture
def heard() -> Heard:
    return Heard()


def a_list(progress=Progress.DONE, state: ListState | None = ListState.VERIFIED, **changes) -> PlannedList:
    values = {
        "agreement_id": "jobcentre-plus",
        "version": 1,
        "partner": "dwp",
        "window": "2026-11-22",
        "part": "all",
        "progress": progress,
        "due_at": AT - timedelta(hours=2),
        "deliver_until": AT + timedelta(hours=2),
        "late": False,
        "state": state.value if state else None,
        "reason": None,
        "since": AT,
        "reference": "LST-1" if state else None,
        "list_id": 1,
        "people": 30,
        "deliver_now": False,
        "advice": "Ask the desk, then `gateway receipts collect`",
    }
    return PlannedList(**(values | changes))


def a_plan(*lists: PlannedList, blocked=(), warnings=()) -> NightPlan:
    return NightPlan(AT, lists, (), blocked, warnings)


def raised(workplace: Workplace) -> list[dict]:
    with workplace.store.reading() as connection:
        entries = entries_of(connection, "alert:raised", datetime(2026, 1, 1, tzinfo=UTC))
    return [dict(read_entry(content).body) for _, content in entries]


# --- what deserves one -----------------------------------------------------------------------------------------------


def test_a_night_in_which_all_went_well_raises_nothing():
    nobody = a_list(state=ListState.VOID, reason=NOTHING_TO_SEND)
    assert alerts_of(a_plan(a_list(), a_list(Progress.UNDER_WAY, ListState.SENDING), nobody)) == ()


@pytest.mark.parametrize(
    ("lost", "code"),
    [
        ({"progress": Progress.MISSED, "state": None}, "list-missed"),
        ({"state": ListState.VOID, "reason": "hold-placed"}, "hold-placed"),
    ],
)
def test_a_window_for_which_the_recipient_gets_nothing_is_told_until_a_later_one_comes(lost, code):
    item, other = a_list(**lost), a_list(part="ely", window="2026-11-23")
    assert [alert.code for alert in alerts_of(a_plan(item, other))] == [code]
    waits = a_list(Progress.UNDER_WAY, ListState.SEALED, window="2026-11-23")
    assert [alert.code for alert in alerts_of(a_plan(item, waits))] == [code]
    assert alerts_of(a_plan(item, a_list(window="2026-11-23"))) == ()


def test_a_list_that_waits_is_told_with_its_reason_and_the_next_command():
    waiting = a_list(Progress.WAITING, ListState.WITHHELD, reason="too_many")
    (alert,) = alerts_of(a_plan(waiting))
    assert alert == Alert("too_many", "gateway receipts collect", "jobcentre-plus", "LST-1", "withheld")


def test_a_list_that_waits_without_a_reason_is_told_by_its_state_and_a_late_one_as_late():
    uncertain = a_list(Progress.WAITING, ListState.UNCERTAIN, advice="Ask the desk by phone")
    late = a_list(Progress.DUE, None, late=True, advice="")
    assert [(alert.code, alert.state, alert.next) for alert in alerts_of(a_plan(uncertain, late))] == [
        ("list-uncertain", "uncertain", "gateway disclose status"),
        ("list-late", "due", "gateway disclose status"),
    ]


def test_lists_that_wait_for_one_load_are_one_alert():
    lists = [a_list(Progress.BLOCKED, None, part=part, reason="sources-not-loaded") for part in ("ely", "march")]
    assert alerts_of(a_plan(*lists)) == (Alert("sources-not-loaded", "gateway sources load", count=2),)


def test_lists_that_a_restored_database_left_in_doubt_are_one_alert():
    doubtful = [a_list(Progress.WAITING, ListState.UNCERTAIN, reason=RESTORED, part=part) for part in ("ely", "march")]
    (alert,) = alerts_of(a_plan(*doubtful))
    assert (alert.code, alert.state, alert.count, alert.next) == (RESTORED, "uncertain", 2, "gateway disclose status")


def test_agreements_that_may_not_run_warnings_and_failed_steps_are_told():
    reason = Reason("after-term", "the term ended", "Agree on a new version")
    plan = a_plan(blocked=(BlockedAgreement("jobcentre-plus", reason),), warnings=("calendar-ends",))
    failures = [("load", "extract-stale"), ("load", "extract-stale"), ("run:housing", "unexpected-error")]
    codes = [alert.code for alert in alerts_of(plan, failures)]
    assert codes == ["extract-stale", "unexpected-error", "after-term", "calendar-ends"]
    assert alerts_of(None, failures) == (
        Alert("extract-stale", "gateway sources load", state="load"),
        Alert("unexpected-error", "gateway doctor", "housing", state="run"),
    )


# --- raising ---------------------------------------------------------------------------------------------------------


def test_an_alert_stands_in_the_ledger_and_reaches_the_program(workplace, heard):
    alert = Alert("too_many", "gateway disclose release", "jobcentre-plus", "LST-1", "withheld", 9)
    assert raise_alerts(workplace, [alert], heard) == 1
    assert raised(workplace) == [
        {"code": "too_many", "agreement": "jobcentre-plus", "list": "LST-1", "state": "withheld", "count": 9}
    ]
    assert heard == [
        {
            "code": "too_many",
            "agreement": "jobcentre-plus",
            "list": "LST-1",
            "state": "withheld",
            "count": 9,
            "next": "gateway disclose release",
            "at": "2026-11-22T23:10:00Z",
        }
    ]
    assert [event for event, _ in workplace.record] == ["alert:raised"]


def test_an_alert_is_raised_once_a_london_day_while_its_cause_lasts(workplace, heard, clock):
    alert = Alert("too_many", "gateway disclose status", "jobcentre-plus", "LST-1", "withheld", 9)
    for minutes in (0, 1, 49):
        clock.instant = AT + timedelta(minutes=minutes)
        raise_alerts(workplace, [alert, replace(alert, count=10)], heard)
    assert len(heard) == 1
    clock.instant = AT + timedelta(minutes=50)
    assert raise_alerts(workplace, [alert], heard) == 1


def test_the_day_of_an_alert_begins_at_midnight_in_london(workplace, heard, clock):
    clock.instant = datetime(2027, 7, 1, 22, 59, tzinfo=UTC)
    alert = Alert("calendar-ends", "gateway doctor")
    assert raise_alerts(workplace, [alert], heard) == 1
    clock.instant += timedelta(minutes=1)
    assert raise_alerts(workplace, [alert], heard) == 1


def test_without_a_program_alerts_stand_in_the_ledger_alone(workplace):
    assert raise_alerts(workplace, [Alert("calendar-ends", "gateway doctor")], None) == 1
    assert len(raised(workplace)) == 1


def test_a_program_that_fails_is_recorded_and_is_told_later_what_it_missed(workplace, heard, clock):
    heard.answers = ["hook-failed"]
    alerts = [Alert(code, "gateway doctor") for code in ("one", "two", "three")]
    raise_alerts(workplace, alerts, heard)
    assert [told["code"] for told in heard] == ["one"]
    assert ("alert:hook-failed", {"code": "hook-failed"}) in workplace.record
    clock.instant = AT + HOOK_PAUSE - timedelta(seconds=1)
    raise_alerts(workplace, [], heard)
    assert len(heard) == 1
    clock.instant = AT + HOOK_PAUSE
    raise_alerts(workplace, [Alert("four", "gateway doctor")], heard)
    assert [(told["code"], told.get("count")) for told in heard[1:]] == [(UNDELIVERED, 3), ("four", None)]
    clock.instant += timedelta(minutes=1)
    raise_alerts(workplace, [], heard)
    assert len(heard) == 3


def test_where_the_ledger_takes_nothing_people_hear_all_the_same(workplace, heard, clock):
    clock.instant = datetime(2026, 10, 1, tzinfo=UTC)
    with pytest.raises(ClockBehindLedger):
        raise_alerts(workplace, [Alert("clock-behind-ledger", "gateway doctor", state="plan")], heard)
    assert [told["code"] for told in heard] == ["clock-behind-ledger"]
    with pytest.raises(ClockBehindLedger):
        raise_alerts(workplace, [Alert("clock-behind-ledger", "gateway doctor", state="plan")], None)


# --- the morning message ---------------------------------------------------------------------------------------------


def test_the_morning_message_counts_how_the_night_was():
    lists = (
        a_list(),
        a_list(state=ListState.RECEIVED, part="ely"),
        a_list(Progress.UNDER_WAY, ListState.SEALED, late=True),
        a_list(Progress.MISSED, None),
        a_list(Progress.WAITING, ListState.WITHHELD, due_at=AT - timedelta(days=3)),
        a_list(due_at=AT - timedelta(days=3)),
    )
    reason = Reason("suspended", "the agreement is suspended", "`gateway agreements resume`")
    assert morning_message(a_plan(*lists, blocked=(BlockedAgreement("x", reason),))) == {
        "delivered": 2,
        "under_way": 1,
        "not_run": 1,
        "late": 1,
        "waiting": 1,
        "blocked": 1,
    }


def test_the_morning_message_is_sent_once_a_day_from_its_hour_on(workplace, heard, clock):
    sent = []
    for instant in ("06:59", "07:00", "07:01", "15:00"):
        clock.instant = datetime.fromisoformat(f"2026-11-23T{instant}").replace(tzinfo=UTC)
        sent.append(raise_morning_message(workplace, a_plan(a_list()), at=time(7), hook=heard))
    assert sent == [False, True, False, False]
    assert [(told["code"], told["delivered"], told["count"]) for told in heard] == [(MORNING, 1, 1)]


def test_the_hour_of_the_morning_message_is_londons(workplace, heard, clock):
    clock.instant = datetime(2027, 7, 1, 6, 0, tzinfo=UTC)
    assert raise_morning_message(workplace, a_plan(), at=time(7), hook=heard)


def test_everything_is_told_in_one_step(workplace, heard, clock):
    clock.instant = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    tell(workplace, a_plan(warnings=("calendar-ends",)), [("load", "extract-stale")], hook=heard, morning_at=time(7))
    assert [told["code"] for told in heard] == ["extract-stale", "calendar-ends", MORNING]
    tell(workplace, None, [("plan", "store-busy")], hook=heard, morning_at=time(7))
    assert heard[-1]["code"] == "store-busy"


def test_complaints_that_cannot_be_read_keep_nobody_from_hearing_the_rest(workplace, heard, clock):
    clock.instant = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    with workplace.store.engine.connect() as connection, connection.begin():
        connection.execute(text("DROP TABLE complaint_notes"))
        connection.execute(text("DROP TABLE complaints"))
    tell(workplace, a_plan(warnings=("calendar-ends",)), [], hook=heard, morning_at=time(7))
    told = [(each["code"], each.get("state")) for each in heard]
    assert ("store", "complaints") in told
    assert {"calendar-ends", MORNING} <= {code for code, _ in told}


# --- a real program --------------------------------------------------------------------------------------------------


def program(source: str, seconds: int = 10) -> CommandHook:
    return CommandHook((sys.executable, "-c", source), seconds)


def test_the_program_is_given_the_alert_on_its_standard_input_and_nothing_in_its_arguments(tmp_path):
    """Law L8."""
    kept = tmp_path / "kept"
    source = f"import sys, pathlib; pathlib.Path({str(kept)!r}).write_text(sys.stdin.read() + str(len(sys.argv)))"
    assert program(source)(b'{"code": "too_many"}\n') is None
    assert kept.read_text() == '{"code": "too_many"}\n1'


@pytest.mark.parametrize(
    ("hook", "code"),
    [
        (program("raise SystemExit(3)"), "hook-failed"),
        (CommandHook(("/no/such/program",), 10), "hook-not-started"),
        (program("import sys; sys.exit(0)"), None),
    ],
)
def test_whatever_the_program_does_is_answered_with_a_code(hook, code):
    assert hook(b"x" * 300_000) == code


def test_a_program_that_hangs_is_killed_with_whatever_it_started(tmp_path):
    kept = tmp_path / "pid"
    source = (
        "import subprocess, sys, pathlib, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(kept)!r}).write_text(str(child.pid))\n"
        "time.sleep(60)\n"
    )
    began = clock_of_the_machine.monotonic()
    assert program(source, seconds=2)(b"{}") == "hook-timed-out"
    assert clock_of_the_machine.monotonic() - began < 10
    assert gone(int(kept.read_text()))


def gone(pid: int) -> bool:
    for _ in range(50):
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2]
        except OSError:
            return True
        if state == "Z":
            return True
        os.sched_yield()
        clock_of_the_machine.sleep(0.1)
    return False


# --- signs of life ---------------------------------------------------------------------------------------------------


def test_a_service_that_never_started_or_was_stopped_is_not_silent(workplace, clock):
    assert service_health(workplace).pulse is Pulse.STOPPED
    enter_started(workplace, "1.0.0")
    assert service_health(workplace).pulse is Pulse.ALIVE
    clock.instant += timedelta(minutes=1)
    enter_stopped(workplace)
    assert (service_health(workplace).pulse, service_health(workplace).advice) == (
        Pulse.STOPPED,
        "Start `gateway service`",
    )


@pytest.mark.parametrize(("minutes", "pulse"), [(14, Pulse.ALIVE), (15, Pulse.SILENT), (-2, Pulse.SILENT)])
def test_a_heartbeat_that_is_old_or_lies_ahead_is_silence(workplace, clock, minutes, pulse):
    live(workplace)
    clock.instant += timedelta(minutes=minutes)
    health = service_health(workplace)
    assert health.pulse is pulse
    assert health.as_data()["last_at"] == "2026-11-22T23:10:00Z"


def test_what_is_done_every_so_often_is_remembered_by_the_database(workplace, clock):
    every = timedelta(minutes=15)
    assert is_time_to(workplace, "collect-tried", every)
    remember(workplace, "collect-tried")
    clock.instant += timedelta(minutes=14)
    assert not is_time_to(workplace, "collect-tried", every)
    clock.instant += timedelta(minutes=1)
    assert is_time_to(workplace, "collect-tried", every)


def test_a_load_that_is_refused_is_tried_again_every_quarter_of_an_hour(workplace, clock):
    tries: list[datetime] = []

    def load() -> None:
        tries.append(clock.now())
        raise OSError("no extract yet")

    for minute in range(46):
        clock.instant = AT + timedelta(minutes=minute)
        try:
            load_if_due(workplace, load, load_at=LOAD_AT)
        except OSError:
            continue
    assert [(at - AT) // timedelta(minutes=1) for at in tries] == [0, 15, 30, 45]


def test_receipts_are_asked_for_every_quarter_of_an_hour(workplace, clock):
    asked = []
    for minute in (0, 1, 15):
        clock.instant = AT + timedelta(minutes=minute)
        asked.append(collect_if_due(workplace, list))
    assert asked == [True, False, True]


# --- how things stand ------------------------------------------------------------------------------------------------


def test_the_status_shows_what_needs_somebody_first(workplace):
    lists = (
        a_list(),
        a_list(Progress.DUE, None, part="ely"),
        a_list(Progress.UNDER_WAY, ListState.SEALED, part="march"),
        a_list(Progress.UNDER_WAY, ListState.SEALED, part="wisbech", late=True),
        a_list(Progress.WAITING, ListState.WITHHELD, window="2026-11-20"),
        a_list(Progress.WAITING, ListState.FAILED, window="2026-11-21"),
    )
    status = replace(run_status(workplace, load_at=LOAD_AT), plan=a_plan(*lists))
    assert [(item.window, item.part) for item in status.lists] == [
        ("2026-11-21", "all"),
        ("2026-11-20", "all"),
        ("2026-11-22", "ely"),
        ("2026-11-22", "wisbech"),
        ("2026-11-22", "march"),
        ("2026-11-22", "all"),
    ]
    assert status.counts == {"waiting": 2, "blocked": 0, "due": 1, "under_way": 2, "missed": 0, "done": 1}


def test_the_status_is_data_that_json_can_hold(workplace):
    status = run_status(workplace, load_at=LOAD_AT)
    data = json.loads(json.dumps(status.as_data()))
    assert (data["at"], data["loaded_at"], data["service"]["pulse"]) == ("2026-11-22T23:10:00Z", None, "stopped")
