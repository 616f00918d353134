"""Find which keys of an OpenPGP certificate can be encrypted to, and cut the certificate down to each.

What a binding signature is worth is found by using it: a certificate cut down to one key and one signature is
asked to encrypt nothing, and the outcome must be for that key. So every signature is verified by the library
that seals, under the policy that it seals under, and none by code of ours.

Pure but for the OpenPGP library: whether a key is expired or strong enough is decided in certificate.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pysequoia
from pysequoia.packet import Packet, SignatureType, Tag

from gateway.errors import KeyUnusable
from gateway.model.time import london_day
from gateway.sealing.packets import KeyKind, PacketMalformed, key_kind, recipients_of

_V4_DIGITS = 40


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """An encryption key, with the binary certificate cut down to it. It expires at some time on `expires_on`."""

    fingerprint: str
    kind: KeyKind
    created_at: datetime
    expires_on: date | None
    certificate: bytes


def encryption_keys(packets: Sequence[Packet], whole: pysequoia.Cert) -> list[EncryptionKey]:
    """Return every key that the library would encrypt to, in the certificate's order."""
    starts = [at for at, packet in enumerate(packets) if packet.tag == Tag.PublicSubkey]
    ends = [*starts[1:], len(packets)]
    head = packets[: starts[0]] if starts else packets
    candidates = [_primary(head)]
    candidates += [_bound(head, packets[start:end]) for start, end in zip(starts, ends, strict=False)]
    chosen = _encrypts_to(whole)
    return [key for key in candidates if key and names(chosen, key.fingerprint)]


def names(recipients: Sequence[str], fingerprint: str) -> bool:
    """Say whether recipients, as packets.recipients_of gives them, have the key among them."""
    return fingerprint in recipients or key_id(fingerprint) in recipients


def key_id(fingerprint: str) -> str:
    """Return the 16-digit key id of a full fingerprint: the end of a v4 one, the start of a v6 one."""
    return fingerprint[-16:] if len(fingerprint) == _V4_DIGITS else fingerprint[:16]


def kind_of(packet: Packet) -> KeyKind:
    """Return the kind of a key packet; raise KeyUnusable where it is damaged."""
    try:
        return key_kind(packet.body)
    except PacketMalformed as error:
        raise KeyUnusable(f"the certificate is damaged: {error}") from error


def expiry_of(certificate: pysequoia.Cert) -> date | None:
    """Return the London day on which a certificate's primary key expires, if it does."""
    try:
        expires_at = certificate.expiration
    except RuntimeError:
        raise KeyUnusable(
            f"{certificate.fingerprint.upper()} has no valid signature of its own: its hash or curve is not accepted"
        ) from None
    return None if expires_at is None else london_day(expires_at)


def _primary(head: Sequence[Packet]) -> EncryptionKey | None:
    cut = _cut_down(head)
    if cut is None or not names(_encrypts_to(cut), _fingerprint(head[0])):
        return None
    return _key(head[0], expiry_of(cut), cut)


def _bound(head: Sequence[Packet], section: Sequence[Packet]) -> EncryptionKey | None:
    """Return a subkey under the newest of its binding signatures that is valid, if there is one."""
    subkey, *signatures = section
    revocations = [s for s in signatures if s.signature_type == SignatureType.SubkeyRevocation]
    bindings = [s for s in signatures if s.signature_type == SignatureType.SubkeyBinding]
    for binding in sorted(bindings, key=_signed_at, reverse=True):
        cut = _cut_down([*head, subkey, binding, *revocations])
        if cut is not None and names(_encrypts_to(cut), _fingerprint(subkey)):
            return _key(subkey, _bound_until(subkey, binding), cut)
    return None


def _key(packet: Packet, expires_on: date | None, cut: pysequoia.Cert) -> EncryptionKey:
    return EncryptionKey(_fingerprint(packet), kind_of(packet), _created(packet), expires_on, bytes(cut))


def _cut_down(packets: Sequence[Packet]) -> pysequoia.Cert | None:
    try:
        return pysequoia.Cert.from_packets(list(packets))
    except RuntimeError:
        return None


def _encrypts_to(certificate: pysequoia.Cert) -> tuple[str, ...]:
    """Return which keys the library takes when it encrypts, by letting it encrypt nothing."""
    try:
        return recipients_of(pysequoia.encrypt(b"", recipients=[certificate], armor=False))
    except RuntimeError:
        return ()


def _bound_until(subkey: Packet, binding: Packet) -> date | None:
    period = binding.key_validity_period
    return None if period is None else london_day(_created(subkey) + period)


def _signed_at(signature: Packet) -> datetime:
    return signature.signature_created or datetime.min.replace(tzinfo=UTC)


def _created(key: Packet) -> datetime:
    if key.key_created is None:
        raise KeyUnusable("the certificate holds a key of an unknown version")
    return key.key_created


def _fingerprint(key: Packet) -> str:
    if key.fingerprint is None:
        raise KeyUnusable("the certificate holds a key of an unknown version")
    return key.fingerprint.upper()
