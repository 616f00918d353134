"""A county for each test: invented, loaded or approved once, copied for each, on SQLite and on PostgreSQL.

On PostgreSQL the county works under the runtime role, which owns nothing (law L7).

People have the same references and secrets in all of them, so that the lists of two counties can be compared byte by
byte. `county` comes with its extracts loaded and its partners' server running; nothing is approved yet, so that a test can
first change what it is about. `unloaded` has one agreement approved and its night still to come.
"""

import itertools
import os
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path

import pytest

from tests.loaded_county import Drawn
from tests.rehearsed_county import (
    BOTH,
    HOUSING,
    SMALL_HOURS,
    PostgresCopy,
    RehearsedCounty,
    copied_with_database,
    found_county,
    with_server,
)
from tests.two_roles import Roles
from tests.work_coach_lists import night

#: Makes another county whose night is still to come, with its partners' server.
MakeUnloaded = Callable[[], AbstractContextManager[RehearsedCounty]]


@pytest.fixture
def dice() -> random.Random:
    """Dice whose seed is shown where a test fails; GATEWAY_TEST_SEED throws them again."""
    seed = int(os.environ.get("GATEWAY_TEST_SEED") or random.SystemRandom().randrange(10**6))
    print(f"GATEWAY_TEST_SEED={seed}")  # noqa: T201 - see above
    return random.Random(seed)


@pytest.fixture(scope="session")
def ordinary_lists(loaded_county: RehearsedCounty, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the desks open after a night in which nothing goes wrong, by the lists' references."""
    with ExitStack() as open_until_the_end:
        folder = tmp_path_factory.mktemp("ordinary") / "county"
        county = with_server(loaded_county.copied_to(folder), open_until_the_end)
        county.approve()
        county.run()
        county.deliver()
        return county.plaintexts()


@pytest.fixture(scope="session")
def told_county(loaded_county: RehearsedCounty, tmp_path_factory: pytest.TempPathFactory) -> RehearsedCounty:
    """A county on SQLite that told its recipients of its people last night, never used itself."""
    county = loaded_county.copied_to(tmp_path_factory.mktemp("told") / "county")
    night(county)
    return county


@pytest.fixture(scope="session")
def founded_county(tmp_path_factory: pytest.TempPathFactory) -> RehearsedCounty:
    """A county with keys and extracts and an empty database, never used itself."""
    return found_county(tmp_path_factory.mktemp("founded") / "county")


@pytest.fixture(scope="session")
def loaded_county(founded_county: RehearsedCounty, tmp_path_factory: pytest.TempPathFactory) -> RehearsedCounty:
    """The county with tonight's extracts loaded, never used itself."""
    county = founded_county.copied_to(tmp_path_factory.mktemp("loaded") / "county")
    county.load(draw=Drawn())
    return county


@pytest.fixture(scope="session")
def loaded_on_postgres(
    founded_county: RehearsedCounty,
    tmp_path_factory: pytest.TempPathFactory,
    postgres_copy: PostgresCopy,
    two_roles: Roles,
) -> Iterator[RehearsedCounty]:
    """The same on PostgreSQL, never used itself."""
    county = founded_county.copied_to(tmp_path_factory.mktemp("loaded") / "county")
    with postgres_copy("template1") as url:
        county.move_to(url, two_roles)
        county.load(draw=Drawn())
        yield county


@pytest.fixture(scope="session")
def approved_county(founded_county: RehearsedCounty, tmp_path_factory: pytest.TempPathFactory) -> RehearsedCounty:
    """A county on SQLite in which one agreement is approved and nothing is loaded yet, never used itself."""
    return _approved(founded_county.copied_to(tmp_path_factory.mktemp("approved") / "county"))


@pytest.fixture(scope="session")
def approved_on_postgres(
    founded_county: RehearsedCounty,
    tmp_path_factory: pytest.TempPathFactory,
    postgres_copy: PostgresCopy,
    two_roles: Roles,
) -> Iterator[RehearsedCounty]:
    """The same on PostgreSQL, never used itself."""
    county = founded_county.copied_to(tmp_path_factory.mktemp("approved") / "county")
    with postgres_copy("template1") as url:
        county.move_to(url, two_roles)
        yield _approved(county)


def _approved(county: RehearsedCounty) -> RehearsedCounty:
    """Have the housing agreement approved in a county's evening, and make it night."""
    with ExitStack() as stack:
        with_server(county, stack).approve(HOUSING)
    county.clock.instant = SMALL_HOURS
    return county


@pytest.fixture
def sqlite_county(loaded_county: RehearsedCounty, tmp_path: Path) -> Iterator[RehearsedCounty]:
    """A loaded county on SQLite, with its partners' server."""
    with ExitStack() as open_until_the_end:
        yield with_server(loaded_county.copied_to(tmp_path / "county"), open_until_the_end)


@pytest.fixture
def postgres_county(
    loaded_on_postgres: RehearsedCounty, tmp_path: Path, postgres_copy: PostgresCopy, two_roles: Roles
) -> Iterator[RehearsedCounty]:
    """A loaded county on PostgreSQL, with its partners' server."""
    with (
        copied_with_database(loaded_on_postgres, tmp_path / "county", postgres_copy, two_roles) as county,
        ExitStack() as stack,
    ):
        yield with_server(county, stack)


@pytest.fixture
def sqlite_unloaded(approved_county: RehearsedCounty, tmp_path: Path) -> Iterator[RehearsedCounty]:
    """A county on SQLite whose night is still to come, with its partners' server."""
    county = approved_county.copied_to(tmp_path / "county")
    with county.server():
        yield county


@pytest.fixture
def postgres_unloaded(
    approved_on_postgres: RehearsedCounty, tmp_path: Path, postgres_copy: PostgresCopy, two_roles: Roles
) -> Iterator[RehearsedCounty]:
    """A county on PostgreSQL whose night is still to come, with its partners' server."""
    with (
        copied_with_database(approved_on_postgres, tmp_path / "county", postgres_copy, two_roles) as county,
        county.server(),
    ):
        yield county


@pytest.fixture(params=BOTH)
def county(request: pytest.FixtureRequest) -> RehearsedCounty:
    """A loaded county with its partners' server, on each kind of database in turn."""
    name = "sqlite_county" if request.param == "sqlite" else "postgres_county"
    found: RehearsedCounty = request.getfixturevalue(name)
    return found


@pytest.fixture(params=BOTH)
def unloaded(request: pytest.FixtureRequest) -> RehearsedCounty:
    """A county whose night is still to come, with its partners' server, on each kind of database in turn."""
    name = "sqlite_unloaded" if request.param == "sqlite" else "postgres_unloaded"
    found: RehearsedCounty = request.getfixturevalue(name)
    return found


@pytest.fixture(params=BOTH)
def make_unloaded(request: pytest.FixtureRequest, tmp_path: Path) -> MakeUnloaded:
    """Make one such county after another, on each kind of database in turn."""
    folders = (tmp_path / f"county-{number}" for number in itertools.count(1))
    on_server = request.param == "postgresql"
    first: RehearsedCounty = request.getfixturevalue("approved_on_postgres" if on_server else "approved_county")

    @contextmanager
    def make() -> Iterator[RehearsedCounty]:
        folder = next(folders)
        asked = [request.getfixturevalue(name) for name in ("postgres_copy", "two_roles")] if on_server else []
        copying = copied_with_database(first, folder, *asked) if on_server else None
        with copying or nullcontext(first.copied_to(folder)) as county, county.server():
            yield county

    return make
