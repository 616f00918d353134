"""The nightly service: everything that is due in one tick, whatever a step raises, and a clean stop."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time as clock_of_the_machine
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from gateway.errors import ClaimantsRefused, ClockBehindLedger, ExtractStale, SealFailed, SnapshotMissing, StoreBusy
from gateway.model.time import FrozenClock
from gateway.scheduler import Service
from gateway.services.disclosure.run_disclosures import Ended, Refused
from gateway.services.night.tick_night import UNEXPECTED, NightServices, Pauses, tick
from gateway.services.planning.night_plan import NightPlan, PlannedList, Progress

AT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
DAY = date(2026, 11, 22)


def a_list(agreement_id="jobcentre-plus", progress=Progress.DUE, **changes) -> PlannedList:
    values = {
        "version": 1,
        "partner": "dwp",
        "window": "2026-11-22",
        "part": "all",
        "due_at": AT,
        "deliver_until": AT + timedelta(hours=5),
        "late": False,
        "state": None,
        "reason": None,
        "since": None,
        "reference": None,
        "list_id": None,
        "people": None,
        "deliver_now": False,
        "advice": "",
    }
    return PlannedList(agreement_id=agreement_id, progress=progress, **(values | changes))


class Night:
    """A night of plain callables over one small ledger: what is run is sealed, what is delivered is done."""

    def __init__(self, *agreements: str) -> None:
        self.clock = FrozenClock(AT)
        self.lists = {name: a_list(name) for name in agreements}
        self.did: list[str] = []
        self.events: list[tuple[str, dict]] = []
        self.breaks: dict[str, Exception] = {}
        self.told: list[tuple[bool, tuple]] = []
        self.tidied = 0
        #: What was done each time when what was opened ahead was let go.
        self.let_go: list[tuple[str, ...]] = []

    def _do(self, step: str) -> None:
        self.did.append(step)
        if step in self.breaks:
            raise self.breaks[step]

    def load_if_due(self) -> bool:
        self._do("load")
        return True

    def plan(self) -> NightPlan:
        self._do("plan")
        return NightPlan(self.clock.now(), tuple(self.lists.values()), (), (), ())

    def run(self, due, stopping) -> list[Ended]:
        ended = []
        for agreement_id, day in due:
            if not stopping():
                error = self._broken_by(partial(self._run, agreement_id, day))
                ended.append(Ended(agreement_id, day, (), error))
        return ended

    def _broken_by(self, act) -> Exception | None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - a test breaks a step with anything
            return error
        return None

    def _run(self, agreement_id: str, day: date) -> None:
        self._do(f"run {agreement_id} {day}")
        number = list(self.lists).index(agreement_id) + 1
        sealed = replace(self.lists[agreement_id], progress=Progress.UNDER_WAY, list_id=number, deliver_now=True)
        self.lists[agreement_id] = sealed

    def deliver(self, lists) -> None:
        self._do(f"deliver {','.join(map(str, lists))}")
        for name, item in self.lists.items():
            if item.list_id in lists:
                self.lists[name] = replace(item, progress=Progress.DONE, deliver_now=False)

    def collect_if_due(self) -> bool:
        self._do("collect")
        return False

    def tidy_if_due(self) -> bool:
        self.tidied += 1
        if "tidy" in self.breaks:
            raise self.breaks["tidy"]
        return False

    def alert(self, plan, failures) -> None:
        self._do("alert")
        self.told.append((plan is not None, failures))

    def record(self, event: str, **values) -> None:
        self.events.append((event, values))

    def services(self) -> NightServices:
        return NightServices(
            clock=self.clock,
            record=self.record,
            live=lambda: self._do("live"),
            load_if_due=self.load_if_due,
            plan=self.plan,
            run=self.run,
            deliver=self.deliver,
            collect_if_due=self.collect_if_due,
            tidy_if_due=self.tidy_if_due,
            alert=self.alert,
            let_go=lambda: self.let_go.append(tuple(without_breath(self.did))),
        )


def without_breath(steps: list[str]) -> list[str]:
    return [step for step in steps if step != "live"]


def test_a_tick_does_everything_that_is_due_in_the_order_of_the_night():
    night = Night("jobcentre-plus", "housing")
    report = tick(night.services())
    assert without_breath(night.did) == [
        "load",
        "plan",
        "run housing 2026-11-22",
        "run jobcentre-plus 2026-11-22",
        "plan",
        "deliver 1,2",
        "collect",
        "alert",
    ]
    assert report.ran == (("housing", DAY), ("jobcentre-plus", DAY))
    assert (report.loaded, report.delivered, report.collected, report.failed) == (True, (1, 2), False, ())
    assert night.did[-1] == "live"


def test_what_recipients_ask_with_is_taken_before_the_plan_and_keeps_nothing_else_where_it_fails():
    night = Night("housing")

    def refused() -> bool:
        night.did.append("take")
        raise ClaimantsRefused("a list that dwp left was refused")

    report = tick(replace(night.services(), take_if_due=refused))
    assert without_breath(night.did)[:4] == ["load", "take", "plan", "run housing 2026-11-22"]
    assert report.failed == (("take", "claimants-refused"),)
    assert night.told == [(True, report.failed)]


def test_a_second_tick_finds_nothing_to_do():
    """Law L4: what decides is the ledger that the plan is made from."""
    night = Night("jobcentre-plus")
    tick(night.services())
    night.did.clear()
    assert tick(night.services()).ran == ()
    assert without_breath(night.did) == ["load", "plan", "collect", "alert"]


def test_what_was_kept_for_long_enough_is_removed_and_people_hear_where_it_cannot_be():
    night = Night("housing")
    night.breaks["tidy"] = OSError()
    report = tick(night.services())
    assert night.tidied == 1
    assert report.failed == (("tidy", "unexpected-error"),)
    assert night.told == [(True, report.failed)]


def test_an_agreement_that_fails_keeps_none_of_the_others():
    night = Night("broken", "housing")
    night.breaks["run broken 2026-11-22"] = SealFailed("the sealer ended early")
    report = tick(night.services())
    assert report.ran == (("housing", DAY),)
    assert report.delivered == (2,)
    assert report.failed == (("run:broken", "seal-failed"),)
    assert night.told == [(True, (("run:broken", "seal-failed"),))]


def test_a_run_that_is_refused_is_a_failed_step_that_rests():
    night, pauses = Night("housing"), Pauses()
    refusal = Refused("housing", "2026-11-22", None, "agreement-not-in-force", "the term ended", "Agree anew")
    ended = Ended("housing", DAY, (refusal,), None)
    services = replace(night.services(), run=lambda *_: night.did.append("asked") or [ended])
    report = tick(services, pauses)
    assert (report.ran, report.failed) == ((), (("run:housing", "agreement-not-in-force"),))
    for minute in range(1, 8):
        night.clock.instant = AT + timedelta(minutes=minute)
        tick(services, pauses)
    assert night.did.count("asked") == 4
    assert ("service:step-failed", {"step": "run:housing", "code": "agreement-not-in-force"}) in night.events


@pytest.mark.parametrize(
    "step", ["load", "plan", "run jobcentre-plus 2026-11-22", "deliver 1", "collect", "alert", "live"]
)
@pytest.mark.parametrize(
    "error", [StoreBusy("somebody is at work"), ValueError("Kowalska QQ123456A"), OSError("no disk")]
)
def test_whatever_a_step_raises_the_service_lives_and_every_other_step_is_done(step, error):
    night = Night("jobcentre-plus")
    night.breaks[step] = error
    report = tick(night.services())
    others = {"load", "plan", "collect"} - {step}
    assert others <= set(night.did)
    assert {name.partition(":")[0] for name, _ in report.failed} == {step.partition(" ")[0]}
    assert {code for _, code in report.failed} == {"store-busy" if isinstance(error, StoreBusy) else UNEXPECTED}


def test_law_L8_an_error_that_is_not_ours_is_recorded_by_its_place_and_never_by_its_words():
    """Law L8."""
    night = Night("jobcentre-plus")
    night.breaks["collect"] = ValueError("Kowalska QQ123456A")
    tick(night.services())
    _, failed = [values for event, values in night.events if event == "service:step-failed"]
    assert failed["step"] == "collect"
    assert failed["code"].startswith("ValueError@gateway/services/night/tick_night.py:")
    assert "Kowalska" not in str(night.events)


def test_an_error_that_passed_no_line_of_ours_is_recorded_by_its_kind():
    from gateway.services.night.tick_night import _place_of

    assert _place_of(KeyError("x")) == "KeyError"


def test_without_a_plan_nothing_is_run_or_delivered_and_people_are_told():
    night = Night("jobcentre-plus")
    night.breaks["plan"] = ClockBehindLedger("the clock is behind")
    report = tick(night.services())
    assert (report.ran, report.delivered) == ((), ())
    assert night.told == [(False, (("plan", "clock-behind-ledger"),))]


def test_a_step_that_fails_rests_longer_each_time_and_forgets_it_when_it_works():
    night, pauses = Night(), Pauses()
    night.breaks["load"] = ExtractStale("the extract is of yesterday")
    tried = []
    for minute in range(34):
        night.clock.instant = AT + timedelta(minutes=minute)
        night.did.clear()
        tick(night.services(), pauses)
        tried += [minute] if "load" in night.did else []
    assert tried == [0, 1, 3, 7, 15, 31]
    del night.breaks["load"]
    night.clock.instant = AT + timedelta(hours=2)
    tick(night.services(), pauses)
    assert pauses.until == {}


def test_each_agreement_rests_by_itself():
    night, pauses = Night("broken", "housing"), Pauses()
    night.breaks["run broken 2026-11-22"] = SealFailed("the sealer ended early")
    tick(night.services(), pauses)
    night.lists["housing"] = a_list("housing")
    night.did.clear()
    assert tick(night.services(), pauses).ran == (("housing", DAY),)
    assert "run broken 2026-11-22" not in night.did


def test_what_is_wrong_for_every_agreement_is_one_failed_step_that_rests():
    night, pauses = Night("housing", "jobcentre-plus"), Pauses()

    def broken(*_):
        night.did.append("asked")
        raise SnapshotMissing("the last load was refused")

    services = replace(night.services(), run=broken)
    report = tick(services, pauses)
    assert (report.ran, report.failed) == ((), (("run", "snapshot-missing"),))
    tick(services, pauses)
    assert night.did.count("asked") == 1


def test_asked_to_stop_it_finishes_the_step_in_hand_and_does_no_other():
    night = Night("housing", "jobcentre-plus")
    report = tick(night.services(), stopping=lambda: "run housing 2026-11-22" in night.did)
    assert without_breath(night.did) == ["load", "plan", "run housing 2026-11-22"]
    assert report.stopped
    assert report.ran == (("housing", DAY),)


# --- on the clock ----------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _levels():
    level = logging.getLogger("apscheduler").level
    yield
    logging.getLogger("apscheduler").setLevel(level)


def wait_until(happened, seconds: float = 10) -> bool:
    until = clock_of_the_machine.monotonic() + seconds
    while clock_of_the_machine.monotonic() < until:
        if happened():
            return True
        clock_of_the_machine.sleep(0.02)
    return False


def test_what_was_opened_ahead_is_let_go_once_lists_are_delivered_and_before_anything_else_is_asked():
    night = Night("jobcentre-plus")
    tick(night.services())
    (done,) = night.let_go
    assert done == ("load", "plan", "run jobcentre-plus 2026-11-22", "plan", "deliver 1")


@pytest.mark.parametrize("step", ["run jobcentre-plus 2026-11-22", "deliver 1", "plan"])
def test_what_was_opened_ahead_is_let_go_whatever_breaks(step):
    night = Night("jobcentre-plus")
    night.breaks[step] = StoreBusy("held")
    tick(night.services())
    assert len(night.let_go) == 1


def test_what_was_opened_ahead_is_let_go_where_the_service_stops_before_it_delivers():
    night = Night("jobcentre-plus")
    tick(night.services(), stopping=lambda: "run jobcentre-plus 2026-11-22" in night.did)
    (done,) = night.let_go
    assert done[-1] == "run jobcentre-plus 2026-11-22"


def test_what_was_opened_ahead_is_let_go_where_the_process_is_interrupted():
    night = Night("jobcentre-plus")
    night.breaks["deliver 1"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        tick(night.services())
    assert len(night.let_go) == 1


def test_the_service_ticks_at_once_and_again_until_it_is_stopped():
    night, marks = Night("jobcentre-plus"), []
    service = Service(
        night.services(), lambda: marks.append("started"), lambda: marks.append("ended"), tick_seconds=0.1
    )
    thread = threading.Thread(target=service.run)
    thread.start()
    assert wait_until(lambda: night.did.count("collect") >= 3)
    service.stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert marks == ["started", "ended"]
    assert ("service:tick", {"due": 1, "done": 1, "failed": 0}) in night.events
    count = len(night.did)
    clock_of_the_machine.sleep(0.3)
    assert len(night.did) == count


def test_two_ticks_never_overlap_however_long_one_takes():
    night, running, most = Night(), [], []

    def slow() -> bool:
        running.append(1)
        most.append(len(running))
        clock_of_the_machine.sleep(0.3)
        running.pop()
        return False

    service = Service(replace(night.services(), load_if_due=slow), list, list, tick_seconds=0.05)
    thread = threading.Thread(target=service.run)
    thread.start()
    assert wait_until(lambda: len(most) >= 3)
    service.stop.set()
    thread.join(10)
    assert set(most) == {1}


SERVICE = """
import sys, time
from datetime import UTC, datetime
from gateway.model.time import FrozenClock
from gateway.scheduler import NightServices, run_service
from gateway.services.planning.night_plan import NightPlan

def say(word):
    print(word, flush=True)

def slow():
    say("step begun")
    time.sleep(1.5)
    say("step ended")
    return True

clock = FrozenClock(datetime(2026, 11, 22, tzinfo=UTC))
night = NightServices(
    clock=clock, record=lambda event, **values: None, live=lambda: None, load_if_due=slow,
    plan=lambda: say("planned") or NightPlan(clock.now(), (), (), (), ()), run=lambda *_: None,
    deliver=lambda *_: None, collect_if_due=lambda: False, tidy_if_due=lambda: False, alert=lambda *_: None,
)
run_service(night, started=lambda: say("started"), ended=lambda: say("ended"))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM for another process")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_service_after_the_step_in_hand(number):
    process = subprocess.Popen([sys.executable, "-c", SERVICE], stdout=subprocess.PIPE, text=True)
    words = []
    for line in process.stdout:
        words.append(line.strip())
        if words[-1] == "step begun":
            process.send_signal(number)
    assert process.wait(20) == 0
    process.stdout.close()
    assert words == ["started", "step begun", "step ended", "ended"]
