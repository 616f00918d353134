"""Prepare a county that does not exist, whole: configuration, agreements, partners, approvers and raw extracts.

Everything lies under one folder, laid out as a real county's: `config/`, `agreements/`, `extracts/`, `state/`. The
mappings, frameworks and agreements are the shipped ones; agreements are dated so that the night lies in their term.
Partners are accounts of one server on this machine, each with a key of its own.

Edge: writes files.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pysequoia
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.agreements.approvers import ApproverRole
from gateway.ledger.cosignature import Cosigner
from gateway.sandbox.approving import InventedOfficer
from gateway.services import new_county
from gateway.services.new_county import NewCounty, lay_out

TEMPLATES = new_county.TEMPLATES
PARTNERS = {
    "dwp-jobcentre-plus": "Jobcentre Plus (Department for Work and Pensions)",
    "fenland-housing-options": "Fenland Housing Options",
}
CONTROLLER = "Fenshire County Council (invented)"
ORIGIN = "fenshire.example/gateway"
#: A few invented flags are about people whom the extracts do not hold.
FLAGS_REACHING_NOBODY = 5
#: Their extracts are dirty from the first night on, and no data team is there that could mend a line.
LINES_LOST_AT_FIRST = 100_000
_TERM = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class InventedPartner:
    """A partner's own side: its name, its OpenPGP key and its key as a witness, which no gateway ever has."""

    name: str
    key: pysequoia.Tsk
    witness_key: Ed25519PrivateKey

    @property
    def certificate(self) -> pysequoia.Cert:
        """What the partner gives to others."""
        return self.key.extract_certificate()

    @property
    def cosigner(self) -> Cosigner:
        """What co-signs our checkpoints at the partner's."""
        return Cosigner(f"{self.name}.example/witness", self.witness_key)


def invent_partner(name: str) -> InventedPartner:
    """Return a partner with a new key."""
    user_id = f"{PARTNERS[name]} (SYNTHETIC) <desk@{name}.example>"
    return InventedPartner(name, pysequoia.Tsk.generate(user_id), Ed25519PrivateKey.generate())


def invent_officers() -> tuple[InventedOfficer, ...]:
    """Return two people who may approve, in the two roles that it takes."""
    return (
        InventedOfficer.new("asset.owner@fenshire.example", ApproverRole.APPROVER),
        InventedOfficer.new("ig.lead@fenshire.example", ApproverRole.IG_OFFICER),
    )


def new_host_key() -> bytes:
    """Return a new key for a partner's server, in OpenSSH's form."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


def lay_out_county(folder: Path, *, account: str, roles: tuple[str, ...], night: date) -> Path:
    """Write a county's configuration and agreements, and return its settings file. The folder must be new."""
    county = NewCounty(
        controller=CONTROLLER,
        environment="synthetic",
        origin=ORIGIN,
        account=account,
        name="Whoever runs the demonstration",
        roles=roles,
        flags_reaching_nobody_allowed=FLAGS_REACHING_NOBODY,
        lines_lost_at_first_allowed=LINES_LOST_AT_FIRST,
    )
    return lay_out(folder, county, change=lambda text: dated_for(text, night))


def write_approvers(folder: Path, officers: tuple[InventedOfficer, ...]) -> None:
    """Write the approvers file."""
    lines = "".join(f"{officer.approvers_line()}\n" for officer in officers)
    (folder / "config" / "approvers").write_text(lines, encoding="utf-8")


def write_partner(folder: Path, partner: InventedPartner, *, port: int, host_key: str) -> None:
    """Write a partner's file and certificate, as an operator would after a telephone call."""
    certificate, place = partner.certificate, folder / "config" / "partners"
    (place / f"{partner.name}.asc").write_text(str(certificate), encoding="ascii")
    named = f'file = "{partner.name}.asc"\nfingerprint = "{certificate.fingerprint.upper()}"\n'
    text = (
        f'title = "{PARTNERS[partner.name]}"\n\n'
        f'[server]\nhost = "127.0.0.1"\nport = {port}\nuser = "{partner.name}"\nhost_keys = ["{host_key}"]\n'
        'inbox = "/inbox"\nreceipts = "/receipts"\nclaimants = "/claimants"\nleast_verification = "read_back"\n\n'
        f"[package_certificate]\n{named}\n[receipt_certificate]\n{named}\n"
        f'[witness]\nkey = "{partner.cosigner.vkey}"\n'
    )
    (place / f"{partner.name}.toml").write_text(text, encoding="utf-8")


def dated_for(agreement: str, night: date) -> str:
    """Return an agreement's text with its term and reviews moved round the night, and a weekly list due on it."""
    days: Mapping[str, date] = {
        "starts_on": night - timedelta(days=30),
        "ends_on": night + _TERM,
        "review_by": night + _TERM,
    }
    for key, day in days.items():
        agreement = re.sub(rf"(?m)^(\s+{key}: )\d{{4}}-\d{{2}}-\d{{2}}", rf"\g<1>{day.isoformat()}", agreement)
    return re.sub(r"(?m)^(  weekday: )[a-z]+", rf"\g<1>{night:%A}".lower(), agreement)
