"""Nights that are killed at random, from outside: in every phase between two seams, wherever the system then is.

A night in which nothing goes wrong says which phases there are and how long each takes. A kill aims at a phase and at a
moment in it, both drawn, and what it hit is read from what the night had passed when it died. After each kill the
partners' folders are held against the ledger; a county's last night is left to end, and then everything must be there.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from gateway.seams import Seam
from tests.dying_night import KILLED, Aim, moments, passes, phases_of, start_dying, whole_night
from tests.published_once import assert_nothing_went_unrecorded, assert_published_once, assert_received_once
from tests.rehearsed_county import SMALL_HOURS, RehearsedCounty

#: Every phase is to be hit so often.
AT_LEAST = 5
#: How often one county is killed at most before its lists are out, and after the desks have answered.
_LADDER, _AFTER_THE_ANSWER = 18, 3
#: How much a phase that was hit often enough weighs in the draw against one that wants a hit.
_ANY_OTHER = 0.1


@dataclass(frozen=True, slots=True)
class Course:
    """The phases of a night in which nothing goes wrong, in their order, with their seconds."""

    seconds: dict[str, float]

    @property
    def phases(self) -> list[str]:
        """Every phase, in the order in which they begin."""
        return list(self.seconds)


def seam_of(phase: str) -> str:
    """Return the seam that a phase begins with."""
    return phase.rpartition(" > ")[2]


@dataclass(frozen=True, slots=True)
class Courses:
    """The course of the night itself, and of the one that collects what the desks answered."""

    night: Course
    answered: Course


@dataclass(slots=True)
class Kills:
    """How often nights were killed, by what tells their phases apart: everything, or the seam that they begin with."""

    told_apart_by: Callable[[str], str] = str
    hit: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.hit.total()

    def count(self, phase: str) -> None:
        """Count one kill."""
        self.hit[self.told_apart_by(phase)] += 1

    def wanting(self, phase: str) -> int:
        """Return how many hits a phase still wants."""
        return max(0, AT_LEAST - self.hit[self.told_apart_by(phase)])

    def enough(self, courses: Courses) -> bool:
        """Say whether no phase wants a hit."""
        return not any(self.wanting(phase) for phase in (*courses.night.phases, *courses.answered.phases))


def courses_of(county: RehearsedCounty) -> Courses:
    """Run a county's night in which nothing goes wrong, and the one after its desks have answered."""
    night = _course_of(county)
    county.answer()
    return Courses(night, _course_of(county))


def _course_of(county: RehearsedCounty) -> Course:
    passed = county.folder / "passed"
    night = start_dying(county.settings_file, SMALL_HOURS, passed)
    night.join(120)
    # By the clock that the night notes its seams by. Behind the last it lets go of its leases, and ends.
    ended_at = time.monotonic()
    assert night.exitcode == 0
    times = moments(passed)
    ends = [*(at for _, at in times[1:]), ended_at]
    seconds: dict[str, float] = {}
    for phase, (_, began), ended in zip(phases_of(passes(passed)), times, ends, strict=True):
        # An aim takes the first that comes.
        seconds.setdefault(phase, ended - began)
    return Course(seconds)


def kill_one(county: RehearsedCounty, aim: Aim, kills: Kills) -> str | None:
    """Run a night that is killed at that moment; return the phase that it died in, or None where it lived."""
    passed = county.folder / "passed"
    passed.unlink(missing_ok=True)
    night = start_dying(county.settings_file, SMALL_HOURS, passed, aim=aim)
    night.join(120)
    died_in = phases_of(passes(passed))[-1]
    assert night.exitcode in {KILLED, 0}, f"a night that ends by itself ends well, also after {died_in}"
    county.a_minute_passes_for_leases()
    assert_nothing_went_unrecorded(county)
    if night.exitcode == 0:
        return None
    kills.count(died_in)
    return died_in


def kill_through(
    county: RehearsedCounty, expected: set[tuple[str, str]], courses: Courses, dice: Random, kills: Kills
) -> None:
    """Kill a county's night again and again, let it be finished, and the same when the desks have answered."""
    _kill_along(county, courses.night, _LADDER, dice, kills)
    whole_night(county.settings_file, SMALL_HOURS)
    assert_published_once(county, expected)
    county.answer()
    _kill_along(county, courses.answered, _AFTER_THE_ANSWER, dice, kills)
    whole_night(county.settings_file, SMALL_HOURS)
    assert_received_once(county)


def _kill_along(county: RehearsedCounty, course: Course, times: int, dice: Random, kills: Kills) -> None:
    """Draw phases, those that want hits before others, and kill in them in the order of a night.

    A night goes on where the one before it died: what was committed does not come again. One that was not killed left
    nothing to do.
    """
    phases, behind = course.phases, -1
    weights = [kills.wanting(phase) + _ANY_OTHER for phase in phases]
    # Not every kill hits what it aims at.
    enough = 3 * sum(map(kills.wanting, phases)) or times
    for aim in sorted(dice.choices(phases, weights, k=min(times, enough)), key=phases.index):
        if phases.index(aim) <= behind:
            continue
        # A phase that does not come again leaves its kill to the next one.
        due = {phase: _moment_in(course, phase, dice) for phase in phases[phases.index(aim) :]}
        died_in = kill_one(county, due, kills)
        if died_in is None:
            return
        behind = max(behind, _last_committed(phases, died_in))


def _moment_in(course: Course, phase: str, dice: Random) -> float:
    """Draw a moment in a phase: anywhere, or at its beginning, where it lasted long only because the machine was busy."""
    return course.seconds[phase] * dice.random() ** dice.choice((1, 6))


def _last_committed(phases: list[str], died_in: str) -> int:
    """Return which phase before a night's death began with a commit, the last of them; -1 where none did."""
    reached = phases.index(died_in) + 1 if died_in in phases else 0
    return max((number for number, phase in enumerate(phases[:reached]) if phase.endswith(Seam.COMMITTED)), default=-1)
