"""A county on SQLite whose extracts are loaded, for tests that try to get somebody onto a list who must not be."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.loaded_county import Drawn
from tests.rehearsed_county import RehearsedCounty, found_county, with_server


@pytest.fixture(scope="session")
def _loaded(tmp_path_factory: pytest.TempPathFactory) -> RehearsedCounty:
    county = found_county(tmp_path_factory.mktemp("adversary") / "county", families=40)
    county.load(draw=Drawn())
    return county


@pytest.fixture
def county(_loaded: RehearsedCounty, tmp_path: Path) -> Iterator[RehearsedCounty]:
    """The county with its partners' server; nothing is approved yet."""
    with ExitStack() as open_until_the_end:
        yield with_server(_loaded.copied_to(tmp_path / "county"), open_until_the_end)
