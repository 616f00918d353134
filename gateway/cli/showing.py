"""How answers look: tables for people, one JSON document for machines, counts with separators."""

import dataclasses
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from enum import Enum
from pathlib import PurePath
from typing import Any

import click

from gateway.model.time import as_text

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")


def plain(value: Any) -> Any:
    """Return a value as JSON knows it: dataclasses as objects, days and instants as text, sets in order."""
    match value:
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        case Enum():
            return value.value
        case datetime():
            return as_text(value)
        case date() | time():
            return value.isoformat()
        case bytes():
            return value.hex()
        case PurePath():
            return value.as_posix()
        case dict():
            return {str(plain(key)): plain(item) for key, item in value.items()}
        case frozenset() | set():
            return sorted(plain(item) for item in value)
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return value


def show_json(value: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(plain(value), indent=2, ensure_ascii=False, sort_keys=False))


def show_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows in columns as wide as they need, numbers to the right; print nothing where there are none."""
    lines = [[_cell(value) for value in row] for row in rows]
    if not lines:
        return
    widths = [max([len(heading), *(len(line[n]) for line in lines)]) for n, heading in enumerate(headings)]
    right = [all(_is_number(line[n]) for line in lines) for n in range(len(headings))]
    for line in [list(headings), *lines]:
        cells = (
            cell.rjust(width) if r else cell.ljust(width) for cell, width, r in zip(line, widths, right, strict=True)
        )
        click.echo("  ".join(cells).rstrip())


def count(number: int) -> str:
    """Return a count as people read it: 8,750."""
    return f"{number:,}"


def say(sentence: str = "") -> None:
    """Tell the person something that is not data."""
    click.echo(sentence, err=True)


def _cell(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case int():
            return count(value)
        case _:
            return str(plain(value))


def _is_number(text: str) -> bool:
    return text == "-" or text.replace(",", "").replace("-", "").isdigit()
