"""`gateway audit`: verify the evidence; say who was told what about a person."""

from pathlib import Path
from typing import IO

import click

from gateway.cli.audit_assurance import COMMANDS as ASSURANCE
from gateway.cli.audit_breach import COMMANDS as BREACH
from gateway.cli.audit_exports import COMMANDS as EXPORTS
from gateway.cli.audit_list import COMMANDS as LIST
from gateway.cli.audit_lookups import COMMANDS as LOOKUPS
from gateway.cli.audit_pack import COMMANDS as PACK
from gateway.cli.audit_person import COMMANDS as PERSON
from gateway.cli.audit_proofs import COMMANDS as PROOFS
from gateway.cli.audit_registers import COMMANDS as REGISTERS
from gateway.cli.audit_witness import COMMANDS as WITNESS
from gateway.cli.opening import opened
from gateway.cli.showing import as_json, count, say, show_json, show_table
from gateway.errors import ExitCode
from gateway.services.audit.audit_verify import audit_verify


@click.group("audit")
def command() -> None:
    """Verify the evidence; say who was told what about a person."""


@command.command("verify")
@click.option(
    "--checkpoint",
    "checkpoints",
    type=click.File("r", encoding="utf-8"),
    multiple=True,
    help="A checkpoint that was kept elsewhere.",
)
@click.option(
    "--witness", "witnesses", multiple=True, help="The key of a witness: one must have co-signed each of those."
)
@as_json
@click.pass_obj
def verify(config: Path | None, checkpoints: tuple[IO[str], ...], witnesses: tuple[str, ...], as_json: bool) -> int:
    """Recompute everything that the database holds as evidence, and say exactly what fails and how."""
    if witnesses and not checkpoints:
        raise click.UsageError("--witness goes with the --checkpoint files that it co-signed")
    with opened(config) as workplace:
        found = audit_verify(workplace, *(each.read() for each in checkpoints), witnesses=witnesses)
    if as_json:
        show_json(found)
    else:
        show_table(("fault", "where", "what"), [(f.fault, f.where, f.what) for f in found.findings])
        for loss in found.losses:
            lost = f"entries {count(loss.had + 1)} to {count(loss.held)} were lost with an older database"
            say(f"Recorded by {loss.actor} at {loss.at}, case {loss.case}: {lost}.")
        if found.lost_checkpoints:
            say(f"{count(found.lost_checkpoints)} checkpoints kept elsewhere count entries that were lost so.")
        say(f"{count(found.size)} entries, {count(found.lists)} lists, {count(found.rows)} rows verified")
        if found.cosigned_up_to:
            say(f"Recipients saw the log up to entry {count(found.cosigned_up_to)}, and co-signed that.")
        say("Nothing was changed, removed, inserted or reordered." if found.whole else "The evidence is NOT whole.")
    return ExitCode.DONE if found.whole else ExitCode.INTEGRITY


for each in (*PERSON, *EXPORTS, *LIST, *REGISTERS, *BREACH, *LOOKUPS, *ASSURANCE, *PACK, *PROOFS, *WITNESS):
    command.add_command(each)
