"""Know partners by name, say how their keys stand, and stop and start deliveries to them.

- Anybody who may manage partners stops one at once; the gateway itself does when a server cannot be trusted. Starting
  again takes a reason from a closed list and the case's reference (law L8).
- Pins are shown as `ssh-keygen -l` prints them, to be compared by phone; that somebody put the files in force in front
  of the ledger is entered with their hash.

Whether a partner can be reached is check_partners.py's, how it gets a new key pin_partners.py's.
"""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from gateway.agreements.force import partner_switch
from gateway.delivery.pins import parse_pin
from gateway.errors import PartnerInvalid
from gateway.ledger.events import Event
from gateway.ledger.kinds import CASE
from gateway.model.keys import KeyPurpose
from gateway.model.officers import Action
from gateway.model.partner import Partner
from gateway.services.partners.pins_in_use import history_of
from gateway.services.workplace import Workplace
from gateway.store.agreements import set_switch, stopped_switches


class DisableReason(StrEnum):
    """Why deliveries to a partner are stopped. Stored."""

    INCIDENT = "incident"
    KEY_IN_DOUBT = "key_in_doubt"
    PARTNER_REQUEST = "partner_request"
    MAINTENANCE = "maintenance"


class EnableReason(StrEnum):
    """Why deliveries to a partner may go on. Stored."""

    RESOLVED = "resolved"
    KEY_COMPARED = "key_compared"
    IN_ERROR = "in_error"


@dataclass(frozen=True, slots=True)
class PinState:
    """A key that a partner's file pins, and how it stands."""

    purpose: KeyPurpose
    state: str
    fingerprint: str


def partner_named(workplace: Workplace, name: str) -> Partner:
    """Return a partner. Raises PartnerInvalid where there is no file of that name."""
    if name not in workplace.partners:
        known = ", ".join(sorted(workplace.partners)) or "none"
        raise PartnerInvalid(f"there is no file for a partner of that name; there are: {known}")
    return workplace.partners[name]


def fingerprints_of(partner: Partner) -> tuple[str, ...]:
    """Return the fingerprint of each pinned host key, in their order."""
    return tuple(parse_pin(line).fingerprint for line in partner.host_keys)


def pins_of(workplace: Workplace, name: str) -> list[PinState]:
    """Return how each key that a partner's file pins stands."""
    workplace.actor.require(Action.READ_STATUS)
    partner = partner_named(workplace, name)
    keys = [(KeyPurpose.HOST, each) for each in fingerprints_of(partner)]
    keys += [(KeyPurpose.RECIPIENT, partner.fingerprint), (KeyPurpose.RECEIPTS, partner.receipt_fingerprint)]
    keys += [(KeyPurpose.RECEIPTS, partner.receipt_before[1])] if partner.receipt_before else []
    with workplace.store.reading() as connection:
        return [PinState(purpose, _state_of(connection, name, purpose, each), each) for purpose, each in keys]


def _state_of(connection: Connection, name: str, purpose: KeyPurpose, fingerprint: str) -> str:
    history = history_of(connection, name, purpose)
    if fingerprint in history.retired:
        return "retired"
    return "waits for its first answer" if fingerprint == history.awaited else "in use"


def enter_pins(workplace: Workplace, name: str) -> int:
    """Enter which pins are in force for a partner; return the entry's position."""
    workplace.actor.require(Action.MANAGE_PARTNERS)
    partner = partner_named(workplace, name)
    with workplace.store.writing(workplace.actor) as work:
        return work.enter(
            Event.PARTNER_PINNED,
            partner=name,
            document=partner.document_hash,
            host_keys=list(fingerprints_of(partner)),
        )


def disable_partner(workplace: Workplace, name: str, reason: DisableReason, case: str) -> bool:
    """Stop deliveries to a partner; False where they are stopped already."""
    return _turn(workplace, name, reason, case, stopped=True)


def enable_partner(workplace: Workplace, name: str, reason: EnableReason, case: str) -> bool:
    """Let deliveries to a partner go on; False where they are not stopped."""
    return _turn(workplace, name, reason, case, stopped=False)


def _turn(workplace: Workplace, name: str, reason: StrEnum, case: str, *, stopped: bool) -> bool:
    workplace.actor.require(Action.MANAGE_PARTNERS)
    partner_named(workplace, name)
    if not CASE(case):
        raise PartnerInvalid("a case reference must be like IG-2026-0142", advice="Give the case's own reference.")
    event = Event.PARTNER_DISABLED if stopped else Event.PARTNER_ENABLED
    with workplace.store.writing(workplace.actor) as work:
        if (partner_switch(name) in stopped_switches(work.connection)) == stopped:
            return False
        position = work.enter(event, partner=name, reason=reason.value, case=case)
        set_switch(work, partner_switch(name), stopped=stopped, reason=reason.value, explained_by=position)
    return True
