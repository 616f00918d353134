"""Accept a receipt only from the pinned key, in whatever way the desk's tools signed it.

(1) No more than 64 KiB, before anything looks at it.
(2) Signed by the key that is pinned for receipts: clear-signed, in one piece, or detached beside its text.
(3) Its text is a receipt, read strictly (parse.py).

Whether it fits a list that we sent is asked afterwards, in match.py. `raw` of the result is what is kept as evidence:
for a detached signature, the text and the signature as `bundle` joins them.
"""

from gateway.errors import PackageCorrupt, ReceiptMalformed
from gateway.model.receipt import Receipt
from gateway.receipts.parse import MOST_BYTES, parse_receipt
from gateway.sealing.certificate import UsableSigner
from gateway.sealing.signatures import require_signature, signed_text


def verify_receipt(message: bytes, signer: UsableSigner) -> Receipt:
    """Return a receipt that is signed in one piece. Raises ReceiptMalformed or SignatureInvalid."""
    _require_small(message)  # (1)
    try:
        text = signed_text(message, signer)  # (2)
    except PackageCorrupt as error:
        raise ReceiptMalformed(f"the receipt cannot be read: {error}", advice=error.advice()) from error
    return _receipt(text, signer, message)  # (3)


def verify_detached_receipt(text: bytes, signature: bytes, signer: UsableSigner) -> Receipt:
    """Return a receipt whose signature is a file of its own. Raises ReceiptMalformed or SignatureInvalid."""
    _require_small(text + signature)  # (1)
    try:
        require_signature(text, signature, signer)  # (2)
    except PackageCorrupt as error:
        raise ReceiptMalformed(f"the receipt cannot be read: {error}", advice=error.advice()) from error
    return _receipt(text, signer, bundle(text, signature))  # (3)


def bundle(text: bytes, signature: bytes) -> bytes:
    """Return a text and its detached signature as one: their lengths in a line, then the one, then the other."""
    return f"detached {len(text)} {len(signature)}\n".encode() + text + signature


def _require_small(raw: bytes) -> None:
    if len(raw) > MOST_BYTES:
        raise ReceiptMalformed(f"the receipt is larger than {MOST_BYTES} bytes")


def _receipt(text: bytes, signer: UsableSigner, raw: bytes) -> Receipt:
    said = parse_receipt(text)
    return Receipt(
        list_reference=said.list_reference,
        package_sha256=said.package_sha256,
        level=said.level,
        people=said.people,
        reason=None if said.reason is None else said.reason.value,
        signer_fingerprint=signer.fingerprint,
        raw=raw,
        cosigned_checkpoint=said.cosigned_checkpoint,
        destroyed_on=said.destroyed_on,
    )
