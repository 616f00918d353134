"""Take back a delivered list: its files are removed where the desk has not taken them.

(1) The recall is committed first: that it was decided stands in the ledger whatever the server does then.
(2) Each file of ours is compared with the bytes that we sent, and removed only where it is exactly those. A form that
    the desk began to fill in, and whatever else stands under a name, is left.
(3) What was found is kept as one more try. Asked again, a recalled list is looked for again.
(4) A package that is not there any more was taken by the desk: the recall is then a record, and somebody calls them.
    What they say that they destroyed is recorded as what they say, with the case in which the papers are.
(5) Once our sealed copy is gone at the end of its time there is nothing to compare with, and nothing is removed.

It works while everything is stopped, because that is when it is needed. What people were told stays disclosed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum

from gateway.delivery.interface import Match, Session
from gateway.delivery.names import manifest_name, receipt_form_name
from gateway.documents import canonical_json
from gateway.errors import AgreementUnapproved, DeliveryError, NotRecallable, PackageRemoved, PartnerInvalid, StoreBusy
from gateway.ledger.events import Event
from gateway.model.delivery import MOVES, ListState
from gateway.model.officers import Action
from gateway.receipts.form import receipt_form
from gateway.services.agreements.agreement_standing import require_approved_record
from gateway.services.agreements.stop_disclosures import require_case
from gateway.services.delivery.deliver_one import LEASE_SECONDS
from gateway.services.partners.manage_partners import partner_named
from gateway.services.workplace import Workplace
from gateway.store.deliveries import Attempt, keep_attempt
from gateway.store.leases import Lease, claim, release, renew, require
from gateway.store.lists import KeptList, list_named, move_list
from gateway.store.packages import Package, package_of

#: The desk answered that it has these: there is nothing at the server to take back.
_TAKEN = frozenset({ListState.RECEIVED, ListState.REJECTED})


class RecallReason(StrEnum):
    """Why a list is recalled. Stored."""

    INCIDENT = "incident"
    SAFETY = "safety"
    LEGAL_ADVICE = "legal_advice"
    DATA_QUALITY = "data_quality"
    PARTNER_REQUEST = "partner_request"


class Found(StrEnum):
    """What became of the package at the recipient's. Stored as the outcome of a try."""

    REMOVED = "recall:removed"
    #: The desk took it, or an earlier recall removed it.
    GONE = "recall:gone"
    #: Something else stands under its name, or what stands there may not be read.
    LEFT = "recall:left"
    #: The desk had answered for it before; nobody looked.
    TAKEN = "recall:taken"
    #: Our own copy is gone, so that nothing there could be compared; nobody looked.
    NO_COPY = "recall:no-copy"
    #: The desk said by phone that it destroyed what it had taken.
    DESTROYED = "recall:destroyed"


@dataclass(frozen=True, slots=True)
class Recalled:
    """A recalled list, what was found of its package, and why nobody could look, if so."""

    reference: str
    found: Found | None
    failure: AgreementUnapproved | DeliveryError | PartnerInvalid | None = None


def recall_list(workplace: Workplace, reference: str, reason: RecallReason, case: str) -> Recalled:
    """Recall a list. Raises NotRecallable or StoreBusy; a server that cannot be reached is an answer, not the end."""
    workplace.actor.require(Action.RECALL)
    require_case(case)
    with _leased(workplace, reference) as lease:
        kept = _decide(workplace, lease, reference, reason, case)  # (1)
        # Without a package there is nothing to compare: a restored database lost it, and the desk says that it has it.
        if kept.state in _TAKEN or kept.package_sha256 is None:
            began_at = workplace.clock.now()
            _keep(workplace, lease, kept, _attempt(workplace, began_at, Found.TAKEN.value))
            return Recalled(reference, Found.TAKEN)
        return _take_back(workplace, lease, kept)


def record_destroyed(workplace: Workplace, reference: str, case: str) -> Recalled:
    """Record that the desk says that it destroyed a recalled list, under a case. Raises NotRecallable or StoreBusy."""
    workplace.actor.require(Action.RECALL)
    require_case(case)
    with _leased(workplace, reference) as lease:
        began_at = workplace.clock.now()
        with workplace.store.reading() as connection:
            kept = list_named(connection, reference)
        if kept is None or kept.state is not ListState.RECALLED:
            raise NotRecallable(f"{reference} is not recalled", advice="`gateway disclose recall` without --destroyed.")
        claim_of_theirs = replace(_attempt(workplace, began_at, Found.DESTROYED.value), case=case)
        _keep(workplace, lease, kept, claim_of_theirs)  # (4)
    return Recalled(reference, Found.DESTROYED)


@contextmanager
def _leased(workplace: Workplace, reference: str) -> Iterator[Lease]:
    # Nothing that somebody typed becomes the name of a lease, which is kept.
    with workplace.store.reading() as connection:
        if list_named(connection, reference) is None:
            raise NotRecallable(f"there is no list {reference}")
    lease = claim(workplace.store, reference, workplace.actor.account, LEASE_SECONDS)
    if lease is None:
        raise StoreBusy(f"a run is at work on {reference}")
    try:
        yield lease
    finally:
        release(workplace.store, lease)


def _decide(workplace: Workplace, lease: Lease, reference: str, reason: RecallReason, case: str) -> KeptList:
    """Commit the recall; return the list as it stood before."""
    with workplace.store.writing(workplace.actor) as work:
        require(work.connection, lease)
        kept = list_named(work.connection, reference)
        if kept is None:
            raise NotRecallable(f"there is no list {reference}")
        if kept.state is ListState.RECALLED:
            return kept
        if ListState.RECALLED not in MOVES[kept.state]:
            raise NotRecallable(f"{reference} is {kept.state.value}: only a delivered list is recalled")
        position = work.enter(Event.LIST_RECALLED, list=reference, reason=reason.value, case=case)
        move_list(work, kept.list_id, ListState.RECALLED, reason=reason.value, explained_by=position)
    return kept


def _take_back(workplace: Workplace, lease: Lease, kept: KeptList) -> Recalled:
    began_at = workplace.clock.now()
    try:
        with workplace.store.reading() as connection:
            package = package_of(connection, workplace.store.reading, kept)
    except PackageRemoved:
        _keep(workplace, lease, kept, _attempt(workplace, began_at, Found.NO_COPY.value))  # (5)
        return Recalled(kept.reference, Found.NO_COPY)
    try:
        partner = partner_named(workplace, kept.partner)
        with workplace.store.reading() as connection:
            require_approved_record(workplace, connection, partner)
        with workplace.transport_to(partner).session() as session:
            found = _remove(session, kept, package)  # (2)
            session_facts, host_key = canonical_json(asdict(session.facts)), session.facts.host_key
    except (AgreementUnapproved, DeliveryError, PartnerInvalid) as failure:
        _keep(workplace, lease, kept, _attempt(workplace, began_at, failure.code))
        return Recalled(kept.reference, None, failure)
    _keep(workplace, lease, kept, _attempt(workplace, began_at, found.value, session_facts, host_key))  # (3)
    return Recalled(kept.reference, found)


def _remove(session: Session, kept: KeptList, package: Package) -> Found:
    name, sha256 = kept.remote_name or "", kept.package_sha256 or ""
    match = session.withdraw(name, package.copy)
    if match is Match.SAME:
        session.withdraw(manifest_name(name), package.manifest)
        session.withdraw(receipt_form_name(name), receipt_form(kept.reference, sha256))
    return {Match.SAME: Found.REMOVED, Match.ABSENT: Found.GONE}.get(match, Found.LEFT)


def _attempt(
    workplace: Workplace, began_at: datetime, outcome: str, session: bytes = b"{}", host_key: str | None = None
) -> Attempt:
    return Attempt(began_at, workplace.clock.now(), outcome, session, host_key, None)


def _keep(workplace: Workplace, lease: Lease, kept: KeptList, attempt: Attempt) -> None:
    renew(workplace.store, lease, LEASE_SECONDS)
    with workplace.store.writing(workplace.actor) as work:
        keep_attempt(work, kept, attempt)
