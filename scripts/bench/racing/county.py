"""Found the county that is raced: real keys, approvals, settings and partner; people written straight into it.

- The gateway runs as itself afterwards: the load has its entry, the people their place in the registry, the agreement
  its two signatures, so `gateway disclose run` works on it, by the machine's clock.
- One agreement is raced, the shipped one for Jobcentre Plus, of which neither the size of the list nor its change
  withholds it. No office serves any sector, so that everybody is on the one list of the fallback, as the shell's are.
- The partner is an account of a real sshd, and lists are sealed for a key that the bench holds.
"""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from gateway import bootstrap
from gateway.clock import SystemClock
from gateway.documents import sha256_hex
from gateway.ledger.events import Event
from gateway.model.keys import KeyPurpose
from gateway.model.time import FrozenClock, as_text, london_day, london_midnight
from gateway.sandbox.rehearsal import InventedPartner, invent_officers, invent_partner, lay_out_county, write_approvers
from gateway.services.agreements.approve_agreements import enrol_approvers, import_approval, prepare_statement
from gateway.services.planning.plan_night import night_began
from gateway.services.sources.night_standings import keep_night_standings
from gateway.services.workplace import Workplace
from gateway.settings import Settings, read_settings
from gateway.store.registry_growth import Growth, grow
from gateway.store.snapshots import Contents, load_reference, snapshot_reference, write_snapshot
from gateway.store.work import Work
from scripts.bench.racing.people import Snapshot, invent

AGREEMENT = "jobcentre-plus-supporting-families"
PARTNER = "dwp-jobcentre-plus"
_CHANGES = (
    (r"(?m)^  every: \w+", "  every: night"),
    (r'at: "[\d:]+"', 'at: "00:00"'),
    (r'deliver_until: "[\d:]+"', 'deliver_until: "23:59"'),
    (r"on_holiday: \w+", "on_holiday: run"),
    (r"most_people: \d+", "most_people: 5000000"),
    (r"most_change_percent: \d+", "most_change_percent: 100"),
    (r"(?m)^evidence: \w+", "evidence: EVIDENCE"),
)


@dataclass(frozen=True)
class County:
    """A founded county."""

    folder: Path
    partner: InventedPartner

    @property
    def settings_file(self) -> Path:
        """The file that the command line is pointed to."""
        return self.folder / "config" / "gateway.toml"

    @property
    def settings(self) -> Settings:
        """The settings as they stand."""
        return read_settings(self.settings_file)

    @property
    def database(self) -> Path:
        """The database's file, where it is SQLite's."""
        return self.folder / "state" / "gateway.db"

    @property
    def newest_checkpoint(self) -> Path:
        """What is kept outside the database and has to go back with it."""
        return bootstrap.newest_checkpoint_of(self.settings)

    def ssh_key(self) -> str:
        """Return the public key by which the gateway logs in."""
        facts = bootstrap.keyring_of(self.settings).facts()
        return next(str(key.public) for key in facts if key.purpose is KeyPurpose.SSH)

    @contextmanager
    def workplace(self, clock: Any = None) -> Iterator[Workplace]:
        """Open the county as its services do."""
        with bootstrap.workplace_of(self.settings, clock=clock or SystemClock()) as workplace:
            yield workplace


def found(
    folder: Path,
    people: int,
    *,
    evidence: str,
    server: Any,
    url: str | None = None,
    seed: int = 1,
    agreements: tuple[str, ...] = (AGREEMENT,),
    changes: tuple[tuple[str, str], ...] = (),
) -> County:
    """Found a county of so many people, whose lists are due since midnight; its partner is reached at `server`.

    `server` is what tests/integration/conftest.py starts; `url` a PostgreSQL database, or none for SQLite. Each of the
    `agreements` is the raced one under a name of its own; `changes` are further ones of its text.
    """
    now = SystemClock().now()
    clock = FrozenClock(london_midnight(london_day(now)) - timedelta(hours=9.5))
    account = bootstrap.account_name()
    roles = ("operator", "service", "ig_officer", "data_officer", "auditor")
    settings = lay_out_county(folder, account=account, roles=roles, night=london_day(now))
    if url:
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace("sqlite:///gateway.db", url), encoding="utf-8")
    _change_agreements(folder, evidence, agreements, changes)
    bootstrap.install(read_settings(settings), clock=clock)
    county = County(folder, invent_partner(PARTNER))
    officers = invent_officers()
    write_approvers(folder, officers)
    _write_partner(county, server)
    with ExitStack() as stack:
        workplace = stack.enter_context(county.workplace(clock))
        enrol_approvers(workplace)
        for agreement in agreements:
            prepared = prepare_statement(workplace, agreement)
            for officer in officers:
                import_approval(workplace, agreement, officer.sign(prepared.body))
        # Late in the evening the next night has begun, and wants a load of its own.
        clock.instant = night_began(read_settings(settings).load_at, now)
        _load(workplace, json.loads(prepared.body), invent(people, workplace.clock.today(), seed))
    return county


def _change_agreements(
    folder: Path, evidence: str, agreements: tuple[str, ...], changes: tuple[tuple[str, str], ...]
) -> None:
    for path in list((folder / "agreements").glob("*.yaml")):
        if path.stem != AGREEMENT:
            path.unlink()
            continue
        text = path.read_text(encoding="utf-8")
        for old, new in _CHANGES + changes:
            text, changed = re.subn(old, new.replace("EVIDENCE", evidence), text)
            if changed != 1:
                raise RuntimeError(f"the shipped agreement has {changed} times what the race changes: {old}")
        path.unlink()
        for name in agreements:
            named = text.replace(f"id: {AGREEMENT}", f"id: {name}")
            path.with_name(f"{name}.yaml").write_text(named, encoding="utf-8")


def _write_partner(county: County, server: Any) -> None:
    certificate, place = county.partner.certificate, county.folder / "config" / "partners"
    (place / f"{PARTNER}.asc").write_text(str(certificate), encoding="ascii")
    named = f'file = "{PARTNER}.asc"\nfingerprint = "{certificate.fingerprint.upper()}"\n'
    partner = server.partner
    (place / f"{PARTNER}.toml").write_text(
        f'title = "Jobcentre Plus, invented"\n\n[server]\nhost = "127.0.0.1"\nport = {partner.port}\n'
        f'user = "{partner.user}"\nhost_keys = ["{partner.host_keys[0]}"]\n'
        f'inbox = "{partner.inbox}"\nreceipts = "{partner.receipts}"\nleast_verification = "read_back"\n\n'
        f"[package_certificate]\n{named}\n[receipt_certificate]\n{named}",
        encoding="utf-8",
    )


def _load(workplace: Workplace, bound: dict[str, Any], made: Snapshot) -> None:
    """Write the snapshot with the entries that a load would make for it, and with what it works out for the night."""
    day = workplace.clock.today()
    facts = {
        "reference": snapshot_reference(day, 1),
        "content_hash": sha256_hex(b"invented for a race"),
        "as_at_on": day,
        "people": len(made.persons),
        "flags": 0,
        "flags_reaching_nobody": 0,
    }
    with workplace.store.writing(workplace.actor) as work:
        position = work.enter(
            Event.SOURCES_LOADED,
            load=load_reference(day, 1),
            snapshot=facts["reference"],
            **{name: facts[name] for name in facts if name != "reference"},
            families=len(made.rows["families"]),
            incomplete=0,
            unmapped=0,
            rejected=0,
            extracts={},
            mappings=bound["mappings"],
            jobcentres=bound["jobcentres"],
            lines={},
        )
        _register(work, made, str(facts["reference"]), load_reference(day, 1))
        contents = Contents(zip(made.persons, made.subjects, strict=True), made.rows, (), (), {})
        snapshot_id = write_snapshot(work, facts | {"loaded_at": as_text(work.at)}, contents, explained_by=position)
        keep_night_standings(workplace, work, snapshot_id, day)


def _register(work: Work, made: Snapshot, snapshot: str, load: str) -> None:
    grown = [
        (subject.subject_ref, subject.secret, True, (("bench", number.to_bytes(16)),))
        for number, subject in enumerate(made.subjects)
    ]
    growth = Growth(1, 1, grown=grown, leaves=len(grown), new=len(grown), identifiers=len(grown))
    grow(work, growth, load=load, snapshot=snapshot)
