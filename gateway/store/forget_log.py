"""Edge: the log of the forgotten, a file outside the database that outlives a backup of it.

A line is added, durably, before the transaction commits in which somebody is forgotten. A database that does not know
the last line was restored from an older backup, or never finished: nothing is written to it until everything in the
file is done again (services/rights/forget_again.py). The file is only ever added to; where it lies on another
machine, the state directory and the database may be lost together.
"""

import os
from pathlib import Path

from sqlalchemy import Connection, select

from gateway.errors import ForgottenReturned, StoreError
from gateway.ledger.forgotten import NOTHING, hash_of, name_in
from gateway.model.forgetting import GONE
from gateway.store.tables import forgets

NAME = "forgotten.jsonl"
#: Longer than any line.
_BLOCK = 64 * 1024


class ForgetLog:
    """The file in a folder; `elsewhere` where the folder is a place of its own, which must be there."""

    def __init__(self, folder: Path, *, elsewhere: bool = False) -> None:
        self._path = folder / NAME
        self._elsewhere = elsewhere

    @property
    def is_elsewhere(self) -> bool:
        """Say whether the file lies somewhere else than the state directory."""
        return self._elsewhere

    def require_done(self, connection: Connection) -> None:
        """Raise ForgottenReturned where the database does not know the last line. Raises StoreError, LedgerDamaged."""
        last = self._last()
        if last is None:
            return
        state = connection.execute(select(forgets.c.state).where(forgets.c.reference == name_in(last))).scalar()
        if state not in {each.value for each in GONE}:
            raise ForgottenReturned("people who were forgotten since may be in this database again")

    def lines(self) -> list[bytes]:
        """Return every line. Raises StoreError where the file cannot be read."""
        self._require_folder()
        try:
            return self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unreadable(error) from None

    def previous(self) -> str:
        """Return what the next line names as the one before it."""
        last = self._last()
        return NOTHING if last is None else hash_of(last)

    def add(self, line: bytes) -> None:
        """Add a line and bring it to disk. Raises StoreError where that fails."""
        self._require_folder()
        try:
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            opened = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(opened, "ab") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StoreError(f"the log of the forgotten cannot be written: {error.strerror}") from None

    def _last(self) -> bytes | None:
        self._require_folder()
        try:
            with self._path.open("rb") as file:
                file.seek(max(0, self._path.stat().st_size - _BLOCK))
                lines = file.read().splitlines()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(error) from None
        return lines[-1] if lines else None

    def _require_folder(self) -> None:
        """A share that is not mounted looks like a log without a line."""
        if self._elsewhere and not self._path.parent.is_dir():
            raise StoreError(
                "the folder for the log of the forgotten is not there",
                advice="Mount it, or correct [forgetting] log_folder: without it nobody knows who must not come back.",
            )


def _unreadable(error: OSError) -> StoreError:
    return StoreError(f"the log of the forgotten cannot be read: {error.strerror}")
