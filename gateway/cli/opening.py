"""How a command gets to its services: settings read, log set up, database open, in the name of who runs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from gateway import logs
from gateway.bootstrap import account_name, workplace_of
from gateway.errors import AccessDenied
from gateway.services.workplace import Workplace
from gateway.settings import Settings, read_settings


@contextmanager
def opened(config: Path | None) -> Iterator[Workplace]:
    """Give the workplace of the settings in force; the operators' log goes to a file in the state directory."""
    with opened_with_settings(config) as (_, workplace):
        yield workplace


@contextmanager
def opened_with_settings(config: Path | None) -> Iterator[tuple[Settings, Workplace]]:
    """Give the settings too, for commands that need more of them than services do."""
    settings = read_settings(config)
    with _operators_log(settings) as stream:
        logs.set_up(stream)
        try:
            with workplace_of(settings) as workplace:
                yield settings, workplace
        finally:
            logs.let_go()


def _operators_log(settings: Settings) -> TextIO:
    """Open the log. Whoever may not write it may not use the keys beside it either, and is told so here."""
    folder = settings.state / "log"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return (folder / "gateway.log").open("a", encoding="utf-8")
    except PermissionError as error:
        raise AccessDenied(
            f"the account {account_name()} may not use the state directory, which belongs to the gateway's account",
            advice="docs/how-to/several-people.md: how people work at one gateway, each in their own name.",
        ) from error
