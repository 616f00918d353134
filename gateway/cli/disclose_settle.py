"""`gateway disclose settle`: let the gateway go on after its database was restored from an older backup."""

from pathlib import Path
from typing import IO

import click

from gateway.cli.opening import opened
from gateway.cli.showing import as_json, count, say, show_json, show_table
from gateway.model.time import as_text
from gateway.services.restoring.settle_restored import MAY_BE_LOST, Restored, look_at_restored, settle_restored

_EXAMPLE = "gateway disclose settle --restored --case IG-2026-0142"


@click.command("settle")
@click.option("--restored", is_flag=True, help="Record that the database was restored, and settle it.")
@click.option("--case", help="The case reference; needed with --restored.")
@click.option(
    "--checkpoint",
    type=click.File("r", encoding="utf-8"),
    help="A newer checkpoint than the state directory has: from a manifest, or another machine's newest.txt.",
)
@as_json
@click.pass_obj
def settle(config: Path | None, restored: bool, case: str | None, checkpoint: IO[str] | None, as_json: bool) -> None:
    """Say what a restored database lost; with --restored, settle it. It takes an approver who is no operator.

    Everything stays stopped. Each list that may have gone since the backup waits for a person.
    """
    if restored and case is None:
        raise click.UsageError("--restored needs --case")
    note = checkpoint.read() if checkpoint else None
    with opened(config) as workplace:
        found = settle_restored(workplace, case, note) if case and restored else look_at_restored(workplace, note)
    if as_json:
        show_json(found)
        return
    show_table(("list", "in this database"), [*((each, "yes") for each in found.lists), *_lost(found)])
    _say_what_was_lost(found)
    _say_what_to_do(settled=restored)


def _lost(found: Restored) -> list[tuple[str, str]]:
    return [(each, "no") for each in found.windows]


def _say_what_was_lost(found: Restored) -> None:
    say(f"This database has {count(found.had)} entries, the last of {as_text(found.last_at)}.")
    say(
        f"Entries {count(found.had + 1)} to {count(found.held)} are lost. {count(found.uncertain)} lists may have gone."
    )
    if found.passed_over:
        say(f"Nobody is known to have approved: {', '.join(found.passed_over)}.")
    say("Lost with them, if entered since:")
    for each in MAY_BE_LOST:
        say(f"  - {each}")


def _say_what_to_do(*, settled: bool) -> None:
    if not settled:
        say(f"Nothing was changed. Next: {_EXAMPLE}")
        return
    say("It is on record, everything is stopped, and none of these lists is sent or run by itself.")
    say("Next: 1. enter holds, stops and approvals again. 2. gateway disclose start --reason entered_again --case ...")
    say("      3. have the desks lay their receipts out again, and gateway receipts collect")
    say("      4. for each list that is left: gateway disclose attest LIST --as delivered or not-delivered --case ...")
