"""A county for each test: invented and loaded once, copied for each, on SQLite and on PostgreSQL.

People have the same references and secrets in all of them, so that the lists of two counties can be compared byte by
byte. `county` comes with its extracts loaded and its partners' server running; nothing is approved yet, so that a test can
first change what it is about.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.loaded_county import Drawn
from tests.rehearsed_county import BOTH, EVENING, HOUSING, SMALL_HOURS, RehearsedCounty, found_county, with_server


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
def founded_county(tmp_path_factory: pytest.TempPathFactory) -> RehearsedCounty:
    """A county with keys and extracts and an empty database, never used itself."""
    return found_county(tmp_path_factory.mktemp("founded") / "county")


@pytest.fixture(scope="session")
def loaded_county(founded_county: RehearsedCounty, tmp_path_factory: pytest.TempPathFactory) -> RehearsedCounty:
    """The county with tonight's extracts loaded, never used itself."""
    county = founded_county.copied_to(tmp_path_factory.mktemp("loaded") / "county")
    county.load(draw=Drawn())
    return county


@pytest.fixture
def sqlite_county(loaded_county: RehearsedCounty, tmp_path: Path) -> Iterator[RehearsedCounty]:
    """A loaded county on SQLite, with its partners' server."""
    with ExitStack() as open_until_the_end:
        yield with_server(loaded_county.copied_to(tmp_path / "county"), open_until_the_end)


@pytest.fixture
def postgres_county(founded_county: RehearsedCounty, tmp_path: Path, postgres_url: str) -> Iterator[RehearsedCounty]:
    """A loaded county on PostgreSQL, with its partners' server."""
    county = founded_county.copied_to(tmp_path / "county")
    county.move_to(postgres_url)
    county.load(draw=Drawn())
    with ExitStack() as open_until_the_end:
        yield with_server(county, open_until_the_end)


@pytest.fixture(params=BOTH)
def county(request: pytest.FixtureRequest) -> RehearsedCounty:
    """A loaded county with its partners' server, on each kind of database in turn."""
    name = "sqlite_county" if request.param == "sqlite" else "postgres_county"
    found: RehearsedCounty = request.getfixturevalue(name)
    return found


@pytest.fixture(scope="session")
def approved_county(founded_county: RehearsedCounty, tmp_path_factory: pytest.TempPathFactory) -> RehearsedCounty:
    """A county on SQLite in which one agreement is approved and nothing is loaded yet, never used itself."""
    with ExitStack() as stack:
        county = with_server(founded_county.copied_to(tmp_path_factory.mktemp("approved") / "county"), stack)
        county.clock.instant = EVENING
        county.approve(HOUSING)
        return county


@pytest.fixture
def sqlite_unloaded(approved_county: RehearsedCounty, tmp_path: Path) -> Iterator[RehearsedCounty]:
    """A county on SQLite whose night is still to come, with its partners' server."""
    county = approved_county.copied_to(tmp_path / "county")
    county.clock.instant = SMALL_HOURS
    with county.server():
        yield county


@pytest.fixture
def postgres_unloaded(founded_county: RehearsedCounty, tmp_path: Path, postgres_url: str) -> Iterator[RehearsedCounty]:
    """A county on PostgreSQL whose night is still to come, with its partners' server."""
    county = founded_county.copied_to(tmp_path / "county")
    county.move_to(postgres_url)
    with ExitStack() as open_until_the_end:
        with_server(county, open_until_the_end)
        county.clock.instant = EVENING
        county.approve(HOUSING)
        county.clock.instant = SMALL_HOURS
        yield county


@pytest.fixture(params=BOTH)
def unloaded(request: pytest.FixtureRequest) -> RehearsedCounty:
    """A county whose night is still to come, with its partners' server, on each kind of database in turn."""
    name = "sqlite_unloaded" if request.param == "sqlite" else "postgres_unloaded"
    found: RehearsedCounty = request.getfixturevalue(name)
    return found
