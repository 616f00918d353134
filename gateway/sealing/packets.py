"""Read what an OpenPGP packet says about a key or a message, and nothing more.

- A key packet: its version, its algorithm and how strong the key is.
- The head of an encrypted message: for which keys it can be opened.
- The packets of a short message, one after the other, without looking into any.
- Strict: a length that does not fit, or a packet where another must stand, raises PacketMalformed.

Pure: bytes in, facts out. No signature is verified here: what a binding signature is worth, certificate.py asks
the OpenPGP library by using it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

#: RFC 9580 section 5: the packets that are looked at.
PKESK, SIGNATURE, SKESK, ONE_PASS, COMPRESSED, LITERAL, SEIPD = 1, 2, 3, 4, 8, 11, 18
#: RFC 9580 section 9.1. LibrePGP gives 8 to Kyber, which RFC 9580 leaves unassigned.
RSA = frozenset({1, 2, 3})
ECDH, ECDSA, EDDSA, X25519, ED25519 = 18, 19, 22, 25, 27
LIBREPGP_KYBER = 8
#: LibrePGP's own key packets; RFC 9580 skipped the number.
LIBREPGP_VERSION = 5

# RFC 9580 section 5.5.2: version, time, algorithm; from version 6 on, the length of what follows too.
_KEY_V4, _KEY_HEAD, _KEY_HEAD_V6 = 4, 6, 10
# Section 5.1: a version 3 session key names its key by id, a version 6 one by fingerprint.
_PKESK_V3, _PKESK_V6, _KEY_ID_BYTES = 3, 6, 8
# Section 4.2.1: the first octets from which a body's length takes two octets, comes in parts, takes five.
_TWO_OCTETS, _PARTIAL, _FIVE_OCTETS = 192, 224, 255
_NEW, _TWO_OCTETS_END = 0xC0, _PARTIAL
# Section 4.2.2: an old packet of which only the end of the message tells where it ends.
_TO_THE_END = 0x83
# Section 4.2.2: how many octets an old packet's length takes.
_OLD_LENGTHS = {0: 1, 1: 2, 2: 4}

_CURVES = {
    bytes.fromhex("2a8648ce3d030107"): "NIST P-256",
    bytes.fromhex("2b81040022"): "NIST P-384",
    bytes.fromhex("2b81040023"): "NIST P-521",
    bytes.fromhex("2b06010401da470f01"): "Curve25519",
    bytes.fromhex("2b060104019755010501"): "Curve25519",
}
_NAMES = {16: "Elgamal", 17: "DSA", 26: "X448", 28: "Ed448", 35: "ML-KEM-768+X25519", 36: "ML-KEM-1024+X448"}


class PacketMalformed(ValueError):
    """The bytes are not the packet that they should be."""


@dataclass(frozen=True, slots=True)
class KeyKind:
    """What sort of key a key packet holds. `bits` is 0 where the algorithm alone says how strong it is."""

    version: int
    algorithm: int
    name: str
    bits: int = 0

    @property
    def is_librepgp(self) -> bool:
        """Say whether only GnuPG 2.5 and later can read it."""
        return self.version == LIBREPGP_VERSION or self.algorithm == LIBREPGP_KYBER


def key_kind(body: bytes) -> KeyKind:
    """Return the kind of the key in a public-key or public-subkey packet's body."""
    if len(body) < _KEY_HEAD:
        raise PacketMalformed("a key packet is cut short")
    version, algorithm = body[0], body[5]
    material = body[_KEY_HEAD:] if version <= _KEY_V4 else body[_KEY_HEAD_V6:]
    if version == LIBREPGP_VERSION or algorithm == LIBREPGP_KYBER:
        return KeyKind(version, algorithm, "GnuPG's own post-quantum format")
    if algorithm in RSA:
        bits = int.from_bytes(_exactly(material, 0, 2))
        return KeyKind(version, algorithm, f"RSA-{bits}", bits)
    if algorithm in {ECDH, ECDSA, EDDSA}:
        return KeyKind(version, algorithm, _curve(material))
    if algorithm in {X25519, ED25519}:
        return KeyKind(version, algorithm, "Curve25519")
    return KeyKind(version, algorithm, _NAMES.get(algorithm, f"algorithm {algorithm}"))


def recipients_of(message: bytes) -> tuple[str, ...]:
    """Return for which keys an encrypted message was made: key ids (16 digits) or fingerprints, upper case.

    Raises PacketMalformed unless the message begins with public-key session keys and goes on with
    integrity-protected data, as everything that we seal does.
    """
    found: list[str] = []
    for tag, body in _leading_packets(message):
        if tag == SEIPD:
            return tuple(found)
        if tag != PKESK:
            break
        found.append(_recipient(body))
    raise PacketMalformed("the message is not integrity-protected data for public keys")


def packets_in(message: bytes) -> list[tuple[int, bytes]]:
    """Return the tag and body of each packet of a message in memory. Raises PacketMalformed."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(message):
        tag, body, at = _packet(message, at)
        found.append((tag, body))
    return found


def _packet(message: bytes, at: int) -> tuple[int, bytes, int]:
    """Return a packet's tag, its whole body, and where the next packet begins."""
    first = message[at]
    if first & 0xC3 == _TO_THE_END:
        return (first & 0x3C) >> 2, message[at + 1 :], len(message)
    if first & 0xC0 != _NEW:
        tag, start, length = _header(message, at)
        return tag, _exactly(message, start, length), start + length
    parts, at = [], at + 1
    while _TWO_OCTETS_END <= (octet := _exactly(message, at, 1)[0]) < _FIVE_OCTETS:
        parts.append(_exactly(message, at + 1, 1 << (octet & 0x1F)))
        at += 1 + len(parts[-1])
    start, length = _new_length(message, at, partial=False)
    return first & 0x3F, b"".join([*parts, _exactly(message, start, length)]), start + length


def _curve(material: bytes) -> str:
    length = _exactly(material, 0, 1)[0]
    oid = _exactly(material, 1, length)
    return _CURVES.get(oid, "a curve that is not supported")


def _recipient(body: bytes) -> str:
    version = _exactly(body, 0, 1)[0]
    if version == _PKESK_V3:
        return _exactly(body, 1, _KEY_ID_BYTES).hex().upper()
    if version == _PKESK_V6:
        length = _exactly(body, 1, 1)[0]
        # The first of these bytes is the version of the key that the fingerprint is of.
        return _exactly(body, 3, length - 1).hex().upper()
    raise PacketMalformed("a session key is of an unknown version")


def _leading_packets(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each packet's tag and body up to the encrypted data, whose body is left out."""
    at = 0
    while at < len(message):
        tag, start, length = _header(message, at)
        if tag == SEIPD:
            yield tag, b""
            return
        yield tag, _exactly(message, start, length)
        at = start + length


def _header(message: bytes, at: int) -> tuple[int, int, int]:
    """Return a packet's tag, where its body starts, and its length (RFC 9580 section 4.2)."""
    first = message[at]
    if not first & 0x80:
        raise PacketMalformed("the bytes are not an OpenPGP packet")
    if first & 0x40:
        return first & 0x3F, *_new_length(message, at + 1, partial=first & 0x3F == SEIPD)
    octets = _OLD_LENGTHS.get(first & 0x03)
    if octets is None:
        raise PacketMalformed("a packet does not say where it ends")
    length = int.from_bytes(_exactly(message, at + 1, octets))
    return (first & 0x3C) >> 2, at + 1 + octets, length


def _new_length(message: bytes, at: int, *, partial: bool) -> tuple[int, int]:
    first = _exactly(message, at, 1)[0]
    if first < _TWO_OCTETS:
        return at + 1, first
    if first < _PARTIAL:
        return at + 2, ((first - _TWO_OCTETS) << 8) + _exactly(message, at + 1, 1)[0] + _TWO_OCTETS
    if first == _FIVE_OCTETS:
        return at + 5, int.from_bytes(_exactly(message, at + 1, 4))
    if not partial:
        raise PacketMalformed("only data packets may come in parts")
    return at + 1, 0


def _exactly(data: bytes, start: int, length: int) -> bytes:
    piece = data[start : start + length]
    if length < 0 or len(piece) != length:
        raise PacketMalformed("a packet is cut short")
    return piece
