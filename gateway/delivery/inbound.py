"""Edge: what a partner left for us, read into memory with bounds.

- Only names of plain characters; only regular files; of a receipt at most `MOST_BYTES`, of a list somewhat more.
- What is not taken is told with a fault, so that somebody asks; what begins with a dot is not finished yet.
- Nothing is written to a disk of ours. A file is put away only after what it says is committed.
"""

import hashlib
import posixpath
from collections.abc import Iterator

from gateway.delivery.faults import Step
from gateway.delivery.interface import Inbound, InboundFile
from gateway.delivery.names import may_collect
from gateway.delivery.sftp_link import StatusRefused
from gateway.delivery.sftp_packets import Entry, Open, Status
from gateway.delivery.sftp_protocol import SftpClient
from gateway.delivery.staging import Guard

MOST_BYTES = {Inbound.RECEIPTS: 64 * 1024, Inbound.CLAIMANTS: 8 * 1024 * 1024}
ARCHIVE = "archive"


class Collector:
    """Reads and puts away the files of one folder."""

    def __init__(self, client: SftpClient, guard: Guard, folder: str, most_bytes: int) -> None:
        self._client = client
        self._guard = guard
        self._folder = folder
        self._most_bytes = most_bytes

    def files(self) -> Iterator[InboundFile]:
        """Yield each file in the order of the names."""
        with self._guard(Step.COLLECT, 0):
            entries = self._client.entries(self._folder)
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.startswith(b".") or entry.attributes.is_folder:
                continue
            with self._guard(Step.COLLECT, self._most_bytes):
                file = self._file(entry)
            if file is not None:
                yield file

    def _file(self, entry: Entry) -> InboundFile | None:
        name = entry.name.decode("ascii", "replace")
        if not may_collect(name):
            return InboundFile(f"ill-named-{hashlib.sha256(entry.name).hexdigest()[:12]}", b"", "ill_named")
        if not entry.attributes.may_be_a_file:
            return InboundFile(name, b"", "not_a_file")
        if (entry.attributes.size or 0) > self._most_bytes:
            return InboundFile(name, b"", "oversize")
        return self._read(name)

    def _read(self, name: str) -> InboundFile | None:
        """Return the file; None where it is gone since the folder was listed."""
        try:
            handle = self._client.open(self._path(name), Open.READ)
        except StatusRefused as refusal:
            if refusal.status is Status.NO_SUCH_FILE:
                return None
            return InboundFile(name, b"", "unreadable")
        data = b"".join(self._client.read(handle, self._most_bytes + 1))
        self._client.close(handle)
        return InboundFile(name, b"", "oversize") if len(data) > self._most_bytes else InboundFile(name, data)

    def put_away(self, name: str) -> None:
        """Move a file into the archive folder, or remove it where there is none; gone already is well too."""
        if not may_collect(name):
            raise ValueError("only what was collected can be put away")
        with self._guard(Step.COLLECT, 0):
            try:
                self._client.rename(self._path(name), self._path(posixpath.join(ARCHIVE, name)))
            except StatusRefused:
                self._remove(name)

    def _remove(self, name: str) -> None:
        try:
            self._client.remove(self._path(name))
        except StatusRefused as refusal:
            if refusal.status is not Status.NO_SUCH_FILE:
                raise

    def _path(self, name: str) -> str:
        return posixpath.join(self._folder, name)
