"""Say which keys of a partner may sign receipts, and verify by whichever of them did.

The key in use must be usable, or nothing of the partner's is read (law L6). The one before it counts beside it until
the new one has answered (pins_in_use.py), as long as it can be used itself.
"""

from collections.abc import Callable, Sequence
from datetime import date

from gateway.errors import KeyUnusable, SignatureInvalid
from gateway.model.partner import Partner
from gateway.model.receipt import Receipt
from gateway.sealing.certificate import UsableSigner, usable_signer

#: One key in use, and one before it at most.
Signers = Sequence[UsableSigner]


def signers_of(partner: Partner, today: date) -> Signers:
    """Return the keys that are believed, the one in use first. Raises KeyUnusable where that one cannot be used."""
    in_use = usable_signer(partner.receipt_certificate, partner.receipt_fingerprint, today)
    if partner.receipt_before is None:
        return (in_use,)
    try:
        return in_use, usable_signer(*partner.receipt_before, today)
    except KeyUnusable:
        # It was to go anyway; what it signed meanwhile is refused as by a stranger.
        return (in_use,)


def verified_by_any(signers: Signers, verify: Callable[[UsableSigner], Receipt]) -> Receipt:
    """Return the receipt as the key verifies it that signed it. Raises SignatureInvalid where none did."""
    *others, last = signers
    for signer in others:
        try:
            return verify(signer)
        except SignatureInvalid:
            continue
    return verify(last)
