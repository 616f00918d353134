"""Whole files over SFTP, many requests at a time, with every answer read.

- At most `MOST_IN_FLIGHT_BYTES` and `MOST_IN_FLIGHT` requests are under way: the server's own window of 2 MiB, and what
  fills it again while its answers travel. More gains nothing, and at the slowest rate that is put up with answers
  would be read too seldom for the watchdog.
- The answer to every write is checked: paramiko's `SFTPClient.put`, and the `sftp` of OpenSSH before 10.1, report
  success after a failed write.
- After a refusal the answers that are still to come are read, so that the session can clean up.
"""

from collections import deque
from collections.abc import Callable, Iterator

from gateway.delivery import sftp_packets as wire
from gateway.delivery.sftp_link import PIECE, PeerMalformed, SftpLink, StatusRefused, check_ok, checked
from gateway.delivery.sftp_packets import Kind, Reader, Status
from gateway.seams import Seam, seam

MOST_IN_FLIGHT = 64
MOST_IN_FLIGHT_BYTES = 3 * 1024 * 1024
#: One write of this size fits one SSH packet of 32 KiB; more costs a second packet for a few bytes.
SMALL_BLOCK = PIECE - 29
LARGE_BLOCK = 255 * 1024
LARGE_FILE_BYTES = 8 * 1024 * 1024


def block_for(size: int, limit: int) -> int:
    """Return how much one request carries of a file of this size, within the server's limit."""
    return min(limit, LARGE_BLOCK if size > LARGE_FILE_BYTES else SMALL_BLOCK)


def write_all(
    link: SftpLink, handle: bytes, size: int, read_at: Callable[[int, int], bytes], *, block: int, start: int
) -> None:
    """Write the bytes from `start` to `size`; all of them are acknowledged when this returns."""
    waiting: set[int] = set()
    most = _window(block)
    for at in range(start, size, block):
        if len(waiting) == most:
            # Several answers at a time, so that whoever writes is not woken for each; the server has enough to do.
            while len(waiting) > most // 2:
                _one_written(link, waiting)
        waiting.add(link.ask_to_write(handle, at, min(block, size - at), read_at))
    while waiting:
        _one_written(link, waiting)


def _window(block: int) -> int:
    return max(1, min(MOST_IN_FLIGHT, MOST_IN_FLIGHT_BYTES // block))


def _one_written(link: SftpLink, waiting: set[int]) -> None:
    _, kind, reader = link.answer_to(waiting)
    try:
        check_ok(Kind.WRITE, kind, reader)
    except StatusRefused:
        link.drain(waiting)
        raise
    seam(Seam.BLOCK_WRITTEN)


def read_all(link: SftpLink, handle: bytes, size: int, block: int) -> Iterator[bytes]:
    """Yield the first `size` bytes in order, fewer where the file ends before; to be read to the end."""
    return _Reading(link, handle, size, block).blocks()


class _Reading:
    """Reads under way: asked for in order, answered in any, yielded in order."""

    def __init__(self, link: SftpLink, handle: bytes, size: int, block: int) -> None:
        self._link = link
        self._handle = handle
        self._size = size
        self._block = block
        self._next = 0
        #: Number, offset and length of each read not yet yielded, in the order of the file.
        self._asked: deque[tuple[int, int, int]] = deque()
        self._unanswered: dict[int, int] = {}
        self._came: dict[int, bytes] = {}

    def blocks(self) -> Iterator[bytes]:
        self._fill()
        while self._asked:
            number, at, length = self._asked.popleft()
            data = self._wait_for(number)
            if not data:
                self._link.drain(set(self._unanswered))
                return
            yield data
            if len(data) < length:
                self._asked.appendleft(self._ask(at + len(data), length - len(data)))
            self._fill()

    def _fill(self) -> None:
        while self._next < self._size and len(self._asked) < _window(self._block):
            length = min(self._block, self._size - self._next)
            self._asked.append(self._ask(self._next, length))
            self._next += length

    def _ask(self, at: int, length: int) -> tuple[int, int, int]:
        number = self._link.ask(Kind.READ, wire.string(self._handle), wire.u64(at), wire.u32(length))
        self._unanswered[number] = length
        return number, at, length

    def _wait_for(self, number: int) -> bytes:
        while number not in self._came:
            answered, kind, reader = self._link.answer_to(set(self._unanswered))
            length = self._unanswered.pop(answered)
            try:
                self._came[answered] = data_of(kind, reader, length)
            except StatusRefused:
                self._link.drain(set(self._unanswered))
                raise
        return self._came.pop(number)


def data_of(kind: Kind, reader: Reader, most: int) -> bytes:
    """Return the bytes that answer a read; none where the file ends."""
    if kind is Kind.DATA:
        data = checked(reader.string)
        if not 1 <= len(data) <= most:
            raise PeerMalformed("a read was answered with more or less than can be")
        return data
    try:
        check_ok(Kind.READ, kind, reader)
    except StatusRefused as refusal:
        if refusal.status is Status.EOF:
            return b""
        raise
    raise PeerMalformed("success came without what was asked for")
