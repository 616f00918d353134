"""How a command writes what it was asked for: into a new folder, for the officer alone, over nothing."""

from collections.abc import Mapping
from pathlib import Path

import click

_FOR_THE_OFFICER = 0o700


def write_new_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder that is made for them, or is empty. Raises UsageError where something is there."""
    if folder.exists() and any(folder.iterdir()):
        raise click.UsageError("the folder of --out is not empty: name a new one")
    folder.mkdir(mode=_FOR_THE_OFFICER, parents=True, exist_ok=True)
    folder.chmod(_FOR_THE_OFFICER)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(mode=_FOR_THE_OFFICER, parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(data)
