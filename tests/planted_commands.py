"""Every command of the gateway with something planted in one of its text inputs, as a careless person would type it.

Choices, numbers and days are given as they should be, so that the text is what a command comes to judge.
"""

from collections.abc import Iterator
from pathlib import Path

import click

from gateway.cli import gateway

#: Commands that go on for ever, or make another county in a folder that is named.
LEFT_OUT = frozenset(
    {
        ("service",),
        ("demo",),
        ("init",),
        ("sandbox", "serve"),
        ("sandbox", "invent"),
        ("console",),
        ("reconcile", "watch"),
    }
)
#: What is given where a command needs something else beside what is planted.
_CASE = "IG-2026-0142"


def planted(value: str, file: Path, nowhere: Path) -> Iterator[list[str]]:
    """Yield the words of each command with the value in each text input in turn; `file` holds it too."""
    for words, command in _commands(gateway, ()):
        if words in LEFT_OUT:
            continue
        texts = [each for each in command.params if _takes_text(each)]
        for target in texts or [None]:
            yield [*words, *_given(command, target, value, file, nowhere)]
        for reading in filter(_may_read_what_is_typed, command.params):
            yield [*words, *_given(command, None, value, file, nowhere), reading.opts[0], "-"]


def _commands(group: click.Group, before: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, (*before, name))
        elif command is not None:
            yield (*before, name), command


def _takes_text(parameter: click.Parameter) -> bool:
    return isinstance(parameter.type, click.types.StringParamType)


def _may_read_what_is_typed(parameter: click.Parameter) -> bool:
    """Say whether an option, left out so far, has the command read standard input."""
    kind = parameter.type
    return isinstance(kind, click.Choice) and tuple(kind.choices) == ("-",) and not parameter.required


def _given(
    command: click.Command, target: click.Parameter | None, value: str, file: Path, nowhere: Path
) -> Iterator[str]:
    for each in command.params:
        if each is target or each.required:
            words = [value if each is target else _right(each, file, nowhere)]
            yield from (words if isinstance(each, click.Argument) else [each.opts[0], *words])


def _right(parameter: click.Parameter, file: Path, nowhere: Path) -> str:
    match parameter.type:
        case click.Choice(choices=choices):
            return str(next(iter(choices)))
        case click.types.IntParamType():
            return "1"
        case click.DateTime():
            return "2026-11-16"
        case click.File():
            return str(file)
        case click.Path(exists=must_exist):
            return str(file if must_exist else nowhere)
    return _CASE
