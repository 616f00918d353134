"""`gateway claimants`: take in the lists that recipients ask with, under agreements in the mode `match_first`.

What is shown is counts. A password of a protected workbook is read from standard input; it is never an argument.
"""

import sys
from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.showing import as_json, count, say, show_json, show_table
from gateway.errors import ExitCode, GatewayError
from gateway.services.reconciliation.collect_claimants import CollectedClaimants, collect_claimants, gravest_of
from gateway.services.reconciliation.take_claimants import Taken, take_claimants
from gateway.sources.work_coach_list.read import bytes_of


@click.group("claimants")
def command() -> None:
    """Take in the lists that recipients ask with; only people on them are told of (mode match_first)."""


@command.command("take")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, readable=False))
@click.option("--agreement", required=True, help="The agreement under which it is answered.")
@click.option("--password", type=click.Choice(["-"]), help="Of a protected workbook: - reads standard input.")
@as_json
@click.pass_obj
def take(config: Path | None, file: Path, agreement: str, password: str | None, as_json: bool) -> None:
    """Take one list in and find whom it asks about. What answers it is a list, made and sent as every list is."""
    said = sys.stdin.readline().rstrip("\n") if password else None
    with opened(config) as workplace:
        made = take_claimants(workplace, agreement, bytes_of(file), password=said)
    if as_json:
        show_json(made)
        return
    _show([made])
    if made.again:
        say("The same file was taken before today, and is answered once. Another day it is taken anew.")
        return
    if made.counts.possible:
        say(
            "What may be somebody waits for the data team, and is answered when it comes again: gateway reconcile queue"
        )
    say(f"Next: gateway disclose run {agreement}")


@command.command("collect")
@as_json
@click.pass_obj
def collect(config: Path | None, as_json: bool) -> int:
    """Fetch the lists that recipients left for us, and take them in; the service does so by itself."""
    with opened(config) as workplace:
        collected = collect_claimants(workplace)
    if as_json:
        show_json([_document(each) for each in collected])
    else:
        _show([made for each in collected for made in each.taken])
        for each in collected:
            _tell(each)
        if not collected:
            say("No agreement answers lists that its recipient leaves for us.")
        elif any(each.taken for each in collected):
            say("Next: gateway disclose run")
    return _exit_code(collected)


def _show(taken: list[Taken]) -> None:
    show_table(
        ("list", "answered as", "rows", "asked about", "possible", "not known", "twice", "unreadable"),
        [
            (
                made.reference,
                f"{made.window} {made.part}",
                count(made.counts.rows_read),
                count(made.counts.on_list),
                count(made.counts.possible),
                count(made.counts.not_on_list),
                count(made.counts.duplicate),
                count(made.counts.unreadable),
            )
            for made in taken
        ],
    )
    for made in taken:
        if made.low_share:
            say(f"{made.reference}: hardly anybody on it is known to us. Is it the right list? People are told.")


def _tell(each: CollectedClaimants) -> None:
    for code in each.refused:
        say(f"{each.partner}: a file was refused ({code}). Next: ring the desk of {each.partner}")
    for trouble in (*each.waiting, *([each.failure] if each.failure else [])):
        say(f"{each.partner}: {trouble}. Next: {trouble.advice()}")


def _document(each: CollectedClaimants) -> dict[str, object]:
    return {
        "agreement": each.agreement_id,
        "partner": each.partner,
        "taken": each.taken,
        "refused": each.refused,
        "waiting": [trouble.code for trouble in each.waiting],
        "failure": each.failure.code if each.failure else None,
    }


def _exit_code(collected: list[CollectedClaimants]) -> ExitCode:
    trouble: GatewayError | None = gravest_of(collected)
    trouble = trouble or next((each.failure for each in collected if each.failure), None)
    return trouble.exit_code if trouble else ExitCode.DONE
