"""Nights that are killed at random, from outside: anywhere between two seams, and wherever the system then is."""

import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from tests.dying_night import passes, start_dying, whole_night
from tests.published_once import assert_published_once, assert_received_once
from tests.rehearsed_county import SMALL_HOURS, RehearsedCounty

KILLED = -9
#: No night is killed later than this many seams after its beginning; most of the next one's work is then left.
_MOST_PASSED = 40
#: How long after a seam a night may still live, in seconds: longer than most of what stands between two.
_LONGEST_S = 0.04
_MOST_KILLS = 8


@dataclass(slots=True)
class Kills:
    """How often nights were killed, by the last seam that they had passed."""

    after: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.after.total()


def kill_one(county: RehearsedCounty, dice: Random, kills: Kills, most: int = _MOST_PASSED) -> bool:
    """Run a night and kill it at random; say whether it was still alive."""
    passed, wanted = county.folder / "passed", dice.randrange(most)
    passed.unlink(missing_ok=True)
    night = start_dying(county.settings_file, SMALL_HOURS, passed)
    while night.is_alive() and len(passes(passed)) < wanted:
        time.sleep(0.001)
    night.join(dice.random() * _LONGEST_S)
    night.kill()
    night.join()
    county.a_minute_passes_for_leases()
    if night.exitcode == KILLED:
        kills.after[(passes(passed) or ["nothing"])[-1]] += 1
    return night.exitcode == KILLED


def kill_through(
    county: RehearsedCounty, expected: set[tuple[str, str]], dice: Random, kills: Kills, most: int
) -> None:
    """Kill a county's night so many times at most, let it be finished, and the same when the desks have answered."""
    for _ in range(min(most, _MOST_KILLS)):
        if not kill_one(county, dice, kills):
            break
    whole_night(county.settings_file, SMALL_HOURS)
    assert_published_once(county, expected)
    county.answer()
    # Fewer seams are left: two for each commit of a receipt, one for putting it away.
    kill_one(county, dice, kills, most=3 * len(expected))
    whole_night(county.settings_file, SMALL_HOURS)
    assert_received_once(county)
