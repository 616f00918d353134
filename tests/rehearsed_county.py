"""A whole invented county on disk, with its partners' server, whose nights a test can run and look into.

Everything is real: the settings, keys and extracts, the database, the officers' signatures, SFTP, the desks. Only the
people, the clock and the place are invented. The night is that of Monday 16 November 2026: its extracts are loaded the
evening before, and both shipped agreements are due by five past two.
"""

import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select, update
from sqlalchemy.engine import make_url

from gateway import bootstrap
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.model.keys import KeyPurpose
from gateway.model.officers import Actor, Role
from gateway.model.time import FrozenClock
from gateway.sandbox.approving import InventedOfficer
from gateway.sandbox.county import CountyFacts, invent_county
from gateway.sandbox.desk import Desk, OpenedList
from gateway.sandbox.rehearsal import (
    PARTNERS,
    InventedPartner,
    invent_officers,
    invent_partner,
    lay_out_county,
    new_host_key,
    write_approvers,
    write_partner,
)
from gateway.sandbox.server import INBOX, RECEIPTS, Account, SandboxServer
from gateway.sandbox.witness import DeskWitness
from gateway.services.agreements.approve_agreements import enrol_approvers, import_approval, prepare_statement
from gateway.services.audit.audit_verify import audit_verify
from gateway.services.delivery.deliver_lists import Delivered, Retrying, deliver
from gateway.services.disclosure.run_disclosures import Ran, run_disclosures
from gateway.services.planning.plan_night import plan_night
from gateway.services.sources.load_sources import LoadOutcome, load_sources
from gateway.services.subjects.hold_subjects import HoldReason, place_hold
from gateway.services.workplace import Workplace
from gateway.settings import Settings, read_settings
from gateway.store.engine import Store
from gateway.store.lists import KeptList, get_list
from gateway.store.packages import package_of
from gateway.store.tables import leases, ledger, lists
from tests.bare_workplace import Recorded
from tests.two_roles import Roles

JOBCENTRE = "jobcentre-plus-supporting-families"
HOUSING = "fenland-housing-options"
AGREEMENTS = (JOBCENTRE, HOUSING)
DWP, DISTRICT = tuple(PARTNERS)
EXTRACTED, NIGHT = date(2026, 11, 15), date(2026, 11, 16)
FOUNDED = datetime(2026, 11, 15, 18, 0, tzinfo=UTC)
EVENING = datetime(2026, 11, 15, 22, 30, tzinfo=UTC)
SMALL_HOURS = datetime(2026, 11, 16, 2, 5, tzinfo=UTC)
MORNING = datetime(2026, 11, 16, 8, 30, tzinfo=UTC)
#: Copies a database, by its name; what it gives is the copy's address.
PostgresCopy = Callable[[str], AbstractContextManager[str]]
#: Both kinds of database, for a fixture's parameters.
BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
#: What runs a night by itself, and approves nothing.
ROLES = ("operator", "service", "ig_officer", "data_officer", "auditor")
SECOND_PERSON = Actor("second", "Invented Second Approver", frozenset({Role.APPROVER}))
_AT_ONCE = Retrying(sleep=lambda _: None)


def found_county(
    folder: Path,
    *,
    as_at: date = EXTRACTED,
    founded: datetime = FOUNDED,
    families: int = 70,
    seed: int = 1,
    **how: bool,
) -> "RehearsedCounty":
    """Lay out a county with its keys, its people and an empty SQLite database."""
    night = as_at + timedelta(days=1)
    settings = lay_out_county(folder, account=bootstrap.account_name(), roles=ROLES, night=night)
    bootstrap.install(read_settings(settings), clock=FrozenClock(founded))
    facts = invent_county(folder / "extracts", seed=seed, families=families, as_at=as_at, **how)
    officers, partners = invent_officers(), {name: invent_partner(name) for name in PARTNERS}
    write_approvers(folder, officers)
    return RehearsedCounty(folder, facts, officers, partners)


@dataclass
class RehearsedCounty:
    """The county, its clock, and what its services recorded."""

    folder: Path
    facts: CountyFacts
    officers: tuple[InventedOfficer, ...]
    partners: dict[str, InventedPartner]
    clock: FrozenClock = field(default_factory=lambda: FrozenClock(EVENING))
    host_key: bytes = field(default_factory=new_host_key)
    port: int = 0
    recorded: Recorded = field(default_factory=Recorded)
    #: The address of its database for a server's own superuser, where two roles share the database.
    on_server: str = ""

    @property
    def settings_file(self) -> Path:
        return self.folder / "config" / "gateway.toml"

    @property
    def settings(self) -> Settings:
        return read_settings(self.settings_file)

    @property
    def facts_here(self) -> CountyFacts:
        """What is known of the county, with its extracts where this copy has them."""
        return replace(self.facts, folder=self.folder / "extracts")

    def copied_to(self, folder: Path) -> "RehearsedCounty":
        """The same county in another place, with a clock of its own."""
        shutil.copytree(self.folder, folder)
        return replace(self, folder=folder, clock=FrozenClock(self.clock.instant), recorded=Recorded())

    def move_to(self, url: str, roles: Roles | None = None) -> None:
        """Use another database, which is made here with the county's own keys; by an owner of its own, with two roles."""
        self.on_server, owners = url, roles.give(url) if roles else url
        text = self.settings_file.read_text(encoding="utf-8")
        used = roles.runtimes(url) if roles else url
        self.settings_file.write_text(text.replace("sqlite:///gateway.db", used), encoding="utf-8")
        settings = self.settings
        ring = bootstrap.keyring_of(settings)
        outside = bootstrap.newest_checkpoint_of(settings)
        # What it says of the database before this one is no business of the next.
        outside.unlink()
        Store.create(
            owners,
            clock=FrozenClock(FOUNDED),
            signer=ring.checkpoint_signer(),
            environment="synthetic",
            controller=settings.gateway.controller,
            outside=outside,
            actor=bootstrap.actor_of(settings, bootstrap.account_name()),
            runtime=roles.runtime if roles else None,
        ).close()

    @contextmanager
    def at(self, instant: datetime | None = None, actor: Actor | None = None) -> Iterator[Workplace]:
        """Set the clock and open the workplace, in the name of whoever runs the tests or of another."""
        self.clock.instant = instant or self.clock.instant
        with bootstrap.workplace_of(self.settings, clock=self.clock) as workplace:
            yield replace(workplace, record=self.recorded, actor=actor or workplace.actor)

    # The partners' side.

    @contextmanager
    def server(self, **how: Any) -> Iterator[SandboxServer]:
        """The partners' server, on the port where their files say that it is."""
        public = next(
            key.public for key in bootstrap.keyring_of(self.settings).facts() if key.purpose is KeyPurpose.SSH
        )
        accounts = [Account(name, str(public)) for name in self.partners]
        with SandboxServer(self.folder / "partner", accounts, self.host_key, port=self.port, **how) as running:
            self.port = running.port
            yield running

    def know_partners(self, server: SandboxServer) -> None:
        for partner in self.partners.values():
            self.know_partner(partner.name, server.port, server.host_key)

    def know_partner(self, name: str, port: int, host_key: str) -> None:
        write_partner(self.folder, self.partners[name], port=port, host_key=host_key)

    def inbox(self, partner: str) -> Path:
        return self.folder / "partner" / partner / INBOX

    def receipts(self, partner: str) -> Path:
        return self.folder / "partner" / partner / RECEIPTS

    def answer(self) -> None:
        """Have the desks open everything that waits and leave a receipt for each."""
        for name in self.partners:
            desk = self.desk(name)
            for package in desk.waiting():
                desk.accept(desk.open(package, self.clock.today()))

    def desk(self, partner: str) -> Desk:
        ring = bootstrap.keyring_of(self.settings)
        return Desk(
            self.folder / "partner" / partner,
            self.folder / "desk" / partner,
            key=bytes(self.partners[partner].key),
            council_certificate=ring.certificate().encode(),
            council_fingerprint=ring.package_fingerprint(),
            witness=DeskWitness(self.partners[partner].cosigner, self.clock, self.folder / f"{partner}.checkpoint"),
        )

    def plaintexts(self, *partners: str) -> dict[str, bytes]:
        """The lists that wait at the partners' desks, opened, by their references."""
        return {each.manifest.list_reference: each.file.read_bytes() for each in self.opened(*partners)}

    def opened(self, *partners: str) -> list[OpenedList]:
        """Everything that waits, opened at the partners' desks and left where it is."""
        found = [(self.desk(name), name) for name in partners or self.partners]
        return [desk.open(package, self.clock.today()) for desk, _ in found for package in desk.waiting()]

    # The steps of a night.

    def change_agreement(self, agreement: str, old: str, new: str) -> None:
        path = self.folder / "agreements" / f"{agreement}.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def load(self, at: datetime = EVENING, draw: Callable[[int], bytes] = secrets.token_bytes) -> LoadOutcome:
        """Load tonight's extracts; a `draw` that is always the same gives people the same references and secrets."""
        with self.at(at) as workplace:
            return load_sources(replace(workplace, draw=draw))

    def approve(self, *agreements: str) -> None:
        """Have the two officers sign the agreements as they are now, or both of them."""
        with self.at() as workplace:
            enrol_approvers(workplace)
            for agreement in agreements or AGREEMENTS:
                body = prepare_statement(workplace, agreement).body
                for officer in self.officers:
                    import_approval(workplace, agreement, officer.sign(body))

    def run(self, at: datetime = SMALL_HOURS) -> list[Ran]:
        """Make every list that is due."""
        with self.at(at) as workplace:
            due = plan_night(workplace, load_at=self.settings.load_at).to_run()
            return run_disclosures(workplace, due)

    def deliver(self, *, one_by_one: bool = False) -> list[Delivered]:
        """Deliver every list whose delivery is now."""
        retrying = replace(_AT_ONCE, lanes=1) if one_by_one else _AT_ONCE
        with self.at() as workplace:
            waiting = plan_night(workplace, load_at=self.settings.load_at).to_deliver()
            return deliver(workplace, waiting, retrying=retrying)

    def hold(self, nino: str) -> int:
        """Have an officer hold back whoever has that number."""
        with self.at() as workplace:
            return place_hold(workplace, ("nino", nino), reason=HoldReason.SAFETY, case_reference="IG-2026-0142")

    # What is on record.

    def rows(self, table: Table, *where: Any) -> list[Any]:
        with self.at() as workplace, workplace.store.reading() as connection:
            return list(connection.execute(select(table).where(*where)))

    def lists(self, *where: Any) -> list[KeptList]:
        with self.at() as workplace, workplace.store.reading() as connection:
            ids = connection.execute(select(lists.c.list_id).where(*where).order_by(lists.c.list_id)).scalars()
            return [get_list(connection, list_id) for list_id in ids]

    def sealed_copy(self, kept: KeptList) -> bytes:
        """Our sealed copy of a list, all of it."""
        with self.at() as workplace, workplace.store.reading() as connection:
            return package_of(connection, workplace.store.reading, kept).copy[:]

    def entries(self, event: Event) -> list[dict[str, Any]]:
        """What the ledger says of each such event, in its order."""
        found = sorted(self.rows(ledger, ledger.c.event == event.value), key=lambda row: row.position)
        return [json.loads(row.body)["body"] for row in found]

    def audit(self) -> tuple[Any, ...]:
        """What the audit finds wrong with the evidence."""
        with self.at() as workplace:
            return audit_verify(workplace).findings

    def states(self) -> dict[str, set[ListState]]:
        """In which states each agreement's lists are."""
        found: dict[str, set[ListState]] = {}
        for kept in self.lists():
            found.setdefault(kept.agreement_id, set()).add(kept.state)
        return found

    def a_minute_passes_for_leases(self) -> None:
        """Let every lease run out: a process that was killed cannot give its own back."""
        with self.at() as workplace, workplace.store.working_state() as connection:
            connection.execute(update(leases).values(until="2026-01-01T00:00:00Z"))


def with_server(county: RehearsedCounty, stack: ExitStack) -> RehearsedCounty:
    """The county with its partners' server running until the stack is closed."""
    county.know_partners(stack.enter_context(county.server()))
    return county


@contextmanager
def copied_with_database(
    county: RehearsedCounty, folder: Path, postgres_copy: PostgresCopy, roles: Roles
) -> Iterator[RehearsedCounty]:
    """A copy of a county on PostgreSQL, with a database of its own."""
    copied, address = county.copied_to(folder), county.settings.database_url()
    with postgres_copy(str(make_url(address).database)) as url:
        settings = copied.settings_file.read_text(encoding="utf-8")
        copied.settings_file.write_text(settings.replace(address, roles.close(url)), encoding="utf-8")
        yield replace(copied, on_server=url)
