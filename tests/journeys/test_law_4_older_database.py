"""Law L4 after a restore: a database that is older than its newest checkpoint outside starts stopped.

It is whole in itself, and says that nothing was sent: every list since would go a second time.
"""

import shutil
from pathlib import Path

import pytest

from gateway.errors import CheckpointInvalid, ExitCode, LedgerBehindCheckpoint
from gateway.services.audit.audit_verify import audit_verify
from gateway.services.delivery.deliver_lists import deliver
from gateway.services.disclosure.run_disclosures import run_disclosures
from tests.dying_night import whole_night
from tests.rehearsed_county import HOUSING, NIGHT, SMALL_HOURS, RehearsedCounty


@pytest.fixture
def restored(sqlite_unloaded: RehearsedCounty) -> RehearsedCounty:
    """A county whose database was put back to what it was before the night, and nothing else was."""
    county = sqlite_unloaded
    county.load(SMALL_HOURS)
    database = next(county.folder.rglob("gateway.db"))
    backup = shutil.copy(database, county.folder / "backup.db")
    whole_night(county.settings_file, SMALL_HOURS)
    shutil.copy(database, county.folder / "newest.db")
    put_back(county, backup)
    return county


def put_back(county: RehearsedCounty, copy: str | Path) -> None:
    """Put a copy in the database's place, as one does when the service is stopped."""
    database = next(county.folder.rglob("gateway.db"))
    for beside in database.parent.glob("gateway.db-*"):
        beside.unlink()
    shutil.copy(copy, database)


def published(county: RehearsedCounty) -> dict[str, float]:
    files = [path for partner in county.partners for path in county.inbox(partner).iterdir()]
    return {path.name: path.stat().st_mtime for path in files}


def test_L4_an_older_database_neither_runs_nor_delivers_nor_loads(restored):
    before = published(restored)
    assert before
    with restored.at(SMALL_HOURS) as workplace:
        for step in (
            lambda: run_disclosures(workplace, [(HOUSING, NIGHT)]),
            lambda: deliver(workplace, []),
        ):
            with pytest.raises(LedgerBehindCheckpoint) as refused:
                step()
            assert refused.value.exit_code is ExitCode.INTEGRITY
            assert "audit verify --checkpoint" in refused.value.advice()
    with pytest.raises(LedgerBehindCheckpoint):
        restored.load(SMALL_HOURS)
    assert published(restored) == before


def test_an_older_database_is_verified_and_the_checkpoint_says_what_it_lacks(restored):
    outside = next(restored.folder.rglob("newest.txt"))
    with restored.at(SMALL_HOURS) as workplace:
        assert audit_verify(workplace).whole
        assert not audit_verify(workplace, outside.read_text(encoding="utf-8")).whole


def test_L4_the_newest_database_put_back_goes_on_and_sends_nothing_twice(restored):
    before = published(restored)
    put_back(restored, restored.folder / "newest.db")
    whole_night(restored.settings_file, SMALL_HOURS)
    assert published(restored) == before


def test_L7_a_file_that_the_log_did_not_sign_is_no_checkpoint(sqlite_unloaded):
    outside = next(sqlite_unloaded.folder.rglob("newest.txt"))
    note = outside.read_text(encoding="utf-8").splitlines()
    note[1] = str(int(note[1]) - 1)
    outside.write_text("\n".join(note) + "\n", encoding="utf-8")
    with pytest.raises(CheckpointInvalid):
        sqlite_unloaded.load(SMALL_HOURS)
