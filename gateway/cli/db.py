"""`gateway db`: bring the database to this version."""

from pathlib import Path

import click

from gateway.bootstrap import actor_of, account_name, upgrade_database
from gateway.cli.showing import say
from gateway.model.officers import Action
from gateway.settings import read_settings


@click.group("db")
def command() -> None:
    """Bring the database to this version."""


@command.command("upgrade")
@click.pass_obj
def upgrade(config: Path | None) -> None:
    """Migrate the tables. Make a backup first: a migration is not taken back."""
    settings = read_settings(config)
    actor_of(settings, account_name()).require(Action.INSTALL)
    before, after = upgrade_database(settings)
    say("The database is at this version already." if before == after else f"From {before} to {after}.")
