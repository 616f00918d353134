"""`gateway partners`: reach, pin, stop and start partners."""

from collections.abc import Iterator
from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.showing import as_json, say, show_json, show_table
from gateway.delivery.interface import EndpointReport
from gateway.errors import ExitCode
from gateway.model.keys import KeyPurpose
from gateway.services.keys.compare_keys import NEEDED
from gateway.services.partners import manage_partners, pin_partners
from gateway.services.partners.check_partners import PartnerReport, check_partners
from gateway.services.partners.manage_partners import DisableReason, EnableReason
from gateway.services.partners.pin_partners import PinChange
from gateway.services.workplace import Workplace

# Not asked here whether it can be read: click asks by the real user, files open by the effective one.
_FILE = click.Path(exists=True, dir_okay=False, readable=False, path_type=Path)
#: Of the first column.
_WIDTH = 12
_FOR = {KeyPurpose.HOST: "their server", KeyPurpose.RECIPIENT: "lists", KeyPurpose.RECEIPTS: "receipts"}


@click.group("partners")
def command() -> None:
    """Reach, pin, stop and start partners."""


@command.command("check")
@click.argument("names", nargs=-1)
@click.option("--probe", is_flag=True, help="Lay a file that says nothing in the inbox, and take it away again.")
@as_json
@click.pass_obj
def check(config: Path | None, names: tuple[str, ...], probe: bool, as_json: bool) -> int:
    """Connect, compare pins, log in and look; send nothing. Every problem is named with its way out."""
    with opened(config) as workplace:
        reports = check_partners(workplace, names or None, probe=probe)
    if as_json:
        show_json(reports)
    else:
        for report in reports:
            _show_report(report)
    return ExitCode.FAILED if any(report.in_the_way for report in reports) else ExitCode.DONE


def _show_report(report: PartnerReport) -> None:
    click.echo(f"{report.name}   {report.title}")
    for what, found in lines_of(report):
        click.echo(f"  {what.ljust(_WIDTH)}  {found}")
    for problem in report.problems:
        mark = "take care" if problem.bearable else "NOT OK"
        say(f"  {mark.ljust(_WIDTH)}  {problem.sentence}.")
        say(f"  {'next'.rjust(_WIDTH)}  {problem.way_out}")
    if not report.in_the_way:
        say("  Nothing is in the way of a list.")
    click.echo()


def lines_of(report: PartnerReport) -> Iterator[tuple[str, str]]:
    """Yield what was found, in the order in which a connection finds it."""
    yield "where", report.place
    for number, fingerprint in enumerate(report.pins, 1):
        shown = report.endpoint is not None and report.endpoint.facts.host_key == fingerprint
        yield f"pinned key {number}", f"{fingerprint}{'   shown by the server' if shown else ''}"
    if report.endpoint:
        yield from _lines_of_endpoint(report.endpoint)
    if report.probed is not None:
        yield "probe", "laid, read back and taken away" if report.probed else "not laid, or not taken away"
    if report.certificate:
        ends = f", ends on {report.certificate.expires_on}" if report.certificate.expires_on else ", without an end"
        yield "certificate", f"{report.certificate.fingerprint}, {report.certificate.algorithm}{ends}"
    yield "witness key", report.witness_key or "none: their receipts co-sign no checkpoint"


def _lines_of_endpoint(endpoint: EndpointReport) -> Iterator[tuple[str, str]]:
    facts = endpoint.facts
    if facts.host_key:
        strict = "" if facts.strict_key_exchange else ", without strict key exchange"
        yield "server", facts.server_version
        yield "algorithms", f"{facts.key_exchange}, {facts.host_key_type}, {facts.cipher}{strict}"
        yield "log-in", f"accepted, until {endpoint.log_in_until.date()}" if endpoint.log_in_until else "accepted"
        yield "extensions", ", ".join(endpoint.extensions) or "none"
    there = {True: "there", False: "NOT THERE"}
    yield "folders", f"inbox {there[endpoint.inbox_there]}, receipts {there[endpoint.receipts_there]}"


@command.command("pin")
@click.argument("name")
@click.option("--host-key", type=_FILE, help="Propose the host key in this file: one line, `type base64`.")
@click.option("--certificate", type=_FILE, help="Propose the OpenPGP certificate in this file for lists.")
@click.option("--receipt-certificate", type=_FILE, help="Propose the OpenPGP certificate in this file for receipts.")
@click.option("--take-back", is_flag=True, help="Remove what was proposed.")
@as_json
@click.pass_obj
def pin(
    config: Path | None,
    name: str,
    host_key: Path | None,
    certificate: Path | None,
    receipt_certificate: Path | None,
    take_back: bool,
    as_json: bool,
) -> None:
    """Give a partner a new key: propose it, and put it in place once two people have compared it.

    With nothing proposed, print which keys are pinned, and enter in the ledger that they are in force.
    """
    if sum(map(bool, (host_key, certificate, receipt_certificate, take_back))) > 1:
        raise click.UsageError("one thing at a time")
    with opened(config) as workplace:
        if take_back:
            was_there = pin_partners.take_back(workplace, name)
            if as_json:
                show_json({"taken_back": was_there})
            else:
                say("Taken back: nothing of it was ever used." if was_there else "Nothing was proposed.")
            return
        if host_key:
            change = pin_partners.propose_host_key(
                workplace, name, host_key.read_text(encoding="ascii", errors="replace")
            )
        elif certificate:
            change = _proposed(workplace, name, KeyPurpose.RECIPIENT, certificate)
        elif receipt_certificate:
            change = _proposed(workplace, name, KeyPurpose.RECEIPTS, receipt_certificate)
        elif pin_partners.proposed_for(workplace, name):
            change = pin_partners.put_in_place(workplace, name)
        else:
            _show_pins(workplace, name, as_json=as_json)
            return
    if as_json:
        show_json(change)
    else:
        _show_change(change)


@command.command("compare")
@click.argument("name")
@click.option("--fingerprint", required=True, help="The whole, as the partner read it from their own screen.")
@click.pass_obj
def compare(config: Path | None, name: str, fingerprint: str) -> None:
    """Enter that you heard a partner read out the fingerprint of their new key, and typed it. It takes two people."""
    with opened(config) as workplace:
        change = pin_partners.compare_pin(workplace, name, fingerprint)
    say("Entered: it is the key that is proposed.")
    _show_change(change)


def _proposed(workplace: Workplace, name: str, purpose: KeyPurpose, file: Path) -> PinChange:
    return pin_partners.propose_certificate(workplace, name, purpose, file.read_bytes())


def _show_pins(workplace: Workplace, name: str, *, as_json: bool) -> None:
    pins = manage_partners.pins_of(workplace, name)
    manage_partners.enter_pins(workplace, name)
    if as_json:
        show_json(pins)
    else:
        show_table(("for", "state", "fingerprint"), [(each.purpose, each.state, each.fingerprint) for each in pins])


def _show_change(change: PinChange) -> None:
    what = " and ".join(_FOR[purpose] for purpose in change.purposes)
    if change.in_place:
        say(f"{change.fingerprint} is in {change.partner}'s file, for {what}.")
        say("Nothing goes to them until the agreements with them are approved again, by two officers:")
        for agreement_id in change.agreements:
            say(f"  gateway agreements approve {agreement_id}    (agreements/README.md: what is signed, and how)")
        say(f"Then: gateway partners check {change.partner}")
        return
    say(f"Proposed for {change.partner}, for {what}: {change.fingerprint}")
    if change.missing:
        people = "two people" if change.missing == NEEDED else "one more person"
        say(
            f"Ring them on the number in the agreement and have them read it from their own screen to {people}, "
            f"to be typed by each under their own account: gateway partners compare {change.partner} --fingerprint ..."
        )
    else:
        say(f"Two people have compared it. Next: gateway partners pin {change.partner}")


@command.command("disable")
@click.argument("name")
@click.option("--reason", required=True, type=click.Choice([reason.value for reason in DisableReason]))
@click.option("--case", required=True, help="The case reference.")
@click.pass_obj
def disable(config: Path | None, name: str, reason: str, case: str) -> None:
    """Stop deliveries to a partner now."""
    with opened(config) as workplace:
        done = manage_partners.disable_partner(workplace, name, DisableReason(reason), case)
    say("Stopped." if done else "It was stopped already.")


@command.command("enable")
@click.argument("name")
@click.option("--reason", required=True, type=click.Choice([reason.value for reason in EnableReason]))
@click.option("--case", required=True, help="The case reference.")
@click.pass_obj
def enable(config: Path | None, name: str, reason: str, case: str) -> None:
    """Let deliveries to a partner go on."""
    with opened(config) as workplace:
        done = manage_partners.enable_partner(workplace, name, EnableReason(reason), case)
    say("Deliveries go on." if done else "They were not stopped.")
