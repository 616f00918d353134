"""Say which windows a database restored from a backup cannot judge: lists of theirs may have been made and sent since.

- Every window of the days from the database's last entry to now that was due by now.
- Of the days before, those that the agreement's own cadence would still have caught up when the backup was made.

More rather than fewer: a window that was not run costs a person a word, one that is run again reaches a recipient
twice (law L4).

Pure: what the agreements are, and which windows have a list already, is the caller's to say.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time

from gateway.agreements.bank_holidays import Holidays
from gateway.agreements.windows import windows_between, windows_due
from gateway.model.agreement import Agreement, Cadence, CatchUp, Every, Mode, OnHoliday
from gateway.model.time import london_day


@dataclass(frozen=True, slots=True)
class Lost:
    """What passed between the last entry of a restored database and now."""

    last_at: datetime
    now: datetime
    holidays: Holidays

    def windows(self, cadences: Iterable[Cadence], since: datetime | None) -> list[str]:
        """Return the names of an agreement's windows, under every cadence that it may have had, in their order.

        `since` is when it was approved, where the database knows that.
        """
        return sorted({name for cadence in cadences for name in self._windows(cadence, since or self.last_at)})

    def _windows(self, cadence: Cadence, since: datetime) -> set[str]:
        first, last = london_day(self.last_at), london_day(self.now)
        passed = windows_between(cadence, first, last, self.holidays)
        open_then = windows_due(cadence, since=since, now=self.last_at, done=(), holidays=self.holidays)
        return {window.name for window in passed if window.due_at <= self.now} | {window.name for window in open_then}


def cadence_in_doubt(agreement: Agreement) -> Cadence:
    """Return when lists of an agreement may have been due: one that answers lists does so on any day."""
    if agreement.mode is not Mode.MATCH_FIRST:
        return agreement.cadence
    return replace(
        agreement.cadence,
        every=Every.NIGHT,
        weekday=None,
        day_of_month=None,
        at=time(),
        on_holiday=OnHoliday.RUN,
        catch_up=CatchUp.NONE,
    )
