"""Law L4 where two hosts are at work.

A process that is stopped at a seam stands for a host that hangs: its leases run out, another host takes over and sends
the same ciphertext under the same name, and when the first one wakes up it finds that nothing is its own any more.
"""

import multiprocessing
import os
import random
import signal
import time
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Connection, func, select

from gateway import bootstrap
from gateway.model.time import FrozenClock
from gateway.seams import Seam
from gateway.services.agreements.agreement_standing import approved_statement
from gateway.services.delivery.deliver_lists import Retrying, deliver
from gateway.services.disclosure.list_decisions import ListTerms
from gateway.services.disclosure.make_list import Footing, make_list
from gateway.services.disclosure.run_disclosures import current_snapshot
from gateway.services.workplace import Workplace
from gateway.settings import read_settings
from gateway.store.lists import find_list
from gateway.store.night import log_size
from gateway.store.tables import ledger, lists
from tests.dying_night import STOOD_DOWN, passes, start_dying, whole_night
from tests.published_once import assert_published_once
from tests.rehearsed_county import HOUSING, NIGHT, SMALL_HOURS, RehearsedCounty

EXPECTED = {(HOUSING, "all")}
CONTENDERS, WINDOWS = 8, 200
#: Where a host hangs: with the load's lease and nothing or everything read; with a list's lease and nothing done, with
#: `sending` committed, while it writes, before and after `uploaded`, and published.
HANGS_AT = [
    (Seam.CLAIMED, 1),
    (Seam.EXTRACTS_READ, 1),
    (Seam.CLAIMED, 2),
    (Seam.COMMITTED, 3),
    (Seam.FILE_OPENED, 1),
    (Seam.FILE_CLOSED, 1),
    (Seam.COMMITTED, 4),
    (Seam.RENAMED, 1),
]


def _named(at: tuple[Seam, int]) -> str:
    return f"{at[0].value}-{at[1]}"


def stopped_at(county: RehearsedCounty, at: tuple[Seam, int]) -> BaseProcess:
    """Return a night that stands still at a seam."""
    night = start_dying(county.settings_file, SMALL_HOURS, county.folder / "passed", at=at, stop=True)
    watched = psutil.Process(night.pid)
    for _ in range(6000):
        if watched.status() == psutil.STATUS_STOPPED:
            return night
        if not night.is_alive():
            break
        time.sleep(0.01)
    night.kill()
    pytest.fail(f"no night stops at {_named(at)}: {passes(county.folder / 'passed')}")


def woken(night: BaseProcess) -> int | None:
    """Let a stopped night go on, and return how it ended."""
    os.kill(int(night.pid or 0), signal.SIGCONT)
    night.join(60)
    return night.exitcode


def entries(county: RehearsedCounty) -> int:
    with county.at() as workplace, workplace.store.reading() as connection:
        return connection.execute(select(func.count()).select_from(ledger)).scalar_one()


@pytest.mark.parametrize("at", HANGS_AT, ids=_named)
def test_L4_a_host_that_wakes_up_after_a_takeover_changes_nothing(unloaded, at):
    first = stopped_at(unloaded, at)
    unloaded.a_minute_passes_for_leases()
    whole_night(unloaded.settings_file, SMALL_HOURS)
    assert_published_once(unloaded, EXPECTED)
    settled = entries(unloaded)
    assert woken(first) in {0, STOOD_DOWN}
    assert entries(unloaded) == settled
    assert_published_once(unloaded, EXPECTED)


def test_L4_a_host_that_wakes_up_after_the_desk_took_the_list_sends_nothing(unloaded):
    """The name is free again and the temporary file is gone: nothing but the lease says that it went already."""
    first = stopped_at(unloaded, (Seam.COMMITTED, 4))
    unloaded.a_minute_passes_for_leases()
    whole_night(unloaded.settings_file, SMALL_HOURS)
    unloaded.answer()
    settled = entries(unloaded)
    assert woken(first) in {0, STOOD_DOWN}
    inboxes = [list(unloaded.inbox(partner).iterdir()) for partner in unloaded.partners]
    assert inboxes == [[] for _ in unloaded.partners]
    # It collects what the desk answered, as any run does: a receipt, what it co-signs, and the move of its list.
    assert entries(unloaded) - settled <= 3
    assert unloaded.audit() == ()


@pytest.mark.postgres
def test_L4_eight_hosts_at_200_windows_make_200_lists_and_publish_each_once(postgres_unloaded):
    county = postgres_unloaded
    county.load(SMALL_HOURS)
    context = multiprocessing.get_context("forkserver")
    hosts = [context.Process(target=all_windows, args=(county.settings_file, seed)) for seed in range(CONTENDERS)]
    for host in hosts:
        host.start()
    for host in hosts:
        host.join(300)
    assert [host.exitcode for host in hosts] == [0] * CONTENDERS
    found = county.rows(lists)
    assert len(found) == len({(row.agreement_id, row.window, row.part) for row in found}) == WINDOWS
    assert_published_once(county, [(HOUSING, "all")] * WINDOWS)


def all_windows(settings_file: Path, seed: int) -> None:
    """Make the list of each of many windows that has none yet, and deliver it. Two hosts each keep to the same order.

    What another host is at work on is left to it.
    """
    days = [NIGHT + timedelta(days=number) for number in range(WINDOWS)]
    random.Random(seed // 2).shuffle(days)
    with bootstrap.workplace_of(read_settings(settings_file), clock=FrozenClock(SMALL_HOURS)) as workplace:
        with workplace.store.reading() as connection:
            footing = footing_of(workplace, days[0], connection)
        made = [list_of(workplace, footing, day) for day in days]
        deliver(workplace, made, retrying=Retrying(sleep=lambda _: None))


def footing_of(workplace: Workplace, day: date, connection: Connection) -> Footing:
    """Return what the list of a window is made on."""
    since = log_size(connection)
    standing = approved_statement(workplace, connection, HOUSING)
    snapshot = current_snapshot(workplace, connection)
    return Footing(standing, ListTerms(standing.agreement, standing.framework, snapshot, day, "all"), since)


def list_of(workplace: Workplace, footing: Footing, day: date) -> int:
    """Return the list of a window, made now where there was none."""
    with workplace.store.reading() as connection:
        found = find_list(connection, HOUSING, day.isoformat(), "all")
    if found is not None:
        return found.list_id
    of_the_day = replace(footing, terms=replace(footing.terms, day=day))
    return make_list(workplace, of_the_day, partial(footing_of, workplace, day)).list_id
