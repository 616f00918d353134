"""Take the armour off an OpenPGP message: its bytes are what is judged, and what is passed on.

Strict: one block and nothing beside it, so that no reader of ours and of others can see two different messages.

Pure.
"""

import base64
import binascii
import re

_BLOCK = re.compile(
    rb"-----BEGIN (PGP [A-Z ]{1,40})-----[ \t]*\r?\n"
    rb"(?:[!-9;-~]{1,60}: [^\r\n]{0,200}\r?\n){0,10}"
    rb"[ \t]*\r?\n"
    rb"((?:[A-Za-z0-9+/=]{1,200}[ \t]*\r?\n)*)"
    rb"-----END \1-----"
)
_BEGINS = b"-----BEGIN "
#: CRC-24, which RFC 9580 section 6.1 asks readers to ignore.
_CHECKSUM = re.compile(rb"\n=[A-Za-z0-9+/]{4}\s*\Z")


class ArmourMalformed(ValueError):
    """The bytes begin like armour and are no single block of it."""


def without_armour(data: bytes) -> bytes:
    """Return the bytes under the armour; bytes without armour as they are. Raises ArmourMalformed."""
    if not data.lstrip().startswith(_BEGINS):
        return data
    block = _BLOCK.fullmatch(data.strip())
    if block is None:
        raise ArmourMalformed("there is something beside the block, or it is damaged")
    text = _CHECKSUM.sub(b"\n", b"\n" + block[2])
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error as error:
        raise ArmourMalformed("what is in the block is not base64") from error
