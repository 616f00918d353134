"""How a command gets to its services: settings read, log set up, database open, in the name of who runs it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from gateway import logs
from gateway.bootstrap import account_name, workplace_of
from gateway.clock import SystemClock
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
    with operators_log(settings), workplace_of(settings) as workplace:
        yield settings, workplace


@contextmanager
def operators_log(settings: Settings) -> Iterator[None]:
    """Send events to the log, and remove what of it is old enough.

    Whoever may not write it may not use the keys beside it either, and is told so here.
    """
    with closing(_opened_log(settings)) as stream:
        logs.set_up(stream)
        try:
            remove_old_log(settings)
            yield
        finally:
            logs.let_go()


def remove_old_log(settings: Settings) -> logs.Removal:
    """Remove the files of the log that have been kept for long enough."""
    return logs.remove_old(_log_folder(settings), SystemClock().now(), settings.log.kept_months)


def _log_folder(settings: Settings) -> Path:
    return settings.state / "log"


def _opened_log(settings: Settings) -> logs.MonthlyLog:
    folder = _log_folder(settings)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return logs.MonthlyLog(folder, SystemClock())
    except PermissionError as error:
        raise AccessDenied(
            f"the account {account_name()} may not use the state directory, which belongs to the gateway's account",
            advice="docs/how-to/several-people.md: how people work at one gateway, each in their own name.",
        ) from error
