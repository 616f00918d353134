"""`gateway partners`: reach, pin, stop and start partners."""

from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.showing import as_json, say, show_json, show_table
from gateway.errors import ExitCode
from gateway.services import manage_partners
from gateway.services.manage_partners import DisableReason, EnableReason


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
        reports = manage_partners.check_partners(workplace, names or None, probe=probe)
    if as_json:
        show_json(reports)
    else:
        show_table(
            ("partner", "stopped", "reached", "cipher", "server", "problems"),
            [
                (
                    report.name,
                    report.stopped,
                    report.endpoint is not None,
                    report.endpoint.facts.cipher if report.endpoint else None,
                    report.endpoint.facts.server_version if report.endpoint else None,
                    len(report.problems),
                )
                for report in reports
            ],
        )
        for report in reports:
            for problem in report.problems:
                say(f"{report.name}: {problem.sentence}. Next: {problem.way_out}")
    return ExitCode.FAILED if any(report.problems for report in reports) else ExitCode.DONE


@command.command("pin")
@click.argument("name")
@click.pass_obj
def pin(config: Path | None, name: str) -> None:
    """Print a partner's pinned host keys for the telephone, and enter in the ledger that they are in force."""
    with opened(config) as workplace:
        for fingerprint in manage_partners.fingerprints_of(manage_partners.partner_named(workplace, name)):
            click.echo(fingerprint)
        manage_partners.enter_pins(workplace, name)


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
