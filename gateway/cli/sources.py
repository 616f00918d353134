"""`gateway sources`: load extracts; see what was loaded and what was refused."""

from collections.abc import Iterable
from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.showing import as_json, count, say, show_json, show_table
from gateway.services.sources.accept_shrinkage import accept_shrinkage, waiting_for_acceptance
from gateway.services.sources.load_sources import load_sources
from gateway.services.sources.source_status import source_rejects, source_status
from gateway.store.snapshots import ExtractFacts


@click.group("sources")
def command() -> None:
    """Load extracts; see what was loaded and what was refused."""


@command.command("load")
@click.option("--accept", type=click.Choice(["shrinkage"]), help="Ask an approver to let this one extract pass.")
@click.option("--case", help="The case reference, with --accept.")
@as_json
@click.pass_obj
def load(config: Path | None, accept: str | None, case: str | None, as_json: bool) -> None:
    """Load the newest extracts into a new snapshot, or refuse them and change nothing."""
    if (accept is None) != (case is None):
        raise click.UsageError("--accept shrinkage and --case REF go together")
    with opened(config) as workplace:
        outcome = load_sources(workplace, accept=case)
    if as_json:
        show_json(outcome)
        return
    _show_extracts(outcome.extracts)
    snapshot = outcome.snapshot
    say(f"{outcome.state}: {snapshot.reference}, {count(snapshot.people)} people")
    say(f"refused lines {count(outcome.rejected)}, people excluded for them {count(outcome.incomplete)}")
    say(f"flags {count(snapshot.flags)}, of which reach nobody {count(snapshot.flags_reaching_nobody)}")
    for code in outcome.unmapped:
        say(f"no mapping for {code.source} {code.feed.value}.{code.column} {code.code} ({count(code.rows)} lines)")


@command.command("accept")
@click.argument("source")
@click.argument("feed")
@click.option("--case", required=True, help="The case reference.")
@click.pass_obj
def accept(config: Path | None, source: str, feed: str, case: str) -> None:
    """Let exactly this one shrunk extract pass. It takes an approver, and somebody else who asked."""
    with opened(config) as workplace:
        accept_shrinkage(workplace, source, feed, case)
    say("Accepted. Next: gateway sources load")


@command.command("status")
@as_json
@click.pass_obj
def status(config: Path | None, as_json: bool) -> None:
    """Say what the newest snapshot was made of, what was refused, and which codes have no mapping."""
    with opened(config) as workplace:
        found = source_status(workplace)
        waiting = waiting_for_acceptance(workplace)
    if as_json:
        show_json({"status": found, "waiting_for_acceptance": waiting})
        return
    if found.snapshot is None:
        say("Nothing was loaded yet. Next: gateway sources load")
    else:
        _show_extracts(found.extracts)
        say(f"{found.snapshot.reference} of {found.snapshot.as_at_on}: {count(found.snapshot.people)} people")
        say(f"excluded because a refused line touches them: {count(found.incomplete)}")
    for code in found.unmapped:
        say(f"no mapping for {code.source} {code.feed.value}.{code.column} {code.code} ({count(code.rows)} lines)")
    if found.refusal:
        where = " ".join(word for word in (found.refusal.source, found.refusal.feed) if word)
        say(f"The last load was refused at {found.refusal.at}: {found.refusal.code} {where}")
    for source, feed, _ in waiting:
        say(f"Waits for an approver: gateway sources accept {source} {feed.value} --case REF")


@command.command("rejects")
@as_json
@click.pass_obj
def rejects(config: Path | None, as_json: bool) -> None:
    """Name every refused line of the last load with all its reasons; never a value."""
    with opened(config) as workplace:
        found = source_rejects(workplace)
    if as_json:
        show_json(found)
        return
    show_table(
        ("source", "feed", "line", "reasons"),
        [(each.source, each.feed, str(each.line), ", ".join(each.reasons)) for each in found.rejects],
    )


def _show_extracts(extracts: Iterable[ExtractFacts]) -> None:
    show_table(
        ("source", "feed", "taken on", "lines", "refused"),
        [(each.source, each.feed, each.taken_on, each.lines, each.rejected) for each in extracts],
    )
