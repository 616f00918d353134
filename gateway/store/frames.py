"""What a process of ours and the one beside it pass through a pipe: a length in four octets, and that many bytes.

Loads the standard library alone, so that whoever is started is there at once.
"""

import struct
import sys
from typing import BinaryIO

FRAME = struct.Struct(">I")
_PR_SET_DUMPABLE = 4


def read_frame(stream: BinaryIO) -> bytes:
    """Return the next frame's bytes. Raises EOFError where the stream ends before they do."""
    head = stream.read(FRAME.size)
    data = stream.read(FRAME.unpack(head)[0]) if len(head) == FRAME.size else b""
    if len(head) != FRAME.size or len(data) != FRAME.unpack(head)[0]:
        raise EOFError
    return data


def write_frames(stream: BinaryIO, *frames: bytes) -> None:
    """Write frames, at once. Raises OSError where nobody reads them."""
    for frame in frames:
        stream.write(FRAME.pack(len(frame)))
        stream.write(frame)
    stream.flush()


def keep_memory_private() -> None:
    """Forbid core dumps and, on Linux, other processes of the account to look into this one. Raises OSError."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on Windows

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - only there

        if ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
            raise OSError("this process cannot be closed to others")
