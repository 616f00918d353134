"""Laws L1, L4 and L5 where not the night is killed but what it speaks to: the partner's server, and the database's.

A night is run, its server is killed at a moment that is drawn and brought up again, and the night is run once more, until
nobody disturbs it. What the partner holds is compared with the ledger after each.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from gateway.seams import Seam
from tests.dying_night import STOOD_DOWN, moments, passes, phases_of, start_dying, whole_night
from tests.killed_servers import KilledPostgres, PartnersSshd, killed_postgres, partners_sshd
from tests.published_once import assert_nothing_went_unrecorded, assert_published_once
from tests.rehearsed_county import BOTH, EVENING, HOUSING, SMALL_HOURS, RehearsedCounty

EXPECTED = {(HOUSING, "all")}
#: How long after a seam a server may still live: longer than most of what stands between two.
LONGEST_S = 0.06
KILLS = 5
#: The longest pause between two tries at a list.
REST = timedelta(minutes=30)
#: Where a session with the partner stands.
IN_SESSION = [
    *(Seam.SESSION_OPENED, f"{Seam.SESSION_OPENED} > {Seam.CLAIMED}", f"{Seam.CLAIMED} > {Seam.COMMITTED}"),
    *(Seam.FILE_OPENED, Seam.BLOCK_WRITTEN, Seam.BROUGHT_TO_DISK, Seam.FILE_CHECKED, Seam.FILE_CLOSED),
    *(f"{Seam.FILE_CLOSED} > {Seam.COMMITTED}", f"{Seam.FILE_CLOSED} > {Seam.KEPT_OUTSIDE}", Seam.RENAMED),
    Seam.COMPANIONS_PLACED,
]
#: Where a database has something to do, from the beginning.
WITH_DATABASE = [
    *("begun", f"begun > {Seam.CLAIMED}", Seam.EXTRACTS_READ, f"{Seam.EXTRACTS_READ} > {Seam.COMMITTED}"),
    *(Seam.PLANNED, Seam.SCANNED, f"{Seam.SCANNED} > {Seam.COMMITTED}", *IN_SESSION),
]


@pytest.fixture
def dice() -> random.Random:
    """Dice whose seed is shown where a test fails; GATEWAY_TEST_SEED throws them again."""
    seed = int(os.environ.get("GATEWAY_TEST_SEED") or random.SystemRandom().randrange(10**6))
    print(f"GATEWAY_TEST_SEED={seed}")  # noqa: T201 - pytest shows it where the test fails
    return random.Random(seed)


@pytest.fixture(params=BOTH)
def on_sshd(request, founded_county, tmp_path) -> Iterator[tuple[RehearsedCounty, PartnersSshd]]:
    """A county whose night is still to come and whose partners have a real OpenSSH server."""
    county = founded_county.copied_to(tmp_path / "county")
    if request.param == "postgresql":
        county.move_to(request.getfixturevalue("postgres_url"))
    with partners_sshd(county) as server:
        yield approved(county), server


@pytest.fixture
def on_postgres(founded_county, tmp_path) -> Iterator[tuple[RehearsedCounty, KilledPostgres]]:
    """A county whose night is still to come, on a PostgreSQL server that nobody else uses."""
    with killed_postgres() as server:
        county = founded_county.copied_to(tmp_path / "county")
        county.move_to(server.url)
        with county.server() as partners:
            county.know_partners(partners)
            yield approved(county), server


def approved(county: RehearsedCounty) -> RehearsedCounty:
    county.clock.instant = EVENING
    county.approve(HOUSING)
    county.clock.instant = SMALL_HOURS
    return county


def disturbed_night(county: RehearsedCounty, aim: str, delay_s: float, disturb: Callable[[], None]) -> None:
    """Run a night, and disturb it that moment after a phase has begun; it ends by itself, one way or the other."""
    passed = county.folder / "passed"
    passed.unlink(missing_ok=True)
    night = start_dying(county.settings_file, county.clock.instant, passed)
    while night.is_alive() and aim not in begun(passed):
        time.sleep(0.001)
    night.join(delay_s)
    print(f"disturbed in {begun(passed)[-1]}")  # noqa: T201 - pytest shows it where the test fails
    disturb()
    night.join(120)
    assert night.exitcode in {0, STOOD_DOWN}, f"a night ends well whatever its servers do: {begun(passed)}"
    # After a try that failed the next one has to wait a while.
    county.clock.instant += REST


def begun(passed: Path) -> list[str]:
    return phases_of(passes(passed)) if moments(passed) else []


@pytest.mark.sshd
def test_L1_L4_L5_a_partners_server_killed_at_any_moment_has_each_list_once(on_sshd, dice):
    county, server = on_sshd
    for aim in sorted(dice.choices(IN_SESSION, k=KILLS), key=IN_SESSION.index):
        disturbed_night(county, aim, dice.random() * LONGEST_S, server.kill)
        assert_nothing_went_unrecorded(county)
        server.start()
    whole_night(county.settings_file, county.clock.instant)
    assert_published_once(county, EXPECTED)


@pytest.mark.sshd
@pytest.mark.parametrize("repeated", range(2))
def test_L4_L5_a_session_killed_at_any_moment_is_followed_by_another_in_the_same_night(on_sshd, dice, repeated):
    county, server = on_sshd
    disturbed_night(county, dice.choice(IN_SESSION), dice.random() * LONGEST_S, server.kill_sessions)
    assert_published_once(county, EXPECTED)


@pytest.mark.postgres
@pytest.mark.parametrize("killed", ["the server", "the process that serves us"])
def test_L1_L4_L5_a_database_killed_at_any_moment_holds_everything_that_went(on_postgres, dice, killed):
    county, server = on_postgres
    for aim in sorted(dice.choices(WITH_DATABASE, k=KILLS), key=WITH_DATABASE.index):
        if killed == "the server":
            disturbed_night(county, aim, dice.random() * LONGEST_S, server.kill)
            server.start()
        else:
            disturbed_night(county, aim, dice.random() * LONGEST_S, partial(server.kill_session, dice.random()))
            server.wait_until_recovered()
        county.a_minute_passes_for_leases()
        assert_nothing_went_unrecorded(county)
    whole_night(county.settings_file, county.clock.instant)
    assert_published_once(county, EXPECTED)
