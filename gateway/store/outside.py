"""Edge: the newest checkpoint, kept outside the database, so that a database from an older backup is noticed.

Such a database is whole in itself and does not know what was sent since; whatever runs from it would go twice (law
L4). So its checkpoint is written beside it after each commit, durably, and nothing more is written to a database that
never signed what stands there. The file is a signed note like those in the manifests, and holds no secret.

It must not be restored together with the database: docs/how-to/run-the-service.md.
"""

import os
from pathlib import Path

from sqlalchemy import Connection, select

from gateway.errors import LedgerBehindCheckpoint, StoreError
from gateway.ledger.checkpoint import Checkpoint, Signer, open_checkpoint, parse_vkey
from gateway.store.tables import checkpoints


class KeptOutside:
    """The file that holds the newest checkpoint of one log."""

    def __init__(self, path: Path, signer: Signer) -> None:
        self._path = path
        self._trusted = [parse_vkey(signer.vkey)]

    def require_signed_by(self, connection: Connection) -> None:
        """Raise LedgerBehindCheckpoint unless the database signed what the file holds; CheckpointInvalid for others."""
        newest = self._newest()
        if newest is None:
            return
        of_its_size = select(checkpoints.c.root).where(checkpoints.c.size == newest.size)
        if connection.execute(of_its_size).scalar() != newest.root:
            raise LedgerBehindCheckpoint(
                f"a checkpoint of {newest.size} entries was kept outside, and this database never signed it"
            )

    def keep(self, note: str) -> None:
        """Keep a checkpoint that is committed, unless a newer one is there. Raises StoreError where it cannot be."""
        newest = self._newest()
        if newest is not None and newest.size >= open_checkpoint(note, self._trusted).size:
            return
        try:
            self._replace(note.encode("utf-8"))
        except OSError as error:
            raise StoreError(f"the newest checkpoint cannot be kept outside the database: {error.strerror}") from None

    def _newest(self) -> Checkpoint | None:
        try:
            return open_checkpoint(self._path.read_text(encoding="utf-8"), self._trusted)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"the checkpoint outside the database cannot be read: {error.strerror}") from None

    def _replace(self, note: bytes) -> None:
        folder = self._path.parent
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # A name of its own for each process: two may keep theirs at once.
        staged = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with staged.open("wb") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(self._path)
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """Bring the new name to disk, where the system can."""
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
