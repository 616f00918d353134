"""Read which keys an OpenPGP certificate is made of, whatever state they are in: for finding out, never for using.

Pure but for the OpenPGP library. Whether a key may be used is decided in certificate.py.
"""

import pysequoia
from pysequoia.packet import PacketPile, Tag

from gateway.errors import KeyUnusable

_KEYS = (Tag.PublicKey, Tag.PublicSubkey)


def fingerprints_in(certificate: bytes) -> frozenset[str]:
    """Return the full fingerprint of every key in a certificate, upper case. Raises KeyUnusable for other bytes."""
    try:
        binary = bytes(pysequoia.Cert.from_bytes(certificate))
        packets = list(PacketPile.from_bytes(binary))
    except RuntimeError:
        # From None: the library's message is a page long and quotes what it was given.
        raise KeyUnusable("the certificate cannot be read as OpenPGP") from None
    return frozenset(str(packet.fingerprint).upper() for packet in packets if packet.tag in _KEYS)
