"""Say how things stand: each list and since when, what is due next, what is in the way, and what to do about the rest.

The answer to `disclose status` and `disclose due`: the plan of this moment beside the service's health and the age of
what is decided from. Reading it changes nothing, and nothing in it is about a person.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time

from gateway.model.handover import HandoverState
from gateway.model.officers import Action
from gateway.model.time import as_text
from gateway.services.complaints.complaint_timer import ComplaintDue
from gateway.services.complaints.read_complaints import complaints_due
from gateway.services.disclosure.list_handovers import KnownHandover, list_handovers
from gateway.services.keys.key_warnings import KeyWarning, key_warnings
from gateway.services.planning.heartbeat import ServiceHealth, service_health
from gateway.services.planning.night_plan import NightPlan, PlannedList, Progress
from gateway.services.planning.plan_night import plan_night
from gateway.services.retention.certificates_due import CertificateDue, certificates_due
from gateway.services.retention.plan_retention import plan_retention
from gateway.services.workplace import Workplace
from gateway.store.night import loaded_at

#: In which order lists are shown: what needs somebody first.
_ORDER = (
    Progress.WAITING,
    Progress.BLOCKED,
    Progress.DUE,
    Progress.UNDER_WAY,
    Progress.MISSED,
    Progress.DONE,
)


@dataclass(frozen=True, slots=True)
class RunStatus:
    """How things stand at an instant."""

    plan: NightPlan
    service: ServiceHealth
    loaded_at: datetime | None
    handovers: tuple[KnownHandover, ...] = ()
    keys: tuple[KeyWarning, ...] = ()
    complaints: tuple[ComplaintDue, ...] = ()
    #: Lists that the recipient should have destroyed, and has not certified; and lists whose evidence may go.
    certificates: tuple[CertificateDue, ...] = ()
    evidence_due: int = 0

    @property
    def lists(self) -> tuple[PlannedList, ...]:
        """The lists, those that need somebody first, late ones before others, newest windows before older ones."""
        newest_first = sorted(self.plan.lists, key=lambda item: (item.window, item.part), reverse=True)
        return tuple(sorted(newest_first, key=lambda item: (_ORDER.index(item.progress), not item.late)))

    @property
    def counts(self) -> dict[str, int]:
        """How many lists stand how."""
        found = Counter(item.progress for item in self.plan.lists)
        return {progress.value: found[progress] for progress in _ORDER}

    def as_data(self) -> dict[str, object]:
        """Return it for `--json`."""
        return {
            **self.plan.as_data(),
            "lists": [item.as_data() for item in self.lists],
            "counts": self.counts,
            "service": self.service.as_data(),
            "loaded_at": as_text(self.loaded_at) if self.loaded_at else None,
            "keys": [
                {"owner": each.owner, "purpose": each.purpose.value, "days_left": each.days_left, "next": each.next}
                for each in self.keys
            ],
            "complaints": [
                {"complaint": each.reference, "stage": each.stage.value, "days_left": each.days_left, "next": each.next}
                for each in self.complaints
            ],
            "certificates": [
                {"list": each.reference, "partner": each.partner, "due_on": each.due_on.isoformat()}
                for each in self.certificates
            ],
            "evidence_due": self.evidence_due,
            "handovers": {state.value: self.handovers_in(state) for state in HandoverState},
        }

    def handovers_in(self, state: HandoverState) -> int:
        """Return how many lists that were handed over another way stand so."""
        return sum(each.state is state for each in self.handovers)


def run_status(workplace: Workplace, *, load_at: time) -> RunStatus:
    """Return how things stand now. Raises ClockBehindLedger, AccessDenied."""
    workplace.actor.require(Action.READ_STATUS)
    plan = plan_night(workplace, load_at=load_at)
    with workplace.store.reading() as connection:
        loaded = loaded_at(connection)
    handovers, keys = tuple(list_handovers(workplace)), tuple(key_warnings(workplace))
    complaints = tuple(complaints_due(workplace))
    return RunStatus(
        plan,
        service_health(workplace),
        loaded,
        handovers,
        keys,
        complaints,
        certificates=tuple(certificates_due(workplace, overdue_only=True)),
        evidence_due=len(plan_retention(workplace).evidence),
    )
