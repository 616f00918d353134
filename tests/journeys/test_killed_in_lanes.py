"""Laws L1, L4 and L5 where a night dies while several lists go at once, each of them somewhere else.

One list at a time, every phase is killed in test_killed_at_random.py. Here four go over one connection, and the night
ends where one of them passes a seam for a drawn time: what the others were doing then is whatever they were doing.
"""

from random import Random

from gateway.model.delivery import ListState
from gateway.seams import Seam
from tests.dying_night import KILLED, night_in_lanes, start_dying
from tests.published_once import assert_nothing_went_unrecorded, assert_published_once, assert_received_once
from tests.rehearsed_county import SMALL_HOURS, RehearsedCounty

#: What a delivery passes, list for list.
OF_A_DELIVERY = (
    *(Seam.CLAIMED, Seam.COMMITTED, Seam.FILE_OPENED, Seam.BLOCK_WRITTEN, Seam.BROUGHT_TO_DISK),
    *(Seam.FILE_CHECKED, Seam.FILE_CLOSED, Seam.RENAMED, Seam.COMPANIONS_PLACED),
)
KILLS = 12


def dies(county: RehearsedCounty, dice: Random) -> bool:
    """Run a night that ends at a drawn seam; say whether it came so far."""
    at = dice.choice(OF_A_DELIVERY), dice.randint(1, 4)
    night = start_dying(county.settings_file, SMALL_HOURS, county.folder / "passed", at=at, act=night_in_lanes)
    night.join(120)
    assert night.exitcode in {KILLED, 0}, at
    county.a_minute_passes_for_leases()
    return night.exitcode == KILLED


def test_L1_L4_L5_a_night_that_dies_with_several_lists_under_way_is_finished_by_the_next(county, dice):
    county.approve()
    county.clock.instant = SMALL_HOURS
    county.run()
    sealed = {(each.agreement_id, each.part) for each in county.lists() if each.state is ListState.SEALED}
    assert len(sealed) >= 3
    killed = 0
    for _ in range(KILLS):
        killed += dies(county, dice)
        assert_nothing_went_unrecorded(county)
    # Fewer where the lists were out before.
    assert killed >= 3
    night_in_lanes(county.settings_file, SMALL_HOURS)
    assert_published_once(county, sealed)
    county.answer()
    night_in_lanes(county.settings_file, SMALL_HOURS)
    assert_received_once(county)
