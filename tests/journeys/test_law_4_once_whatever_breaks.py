"""Law L4 and law L5 over real processes: run twice, run at once, killed at any point, each list is published once.

What is published is what the ledger says: one row, one sealing and one verification for each window and part, and in
the partner's inbox one package of exactly that hash, with its manifest and its form, and nothing half done.
"""

import signal
import time
from contextlib import ExitStack
from multiprocessing.process import BaseProcess

import pytest
from sqlalchemy import func, select

from gateway.store.tables import ledger, persons, snapshots
from tests.night_process import start_evening, start_night, the_night
from tests.published_once import assert_published_once
from tests.rehearsed_county import EVENING, NIGHT, SMALL_HOURS, RehearsedCounty, with_server

#: Whoever comes second stands down.
STANDS_DOWN = 75
#: Planned, sealed, sending, uploaded, attempted, verified.
ENTRIES_OF_A_LIST = 6


@pytest.fixture
def approved(county: RehearsedCounty) -> RehearsedCounty:
    county.approve()
    county.clock.instant = SMALL_HOURS
    return county


def assert_once(county: RehearsedCounty, ordinary: dict[str, bytes]) -> None:
    """Every list of an ordinary night is published exactly once, byte for byte what the store holds and what it says."""
    assert_published_once(county, {parts_of(reference) for reference in ordinary})
    for each in county.lists():
        assert (county.inbox(each.partner) / each.remote_name).read_bytes() == county.sealed_copy(each)
    assert county.plaintexts() == ordinary


def parts_of(reference: str) -> tuple[str, str]:
    """The agreement and the part that a list's reference names."""
    agreement, part = reference.removeprefix("LST-").split(f"-{NIGHT.isoformat()}-")
    return agreement, part


def entries(county: RehearsedCounty) -> int:
    with county.at() as workplace, workplace.store.reading() as connection:
        return connection.execute(select(func.count()).select_from(ledger)).scalar_one()


def kill_when(night: BaseProcess, county: RehearsedCounty, reached: int, *, delay_s: float) -> None:
    """Kill a night that moment after the ledger has so many entries, wherever that is."""
    with county.at() as workplace:
        while night.is_alive():
            with workplace.store.reading() as connection:
                if connection.execute(select(func.count()).select_from(ledger)).scalar_one() >= reached:
                    break
            time.sleep(0.002)
    time.sleep(delay_s)
    night.kill()
    night.join()
    assert night.exitcode in {-signal.SIGKILL, 0, STANDS_DOWN}, "a night that ends by itself ends well"


def test_L4_a_night_that_is_run_again_does_nothing(approved, ordinary_lists):
    county = approved
    county.run()
    county.deliver()
    before = entries(county)
    the_night(county.settings_file, SMALL_HOURS)
    county.run()
    county.deliver()
    assert entries(county) == before
    assert_once(county, ordinary_lists)


def test_L4_three_runs_at_once_publish_each_list_once(approved, ordinary_lists):
    county = approved
    nights = [start_night(county.settings_file, SMALL_HOURS) for _ in range(3)]
    for night in nights:
        night.join(60)
    assert {night.exitcode for night in nights} <= {0, STANDS_DOWN}
    assert 0 in {night.exitcode for night in nights}
    the_night(county.settings_file, SMALL_HOURS)
    assert_once(county, ordinary_lists)


def test_L4_a_night_killed_at_any_points_is_finished_by_the_next(approved, ordinary_lists, dice):
    """Five kills spread over the whole night; a minute later, when its leases have run out, somebody runs it again."""
    county = approved
    whole, already = len(ordinary_lists) * ENTRIES_OF_A_LIST, entries(county)
    for reached in sorted(dice.sample(range(whole), 5)):
        night = start_night(county.settings_file, SMALL_HOURS)
        kill_when(night, county, already + reached, delay_s=dice.random() * 0.03)
        county.a_minute_passes_for_leases()
    the_night(county.settings_file, SMALL_HOURS)
    assert_once(county, ordinary_lists)


def test_L4_a_load_killed_at_any_points_leaves_a_whole_snapshot_or_none(founded_county, ordinary_lists, tmp_path, dice):
    """And the next load makes what an undisturbed one makes: the same people on the same lists."""
    county = founded_county.copied_to(tmp_path / "county")
    with ExitStack() as open_until_the_end:
        with_server(county, open_until_the_end).approve()
        for _ in range(4):
            load = start_evening(county.settings_file, EVENING)
            load.join(dice.random() * 0.4)
            load.kill()
            load.join()
            county.a_minute_passes_for_leases()
            assert len(county.rows(persons)) == sum(snapshot.people for snapshot in county.rows(snapshots))
        county.load()
        county.run()
        county.deliver()
        assert county.audit() == ()
        lists = county.plaintexts()
    assert {name: people_of(content) for name, content in lists.items()} == {
        name: people_of(content) for name, content in ordinary_lists.items()
    }


def people_of(content: bytes) -> list[bytes]:
    """The lines of a list without their references, which are drawn."""
    return sorted(line.split(b",", 1)[-1] for line in content.split(b"\r\n"))


def test_L4_one_of_two_runs_is_killed_and_the_other_goes_on(approved, ordinary_lists, dice):
    county = approved
    killed, other = (start_night(county.settings_file, SMALL_HOURS) for _ in range(2))
    reached = entries(county) + dice.randrange(len(ordinary_lists) * ENTRIES_OF_A_LIST)
    kill_when(killed, county, reached, delay_s=dice.random() * 0.03)
    other.join(60)
    assert other.exitcode in {0, STANDS_DOWN}
    county.a_minute_passes_for_leases()
    the_night(county.settings_file, SMALL_HOURS)
    assert_once(county, ordinary_lists)
