"""What a recipient answers: a signed form that names the ciphertext's hash."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ReceiptLevel(StrEnum):
    """How far the recipient got. Stored."""

    RECEIVED = "received"
    VALIDATED = "validated"
    PROCESSED = "processed"
    REJECTED = "rejected"
    #: The certificate that ends it: the recipient has the list no more.
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt whose signature was verified against the partner's pinned key.

    `reason` is a code from a closed list and only there for REJECTED, `destroyed_on` only for DESTROYED, which is the
    recipient's certificate that the list and every copy of it were destroyed by then. `cosigned_checkpoint` is what
    stands under that key, as it stands there: whoever reads a receipt has not looked at it.
    """

    list_reference: str
    package_sha256: str
    level: ReceiptLevel
    people: int | None
    reason: str | None
    signer_fingerprint: str
    raw: bytes
    cosigned_checkpoint: str | None = None
    destroyed_on: date | None = None
