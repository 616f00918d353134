"""Collect what partners answered: verify, match, keep as evidence, and move the list that a receipt is for.

For each partner, in one session:

(1) The partner's record is as it was approved, and the key that is pinned for receipts is usable today; otherwise
    nothing of theirs is read (law L6).
(2) Every file is read into memory and sorted into receipts.
(3) Each receipt is verified against the pinned key.
(4) In one transaction it is matched with its list and kept as it came, with its entry; an accepted one moves the
    list, a refused one is evidence and changes nothing else. The same bytes a second time are nothing new. Of what is
    no receipt of the pinned key only the hash is kept: it may say anything about anybody, and is kept for good. A
    checkpoint that a receipt co-signs is judged apart (witness_receipts.py).
(5) Only after that commit its files are put away at the partner's.

A partner that cannot be reached keeps no other from being asked. A receipt that never comes is overdue_receipts.py.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from gateway.delivery.interface import InboundFile, Session
from gateway.delivery.names import receipt_form_name
from gateway.errors import (
    AgreementUnapproved,
    DeliveryError,
    GatewayError,
    KeyUnavailable,
    KeyUnusable,
    ReceiptError,
    SignatureInvalid,
    TransferRefused,
)
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.model.keys import KeyPurpose
from gateway.model.officers import Action
from gateway.model.partner import Partner
from gateway.model.receipt import Receipt
from gateway.model.time import Clock, as_text, london_day
from gateway.receipts.form import receipt_form
from gateway.receipts.match import KnownList, Outcome, Verdict, match_receipt
from gateway.receipts.pairing import Detached, Whole, sort_files
from gateway.receipts.verify import verify_detached_receipt, verify_receipt
from gateway.receipts.witness import Witnessing
from gateway.seams import Seam, seam
from gateway.services.agreements.agreement_standing import require_approved_record
from gateway.services.partners.pins_in_use import in_use, retire_others
from gateway.services.receipts.receipt_signers import Signers, signers_of, verified_by_any
from gateway.services.receipts.witness_receipts import judge_witness, keep_witnessed
from gateway.services.workplace import Workplace
from gateway.store.lists import KeptList, list_named, move_list
from gateway.store.receipts import keep_receipt, levels_with_verdict, package_listed, receipt_kept
from gateway.store.work import Work

#: One session reads no more than this, and keeps no more in memory; the rest is read the next time.
MOST_FILES, MOST_BYTES, MOST_TIME = 1000, 8 * 1024 * 1024, timedelta(minutes=5)
#: A receipt of bytes that came before.
DUPLICATE = "duplicate"
#: A signature whose text is neither beside it nor a form of ours.
WITHOUT_TEXT = "signature_without_text"
#: Faults that leave nothing to put away: there is no such name, or it cannot be touched.
_STAYS = frozenset({"ill_named", "unreadable"})
_FORM_SUFFIX = receipt_form_name("")
_ENTRY_OF = {ListState.RECEIVED: Event.LIST_RECEIVED, ListState.REJECTED: Event.LIST_REJECTED}


@dataclass(frozen=True, slots=True)
class Collected:
    """What became of one receipt. `verdict` is one of match.py's, or the code of what refused it.

    `checkpoint` is what became of the checkpoint that it co-signed, if it did.
    """

    verdict: str
    accepted: bool = False
    list_reference: str | None = None
    level: str | None = None
    moved_to: ListState | None = None
    checkpoint: Witnessing | None = None


@dataclass(slots=True)
class PartnerReceipts:
    """What one partner's folder held.

    `waiting` counts texts whose signature is not there and receipts for a delivery that is still under way. After a
    `failure` the rest of the folder was not read.
    """

    partner: str
    collected: list[Collected] = field(default_factory=list)
    waiting: int = 0
    failure: GatewayError | None = None

    @property
    def accepted(self) -> int:
        """How many receipts were accepted."""
        return sum(receipt.accepted for receipt in self.collected)

    @property
    def refused(self) -> int:
        """How many were refused and need somebody to ask why."""
        return sum(not receipt.accepted and receipt.verdict != DUPLICATE for receipt in self.collected)


@dataclass(frozen=True, slots=True)
class _Read:
    """A receipt as it came: verified, or refused with a code."""

    names: tuple[str, ...]
    raw: bytes
    receipt: Receipt | None = None
    refused: str = ""


def collect_receipts(workplace: Workplace, partners: Collection[str] | None = None) -> list[PartnerReceipts]:
    """Ask the partners named, or all, for their receipts. Raises AccessDenied."""
    workplace.actor.require(Action.COLLECT_RECEIPTS)
    asked = [workplace.partners[name] for name in sorted(workplace.partners) if partners is None or name in partners]
    return [_collect_from(workplace, partner) for partner in asked]


def _collect_from(workplace: Workplace, partner: Partner) -> PartnerReceipts:
    result = PartnerReceipts(partner.name)
    try:
        with workplace.store.reading() as connection:
            require_approved_record(workplace, connection, partner)
            believed = in_use(connection, partner)
        signers = signers_of(believed, workplace.clock.today())  # (1)
        with workplace.transport_to(partner).session() as session:
            _settle_all(workplace, partner, signers, session, result)
    except (AgreementUnapproved, DeliveryError, KeyUnusable, KeyUnavailable) as failure:
        result.failure = failure
    workplace.record("receipts:collected", partner=partner.name, accepted=result.accepted, refused=result.refused)
    return result


def _settle_all(
    workplace: Workplace, partner: Partner, signers: Signers, session: Session, result: PartnerReceipts
) -> None:
    files = list(_some_of(session.collect(), workplace.clock))  # (2)
    found = sort_files((file.name, file.data) for file in files if file.fault is None)
    result.waiting = found.waiting
    read = [_unreadable(file) for file in files if file.fault is not None]
    read += [_verified(workplace, partner, signers, receipt) for receipt in found.receipts]  # (3)
    done: list[str] = []
    for receipt in read:
        settled = _settle(workplace, partner, receipt)  # (4)
        if settled is None:
            result.waiting += 1
            continue
        result.collected.append(settled)
        done.extend(receipt.names)
    _put_away(session, done)  # (5)


def _put_away(session: Session, names: Iterable[str]) -> None:
    """Put files away; one that may not be moved keeps no other from it, and is told when all are done."""
    refusals: list[TransferRefused] = []
    for name in names:
        try:
            session.archive(name)
            seam(Seam.RECEIPT_ARCHIVED)
        except TransferRefused as refusal:
            refusals.append(refusal)
    if refusals:
        raise refusals[0]


def _some_of(files: Iterable[InboundFile], clock: Clock) -> Iterator[InboundFile]:
    """Yield files as long as they are no more than one session reads; what stays there for ever is not counted."""
    taken = read = 0
    ends_at = clock.now() + MOST_TIME
    for file in files:
        yield file
        taken += file.fault not in _STAYS
        read += len(file.data)
        if taken == MOST_FILES or read >= MOST_BYTES or clock.now() >= ends_at:
            return


def _unreadable(file: InboundFile) -> _Read:
    """Return a file that was not read; a hash stands for the name, which the partner chose."""
    names = () if file.fault in _STAYS else (file.name,)
    return _Read(names, _hash_of(file.name.encode(), file.fault or ""), refused=file.fault or "")


def _hash_of(raw: bytes, code: str) -> bytes:
    """Return what is kept in place of words that anybody may have written about anybody (law L8)."""
    return f"not kept: {code} {hashlib.sha256(raw).hexdigest()}\n".encode()


def _verified(workplace: Workplace, partner: Partner, signers: Signers, found: Whole | Detached) -> _Read:
    raw = found.message if isinstance(found, Whole) else (found.text or b"") + found.signature
    try:
        if isinstance(found, Whole):
            receipt = verified_by_any(signers, partial(verify_receipt, found.message))
        elif (text := found.text or _our_form(workplace, partner, found.text_name)) is not None:
            receipt = verified_by_any(signers, partial(verify_detached_receipt, text, found.signature))
        else:
            return _Read(found.names, _hash_of(raw, WITHOUT_TEXT), refused=WITHOUT_TEXT)
    except (ReceiptError, SignatureInvalid) as refusal:
        return _Read(found.names, _hash_of(raw, refusal.code), refused=refusal.code)
    return _Read(found.names, receipt.raw, receipt)


def _our_form(workplace: Workplace, partner: Partner, name: str) -> bytes | None:
    """Make again the form that was sent under a name, if one was."""
    if not name.endswith(_FORM_SUFFIX):
        return None
    with workplace.store.reading() as connection:
        listed = package_listed(connection, partner.name, name.removesuffix(_FORM_SUFFIX))
    return receipt_form(*listed) if listed else None


def _settle(workplace: Workplace, partner: Partner, read: _Read) -> Collected | None:
    """Keep a receipt and do what it says; None where it has to wait."""
    raw_sha256 = hashlib.sha256(read.raw).hexdigest()
    with workplace.store.writing(workplace.actor) as work:
        if receipt_kept(work.connection, raw_sha256):
            return Collected(DUPLICATE)
        kept, outcome = _match(work, partner, read.receipt)
        if outcome and outcome.verdict is Verdict.TOO_EARLY:
            return None
        verdict = outcome.verdict.value if outcome else read.refused
        accepted = outcome is not None and outcome.accepted
        witnessed = judge_witness(work, partner, read.receipt, kept if accepted else None)
        body = dict(_said(read.receipt, kept)) | {"raw_sha256": raw_sha256, "partner": partner.name, "verdict": verdict}
        body |= {"cosignature": witnessed.verdict.value} if witnessed else {}
        event = Event.RECEIPT_COLLECTED if accepted else Event.RECEIPT_REFUSED
        position = work.enter(event, collected_at=as_text(work.at), **body)
        keep_receipt(
            work,
            raw=read.raw,
            raw_sha256=raw_sha256,
            partner=partner.name,
            verdict=verdict,
            collected_at=as_text(work.at),
            list_id=kept.list_id if kept else None,
            level=read.receipt.level.value if read.receipt else None,
            explained_by=position,
        )
        reference = kept.reference if kept else None
        keep_witnessed(work, partner, witnessed, receipt_sha256=raw_sha256, reference=reference)
        moved_to = outcome.move_to if outcome else None
        if moved_to and kept and read.receipt:
            _move(work, kept, moved_to, read.receipt, raw_sha256)
        if accepted and read.receipt:
            retire_others(work, partner, KeyPurpose.RECEIPTS, read.receipt.signer_fingerprint)
    return Collected(
        verdict=verdict,
        accepted=accepted,
        list_reference=reference,
        level=read.receipt.level.value if read.receipt else None,
        moved_to=moved_to,
        checkpoint=witnessed.verdict if witnessed else None,
    )


def _match(work: Work, partner: Partner, receipt: Receipt | None) -> tuple[KeptList | None, Outcome | None]:
    """Return this partner's list that a receipt names, and what the receipt means for it."""
    if receipt is None:
        return None, None
    kept = list_named(work.connection, receipt.list_reference)
    if kept is None or kept.partner != partner.name:
        # Another partner's list is as unknown to this one as none.
        return None, match_receipt(receipt, None, london_day(work.at))
    known = KnownList(
        reference=kept.reference,
        package_sha256=kept.package_sha256,
        people=kept.people,
        state=kept.state,
        levels=levels_with_verdict(work.connection, kept.list_id, Verdict.ACCEPTED.value),
    )
    return kept, match_receipt(receipt, known, london_day(work.at))


def _said(receipt: Receipt | None, kept: KeptList | None) -> Iterator[tuple[str, str | int]]:
    """Yield what an entry holds of a receipt: only what was signed by the pinned key."""
    if kept:
        yield "list", kept.reference
    if receipt is None:
        return
    yield "level", receipt.level.value
    yield "signer", receipt.signer_fingerprint
    yield "package_sha256", receipt.package_sha256
    if receipt.people is not None:
        yield "people", receipt.people
    if receipt.reason is not None:
        yield "reason", receipt.reason
    if receipt.destroyed_on is not None:
        yield "destroyed_on", receipt.destroyed_on.isoformat()


def _move(work: Work, kept: KeptList, to: ListState, receipt: Receipt, raw_sha256: str) -> None:
    body: dict[str, str | int] = {"list": kept.reference, "receipt": raw_sha256, "level": receipt.level.value}
    body |= {"people": receipt.people} if receipt.people is not None else {}
    body |= {"reason": receipt.reason} if receipt.reason is not None else {}
    move_list(work, kept.list_id, to, reason=receipt.reason, explained_by=work.enter(_ENTRY_OF[to], **body))
