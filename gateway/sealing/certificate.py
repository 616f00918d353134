"""Decide whether a partner's OpenPGP certificate may be used on a given day, and which of its keys.

The library encrypts to expired and to revoked certificates without a word, and to every encryption key that a
certificate has. So each use begins here (law L6), and nothing can switch it off:

1. The bytes are one certificate, of public keys only, with exactly the full fingerprint that is pinned.
2. No part of it is in the post-quantum format that GnuPG alone reads.
3. It is not revoked and, on the day, not expired.
4. Its keys are strong: RSA of 3072 bits or more, NIST P-256, P-384 or P-521, or Curve25519.
5. An encryption key is properly bound to it, itself neither revoked nor expired. The newest one is taken, and the
   others are cut out of what the sealer is given (encryption_keys.py).

A key that expires at any time during a day cannot be used on it: a run lasts, and a package waits for delivery.

Pure but for the OpenPGP library: bytes and a day in, a certificate or a refusal out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pysequoia
from pysequoia.packet import Packet, PacketPile, Tag

from gateway.errors import KeyUnusable
from gateway.sealing.encryption_keys import EncryptionKey, encryption_keys, expiry_of, kind_of
from gateway.sealing.packets import RSA, KeyKind

LEAST_RSA_BITS = 3072
_STRONG = frozenset({"NIST P-256", "NIST P-384", "NIST P-521", "Curve25519"})
_FINGERPRINT_DIGITS = (40, 64)

_NEW_KEY = (
    "Ask the partner to make a new key in their own tool: in Kleopatra choose RSA with 3072 or 4096 bits, or "
    "Curve25519; with GnuPG `gpg --quick-generate-key NAME rsa3072 default 2y`. Then compare the fingerprint by "
    "phone: keys/README.md."
)
_CLASSIC_KEY = (
    "Ask the partner for a key without the post-quantum option: in Kleopatra choose RSA with 3072 or 4096 bits; "
    "with GnuPG `gpg --quick-generate-key NAME rsa3072 default 2y`. They keep the other key for other uses."
)


@dataclass(frozen=True, slots=True)
class UsableCertificate:
    """A certificate that was judged usable on a day.

    `certificate` is binary and holds one encryption key, `encryption_key`, which is the full fingerprint of that
    key; `fingerprint` is the pinned one, of the whole. `expires_on` is the first London day on which it is no
    longer usable, if there is one.
    """

    certificate: bytes
    fingerprint: str
    encryption_key: str
    algorithm: str
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class UsableSigner:
    """A certificate whose signatures may be accepted on a day."""

    certificate: bytes
    fingerprint: str
    algorithm: str
    expires_on: date | None


def usable(certificate: bytes, fingerprint: str, on_day: date) -> UsableCertificate:
    """Return the certificate ready for sealing, or raise KeyUnusable saying what the partner must do."""
    packets, whole, signer = _checked(certificate, fingerprint, on_day)
    keys = encryption_keys(packets, whole)
    good = [key for key in keys if _fault(key, on_day) is None]
    if not good:
        faults = [fault for key in keys if (fault := _fault(key, on_day))]
        why = "; ".join(faults) or "it has no valid encryption key"
        raise KeyUnusable(f"{signer.fingerprint} cannot be used: {why}", advice=_NEW_KEY)
    best = max(good, key=lambda key: (key.created_at, key.fingerprint))
    return UsableCertificate(
        certificate=best.certificate,
        fingerprint=signer.fingerprint,
        encryption_key=best.fingerprint,
        algorithm=best.kind.name,
        expires_on=min((day for day in (signer.expires_on, best.expires_on) if day), default=None),
    )


def usable_signer(certificate: bytes, fingerprint: str, on_day: date) -> UsableSigner:
    """Return the certificate ready for verifying signatures, or raise KeyUnusable."""
    return _checked(certificate, fingerprint, on_day)[2]


def normal_fingerprint(text: str) -> str:
    """Return a full fingerprint in upper case without spaces; raise KeyUnusable for anything else."""
    plain = "".join(text.split()).upper().removeprefix("0X")
    if len(plain) not in _FINGERPRINT_DIGITS or not set(plain) <= set("0123456789ABCDEF"):
        raise KeyUnusable(
            "the pinned fingerprint is not a full one of 40 or 64 hexadecimal digits",
            advice="Copy the whole fingerprint, not a key id: `gpg --fingerprint` shows it.",
        )
    return plain


def fingerprint_of(certificate: bytes) -> str:
    """Return the fingerprint of a certificate as it stands, upper case, without judging its keys."""
    return _whole(certificate, _packets_of(certificate)).fingerprint.upper()


def _checked(
    certificate: bytes, fingerprint: str, on_day: date
) -> tuple[Sequence[Packet], pysequoia.Cert, UsableSigner]:
    """Do steps 1 to 3, and 4 for the primary key."""
    # Steps (1) and (2).
    pinned = normal_fingerprint(fingerprint)
    packets = _packets_of(certificate)
    _refuse_librepgp(packets)
    whole = _whole(certificate, packets)
    if whole.fingerprint.upper() != pinned:
        raise KeyUnusable(f"the certificate is {whole.fingerprint.upper()}, and the pinned one is {pinned}")
    # Step (3).
    if whole.is_revoked:
        raise KeyUnusable(f"{pinned} was revoked by its owner", advice=_NEW_KEY)
    expires_on = expiry_of(whole)
    if expires_on is not None and on_day >= expires_on:
        raise KeyUnusable(f"{pinned} expired on {expires_on.isoformat()}", advice=_NEW_KEY)
    # Step (4).
    kind = kind_of(packets[0])
    if weakness := _weakness(kind):
        raise KeyUnusable(f"{pinned} has a primary key that {weakness}", advice=_NEW_KEY)
    return packets, whole, UsableSigner(certificate, pinned, kind.name, expires_on)


def _packets_of(certificate: bytes) -> Sequence[Packet]:
    try:
        return list(PacketPile.from_bytes(certificate))
    except RuntimeError:
        # From None, here and below: the library's message is a page long and quotes what it was given.
        raise KeyUnusable("the certificate cannot be read as OpenPGP", advice=_NEW_KEY) from None


def _refuse_librepgp(packets: Sequence[Packet]) -> None:
    keys = (packet for packet in packets if packet.tag in (Tag.PublicKey, Tag.PublicSubkey))
    if any(kind_of(key).is_librepgp for key in keys):
        raise KeyUnusable(
            "the certificate holds a post-quantum (Kyber) key in the format that only GnuPG 2.5 and later can read",
            advice=_CLASSIC_KEY,
        )


def _whole(certificate: bytes, packets: Sequence[Packet]) -> pysequoia.Cert:
    """Return the one certificate of public keys that the bytes hold."""
    if any(packet.tag in (Tag.SecretKey, Tag.SecretSubkey) for packet in packets):
        raise KeyUnusable(
            "the file holds a private key",
            advice="Its owner must treat the key as known to others, revoke it and make another one.",
        )
    if not packets or packets[0].tag != Tag.PublicKey or sum(p.tag == Tag.PublicKey for p in packets) != 1:
        raise KeyUnusable("the file does not hold exactly one certificate", advice=_NEW_KEY)
    try:
        return pysequoia.Cert.from_bytes(certificate)
    except RuntimeError:
        raise KeyUnusable("the certificate cannot be read as OpenPGP", advice=_NEW_KEY) from None


def _fault(key: EncryptionKey, on_day: date) -> str | None:
    """Return why an encryption key may not be used, or None."""
    name = f"its encryption key {key.fingerprint}"
    if key.expires_on is not None and on_day >= key.expires_on:
        return f"{name} expired on {key.expires_on.isoformat()}"
    weakness = _weakness(key.kind)
    return f"{name} {weakness}" if weakness else None


def _weakness(kind: KeyKind) -> str | None:
    """Return why a kind of key is not accepted, or None."""
    if kind.algorithm in RSA:
        return None if kind.bits >= LEAST_RSA_BITS else f"is {kind.name}: RSA needs {LEAST_RSA_BITS} bits or more"
    return None if kind.name in _STRONG else f"is {kind.name}, which is not accepted"
