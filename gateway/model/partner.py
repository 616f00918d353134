"""A partner: where a recipient's lists go and which keys are theirs (config/partners/*.toml)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Partner:
    """A recipient's server and keys.

    `host_keys` are one to three full OpenSSH public keys (`ssh-ed25519 AAAA...`), the only ones ever accepted.
    `certificate` is the recipient's OpenPGP certificate (armoured or binary bytes) and `fingerprint` the full pinned
    one, upper-case hexadecimal. `receipt_fingerprint` is the key that signs receipts; `receipt_before` the certificate
    and fingerprint of the one that did, believed until the new one has answered.
    `least_verification` is the weakest way of checking an upload that is accepted: `read_back` or `size`.
    `witness_key` is the key, as `name+id+key`, with which they co-sign our checkpoints, if they do.
    `outbox` is the folder that the recipient collects from; where there is one, nothing is said of a server, and
    `inbox`, `receipts` and `claimants` are folders in it.
    `claimants` is where they leave lists of people that they ask about (mode `match_first`), if they do.
    `document_hash` is SHA-256 over the canonical form of everything in the file and the certificate's bytes.
    """

    name: str
    title: str
    host: str
    port: int
    user: str
    host_keys: tuple[str, ...]
    inbox: str
    receipts: str
    certificate: bytes
    fingerprint: str
    receipt_certificate: bytes
    receipt_fingerprint: str
    least_verification: str
    document_hash: str
    outbox: str | None = None
    receipt_before: tuple[bytes, str] | None = None
    witness_key: str | None = None
    claimants: str | None = None
