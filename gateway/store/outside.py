"""Edge: the newest checkpoint, kept outside the database, so that a database from an older backup is noticed.

Such a database is whole in itself and does not know what was sent since; whatever runs from it would go twice (law
L4). So its checkpoint is written beside it after each commit, durably, and nothing more is written to a database that
never signed what stands there, until a person settles it (`Store.settling`): then the database itself says that the
entries which that checkpoint counts were lost. The file is a signed note like those in the manifests, and holds no
secret.

It must not be restored together with the database: docs/how-to/restore-a-backup.md.
"""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from gateway.errors import LedgerBehindCheckpoint, StoreError
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.entries import Event, read_entry
from gateway.ledger.losses import Loss, loss_counting
from gateway.store.tables import checkpoints, ledger

#: Opens a note: raises CheckpointInvalid unless the log signed it.
Read = Callable[[str], Checkpoint]


class KeptOutside:
    """The file that holds the newest checkpoint of one log."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # Lanes of one delivery keep theirs one after another, so that an older one never takes a newer one's place.
        self._turn = threading.Lock()

    def keep(self, note: str, read: Read) -> None:
        """Keep a checkpoint that is committed, unless a newer one is there. Raises StoreError where it cannot be."""
        with self._turn:
            newest = self.note()
            if newest is not None and read(newest).size >= read(note).size:
                return
            try:
                self._replace(note.encode("utf-8"))
            except OSError as error:
                why = f"the newest checkpoint cannot be kept outside the database: {error.strerror}"
                raise StoreError(why) from None

    def note(self) -> str | None:
        """Return what the file holds; None where there is none."""
        try:
            return self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"the checkpoint outside the database cannot be read: {error.strerror}") from None

    def _replace(self, note: bytes) -> None:
        folder = self._path.parent
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # A name of its own for each process and thread: several may keep theirs at once.
        staged = self._path.with_name(f".{self._path.name}.{os.getpid()}.{threading.get_ident()}")
        with staged.open("wb") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(self._path)
        _sync_folder(folder)


def losses_in(connection: Connection) -> Iterator[Loss]:
    """Yield what the log says that it lost, in the order of entries."""
    restored = select(ledger.c.body).where(ledger.c.event == Event.DATABASE_RESTORED.value).order_by(ledger.c.position)
    return (Loss.said_by(read_entry(content)) for content in connection.execute(restored).scalars())


def require_signed_by(connection: Connection, note: str, read: Read) -> None:
    """Raise LedgerBehindCheckpoint where the database does not know what a kept note counts; CheckpointInvalid."""
    if not is_known(connection, newest := read(note)):
        raise LedgerBehindCheckpoint(
            f"a checkpoint of {newest.size} entries was kept outside, and this database never signed it"
        )


def is_known(connection: Connection, checkpoint: Checkpoint) -> bool:
    """Say whether this database signed a checkpoint, or says of the entries that it counts that they were lost."""
    of_its_size = select(checkpoints.c.root).where(checkpoints.c.size == checkpoint.size)
    if connection.execute(of_its_size).scalar() == checkpoint.root:
        return True
    return loss_counting(checkpoint, losses_in(connection)) is not None


def _sync_folder(folder: Path) -> None:
    """Bring the new name to disk, where the system can."""
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
