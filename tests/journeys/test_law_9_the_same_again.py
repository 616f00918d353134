"""Law L9 over whole nights: the same inputs give the same bytes, and no clock makes a list twice or not at all."""

from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.errors import ClockBehindLedger
from gateway.model.delivery import ListState
from gateway.services.delivery.deliver_lists import deliver
from gateway.services.disclosure.run_disclosures import run_disclosures
from gateway.services.planning.plan_night import plan_night
from gateway.services.sources.load_sources import load_sources
from gateway.store.tables import ledger
from tests.loaded_county import Drawn
from tests.rehearsed_county import (
    AGREEMENTS,
    EVENING,
    HOUSING,
    JOBCENTRE,
    NIGHT,
    SMALL_HOURS,
    RehearsedCounty,
    found_county,
    with_server,
)

TICK = timedelta(minutes=10)


def a_night(county: RehearsedCounty) -> dict[str, bytes]:
    county.approve()
    county.run()
    county.deliver()
    return county.plaintexts()


def test_L9_the_same_inputs_on_another_database_give_the_same_bytes(postgres_county, ordinary_lists):
    assert a_night(postgres_county) == ordinary_lists


def test_L9_the_same_inputs_loaded_anew_give_the_same_bytes(founded_county, ordinary_lists, tmp_path):
    with ExitStack() as open_until_the_end:
        county = with_server(founded_county.copied_to(tmp_path / "county"), open_until_the_end)
        county.load(draw=Drawn())
        assert a_night(county) == ordinary_lists


def test_L9_other_draws_give_other_references_and_the_same_people(founded_county, ordinary_lists, tmp_path):
    """So that the test above compares something: who is on a list rests on nothing that was drawn."""
    with ExitStack() as open_until_the_end:
        county = with_server(founded_county.copied_to(tmp_path / "county"), open_until_the_end)
        county.load(draw=Drawn(2))
        lists = a_night(county)
    assert lists.keys() == ordinary_lists.keys()
    for reference, content in lists.items():
        assert without_references(content) == without_references(ordinary_lists[reference])
        assert content != ordinary_lists[reference]


def without_references(content: bytes) -> list[bytes]:
    return sorted(line.split(b",", 1)[1] for line in content.split(b"\r\n")[:-1])


def test_L9_a_clock_behind_the_ledger_stops_the_planner_and_every_writer(sqlite_county):
    """Something was entered at three; at five past two the clock was put back, or another host's was never right."""
    county = sqlite_county
    county.approve()
    county.clock.instant = SMALL_HOURS + timedelta(hours=1)
    county.hold(county.facts.canary("ordinary").nino)
    before = county.rows(ledger)
    with county.at(SMALL_HOURS) as workplace:
        for refused in (
            lambda: plan_night(workplace, load_at=county.settings.load_at),
            lambda: run_disclosures(workplace, [(agreement, NIGHT) for agreement in AGREEMENTS]),
            lambda: load_sources(workplace),
        ):
            with pytest.raises(ClockBehindLedger):
                refused()
    assert county.rows(ledger) == before
    assert county.lists() == []


def test_L9_a_clock_behind_the_ledger_sends_nothing(sqlite_county):
    county = sqlite_county
    county.approve()
    county.run()
    with county.at(EVENING) as workplace, pytest.raises(ClockBehindLedger):
        deliver(workplace, [kept.list_id for kept in county.lists()])
    assert set().union(*county.states().values()) == {ListState.SEALED}
    assert [list(county.inbox(partner).iterdir()) for partner in county.partners] == [[], []]


@pytest.mark.parametrize(
    ("night", "due_at"),
    [
        # 01:30 is shown twice, and 02:00 once.
        (date(2026, 10, 25), {JOBCENTRE: datetime(2026, 10, 25, 0, 30, tzinfo=UTC), HOUSING: "02:00"}),
        # The hour from one to two is not shown at all.
        (date(2027, 3, 28), {JOBCENTRE: datetime(2027, 3, 28, 1, 0, tzinfo=UTC), HOUSING: "01:00"}),
    ],
    ids=["clocks go back", "clocks go forward"],
)
def test_L9_each_list_is_made_once_in_a_night_whose_clocks_change(tmp_path, night, due_at):
    """The planner is asked every ten minutes of the night, and each agreement runs at one of them."""
    evening = datetime(night.year, night.month, night.day, 22, 30, tzinfo=UTC) - timedelta(days=1)
    founded = evening - timedelta(hours=2)
    county = found_county(tmp_path / "county", as_at=night - timedelta(days=1), founded=founded)
    county.change_agreement(JOBCENTRE, "every: weekday", "every: night")
    county.clock.instant = founded
    ran: dict[str, set[datetime]] = {}
    with ExitStack() as open_until_the_end:
        with_server(county, open_until_the_end).approve()
        county.load(evening)
        for number in range(19):
            tick = datetime(night.year, night.month, night.day, tzinfo=UTC) + number * TICK
            for made in county.run(tick):
                ran.setdefault(made.agreement_id, set()).add(tick)
    hour, minute = map(int, due_at[HOUSING].split(":"))
    housing = datetime(night.year, night.month, night.day, hour, minute, tzinfo=UTC)
    assert ran == {JOBCENTRE: {due_at[JOBCENTRE]}, HOUSING: {housing}}
    assert {kept.window for kept in county.lists()} == {night.isoformat()}
    assert set(county.states()) == set(AGREEMENTS)
