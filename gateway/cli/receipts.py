"""`gateway receipts`: collect what partners answered, and say what became of it."""

from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.showing import as_json, say, show_json, show_table
from gateway.errors import ExitCode
from gateway.services.receipts.collect_nightly import gravest
from gateway.services.receipts.collect_receipts import PartnerReceipts, collect_receipts
from gateway.services.receipts.list_receipts import list_receipts
from gateway.services.receipts.overdue_receipts import mark_uncollected


@click.group("receipts")
def command() -> None:
    """Collect what partners answered; say what became of it."""


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
            ("partner", "list", "level", "verdict", "list became", "checkpoint"),
            [
                (answer.partner, one.list_reference, one.level, one.verdict, one.moved_to, one.checkpoint)
                for answer in answers
                for one in answer.collected
            ],
        )
        for answer in answers:
            if answer.failure:
                say(f"{answer.partner}: {answer.failure}. Next: {answer.failure.advice()}")
        for late in overdue:
            say(f"{late.reference}: no receipt by {late.due_on}. Next: ring the desk of {late.partner}")
        trouble = gravest(answers)
        if trouble and not any(answer.failure is trouble for answer in answers):
            say(f"{trouble}. Next: {trouble.advice()}")
    return _exit_code(answers)


def _exit_code(answers: list[PartnerReceipts]) -> ExitCode:
    trouble = gravest(answers)
    if trouble:
        return trouble.exit_code
    unreached = next((answer.failure for answer in answers if answer.failure), None)
    return unreached.exit_code if unreached else ExitCode.DONE


@command.command("list")
@click.option("--refused", is_flag=True, help="Only those that were not accepted.")
@as_json
@click.pass_obj
def list_(config: Path | None, refused: bool, as_json: bool) -> None:
    """Say which receipts came, newest first, and what became of each."""
    with opened(config) as workplace:
        known = list_receipts(workplace, refused_only=refused)
    if as_json:
        show_json(known)
        return
    show_table(
        ("came at", "partner", "list", "level", "verdict", "reason", "destroyed on", "checkpoint"),
        [
            (k.collected_at, k.partner, k.list_reference, k.level, k.verdict, k.reason, k.destroyed_on, k.checkpoint)
            for k in known
        ],
    )
    if not known:
        say("None was refused." if refused else "None came yet. Next: gateway receipts collect")
