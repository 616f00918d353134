"""Check everything that a night needs, one line each: what, whether it is as it must be, and the next command.

- Everything is asked as the night itself will ask it, so that a good answer here means a good answer there.
- One thing that is wrong does not keep the others from being looked at.
- `take care` is what does not stop tonight and needs somebody soon, or was done on purpose.
- Counts, codes, files and days only; never a person (law L8).

What comes before a workplace can be opened (settings, account, keys, files) is checked by cli/doctor.py.
"""

import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from functools import partial
from typing import TypeVar

from gateway.agreements.approvers import Approvers
from gateway.errors import ConnectionFailed, GatewayError
from gateway.model.officers import Action
from gateway.model.time import as_text, from_text
from gateway.services.agreement_shelf import Shelf
from gateway.services.agreement_standing import approvers_in_force
from gateway.services.heartbeat import Pulse, service_health
from gateway.services.manage_keys import key_warnings, list_keys
from gateway.services.manage_partners import PartnerReport, check_partners
from gateway.services.plan_night import CALENDAR_NOTICE, night_began
from gateway.services.review_agreements import Listed, list_agreements
from gateway.services.source_intake import read_mappings
from gateway.services.source_status import source_status
from gateway.services.workplace import Workplace
from gateway.sources.extracts import Extract, find_extracts
from gateway.sources.mapping import SourceMapping
from gateway.store.night import last_entry_at

T = TypeVar("T")

LEAST_FREE, FREE_TO_NOTICE = 1 << 30, 5 << 30
#: How long a night's load may take before it is missed.
LOAD_TAKES = timedelta(hours=2)
#: Somebody did these on purpose, or only has to wait.
_ON_PURPOSE = frozenset({"stopped", "suspended", "partner-disabled", "before-term"})
#: What a server lacks and deliveries can do without.
_BEARABLE = frozenset({"no-fsync", "key-rotated"})


class Verdict(StrEnum):
    """How something was found."""

    OK = "ok"
    TAKE_CARE = "take care"
    NOT_OK = "not ok"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked."""

    what: str
    verdict: Verdict
    found: str
    way_out: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the settings say that a check-up needs beside the workplace."""

    load_at: time
    alert_command: tuple[str, ...]
    offline: bool
    alert_channels: tuple[str, ...] = ()


def attempt(what: str, step: Callable[[], T], tell: Callable[[T], str]) -> Check:
    """Take a step and say how it went."""
    try:
        return Check(what, Verdict.OK, tell(step()))
    except GatewayError as error:
        return refused(what, error)


def refused(what: str, error: GatewayError) -> Check:
    """Return the check of something that was refused: the first of its lines, and how many more there are."""
    first, *more = str(error).splitlines() or [error.code]
    return Check(what, Verdict.NOT_OK, f"{first} (and {len(more)} more)" if more else first, error.advice())


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


def _clock(workplace: Workplace, _: Terms) -> Iterator[Check]:
    now = workplace.clock.now()
    with workplace.store.reading() as connection:
        last = last_entry_at(connection)
    if last is not None and now < last:
        sentence = f"the clock says {as_text(now)}, the last entry {as_text(last)}"
        yield Check("clock", Verdict.NOT_OK, sentence, "Set the machine's clock; nothing runs until then")
    else:
        yield Check("clock", Verdict.OK, f"{as_text(now)}, not behind the ledger")


def _mappings(workplace: Workplace, _: Terms) -> Iterator[Check]:
    mappings = read_mappings(workplace.folders.mappings)
    yield Check("mappings", Verdict.OK, f"{len(mappings)} sources")
    for mapping in mappings.values():
        yield attempt(f"extracts of {mapping.source}", partial(_found, workplace, mapping), _tell_extracts)


def _found(workplace: Workplace, mapping: SourceMapping) -> Collection[Extract]:
    return find_extracts(mapping, workplace.folders.sources, workplace.clock.today()).values()


def _tell_extracts(found: Collection[Extract]) -> str:
    days = sorted({each.taken_on.isoformat() for each in found})
    return f"{len(found)}, of {' to '.join(dict.fromkeys((days[0], days[-1])))}" if days else "none, and none is needed"


def _load(workplace: Workplace, terms: Terms) -> Iterator[Check]:
    status, now = source_status(workplace), workplace.clock.now()
    if status.refusal:
        where = " ".join(filter(None, (status.refusal.code, status.refusal.source, status.refusal.feed)))
        yield Check("newest load", Verdict.NOT_OK, f"it was refused: {where}", "`gateway sources status`")
        return
    if status.snapshot is None:
        yield Check("newest load", Verdict.NOT_OK, "nothing was loaded yet", "`gateway sources load`")
        return
    began, loaded = night_began(terms.load_at, now), from_text(status.snapshot.loaded_at)
    found = f"{status.snapshot.reference}, {status.snapshot.people:,} people, loaded {status.snapshot.loaded_at}"
    if loaded >= began:
        yield Check("newest load", Verdict.OK, found)
    else:
        verdict = Verdict.TAKE_CARE if now - began < LOAD_TAKES else Verdict.NOT_OK
        yield Check("newest load", verdict, f"{found}; not since {as_text(began)}", "`gateway sources load`")


def _agreements(workplace: Workplace, _: Terms) -> Iterator[Check]:
    faults = Shelf.of(workplace).faults()
    if faults:
        found = f"{faults[0]}{f' (and {len(faults) - 1} more)' if faults[1:] else ''}"
        yield Check("agreements' files", Verdict.NOT_OK, found, "`gateway agreements check`")
    else:
        yield Check("agreements' files", Verdict.OK, "no faults")
    with workplace.store.reading() as connection:
        yield attempt("approvers", partial(approvers_in_force, workplace, connection), _tell_approvers)
    listed = list_agreements(workplace)
    if not listed:
        yield Check("agreements", Verdict.NOT_OK, "there is none", "agreements/README.md")
    yield from map(_agreement, listed)


def _tell_approvers(approvers: Approvers) -> str:
    return f"{len(approvers.approvers)} enrolled"


def _agreement(item: Listed) -> Check:
    what = f"agreement {item.agreement_id}"
    if item.standing is None:
        return Check(what, Verdict.NOT_OK, f"{len(item.faults)} faults", "`gateway agreements check`")
    reasons, cautions = item.standing.reasons, item.standing.cautions
    if reasons:
        only_on_purpose = {reason.code for reason in reasons} <= _ON_PURPOSE
        verdict = Verdict.TAKE_CARE if only_on_purpose else Verdict.NOT_OK
        return Check(what, verdict, "; ".join(reason.sentence for reason in reasons), reasons[0].way_out)
    if cautions:
        more = f" (and {len(cautions) - 1} more)" if cautions[1:] else ""
        found = f"in force, but {cautions[0].sentence}{more}"
        return Check(what, Verdict.TAKE_CARE, found, f"`gateway agreements show {item.agreement_id}`")
    return Check(what, Verdict.OK, "in force")


def _calendar(workplace: Workplace, _: Terms) -> Iterator[Check]:
    last = workplace.holidays.last_year
    if workplace.holidays.known_on(workplace.clock.today() + CALENDAR_NOTICE):
        yield Check("bank holidays", Verdict.OK, f"known to the end of {last}")
    else:
        yield Check("bank holidays", Verdict.TAKE_CARE, f"known only to the end of {last}", "Add the next year's days")


def _keys(workplace: Workplace, _: Terms) -> Iterator[Check]:
    registered = {key.fingerprint for key in list_keys(workplace)}
    if all(key.fingerprint in registered for key in workplace.keys.facts()):
        yield Check("register of keys", Verdict.OK, "our keys are in the ledger")
    else:
        yield Check("register of keys", Verdict.TAKE_CARE, "keys of ours are not in it", "`gateway keys generate`")
    for partner in workplace.partners.values():
        if partner.fingerprint not in registered:
            found = f"the certificate of {partner.name} is not entered as compared by phone"
            way_out = f"`gateway keys import {partner.name} --fingerprint ...`: keys/README.md"
            yield Check("register of keys", Verdict.TAKE_CARE, found, way_out)
    for warning in key_warnings(workplace):
        what = f"key of {warning.owner} for {warning.purpose.value}"
        if warning.days_left is None or warning.days_left < 0:
            yield Check(what, Verdict.NOT_OK, "it cannot be used", warning.advice)
        else:
            yield Check(what, Verdict.TAKE_CARE, f"{warning.days_left} days left", warning.advice)


def _partners(workplace: Workplace, terms: Terms) -> Iterator[Check]:
    if not workplace.partners:
        yield Check("partners", Verdict.NOT_OK, "there is none", "Copy one of config/partners/*.toml.example")
    if terms.offline or not workplace.partners:
        return
    if not workplace.actor.may(Action.MANAGE_PARTNERS):
        yield Check("partners", Verdict.TAKE_CARE, "not tried: it takes an operator", "`gateway partners check`")
        return
    for report in check_partners(workplace):
        yield _partner(report, rehearsed=workplace.environment == "synthetic")


def _partner(report: PartnerReport, *, rehearsed: bool) -> Check:
    what = f"partner {report.name}"
    worst = next(iter(sorted(report.problems, key=lambda problem: problem.code in _BEARABLE)), None)
    if worst is None:
        return Check(what, Verdict.OK, "reached, pins compared, folders there")
    if worst.code == ConnectionFailed.code:
        way_out = "`gateway sandbox serve`, in another terminal" if rehearsed else "`gateway partners check`"
        return Check(what, Verdict.NOT_OK, worst.sentence, way_out)
    return Check(what, Verdict.TAKE_CARE if worst.code in _BEARABLE else Verdict.NOT_OK, worst.sentence, worst.way_out)


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
    ("clock", _clock),
    ("mappings", _mappings),
    ("newest load", _load),
    ("agreements", _agreements),
    ("bank holidays", _calendar),
    ("keys", _keys),
    ("partners", _partners),
    ("disk", _disk),
    ("service", _service),
    ("alerts", _alerts),
)
