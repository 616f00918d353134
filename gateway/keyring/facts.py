"""Tell what may be told of a key of ours: its fingerprint, its algorithm, its days, its public half."""

import base64
import hashlib
import hmac
from datetime import UTC, date, datetime, timedelta

import pysequoia
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    SSHCertificate,
    load_ssh_private_key,
    load_ssh_public_identity,
)
from pysequoia.packet import Packet, PacketPile, Tag

from gateway.errors import KeyUnavailable
from gateway.ledger.notes import Signer, parse_vkey
from gateway.model.keys import KeyFacts, KeyPurpose
from gateway.model.time import london_day
from gateway.sealing.encryption_keys import expiry_of, kind_of

_OURS = "gateway"
#: The year 9999, which no calendar of ours goes beyond; OpenSSH's "forever" is further off.
_FOR_EVER = 253_370_764_800


def openpgp_facts(key: pysequoia.Tsk) -> KeyFacts:
    """Tell of the key for packages; its days are those of the part that signs."""
    certificate = key.extract_certificate()
    signing, ends = _signing_part(certificate)
    ends = [day for day in (*ends, expiry_of(certificate)) if day]
    return KeyFacts(
        purpose=KeyPurpose.PACKAGES,
        owner=_OURS,
        fingerprint=certificate.fingerprint.upper(),
        algorithm=kind_of(signing).name.lower().replace(" ", "-"),
        not_before_on=london_day(signing.key_created) if signing.key_created else None,
        not_after_on=min(ends) - timedelta(days=1) if ends else None,
        public=str(certificate),
    )


def checkpoint_facts(signer: Signer) -> KeyFacts:
    """Tell of the key for checkpoints."""
    fingerprint = hashlib.sha256(parse_vkey(signer.vkey).public).hexdigest().upper()
    return KeyFacts(KeyPurpose.CHECKPOINTS, _OURS, fingerprint, "ed25519", None, None, signer.vkey)


def secret_facts(purpose: KeyPurpose, secret: bytes, algorithm: str) -> KeyFacts:
    """Tell of a secret that has no public half."""
    label = f"gateway key fingerprint 1: {purpose}".encode()
    fingerprint = hmac.digest(secret, label, "sha256").hex().upper()
    return KeyFacts(purpose, _OURS, fingerprint, algorithm, None, None, "")


def ssh_facts(data: bytes) -> KeyFacts:
    """Tell of the SSH key."""
    try:
        public = load_ssh_private_key(data, password=None).public_key()
    except (ValueError, TypeError) as error:
        raise KeyUnavailable("the SSH key is not in OpenSSH's form, or has a passphrase") from error
    line = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    kind, blob = line.split()[:2]
    digest = hashlib.sha256(base64.b64decode(blob)).digest()
    fingerprint = "SHA256:" + base64.b64encode(digest).decode().rstrip("=")
    return KeyFacts(KeyPurpose.SSH, _OURS, fingerprint, kind, None, None, line)


def log_in_period(data: bytes) -> tuple[date, date] | None:
    """Return the first and the last day of a certificate for the log-in; None where it never ends."""
    try:
        certificate = load_ssh_public_identity(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnavailable("the certificate beside our SSH key cannot be read") from error
    if not isinstance(certificate, SSHCertificate) or certificate.valid_before >= _FOR_EVER:
        return None
    begins, ends = (datetime.fromtimestamp(at, UTC) for at in (certificate.valid_after, certificate.valid_before))
    return london_day(begins), london_day(ends) - timedelta(days=1)


def _signing_part(certificate: pysequoia.Cert) -> tuple[Packet, list[date]]:
    """Return the newest key that signs data, and the day on which its binding ends, where it does."""
    packets = list(PacketPile.from_bytes(bytes(certificate)))
    found: list[tuple[Packet, list[date]]] = []
    for key, binding in _bindings(packets):
        if binding.key_flags and binding.key_flags.signing and key.key_created:
            period = binding.key_validity_period
            found.append((key, [london_day(key.key_created + period)] if period else []))
    if not found:
        raise KeyUnavailable("the key for packages has no part that signs")
    return max(found, key=lambda pair: str(pair[0].key_created))


def _bindings(packets: list[Packet]) -> list[tuple[Packet, Packet]]:
    pairs = []
    key = packets[0]
    for packet in packets:
        if packet.tag in (Tag.PublicKey, Tag.PublicSubkey):
            key = packet
        elif packet.tag == Tag.Signature:
            pairs.append((key, packet))
    return pairs
