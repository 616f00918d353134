"""Settle an uncertain list by what a person says: the recipient's desk was asked, and holds it or does not.

- What is recorded is a person's word. `verify_method` says `attested`, so that nobody takes it for a comparison.
- A list that the desk does not hold has failed. It is never sent again: the next window makes a new one.
- The person is an approver, and neither whoever ran the list nor whoever delivered it.
- A list that a restored database lost was never sealed here. If the desk holds it, that is recorded as `not-proven`:
  nobody knows who was on it. If not, its window is free: it is run where the agreement still catches it up.

What the server itself can still show is `deliver_one.py`'s, and a signed receipt outweighs both.
"""

from enum import StrEnum

from sqlalchemy import Connection

from gateway.errors import NotAttestable, StoreBusy
from gateway.ledger.events import Event
from gateway.model.delivery import ATTESTED, ListState
from gateway.model.officers import Action
from gateway.model.time import as_text
from gateway.services.agreements.stop_disclosures import require_case
from gateway.services.delivery.deliver_one import LEASE_SECONDS
from gateway.services.workplace import Workplace
from gateway.store.leases import claim, release, require
from gateway.store.lists import NO_SNAPSHOT, KeptList, list_named, move_list, who_brought_it_here
from gateway.store.work import Work

#: What stands as the reason where not even a package is known.
NOT_PROVEN = "not-proven"


class Holding(StrEnum):
    """What the recipient's desk says that it holds."""

    DELIVERED = "delivered"
    NOT_DELIVERED = "not-delivered"


def attest_list(workplace: Workplace, reference: str, holding: Holding, case: str) -> ListState:
    """Record what the desk holds; return the list's state now. Raises NotAttestable, or StoreBusy."""
    workplace.actor.require(Action.ATTEST)
    require_case(case)
    # Nothing that somebody typed becomes the name of a lease, which is kept.
    with workplace.store.reading() as connection:
        _uncertain(workplace, connection, reference)
    # A delivery that is looking right now must not publish what is being called lost.
    lease = claim(workplace.store, reference, workplace.actor.account, LEASE_SECONDS)
    if lease is None:
        raise StoreBusy(f"a run is at work on {reference}")
    try:
        with workplace.store.writing(workplace.actor) as work:
            require(work.connection, lease)
            return _settle(work, _uncertain(workplace, work.connection, reference), holding, case)
    finally:
        release(workplace.store, lease)


def _uncertain(workplace: Workplace, connection: Connection, reference: str) -> KeptList:
    kept = list_named(connection, reference)
    if kept is None:
        raise NotAttestable(f"there is no list {reference}")
    if kept.state is not ListState.UNCERTAIN:
        raise NotAttestable(f"{reference} is {kept.state.value}: only what is uncertain is settled by a person's word")
    if workplace.actor.account in who_brought_it_here(connection, kept):
        raise NotAttestable("whoever ran or delivered a list may not attest it", advice="Ask another approver.")
    return kept


def _settle(work: Work, kept: KeptList, holding: Holding, case: str) -> ListState:
    if holding is Holding.NOT_DELIVERED and kept.package_sha256 is None:
        return _set_free(work, kept, case)
    if holding is Holding.NOT_DELIVERED:
        position = work.enter(Event.LIST_FAILED, list=kept.reference, reason=ATTESTED, case=case)
        move_list(work, kept.list_id, ListState.FAILED, reason=ATTESTED, explained_by=position)
        return ListState.FAILED
    reason = ATTESTED if kept.package_sha256 else NOT_PROVEN
    position = work.enter(
        Event.LIST_VERIFIED,
        list=kept.reference,
        package_sha256=kept.package_sha256,
        verify_method=ATTESTED,
        reason=reason,
        case=case,
    )
    move_list(
        work,
        kept.list_id,
        ListState.VERIFIED,
        reason=reason,
        explained_by=position,
        verify_method=ATTESTED,
        settled_at=as_text(work.at),
    )
    return ListState.VERIFIED


def _set_free(work: Work, kept: KeptList, case: str) -> ListState:
    """Let a window be run that has no list after all; what it was withheld for before says nothing any more."""
    position = work.enter(
        Event.LIST_PLANNED,
        list=kept.reference,
        agreement=kept.agreement_id,
        version=kept.version,
        statement=kept.statement_hash,
        window=kept.window,
        part=kept.part,
        partner=kept.partner,
        reason=ATTESTED,
        case=case,
    )
    unknown = {"people": None, "excluded": None, "decision_digest": None, "snapshot_id": NO_SNAPSHOT}
    move_list(work, kept.list_id, ListState.PLANNED, reason=ATTESTED, explained_by=position, **unknown)
    return ListState.PLANNED
