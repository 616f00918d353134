"""Keep the nightly service's signs of life, and say from them whether it lives.

- The service leaves a heartbeat before and after every step. One that is older than `SILENT_AFTER` means that nobody
  plans, whatever else the machine does.
- What is to be done every so often (asking for receipts, trying a load again) is remembered here too, not in the
  process: a restart does not begin it anew.
- A heartbeat that lies ahead of the clock was left by a clock that ran fast: it counts as silence, never as life.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.ledger.events import Event
from gateway.model.officers import Action
from gateway.model.time import as_text
from gateway.services.workplace import Workplace
from gateway.store.night import beat, beats

SERVICE = "service"
#: The longest step that is not a fault: a large list on a slow line.
SILENT_AFTER = timedelta(minutes=15)
#: How far a heartbeat may lie ahead: two hosts' clocks are never quite alike.
_AHEAD = timedelta(minutes=1)


class Pulse(StrEnum):
    """Whether the nightly service lives."""

    ALIVE = "alive"
    SILENT = "silent"
    #: It was stopped by somebody, or never started.
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """How the service is; `last_at` is its last sign of life."""

    pulse: Pulse
    last_at: datetime | None
    advice: str

    def as_data(self) -> dict[str, str | None]:
        """Return it for `--json`."""
        last = as_text(self.last_at) if self.last_at else None
        return {"pulse": self.pulse.value, "last_at": last, "advice": self.advice}


_ADVICE = {
    Pulse.ALIVE: "",
    Pulse.SILENT: "The service has stopped breathing: look at its log, then start `gateway service` again",
    Pulse.STOPPED: "Start `gateway service`",
}
_STOPPED = "service-stopped"


def service_health(workplace: Workplace) -> ServiceHealth:
    """Say whether the nightly service lives."""
    workplace.actor.require(Action.READ_STATUS)
    with workplace.store.reading() as connection:
        known = beats(connection)
    last, stopped = known.get(SERVICE), known.get(_STOPPED)
    pulse = _pulse(workplace.clock.now(), last, stopped)
    return ServiceHealth(pulse, last, _ADVICE[pulse])


def live(workplace: Workplace) -> None:
    """Leave a sign of life."""
    remember(workplace, SERVICE)


def remember(workplace: Workplace, name: str) -> None:
    """Remember that something was done just now."""
    with workplace.store.working_state() as connection:
        beat(connection, name, workplace.clock.now())


def is_time_to(workplace: Workplace, name: str, every: timedelta) -> bool:
    """Say whether so much time has passed since something was last done; never done is long ago."""
    with workplace.store.reading() as connection:
        last = beats(connection).get(name)
    now = workplace.clock.now()
    return last is None or last > now + _AHEAD or now - last >= every


def enter_started(workplace: Workplace, release: str) -> None:
    """Enter in the ledger that the service was started, and by which release of the software."""
    workplace.actor.require(Action.RUN)
    with workplace.store.writing(workplace.actor) as work:
        work.enter(Event.SERVICE_STARTED, release=release)
    live(workplace)


def enter_stopped(workplace: Workplace) -> None:
    """Enter in the ledger that the service was stopped on purpose."""
    workplace.actor.require(Action.RUN)
    with workplace.store.writing(workplace.actor) as work:
        work.enter(Event.SERVICE_STOPPED)
    remember(workplace, _STOPPED)


def _pulse(now: datetime, last: datetime | None, stopped: datetime | None) -> Pulse:
    if last is None or (stopped is not None and stopped >= last):
        return Pulse.STOPPED
    return Pulse.ALIVE if -_AHEAD <= now - last < SILENT_AFTER else Pulse.SILENT
