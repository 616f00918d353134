"""Read and verify detached SSH signatures (SSHSIG, as `ssh-keygen -Y sign` writes them).

- Keys: Ed25519, ECDSA on the NIST curves, RSA of 3072 bits or more with SHA-2, and Ed25519 on a security key.
- A security key must have seen its owner's touch (the user-presence flag).
- The namespace is the caller's; a signature made for anything else does not count.
- Nothing may stand before, between or behind the parts; a signature that reads two ways is refused.

Pure. Who may sign is left to approvers.py.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

MOST_BYTES = 16 * 1024
LEAST_RSA_BITS = 3072
_MAGIC = b"SSHSIG"
_VERSION = 1
_USER_PRESENT = 0x01
_ARMOUR = re.compile(rb"-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\n*", re.ASCII)
_HASHES = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
_CURVES: dict[bytes, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {
    b"nistp256": (ec.SECP256R1(), hashes.SHA256()),
    b"nistp384": (ec.SECP384R1(), hashes.SHA384()),
    b"nistp521": (ec.SECP521R1(), hashes.SHA512()),
}


class BadSignature(ValueError):
    """The signature cannot be read or does not verify. The sentence is fit for an officer's eyes."""


@dataclass(frozen=True, slots=True)
class SshSignature:
    """A signature as it was read; nothing is verified yet."""

    public_key: bytes
    namespace: str
    hash_name: bytes
    signature: bytes

    @property
    def fingerprint(self) -> str:
        """The signing key as OpenSSH writes it."""
        return fingerprint_of(self.public_key)


def fingerprint_of(public_key: bytes) -> str:
    """Return `SHA256:...` of a public key's blob."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(public_key).digest()).decode().rstrip("=")


def read_signature(armoured: bytes) -> SshSignature:
    """Read a signature file. Raises BadSignature when it is not exactly one signature."""
    match = _ARMOUR.fullmatch(armoured.replace(b"\r\n", b"\n")) if len(armoured) <= MOST_BYTES else None
    if match is None:
        raise BadSignature("this is not an SSH signature file, which begins with BEGIN SSH SIGNATURE")
    parts = _Parts(_from_base64(match[1].replace(b"\n", b"")))
    if parts.take(len(_MAGIC)) != _MAGIC or parts.number() != _VERSION:
        raise BadSignature("the signature is of a form that is not known")
    public_key, namespace, reserved, hash_name, signature = (parts.string() for _ in range(5))
    parts.end()
    if reserved or hash_name not in _HASHES:
        raise BadSignature("the signature is of a form that is not known")
    return SshSignature(public_key, namespace.decode("ascii", "replace"), hash_name, signature)


def verify_signature(signature: SshSignature, message: bytes, namespace: str) -> None:
    """Raise BadSignature unless the signature is over exactly these bytes in this namespace."""
    if signature.namespace != namespace:
        raise BadSignature(f"the signature was made for another purpose: sign with -n {namespace}")
    parts = _Parts(signature.public_key)
    key_type = parts.string()
    verify = _VERIFIERS.get(key_type)
    if verify is None:
        raise BadSignature("the signature's kind of key is not accepted; use ed25519, ecdsa, rsa or sk-ssh-ed25519")
    signed = _signed_bytes(signature, message)
    try:
        verify(parts, _Parts(signature.signature), signed)
    except InvalidSignature:
        raise BadSignature("the signature does not fit these bytes: they were changed, or others were signed") from None


def check_key(public_key: bytes) -> None:
    """Raise BadSignature unless the key is of a kind and size that is accepted."""
    parts = _Parts(public_key)
    reader = _KEY_READERS.get(parts.string())
    if reader is None:
        raise BadSignature("the kind of key is not accepted; use ed25519, ecdsa, rsa or sk-ssh-ed25519")
    reader(parts)


class _Parts:
    """The parts of an SSH blob, taken one after another."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        piece = self._data[self._at : self._at + count]
        if len(piece) < count:
            raise BadSignature("the signature or key is cut short")
        self._at += count
        return piece

    def number(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        return self.take(self.number())

    def integer(self) -> int:
        data = self.string()
        # One number has one spelling: not negative, no zero in front that the sign does not need.
        if not data or data[0] & 0x80 or (data[0] == 0 and (len(data) == 1 or not data[1] & 0x80)):
            raise BadSignature("a number in the signature or key is not in its shortest form")
        return int.from_bytes(data, "big")

    def end(self) -> None:
        if self._at != len(self._data):
            raise BadSignature("something stands behind the end of the signature or key")


def _from_base64(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise BadSignature("the signature file is damaged") from None


def _signed_bytes(signature: SshSignature, message: bytes) -> bytes:
    digest = _HASHES[signature.hash_name](message).digest()
    fields = (signature.namespace.encode("ascii"), b"", signature.hash_name, digest)
    return _MAGIC + b"".join(_string(part) for part in fields)


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _ed25519_key(parts: _Parts) -> Ed25519PublicKey:
    raw = parts.string()
    parts.end()
    try:
        return Ed25519PublicKey.from_public_bytes(raw)
    except ValueError:
        raise BadSignature("the Ed25519 key cannot be read") from None


def _security_key(parts: _Parts) -> tuple[Ed25519PublicKey, bytes]:
    raw, application = parts.string(), parts.string()
    parts.end()
    return _ed25519_key(_Parts(_string(raw))), application


def _rsa_key(parts: _Parts) -> rsa.RSAPublicKey:
    exponent, modulus = parts.integer(), parts.integer()
    parts.end()
    if modulus.bit_length() < LEAST_RSA_BITS:
        raise BadSignature(f"the RSA key is shorter than {LEAST_RSA_BITS} bits")
    try:
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError:
        raise BadSignature("the RSA key cannot be read") from None


def _ecdsa_key(parts: _Parts) -> tuple[ec.EllipticCurvePublicKey, hashes.HashAlgorithm]:
    curve_name, point = parts.string(), parts.string()
    parts.end()
    try:
        curve, hash_algorithm = _CURVES[curve_name]
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, point), hash_algorithm
    except (KeyError, ValueError):
        raise BadSignature("the ECDSA key cannot be read") from None


def _verify_ed25519(key: _Parts, signature: _Parts, signed: bytes) -> None:
    public = _ed25519_key(key)
    _require_type(signature, b"ssh-ed25519")
    raw = signature.string()
    signature.end()
    public.verify(raw, signed)


def _verify_security_key(key: _Parts, signature: _Parts, signed: bytes) -> None:
    public, application = _security_key(key)
    _require_type(signature, b"sk-ssh-ed25519@openssh.com")
    raw, flags, counter = signature.string(), signature.take(1), signature.take(4)
    signature.end()
    if not flags[0] & _USER_PRESENT:
        raise BadSignature("the security key was not touched when it signed")
    public.verify(raw, hashlib.sha256(application).digest() + flags + counter + hashlib.sha256(signed).digest())


def _verify_rsa(key: _Parts, signature: _Parts, signed: bytes) -> None:
    public = _rsa_key(key)
    algorithm = {b"rsa-sha2-256": hashes.SHA256(), b"rsa-sha2-512": hashes.SHA512()}.get(signature.string())
    if algorithm is None:
        raise BadSignature("the RSA signature is not made with SHA-2")
    raw = signature.string()
    signature.end()
    public.verify(raw, signed, padding.PKCS1v15(), algorithm)


def _verify_ecdsa(key: _Parts, signature: _Parts, signed: bytes) -> None:
    public, hash_algorithm = _ecdsa_key(key)
    _require_type(signature, b"ecdsa-sha2-" + _curve_name(public))
    inner = _Parts(signature.string())
    signature.end()
    r, s = inner.integer(), inner.integer()
    inner.end()
    public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hash_algorithm))


def _curve_name(public: ec.EllipticCurvePublicKey) -> bytes:
    return f"nistp{public.curve.key_size}".encode()


def _require_type(signature: _Parts, wanted: bytes) -> None:
    if signature.string() != wanted:
        raise BadSignature("the signature is not of its key's kind")


_VERIFIERS: dict[bytes, Callable[[_Parts, _Parts, bytes], None]] = {
    b"ssh-ed25519": _verify_ed25519,
    b"sk-ssh-ed25519@openssh.com": _verify_security_key,
    b"ssh-rsa": _verify_rsa,
    b"ecdsa-sha2-nistp256": _verify_ecdsa,
    b"ecdsa-sha2-nistp384": _verify_ecdsa,
    b"ecdsa-sha2-nistp521": _verify_ecdsa,
}
_KEY_READERS: dict[bytes, Callable[[_Parts], object]] = {
    b"ssh-ed25519": _ed25519_key,
    b"sk-ssh-ed25519@openssh.com": _security_key,
    b"ssh-rsa": _rsa_key,
    b"ecdsa-sha2-nistp256": _ecdsa_key,
    b"ecdsa-sha2-nistp384": _ecdsa_key,
    b"ecdsa-sha2-nistp521": _ecdsa_key,
}
