"""`gateway demo`: a whole night on an invented county, told as it happens, with the evidence shown at the end.

Everything is real but the people: raw extracts with dirt in them, two agreements approved by two officers' signatures,
a partner's SFTP server on this machine, and a desk there that opens the lists and answers. The night is the last one
before a working day, on a clock of its own; the weekly agreement is dated so that it is due on it too.
"""

import os
import shutil
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import click

from gateway import bootstrap, logs
from gateway.agreements.bank_holidays import load_bank_holidays
from gateway.cli.showing import count, say
from gateway.clock import SystemClock
from gateway.errors import SettingsInvalid
from gateway.keyring import Keyring
from gateway.model.keys import KeyPurpose
from gateway.model.selection import ExclusionReason
from gateway.model.time import LONDON, FrozenClock
from gateway.receipts.witness import Witnessing
from gateway.sandbox.approving import InventedOfficer
from gateway.sandbox.county import CountyFacts, invent_county
from gateway.sandbox.desk import Desk, OpenedList
from gateway.sandbox.partner_side import keep_partner_side
from gateway.sandbox.rehearsal import (
    PARTNERS,
    TEMPLATES,
    InventedPartner,
    invent_officers,
    invent_partner,
    lay_out_county,
    new_host_key,
    write_approvers,
    write_partner,
)
from gateway.sandbox.server import Account, SandboxServer
from gateway.sandbox.witness import DeskWitness
from gateway.services.agreements.approve_agreements import enrol_approvers, import_approval, prepare_statement
from gateway.services.audit.audit_person import Question, audit_person
from gateway.services.audit.audit_verify import audit_verify
from gateway.services.delivery.deliver_lists import deliver
from gateway.services.delivery.sessions_ahead import SessionsAhead
from gateway.services.disclosure.preview_list import preview_list
from gateway.services.disclosure.run_disclosures import Refused, run_disclosures
from gateway.services.planning.plan_night import plan_night
from gateway.services.receipts.collect_receipts import collect_receipts
from gateway.services.sources.load_sources import LoadOutcome, load_sources
from gateway.services.workplace import Workplace
from gateway.settings import Settings, read_settings

ROLES = ("operator", "service", "ig_officer", "data_officer", "auditor")
_LOADED, _RUN, _ANSWERED = time(22, 30), time(2, 5), time(8, 30)
_SHOWN_LINES = 4


@dataclass(frozen=True, slots=True)
class County:
    """The invented county while the demonstration runs."""

    folder: Path
    night: date
    settings: Settings
    clock: FrozenClock
    officers: tuple[InventedOfficer, ...]
    partners: tuple[InventedPartner, ...]

    def set_clock(self, day: date, wall_clock: time) -> None:
        """Let it be that time of that day in the county and at its partners."""
        self.clock.instant = datetime.combine(day, wall_clock, LONDON).astimezone(UTC)

    @contextmanager
    def at(self, day: date, wall_clock: time) -> Iterator[Workplace]:
        """Set the county's clock and open its workplace."""
        self.set_clock(day, wall_clock)
        with bootstrap.workplace_of(self.settings, clock=self.clock) as workplace:
            yield workplace


@click.command("demo")
@click.option("--families", default=2500, show_default=True, type=click.IntRange(60, 200_000))
@click.option("--seed", default=1, show_default=True, help="The same seed invents the same county.")
@click.option("--folder", default="var/demo", show_default=True, type=click.Path(path_type=Path, file_okay=False))
@click.option("--again", is_flag=True, help="Put an earlier demonstration's folder away first.")
def command(families: int, seed: int, folder: Path, again: bool) -> None:
    """Run a whole night on an invented county and show the evidence. It leaves the county for exploring."""
    _make_room(folder, again=again)
    with (_log_file(folder)).open("a", encoding="utf-8") as stream:
        logs.set_up(stream)
        _tell(folder / "county", families, seed)


def _make_room(folder: Path, *, again: bool) -> None:
    if folder.exists():
        if not again:
            raise SettingsInvalid(f"{folder} is there already", advice=f"`gateway demo --again`, or remove {folder}.")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


def _log_file(folder: Path) -> Path:
    return folder / "gateway.log"


def _tell(folder: Path, families: int, seed: int) -> None:
    night = _last_working_day()
    click.echo(f"The gateway: the night of {night:%A %-d %B %Y} in an invented county")
    county, ring = _found(folder, night)
    facts = invent_county(folder / "extracts", seed=seed, families=families, as_at=night - timedelta(days=1))
    public = next(key.public for key in ring.facts() if key.purpose is KeyPurpose.SSH)
    accounts = [Account(partner.name, public) for partner in county.partners]
    host_key = new_host_key()
    keep_partner_side(folder, county.partners, county.officers, host_key)
    with SandboxServer(folder / "partner", accounts, host_key) as server:
        for partner in county.partners:
            write_partner(folder, partner, port=server.port, host_key=server.host_key)
        _evening(county, facts)
        _small_hours(county)
        opened = _at_the_desks(county, server, ring.certificate(), ring.package_fingerprint())
        _morning(county, opened)
    _where_to_look(folder)


def _last_working_day() -> date:
    """Return the newest working day before today: on it both agreements are due."""
    file = TEMPLATES / "config" / "bank_holidays.yaml"
    holidays = load_bank_holidays(file.read_bytes(), file.name)
    day = SystemClock().today() - timedelta(days=1)
    while not holidays.is_working(day):
        day -= timedelta(days=1)
    return day


def _found(folder: Path, night: date) -> tuple[County, Keyring]:
    account = bootstrap.account_name()
    settings = read_settings(lay_out_county(folder, account=account, roles=ROLES, night=night))
    officers = invent_officers()
    write_approvers(folder, officers)
    clock = FrozenClock(datetime.combine(night - timedelta(days=1), time(18), LONDON).astimezone(UTC))
    bootstrap.install(settings, clock=clock)
    partners = tuple(invent_partner(name) for name in PARTNERS)
    return County(folder, night, settings, clock, officers, partners), bootstrap.keyring_of(settings)


def _evening(county: County, facts: CountyFacts) -> None:
    with county.at(county.night - timedelta(days=1), _LOADED) as workplace:
        _heading("22:30  The extracts are loaded")
        click.echo(f"{count(facts.families)} families, {count(facts.people)} people, in the layouts of three systems")
        _show_load(load_sources(workplace))
        _heading("22:30  Two officers have approved each agreement, on their own machines")
        enrol_approvers(workplace)
        for agreement_id in _agreements(workplace):
            statement = prepare_statement(workplace, agreement_id)
            who = [import_approval(workplace, agreement_id, o.sign(statement.body)) for o in county.officers]
            names = " and ".join(f"{each.principal} ({each.role.value})" for each in who)
            click.echo(f"{agreement_id}, statement {statement.statement_hash[:12]}: {names}")


def _show_load(outcome: LoadOutcome) -> None:
    snapshot = outcome.snapshot
    click.echo(
        f"{count(snapshot.people)} people in {snapshot.reference}; {count(outcome.rejected)} lines refused, "
        f"{count(outcome.incomplete)} people left out because a refused line touches them"
    )
    click.echo(
        f"{count(snapshot.flags)} protective flags, of which {count(snapshot.flags_reaching_nobody)} match nobody"
    )


def _small_hours(county: County) -> None:
    with county.at(county.night, _RUN) as workplace, SessionsAhead() as ahead:
        for agreement_id in _agreements(workplace):
            _show_funnel(workplace, agreement_id, county.night)
        _heading("02:05  What is due is run: decided, minimised, sealed, and the evidence committed")
        due = plan_night(workplace, load_at=county.settings.load_at).to_run()
        ran = run_disclosures(workplace, due, ahead=ahead)
        for each in ran:
            if isinstance(each, Refused):
                click.echo(f"{each.agreement_id}: refused: {each.sentence}")
            else:
                click.echo(
                    f"{each.reference}: {each.outcome.value}, {count(each.people)} people {' '.join(each.reasons)}"
                )
        _heading("02:05  What is sealed is delivered and read back")
        made = [each.list_id for each in ran if not isinstance(each, Refused)]
        for one in deliver(workplace, made, ahead=ahead):
            click.echo(f"{one.reference}: {one.state.value} {one.code or ''}".rstrip())


_WORDS = {
    ExclusionReason.PROTECTED: "safety, objection or hold",
    ExclusionReason.INCOMPLETE_RECORD: "a refused line touches the record",
    ExclusionReason.UNDER_AGE: "under age",
    ExclusionReason.NOT_IN_COHORT: "not in the programme",
    ExclusionReason.REQUIREMENT_MISSING: "no assessment, plan or lead professional",
    ExclusionReason.NEEDS_NOT_MET: "too few needs",
    ExclusionReason.LEGAL_PREDICATE_NOT_MET: "too few of the thirteen legal factors",
    ExclusionReason.DOMESTIC_ABUSE_NEED: "a domestic-abuse need",
    ExclusionReason.UNSAFE_VALUE: "a value like a formula",
}


def _show_funnel(workplace: Workplace, agreement_id: str, night: date) -> None:
    seen = preview_list(workplace, agreement_id, night)
    _heading(f"02:05  {seen.title}")
    click.echo(f"{count(seen.people):>9}  people in the snapshot")
    for reason, people in seen.excluded:
        if people:
            click.echo(f"{count(people):>9}  not sent: {_WORDS[reason]}")
    parts = len(seen.by_part)
    click.echo(f"{count(seen.included):>9}  to be sent, {'on one list' if parts == 1 else f'on {parts} lists'}")


def _at_the_desks(county: County, server: SandboxServer, certificate: str, fingerprint: str) -> list[OpenedList]:
    county.set_clock(county.night, _ANSWERED)
    _heading("08:30  At the partners' desks: verify, open, check, co-sign, answer")
    opened: list[OpenedList] = []
    for partner in county.partners:
        desk = Desk(
            server.folder(partner.name),
            county.folder / "desk" / partner.name,
            key=bytes(partner.key),
            council_certificate=certificate.encode(),
            council_fingerprint=fingerprint,
            witness=DeskWitness(partner.cosigner, county.clock, county.folder / "desk" / f"{partner.name}.checkpoint"),
        )
        for package in desk.waiting():
            one = desk.open(package, county.night)
            desk.accept(one)
            opened.append(one)
            click.echo(f"{package}: good signature, {count(one.people)} people, receipt left")
    if opened:
        click.echo(f"\nThe first lines of {opened[0].file.name}, as the desk sees them:")
        for line in opened[0].file.read_text(encoding="utf-8").splitlines()[:_SHOWN_LINES]:
            click.echo(f"    {line}")
    return opened


def _morning(county: County, opened: list[OpenedList]) -> None:
    with county.at(county.night, _ANSWERED) as workplace:
        _heading("08:30  The receipts are collected")
        for answer in collect_receipts(workplace):
            for receipt in answer.collected:
                witness = ", our checkpoint co-signed" if receipt.checkpoint is Witnessing.KEPT else ""
                click.echo(f"{receipt.list_reference}: {receipt.level}, {receipt.verdict}{witness}")
        _heading("08:30  The evidence is verified from end to end")
        verified = audit_verify(workplace)
        click.echo(
            f"{count(verified.size)} entries, {count(verified.lists)} lists, {count(verified.rows)} rows: "
            + ("nothing changed, removed, inserted or reordered" if verified.whole else f"{verified.findings[0]}")
        )
        if verified.cosigned_up_to:
            click.echo(f"The partners saw the log up to entry {count(verified.cosigned_up_to)}, and signed that.")
        _heading("08:30  An officer asks: who was told about this person?")
        _show_person(workplace, opened)


def _show_person(workplace: Workplace, opened: list[OpenedList]) -> None:
    """Ask about the first person with a National Insurance number that a desk can see."""
    nino = _first_nino(opened)
    click.echo("(an invented National Insurance number, read from standard input in real life)")
    history = audit_person(workplace, Question("nino", nino), reason="subject-access", case_reference="SAR-2026-0001")
    for told in history.disclosures:
        click.echo(f"{told.day}  {told.recipient}, {told.agreement_id} version {told.version}: {told.state.value}")
        for what, words in (("why", told.purpose), ("power", told.power), ("fields", ", ".join(told.fields))):
            click.echo(textwrap.fill(words, 110, initial_indent=f"    {what:<8}", subsequent_indent=" " * 12))


def _first_nino(opened: list[OpenedList]) -> str:
    for one in opened:
        lines = one.file.read_text(encoding="utf-8-sig").splitlines()
        names = lines[0].split(",")
        if "nino" in names:
            column = names.index("nino")
            found = (line.split(",")[column] for line in lines[1:])
            return next(value for value in found if value.startswith("QQ"))
    raise SettingsInvalid("no list with a National Insurance number was opened")


def _where_to_look(folder: Path) -> None:
    config = folder / "config" / "gateway.toml"
    _heading("Where to look next")
    click.echo(f"export GATEWAY_CONFIG={config}")
    program = os.path.relpath(Path(sys.executable).with_name("gateway"))
    for words in (
        "disclose status",
        "agreements list",
        "agreements show jobcentre-plus-supporting-families",
        "sources status",
        "sources rejects",
        "audit verify",
        "doctor --offline",
    ):
        click.echo(f"    {program} {words}")
    say(f"The county is in {folder}; what the desks opened is in {folder / 'desk'}.")


def _agreements(workplace: Workplace) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in workplace.folders.agreements.glob("*.yaml")))


def _heading(words: str) -> None:
    click.echo(f"\n{words}\n{'-' * len(words)}")
