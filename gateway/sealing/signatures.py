"""Sign texts, and read signed texts only when the pinned key signed them.

- We clear-sign: the text can be read by eye and by Kleopatra's notepad, and is checked by any OpenPGP tool.
- We read what a desk's tools make: clear-signed (with a byte order mark, with CRLF), signed in one piece, also
  compressed, and detached. What is signed is returned, never what stands around it.
- The library accepts whatever key its callback offers and returns unsigned text when given none. So the callback
  offers the pinned certificate alone, and a signature of that certificate is asked for once more afterwards.
- The library, and GnuPG, expand whatever is compressed. So a message's packets are looked at here first, and one that
  would become much larger goes to neither (expansion.py).

Edge only where a message needs GnuPG (gnupg.py). A certificate is judged by certificate.usable_signer before.
"""

import pysequoia

from gateway.errors import PackageCorrupt, SealFailed, SignatureInvalid
from gateway.sealing.armor import ArmourMalformed, without_armour
from gateway.sealing.certificate import UsableSigner
from gateway.sealing.expansion import require_modest
from gateway.sealing.gnupg import GnuPG
from gateway.sealing.packets import (
    COMPRESSED,
    ONE_PASS,
    PKESK,
    SEIPD,
    SIGNATURE,
    SKESK,
    PacketMalformed,
    packets_in,
)

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BEGIN_CLEAR = b"-----BEGIN PGP SIGNED MESSAGE-----"
_END_CLEAR = b"-----END PGP SIGNATURE-----"
_ENDS = (_BEGIN_CLEAR, _END_CLEAR)
_BEGIN_SIGNATURE = b"-----BEGIN PGP SIGNATURE-----"
#: What the library raises for what it cannot read or verify; of a compressed message, the second.
_REFUSED = (RuntimeError, OSError)


def clear_sign(text: bytes, key: bytes) -> bytes:
    """Return a text signed so that it can still be read. Raises SealFailed where the key cannot sign."""
    return _sign(text, key, pysequoia.SignatureMode.CLEAR)


def sign_detached(text: bytes, key: bytes) -> bytes:
    """Return an armoured signature of a text that stays apart. Raises SealFailed where the key cannot sign."""
    return _sign(text, key, pysequoia.SignatureMode.DETACHED)


def signed_text(message: bytes, signer: UsableSigner) -> bytes:
    """Return what the pinned key signed, with lines ended by LF alone.

    Raises PackageCorrupt where the bytes are no signed message, SignatureInvalid where the signature does not hold.
    """
    plain = message.removeprefix(_BYTE_ORDER_MARK).strip()
    if _BEGIN_CLEAR in plain:
        _require_one_clear_text(plain)
        text = _verified(plain + b"\n", signer)
    else:
        text = _inline(message, signer)
    return text.replace(b"\r\n", b"\n")


def require_signature(document: bytes, signature: bytes, signer: UsableSigner) -> None:
    """Raise SignatureInvalid unless the detached signature over exactly these bytes is the pinned key's."""
    if not is_detached_signature(signature):
        raise PackageCorrupt("a detached signature cannot be read")
    try:
        detached = pysequoia.Sig.from_bytes(signature)
    except _REFUSED:
        raise PackageCorrupt("a detached signature cannot be read") from None
    certificate = pysequoia.Cert.from_bytes(signer.certificate)
    try:
        result = pysequoia.verify(bytes=document, store=lambda _: [certificate], signature=detached)
    except _REFUSED:
        raise _wrong(signer) from None
    _require_signer(result, signer)


def is_detached_signature(data: bytes) -> bool:
    """Say whether the bytes are signatures and nothing else: the text that they are of lies elsewhere."""
    # Of a clear text a parser of packets sees the signature alone.
    if _BEGIN_CLEAR in data:
        return False
    return set(_tags(_bare(data))) == {SIGNATURE}


def _sign(text: bytes, key: bytes, mode: pysequoia.SignatureMode) -> bytes:
    try:
        return pysequoia.sign(pysequoia.Tsk.from_bytes(key).signer(), text, mode=mode)
    except RuntimeError:
        # From None, here and elsewhere: the library's message is a page long and quotes what it was given.
        raise SealFailed(
            "our key cannot sign: it is expired, revoked or damaged",
            advice="`gateway keys list` shows its days; keys/README.md says how it is rotated.",
        ) from None


def _inline(message: bytes, signer: UsableSigner) -> bytes:
    """Read a message that is signed in one piece."""
    message = _bare(message)
    tags = _tags(message)
    if {PKESK, SKESK, SEIPD} & set(tags):
        raise PackageCorrupt("the message is encrypted where it should only be signed", advice="Ask for it in clear.")
    if not {ONE_PASS, SIGNATURE, COMPRESSED} & set(tags):
        raise SignatureInvalid("the message is not signed")
    if tags[0] == COMPRESSED:
        return _compressed(message, signer)
    return _verified(message, signer)


def _compressed(message: bytes, signer: UsableSigner) -> bytes:
    """Read a compressed message: the library knows some compressions, GnuPG all that GnuPG makes."""
    try:
        return _verified(message, signer)
    except SignatureInvalid:
        with GnuPG() as gpg:
            return gpg.verified(message, signer)


def _verified(message: bytes, signer: UsableSigner) -> bytes:
    certificate = pysequoia.Cert.from_bytes(signer.certificate)
    try:
        result = pysequoia.verify(bytes=message, store=lambda _: [certificate])
    except _REFUSED:
        raise _wrong(signer) from None
    return _require_signer(result, signer)


def _require_signer(result: pysequoia.Decrypted, signer: UsableSigner) -> bytes:
    if not any(found.certificate.upper() == signer.fingerprint for found in result.valid_sigs):
        raise _wrong(signer)
    return result.bytes or b""


def _wrong(signer: UsableSigner) -> SignatureInvalid:
    return SignatureInvalid(f"there is no valid signature by the pinned key {signer.fingerprint}")


def _require_one_clear_text(text: bytes) -> None:
    """Refuse anything around the signed text: a reader could take it for signed."""
    lines = text.splitlines()
    if lines.count(_BEGIN_CLEAR) != 1 or lines.count(_END_CLEAR) != 1 or (lines[0], lines[-1]) != _ENDS:
        raise PackageCorrupt("there is something beside the signed text")
    if set(_tags(_bare(text[text.rfind(_BEGIN_SIGNATURE) :]))) != {SIGNATURE}:
        raise PackageCorrupt("what follows the signed text is not its signature")


def _bare(message: bytes) -> bytes:
    """Return the message without armour, looked through. Raises PackageCorrupt."""
    try:
        bare = without_armour(message.removeprefix(_BYTE_ORDER_MARK))
        require_modest(bare)
    except (ArmourMalformed, PacketMalformed) as error:
        raise PackageCorrupt("the message cannot be read as OpenPGP") from error
    return bare


def _tags(message: bytes) -> list[int]:
    return [tag for tag, _ in packets_in(message)]
