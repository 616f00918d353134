"""Check everything that a night needs, one line each: what, whether it is as it must be, and the next command.

- Everything is asked as the night itself will ask it, so that a good answer here means a good answer there.
- One thing that is wrong does not keep the others from being looked at.
- `take care` is what does not stop tonight and needs somebody soon, or was done on purpose.
- Counts, codes, files and days only; never a person (law L8).

What comes before a workplace can be opened (settings, account, keys, files) is checked by cli/doctor.py.
"""

import shutil
from collections.abc import Callable, Iterator

from gateway.errors import ClockBehindLedger, GatewayError
from gateway.model.officers import Action
from gateway.model.time import as_text
from gateway.services.checking.check_agreements import check_keys, check_servers, check_what_lists_leave_by
from gateway.services.checking.check_roles import check_roles
from gateway.services.checking.check_sources import check_load, check_mappings
from gateway.services.checking.checks import Check, Terms, Verdict, refused
from gateway.services.planning.heartbeat import Pulse, service_health
from gateway.services.planning.plan_night import CALENDAR_NOTICE
from gateway.services.workplace import Workplace
from gateway.store.night import last_entry_at

LEAST_FREE, FREE_TO_NOTICE = 1 << 30, 5 << 30


def check_up(workplace: Workplace, terms: Terms) -> list[Check]:
    """Check everything that an open workplace can tell. Raises AccessDenied."""
    workplace.actor.require(Action.READ_STATUS)
    checks: list[Check] = []
    for what, look in _LOOKS:
        try:
            checks.extend(look(workplace, terms))
        except GatewayError as error:
            checks.append(refused(what, error))
    return checks


def _checkpoint(workplace: Workplace, _: Terms) -> Iterator[Check]:
    workplace.store.require_newest()
    yield Check("checkpoint", Verdict.OK, "the newest one is this database's, and the database this machine's")


def _clock(workplace: Workplace, _: Terms) -> Iterator[Check]:
    now = workplace.clock.now()
    with workplace.store.reading() as connection:
        last = last_entry_at(connection)
    if last is not None and now < last:
        sentence = f"the clock says {as_text(now)}, the last entry {as_text(last)}"
        yield Check("clock", Verdict.NOT_OK, sentence, ClockBehindLedger.way_out)
    else:
        yield Check("clock", Verdict.OK, f"{as_text(now)}, not behind the ledger")


def _calendar(workplace: Workplace, _: Terms) -> Iterator[Check]:
    last = workplace.holidays.last_year
    if workplace.holidays.known_on(workplace.clock.today() + CALENDAR_NOTICE):
        yield Check("bank holidays", Verdict.OK, f"known to the end of {last}")
    else:
        yield Check("bank holidays", Verdict.TAKE_CARE, f"known only to the end of {last}", "Add the next year's days")


def _disk(workplace: Workplace, _: Terms) -> Iterator[Check]:
    free = shutil.disk_usage(workplace.folders.state).free
    found = f"{free / (1 << 30):.1f} GiB free in the state directory"
    verdict = Verdict.OK if free >= FREE_TO_NOTICE else Verdict.TAKE_CARE if free >= LEAST_FREE else Verdict.NOT_OK
    yield Check("disk", verdict, found, None if verdict is Verdict.OK else "Make room before the night")


def _service(workplace: Workplace, _: Terms) -> Iterator[Check]:
    health = service_health(workplace)
    last = f", last heard of {as_text(health.last_at)}" if health.last_at else ""
    verdict = Verdict.OK if health.pulse is Pulse.ALIVE else Verdict.NOT_OK
    yield Check("service", verdict, f"{health.pulse.value}{last}", health.advice or None)


def _alerts(_: Workplace, terms: Terms) -> Iterator[Check]:
    if not terms.alert_channels:
        way_out = "Set [alerts] command, [mail] or [syslog] in the settings file"
        yield Check("alerts", Verdict.TAKE_CARE, "nobody is told when something fails", way_out)
    elif terms.alert_command and shutil.which(terms.alert_command[0]) is None:
        yield Check("alerts", Verdict.NOT_OK, "the program that carries them is not there", "Correct [alerts] command")
    else:
        found = f"told by {', '.join(terms.alert_channels)}; `gateway doctor --send-test` tries it"
        yield Check("alerts", Verdict.OK, found)


_LOOKS: tuple[tuple[str, Callable[[Workplace, Terms], Iterator[Check]]], ...] = (
    ("checkpoint", _checkpoint),
    ("clock", _clock),
    ("database role", check_roles),
    ("mappings", check_mappings),
    ("newest load", check_load),
    ("agreements", check_what_lists_leave_by),
    ("bank holidays", _calendar),
    ("keys", check_keys),
    ("partners", check_servers),
    ("disk", _disk),
    ("service", _service),
    ("alerts", _alerts),
)
