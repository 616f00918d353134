"""`gateway db`: bring the database to this version, or to this machine."""

from pathlib import Path

import click

from gateway.bootstrap import upgrade_database
from gateway.cli.opening import opened
from gateway.cli.showing import as_json, say, show_json
from gateway.services.restoring.move_database import move_database
from gateway.settings import read_settings


@click.group("db")
def command() -> None:
    """Bring the database to this version, or to this machine."""


@command.command("upgrade")
@as_json
@click.pass_obj
def upgrade(config: Path | None, as_json: bool) -> None:
    """Migrate the tables. Make a backup first: a migration is not taken back."""
    before, after = upgrade_database(read_settings(config))
    if as_json:
        show_json({"before": before, "now": after})
    say("The database is at this version already." if before == after else f"From {before} to {after}.")


@command.command("move")
@click.option("--case", required=True, help="The case reference.")
@click.pass_obj
def move(config: Path | None, case: str) -> None:
    """Let a SQLite database belong to this machine. Stop the gateway on the other one first, for good."""
    with opened(config) as workplace:
        moved = move_database(workplace, case)
    say("The database belongs to this machine." if moved else "It belonged to this machine already.")
