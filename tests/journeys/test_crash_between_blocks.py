"""Laws L4 and L5 where the process ends between two blocks of a large package: the next night takes up what is there.

The package is larger than what is begun anew (8 MiB), and is sent in blocks of which several are under way at a time.
What is there is taken up only where it is the beginning of this very package.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from gateway import bootstrap
from gateway.delivery.names import temporary_name
from gateway.delivery.sftp_windows import LARGE_BLOCK, LARGE_FILE_BYTES
from gateway.model.delivery import ListState
from gateway.model.time import FrozenClock
from gateway.seams import Seam
from gateway.services.delivery.deliver_lists import Retrying, deliver
from gateway.settings import read_settings
from tests.delivery_made import seal_a_list
from tests.dying_night import KILLED, passes, start_dying
from tests.rehearsed_county import BOTH, DWP, JOBCENTRE, SMALL_HOURS, RehearsedCounty

SIZE = 20 * 1024 * 1024
BLOCKS = SIZE // LARGE_BLOCK + 1
#: By then more has been answered to than is begun anew, whatever is still under way.
MIDDLE, LAST = BLOCKS // 2, BLOCKS


@pytest.fixture(scope="module")
def sealed_county(founded_county, tmp_path_factory) -> RehearsedCounty:
    """A county on SQLite with a large list that waits, never used itself."""
    return with_large_list(founded_county.copied_to(tmp_path_factory.mktemp("large") / "county"))


@pytest.fixture
def large_on_sqlite(sealed_county, tmp_path) -> Iterator[RehearsedCounty]:
    """A county with a large list that waits, and its partners' server."""
    county = sealed_county.copied_to(tmp_path / "county")
    with county.server():
        yield county


@pytest.fixture
def large_on_postgres(founded_county, tmp_path, postgres_url, two_roles) -> Iterator[RehearsedCounty]:
    """The same on PostgreSQL."""
    county = founded_county.copied_to(tmp_path / "county")
    county.move_to(postgres_url, two_roles)
    with_large_list(county)
    with county.server():
        yield county


@pytest.fixture(params=BOTH)
def large(request) -> RehearsedCounty:
    """The same on each kind of database in turn."""
    found: RehearsedCounty = request.getfixturevalue(
        f"large_on_{'sqlite' if request.param == 'sqlite' else 'postgres'}"
    )
    return found


def with_large_list(county: RehearsedCounty) -> RehearsedCounty:
    with county.server() as server:
        county.know_partners(server)
    county.approve(JOBCENTRE)
    with county.at(SMALL_HOURS) as workplace:
        seal_a_list(workplace, workplace.keys.package_signing_key(), size=SIZE)
    return county


def deliver_everything(settings_file: Path, instant: datetime) -> None:
    with bootstrap.workplace_of(read_settings(settings_file), clock=FrozenClock(instant)) as workplace:
        deliver(workplace, [1], retrying=Retrying(sleep=lambda _: None))


def killed_at_block(county: RehearsedCounty, block: int) -> Path:
    """Deliver until so many blocks are answered to and no further; return what is left at the partner's."""
    at = (Seam.BLOCK_WRITTEN, block)
    night = start_dying(county.settings_file, SMALL_HOURS, county.folder / "passed", at=at, act=deliver_everything)
    night.join(60)
    assert night.exitcode == KILLED
    county.a_minute_passes_for_leases()
    (kept,) = county.lists()
    assert kept.state is ListState.SENDING
    assert [file.name for file in county.inbox(DWP).iterdir()] == [temporary_name(kept.remote_name)]
    return county.inbox(DWP) / temporary_name(kept.remote_name)


def blocks_of_the_next_night(county: RehearsedCounty) -> int:
    """Deliver again, hold that the list is there once and whole, and return how many blocks of it were sent."""
    night = start_dying(county.settings_file, SMALL_HOURS, county.folder / "passed", act=deliver_everything)
    night.join(60)
    assert night.exitcode == 0
    (kept,) = county.lists()
    assert kept.state is ListState.VERIFIED
    package = county.inbox(DWP) / kept.remote_name
    assert hashlib.sha256(package.read_bytes()).hexdigest() == kept.package_sha256
    assert len(list(county.inbox(DWP).iterdir())) == 3
    assert county.audit() == ()
    seams = passes(county.folder / "passed")
    return seams[: seams.index(Seam.BROUGHT_TO_DISK)].count(Seam.BLOCK_WRITTEN)


@pytest.mark.parametrize("block", [MIDDLE, LAST], ids=["in the middle", "the last"])
def test_L4_L5_row_20_a_package_broken_off_between_blocks_is_taken_up(large, block):
    left = killed_at_block(large, block)
    there = left.stat().st_size
    assert there >= max(LARGE_FILE_BYTES, (block - 1) * LARGE_BLOCK)
    assert blocks_of_the_next_night(large) <= BLOCKS - there // LARGE_BLOCK


def test_L4_L5_a_package_broken_off_at_its_beginning_is_sent_anew(large_on_sqlite):
    assert killed_at_block(large_on_sqlite, 1).stat().st_size < LARGE_FILE_BYTES
    assert blocks_of_the_next_night(large_on_sqlite) == BLOCKS


def test_L5_what_was_left_is_not_taken_up_where_its_beginning_is_another(large_on_sqlite):
    left = killed_at_block(large_on_sqlite, MIDDLE)
    content = bytearray(left.read_bytes())
    content[LARGE_BLOCK] ^= 1
    left.write_bytes(content)
    assert blocks_of_the_next_night(large_on_sqlite) == BLOCKS


def test_L4_L5_a_package_is_killed_again_and_again_until_it_is_there(large):
    """Each night sends what the ones before it did not."""
    sizes = [killed_at_block(large, block).stat().st_size for block in (MIDDLE, 5, 5)]
    assert sizes == sorted(set(sizes))
    assert blocks_of_the_next_night(large) <= BLOCKS - sizes[-1] // LARGE_BLOCK
