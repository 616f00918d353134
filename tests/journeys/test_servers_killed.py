"""Laws L1, L4 and L5 where not the night is killed but what it speaks to: the partner's server, and the database's.

A night is run, its server is killed at a moment that is drawn and brought up again, and the night is run once more, until
nobody disturbs it. What the partner holds is compared with the ledger after each.
"""

from collections.abc import Iterator
from functools import partial

import pytest

from tests.disturbed_nights import IN_SESSION, WITH_DATABASE, disturbed_night
from tests.dying_night import whole_night
from tests.killed_servers import KilledPostgres, PartnersSshd, killed_postgres, partners_sshd
from tests.published_once import assert_nothing_went_unrecorded, assert_published_once
from tests.rehearsed_county import BOTH, EVENING, HOUSING, SMALL_HOURS, RehearsedCounty

EXPECTED = {(HOUSING, "all")}
#: How long after a seam a server may still live: longer than most of what stands between two.
LONGEST_S = 0.06
KILLS = 5


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
