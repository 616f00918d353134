"""How a command writes what it was asked for: into a new folder or file, for the officer alone, over nothing."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import BinaryIO

import click

_FOLDER, _FILE = 0o700, 0o600


def require_new(out: Path) -> None:
    """Raise UsageError where something is there already: asked before anything is made that is written down."""
    if out.is_dir() and not any(out.iterdir()):
        return
    if out.exists():
        raise click.UsageError("there is something at --out already: name a new place")


def write_new_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder that is made for them, or is empty."""
    require_new(folder)
    folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
    folder.chmod(_FOLDER)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
        write_new_file(path, data)


def make_ready(folder: Path) -> None:
    """Make a folder where it is not there. Raises UsageError where nothing could be written to it afterwards."""
    try:
        folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"the folder cannot be made: {error.strerror}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise click.UsageError("the folder cannot be written to: name another one")


def write_beside(folder: Path, name: str, data: bytes) -> Path:
    """Write a file into a folder, under another name where one of that name is there already; return where it is."""
    wanted = Path(name)
    others = (f"{wanted.stem}-{number}{wanted.suffix}" for number in count(2))
    for each in chain((name,), others):
        if not (folder / each).exists():
            write_new_file(folder / each, data)
            return folder / each
    raise RuntimeError("numbers came to an end")


def write_new_file(path: Path, data: bytes) -> None:
    """Write one file that was not there."""
    path.touch(mode=_FILE, exist_ok=False)
    path.write_bytes(data)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Give one file that was not there, to write piece by piece; where that does not end well, nothing is left."""
    path.touch(mode=_FILE, exist_ok=False)
    try:
        with path.open("wb") as file:
            yield file
    except BaseException:
        path.unlink()
        raise
