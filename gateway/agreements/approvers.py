"""Read config/approvers: who may approve, with which keys, in which role.

The file is an OpenSSH allowed-signers file, so that anybody can check a signature with `ssh-keygen -Y verify`; the
role stands in the comment of each key, where OpenSSH reads on:

    rowan.ashby@county.example namespaces="agreement@gateway" ssh-ed25519 AAAA... role=approver

- One principal is one person. They may have several keys, all in one role; no key belongs to two principals.
- `valid-before="20270401"` retires a key: it approves nothing new, what it approved stays. Taking the line away
  takes its approvals with it.
- No wildcards, no certificate authorities, no other options: what cannot be read here is refused.

Pure: bytes come in.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.agreements.sshsig import BadSignature, check_key, fingerprint_of
from gateway.documents import sha256_hex
from gateway.errors import ApprovalInvalid

NAMESPACE = "agreement@gateway"
MOST_BYTES = 64 * 1024

_LINE = re.compile(
    r"(?P<principal>[A-Za-z0-9][A-Za-z0-9_.@+-]{0,99})"
    r' namespaces="agreement@gateway"(?:,valid-before="(?P<before>[0-9]{8})Z?")?'
    r" (?P<type>[a-z0-9@.-]+) (?P<blob>[A-Za-z0-9+/]+={0,2})"
    r" role=(?P<role>[a-z_]+)"
)


class ApproverRole(StrEnum):
    """In which capacity somebody approves; two approvals must come from different ones. Stored in the ledger."""

    #: The information asset owner.
    APPROVER = "approver"
    #: The information-governance lead.
    IG_OFFICER = "ig_officer"


@dataclass(frozen=True, slots=True)
class Approver:
    """One key of one person. On `valid_before` and after, it approves nothing new."""

    principal: str
    role: ApproverRole
    public_key: bytes
    valid_before: date | None

    @property
    def fingerprint(self) -> str:
        """The key as OpenSSH writes it."""
        return fingerprint_of(self.public_key)


@dataclass(frozen=True, slots=True)
class Approvers:
    """Everybody who may approve, and SHA-256 of the file's bytes, hexadecimal."""

    approvers: tuple[Approver, ...]
    file_hash: str

    def owner_of(self, public_key: bytes) -> Approver | None:
        """Return whose key it is, if anybody's."""
        return next((one for one in self.approvers if one.public_key == public_key), None)


def read_approvers(data: bytes, name: str) -> Approvers:
    """Return the approvers. Raises ApprovalInvalid with every fault of the file."""
    faults: list[str] = []
    approvers: list[Approver] = []
    for number, line in enumerate(_lines_of(data, name), start=1):
        if line.strip() and not line.startswith("#"):
            try:
                approvers.append(_approver_of(line))
            except ValueError as error:
                faults.append(f"{name}:{number}:1: {error}")
    faults.extend(f"{name}:1:1: {sentence}" for sentence in _contradictions(approvers))
    if faults:
        raise ApprovalInvalid("\n".join(faults), advice="agreements/README.md shows how a line must look.")
    return Approvers(tuple(approvers), sha256_hex(data))


def _lines_of(data: bytes, name: str) -> list[str]:
    try:
        if len(data) > MOST_BYTES:
            raise ApprovalInvalid(f"{name}:1:1: the file is larger than {MOST_BYTES // 1024} KiB")
        return data.decode("ascii").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError:
        raise ApprovalInvalid(f"{name}:1:1: the file holds characters that are not plain ASCII") from None


def _approver_of(line: str) -> Approver:
    match = _LINE.fullmatch(line.rstrip(" "))
    if match is None:
        raise ValueError(f'a line must be: principal namespaces="{NAMESPACE}" key-type key role=...')
    if match["role"] not in set(ApproverRole):
        raise ValueError(f"the role must be one of {', '.join(ApproverRole)}")
    key = _key_of(match["type"], match["blob"])
    return Approver(match["principal"], ApproverRole(match["role"]), key, _day_of(match["before"]))


def _day_of(digits: str | None) -> date | None:
    try:
        return None if digits is None else date.fromisoformat(digits)
    except ValueError:
        raise ValueError("valid-before must be a day that exists, written like 20270401") from None


def _key_of(key_type: str, blob: str) -> bytes:
    try:
        key = base64.b64decode(blob, validate=True)
        check_key(key)
    except binascii.Error:
        raise BadSignature("the key is damaged") from None
    if key[4 : 4 + len(key_type)] != key_type.encode() or int.from_bytes(key[:4], "big") != len(key_type):
        raise BadSignature("the key is not of the kind that its line says")
    return key


def _contradictions(approvers: list[Approver]) -> list[str]:
    owners: dict[bytes, set[str]] = {}
    roles: dict[str, set[ApproverRole]] = {}
    spellings: dict[str, set[str]] = {}
    for one in approvers:
        owners.setdefault(one.public_key, set()).add(one.principal)
        roles.setdefault(one.principal, set()).add(one.role)
        spellings.setdefault(one.principal.casefold(), set()).add(one.principal)
    found = []
    if len(owners) < len(approvers):
        found.append("a key stands on two lines")
    if any(len(held) > 1 for held in roles.values()):
        found.append("one principal stands in two roles; one person approves in one")
    if any(len(written) > 1 for written in spellings.values()):
        found.append("a principal is written in two ways, in small letters and capitals; one person is one principal")
    return found
