"""Give a partner a new host key, receipt key or certificate, with overlap: read aloud to two people, then approved.

(1) Propose: the file as it is to be is written beside the partner's, as `<name>.toml.next`. Nothing uses it.
(2) Compare: two people each type the fingerprint that the partner read from their own screen (compare_keys.py).
(3) Put in place: the proposed file becomes the partner's file; the one before stays beside it as `<name>.toml.before`.
    Its hash stands in each policy statement, so from here on nothing goes to the partner until approvers sign again
    (agreements/statement.py): two people who compared are no approval, and none is asked of them here.
(4) A new host key or receipt key is believed beside the old one until it has answered; then the old one is retired
    by itself (pins_in_use.py). A certificate has no such overlap: from the approval on lists are encrypted to the new
    one alone, and whoever owns it keeps the old one for the lists that were made before.

Taking a proposal back removes it; nothing of it was ever used.
"""

from dataclasses import dataclass, replace

from gateway.delivery.pins import parse_pin
from gateway.errors import AgreementError, ConfigurationError, KeyUnusable, PartnerInvalid
from gateway.ledger.events import Event
from gateway.model.keys import KeyPurpose
from gateway.model.officers import Action
from gateway.model.partner import Partner
from gateway.sealing.certificate import fingerprint_of, usable, usable_signer
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.keys.compare_keys import NEEDED, enter_comparison, require_same, who_compared
from gateway.services.keys.manage_keys import import_certificate
from gateway.services.partners.manage_partners import fingerprints_of, partner_named
from gateway.services.partners.partner_records import read_partner
from gateway.services.partners.partner_text import PACKAGE, with_certificate, with_host_keys, with_receipt_certificate
from gateway.services.partners.pin_proposals import (
    BEFORE,
    bare,
    file_of,
    pinned,
    proposal_file,
    text_of,
    what_is_new,
    write_whole,
)
from gateway.services.partners.pins_in_use import in_use
from gateway.services.workplace import Workplace

_BOTH = (KeyPurpose.RECIPIENT, KeyPurpose.RECEIPTS)
_SAME_KEY = (
    "Where only its days are new, put the certificate's file in place of the one that is there, and have the "
    "agreements approved: it is the key that was compared."
)
#: As many as a partner's file may list.
MOST_HOST_KEYS = 3


@dataclass(frozen=True, slots=True)
class PinChange:
    """How the change of a partner's key stands. `missing` is how many more people have to compare it.

    `purposes` has two where one certificate is for lists and for receipts. `agreements` are those to be approved again
    once it is in place; `in_place` says that it is.
    """

    partner: str
    purposes: tuple[KeyPurpose, ...]
    fingerprint: str
    missing: int
    agreements: tuple[str, ...]
    in_place: bool = False


def propose_host_key(workplace: Workplace, name: str, line: str) -> PinChange:
    """Propose that a partner's server may show another key, beside those that it shows now. Raises PartnerInvalid."""
    workplace.actor.require(Action.MANAGE_PARTNERS)
    partner = partner_named(workplace, name)
    if partner.outbox:
        raise PartnerInvalid(f"{name} collects from an outbox: there is no server", advice="There is nothing to pin.")
    key = bare(line)
    with workplace.store.reading() as connection:
        believed = in_use(connection, partner).host_keys
    if parse_pin(key).fingerprint in {parse_pin(each).fingerprint for each in believed}:
        raise PartnerInvalid(f"{name} has this key pinned already", advice=f"`gateway partners check {name}`.")
    if len(believed) == MOST_HOST_KEYS:
        raise PartnerInvalid(
            f"{name} has {MOST_HOST_KEYS} host keys pinned, and no more are believed at once",
            advice="Take one out of the file that the server does not show any more, and have it approved.",
        )
    return _propose(workplace, partner, with_host_keys(text_of(workplace, name), [*believed, key]))


def propose_certificate(workplace: Workplace, name: str, purpose: KeyPurpose, certificate: bytes) -> PinChange:
    """Propose another certificate for lists (RECIPIENT) or receipts (RECEIPTS). Raises PartnerInvalid, KeyUnusable.

    Where one certificate is for both today, one for lists replaces it for both.
    """
    workplace.actor.require(Action.MANAGE_PARTNERS)
    partner = partner_named(workplace, name)
    fingerprint = fingerprint_of(certificate)
    if fingerprint == pinned(partner, purpose):
        raise PartnerInvalid(f"{name} has this key pinned already", advice=_SAME_KEY)
    purposes = _BOTH if purpose is KeyPurpose.RECIPIENT and _is_for_both(partner) else (purpose,)
    for each in purposes:
        judge = usable if each is KeyPurpose.RECIPIENT else usable_signer
        judge(certificate, fingerprint, workplace.clock.today())
    file = f"{name}-{fingerprint[-8:].lower()}.asc"
    text = text_of(workplace, name)
    if KeyPurpose.RECIPIENT in purposes:
        text = with_certificate(text, PACKAGE, file, fingerprint)
    if KeyPurpose.RECEIPTS in purposes:
        text = with_receipt_certificate(text, file, fingerprint)
    write_whole(workplace.folders.partners / file, certificate)
    return _propose(workplace, partner, text)


def proposed_for(workplace: Workplace, name: str) -> PinChange | None:
    """Return the change that is proposed for a partner; None where there is none."""
    workplace.actor.require(Action.COMPARE_KEYS)
    partner = partner_named(workplace, name)
    if not proposal_file(workplace, name).exists():
        return None
    with workplace.store.reading() as connection:
        now = in_use(connection, partner)
        purposes, fingerprint = what_is_new(now, read_partner(proposal_file(workplace, name), name))
        missing = NEEDED - len(who_compared(connection, purposes[0], name, fingerprint, name))
    return PinChange(name, purposes, fingerprint, max(missing, 0), _agreements_with(workplace, name))


def compare_pin(workplace: Workplace, name: str, typed: str) -> PinChange:
    """Enter that the proposed key's fingerprint was read to, and typed by, whoever asks. Raises KeyUnusable."""
    workplace.actor.require(Action.COMPARE_KEYS)
    change = _proposal(workplace, name)
    require_same(typed, change.fingerprint)
    with workplace.store.writing(workplace.actor) as work:
        enter_comparison(work, change.purposes[0], name, change.fingerprint, name)
    return _proposal(workplace, name)


def put_in_place(workplace: Workplace, name: str) -> PinChange:
    """Make the proposed file the partner's file, once two people compared its new key. Raises KeyUnusable."""
    workplace.actor.require(Action.MANAGE_PARTNERS)
    change, before = _proposal(workplace, name), partner_named(workplace, name)
    if change.missing:
        raise KeyUnusable(
            f"{change.missing} more of the {NEEDED} people must compare {change.fingerprint} with {name}",
            advice=f"`gateway partners compare {name} --fingerprint ...`, as it is read out, each under their account.",
        )
    file = file_of(workplace, name)
    following = read_partner(proposal_file(workplace, name), name)
    write_whole(file.with_name(file.name + BEFORE), file.read_bytes())
    with workplace.store.writing(workplace.actor) as work:
        compared_by = who_compared(work.connection, change.purposes[0], name, change.fingerprint, name)
        for purpose in change.purposes:
            work.enter(
                Event.PARTNER_PINNED,
                partner=name,
                document=following.document_hash,
                before=before.document_hash,
                host_keys=list(fingerprints_of(following)),
                purpose=purpose.value,
                added=change.fingerprint,
                compared_by=sorted(compared_by),
            )
    _register(workplace, following, change)
    # One step, and after its entry: interrupted, it is finished by doing it again.
    proposal_file(workplace, name).replace(file)
    return replace(change, in_place=True)


def take_back(workplace: Workplace, name: str) -> bool:
    """Remove what is proposed for a partner; False where nothing was."""
    workplace.actor.require(Action.MANAGE_PARTNERS)
    partner_named(workplace, name)
    was_there = proposal_file(workplace, name).exists()
    proposal_file(workplace, name).unlink(missing_ok=True)
    return was_there


def _register(workplace: Workplace, following: Partner, change: PinChange) -> None:
    """Register a certificate that two people compared."""
    there = replace(workplace, partners={**workplace.partners, following.name: following})
    for purpose in change.purposes:
        if purpose is not KeyPurpose.HOST:
            import_certificate(there, following.name, purpose, change.fingerprint)


def _propose(workplace: Workplace, partner: Partner, text: str) -> PinChange:
    write_whole(proposal_file(workplace, partner.name), text.encode("utf-8"))
    return _proposal(workplace, partner.name)


def _proposal(workplace: Workplace, name: str) -> PinChange:
    change = proposed_for(workplace, name)
    if change is None:
        raise PartnerInvalid(
            f"no new key is proposed for {name}",
            advice=f"`gateway partners pin {name} --host-key FILE`, --certificate FILE or --receipt-certificate FILE.",
        )
    return change


def _agreements_with(workplace: Workplace, name: str) -> tuple[str, ...]:
    shelf = Shelf.of(workplace)
    return tuple(each for each in shelf.agreement_ids() if _recipient_of(shelf, each) == name)


def _recipient_of(shelf: Shelf, agreement_id: str) -> str | None:
    try:
        return shelf.agreement(agreement_id)[0].recipient
    except (AgreementError, ConfigurationError):
        # One with faults cannot be approved, and `gateway agreements check` says so.
        return None


def _is_for_both(partner: Partner) -> bool:
    return partner.fingerprint == partner.receipt_fingerprint
