"""Officers who sign: keys made on the spot by the real `ssh-keygen`, and an approvers file that names them."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

NAMESPACE = "agreement@gateway"


@dataclass(frozen=True)
class Officer:
    """Somebody with a key of their own; the gateway never sees its private half."""

    principal: str
    role: str
    key: Path

    @property
    def public(self) -> str:
        """The key's type and blob."""
        kind, blob, *_ = self.key.with_suffix(".pub").read_text().split()
        return f"{kind} {blob}"

    def line(self, options: str = "") -> str:
        """The officer's line in an approvers file."""
        return f'{self.principal} namespaces="{NAMESPACE}"{options} {self.public} role={self.role}'

    def sign(self, message: bytes, namespace: str = NAMESPACE) -> bytes:
        """Return the detached signature as the officer would hand it in."""
        command = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(self.key)]
        return subprocess.run(command, input=message, capture_output=True, check=True).stdout


def an_officer(folder: Path, principal: str, role: str, kind: tuple[str, ...] = ("-t", "ed25519")) -> Officer:
    """Make an officer with a new key."""
    key = folder / f"key-{len(list(folder.iterdir()))}"
    command = ["ssh-keygen", "-q", *kind, "-N", "", "-C", "", "-f", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    return Officer(principal, role, key)


def approvers_file(*officers: Officer) -> bytes:
    """Return the approvers file that names the officers."""
    return "".join(f"{officer.line()}\n" for officer in officers).encode()
