"""`gateway config`: the settings in force."""

from pathlib import Path
from typing import Any

import click

from gateway.cli.showing import as_json, plain, show_json, show_table
from gateway.settings import read_settings


@click.group("config")
def command() -> None:
    """The settings in force."""


@command.command("show")
@as_json
@click.pass_obj
def show(config: Path | None, as_json: bool) -> None:
    """Print every setting; an address with a password is never printed."""
    settings = read_settings(config)
    sections = plain(settings.model_dump(exclude={"base"}))
    sections["gateway"]["database"] = (
        "(in database_file)" if settings.gateway.database_file else _without_password(settings.gateway.database or "")
    )
    if as_json:
        show_json(sections | {"state": str(settings.state)})
        return
    rows = [
        (f"[{name}]", key, _in_words(value)) for name, section in sections.items() for key, value in section.items()
    ]
    show_table(("section", "setting", "value"), [*rows, ("(in force)", "state", str(settings.state))])


def _in_words(value: Any) -> Any:
    """Return a setting as a person reads it; one that holds nothing is nothing."""
    match value:
        case dict():
            return "; ".join(f"{name}: {_in_words(each)}" for name, each in value.items() if each) or None
        case list():
            return ", ".join(str(_in_words(each)) for each in value) or None
        case _:
            return value


def _without_password(address: str) -> str:
    scheme, separator, rest = address.partition("://")
    login, at, place = rest.rpartition("@")
    return f"{scheme}{separator}{login.split(':')[0]}{at}{place}"
