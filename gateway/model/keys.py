"""A key: what it is for, what it is called, and until when it may be used. Never the private part."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class KeyPurpose(StrEnum):
    """What a key is for; one key has one purpose. Stored."""

    #: Ours, OpenPGP: signs packages and manifests.
    PACKAGES = "packages"
    #: Ours, Ed25519: signs the log's checkpoints.
    CHECKPOINTS = "checkpoints"
    #: Ours, HMAC: finds a person in the registry without holding their identifiers.
    INDEX = "index"
    #: Ours, HKDF: the root of the keys that make each agreement's record references.
    REFERENCES = "references"
    #: Ours, Ed25519: logs in to partners' servers.
    SSH = "ssh"
    #: A partner's, OpenPGP: lists are encrypted to it.
    RECIPIENT = "recipient"
    #: A partner's, OpenPGP: signs their receipts.
    RECEIPTS = "receipts"


class KeyState(StrEnum):
    """Where a key stands. Stored."""

    ACTIVE = "active"
    RETIRED = "retired"


#: The purposes whose private keys we hold.
OURS = (KeyPurpose.PACKAGES, KeyPurpose.CHECKPOINTS, KeyPurpose.INDEX, KeyPurpose.REFERENCES, KeyPurpose.SSH)


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What may be told of a key.

    `fingerprint` is upper-case hexadecimal, or `SHA256:...` for an SSH key; that of a secret without a public half
    is a keyed hash of nothing but a fixed text. `not_after_on` is the last London day of use, if there is one.
    `public` is what others are given, empty where there is nothing to give.
    """

    purpose: KeyPurpose
    owner: str
    fingerprint: str
    algorithm: str
    not_before_on: date | None
    not_after_on: date | None
    public: str
