"""The short-lived process that seals: private key, certificate and list in at stdin, the package out at stdout.

It is started as a file, not as a module of the gateway, so that it loads the OpenPGP library and nothing else.
It is a process of its own because the library holds Python's lock for the whole of a sealing, and so that what the
private key and the plain list leave in memory dies with it: no core dump, no debugger, no file.

The input is two frames, each a length in four octets and that many bytes (the signing key, the certificate), and
then the list until the end of input. The package is binary, signed, then encrypted, and never compressed: the size
of a compressed list tells something of what is in it. What goes wrong is said by the exit code alone, since the
library's messages quote what it was given (law L8).
"""

import os
import struct
import sys
from pathlib import Path

import pysequoia

MEMORY_OPEN, INPUT_CUT_SHORT, KEY_UNREADABLE, NOT_SEALED = 3, 4, 5, 6
#: Asks for the way that works where pipes have no names.
IN_MEMORY = "--in-memory"

_FRAME = struct.Struct(">I")
_PR_SET_DUMPABLE = 4
_INPUT, _OUTPUT = Path("/dev/fd/0"), Path("/dev/fd/1")


def main() -> int:
    """Seal what comes in; return 0 or one of the exit codes above."""
    try:
        _keep_memory_private()
    except OSError:
        return MEMORY_OPEN
    try:
        signer = pysequoia.Tsk.from_bytes(_frame()).signer()
        recipient = pysequoia.Cert.from_bytes(_frame())
    except EOFError:
        return INPUT_CUT_SHORT
    except RuntimeError:
        return KEY_UNREADABLE
    seal = _seal_streaming if _INPUT.exists() and IN_MEMORY not in sys.argv else _seal_in_memory
    try:
        seal(signer, recipient)
    except (RuntimeError, OSError):
        return NOT_SEALED
    return 0


def _seal_streaming(signer: pysequoia.PySigner, recipient: pysequoia.Cert) -> None:
    """Let the library read and write our two pipes by their names; memory stays flat."""
    pysequoia.encrypt_file(_INPUT, _OUTPUT, recipients=[recipient], signer=signer, armor=False)


def _seal_in_memory(signer: pysequoia.PySigner, recipient: pysequoia.Cert) -> None:
    """Seal where pipes have no names, as on Windows; memory grows with the list."""
    with os.fdopen(0, "rb", closefd=False) as source:
        package = pysequoia.encrypt(source.read(), recipients=[recipient], signer=signer, armor=False)
    with os.fdopen(1, "wb", closefd=False) as output:
        output.write(package)


def _frame() -> bytes:
    (length,) = _FRAME.unpack(_exactly(_FRAME.size))
    return _exactly(length)


def _exactly(length: int) -> bytes:
    """Read from the bare descriptor: a buffer would swallow the beginning of the list."""
    parts = []
    while length:
        part = os.read(0, length)
        if not part:
            raise EOFError
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _keep_memory_private() -> None:
    """Forbid core dumps and, on Linux, other processes of the account to look into this one."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - only there

        msvcrt.setmode(0, os.O_BINARY)
        msvcrt.setmode(1, os.O_BINARY)
        return
    import resource  # noqa: PLC0415 - not on Windows

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - only there

        if ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
            raise OSError("this process cannot be closed to others")


if __name__ == "__main__":
    sys.exit(main())
