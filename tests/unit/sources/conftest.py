"""What tests of sources ask for."""

from pathlib import Path

import pytest

from gateway.model.records import Feed
from tests.extracts_written import GOOD, HEADERS, Extracts


@pytest.fixture
def extracts(tmp_path: Path) -> Extracts:
    return Extracts(tmp_path)


@pytest.fixture(scope="session")
def headers() -> dict[Feed, str]:
    return HEADERS


@pytest.fixture(scope="session")
def good() -> dict[Feed, str]:
    return GOOD
