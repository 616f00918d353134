"""`gateway db`: bring the database to this version or to this machine, and give its role its rights."""

from pathlib import Path

import click

from gateway.bootstrap import give_rights, rights_statements, upgrade_database
from gateway.cli.opening import opened
from gateway.cli.showing import as_json, say, show_json
from gateway.services.restoring.move_database import move_database
from gateway.settings import read_settings


@click.group("db")
def command() -> None:
    """Bring the database to this version or to this machine, and give its role its rights."""


@command.command("upgrade")
@as_json
@click.pass_obj
def upgrade(config: Path | None, as_json: bool) -> None:
    """Migrate the tables. Make a backup first: a migration is not taken back."""
    before, after = upgrade_database(read_settings(config))
    if as_json:
        show_json({"before": before, "now": after})
    say("The database is at this version already." if before == after else f"From {before} to {after}.")


@command.command("roles")
@click.option("--apply", "applied", is_flag=True, help="Run them, as the owner of the tables.")
@as_json
@click.pass_obj
def roles(config: Path | None, applied: bool, as_json: bool) -> None:
    """Print the SQL that gives the gateway's role at PostgreSQL the rights it needs, and takes all others."""
    settings = read_settings(config)
    statements = give_rights(settings) if applied else rights_statements(settings)
    if as_json:
        show_json({"applied": applied, "statements": statements})
        return
    for statement in statements:
        click.echo(f"{statement};")
    say(
        "The rights are given."
        if applied
        else "Nothing was changed: `gateway db roles --apply` runs this as the owner."
    )


@command.command("move")
@click.option("--case", required=True, help="The case reference.")
@click.pass_obj
def move(config: Path | None, case: str) -> None:
    """Let a SQLite database belong to this machine. Stop the gateway on the other one first, for good."""
    with opened(config) as workplace:
        moved = move_database(workplace, case)
    say("The database belongs to this machine." if moved else "It belonged to this machine already.")
