"""An invented officer who approves: what `ssh-keygen -Y sign -n agreement@gateway` does on their own machine.

For the demonstration and rehearsals, where no real person signs. The gateway itself holds no approver's private key and
has no code that signs an approval.
"""

import base64
import hashlib
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.agreements.approvers import NAMESPACE, ApproverRole

_MAGIC = b"SSHSIG"
_HASH = b"sha512"
_KEY_TYPE = b"ssh-ed25519"
_NAMESPACE = NAMESPACE.encode()
_LINE = 70


@dataclass(frozen=True, slots=True)
class InventedOfficer:
    """Somebody who may approve, with the key that would be on their own machine."""

    principal: str
    role: ApproverRole
    key: Ed25519PrivateKey

    @classmethod
    def new(cls, principal: str, role: ApproverRole) -> "InventedOfficer":
        """Return an officer with a new key."""
        return cls(principal, role, Ed25519PrivateKey.generate())

    def approvers_line(self) -> str:
        """Return the officer's line of the approvers file."""
        public = self.key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
        return f'{self.principal} namespaces="{NAMESPACE}" {public} role={self.role.value}'

    def sign(self, statement: bytes) -> bytes:
        """Return a detached signature over a policy statement, in OpenSSH's armoured form (PROTOCOL.sshsig)."""
        signed = (
            _MAGIC + _string(_NAMESPACE) + _string(b"") + _string(_HASH) + _string(hashlib.sha512(statement).digest())
        )
        signature = _string(_KEY_TYPE) + _string(self.key.sign(signed))
        public = _string(_KEY_TYPE) + _string(self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        body = _MAGIC + struct.pack(">I", 1) + b"".join(map(_string, (public, _NAMESPACE, b"", _HASH, signature)))
        text = base64.b64encode(body).decode()
        lines = [text[start : start + _LINE] for start in range(0, len(text), _LINE)]
        return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]).encode()


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data
