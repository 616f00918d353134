"""How a command gets to its services: settings read, log set up, database open, in the name of who runs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway import logs
from gateway.bootstrap import workplace_of
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
    folder = settings.state / "log"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "gateway.log").open("a", encoding="utf-8") as stream:
        logs.set_up(stream)
        try:
            with workplace_of(settings) as workplace:
                yield settings, workplace
        finally:
            logs.let_go()
