"""Edge: our private SSH key, read from a file that nobody else can read."""

import hashlib
import os
import stat
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import SSHCertificate, load_ssh_public_identity

from gateway.errors import KeyUnavailable

#: The year 9999, which no calendar of ours goes beyond; OpenSSH's "forever" is further off.
_FOR_EVER = 253_370_764_800


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
        certificate = _certificate_beside(path)
        if certificate.exists():
            _certify(key, certificate)
        return key
    raise KeyUnavailable("our SSH key is not an Ed25519, ECDSA or RSA key, or its passphrase is another")


def identity_of(path: Path, passphrase: str | None = None) -> str:
    """Return a hash over all that `load_key` makes our key of: while it is the same, so is the key.

    Raises KeyUnavailable as `load_key` does for a file that is not there, cannot be read, or that others can read.
    """
    certificate = _certificate_beside(path)
    digest = hashlib.sha256()
    for part in (_read_private(path), passphrase or "", _text_of(certificate) if certificate.exists() else ""):
        data = part.encode("utf-8")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def _text_of(certificate: Path) -> str:
    try:
        return certificate.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as fault:
        raise KeyUnavailable("the certificate beside our SSH key cannot be read") from fault


def _certify(key: Any, certificate: Path) -> None:
    try:
        key.load_certificate(str(certificate))
    except (paramiko.SSHException, ValueError, OSError) as fault:
        raise KeyUnavailable("the certificate beside our SSH key cannot be read") from fault


def certified_until(path: Path) -> datetime | None:
    """Return when the certificate beside our key ends; None where there is none, or it never ends.

    Raises KeyUnavailable for one that cannot be read.
    """
    try:
        certificate = load_ssh_public_identity(_certificate_beside(path).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, UnsupportedAlgorithm) as fault:
        raise KeyUnavailable("the certificate beside our SSH key cannot be read") from fault
    if not isinstance(certificate, SSHCertificate) or certificate.valid_before >= _FOR_EVER:
        return None
    return datetime.fromtimestamp(certificate.valid_before, UTC)


def _certificate_beside(path: Path) -> Path:
    return path.with_name(f"{path.name}-cert.pub")


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
