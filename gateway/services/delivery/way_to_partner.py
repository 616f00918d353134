"""Find the way to a partner, if anything may go there at this moment.

The kill switches, the partner's file, and whether its record is one that approvers signed: all of it is asked each
time before anybody speaks to a partner's server (law L6).
"""

from gateway.agreements.force import EVERYTHING, partner_switch
from gateway.delivery.interface import Transport
from gateway.errors import PartnerDisabled, PartnerInvalid
from gateway.services.agreements.agreement_standing import require_approved_record
from gateway.services.workplace import Workplace
from gateway.store.agreements import stopped_switches


def way_to(workplace: Workplace, name: str) -> Transport:
    """Return the way to a partner.

    Raises PartnerDisabled, PartnerInvalid or AgreementUnapproved where nothing may go there.
    """
    with workplace.store.reading() as connection:
        stopped = stopped_switches(connection)
        if EVERYTHING in stopped:
            raise PartnerDisabled("all disclosures are stopped", advice="`gateway disclose start`, by an approver")
        if partner_switch(name) in stopped:
            raise PartnerDisabled(f"deliveries to {name} are stopped")
        partner = workplace.partners.get(name)
        if partner is None:
            raise PartnerInvalid(f"there is no file for the partner {name}")
        require_approved_record(workplace, connection, partner)
    return workplace.transport_to(partner)
