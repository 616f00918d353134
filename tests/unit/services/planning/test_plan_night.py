"""The plan of a night: what is due is decided by the ledger of runs, and everything else is said with its way out."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from gateway.agreements.bank_holidays import Holidays
from gateway.agreements.force import Reason
from gateway.delivery.plan import OPEN
from gateway.errors import AccessDenied, ClockBehindLedger, GatewayError
from gateway.ledger.events import Event
from gateway.model.agreement import Cadence, CatchUp, Every, OnHoliday
from gateway.model.delivery import RESTORED, ListState
from gateway.model.officers import Actor, Role
from gateway.model.partner import Partner
from gateway.model.selection import WithheldReason
from gateway.model.time import FrozenClock, as_text
from gateway.services.delivery.next_steps import AT_REST, FOR_A_PERSON, is_retryable, next_step
from gateway.services.planning.night_plan import NightPlan, PlannedList, Progress, Scheduled
from gateway.services.planning.plan_night import Seen, night_began, pause_after, plan, plan_night
from gateway.services.planning.schedule import schedule_of
from gateway.services.workplace import Workplace
from gateway.store import night
from gateway.store.agreements import set_switch
from gateway.store.night import ListRow, Tries
from gateway.store.tables import approvals, attempts, leases, lists, office_sectors, snapshots, statements
from tests.agreements_made import an_agreement
from tests.bare_workplace import a_bare_workplace

HOLIDAYS = Holidays(frozenset(), 2020, 2030, date(2026, 1, 1))
LOAD_AT = time(22)
NIGHTLY = Cadence(Every.NIGHT, time(1, 30), time(7, 0), None, None, OnHoliday.RUN, CatchUp.LATEST)
AGREEMENT = an_agreement(split=None, cadence=NIGHTLY)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def scheduled(**changes) -> Scheduled:
    return replace(Scheduled(AGREEMENT, since=utc("2026-11-21T12:00")), **changes)


def catching_up(policy: CatchUp) -> Scheduled:
    return scheduled(
        agreement=replace(AGREEMENT, cadence=replace(NIGHTLY, catch_up=policy)), since=utc("2026-11-18T12:00")
    )


def a_row(window="2026-11-22", part="all", state=ListState.VERIFIED, **changes) -> ListRow:
    values = {
        "list_id": 1,
        "reference": f"LIST-{window}-{part}",
        "version": 1,
        "partner": "dwp",
        "reason": None,
        "people": 30,
        "sealed_at": None if state in {ListState.PLANNED, ListState.WITHHELD} else utc(f"{window[:10]}T01:31"),
        "changed_at": utc(f"{window[:10]}T01:31"),
        "tries": None,
    }
    return ListRow(window=window, part=part, state=state, **(values | changes))


def planned(
    *rows: ListRow, item: Scheduled | None = None, now="2026-11-22T01:30", held=(), loaded="2026-11-21T22:05"
) -> NightPlan:
    item = item or scheduled()
    seen = Seen({item.agreement.agreement_id: list(rows)}, set(held), utc(loaded) if loaded else None)
    return plan([item], seen, now=utc(now), holidays=HOLIDAYS, load_at=LOAD_AT)


def only(found: NightPlan) -> PlannedList:
    (item,) = found.lists
    return item


# --- due, done, interrupted ------------------------------------------------------------------------------------------


def test_a_window_without_a_list_is_due_from_its_time_on():
    assert planned(now="2026-11-22T01:29").lists == ()
    found = planned(now="2026-11-22T01:30")
    assert found.to_run() == (("jobcentre-plus", date(2026, 11, 22)),)
    assert (only(found).progress, only(found).late) == (Progress.DUE, False)


def test_a_window_whose_list_is_past_planned_is_not_run_again():
    """Law L4: whatever became of the list, a window has one."""
    for state in set(ListState) - {ListState.PLANNED}:
        assert planned(a_row(state=state), now="2026-11-22T03:00").to_run() == ()


def test_a_list_that_was_interrupted_is_due_again_unless_somebody_holds_it():
    row = a_row(state=ListState.PLANNED)
    assert planned(row).to_run() == (("jobcentre-plus", date(2026, 11, 22)),)
    assert only(planned(row, held={row.reference})).progress is Progress.UNDER_WAY


def test_a_window_that_was_set_free_is_due_while_it_is_caught_up_then_missed_and_then_no_more_spoken_of():
    freed = a_row(window="2026-11-16", state=ListState.PLANNED, reason="attested")
    latest, none = (catching_up(policy) for policy in (CatchUp.LATEST, CatchUp.NONE))
    older = a_row(window="2026-11-21", state=ListState.PLANNED, reason="attested")
    now = "2026-11-21T09:00"
    assert only_of(planned(older, item=latest, now=now, loaded=now), "2026-11-21") is Progress.DUE
    assert only_of(planned(older, item=none, now=now, loaded=now), "2026-11-21") is Progress.MISSED
    assert only_of(planned(freed, item=latest, now="2026-11-23T09:00"), "2026-11-16") is Progress.MISSED
    assert "2026-11-16" not in {item.window for item in planned(freed, item=latest, now="2026-11-24T09:00").lists}


def test_L4_a_list_that_a_restored_database_lost_waits_and_is_never_tried():
    lost = a_row(state=ListState.UNCERTAIN, reason=RESTORED, sealed_at=None, people=None)
    found = planned(lost, now="2026-11-22T02:00")
    assert (only(found).progress, found.to_run(), found.to_deliver()) == (Progress.WAITING, (), ())
    assert "gateway disclose attest" in only(found).advice
    assert planned(a_row(state=ListState.UNCERTAIN, reason=RESTORED), now="2026-11-22T02:00").to_deliver() == (1,)


def only_of(found: NightPlan, window: str) -> Progress:
    (progress,) = (item.progress for item in found.lists if item.window == window)
    return progress


def test_a_window_is_done_when_every_part_has_its_list():
    item = scheduled(parts=("cambridge", "ely"))
    half = planned(a_row(part="cambridge"), item=item, now="2026-11-22T02:00")
    assert {part.part: part.progress for part in half.lists} == {"cambridge": Progress.DONE, "ely": Progress.DUE}
    assert half.to_run() == (("jobcentre-plus", date(2026, 11, 22)),)
    assert planned(a_row(part="cambridge"), a_row(part="ely"), item=item, now="2026-11-22T02:00").to_run() == ()


def test_windows_that_were_missed_are_caught_up_as_agreed_and_said_otherwise():
    now = "2026-11-22T09:00"
    by_policy = {policy: planned(item=catching_up(policy), now=now, loaded="2026-11-22T08:00") for policy in CatchUp}
    names = [f"2026-11-{day}" for day in (19, 20, 21, 22)]
    assert [day.isoformat() for _, day in by_policy[CatchUp.ALL].to_run()] == names
    assert [day.isoformat() for _, day in by_policy[CatchUp.LATEST].to_run()] == names[-1:]
    assert by_policy[CatchUp.NONE].to_run() == ()
    assert [item.window for item in by_policy[CatchUp.NONE].of(Progress.MISSED)] == names
    assert [item.window for item in by_policy[CatchUp.LATEST].of(Progress.MISSED)] == names[:-1]


def test_windows_from_before_the_approval_are_nobodys():
    assert planned(item=scheduled(since=utc("2026-11-22T01:31")), now="2026-11-22T03:00").lists == ()
    assert planned(item=scheduled(since=None), now="2026-11-22T03:00").lists == ()


def test_a_list_of_the_version_before_is_still_spoken_of_and_delivered():
    row = a_row(state=ListState.SEALED)
    found = planned(row, item=scheduled(since=utc("2026-11-22T02:00")), now="2026-11-22T02:30")
    assert found.to_deliver() == (1,)
    assert found.to_run() == ()


def test_a_window_that_is_over_keeps_the_parts_that_it_had():
    row = a_row(window="2026-11-20", part="march")
    found = planned(row, item=scheduled(since=utc("2026-11-22T02:00"), parts=("wisbech",)), now="2026-11-22T02:30")
    assert [(item.window, item.part) for item in found.lists] == [("2026-11-20", "march")]


def test_a_list_that_replaces_another_belongs_to_its_day():
    found = planned(a_row(window="2026-11-22-r1"), a_row(), now="2026-11-22T03:00")
    assert [(item.window, item.due_at) for item in found.lists] == [
        ("2026-11-22", utc("2026-11-22T01:30")),
        ("2026-11-22-r1", utc("2026-11-22T01:30")),
    ]


def test_old_lists_are_spoken_of_only_while_somebody_has_to_do_something():
    old = [
        a_row(window=f"2026-10-{day:02}", state=state)
        for day, state in enumerate((ListState.WITHHELD, ListState.UNCOLLECTED, ListState.RECEIVED, ListState.VOID), 1)
    ]
    shown = {item.window for item in planned(*old).lists}
    assert shown == {"2026-10-01", "2026-10-02", "2026-11-22"}


def test_agreements_are_run_in_the_order_in_which_they_were_due():
    late_riser = replace(AGREEMENT, agreement_id="a-later-one", cadence=replace(NIGHTLY, at=time(2, 0)))
    items = [scheduled(agreement=late_riser), scheduled()]
    seen = Seen({}, set(), utc("2026-11-21T22:05"))
    found = plan(items, seen, now=utc("2026-11-22T02:30"), holidays=HOLIDAYS, load_at=LOAD_AT)
    assert [agreement for agreement, _ in found.to_run()] == ["jobcentre-plus", "a-later-one"]


@given(
    stops=st.lists(st.integers(0, 6 * 24 * 60), min_size=1, max_size=40),
    policy=st.sampled_from(list(CatchUp)),
    finished=st.lists(st.booleans(), min_size=40, max_size=40),
)
def test_law_L4_restarts_and_interruptions_never_run_a_window_twice_to_its_end(stops, policy, finished):
    """Law L4: the planner sees only the ledger; a run that ends leaves a list, one that is cut short leaves it planned."""
    rows: dict[str, ListRow] = {}
    ended: list[str] = []
    began = utc("2026-11-19T00:00")
    for minute, ends in zip(sorted(stops), finished, strict=False):
        now = began + timedelta(minutes=minute)
        item = replace(catching_up(policy), since=began)
        seen = Seen({AGREEMENT.agreement_id: list(rows.values())}, set(), now)
        found = plan([item], seen, now=now, holidays=HOLIDAYS, load_at=LOAD_AT)
        for window in [day.isoformat() for _, day in found.to_run()]:
            rows[window] = a_row(window=window, state=ListState.VERIFIED if ends else ListState.PLANNED)
            ended += [window] if ends else []
    assert len(ended) == len(set(ended))


# --- what is in the way ----------------------------------------------------------------------------------------------


def test_an_agreement_that_may_not_run_is_blocked_with_its_reason_and_its_way_out():
    reason = Reason("after-term", "the term ended", "Agree on a new version")
    found = planned(item=scheduled(blocked=reason))
    assert found.to_run() == ()
    assert (only(found).progress, only(found).reason, only(found).advice) == (
        Progress.BLOCKED,
        "after-term",
        "Agree on a new version",
    )
    assert [(item.agreement_id, item.reason.code) for item in found.blocked] == [("jobcentre-plus", "after-term")]


def test_a_sealed_list_of_an_agreement_that_may_not_run_is_not_delivered():
    """Law L6."""
    item = scheduled(blocked=Reason("suspended", "the agreement is suspended", "`gateway agreements resume`"))
    assert planned(a_row(state=ListState.SEALED), item=item, now="2026-11-22T01:40").to_deliver() == ()


@pytest.mark.parametrize("loaded", [None, "2026-11-21T21:59"])
def test_nothing_runs_from_extracts_that_are_older_than_tonights_load(loaded):
    found = planned(loaded=loaded)
    assert found.to_run() == ()
    assert (only(found).reason, only(found).advice) == ("sources-not-loaded", "`gateway sources load`")


@pytest.mark.parametrize(
    ("now", "began"),
    [
        ("2026-11-22T21:59", "2026-11-21T22:00"),
        ("2026-11-22T22:00", "2026-11-22T22:00"),
        ("2026-11-23T01:30", "2026-11-22T22:00"),
        # In summer time ten o'clock in London is nine in UTC.
        ("2026-07-01T21:30", "2026-07-01T21:00"),
        # The night on which the clocks go back is an hour longer.
        ("2026-10-25T21:59", "2026-10-24T21:00"),
    ],
)
def test_a_night_begins_when_londons_clocks_show_the_time_of_the_load(now, began):
    assert night_began(LOAD_AT, utc(now)) == utc(began)


# --- delivery ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [ListState.SEALED, ListState.SENDING, ListState.UPLOADED, ListState.UNCERTAIN])
def test_a_list_that_is_on_its_way_is_tried_until_its_deadline(state):
    row = a_row(state=state)
    assert planned(row, now="2026-11-22T01:40").to_deliver() == (1,)
    assert planned(row, now="2026-11-22T06:59").to_deliver() == (1,)
    assert planned(row, now="2026-11-22T07:00").to_deliver() == ()


def test_a_list_that_did_not_get_there_in_time_is_late_and_waits_for_a_person():
    late = only(planned(a_row(state=ListState.SEALED), now="2026-11-22T07:00"))
    assert late.late
    assert "gateway deliver resume LIST-2026-11-22-all" in late.advice


def test_a_list_that_was_caught_up_in_the_morning_may_be_delivered_until_the_next():
    row = a_row(state=ListState.SEALED, sealed_at=utc("2026-11-22T09:00"))
    found = planned(row, now="2026-11-22T09:01")
    assert (only(found).deliver_until, found.to_deliver()) == (utc("2026-11-23T07:00"), (1,))


def test_the_pauses_between_tries_grow_to_half_an_hour():
    minutes = [pause_after(tries) // timedelta(minutes=1) for tries in (1, 2, 3, 5, 6, 7, 5000)]
    assert minutes == [1, 2, 4, 16, 30, 30, 30]


def test_a_failed_try_is_repeated_after_a_pause_if_it_may_succeed_by_itself():
    tried = Tries(2, utc("2026-11-22T01:40"), "connection-failed")
    row = a_row(state=ListState.SEALED, tries=tried)
    assert planned(row, now="2026-11-22T01:41").to_deliver() == ()
    assert planned(row, now="2026-11-22T01:42").to_deliver() == (1,)


@pytest.mark.parametrize("state", sorted(OPEN))
def test_a_list_that_a_delivery_could_still_bring_into_view_is_overdue_after_its_time(state):
    """An uncertain one too: what is still staged of it would be published, weeks later."""
    row = a_row(state=state)
    assert planned(row, now="2026-11-22T06:59").overdue() == frozenset()
    assert planned(row, now="2026-11-22T07:00").overdue() == {row.list_id}


def test_a_list_whose_tries_fail_says_so_while_it_is_tried_again():
    tried = Tries(3, utc("2026-11-22T01:33"), "connection-failed")
    item = only(planned(a_row(state=ListState.SEALED, tries=tried), now="2026-11-22T01:34"))
    assert item.advice.startswith("3 tries failed, the last at 2026-11-22T01:33:00Z with connection-failed. ")
    assert item.advice.endswith(next_step(ListState.SEALED))


def test_a_sealed_list_of_an_agreement_that_is_stopped_does_not_say_that_it_goes_by_itself():
    stopped = Reason("partner-disabled", "deliveries are stopped", "`gateway partners enable dwp`")
    found = planned(a_row(state=ListState.SEALED), item=scheduled(blocked=stopped), now="2026-11-22T02:00")
    assert only(found).advice == stopped.way_out
    assert found.to_deliver() == ()


def test_a_try_that_no_repetition_mends_waits_for_a_person():
    """A refused key is offered once, not every minute of the night."""
    refused = Tries(1, utc("2026-11-22T01:40"), "authentication-refused")
    found = planned(a_row(state=ListState.SEALED, tries=refused), now="2026-11-22T03:00")
    assert found.to_deliver() == ()
    assert (only(found).progress, only(found).reason) == (Progress.WAITING, "authentication-refused")
    assert "`gateway keys show ssh` prints ours" in only(found).advice


def test_enabling_the_partner_again_is_enough_for_its_lists_to_go_on():
    refused = Tries(1, utc("2026-11-22T01:40"), "host-key-mismatch")
    row = a_row(state=ListState.SEALED, tries=refused)

    def tried_at(now: str, enabled: str) -> tuple[int, ...]:
        seen = Seen({AGREEMENT.agreement_id: [row]}, set(), utc("2026-11-21T22:05"), {"dwp": utc(enabled)})
        return plan([scheduled()], seen, now=utc(now), holidays=HOLIDAYS, load_at=LOAD_AT).to_deliver()

    assert tried_at("2026-11-22T03:00", enabled="2026-11-22T01:39") == ()
    assert tried_at("2026-11-22T03:00", enabled="2026-11-22T02:50") == (1,)


# --- what is said ------------------------------------------------------------------------------------------------------


def test_every_state_and_reason_says_what_to_do_unless_the_list_is_at_rest():
    for state in ListState:
        assert bool(next_step(state)) is (state not in AT_REST)
    for reason in WithheldReason:
        assert next_step(ListState.WITHHELD, reason.value) != next_step(ListState.VERIFIED)
    assert "`gateway disclose release`" in next_step(ListState.WITHHELD, WithheldReason.EMPTY)
    assert "release`" not in next_step(ListState.WITHHELD, WithheldReason.MINOR_SELECTED)


def test_a_failed_list_is_answered_with_the_way_out_of_its_error():
    assert "gateway keys list" in next_step(ListState.FAILED, "key-unavailable")
    assert "gateway doctor" in next_step(ListState.FAILED, "no-such-code")
    assert is_retryable("connection-failed")
    assert not is_retryable("host-key-mismatch")


def test_lists_that_wait_for_a_person_are_told_apart_from_those_that_go_on_by_themselves():
    for state in FOR_A_PERSON:
        assert only(planned(a_row(state=state), now="2026-11-22T03:00")).progress is Progress.WAITING
    for state in (ListState.RECEIVED, ListState.VOID):
        assert only(planned(a_row(state=state), now="2026-11-22T03:00")).progress is Progress.DONE


def test_nothing_to_send_is_a_window_that_was_done_and_not_a_failure():
    nothing = only(planned(a_row(state=ListState.VOID, reason="nothing-to-send"), now="2026-11-22T03:00"))
    assert (nothing.progress, nothing.late, nothing.advice) == (Progress.DONE, False, "")


def test_the_plan_says_when_each_agreement_is_due_next_and_when_the_calendar_ends():
    found = planned()
    assert [(item.window, item.due_at) for item in found.next] == [("2026-11-23", utc("2026-11-23T01:30"))]
    assert found.warnings == ()
    short = Holidays(frozenset(), 2026, 2026, date(2026, 1, 1))
    ending = plan([], Seen({}, set(), None), now=utc("2026-11-22T01:30"), holidays=short, load_at=LOAD_AT)
    assert ending.warnings == ("calendar-ends",)


def test_a_planned_list_is_data_that_json_can_hold():
    data = only(planned(a_row(), now="2026-11-22T03:00")).as_data()
    assert data["due_at"] == "2026-11-22T01:30:00Z"
    assert data["progress"] == "done"
    assert all(value is None or isinstance(value, str | int | bool) for value in data.values())


# --- the database ------------------------------------------------------------------------------------------------------


def keep_lists(store, actor, *states: ListState, agreement_id="jobcentre-plus") -> None:
    with store.writing(actor) as work:
        position = work.enter(Event.ALERT_RAISED, code="test")
        work.connection.execute(
            insert(statements).values(
                statement_hash="a" * 64,
                agreement_id=agreement_id,
                version=1,
                body=b"",
                agreement_document=b"",
                framework_document=b"",
                explained_by=position,
            )
        )
        for number, state in enumerate(states, 1):
            work.connection.execute(
                insert(lists).values(
                    list_id=number,
                    reference=f"LIST-{number}",
                    agreement_id=agreement_id,
                    version=1,
                    statement_hash="a" * 64,
                    partner="dwp",
                    window=f"2026-11-{number:02}",
                    part="all",
                    snapshot_id=1,
                    state=state.value,
                    root=b"r" * 32,
                    sealed_at="2026-11-22T01:31:00Z",
                    explained_by=position,
                )
            )


def test_lists_are_read_from_a_day_on_and_before_it_while_they_are_open(store, everyone, clock):
    states = (ListState.RECEIVED, ListState.WITHHELD, ListState.VOID, ListState.VERIFIED, ListState.RECEIVED)
    keep_lists(store, everyone, *states)
    with store.reading() as connection:
        rows = night.lists_from(connection, "jobcentre-plus", date(2026, 11, 5))
        others = night.lists_from(connection, "another", date(2026, 1, 1))
    assert [row.window for row in rows] == ["2026-11-02", "2026-11-04", "2026-11-05"]
    assert rows[0].changed_at == clock.now()
    assert others == []


def test_the_tries_of_a_list_are_counted_and_the_last_one_counts(store, everyone):
    keep_lists(store, everyone, ListState.SEALED, ListState.SEALED)
    with store.writing(everyone) as work:
        position = work.enter(Event.ALERT_RAISED, code="test")
        # The last is no try at the list: it is done when the list is settled, and says nothing about it.
        for number, outcome in enumerate(("connection-failed", "transfer-interrupted", "swept"), 1):
            work.connection.execute(
                insert(attempts).values(
                    attempt_id=number,
                    list_id=1,
                    started_at="2026-11-22T01:40:00Z",
                    ended_at=f"2026-11-22T01:4{number}:00Z",
                    outcome=outcome,
                    session="{}",
                    explained_by=position,
                )
            )
    with store.reading() as connection:
        first, second = night.lists_from(connection, "jobcentre-plus", date(2026, 11, 1))
    assert first.tries == Tries(2, utc("2026-11-22T01:42"), "transfer-interrupted")
    assert second.tries is None


def test_a_lease_counts_while_it_runs(store):
    with store.working_state() as connection:
        for name, until in (("LIST-1", "2026-11-22T23:20:00Z"), ("LIST-2", "2026-11-22T23:05:00Z")):
            connection.execute(insert(leases).values(name=name, holder="host", fence=1, until=until))
    with store.reading() as connection:
        assert night.live_leases(connection, utc("2026-11-22T23:10")) == {"LIST-1"}


def test_a_partner_that_was_stopped_is_known_by_when_it_was_enabled_again(store, everyone, clock):
    for name, stopped in (("partner:dwp", False), ("partner:housing", True), ("agreement:dwp", False)):
        with store.writing(everyone) as work:
            position = work.enter(Event.ALERT_RAISED, code="test")
            set_switch(work, name, stopped=stopped, reason="test", explained_by=position)
    with store.reading() as connection:
        assert night.partners_enabled_at(connection) == {"dwp": clock.now()}


def test_a_heartbeat_is_remembered_by_its_name(store):
    for minute in (10, 11):
        with store.working_state() as connection:
            night.beat(connection, "service", utc(f"2026-11-22T23:{minute}"))
    with store.reading() as connection:
        assert night.beats(connection) == {"service": utc("2026-11-22T23:11")}


def test_an_agreement_is_in_force_from_its_second_approval(store, everyone, clock):
    keep_lists(store, everyone)
    seen = []
    for principal in ("first@county.example", "second@county.example"):
        clock.instant += timedelta(minutes=5)
        with store.writing(everyone) as work:
            position = work.enter(Event.ALERT_RAISED, code="test")
            work.connection.execute(
                insert(approvals).values(
                    statement_hash="a" * 64, principal=principal, role="ig_lead", signature=b"s", explained_by=position
                )
            )
        with store.reading() as connection:
            seen.append(night.approved_at(connection, "a" * 64))
    assert seen == [None, clock.now()]


def test_the_newest_load_is_found_and_the_offices_that_it_splits_by(store, everyone):
    with store.reading() as connection:
        assert night.loaded_at(connection) is None
        assert night.offices_loaded(connection) == ()
    with store.writing(everyone) as work:
        position = work.enter(Event.ALERT_RAISED, code="test")
        for number, at in enumerate(("2026-11-22T22:05:00Z", "2026-11-21T22:05:00Z"), 1):
            work.connection.execute(
                insert(snapshots).values(
                    snapshot_id=number,
                    reference=f"SNAP-{number}",
                    loaded_at=at,
                    as_at_on=date(2026, 11, 22),
                    content_hash="0" * 64,
                    people=0,
                    flags=0,
                    flags_reaching_nobody=0,
                    explained_by=position,
                )
            )
        sectors = [(1, "CB1 1", "cambridge"), (2, "CB6 1", "ely"), (2, "CB6 2", "ely"), (2, "CB1 1", "cambridge")]
        work.connection.execute(
            insert(office_sectors),
            [{"snapshot_id": number, "sector": sector, "office": office} for number, sector, office in sectors],
        )
    with store.reading() as connection:
        assert night.loaded_at(connection) == utc("2026-11-22T22:05")
        assert night.offices_loaded(connection) == ("cambridge", "ely")


# --- the service -------------------------------------------------------------------------------------------------------


@pytest.fixture
def workplace(sqlite_store, clock, everyone, tmp_path: Path) -> Workplace:
    return a_bare_workplace(sqlite_store, clock, everyone, tmp_path)


def test_a_county_without_agreements_has_an_empty_plan(workplace):
    found = plan_night(workplace, load_at=LOAD_AT)
    assert (found.at, found.lists, found.blocked) == (workplace.clock.now(), (), ())


def test_a_shipped_agreement_that_nobody_approved_is_planned_for_nothing_and_says_why(workplace):
    partner = Partner(
        name="dwp-jobcentre-plus",
        title="Invented desk",
        host="127.0.0.1",
        port=22,
        user="desk",
        host_keys=("ssh-ed25519 AAAA",),
        inbox="/inbox",
        receipts="/receipts",
        certificate=b"certificate",
        fingerprint="A" * 40,
        receipt_certificate=b"certificate",
        receipt_fingerprint="A" * 40,
        least_verification="read_back",
        document_hash="0" * 64,
    )
    name = "jobcentre-plus-supporting-families"
    text = Path(f"agreements/{name}.yaml").read_text(encoding="utf-8")
    (workplace.folders.agreements / f"{name}.yaml").write_text(text, encoding="utf-8")
    workplace = replace(workplace, partners={partner.name: partner})
    with workplace.store.reading() as connection:
        (item,) = schedule_of(workplace, connection).agreements
    found = plan_night(workplace, load_at=LOAD_AT)
    assert item.since is None
    assert item.parts == ("cambridge", "ely", "huntingdon", "peterborough", "wisbech")
    assert [(each.agreement_id, each.reason.code) for each in found.blocked] == [(name, "approvers-unusable")]
    assert (found.lists, [each.window for each in found.next]) == ((), ["2026-11-23"])
    assert json.loads(json.dumps(found.as_data()))["blocked"][0]["code"] == "approvers-unusable"


def test_an_agreement_with_a_fault_is_named_and_stops_no_other(workplace):
    (workplace.folders.agreements / "broken.yaml").write_text("id: broken\n", encoding="utf-8")
    found = plan_night(workplace, load_at=LOAD_AT)
    assert [(item.agreement_id, item.reason.code) for item in found.blocked] == [("broken", "agreement-malformed")]


def test_an_agreement_whose_file_is_gone_is_named_while_a_list_of_it_is_open(workplace, everyone):
    keep_lists(workplace.store, everyone, ListState.WITHHELD, agreement_id="gone")
    found = plan_night(workplace, load_at=LOAD_AT)
    assert [(item.agreement_id, item.reason.code) for item in found.blocked] == [("gone", "agreement-missing")]


def test_law_L9_a_clock_behind_the_ledger_stops_the_planner(workplace, clock):
    """Law L9."""
    clock.instant = utc("2026-10-31T00:00")
    with pytest.raises(ClockBehindLedger, match="2026-10-31T00:00:00Z"):
        plan_night(workplace, load_at=LOAD_AT)


def test_only_those_who_may_read_how_things_stand_get_a_plan(workplace):
    stranger = replace(workplace, actor=Actor("tfea", "Invented Adviser", frozenset({Role.TFEA})))
    with pytest.raises(AccessDenied):
        plan_night(stranger, load_at=LOAD_AT)


def test_every_error_of_the_gateway_has_a_way_out():
    assert all(kind.way_out for kind in GatewayError.__subclasses__())


def test_instants_are_given_as_the_ledger_gives_them():
    assert as_text(FrozenClock(utc("2026-11-22T01:30")).now()) == "2026-11-22T01:30:00Z"
