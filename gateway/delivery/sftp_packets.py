"""SFTP version 3 packets (draft-ietf-secsh-filexfer-02): values to bytes and back.

- Every length is checked against what is there, and every packet against `MOST_PACKET_BYTES`, before it is read.
- A packet that does not fit its kind is `Malformed`; nothing is guessed.
- A server's own words (status messages, long names) are dropped here: they may hold anything.

Pure: bytes in, values out. Speaking to a server is sftp_protocol.py's.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, IntFlag

#: OpenSSH's own bound, and a little for headers: no answer that we ask for is larger.
MOST_PACKET_BYTES = 256 * 1024 + 1024
VERSION = 3

_KIND_OF_FILE, _REGULAR, _FOLDER = 0o170000, 0o100000, 0o040000
_U32 = struct.Struct(">I")
_U64 = struct.Struct(">Q")


class Kind(IntEnum):
    """The packets that are spoken here."""

    INIT = 1
    VERSION = 2
    OPEN = 3
    CLOSE = 4
    READ = 5
    WRITE = 6
    LSTAT = 7
    FSTAT = 8
    OPENDIR = 11
    READDIR = 12
    REMOVE = 13
    STAT = 17
    RENAME = 18
    STATUS = 101
    HANDLE = 102
    DATA = 103
    NAME = 104
    ATTRS = 105
    EXTENDED = 200
    EXTENDED_REPLY = 201


class Status(IntEnum):
    """The answers of a server; a code that is not one of these counts as FAILURE."""

    OK = 0
    EOF = 1
    NO_SUCH_FILE = 2
    PERMISSION_DENIED = 3
    FAILURE = 4
    BAD_MESSAGE = 5
    NO_CONNECTION = 6
    CONNECTION_LOST = 7
    OP_UNSUPPORTED = 8


class Open(IntFlag):
    """How a file is opened."""

    READ = 1
    WRITE = 2
    CREATE = 8
    TRUNCATE = 16
    EXCLUSIVE = 32


class Malformed(Exception):
    """A packet is not what its kind says that it is."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """What is used of a file's attributes; None where the server does not say."""

    size: int | None
    mode: int | None

    @property
    def may_be_a_file(self) -> bool:
        """Say whether it is a regular file, or the server does not say what it is."""
        return self.mode is None or self.mode & _KIND_OF_FILE in {0, _REGULAR}

    @property
    def is_folder(self) -> bool:
        """Say whether the server says that it is a folder."""
        return self.mode is not None and self.mode & _KIND_OF_FILE == _FOLDER


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a directory; the name is as the server wrote it."""

    name: bytes
    attributes: Attributes


def u32(value: int) -> bytes:
    """Return four bytes, big-endian."""
    return _U32.pack(value)


def u64(value: int) -> bytes:
    """Return eight bytes, big-endian."""
    return _U64.pack(value)


def string(value: bytes) -> bytes:
    """Return a length and the bytes."""
    return _U32.pack(len(value)) + value


def packet(kind: Kind, *parts: bytes) -> bytes:
    """Return a whole packet with its length in front."""
    return packet_head(kind, 0, *parts)


def packet_head(kind: Kind, to_come: int, *parts: bytes) -> bytes:
    """Return the beginning of a packet whose last `to_come` bytes are sent after it."""
    body = b"".join(parts)
    return _U32.pack(1 + len(body) + to_come) + bytes((kind,)) + body


class Reader:
    """Takes values off the front of a packet; raises Malformed when they are not there."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        end = self._at + count
        if end > len(self._data):
            raise Malformed("a packet ends before its values do")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def u32(self) -> int:
        """Return the next four bytes as a number."""
        return int(_U32.unpack(self.take(4))[0])

    def u64(self) -> int:
        """Return the next eight bytes as a number."""
        return int(_U64.unpack(self.take(8))[0])

    def string(self) -> bytes:
        """Return the next string."""
        return self.take(self.u32())

    @property
    def at_end(self) -> bool:
        """Say whether everything was taken."""
        return self._at == len(self._data)


def extensions_of(reader: Reader) -> Mapping[str, bytes]:
    """Return the extensions of a VERSION packet's rest; raises Malformed for another version."""
    if reader.u32() != VERSION:
        raise Malformed("the server speaks another version of SFTP")
    found: dict[str, bytes] = {}
    while not reader.at_end:
        name, value = reader.string(), reader.string()
        found[name.decode("ascii", "replace")] = value
    return found


def status_of(reader: Reader) -> Status:
    """Return the code of a STATUS packet's rest; the server's message is not read."""
    try:
        return Status(reader.u32())
    except ValueError:
        return Status.FAILURE


def attributes_of(reader: Reader) -> Attributes:
    """Return the attributes that stand next."""
    flags = reader.u32()
    size = reader.u64() if flags & 0x1 else None
    if flags & 0x2:
        reader.take(8)
    mode = reader.u32() if flags & 0x4 else None
    if flags & 0x8:
        reader.take(8)
    if flags & 0x80000000:
        for _ in range(reader.u32()):
            reader.string()
            reader.string()
    return Attributes(size, mode)


def free_bytes_of(reader: Reader) -> int | None:
    """Return how much may be written, from what stands next about a file system; None where it says nothing of that."""
    _, unit, whole, _, free = (reader.u64() for _ in range(5))
    return unit * free if unit and whole else None


def entries_of(reader: Reader) -> tuple[Entry, ...]:
    """Return the entries of a NAME packet's rest."""
    count = reader.u32()
    return tuple(_entry(reader) for _ in range(count))


def _entry(reader: Reader) -> Entry:
    name = reader.string()
    reader.string()  # The long name: for people, in no agreed form.
    return Entry(name, attributes_of(reader))
