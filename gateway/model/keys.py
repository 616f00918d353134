"""A key: what it is for, what it is called, and until when it may be used. Never the private part."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class KeyPurpose(StrEnum):
    """What a key is for; one key has one purpose. Stored."""

    #: Ours, OpenPGP: signs packages, manifests, and statements such as an audit pack.
    PACKAGES = "packages"
    #: Ours, Ed25519: signs the log's checkpoints.
    CHECKPOINTS = "checkpoints"
    #: Ours, HMAC: finds a person in the registry without holding their identifiers.
    INDEX = "index"
    #: Ours, HKDF: the root of the keys that make each agreement's record references.
    REFERENCES = "references"
    #: Ours, HMAC: recognises a forgotten person who is still in an extract, and lines of the log of the forgotten.
    TOMBSTONES = "tombstones"
    #: Ours, Ed25519: logs in to partners' servers.
    SSH = "ssh"
    #: A partner's, OpenPGP: lists are encrypted to it.
    RECIPIENT = "recipient"
    #: A partner's, OpenPGP: signs their receipts.
    RECEIPTS = "receipts"
    #: A partner's, SSH: their server shows it.
    HOST = "host"


class KeyState(StrEnum):
    """Where a key stands. Stored."""

    #: Made and not used yet: it is being compared with whoever relies on it.
    PREPARED = "prepared"
    ACTIVE = "active"
    RETIRED = "retired"


#: The purposes whose private keys we hold.
OURS = (
    KeyPurpose.PACKAGES,
    KeyPurpose.CHECKPOINTS,
    KeyPurpose.INDEX,
    KeyPurpose.REFERENCES,
    KeyPurpose.TOMBSTONES,
    KeyPurpose.SSH,
)


@dataclass(frozen=True, slots=True)
class IndexKey:
    """What makes the values of the blind index: one secret, and one more for each time that the key was changed.

    A value is a keyed hash under the first secret, hashed again under each that came after. So the whole index is made
    anew at a change, from itself, without anybody's identifier; and whoever knows only the old secrets finds nobody in
    it. `version` stands in each row, so that a key and an index that do not belong together are noticed.
    """

    secrets: tuple[bytes, ...] = field(repr=False)

    @property
    def version(self) -> int:
        """How many secrets there are."""
        return len(self.secrets)


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
