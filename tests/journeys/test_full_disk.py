"""Laws L1, L4 and L5 where a disk runs full at a moment that is drawn: the state directory's, or that of PostgreSQL.

What cannot be recorded is not sent. Once there is room again, the next night goes on where the last one stopped. The disk is
a real one where the system lets us mount one (small_disk.py).
"""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import pytest

from gateway.seams import Seam
from tests.disturbed_nights import WITH_DATABASE, disturbed_night
from tests.dying_night import BEGUN, STOOD_DOWN, whole_night
from tests.killed_servers import KilledPostgres, killed_postgres
from tests.published_once import assert_nothing_went_unrecorded, assert_published_once
from tests.rehearsed_county import EVENING, HOUSING, SMALL_HOURS, RehearsedCounty, with_server
from tests.small_disk import Disk, small_disk

EXPECTED = {(HOUSING, "all")}
LONGEST_S = 0.06
#: PostgreSQL's own files need some 60 of them.
OF_POSTGRES, OF_SQLITE = 160, 24


@pytest.fixture
def on_small_disk(approved_county, tmp_path) -> Iterator[tuple[RehearsedCounty, Disk]]:
    """A county on SQLite whose night is still to come and whose state directory is on a disk of its own."""
    with small_disk(OF_SQLITE) as disk:
        county = approved_county.copied_to(tmp_path / "county")
        state = county.settings.state
        shutil.move(state, disk.folder / "state")
        state.symlink_to(disk.folder / "state")
        with county.server():
            yield county, disk


@pytest.fixture
def postgres_on_small_disk(founded_county, tmp_path) -> Iterator[tuple[RehearsedCounty, Disk, KilledPostgres]]:
    """A county whose night is still to come, on a PostgreSQL server that is on a disk of its own."""
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(OF_POSTGRES))
        server = stack.enter_context(killed_postgres(disk.folder, disk.environment))
        county = founded_county.copied_to(tmp_path / "county")
        county.move_to(server.url)
        with_server(county, stack)
        county.clock.instant = EVENING
        county.approve(HOUSING)
        county.clock.instant = SMALL_HOURS
        yield county, disk, server


def at_the_partners(county: RehearsedCounty) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for name in county.partners for file in county.inbox(name).iterdir()}


@pytest.mark.parametrize("pretended", [False, True])
def test_a_small_disk_is_full_and_has_room_again(pretended):
    """What the tests below fill; the pretended one is for systems that let us mount nothing."""
    with small_disk(1, pretended=pretended) as disk:
        file = disk.folder / "file"
        writes = [sys.executable, "-c", "import sys; open(sys.argv[1], 'ab', buffering=0).write(bytes(5000))", file]
        ended = []
        for prepare in (lambda: None, disk.fill, disk.make_room):
            prepare()
            before = file.stat().st_size if file.exists() else 0
            environment = os.environ | dict(disk.environment)
            subprocess.run(writes, env=environment, stderr=subprocess.DEVNULL, check=False)
            ended.append(file.stat().st_size - before if file.exists() else 0)
        assert ended[0] == ended[2] == 5000
        assert ended[1] < 5000


def fill_and_find_room_again(
    county: RehearsedCounty,
    aim: str,
    delay_s: float,
    fill: Callable[[], None],
    make_room: Callable[[], None],
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a night whose disk runs full and one that finds it so; then let the leases of both run out."""
    disturbed_night(county, aim, delay_s, fill, environment)
    before = at_the_partners(county)
    disturbed_night(county, BEGUN, 0, lambda: None, environment)
    assert at_the_partners(county) == before, "what cannot be recorded was sent"
    make_room()
    county.a_minute_passes_for_leases()
    assert_nothing_went_unrecorded(county)


def refuse_from_the_beginning(
    county: RehearsedCounty,
    fill: Callable[[], None],
    make_room: Callable[[], None],
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a night whose disk is full before it begins: there is no room for its load."""
    fill()
    assert disturbed_night(county, BEGUN, 0, lambda: None, environment) == STOOD_DOWN
    assert at_the_partners(county) == {}
    make_room()
    county.a_minute_passes_for_leases()
    assert county.audit() == ()


def aims(dice: random.Random) -> list[str]:
    """Where the disk runs full: once with a load to come that has to have room, then anywhere."""
    return [Seam.EXTRACTS_READ, dice.choice(WITH_DATABASE)]


def test_L1_L4_a_state_directory_without_room_sends_nothing_that_is_not_on_record(on_small_disk, dice):
    county, disk = on_small_disk
    full = (disk.fill, disk.make_room, disk.environment)
    refuse_from_the_beginning(county, *full)
    for aim in aims(dice):
        fill_and_find_room_again(county, aim, dice.random() * LONGEST_S, *full)
    whole_night(county.settings_file, county.clock.instant)
    assert_published_once(county, EXPECTED)


@pytest.mark.postgres
@pytest.mark.parametrize("of_its_log", [False, True], ids=["for its tables", "for its log"])
def test_L1_L4_a_postgresql_without_room_sends_nothing_that_is_not_on_record(postgres_on_small_disk, dice, of_its_log):
    """Without room for its tables the server refuses; without room for its log it ends itself."""
    county, disk, server = postgres_on_small_disk

    def fill() -> None:
        disk.fill()
        if of_its_log:
            server.fill_log()

    def make_room() -> None:
        disk.make_room()
        server.kill()
        server.start()

    refuse_from_the_beginning(county, fill, make_room)
    for aim in aims(dice):
        fill_and_find_room_again(county, aim, dice.random() * LONGEST_S, fill, make_room)
    whole_night(county.settings_file, county.clock.instant)
    assert_published_once(county, EXPECTED)
