"""Pinned host keys: the only keys that a partner's server may show (law L6).

- A pin is a full OpenSSH public key, `ssh-ed25519 AAAA... optional comment`; a fingerprint alone is not enough,
  because only the types that are pinned are offered to the server.
- Ed25519, ECDSA on the NIST curves, and RSA of at least 3072 bits.
- There is no first-use trust, and no file of known hosts.

Pure.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from gateway.delivery.sftp_packets import Malformed, Reader
from gateway.errors import PartnerInvalid

_LEAST_RSA_BITS = 3072
_ED25519_BYTES = 32
#: The names under which a server may offer a key of each type.
OFFERED_AS: dict[str, tuple[str, ...]] = {
    "ssh-ed25519": ("ssh-ed25519",),
    "ecdsa-sha2-nistp256": ("ecdsa-sha2-nistp256",),
    "ecdsa-sha2-nistp384": ("ecdsa-sha2-nistp384",),
    "ecdsa-sha2-nistp521": ("ecdsa-sha2-nistp521",),
    "ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256"),
}


@dataclass(frozen=True, slots=True)
class Pin:
    """A pinned host key: its type, and the bytes that the server must show."""

    kind: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """The fingerprint as `ssh-keygen -l` prints it, to be read aloud."""
        return fingerprint_of(self.blob)


def fingerprint_of(blob: bytes) -> str:
    """Return `SHA256:...` of a public key's bytes."""
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii")
    return f"SHA256:{digest.rstrip('=')}"


def parse_pin(line: str) -> Pin:
    """Return the pin that a line holds; raises PartnerInvalid when it is not a whole key of an accepted type."""
    kind, _, rest = line.strip().partition(" ")
    if kind not in OFFERED_AS:
        raise PartnerInvalid("a host key is not of a type that is accepted: " + ", ".join(OFFERED_AS))
    try:
        blob = base64.b64decode(rest.split(" ")[0], validate=True)
        _check_blob(kind, Reader(blob))
    except (binascii.Error, Malformed) as fault:
        raise PartnerInvalid("a host key is not a whole OpenSSH public key, `type base64`") from fault
    return Pin(kind, blob)


def _check_blob(kind: str, reader: Reader) -> None:
    if reader.string() != kind.encode("ascii"):
        raise Malformed("the key says another type than its line")
    if kind == "ssh-ed25519" and len(reader.string()) != _ED25519_BYTES:
        raise Malformed("the key is not of its length")
    if kind.startswith("ecdsa"):
        reader.string()
        reader.string()
    if kind == "ssh-rsa":
        reader.string()
        _check_modulus(int.from_bytes(reader.string(), "big").bit_length())
    if not reader.at_end:
        raise Malformed("the key has more than its values")


def _check_modulus(bits: int) -> None:
    if bits < _LEAST_RSA_BITS:
        raise PartnerInvalid(f"an RSA host key has {bits} bits; at least {_LEAST_RSA_BITS} are accepted")


def offered_types(pins: tuple[Pin, ...]) -> tuple[str, ...]:
    """Return the key types to offer to the server: those that are pinned, in their order, and no others."""
    return tuple(dict.fromkeys(name for pin in pins for name in OFFERED_AS[pin.kind]))


def pin_shown(pins: tuple[Pin, ...], blob: bytes) -> int | None:
    """Return which pin, from 1, the server's key is; None where it is none of them."""
    return next((number for number, pin in enumerate(pins, 1) if pin.blob == blob), None)
