"""Read the partners' files: where each recipient's lists go, and which keys are theirs.

- One `config/partners/<name>.toml` a recipient; an agreement names it by `<name>` and can say nothing else about it.
- It says either the server that lists are pushed to, or the outbox that the recipient collects from.
- Unknown keys are refused. One to three full host keys, full fingerprints, certificates in files beside it.
- A recipient that is a witness of our log has the key of it pinned here too.
- The hash over everything in the file and the certificates is part of what approvers sign: a partner that is
  redirected needs new approvals (gateway/agreements/statement.py).

A fault names the file and the key, never the value.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from gateway.delivery.interface import VerifyMethod
from gateway.delivery.pins import parse_pin
from gateway.documents import canonical_json, sha256_hex
from gateway.errors import CheckpointInvalid, KeyUnusable, PartnerInvalid
from gateway.ledger.cosignature import parse_witness
from gateway.model.partner import Partner
from gateway.sealing.certificate import normal_fingerprint

_MOST_FILE_BYTES = 64 * 1024
_MOST_CERTIFICATE_BYTES = 256 * 1024
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,79}")
_Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$")]
_User = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$")]
_Folder = Annotated[str, StringConstraints(pattern=r"^/?([A-Za-z0-9_][A-Za-z0-9_.-]*/?){1,20}$", max_length=200)]
_AbsoluteFolder = Annotated[
    str, StringConstraints(pattern=r"^(/|[A-Z]:/)([A-Za-z0-9_][A-Za-z0-9_.-]*/?){1,20}$", max_length=200)
]
_Title = Annotated[str, StringConstraints(min_length=1, max_length=120)]
_HostKey = Annotated[str, StringConstraints(min_length=40, max_length=2000)]
_File = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
#: `name+id+key`, as a ledger entry can hold it.
_WitnessKey = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./@-]{0,60}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$")
]
_Fingerprint = Annotated[str, StringConstraints(max_length=100)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, strict=True)


class _Server(_Strict):
    host: _Host
    port: int = Field(default=22, ge=1, le=65535)
    user: _User
    host_keys: list[_HostKey] = Field(min_length=1, max_length=3)
    inbox: _Folder
    receipts: _Folder
    claimants: _Folder | None = None
    least_verification: Annotated[str, StringConstraints(pattern=f"^({'|'.join(VerifyMethod)})$")] = "read_back"


class _Outbox(_Strict):
    folder: _AbsoluteFolder


class _Certificate(_Strict):
    file: _File
    fingerprint: _Fingerprint


class _Witness(_Strict):
    key: _WitnessKey


class _PartnerFile(_Strict):
    title: _Title
    server: _Server | None = None
    outbox: _Outbox | None = None
    package_certificate: _Certificate
    receipt_certificate: _Certificate
    receipt_certificate_before: _Certificate | None = None
    witness: _Witness | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "_PartnerFile":
        if (self.server is None) == (self.outbox is None):
            raise ValueError("exactly one of [server] and [outbox] is needed")
        return self


@dataclass(frozen=True, slots=True)
class _Pinned:
    """A certificate's bytes and the full fingerprint that it must have."""

    certificate: bytes
    fingerprint: str


def load_partners(folder: Path) -> Mapping[str, Partner]:
    """Return every partner of the folder by name. Raises PartnerInvalid naming the first file at fault."""
    partners = [load_partner(file) for file in sorted(folder.glob("*.toml"))]
    return {partner.name: partner for partner in partners}


def load_partner(file: Path) -> Partner:
    """Return one partner; its name is the file's. Raises PartnerInvalid naming every key at fault."""
    if not _NAME.fullmatch(file.stem):
        raise PartnerInvalid(f"{file.name}: a partner's name is lower-case letters, digits and hyphens")
    return read_partner(file, file.stem)


def read_partner(file: Path, name: str) -> Partner:
    """Return the partner that a file describes, whatever the file is called. Raises PartnerInvalid."""
    content = _content(file)
    try:
        read = _PartnerFile.model_validate(content)
        package = _pinned(file, read.package_certificate)
        receipt = _pinned(file, read.receipt_certificate)
        before = _pinned(file, read.receipt_certificate_before) if read.receipt_certificate_before else None
        for number, line in enumerate(read.server.host_keys if read.server else (), 1):
            _check_pin(number, line)
        _check_witness(read.witness)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise PartnerInvalid(f"{file.name}: {faults}") from None
    except (PartnerInvalid, KeyUnusable) as fault:
        raise PartnerInvalid(f"{file.name}: {fault}", advice=fault.advice()) from fault
    return _partner(name, read, (package, receipt, before), _hash_of(content, package, receipt, before))


def _content(file: Path) -> dict[str, Any]:
    data = _bytes_of(file, _MOST_FILE_BYTES)
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        # TOML's own message says the line and column, and repeats nothing but syntax.
        raise PartnerInvalid(f"{file.name}: not readable as TOML: {fault}") from None


def _pinned(file: Path, named: _Certificate) -> _Pinned:
    data = _bytes_of(file.parent / named.file, _MOST_CERTIFICATE_BYTES)
    return _Pinned(data, normal_fingerprint(named.fingerprint))


def _bytes_of(file: Path, most: int) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(most + 1)
    except OSError as fault:
        raise PartnerInvalid(f"{file.name} is not there or cannot be read") from fault
    if len(data) > most:
        raise PartnerInvalid(f"{file.name} is larger than {most // 1024} KiB")
    return data


def _check_pin(number: int, line: str) -> None:
    try:
        parse_pin(line)
    except PartnerInvalid as fault:
        raise PartnerInvalid(f"server.host_keys, number {number}: {fault}") from fault


def _check_witness(witness: _Witness | None) -> None:
    try:
        if witness is not None:
            parse_witness(witness.key)
    except CheckpointInvalid as fault:
        raise PartnerInvalid(f"witness.key: {fault}", advice="Ask the partner for the key of their witness.") from fault


def _hash_of(content: dict[str, Any], package: _Pinned, receipt: _Pinned, before: _Pinned | None) -> str:
    """Hash what the file says, not how: layout and comments may change, values may not."""
    said = {
        "file": content,
        "package_certificate": sha256_hex(package.certificate),
        "receipt_certificate": sha256_hex(receipt.certificate),
    }
    if before:
        said["receipt_certificate_before"] = sha256_hex(before.certificate)
    return sha256_hex(canonical_json(said))


def _partner(
    name: str, read: _PartnerFile, pinned: tuple[_Pinned, _Pinned, _Pinned | None], document_hash: str
) -> Partner:
    package, receipt, before = pinned
    return Partner(
        name=name,
        title=read.title,
        **_place(read),
        certificate=package.certificate,
        fingerprint=package.fingerprint,
        receipt_certificate=receipt.certificate,
        receipt_fingerprint=receipt.fingerprint,
        receipt_before=(before.certificate, before.fingerprint) if before else None,
        document_hash=document_hash,
        witness_key=read.witness.key if read.witness else None,
    )


def _place(read: _PartnerFile) -> dict[str, Any]:
    """Return what the file says of where lists go."""
    if read.server is not None:
        return read.server.model_dump() | {"host_keys": tuple(read.server.host_keys)}
    folder = read.outbox.folder.rstrip("/") if read.outbox else ""
    nowhere = {"host": "", "port": 0, "user": "", "host_keys": (), "least_verification": VerifyMethod.READ_BACK.value}
    inside = {name: f"{folder}/{name}" for name in ("inbox", "receipts", "claimants")}
    return nowhere | {"outbox": folder} | inside
