"""Edge: files that nobody but the account of the gateway can read.

A folder is 0700 and ours; a file is 0600, ours, plain, and not reached through a link. Anything else is refused and
never mended: whoever could read a key may have read it. Windows has no such modes; there the permissions that the
folder inherits protect it, and keys/README.md says how to set them.
"""

import os
import stat
from pathlib import Path

from gateway.errors import KeyUnavailable

_POSIX = os.name == "posix"
_OTHERS = 0o077
#: A key is some kilobytes at most.
_MOST_BYTES = 64 * 1024
_REPLACE = "Set it right, find out who could read the keys, and replace them if it may have happened: keys/README.md."


def make_private_folder(folder: Path) -> None:
    """Make the folder, or accept one that is there and private."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    require_private_folder(folder)


def require_private_folder(folder: Path) -> None:
    """Raise KeyUnavailable unless the folder is there, ours, and closed to everybody else."""
    try:
        found = folder.lstat()
    except OSError as error:
        raise KeyUnavailable(f"there is no folder {folder.name} for the keys") from error
    if not stat.S_ISDIR(found.st_mode):
        raise KeyUnavailable(f"{folder.name}, where the keys should be, is not a folder")
    _require_ours(found, folder.name)


def read_private(path: Path) -> bytes:
    """Return a private file's bytes. Raises KeyUnavailable where it is not there or not private."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise KeyUnavailable(f"the key {path.name} is not there or cannot be read") from error
    with os.fdopen(descriptor, "rb") as file:
        # Asked of the open file, so that it is the one that is read.
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > _MOST_BYTES:
            raise KeyUnavailable(f"{path.name} is not a key file")
        _require_ours(found, path.name)
        return file.read()


def write_private(path: Path, data: bytes) -> None:
    """Write a new private file and bring it to disk. Raises KeyUnavailable where one is there already."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileExistsError as error:
        raise KeyUnavailable(
            f"{path.name} is there already, and a key is never written over another",
            advice="keys/README.md says how a key is rotated.",
        ) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(path.parent)


def replace_private(path: Path, data: bytes) -> None:
    """Put other bytes in a private file's place at once, on disk before this returns."""
    read_private(path)
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    write_private(staged, data)
    staged.replace(path)
    _sync_folder(path.parent)


def _require_ours(found: os.stat_result, name: str) -> None:
    if not _POSIX:
        return
    if found.st_uid != os.geteuid():
        raise KeyUnavailable(f"{name} belongs to another account", advice=_REPLACE)
    if stat.S_IMODE(found.st_mode) & _OTHERS:
        raise KeyUnavailable(f"others can read or change {name}", advice=_REPLACE)


def _sync_folder(folder: Path) -> None:
    if not _POSIX:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
