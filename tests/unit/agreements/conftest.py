"""Two officers who may approve, with keys made for the session."""

from pathlib import Path

import pytest

from tests.officers_signing import Officer, an_officer


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("officers")


@pytest.fixture(scope="session")
def owner(keys: Path) -> Officer:
    """The information asset owner."""
    return an_officer(keys, "rowan.ashby", "approver")


@pytest.fixture(scope="session")
def governor(keys: Path) -> Officer:
    """The information-governance lead."""
    return an_officer(keys, "sam.okoro", "ig_officer")
