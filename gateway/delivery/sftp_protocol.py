"""A small SFTP version 3 client in which no answer goes unread.

- Every status is checked, of every write and of every close, with its code: paramiko's `SFTPClient` drops both.
- The server's list of extensions and its limits are kept, and used only where it offers them.
- Renaming never replaces a file: the extension that does is not spoken.

Errors are those of sftp_link.py. Paths go as they are: what may be in a name is decided in names.py.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from gateway.delivery import sftp_packets as wire
from gateway.delivery.sftp_link import (
    Channel,
    PeerGone,
    PeerMalformed,
    SftpLink,
    StatusRefused,
    check_kind,
    check_ok,
    checked,
)
from gateway.delivery.sftp_packets import Attributes, Entry, Kind, Open, Reader, Status
from gateway.delivery.sftp_windows import block_for, data_of, read_all, write_all

FSYNC = "fsync@openssh.com"
LIMITS = "limits@openssh.com"
ROOM = "statvfs@openssh.com"
#: What a server takes that does not say; the draft asks every server for at least this.
_USUAL_BYTES = 32768
_MOST_ENTRIES = 10_000
_MOST_HANDLE_BYTES = 256


@dataclass(frozen=True, slots=True)
class Handle:
    """An open file or directory, as the server calls it."""

    value: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest read and write that the server takes."""

    read: int
    write: int


def _do_nothing() -> None:
    """Be the listener where nobody listens."""


class SftpClient:
    """One SFTP session over a channel; `on_answer` is called for every answer that arrives."""

    def __init__(self, channel: Channel, on_answer: Callable[[], None] = _do_nothing) -> None:
        self._link = SftpLink(channel, on_answer)
        self.extensions: Mapping[str, bytes] = {}
        self.limits = Limits(_USUAL_BYTES, _USUAL_BYTES)

    def start(self) -> None:
        """Agree on the version; learn the server's extensions and limits."""
        with suppress(PeerGone):
            # Where somebody said something else and ended already, what they said is read next, or that they are gone.
            self._link.send(wire.packet(Kind.INIT, wire.u32(wire.VERSION)))
        kind, reader = self._link.receive()
        if kind is not Kind.VERSION:
            raise PeerMalformed("the server's first answer is not its version")
        self.extensions = checked(lambda: wire.extensions_of(reader))
        if LIMITS in self.extensions:
            self.limits = self._ask_limits()

    def open(self, path: str, how: Open) -> Handle:
        """Open a file; a new one is for its owner to write and its group to read."""
        attributes = wire.u32(0x4) + wire.u32(0o640) if Open.CREATE in how else wire.u32(0)
        return self._handle(Kind.OPEN, wire.string(path.encode()), wire.u32(how), attributes)

    def close(self, handle: Handle) -> None:
        """Close a handle; an error that the server kept until now is raised."""
        self._expect_ok(Kind.CLOSE, wire.string(handle.value))

    def stat(self, path: str) -> Attributes | None:
        """Return a file's attributes, or None where the server says that there is no such file."""
        (there,) = self.stats(path)
        return there

    def stats(self, *paths: str) -> tuple[Attributes | None, ...]:
        """Return the same of several files, asked for together: far away an answer takes as long as many."""
        asked = [self._link.ask(Kind.STAT, wire.string(path.encode())) for path in paths]
        waiting, answers = set(asked), dict[int, tuple[Kind, Reader]]()
        while waiting:
            number, kind, reader = self._link.answer_to(waiting)
            answers[number] = kind, reader
        # Only now, so that no answer is left where one is a refusal.
        return tuple(_attributes_if_there(*answers[number]) for number in asked)

    def stat_handle(self, handle: Handle) -> Attributes:
        """Return the attributes of what is open; right even where somebody moved it meanwhile."""
        return self._attributes(Kind.FSTAT, wire.string(handle.value))

    def rename(self, old: str, new: str) -> None:
        """Rename; in version 3 this fails where the new name is taken, which is what is wanted."""
        self._expect_ok(Kind.RENAME, wire.string(old.encode()), wire.string(new.encode()))

    def remove(self, path: str) -> None:
        """Remove a file."""
        self._expect_ok(Kind.REMOVE, wire.string(path.encode()))

    def fsync(self, handle: Handle) -> None:
        """Have the server bring an open file to its disk."""
        self._expect_ok(Kind.EXTENDED, wire.string(FSYNC.encode()), wire.string(handle.value))

    def free_bytes(self, folder: str) -> int | None:
        """Return how much room there is for us in a folder; None where the server does not say."""
        if ROOM not in self.extensions:
            return None
        try:
            answered, reader = self._link.exchange(
                Kind.EXTENDED, wire.string(ROOM.encode()), wire.string(folder.encode())
            )
            check_kind(Kind.EXTENDED, answered, reader, Kind.EXTENDED_REPLY)
        except StatusRefused:
            return None
        return checked(lambda: wire.free_bytes_of(reader))

    def entries(self, path: str) -> tuple[Entry, ...]:
        """Return the entries of a directory, as the server orders them."""
        handle = self._handle(Kind.OPENDIR, wire.string(path.encode()))
        found: list[Entry] = []
        while batch := self._next_entries(handle):
            found.extend(batch)
            if len(found) > _MOST_ENTRIES:
                raise PeerMalformed("a directory has no end")
        self.close(handle)
        return tuple(found)

    def write(self, handle: Handle, size: int, read_at: Callable[[int, int], bytes], *, start: int = 0) -> None:
        """Write the bytes from `start` to `size`; all of them are acknowledged when this returns."""
        block = block_for(size, self.limits.write)
        write_all(self._link, handle.value, size, read_at, block=block, start=start)

    def read(self, handle: Handle, size: int) -> Iterator[bytes]:
        """Yield the first `size` bytes, fewer where the file ends before; to be read to the end."""
        return read_all(self._link, handle.value, size, block_for(size, self.limits.read))

    def sha256(self, handle: Handle, size: int) -> str:
        """Return SHA-256 of the first `size` bytes, read back; of fewer where the file ends before."""
        digest = hashlib.sha256()
        for block in self.read(handle, size):
            digest.update(block)
        return digest.hexdigest()

    def read_at(self, handle: Handle, at: int, most: int) -> bytes:
        """Return some bytes from `at` on; none where the file ends there."""
        parts = wire.string(handle.value), wire.u64(at), wire.u32(most)
        return data_of(*self._link.exchange(Kind.READ, *parts), most)

    def _expect_ok(self, kind: Kind, *parts: bytes) -> None:
        check_ok(kind, *self._link.exchange(kind, *parts))

    def _handle(self, kind: Kind, *parts: bytes) -> Handle:
        answered, reader = self._link.exchange(kind, *parts)
        check_kind(kind, answered, reader, Kind.HANDLE)
        value = checked(reader.string)
        if len(value) > _MOST_HANDLE_BYTES:
            raise PeerMalformed("the server's name for an open file is oversize")
        return Handle(value)

    def _attributes(self, kind: Kind, *parts: bytes) -> Attributes:
        return _attributes_in(kind, *self._link.exchange(kind, *parts))

    def _next_entries(self, handle: Handle) -> tuple[Entry, ...]:
        answered, reader = self._link.exchange(Kind.READDIR, wire.string(handle.value))
        try:
            check_kind(Kind.READDIR, answered, reader, Kind.NAME)
        except StatusRefused as refusal:
            if refusal.status is Status.EOF:
                return ()
            raise
        return checked(lambda: wire.entries_of(reader))

    def _ask_limits(self) -> Limits:
        answered, reader = self._link.exchange(Kind.EXTENDED, wire.string(LIMITS.encode()))
        check_kind(Kind.EXTENDED, answered, reader, Kind.EXTENDED_REPLY)
        checked(reader.u64)  # The largest packet: ours are smaller than any server's bound.
        read, write = checked(reader.u64), checked(reader.u64)
        return Limits(read or _USUAL_BYTES, write or _USUAL_BYTES)


def _attributes_if_there(answered: Kind, reader: Reader) -> Attributes | None:
    try:
        return _attributes_in(Kind.STAT, answered, reader)
    except StatusRefused as refusal:
        if refusal.status is Status.NO_SUCH_FILE:
            return None
        raise


def _attributes_in(asked: Kind, answered: Kind, reader: Reader) -> Attributes:
    check_kind(asked, answered, reader, Kind.ATTRS)
    return checked(lambda: wire.attributes_of(reader))
