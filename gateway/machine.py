"""Edge: which machine this is, and what it has.

A machine is known by its name and by the number that its operating system was given when it was installed, so that a
copied machine is another one as soon as either was changed. Only the hash of both is used: the number is nobody else's
business.
"""

import hashlib
import os
import socket
import uuid
from pathlib import Path

#: Where Linux keeps the number.
_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_FORM = "gateway host 1"


def this_machine() -> str:
    """Return the machine's name for our database: 64 hexadecimal digits."""
    return machine_called(socket.gethostname(), _number())


def machine_called(name: str, number: str) -> str:
    """Return what a machine of this name and number is called."""
    return hashlib.sha256(f"{_FORM}\n{name.lower()}\n{number}".encode()).hexdigest()


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _number() -> str:
    if os.name == "nt":
        return _windows_number()
    for path in _FILES:
        if path.is_file() and (number := path.read_text(encoding="ascii", errors="replace").strip()):
            return number
    # The address of a network card; where there is none either, a new number at each call would be no name.
    card = uuid.getnode()
    return "" if card >> 40 & 1 else f"{card:012x}"


def _windows_number() -> str:
    import winreg  # noqa: PLC0415 - on Windows only

    with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:  # type: ignore[attr-defined,unused-ignore]
        return str(winreg.QueryValueEx(key, "MachineGuid")[0])  # type: ignore[attr-defined,unused-ignore]
