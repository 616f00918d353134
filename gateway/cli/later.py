"""A group whose commands are imported when they are called: what a command does not use is not loaded for it."""

import gc
import importlib
from collections.abc import Mapping
from typing import Any

import click

#: Command -> (module, its name there, one line of help). Shown in this order.
Commands = Mapping[str, tuple[str, str, str]]


class Later(click.Group):
    """A group that knows of its commands only where they are, and what the list of commands says of them."""

    def __init__(self, *, later: Commands, **usual: Any) -> None:
        super().__init__(**usual)
        self._later = later

    def list_commands(self, _context: click.Context) -> list[str]:
        """Return the names in their order."""
        return list(self._later)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Return a command, imported now."""
        if name not in self._later:
            return None
        module, attribute, _ = self._later[name]
        command: click.Command = getattr(_imported(module), attribute)
        return command

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command is for."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in self._later.items()])


def _imported(module: str) -> Any:
    """Return a module. What is imported stays for as long as the process: it is never searched for cycles."""
    gc.disable()
    try:
        return importlib.import_module(module)
    finally:
        gc.enable()
        gc.freeze()
