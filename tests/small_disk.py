"""Disks that a test can fill and make room on: a file system in memory, or what behaves like one.

- Where the system lets us mount one (as root, outside a container that forbids it), it is a real one of some megabytes, and
  it is filled with ballast up to the last block.
- Elsewhere full_disk.c is preloaded into whoever writes: while the disk counts as full, no file on it can grow.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

import pytest

_BLOCK = 4096


class Disk(Protocol):
    """A folder that can be full; whoever writes there is started with the environment."""

    folder: Path
    environment: Mapping[str, str]

    def fill(self) -> None:
        """Leave no room."""

    def make_room(self) -> None:
        """Have room again."""


class MountedDisk:
    """A file system of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment: Mapping[str, str] = {}
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Write until nothing more fits."""
        with self._ballast.open("ab", buffering=0) as file:
            room = os.statvfs(self.folder).f_bavail * _BLOCK
            try:
                while file.write(bytes(max(room, _BLOCK))):
                    room = _BLOCK
            except OSError:
                return

    def make_room(self) -> None:
        """Take the ballast away."""
        self._ballast.unlink()


class PretendedDisk:
    """A folder in which no file can grow while a certain file is there."""

    def __init__(self, folder: Path, beside: Path) -> None:
        self.folder = folder
        self._flag = beside / "full"
        library = beside / "full_disk.so"
        if shutil.which("gcc") is None:
            pytest.fail("no file system may be mounted here, and gcc is not installed")
        source = Path(__file__).with_name("full_disk.c")
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        self.environment: Mapping[str, str] = {
            "LD_PRELOAD": str(library),
            "FULL_DISK_ROOT": str(folder),
            "FULL_DISK_WHILE": str(self._flag),
        }

    def fill(self) -> None:
        """Let no file grow."""
        self._flag.touch()

    def make_room(self) -> None:
        """Let files grow again."""
        self._flag.unlink()


@contextmanager
def small_disk(mebibytes: int, *, pretended: bool = False) -> Iterator[Disk]:
    """A disk of that size; a pretended one where that is asked for, or where nothing may be mounted."""
    with ExitStack() as stack:
        # Not in a test's folder: that is closed to the user whom a server runs as.
        beside = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="disk-"))).resolve()
        beside.chmod(0o755)
        folder = beside / "disk"
        folder.mkdir()
        if not pretended and _mounted(folder, mebibytes):
            stack.callback(subprocess.run, ["umount", "-l", folder], check=True)
            yield MountedDisk(folder)
        else:
            yield PretendedDisk(folder, beside)


def _mounted(folder: Path, mebibytes: int) -> bool:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=0755", "tmpfs", folder]
    return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0
