"""Edge: our private SSH key, read from a file that nobody else can read."""

import os
import stat
from io import StringIO
from pathlib import Path
from typing import Any

import paramiko

from gateway.errors import KeyUnavailable


def load_key(path: Path, passphrase: str | None = None) -> Any:
    """Return our private key, with its certificate where one lies beside it.

    Raises KeyUnavailable when it is not there, cannot be read, or others can read it.
    """
    text = _read_private(path)
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            key = kind.from_private_key(StringIO(text), passphrase)
        except (paramiko.SSHException, ValueError):
            continue
        certificate = path.with_name(f"{path.name}-cert.pub")
        if certificate.exists():
            key.load_certificate(str(certificate))
        return key
    raise KeyUnavailable("our SSH key is not an Ed25519, ECDSA or RSA key, or its passphrase is another")


def _read_private(path: Path) -> str:
    try:
        with path.open(encoding="ascii") as file:
            # Asked of the open file, so that it is the one that is read.
            mode = os.fstat(file.fileno()).st_mode
            if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
                raise KeyUnavailable("others can read our SSH key: `chmod 600` it, and think about replacing it")
            return file.read()
    except (OSError, UnicodeDecodeError) as fault:
        raise KeyUnavailable("our SSH key is not there or cannot be read") from fault
