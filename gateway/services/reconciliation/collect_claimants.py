"""Fetch the lists that recipients left for us to answer, under agreements in the mode `match_first`, and take them in.

For each such agreement, in one session with its recipient:

(1) The agreement, the recipient's record and the key that signs are as approved and usable; otherwise nobody speaks to
    their server (law L6).
(2) Each file of the folder is read into memory with bounds, and taken as one that was handed over (take_claimants.py).
(3) Only after what became of it is committed it is put away there. Of a file that is refused only the hash is kept,
    with why; one that waits for us (columns that nobody confirmed, too many lists for a day) stays where it is.

One agreement keeps no other from being asked. The service raises the first refusal after all of it is on record.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway.delivery.interface import Inbound, InboundFile, Session
from gateway.documents import sha256_hex
from gateway.errors import (
    AgreementError,
    ClaimantsRefused,
    ColumnsUnconfirmed,
    DeliveryError,
    GatewayError,
    KeyUnavailable,
    KeyUnusable,
    PackageCorrupt,
    ReconciliationError,
    ReconciliationRefused,
    SignatureInvalid,
    SnapshotMissing,
    TooManyLists,
    WorkCoachListChanged,
    WorkCoachListLocked,
    WorkCoachListRefused,
)
from gateway.ledger.events import Event
from gateway.model.agreement import Agreement, Mode
from gateway.model.officers import Action
from gateway.model.partner import Partner
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.agreements.agreement_standing import require_approved_record
from gateway.services.reconciliation.take_claimants import Taken, ready_to_take, take_claimants
from gateway.services.workplace import Workplace
from gateway.store.entries import entries_about

#: One session reads no more files than this; the rest is read the next time.
MOST_FILES = 100
#: What the file itself is wrong in: it will never be taken.
_REFUSED = (PackageCorrupt, SignatureInvalid, WorkCoachListRefused, WorkCoachListLocked)
#: What passes once a person or the next day has come.
_WAITS = (ColumnsUnconfirmed, WorkCoachListChanged, TooManyLists)
_KEEPS_ALL_FROM_BEING_READ = (
    AgreementError,
    ReconciliationError,
    DeliveryError,
    KeyUnusable,
    KeyUnavailable,
    SnapshotMissing,
)
#: Faults that leave nothing to put away: there is no such name, or it cannot be touched.
_STAYS = frozenset({"ill_named", "unreadable"})


@dataclass(slots=True)
class CollectedClaimants:
    """What one agreement's folder held. `refused` and `waiting` are codes; a failure kept it from being read."""

    agreement_id: str
    partner: str
    taken: list[Taken] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    waiting: list[GatewayError] = field(default_factory=list)
    failure: GatewayError | None = None


def collect_claimants(workplace: Workplace) -> list[CollectedClaimants]:
    """Ask every recipient that leaves lists for us. Raises AccessDenied."""
    workplace.actor.require(Action.TAKE_CLAIMANTS)
    workplace.store.require_newest()
    asked = list(_asked(workplace))
    alone = [sum(other.recipient == each.recipient for other in asked) == 1 for each in asked]
    return [_collect(workplace, each, alone=only) for each, only in zip(asked, alone, strict=True)]


def collect_claimants_nightly(workplace: Workplace) -> list[CollectedClaimants]:
    """Do the same as the service does. Raises what a person has to look at, after all of it is on record."""
    collected = collect_claimants(workplace)
    trouble = gravest_of(collected)
    if trouble is not None:
        raise trouble
    return collected


def gravest_of(collected: Sequence[CollectedClaimants]) -> GatewayError | None:
    """Return the first of what a person has to look at; None where nobody has to."""
    return next(filter(None, map(_trouble, collected)), None)


def _asked(workplace: Workplace) -> Iterator[Agreement]:
    """Yield the agreements whose recipient leaves lists for us; one that cannot be read the plan tells people of."""
    shelf = Shelf.of(workplace)
    for agreement_id in shelf.agreement_ids():
        try:
            agreement, _ = shelf.agreement(agreement_id)
        except AgreementError:
            continue
        partner = workplace.partners.get(agreement.recipient)
        if agreement.mode is Mode.MATCH_FIRST and partner is not None and partner.claimants is not None:
            yield agreement


def _collect(workplace: Workplace, agreement: Agreement, *, alone: bool) -> CollectedClaimants:
    partner = workplace.partners[agreement.recipient]
    result = CollectedClaimants(agreement.agreement_id, partner.name)
    try:
        _require_alone(agreement, alone=alone)
        with ready_to_take(workplace, agreement.agreement_id) as ready:  # (1)
            require_approved_record(workplace, ready.connection, partner)
        with workplace.transport_to(partner).session() as session:
            _take_all(workplace, agreement, partner, session, result)
    except _KEEPS_ALL_FROM_BEING_READ as failure:
        result.failure = failure
    return result


def _require_alone(agreement: Agreement, *, alone: bool) -> None:
    if not alone:
        raise ReconciliationRefused(
            f"{agreement.agreement_id} is not alone in answering lists of {agreement.recipient}, and a file in their "
            "folder does not say which it means",
            advice="One agreement in the mode match_first for each recipient; suspend the other.",
        )


def _take_all(
    workplace: Workplace, agreement: Agreement, partner: Partner, session: Session, result: CollectedClaimants
) -> None:
    for number, file in enumerate(session.collect(Inbound.CLAIMANTS)):  # (2)
        if number == MOST_FILES:
            return
        if _settle(workplace, agreement, partner, file, result):
            session.archive(file.name, Inbound.CLAIMANTS)  # (3)


def _settle(
    workplace: Workplace, agreement: Agreement, partner: Partner, file: InboundFile, result: CollectedClaimants
) -> bool:
    """Take a file or enter why not; say whether it is to be put away."""
    if file.fault is not None:
        # A name is the partner's to choose and may be a person's: a hash stands for it where nothing was read.
        _refuse(workplace, agreement, partner, sha256_hex(file.name.encode()), file.fault, result)
        return file.fault not in _STAYS
    try:
        result.taken.append(take_claimants(workplace, agreement.agreement_id, file.data))
    except _REFUSED as refusal:
        _refuse(workplace, agreement, partner, sha256_hex(file.data), refusal.code, result)
    except _WAITS as waits:
        result.waiting.append(waits)
        return False
    return True


def _refuse(  # noqa: PLR0917 - what an entry says, and who is told
    workplace: Workplace, agreement: Agreement, partner: Partner, digest: str, code: str, result: CollectedClaimants
) -> None:
    """Enter once that a file was refused; what stays in the folder is the same the next time."""
    with workplace.store.writing(workplace.actor) as work:
        if any(entry.body["file"] == digest for entry in entries_about(work.connection, Event.CLAIMANTS_REFUSED)):
            return
        work.enter(
            Event.CLAIMANTS_REFUSED, agreement=agreement.agreement_id, partner=partner.name, file=digest, code=code
        )
    result.refused.append(code)
    workplace.record("claimants:refused", agreement=agreement.agreement_id, code=code)


def _trouble(collected: CollectedClaimants) -> GatewayError | None:
    """Return what a person has to look at; what passes by itself, or the plan tells of, is nobody's trouble."""
    if collected.refused:
        return ClaimantsRefused(f"lists that {collected.partner} left were refused: {', '.join(collected.refused)}")
    failure = collected.failure
    if failure is not None and not failure.retryable and not isinstance(failure, (AgreementError, SnapshotMissing)):
        return failure
    return collected.waiting[0] if collected.waiting else None
