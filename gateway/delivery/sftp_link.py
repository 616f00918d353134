"""Requests and answers of SFTP over anything that carries bytes: a paramiko channel, a socket.

- Every answer is matched by its number; one that was not asked for ends the session.
- Lengths are checked before anything is read, so that a hostile server cannot fill our memory.
- What goes wrong is one of four exceptions; what it means for a package is decided in faults.py.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from gateway.delivery import sftp_packets as wire
from gateway.delivery.sftp_packets import Kind, Malformed, Reader, Status

T = TypeVar("T")
#: What one SSH packet of 32 KiB carries. More at a time is cut into such by copying the rest again for each.
PIECE = 32768 - 64
#: How much is taken at a time of what has arrived: paramiko moves what is left to the front, each time.
_MOST_AT_ONCE = 1024 * 1024


class Channel(Protocol):
    """Something that carries bytes both ways."""

    def sendall(self, data: bytes, /) -> object:
        """Send everything or raise."""
        ...

    def recv(self, count: int, /) -> bytes:
        """Return at least one byte, none at the end, or raise."""
        ...


class StatusRefused(Exception):
    """The server answered a request with something else than success."""

    def __init__(self, operation: Kind, status: Status) -> None:
        super().__init__(f"{operation.name} was answered with {status.name}")
        self.operation = operation
        self.status = status


class PeerGone(Exception):
    """The connection ended before the answer came."""


class PeerStalled(Exception):
    """No answer came in time."""


class PeerConfused(Exception):
    """An answer came that was not asked for."""


class PeerMalformed(Exception):
    """The server sent what no SFTP server sends: an oversize or malformed packet."""


class SftpLink:
    """Numbers requests and reads answers; `on_answer` is called for every packet that arrives whole."""

    def __init__(self, channel: Channel, on_answer: Callable[[], None]) -> None:
        self._channel = channel
        self._on_answer = on_answer
        self._last = 0
        #: What was taken from the channel, and how much of it is used up.
        self._held = b""
        self._used = 0

    def ask(self, kind: Kind, *parts: bytes) -> int:
        """Send a request and return its number."""
        number = self._next_number()
        self.send(wire.packet(kind, wire.u32(number), *parts))
        return number

    def ask_to_write(self, handle: bytes, at: int, size: int, read_at: Callable[[int, int], bytes]) -> int:
        """Send a request that writes `size` bytes from `at` on, each piece taken when it is its turn to be sent."""
        number = self._next_number()
        parts = wire.u32(number), wire.string(handle), wire.u64(at), wire.u32(size)
        head = wire.packet_head(Kind.WRITE, size, *parts)
        first = min(size, PIECE - len(head))
        self.send(head + read_at(at, first))
        for sent in range(first, size, PIECE):
            self.send(read_at(at + sent, min(PIECE, size - sent)))
        return number

    def _next_number(self) -> int:
        self._last = (self._last + 1) & 0xFFFFFFFF
        return self._last

    def answer(self) -> tuple[int, Kind, Reader]:
        """Return the next answer: the number of its request, its kind and the rest."""
        kind, reader = self.receive()
        return checked(reader.u32), kind, reader

    def answer_to(self, numbers: set[int]) -> tuple[int, Kind, Reader]:
        """Return the next answer, which must be to one of these requests; takes its number out."""
        number, kind, reader = self.answer()
        if number not in numbers:
            raise PeerConfused("the server gave an answer that was not asked for")
        numbers.discard(number)
        return number, kind, reader

    def exchange(self, kind: Kind, *parts: bytes) -> tuple[Kind, Reader]:
        """Send one request and return its answer."""
        _, answered, reader = self.answer_to({self.ask(kind, *parts)})
        return answered, reader

    def drain(self, numbers: set[int]) -> None:
        """Read the answers still to come to these requests, so that the next request finds its own."""
        while numbers:
            self.answer_to(numbers)

    def send(self, data: bytes) -> None:
        """Send bytes."""
        try:
            self._channel.sendall(data)
        except TimeoutError as error:
            raise PeerStalled("the server takes no more bytes") from error
        except (OSError, EOFError) as error:
            raise PeerGone("the connection ended while sending") from error

    def receive(self) -> tuple[Kind, Reader]:
        """Return the next packet: its kind and the rest."""
        length = int.from_bytes(self._exactly(4), "big")
        if not 1 <= length <= wire.MOST_PACKET_BYTES:
            raise PeerMalformed("the server sent a packet of an impossible length")
        reader = Reader(self._exactly(length))
        self._on_answer()
        try:
            return Kind(reader.take(1)[0]), reader
        except ValueError:
            raise PeerMalformed("the server sent a packet of no known kind") from None

    def _exactly(self, count: int) -> bytes:
        parts = [self._taken(count)]
        missing = count - len(parts[0])
        while missing:
            self._held, self._used = self._arrived(), 0
            parts.append(self._taken(missing))
            missing -= len(parts[-1])
        return b"".join(parts)

    def _taken(self, most: int) -> bytes:
        taken = self._held[self._used : self._used + most]
        self._used += len(taken)
        return taken

    def _arrived(self) -> bytes:
        try:
            part = self._channel.recv(_MOST_AT_ONCE)
        except TimeoutError as error:
            raise PeerStalled("the server does not answer") from error
        except (OSError, EOFError) as error:
            raise PeerGone("the connection ended before the answer") from error
        if not part:
            raise PeerGone("the connection ended before the answer")
        return part


def check_ok(asked: Kind, answered: Kind, reader: Reader) -> None:
    """Raise StatusRefused unless the answer is success."""
    if answered is not Kind.STATUS:
        raise PeerMalformed("an answer is of another kind than what was asked")
    status = checked(lambda: wire.status_of(reader))
    if status is not Status.OK:
        raise StatusRefused(asked, status)


def check_kind(asked: Kind, answered: Kind, reader: Reader, wanted: Kind) -> None:
    """Raise StatusRefused unless the answer is of the kind that brings what was asked for."""
    if answered is wanted:
        return
    check_ok(asked, answered, reader)
    raise PeerMalformed("success came without what was asked for")


def checked(take: Callable[[], T]) -> T:
    """Take a value off a packet; a packet that does not hold it is the server's fault."""
    try:
        return take()
    except Malformed as fault:
        raise PeerMalformed(str(fault)) from fault
