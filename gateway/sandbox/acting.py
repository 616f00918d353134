"""Act for those who do not exist, in a rehearsal over a real workplace: systems, officers, servers and desks.

Every act is refused in a production county: nothing invented comes near real people. What the invented partners and
officers keep is partner_side.py's.

Edge: reads and writes the county's folder.
"""

import hashlib
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import EnvironmentMismatch, PartnerInvalid, SettingsInvalid
from gateway.keyring import Keyring
from gateway.model.keys import KeyPurpose
from gateway.model.officers import Action
from gateway.receipts.form import RejectReason
from gateway.sandbox.county import CountyFacts, invent_county
from gateway.sandbox.desk import Desk, OpenedList
from gateway.sandbox.partner_side import PartnerSide, read_partner_side
from gateway.sandbox.relabel import Relabelled, file_of, relabel
from gateway.sandbox.server import Account, SandboxServer
from gateway.sandbox.witness import DeskWitness
from gateway.services.agreements.approve_agreements import enrol_approvers, import_approval, prepare_statement
from gateway.services.new_county import TEMPLATES
from gateway.services.partners.manage_partners import partner_named
from gateway.services.sources.source_intake import read_mappings
from gateway.services.workplace import Workplace

#: Beside the county's configuration: what the partners' server shows, and where their desks lay what they opened.
SERVED, OPENED = "partner", "desk"
_HERE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Answered:
    """A package that a desk took up. `people` is None where it was rejected unopened; `file` is where the list lies."""

    package: str
    people: int | None
    file: Path | None
    receipt: str


def require_rehearsal(workplace: Workplace) -> None:
    """Raise EnvironmentMismatch in a county of real people."""
    if workplace.environment != "synthetic":
        raise EnvironmentMismatch(
            "this county holds real people, and nothing invented comes near them",
            advice="`gateway init FOLDER --environment synthetic` makes a county to rehearse in.",
        )


def invent_extracts(
    workplace: Workplace, *, families: int, seed: int, again: bool
) -> tuple[CountyFacts, list[Relabelled]]:
    """Invent people as today's extracts, in the layout that the county's own mappings describe.

    Raises SettingsInvalid where extracts of today are there, unless they may be written over `again`.
    """
    require_rehearsal(workplace)
    workplace.actor.require(Action.LOAD_SOURCES)
    folder, day = workplace.folders.sources, workplace.clock.today()
    wanted = read_mappings(workplace.folders.mappings)
    paths = [file_of(mapping, feed, folder, day) for mapping in wanted.values() for feed in mapping.feeds.values()]
    _require_absent([] if again else paths)
    with tempfile.TemporaryDirectory(dir=workplace.folders.state) as shelf:
        facts = invent_county(Path(shelf), seed=seed, families=families, as_at=day)
        made = relabel(Path(shelf), read_mappings(TEMPLATES / "config" / "sources"), wanted, folder, day)
    return facts, made


def _require_absent(paths: Collection[Path]) -> None:
    for path in paths:
        if path.exists():
            raise SettingsInvalid(
                f"{path.parent.name}/{path.name} is there already",
                advice="`gateway sandbox invent --again` writes over today's extracts.",
            )


def approve_as_officers(workplace: Workplace, county: Path, agreement_id: str) -> tuple[str, ...]:
    """Sign an agreement's statement as the invented officers, import the signatures, and return who signed."""
    require_rehearsal(workplace)
    officers = read_partner_side(county).officers
    enrol_approvers(workplace)
    body = prepare_statement(workplace, agreement_id).body
    return tuple(import_approval(workplace, agreement_id, officer.sign(body)).principal for officer in officers)


def server_of(workplace: Workplace, county: Path) -> SandboxServer:
    """Return the server of the partners whose files say that they are on this machine; it does not listen yet."""
    require_rehearsal(workplace)
    workplace.actor.require(Action.MANAGE_PARTNERS)
    here = [partner for partner in workplace.partners.values() if partner.host == _HERE]
    ports = {partner.port for partner in here}
    if len(ports) != 1:
        raise PartnerInvalid(
            f"the partners on {_HERE} must share one port, and have {len(ports)}",
            advice="Correct `port` in config/partners/*.toml.",
        )
    public = next(key.public for key in workplace.keys.facts() if key.purpose is KeyPurpose.SSH)
    accounts = [Account(partner.user, public) for partner in here]
    return SandboxServer(county / SERVED, accounts, read_partner_side(county).host_key, port=ports.pop())


def answer_at_desk(
    workplace: Workplace, ring: Keyring, county: Path, name: str, reject: RejectReason | None = None
) -> list[Answered]:
    """Take up every package that waits at a partner's desk: check, open and accept it, or reject it unopened.

    Raises SignatureInvalid, KeyUnusable or PackageCorrupt at the first package that a desk may not trust.
    """
    require_rehearsal(workplace)
    workplace.actor.require(Action.MANAGE_PARTNERS)
    desk = _desk(workplace, ring, county, name, read_partner_side(county))
    today = workplace.clock.today()
    answered: list[Answered] = []
    for package in desk.waiting():
        if reject is not None:
            answered.append(Answered(package, None, None, desk.reject(package, reject, today).name))
            continue
        opened: OpenedList = desk.open(package, today)
        answered.append(Answered(package, opened.people, opened.file, desk.accept(opened).name))
    return answered


def ask_at_desk(workplace: Workplace, ring: Keyring, county: Path, name: str, the_list: bytes, *, sealed: bool) -> Path:
    """Leave a list of people at a partner's desk for us to answer; return where it lies."""
    require_rehearsal(workplace)
    workplace.actor.require(Action.MANAGE_PARTNERS)
    desk = _desk(workplace, ring, county, name, read_partner_side(county))
    file_name = f"claimants-{hashlib.sha256(the_list).hexdigest()[:12]}.csv{'.pgp' if sealed else ''}"
    return desk.ask(the_list, file_name, sealed=sealed)


def destroy_at_desk(workplace: Workplace, ring: Keyring, county: Path, name: str) -> list[str]:
    """Destroy what a partner's desk may keep no longer; return the names of the certificates that it leaves."""
    require_rehearsal(workplace)
    workplace.actor.require(Action.MANAGE_PARTNERS)
    desk = _desk(workplace, ring, county, name, read_partner_side(county))
    return [certificate.name for certificate in desk.destroy(workplace.clock.today())]


def _desk(workplace: Workplace, ring: Keyring, county: Path, name: str, side: PartnerSide) -> Desk:
    partner = side.partner(name)
    return Desk(
        county / SERVED / partner_named(workplace, name).user,
        county / OPENED / name,
        key=bytes(partner.key),
        council_certificate=ring.certificate().encode(),
        council_fingerprint=ring.package_fingerprint(),
        witness=DeskWitness(partner.cosigner, workplace.clock, county / OPENED / f"{name}.checkpoint"),
    )
