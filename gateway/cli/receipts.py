"""`gateway receipts`: collect what partners answered."""

from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.showing import as_json, say, show_json, show_table
from gateway.errors import ExitCode
from gateway.services.collect_receipts import collect_receipts
from gateway.services.overdue_receipts import mark_uncollected


@click.group("receipts")
def command() -> None:
    """Collect what partners answered."""


@command.command("collect")
@click.argument("partners", nargs=-1)
@as_json
@click.pass_obj
def collect(config: Path | None, partners: tuple[str, ...], as_json: bool) -> int:
    """Ask the partners named, or all, for their receipts, and say which are overdue."""
    with opened(config) as workplace:
        answers = collect_receipts(workplace, partners or None)
        overdue = mark_uncollected(workplace, workplace.holidays)
    if as_json:
        failures = {answer.partner: answer.failure.code for answer in answers if answer.failure}
        collected = {answer.partner: answer.collected for answer in answers}
        show_json({"collected": collected, "failures": failures, "overdue": overdue})
    else:
        show_table(
            ("partner", "list", "level", "verdict", "list became"),
            [
                (answer.partner, one.list_reference, one.level, one.verdict, one.moved_to)
                for answer in answers
                for one in answer.collected
            ],
        )
        for answer in answers:
            if answer.failure:
                say(f"{answer.partner}: {answer.failure}. Next: {answer.failure.advice()}")
        for late in overdue:
            say(f"{late.reference}: no receipt by {late.due_on}. Next: ring the desk of {late.partner}")
    refused = any(answer.failure or answer.refused for answer in answers)
    return ExitCode.FAILED if refused else ExitCode.DONE
