"""Refuse a message that is much larger than it looks: 64 KiB can expand to gigabytes, and every reader would expand it.

The packets are looked at before any library is given them. A compressed packet is expanded here as far as a receipt or
a manifest may be long, and no further; one within another is nobody's answer.

Pure.
"""

import bz2
import zlib
from collections.abc import Callable

from gateway.sealing.packets import COMPRESSED, PacketMalformed, packets_in

#: No signed text that we read is longer.
MOST_EXPANDED = 256 * 1024
#: RFC 9580 section 9.4: how a packet is compressed.
_UNCOMPRESSED, _ZIP, _ZLIB, _BZIP2 = range(4)


def require_modest(message: bytes) -> None:
    """Raise PacketMalformed for a message that is no sequence of packets, or expands to more than it may."""
    for tag, body in packets_in(message):
        if tag == COMPRESSED and any(inner == COMPRESSED for inner, _ in packets_in(_expanded(body))):
            raise PacketMalformed("a compressed packet is in another one")


def _expanded(body: bytes) -> bytes:
    if not body:
        raise PacketMalformed("a compressed packet is empty")
    expand = _EXPAND.get(body[0])
    if expand is None:
        raise PacketMalformed("a packet is compressed in a way that nobody knows")
    try:
        expanded = expand(body[1:])
    except (zlib.error, OSError, EOFError) as error:
        raise PacketMalformed("a compressed packet is damaged") from error
    if len(expanded) > MOST_EXPANDED:
        raise PacketMalformed(f"a compressed packet expands to more than {MOST_EXPANDED} bytes")
    return expanded


#: One byte more than there may be tells that there is more.
_EXPAND: dict[int, Callable[[bytes], bytes]] = {
    _UNCOMPRESSED: lambda data: data,
    _ZIP: lambda data: zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, MOST_EXPANDED + 1),
    _ZLIB: lambda data: zlib.decompressobj().decompress(data, MOST_EXPANDED + 1),
    _BZIP2: lambda data: bz2.BZ2Decompressor().decompress(data, MOST_EXPANDED + 1),
}
