"""When lists are due: every night of two years, both clock-change nights, bank holidays and nights that were missed."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.agreements.bank_holidays import Holidays, load_bank_holidays
from gateway.agreements.windows import Window, deliver_until, next_due, window_on, windows_between, windows_due
from gateway.errors import HolidaysInvalid
from gateway.model.agreement import Cadence, CatchUp, Every, OnHoliday
from gateway.model.time import LONDON, london_day

HOLIDAYS = load_bank_holidays(Path("config/bank_holidays.yaml").read_bytes(), "config/bank_holidays.yaml")
NO_HOLIDAYS = Holidays(frozenset(), 2000, 2200, date(2026, 1, 1))
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
EVERY_DAY = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
CLOCKS_FORWARD, CLOCKS_BACK = date(2026, 3, 29), date(2026, 10, 25)


def a_cadence(every=Every.NIGHT, at="01:30", until="07:00", **changes) -> Cadence:
    values = {
        "weekday": 0 if every is Every.WEEK else None,
        "day_of_month": 1 if every is Every.MONTH else None,
        "on_holiday": OnHoliday.RUN,
        "catch_up": CatchUp.LATEST,
    }
    return Cadence(every, time.fromisoformat(at), time.fromisoformat(until), **(values | changes))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days_of(cadence: Cadence, first: date = FIRST, last: date = LAST, holidays: Holidays = HOLIDAYS) -> list[date]:
    return [window.day for window in windows_between(cadence, first, last, holidays)]


def due(cadence: Cadence, since: str, now: str, done=(), holidays: Holidays = HOLIDAYS) -> list[str]:
    windows = windows_due(cadence, since=utc(since), now=utc(now), done=set(done), holidays=holidays)
    return [window.name for window in windows]


# --- every night ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["00:00", "00:59", "01:00", "01:30", "02:00", "02:30", "12:00", "23:59"])
def test_a_nightly_list_is_due_once_for_every_day_of_two_years(at):
    windows = list(windows_between(a_cadence(at=at), FIRST, LAST, HOLIDAYS))
    assert [window.day for window in windows] == EVERY_DAY
    assert [london_day(window.due_at) for window in windows] == EVERY_DAY
    assert all(earlier.due_at < later.due_at for earlier, later in pairwise(windows))


@pytest.mark.parametrize("at", ["00:00", "01:00", "01:30", "12:00", "23:59"])
def test_a_clock_that_is_looked_at_every_minute_starts_each_night_once(at):
    """A tick a minute over both nights on which the clocks change, with the ledger as the only memory."""
    cadence = a_cadence(at=at, catch_up=CatchUp.ALL)
    for night in (CLOCKS_FORWARD, CLOCKS_BACK):
        began = datetime.combine(night - timedelta(days=1), time(12, 30), UTC)
        done: list[str] = []
        for minute in range(2 * 24 * 60):
            now = began + timedelta(minutes=minute)
            found = windows_due(cadence, since=began, now=now, done=done, holidays=HOLIDAYS)
            assert all(window.due_at == now for window in found)
            done += [window.name for window in found]
        assert len(done) == len(set(done)) == 2


def test_half_past_one_that_happens_twice_is_due_the_first_time():
    assert window_on(a_cadence(at="01:30"), CLOCKS_BACK).due_at == utc("2026-10-25T00:30")
    assert due(a_cadence(), "2026-10-25T00:00", "2026-10-25T01:30", done={"2026-10-25"}) == []


def test_half_past_one_that_does_not_happen_is_due_when_the_clocks_have_gone_forward():
    assert window_on(a_cadence(at="01:30"), CLOCKS_FORWARD).due_at == utc("2026-03-29T01:00")
    assert due(a_cadence(), "2026-03-28T12:00", "2026-03-29T00:59", done=()) == []
    assert due(a_cadence(), "2026-03-28T12:00", "2026-03-29T01:00", done=()) == ["2026-03-29"]


@pytest.mark.parametrize(
    ("at", "instant"), [("00:59", "00:59"), ("01:00", "01:00"), ("01:59", "01:00"), ("02:00", "01:00")]
)
def test_the_edges_of_the_hour_that_is_skipped(at, instant):
    assert window_on(a_cadence(at=at), CLOCKS_FORWARD).due_at == utc(f"2026-03-29T{instant}")


@given(day=st.dates(date(2020, 1, 1), date(2037, 12, 31)), at=st.times(), until=st.times())
def test_delivery_never_ends_before_it_begins_and_lasts_little_more_than_a_day(day, at, until):
    at, until = at.replace(microsecond=0, fold=0), until.replace(microsecond=0, fold=0)
    window = window_on(a_cadence(at=at.isoformat(), until=until.isoformat()), day)
    assert timedelta(0) < window.deliver_until - window.due_at <= timedelta(hours=25)
    assert london_day(window.due_at) == day


@given(day=st.dates(date(2020, 1, 1), date(2037, 12, 31)), at=st.times())
def test_a_list_is_due_at_the_first_instant_at_which_the_clock_shows_its_time_or_has_passed_it(day, at):
    at = at.replace(microsecond=0, fold=0)
    instant = window_on(a_cadence(at=at.isoformat()), day).due_at
    before = instant - timedelta(seconds=1)
    assert instant.astimezone(LONDON).time() >= at
    assert london_day(before) < day or before.astimezone(LONDON).time() < at


# --- delivery that crosses midnight ---------------------------------------------------------------------------------


def test_a_list_may_be_delivered_until_the_next_morning():
    window = window_on(a_cadence(at="23:10", until="06:00"), date(2026, 11, 22))
    assert (window.name, window.due_at) == ("2026-11-22", utc("2026-11-22T23:10"))
    assert window.deliver_until == utc("2026-11-23T06:00")


def test_the_same_time_twice_means_a_whole_day():
    window = window_on(a_cadence(at="06:00", until="06:00"), date(2026, 11, 22))
    assert window.deliver_until - window.due_at == timedelta(days=1)


def test_a_delivery_over_the_clock_change_ends_when_the_clock_on_the_wall_says_so():
    assert window_on(a_cadence(at="23:10", until="06:00"), date(2026, 10, 24)).deliver_until == utc("2026-10-25T06:00")
    assert window_on(a_cadence(at="23:10", until="06:00"), date(2026, 3, 28)).deliver_until == utc("2026-03-29T05:00")


def test_a_delivery_time_inside_the_skipped_hour_keeps_its_length():
    window = window_on(a_cadence(at="01:10", until="01:50"), CLOCKS_FORWARD)
    assert (window.due_at, window.deliver_until) == (utc("2026-03-29T01:00"), utc("2026-03-29T01:50"))


def test_a_list_begun_in_time_keeps_its_deadline_and_one_caught_up_gets_the_next():
    cadence, day = a_cadence(at="01:30", until="07:00"), date(2026, 11, 22)
    assert deliver_until(cadence, day, utc("2026-11-22T01:31")) == utc("2026-11-22T07:00")
    assert deliver_until(cadence, day, utc("2026-11-22T07:00")) == utc("2026-11-23T07:00")
    assert deliver_until(cadence, day, utc("2026-11-25T09:00")) == utc("2026-11-26T07:00")


# --- weekdays, weeks, months ----------------------------------------------------------------------------------------


def test_a_weekday_list_is_due_from_monday_to_friday():
    assert days_of(a_cadence(Every.WEEKDAY)) == [day for day in EVERY_DAY if day.weekday() < 5]


@pytest.mark.parametrize("weekday", range(7))
def test_a_weekly_list_is_due_on_its_weekday(weekday):
    assert days_of(a_cadence(Every.WEEK, weekday=weekday)) == [day for day in EVERY_DAY if day.weekday() == weekday]


@pytest.mark.parametrize("day_of_month", range(1, 29))
def test_a_monthly_list_is_due_once_in_every_month(day_of_month):
    days = days_of(a_cadence(Every.MONTH, day_of_month=day_of_month))
    assert len(days) == 24
    assert {day.day for day in days} == {day_of_month}


# --- bank holidays ----------------------------------------------------------------------------------------------------


def easter_sunday(year: int) -> date:
    """The anonymous Gregorian computus."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def bank_holidays_by_rule(year: int) -> set[date]:
    """Banking and Financial Dealings Act 1971 Schedule 1, common law, and the yearly proclamations as they have been."""

    def monday_from(day: date) -> date:
        return day + timedelta(days=-day.weekday() % 7)

    def weekday_from(day: date) -> date:
        return day if day.weekday() < 5 else day + timedelta(days=7 - day.weekday())

    easter = easter_sunday(year)
    christmas, boxing = date(year, 12, 25), date(year, 12, 26)
    # By the weekday of Christmas Day: a day that falls on a weekend is stood for by the next days that are free.
    winter = {
        4: [christmas, date(year, 12, 28)],
        5: [date(year, 12, 27), date(year, 12, 28)],
        6: [date(year, 12, 27), boxing],
    }.get(christmas.weekday(), [christmas, boxing])
    return {
        weekday_from(date(year, 1, 1)),
        easter - timedelta(days=2),
        easter + timedelta(days=1),
        monday_from(date(year, 5, 1)),
        monday_from(date(year, 5, 25)),
        monday_from(date(year, 8, 25)),
        *winter,
    }


@pytest.mark.parametrize("year", range(HOLIDAYS.first_year, HOLIDAYS.last_year + 1))
def test_the_bank_holidays_that_are_shipped_are_those_that_the_law_gives(year):
    assert {day for day in HOLIDAYS.days if day.year == year} == bank_holidays_by_rule(year)
    assert all(day.weekday() < 5 for day in HOLIDAYS.days)


def test_a_list_may_run_on_a_bank_holiday_or_skip_it():
    runs = days_of(a_cadence(Every.WEEKDAY))
    skips = days_of(a_cadence(Every.WEEKDAY, on_holiday=OnHoliday.SKIP))
    assert set(runs) - set(skips) == {day for day in HOLIDAYS.days if FIRST <= day <= LAST}


def test_a_list_that_is_moved_falls_on_the_next_working_day_and_is_named_by_it():
    cadence = a_cadence(Every.WEEK, weekday=4, on_holiday=OnHoliday.MOVE)
    windows = list(windows_between(cadence, date(2026, 4, 1), date(2026, 4, 12), HOLIDAYS))
    # Good Friday goes over Easter Monday to Tuesday.
    assert [window.name for window in windows] == ["2026-04-07", "2026-04-10"]
    assert windows[0].due_at == utc("2026-04-07T00:30")


def test_a_move_over_christmas_of_2027_lands_behind_both_substitute_days():
    cadence = a_cadence(Every.MONTH, day_of_month=27, on_holiday=OnHoliday.MOVE)
    assert days_of(cadence, date(2027, 12, 1), date(2028, 1, 5)) == [date(2027, 12, 29)]


def test_two_lists_that_fall_on_one_day_are_one_window():
    cadence = a_cadence(Every.NIGHT, on_holiday=OnHoliday.MOVE)
    days = days_of(cadence)
    assert len(days) == len(set(days))
    assert days == [day for day in EVERY_DAY if day not in HOLIDAYS.days]


def test_a_window_moved_into_the_stretch_asked_for_is_found_from_its_first_day():
    cadence = a_cadence(Every.WEEK, weekday=4, on_holiday=OnHoliday.MOVE)
    assert days_of(cadence, date(2026, 4, 7), date(2026, 4, 7)) == [date(2026, 4, 7)]


def test_working_days_are_counted_over_weekends_and_bank_holidays():
    assert HOLIDAYS.working_days_after(date(2026, 12, 24), 0) == date(2026, 12, 24)
    assert HOLIDAYS.working_days_after(date(2026, 12, 24), 1) == date(2026, 12, 29)
    assert HOLIDAYS.working_days_after(date(2026, 12, 24), 5) == date(2027, 1, 5)
    assert HOLIDAYS.working_days_after(date(2026, 11, 20), 5) == date(2026, 11, 27)


@given(day=st.dates(date(2025, 1, 1), date(2028, 11, 30)), count=st.integers(1, 12))
def test_so_many_working_days_lie_between_a_day_and_the_working_day_after_it(day, count):
    end = HOLIDAYS.working_days_after(day, count)
    between = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert sum(HOLIDAYS.is_working(each) for each in between) == count
    assert HOLIDAYS.is_working(end)


def test_the_list_says_which_years_it_covers():
    assert HOLIDAYS.known_on(date(2025, 1, 1))
    assert not HOLIDAYS.known_on(date(2024, 12, 31))
    assert not HOLIDAYS.known_on(date(2029, 1, 1))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("days: [2026-01-01, 2026-01-01]", "has a day twice"),
        ("days: [2027-01-01, 2026-01-01]", "outside the years"),
        ("days: [2026-02-30]", "not a day that exists"),
        ("days: []", "without any bank holiday"),
        ("days: [2026-01-01]\nsources: [x]", "not known"),
    ],
)
def test_a_list_of_bank_holidays_with_a_fault_is_refused(content, sentence):
    text = f"verified_on: 2026-01-01\nfirst_year: 2026\nlast_year: 2026\n{content}\n"
    with pytest.raises(HolidaysInvalid, match=sentence):
        load_bank_holidays(text.encode(), "holidays.yaml")


# --- what was missed ----------------------------------------------------------------------------------------------------


def test_nothing_is_due_before_its_time_and_the_window_is_due_from_its_very_second():
    assert due(a_cadence(), "2026-11-21T12:00", "2026-11-22T01:29:59") == []
    assert due(a_cadence(), "2026-11-21T12:00", "2026-11-22T01:30:00") == ["2026-11-22"]


def test_a_window_that_was_done_is_not_due_again():
    assert due(a_cadence(), "2026-11-21T12:00", "2026-11-22T03:00", done={"2026-11-22"}) == []


def test_windows_from_before_the_agreement_was_approved_are_never_due():
    for catch_up in CatchUp:
        assert due(a_cadence(catch_up=catch_up), "2026-11-22T02:00", "2026-11-22T12:00") == []


def test_after_three_nights_off_all_of_them_the_latest_or_none_are_run():
    """The policies of a gateway that was off from the 19th and is started in the morning of the 22nd."""
    nights = {
        policy: due(a_cadence(catch_up=policy), "2026-11-01T00:00", "2026-11-22T09:00", done={"2026-11-18"})
        for policy in CatchUp
    }
    assert nights[CatchUp.ALL][-4:] == ["2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22"]
    assert nights[CatchUp.LATEST] == ["2026-11-22"]
    assert nights[CatchUp.NONE] == []


def test_without_catching_up_a_late_start_still_runs_while_delivery_is_open():
    cadence = a_cadence(catch_up=CatchUp.NONE)
    assert due(cadence, "2026-11-01T00:00", "2026-11-22T06:59:59") == ["2026-11-22"]
    assert due(cadence, "2026-11-01T00:00", "2026-11-22T07:00:00") == []


def test_the_latest_window_being_done_leaves_earlier_ones_alone():
    """A ledger restored from a backup must not fill old gaps unless the agreement asks for every window."""
    done = {"2026-11-22"}
    assert due(a_cadence(catch_up=CatchUp.LATEST), "2026-11-01T00:00", "2026-11-22T09:00", done) == []


@given(
    minutes=st.lists(st.integers(0, 30 * 24 * 60), min_size=1, max_size=60),
    policy=st.sampled_from(list(CatchUp)),
    every=st.sampled_from(list(Every)),
    on_holiday=st.sampled_from(list(OnHoliday)),
)
def test_law_L4_whenever_the_gateway_is_awake_no_window_is_run_twice(minutes, policy, every, on_holiday):
    """Law L4: at most one list a window; and with every window caught up, none is left out."""
    cadence = a_cadence(every, catch_up=policy, on_holiday=on_holiday)
    since = utc("2026-12-10T00:00")
    ran: list[str] = []
    for minute in sorted(minutes):
        now = since + timedelta(minutes=minute)
        found = windows_due(cadence, since=since, now=now, done=set(ran), holidays=HOLIDAYS)
        assert found == sorted(found, key=lambda window: window.due_at)
        ran += [window.name for window in found]
    assert len(ran) == len(set(ran))
    if policy is CatchUp.ALL:
        last = since + timedelta(minutes=max(minutes))
        windows = windows_between(cadence, london_day(since), london_day(last), HOLIDAYS)
        assert ran == [window.name for window in windows if since <= window.due_at <= last]


# --- what comes next ------------------------------------------------------------------------------------------------------


def test_the_next_window_is_the_first_that_is_due_later():
    assert next_due(a_cadence(), after=utc("2026-11-22T01:29"), holidays=HOLIDAYS).name == "2026-11-22"
    assert next_due(a_cadence(), after=utc("2026-11-22T01:30"), holidays=HOLIDAYS).name == "2026-11-23"


def test_the_next_window_is_found_beyond_a_long_silence():
    closed = Holidays(frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(365)), 2026, 2026, FIRST)
    cadence = a_cadence(Every.WEEK, weekday=0, on_holiday=OnHoliday.SKIP)
    assert next_due(cadence, after=utc("2026-01-05T00:00"), holidays=closed).day == date(2027, 1, 4)


@given(
    minutes=st.integers(0, 3 * 366 * 24 * 60),
    every=st.sampled_from(list(Every)),
    on_holiday=st.sampled_from(list(OnHoliday)),
)
def test_nothing_falls_between_an_instant_and_the_next_window(minutes, every, on_holiday):
    after = utc("2025-06-01T00:00") + timedelta(minutes=minutes)
    cadence = a_cadence(every, on_holiday=on_holiday, catch_up=CatchUp.ALL)
    window: Window = next_due(cadence, after=after, holidays=HOLIDAYS)
    assert window.due_at > after
    just_before = window.due_at - timedelta(microseconds=1)
    since = after + timedelta(microseconds=1)
    assert windows_due(cadence, since=since, now=just_before, done=set(), holidays=HOLIDAYS) == []


def test_without_holidays_a_skip_changes_nothing():
    cadence = a_cadence(Every.WEEKDAY, on_holiday=OnHoliday.SKIP)
    assert days_of(cadence, holidays=NO_HOLIDAYS) == [day for day in EVERY_DAY if day.weekday() < 5]
