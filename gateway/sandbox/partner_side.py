"""Edge: what the invented partners and officers of a rehearsal keep on disk, so that they can act on another day.

Everything lies in `invented/` beside the county's configuration: the partners' OpenPGP keys and those of their
witnesses, the host key of their server, the signing keys of the officers who approve. In a real county these are on
other people's machines, and the gateway never has them. Files are private as the gateway's own are.

Where the server listens stands in the partners' files, which is what a delivery goes by.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pysequoia
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

from gateway.agreements.approvers import ApproverRole
from gateway.errors import KeyUnavailable
from gateway.keyring.files import make_private_folder, read_private, write_private
from gateway.sandbox.approving import InventedOfficer
from gateway.sandbox.rehearsal import (
    PARTNERS,
    InventedPartner,
    invent_officers,
    invent_partner,
    new_host_key,
    write_approvers,
    write_partner,
)

FOLDER = "invented"
_HOST_KEY = "host_key"
_PARTNER, _WITNESS, _OFFICER = ".pgp", ".witness", ".key"


@dataclass(frozen=True, slots=True)
class PartnerSide:
    """The other side of a rehearsal. `host_key` is the private key of the partners' server, in OpenSSH's form."""

    host_key: bytes
    partners: tuple[InventedPartner, ...]
    officers: tuple[InventedOfficer, ...]

    @property
    def public_host_key(self) -> str:
        """The host key's public half, as a partner's file pins it."""
        public = load_ssh_private_key(self.host_key, password=None).public_key()
        return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode("ascii")

    def partner(self, name: str) -> InventedPartner:
        """Return a partner. Raises KeyUnavailable where nobody of that name was invented."""
        for partner in self.partners:
            if partner.name == name:
                return partner
        known = ", ".join(partner.name for partner in self.partners)
        raise KeyUnavailable("no partner of that name was invented here", advice=f"There are: {known}.")


def invent_partner_side(county: Path) -> PartnerSide:
    """Invent a partner for every recipient that is shipped and two officers, keep their keys, and write their files.

    The partners' server gets a port that is free now, and keeps it.
    """
    partners, officers = tuple(map(invent_partner, PARTNERS)), invent_officers()
    side = keep_partner_side(county, partners, officers, new_host_key())
    port = _free_port()
    for partner in partners:
        write_partner(county, partner, port=port, host_key=side.public_host_key)
    write_approvers(county, officers)
    return side


def keep_partner_side(
    county: Path, partners: Sequence[InventedPartner], officers: Sequence[InventedOfficer], host_key: bytes
) -> PartnerSide:
    """Keep the other side's keys in the county's folder. Raises KeyUnavailable where some are there already."""
    folder = county / FOLDER
    make_private_folder(folder)
    write_private(folder / _HOST_KEY, host_key)
    for partner in partners:
        write_private(folder / f"{partner.name}{_PARTNER}", bytes(partner.key))
        write_private(folder / f"{partner.name}{_WITNESS}", _as_openssh(partner.witness_key))
    for officer in officers:
        write_private(folder / f"{officer.principal}.{officer.role.value}{_OFFICER}", _as_openssh(officer.key))
    return PartnerSide(host_key, tuple(partners), tuple(officers))


def read_partner_side(county: Path) -> PartnerSide:
    """Return what was kept in the county's folder. Raises KeyUnavailable where nothing was, or others can read it."""
    folder = county / FOLDER
    if not folder.is_dir():
        raise KeyUnavailable(
            "this county has no invented partners",
            advice="`gateway init FOLDER --environment synthetic` makes a county that has; so does `gateway demo`.",
        )
    partners = tuple(_partner(path) for path in sorted(folder.glob(f"*{_PARTNER}")))
    officers = tuple(_officer(path) for path in sorted(folder.glob(f"*{_OFFICER}")))
    return PartnerSide(read_private(folder / _HOST_KEY), partners, officers)


def _partner(path: Path) -> InventedPartner:
    key = pysequoia.Tsk.from_bytes(read_private(path))
    return InventedPartner(path.name.removesuffix(_PARTNER), key, _ed25519(path.with_suffix(_WITNESS)))


def _officer(path: Path) -> InventedOfficer:
    principal, _, role = path.name.removesuffix(_OFFICER).rpartition(".")
    return InventedOfficer(principal, ApproverRole(role), _ed25519(path))


def _ed25519(path: Path) -> Ed25519PrivateKey:
    return cast("Ed25519PrivateKey", load_ssh_private_key(read_private(path), password=None))


def _as_openssh(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
