"""Laws L1, L4 and L5 where the process ends at each named seam: the next night finishes, and nothing goes twice.

Each night here is a process that kills itself at one seam. A minute later, when its leases have run out, the night is
run again, and the partner's folder and the ledger are compared.
"""

import pytest

from gateway.seams import Seam
from tests.dying_night import KILLED, passes, start_dying, whole_night
from tests.published_once import assert_published_once, assert_received_once
from tests.rehearsed_county import HOUSING, SMALL_HOURS, RehearsedCounty

#: One list is enough to pass every seam.
EXPECTED = {(HOUSING, "all")}
#: Each seam of a night with one list, and the how-manieth time it is passed.
IN_THE_NIGHT = [
    (Seam.CLAIMED, 1),
    (Seam.EXTRACTS_READ, 1),
    *((committed, time) for time in (1, 2, 3, 4, 5) for committed in (Seam.COMMITTED, Seam.KEPT_OUTSIDE)),
    (Seam.SCANNED, 1),
    (Seam.PLANNED, 1),
    (Seam.SESSION_OPENED, 1),
    (Seam.CLAIMED, 2),
    # The package, its manifest, and the receipt form.
    *((Seam.FILE_OPENED, time) for time in (1, 2, 3)),
    *((Seam.BLOCK_WRITTEN, time) for time in (1, 2)),
    (Seam.BROUGHT_TO_DISK, 1),
    (Seam.FILE_CHECKED, 1),
    (Seam.FILE_CLOSED, 1),
    *((Seam.RENAMED, time) for time in (1, 2, 3)),
    (Seam.COMPANIONS_PLACED, 1),
]
#: Once the desk has answered, the night after collects what it said.
AFTER_THE_ANSWER = [(Seam.COMMITTED, 1), (Seam.KEPT_OUTSIDE, 1), (Seam.RECEIPT_ARCHIVED, 1)]


def _named(at: tuple[Seam, int]) -> str:
    return f"{at[0].value}-{at[1]}"


def killed_at(county: RehearsedCounty, at: tuple[Seam, int]) -> None:
    """Run a night that ends at a seam, and let its leases run out."""
    night = start_dying(county.settings_file, SMALL_HOURS, county.folder / "passed", at=at)
    night.join(60)
    assert night.exitcode == KILLED, f"no night passes {_named(at)}: {passes(county.folder / 'passed')}"
    county.a_minute_passes_for_leases()


@pytest.mark.parametrize("at", IN_THE_NIGHT, ids=_named)
def test_L1_L4_L5_a_night_that_ends_at_a_seam_is_finished_by_the_next(unloaded, at):
    killed_at(unloaded, at)
    whole_night(unloaded.settings_file, SMALL_HOURS)
    assert_published_once(unloaded, EXPECTED)


@pytest.mark.parametrize("at", AFTER_THE_ANSWER, ids=_named)
def test_L4_a_receipt_is_kept_once_wherever_collecting_it_ends(unloaded, at):
    whole_night(unloaded.settings_file, SMALL_HOURS)
    unloaded.answer()
    killed_at(unloaded, at)
    whole_night(unloaded.settings_file, SMALL_HOURS)
    assert_received_once(unloaded)


def test_a_night_ends_at_every_seam_that_there_is(unloaded):
    """A seam that a later change adds, and no test ends a night at, is found here."""
    for answered in (False, True):
        night = start_dying(unloaded.settings_file, SMALL_HOURS, unloaded.folder / "passed")
        night.join(60)
        assert night.exitcode == 0
        found = passes(unloaded.folder / "passed")
        tried = AFTER_THE_ANSWER if answered else IN_THE_NIGHT
        assert set(found) <= {seam.value for seam, _ in tried}
        assert found.count(Seam.COMMITTED) == max(time for seam, time in tried if seam is Seam.COMMITTED)
        unloaded.answer()
    assert set(Seam) == {seam for seam, _ in (*IN_THE_NIGHT, *AFTER_THE_ANSWER)}
