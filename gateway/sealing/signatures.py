"""Sign texts, and read signed texts only when the pinned key signed them.

- We clear-sign: the text can be read by eye and by Kleopatra's notepad, and is checked by any OpenPGP tool.
- We read what a desk's tools make: clear-signed (with a byte order mark, with CRLF), signed in one piece, also
  compressed, and detached. What is signed is returned, never what stands around it.
- The library accepts whatever key its callback offers and returns unsigned text when given none. So the callback
  offers the pinned certificate alone, and a signature of that certificate is asked for once more afterwards.

Edge only where a message needs GnuPG (gnupg.py). A certificate is judged by certificate.usable_signer before.
"""

import pysequoia
from pysequoia.packet import PacketPile, Tag

from gateway.errors import PackageCorrupt, SealFailed, SignatureInvalid
from gateway.sealing.certificate import UsableSigner
from gateway.sealing.gnupg import GnuPG

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BEGIN_CLEAR = b"-----BEGIN PGP SIGNED MESSAGE-----"
_END_CLEAR = b"-----END PGP SIGNATURE-----"
_ENDS = (_BEGIN_CLEAR, _END_CLEAR)


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
    try:
        detached = pysequoia.Sig.from_bytes(signature)
    except RuntimeError:
        raise PackageCorrupt("a detached signature cannot be read") from None
    certificate = pysequoia.Cert.from_bytes(signer.certificate)
    try:
        result = pysequoia.verify(bytes=document, store=lambda _: [certificate], signature=detached)
    except RuntimeError:
        raise _wrong(signer) from None
    _require_signer(result, signer)


def is_detached_signature(data: bytes) -> bool:
    """Say whether the bytes are signatures and nothing else: the text that they are of lies elsewhere."""
    # Of a clear text the library's parser sees the signature alone.
    if _BEGIN_CLEAR in data:
        return False
    tags = _tags(data)
    return bool(tags) and all(tag == Tag.Signature for tag in tags)


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
    tags = _tags(message)
    if any(tag in (Tag.PKESK, Tag.SKESK, Tag.SEIP) for tag in tags):
        raise PackageCorrupt("the message is encrypted where it should only be signed", advice="Ask for it in clear.")
    if not any(tag in (Tag.OnePassSig, Tag.Signature, Tag.CompressedData) for tag in tags):
        raise SignatureInvalid("the message is not signed")
    if tags[0] == Tag.CompressedData:
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
    except RuntimeError:
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


def _tags(message: bytes) -> list[Tag]:
    try:
        return [packet.tag for packet in PacketPile.from_bytes(message)]
    except RuntimeError:
        raise PackageCorrupt("the message cannot be read as OpenPGP") from None
