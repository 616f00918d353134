"""A partner's server in memory that speaks SFTP, loses answers, does things late, lies, and keeps account of it all.

`Inbox` is the server: what stands there, what ever came into view, and what happens at the next request of each kind.
`ModelTransport` leads to it through the gateway's own client, so that every byte passes the real protocol.
"""

import os
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.delivery import sftp_packets as wire
from gateway.delivery.interface import SessionFacts
from gateway.delivery.sftp_packets import Kind, Open, Reader, Status
from gateway.delivery.sftp_protocol import FSYNC, LIMITS
from gateway.delivery.sftp_session import SftpSession
from gateway.delivery.ssh import Timeouts
from gateway.delivery.watchdog import Watchdog
from gateway.errors import ConnectionFailed
from gateway.model.partner import Partner
from tests.delivery_made import Crash

#: So small that a package of a few hundred bytes is sent in several windows of requests.
_LIMIT = 256
_FACTS = SessionFacts(
    "SHA256:" + "A" * 43, "ssh-ed25519", "model", "model", "model", strict_key_exchange=True, offers_fsync=True
)


#: A request by its kind, and the how-manieth of that kind it is.
Asked = tuple[Kind, int]
#: Kinds that every delivery asks for.
KINDS = (Kind.OPEN, Kind.CLOSE, Kind.READ, Kind.WRITE, Kind.FSTAT, Kind.REMOVE, Kind.STAT, Kind.RENAME, Kind.EXTENDED)


class Fault(StrEnum):
    """What happens at a request."""

    #: The connection ends and the request is never done; or it is done, and the answer is lost.
    CUT_BEFORE = "cut before"
    CUT_AFTER = "cut after"
    #: The connection ends; a process of the server that was stopped does the request when it is woken.
    LATE = "late"
    #: Done, and never answered.
    SILENT = "silent"
    #: Our process dies.
    DIES_BEFORE = "dies before"
    DIES_AFTER = "dies after"
    #: The server says no, for good or not.
    FAILS = "fails"
    DENIES = "denies"
    #: The server says yes, and does nothing or something else.
    SWALLOWS = "swallows"
    SPOILS = "spoils"


@dataclass
class File:
    """What is in a file, whatever names it has. `seen` is what it held when it came into view."""

    data: bytearray = field(default_factory=bytearray)
    seen: bytes | None = None


class Inbox:
    """A folder and the requests that are made of it. `writing` is called before a byte is kept, `publishing` before a
    file comes into view at the request of somebody who is there.
    """

    def __init__(self, folder: str = "/inbox") -> None:
        self.folder = folder
        self.files: dict[str, File] = {}
        self.published: list[tuple[str, bytes]] = []
        self.faults: dict[Asked, Fault | Callable[[], None]] = {}
        self.asked: Counter[Kind] = Counter()
        self.late: list[Callable[[], object]] = []
        self.writing: Callable[[str], None] = lambda _: None
        self.publishing: Callable[[str], None] = lambda _: None
        self.up = True

    def begin(self, faults: "dict[Asked, Fault | Callable[[], None]]") -> None:
        """Count requests from here on, and do this at them."""
        self.asked.clear()
        self.faults = dict(faults)

    def fault_at(self, kind: Kind) -> Fault | Callable[[], None] | None:
        """Count a request, and say what happens at it."""
        self.asked[kind] += 1
        return self.faults.pop((kind, self.asked[kind]), None)

    def do_late(self) -> None:
        """Have the stopped process do what it was asked."""
        waiting, self.late = self.late, []
        for act in waiting:
            act()

    def in_view(self) -> dict[str, bytes]:
        """What a recipient sees."""
        return {name: bytes(file.data) for name, file in self.files.items() if not name.startswith(".")}


class _Line:
    """A connection: what the gateway calls a connection and a channel, and the server's process at its other end."""

    facts = _FACTS
    was_damaged = False

    def __init__(self, inbox: Inbox, watched: "_Watched") -> None:
        self._inbox = inbox
        self._watched = watched
        self._in, self._out = bytearray(), bytearray()
        self._handles: dict[bytes, tuple[str, File]] = {}
        self._ended = False

    def open_sftp(self, _: Timeouts) -> "_Line":
        return self

    def cut(self) -> None:
        self._ended = True

    def sendall(self, data: bytes) -> None:
        if self._ended:
            raise OSError
        assert self._watched.watching, "a server is asked while nobody watches whether it answers"
        self._in += data
        while len(self._in) >= 4 and len(self._in) >= 4 + (length := int.from_bytes(self._in[:4], "big")):
            packet = bytes(self._in[4 : 4 + length])
            del self._in[: 4 + length]
            self._out += self._request(Kind(packet[0]), Reader(packet[1:]))

    def recv(self, count: int) -> bytes:
        if not self._out and not self._ended:
            raise TimeoutError
        taken = bytes(self._out[:count])
        del self._out[:count]
        return taken

    def _request(self, kind: Kind, reader: Reader) -> bytes:
        if self._ended:
            return b""
        if kind is Kind.INIT:
            offered = b"".join(wire.string(name.encode()) + wire.string(b"1") for name in (FSYNC, LIMITS))
            return wire.packet(Kind.VERSION, wire.u32(3), offered)
        number = reader.u32()
        fault = self._inbox.fault_at(kind)
        if callable(fault):
            fault()
        return self._with_fault(fault, number, kind, reader)

    def _with_fault(self, fault: object, number: int, kind: Kind, reader: Reader) -> bytes:
        match fault:
            case Fault.CUT_BEFORE:
                self.cut()
                return b""
            case Fault.LATE:
                self.cut()
                self._inbox.late.append(lambda: self._done(number, kind, reader, late=True))
                return b""
            case Fault.DIES_BEFORE:
                raise Crash
            case Fault.FAILS:
                return _status(number, Status.FAILURE)
            case Fault.DENIES:
                return _status(number, Status.PERMISSION_DENIED)
            case Fault.SWALLOWS if kind in {Kind.WRITE, Kind.RENAME, Kind.REMOVE, Kind.CLOSE}:
                return _status(number, Status.OK)
        answer = self._done(number, kind, reader, spoilt=fault is Fault.SPOILS)
        if fault is Fault.DIES_AFTER:
            raise Crash
        if fault is Fault.CUT_AFTER:
            self.cut()
        return b"" if fault in {Fault.CUT_AFTER, Fault.SILENT} else answer

    def _done(self, number: int, kind: Kind, reader: Reader, *, late: bool = False, spoilt: bool = False) -> bytes:
        match kind:
            case Kind.OPEN:
                return self._open(number, _name(reader), Open(reader.u32()))
            case Kind.STAT:
                file = self._inbox.files.get(_name(reader))
                return _attributes(number, file) if file else _status(number, Status.NO_SUCH_FILE)
            case Kind.RENAME:
                return _status(number, self._rename(_name(reader), _name(reader), late=late))
            case Kind.REMOVE:
                gone = self._inbox.files.pop(_name(reader), None)
                return _status(number, Status.OK if gone else Status.NO_SUCH_FILE)
            case Kind.EXTENDED:
                return self._extended(number, reader)
        return self._on_handle(number, kind, reader, late=late, spoilt=spoilt)

    def _on_handle(self, number: int, kind: Kind, reader: Reader, *, late: bool, spoilt: bool) -> bytes:
        name, file = self._handles[reader.string()]
        match kind:
            case Kind.WRITE:
                at, data = reader.u64(), reader.string()
                if not late:
                    self._inbox.writing(name)
                file.data[at : at + len(data)] = bytes(len(data)) if spoilt else data
                return _status(number, Status.OK)
            case Kind.READ:
                at, most = reader.u64(), reader.u32()
                data = bytes(file.data[at : at + min(most, _LIMIT)])
                data = bytes(len(data)) if spoilt else data
                return (
                    wire.packet(Kind.DATA, wire.u32(number), wire.string(data)) if data else _status(number, Status.EOF)
                )
            case Kind.FSTAT:
                return _attributes(number, file)
        assert kind is Kind.CLOSE
        return _status(number, Status.OK)

    def _open(self, number: int, name: str, how: Open) -> bytes:
        there = self._inbox.files.get(name)
        if there is not None and Open.EXCLUSIVE in how:
            return _status(number, Status.FAILURE)
        if there is None and Open.CREATE not in how:
            return _status(number, Status.NO_SUCH_FILE)
        file = self._inbox.files.setdefault(name, File())
        if Open.TRUNCATE in how:
            file.data.clear()
        handle = os.urandom(4)
        self._handles[handle] = (name, file)
        return wire.packet(Kind.HANDLE, wire.u32(number), wire.string(handle))

    def _rename(self, old: str, new: str, *, late: bool) -> Status:
        files = self._inbox.files
        if old not in files:
            return Status.NO_SUCH_FILE
        if new in files:
            return Status.FAILURE
        if not late:
            self._inbox.publishing(new)
        files[new] = files.pop(old)
        files[new].seen = bytes(files[new].data)
        self._inbox.published.append((new, files[new].seen))
        return Status.OK

    def _extended(self, number: int, reader: Reader) -> bytes:
        if reader.string() == LIMITS.encode():
            return wire.packet(Kind.EXTENDED_REPLY, wire.u32(number), *(wire.u64(_LIMIT) for _ in range(4)))
        return _status(number, Status.OK)


def _name(reader: Reader) -> str:
    return reader.string().decode().rpartition("/")[2]


def _status(number: int, status: Status) -> bytes:
    return wire.packet(Kind.STATUS, wire.u32(number), wire.u32(status), wire.string(b"words"), wire.string(b"en"))


def _attributes(number: int, file: File) -> bytes:
    return wire.packet(Kind.ATTRS, wire.u32(number), wire.u32(0x5), wire.u64(len(file.data)), wire.u32(0o100640))


class _Watched(Watchdog):
    """A watchdog that never bites: it says whether somebody watches."""

    watching = False

    @contextmanager
    def under_way(self, most_s: float):
        self.watching = True
        try:
            yield
        finally:
            self.watching = False


@dataclass
class ModelTransport:
    """The way to the server, through the gateway's own client."""

    inbox: Inbox
    partner: Partner

    @contextmanager
    def session(self):
        if not self.inbox.up:
            raise ConnectionFailed("nobody there")
        watched = _Watched(lambda: None, 60)
        session = SftpSession(_Line(self.inbox, watched), watched, self.partner, Timeouts())
        session.start()
        yield session
