"""`gateway db`: bring the database to this version."""

from pathlib import Path

import click

from gateway.bootstrap import upgrade_database
from gateway.cli.showing import as_json, say, show_json
from gateway.settings import read_settings


@click.group("db")
def command() -> None:
    """Bring the database to this version."""


@command.command("upgrade")
@as_json
@click.pass_obj
def upgrade(config: Path | None, as_json: bool) -> None:
    """Migrate the tables. Make a backup first: a migration is not taken back."""
    before, after = upgrade_database(read_settings(config))
    if as_json:
        show_json({"before": before, "now": after})
    say("The database is at this version already." if before == after else f"From {before} to {after}.")
