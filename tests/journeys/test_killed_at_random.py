"""Laws L1, L4 and L5 where nights are killed at random: a few of what scripts/bench/kill_nights.py does by the hundred."""

import os
import random

from tests.killed_nights import Kills, kill_through
from tests.rehearsed_county import HOUSING, RehearsedCounty


def test_L4_nights_killed_at_random_are_finished_by_the_next(unloaded: RehearsedCounty):
    seed = int(os.environ.get("GATEWAY_TEST_SEED") or random.SystemRandom().randrange(10**6))
    print(f"GATEWAY_TEST_SEED={seed}")  # noqa: T201 - pytest shows it where the test fails
    kill_through(unloaded, {(HOUSING, "all")}, random.Random(seed), Kills(), most=5)
