"""`gateway init`: make a new county's configuration, keys and database."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from gateway.bootstrap import account_name, install
from gateway.cli.showing import as_json, say, show_json
from gateway.clock import SystemClock
from gateway.sandbox.partner_side import invent_partner_side
from gateway.sandbox.rehearsal import FLAGS_REACHING_NOBODY, LINES_LOST_AT_FIRST, dated_for
from gateway.services.new_county import NewCounty, lay_out, origin_for
from gateway.settings import read_settings

SYNTHETIC, PRODUCTION = "synthetic", "production"


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--controller", required=True, help="The council's name, as partners are to read it.")
@click.option(
    "--environment",
    type=click.Choice([SYNTHETIC, PRODUCTION]),
    default=SYNTHETIC,
    show_default=True,
    help="Invented people, or real ones. A county is the one or the other for ever.",
)
@click.option("--origin", help="The name under which the log signs; else made of the council's.")
@click.option(
    "--database-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A private file with the address of an empty database; else a SQLite file is made.",
)
@as_json
def command(
    folder: Path,
    *,
    controller: str,
    environment: str,
    origin: str | None,
    database_file: Path | None,
    as_json: bool,
) -> None:
    """Make a new county's FOLDER: configuration, keys and database, and for invented people the partners' side too."""
    rehearsed = environment == SYNTHETIC
    county = NewCounty(
        controller=controller,
        environment=environment,
        origin=origin or origin_for(controller),
        account=account_name(),
        name=account_name(),
        database_file=database_file,
        flags_reaching_nobody_allowed=FLAGS_REACHING_NOBODY if rehearsed else 0,
        lines_lost_at_first_allowed=LINES_LOST_AT_FIRST if rehearsed else 0,
    )
    today = SystemClock().today()
    with _all_or_nothing(folder):
        file = lay_out(folder, county, change=(lambda text: dated_for(text, today)) if rehearsed else str)
        if rehearsed:
            invent_partner_side(folder)
        install(read_settings(file))
    _tell(folder, file, _REHEARSE if rehearsed else _GO_LIVE, as_json=as_json)


_REHEARSE = (
    ("gateway sandbox invent", "invented families, in the layout that config/sources/ describes"),
    ("gateway sources load", "extracts into a snapshot, or refused with the reason"),
    ("gateway agreements preview jobcentre-plus-supporting-families", "whom a run would send, in counts"),
    ("gateway doctor", "what a real night still lacks"),
)
_GO_LIVE = (
    ("gateway doctor", "what a night still lacks; each line names the next step"),
    ("gateway keys generate", "enter our keys in the ledger: keys/README.md has the ceremony"),
    ("gateway agreements check", "every fault of agreements, mappings and partners, with its place"),
)


@contextmanager
def _all_or_nothing(folder: Path) -> Iterator[None]:
    """Take away a folder that was begun and not finished; one that was there before is left alone."""
    there_before = folder.exists()
    try:
        yield
    except BaseException:
        if not there_before:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _tell(folder: Path, file: Path, steps: tuple[tuple[str, str], ...], *, as_json: bool) -> None:
    settings = file.resolve()
    if as_json:
        show_json(
            {"folder": folder.resolve().as_posix(), "settings": settings.as_posix(), "next": [s for s, _ in steps]}
        )
        return
    say(f"The county is in {folder}. Every setting is explained in {file}.")
    say("Next:")
    width = max(len(step) for step, _ in steps)
    click.echo(f"export GATEWAY_CONFIG={settings}")
    for step, what in steps:
        click.echo(f"{step.ljust(width)}   # {what}")
