"""What a plan of the night says: for each window and part where it stands, since when, and what to do about it.

Pure: plan_night.py makes it, the scheduler and the command line read it. Nothing here is about a person.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from gateway.agreements.force import Reason
from gateway.delivery.plan import OPEN
from gateway.model.agreement import Agreement
from gateway.model.time import as_text

#: The part of an agreement that is not split.
WHOLE = "all"


class Progress(StrEnum):
    """Where a window and part stand for the planner."""

    #: To be run now.
    DUE = "due"
    #: Due, and something is in the way.
    BLOCKED = "blocked"
    #: Somebody holds it, or it is being delivered.
    UNDER_WAY = "under_way"
    #: It waits for a person.
    WAITING = "waiting"
    DONE = "done"
    #: It was never run, and the agreement does not catch it up.
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Scheduled:
    """An agreement as the planner sees it.

    `since` is when the policy statement was approved, or None before it was: windows from before that are nobody's.
    `blocked` is why it may not run today.
    """

    agreement: Agreement
    since: datetime | None
    blocked: Reason | None = None
    parts: tuple[str, ...] = (WHOLE,)


@dataclass(frozen=True, slots=True)
class PlannedList:
    """One window and part. `since` is when its state was reached; `late` where its delivery time is over."""

    agreement_id: str
    version: int
    partner: str
    window: str
    part: str
    progress: Progress
    due_at: datetime
    deliver_until: datetime
    late: bool
    state: str | None
    reason: str | None
    since: datetime | None
    reference: str | None
    list_id: int | None
    people: int | None
    deliver_now: bool
    advice: str

    def as_data(self) -> dict[str, str | int | bool | None]:
        """Return it for `--json`: instants as text, nothing about a person."""
        return {
            name: as_text(value) if isinstance(value, datetime) else value
            for name, value in ((name, getattr(self, name)) for name in self.__slots__)
        }


@dataclass(frozen=True, slots=True)
class NextWindow:
    """When an agreement is due next."""

    agreement_id: str
    window: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class BlockedAgreement:
    """An agreement that may not run today, and why; its file may be so bad that only its name is known."""

    agreement_id: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class NightPlan:
    """What is to be done at an instant. `blocked` are the agreements that may not run; `warnings` are codes."""

    at: datetime
    lists: tuple[PlannedList, ...]
    next: tuple[NextWindow, ...]
    blocked: tuple[BlockedAgreement, ...]
    warnings: tuple[str, ...]

    def to_run(self) -> tuple[tuple[str, date], ...]:
        """Return the agreement and day of every list that is due, each pair once, in the order they were due."""
        pairs = {(item.due_at, item.agreement_id, item.window) for item in self.lists if item.progress is Progress.DUE}
        return tuple((agreement_id, date.fromisoformat(window)) for _, agreement_id, window in sorted(pairs))

    def kept_back(self, code: str, day: date) -> frozenset[str]:
        """Return the agreements whose window of a day is due and blocked for a reason."""
        blocked = (item for item in self.of(Progress.BLOCKED) if item.reason == code)
        return frozenset(item.agreement_id for item in blocked if item.window == day.isoformat())

    def to_deliver(self) -> tuple[int, ...]:
        """Return the lists whose next try at delivery is now."""
        return tuple(item.list_id for item in self.lists if item.deliver_now and item.list_id is not None)

    def overdue(self) -> frozenset[int]:
        """Return the lists whose delivery time is over, and which a delivery could still bring into view."""
        unsettled = {state.value for state in OPEN}
        over = (item for item in self.lists if item.state in unsettled and item.deliver_until <= self.at)
        return frozenset(item.list_id for item in over if item.list_id is not None)

    def as_data(self) -> dict[str, object]:
        """Return it for `--json`."""
        return {
            "at": as_text(self.at),
            "lists": [item.as_data() for item in self.lists],
            "next": [
                {"agreement_id": item.agreement_id, "window": item.window, "due_at": as_text(item.due_at)}
                for item in self.next
            ],
            "blocked": [
                {"agreement_id": item.agreement_id, "code": item.reason.code, "advice": item.reason.way_out}
                for item in self.blocked
            ],
            "warnings": list(self.warnings),
        }

    def of(self, *progress: Progress) -> tuple[PlannedList, ...]:
        """Return the lists that stand so."""
        return tuple(item for item in self.lists if item.progress in progress)
