"""Laws L1, L4 and L5 where nights are killed at random: what scripts/bench/kill_nights.py does by the hundred.

Here every seam is hit five times at least, by kills anywhere between it and the next; there every phase of a night is.
"""

from tests.killed_nights import Kills, courses_of, kill_through, seam_of
from tests.rehearsed_county import HOUSING

#: With one after another some 70 kills; many times fewer than this.
MOST_COUNTIES = 25


def test_L1_L4_L5_nights_killed_in_every_phase_are_finished_by_the_next(make_unloaded, dice):
    kills = Kills(seam_of)
    with make_unloaded() as county:
        courses = courses_of(county)
    for _ in range(MOST_COUNTIES):
        if kills.enough(courses):
            return
        with make_unloaded() as county:
            kill_through(county, {(HOUSING, "all")}, courses, dice, kills)
    assert kills.enough(courses), f"not every phase was hit: {kills.hit}"
