"""Work out the standing of a new snapshot's families for the night that it was loaded for, within the load.

Lists of the night are made on the day of the load and, behind midnight, on the day after. Which framework each rests on
is known when it is made: every one whose period has not ended is worked out. A framework that cannot be judged is left
out: no list rests on it.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select

from gateway.errors import FrameworkInvalid
from gateway.model.framework import Framework
from gateway.selection.standing import standing_number, standing_select
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.workplace import Workplace
from gateway.store.standings import keep_standings
from gateway.store.work import Work


def keep_night_standings(workplace: Workplace, work: Work, snapshot_id: int, day: date) -> None:
    """Keep the standing of the snapshot's families on the day and on the one after."""
    keep_standings(work.connection, snapshot_id, dict(_numbered(Shelf.of(workplace).frameworks(), snapshot_id, day)))


def _numbered(frameworks: Iterator[Framework], snapshot_id: int, day: date) -> Iterator[tuple[int, Select[Any]]]:
    for framework in frameworks:
        for on in (day, day + timedelta(days=1)):
            if framework.ends_on is None or on <= framework.ends_on:
                with suppress(FrameworkInvalid):
                    yield standing_number(framework, on), standing_select(framework, snapshot_id, on)
