"""Say which lists were handed over another way, and which of them wait for somebody to confirm them.

Counts, codes and references: who stood on them, only `gateway audit person` says.
"""

from dataclasses import dataclass
from datetime import date

from gateway.model.handover import HandoverState
from gateway.model.officers import Action
from gateway.services.workplace import Workplace
from gateway.store.handovers import Handover, all_handovers

_NEXT = {
    HandoverState.ENTERED: (
        "An approver who did not enter it confirms it: `gateway disclose attest {reference} --as handed-over`"
    ),
    HandoverState.ATTESTED: "",
    HandoverState.DISMISSED: "",
}


@dataclass(frozen=True, slots=True)
class KnownHandover:
    """A record; `proven` is always false, and says so to whoever reads only the data."""

    reference: str
    agreement_id: str
    partner: str
    handed_over_on: date
    manner: str
    people: int
    identified: int
    state: HandoverState
    case: str
    next: str
    proven: bool = False


def list_handovers(workplace: Workplace) -> list[KnownHandover]:
    """Return every record, those that wait first, then the newest days first. Raises AccessDenied."""
    workplace.actor.require(Action.READ_STATUS)
    with workplace.store.reading() as connection:
        known = [_known(each) for each in all_handovers(connection)]
    newest_first = sorted(known, key=lambda each: (each.handed_over_on, each.reference), reverse=True)
    return sorted(newest_first, key=lambda each: each.state is not HandoverState.ENTERED)


def _known(kept: Handover) -> KnownHandover:
    return KnownHandover(
        reference=kept.reference,
        agreement_id=kept.agreement_id,
        partner=kept.partner,
        handed_over_on=kept.handed_over_on,
        manner=kept.manner,
        people=kept.people,
        identified=kept.identified,
        state=kept.state,
        case=kept.case_reference,
        next=_NEXT[kept.state].format(reference=kept.reference),
    )
