"""Edge: a package under a temporary name, checked there; and what stands under a final one.

How a package is staged, so that "delivered" can be believed (law L5):

(1) open the temporary file, where there is room for a large one, and try whether it can be read back, before a byte of
    the package is sent;
(2) take up a large broken-off file where it ended, if its beginning has the right hash; else begin anew;
(3) write in a window of requests, every answer checked;
(4) bring it to the server's disk, where the server can;
(5) check size and hash on the open handle: a recipient may move a file as soon as it is closed;
(6) close, checked. What failed is removed, so that a full disk gets its space back.
"""

import hashlib
import posixpath
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass

from gateway.delivery.faults import Step
from gateway.delivery.interface import HashedBytes, Match, PackageBytes, VerifyMethod
from gateway.delivery.sftp_link import StatusRefused
from gateway.delivery.sftp_packets import Attributes, Open, Status
from gateway.delivery.sftp_protocol import FSYNC, Handle, SftpClient
from gateway.delivery.sftp_windows import LARGE_BLOCK, LARGE_FILE_BYTES
from gateway.errors import DeliveryError, ServerFull, TransferRefused, VerificationFailed
from gateway.seams import Seam, seam

#: Says what is under way, watches it, and gives every failure in it its meaning; the number is bytes.
Guard = Callable[[Step, int], AbstractContextManager[None]]
_MAY_NOT_READ = frozenset({Status.PERMISSION_DENIED, Status.OP_UNSUPPORTED})


@dataclass(frozen=True, slots=True)
class Content:
    """What a file must hold."""

    size: int
    sha256: str


def content_of(data: PackageBytes) -> Content:
    """Return what a file that holds these bytes must show."""
    size = len(data)
    return Content(size, data.sha256 if isinstance(data, HashedBytes) else _sha256(data, size))


def _sha256(data: PackageBytes, size: int) -> str:
    """Return SHA-256 of the first `size` bytes, taken piece by piece."""
    digest = hashlib.sha256()
    for at in range(0, size, LARGE_BLOCK):
        digest.update(data[at : min(at + LARGE_BLOCK, size)])
    return digest.hexdigest()


class Stager:
    """Writes and compares files over one session."""

    def __init__(self, client: SftpClient, guard: Guard, least: VerifyMethod) -> None:
        self._client = client
        self._guard = guard
        self._least = least

    def match(self, path: str, content: Content) -> tuple[Match, VerifyMethod]:
        """Say what stands under a name, and how that was found out."""
        with self._guard(Step.LOOK, 0):
            there = self._client.stat(path)
        return self.match_seen(path, content, there)

    def match_seen(self, path: str, content: Content, there: Attributes | None) -> tuple[Match, VerifyMethod]:
        """Say the same of what was seen under that name."""
        if there is None:
            return Match.ABSENT, VerifyMethod.READ_BACK
        with self._guard(Step.LOOK, content.size):
            if not there.may_be_a_file or there.size not in {None, content.size}:
                return Match.OTHER, VerifyMethod.SIZE
            return self._match_bytes(path, content, sized=there.size is not None)

    def _match_bytes(self, path: str, content: Content, *, sized: bool) -> tuple[Match, VerifyMethod]:
        try:
            with self._opened(path, Open.READ) as handle:
                same = self._holds(handle, content)
        except StatusRefused as refusal:
            if refusal.status is Status.NO_SUCH_FILE:
                # It was there a moment ago: somebody took it, and what it was is not known.
                return Match.UNPROVEN, VerifyMethod.SIZE
            if refusal.status not in _MAY_NOT_READ:
                raise
            enough = sized and self._least is VerifyMethod.SIZE
            return (Match.SAME if enough else Match.UNPROVEN), VerifyMethod.SIZE
        return (Match.SAME if same else Match.OTHER), VerifyMethod.READ_BACK

    def stage(
        self, path: str, data: PackageBytes, content: Content, left: Attributes | None
    ) -> tuple[VerifyMethod, bool]:
        """Write the bytes under a temporary name; return how they were checked and whether they are on disk.

        `left` is what was seen there.
        """
        with self._guard(Step.OPEN, content.size):
            handle, method, start = self._open(path, data, left)
        seam(Seam.FILE_OPENED)
        try:
            return method, self._fill(handle, data, content, method, start)
        except DeliveryError:
            # Where this fails too, the next run finds the file and begins anew.
            with suppress(DeliveryError), self._guard(Step.CLOSE, 0):
                self._client.close(handle)
            with suppress(DeliveryError), self._guard(Step.CLOSE, 0):
                self._client.remove(path)
            raise

    # (1) Open.

    def _open(self, path: str, data: PackageBytes, there: Attributes | None) -> tuple[Handle, VerifyMethod, int]:
        start = 0 if there is None else self._taken_up_at(path, there.size, data)
        # Exclusive: somebody who makes the file now is another run, and this one stands down.
        how = Open.WRITE if start else Open.WRITE | Open.CREATE | Open.EXCLUSIVE
        if there is not None and not start and not self._took_away(path):
            how = Open.WRITE | Open.CREATE | Open.TRUNCATE
        self._check_room(path, len(data) - start)
        handle, readable = self._open_readable(path, how)
        if readable:
            return handle, VerifyMethod.READ_BACK, start
        if self._least is VerifyMethod.SIZE:
            return handle, VerifyMethod.SIZE, start
        self._client.close(handle)
        self._client.remove(path)
        raise TransferRefused(
            "the server does not let us read back what we write, and the partner's file asks for that"
        )

    def _check_room(self, path: str, size: int) -> None:
        """Raise ServerFull where a large package would take more than half of what is left: others write there too."""
        if size <= LARGE_FILE_BYTES:
            return
        free = self._client.free_bytes(posixpath.dirname(path))
        if free is not None and free < 2 * size:
            raise ServerFull(f"the server has room for {free} bytes, and {size} are to be sent")

    def _took_away(self, path: str) -> bool:
        """Remove what is left from before, which another run may be about to publish; False where we may not."""
        try:
            self._client.remove(path)
        except StatusRefused as refusal:
            return refusal.status is Status.NO_SUCH_FILE
        return True

    def _open_readable(self, path: str, how: Open) -> tuple[Handle, bool]:
        """Open for writing, and for reading where the server allows both."""
        try:
            handle = self._client.open(path, how | Open.READ)
        except StatusRefused as refusal:
            if refusal.status not in _MAY_NOT_READ or self._least is not VerifyMethod.SIZE:
                raise
            return self._client.open(path, how & ~Open.EXCLUSIVE), False
        try:
            self._client.read_at(handle, 0, 1)
        except StatusRefused as refusal:
            if refusal.status not in _MAY_NOT_READ:
                raise
            return handle, False
        return handle, True

    # (2) Take up.

    def _taken_up_at(self, path: str, size: int | None, data: PackageBytes) -> int:
        """Return how much of a file left from before can stay: all or nothing of a small one."""
        if size is None or not (size == len(data) or LARGE_FILE_BYTES < size < len(data)):
            return 0
        expected = _sha256(data, size)
        try:
            with self._opened(path, Open.READ) as handle:
                return size if self._client.sha256(handle, size) == expected else 0
        except StatusRefused as refusal:
            if refusal.status in _MAY_NOT_READ:
                return 0
            raise

    # (3) to (6) Write, bring to disk, check, close.

    def _fill(self, handle: Handle, data: PackageBytes, content: Content, method: VerifyMethod, start: int) -> bool:
        with self._guard(Step.WRITE, content.size):
            self._client.write(handle, content.size, lambda at, count: data[at : at + count], start=start)
        with self._guard(Step.CHECK, content.size):
            durable = self._bring_to_disk(handle)
            self._check(handle, content, method)
        seam(Seam.FILE_CHECKED)
        with self._guard(Step.CLOSE, 0):
            self._client.close(handle)
        seam(Seam.FILE_CLOSED)
        return durable

    def _bring_to_disk(self, handle: Handle) -> bool:
        if FSYNC not in self._client.extensions:
            return False
        self._client.fsync(handle)
        seam(Seam.BROUGHT_TO_DISK)
        return True

    def _check(self, handle: Handle, content: Content, method: VerifyMethod) -> None:
        size = self._client.stat_handle(handle).size
        if size != content.size and not (size is None and method is VerifyMethod.READ_BACK):
            raise VerificationFailed(f"the server holds {size} bytes of the {content.size} that were sent")
        if method is VerifyMethod.READ_BACK and not self._holds(handle, content):
            raise VerificationFailed("what the server gives back is not what was sent")

    def _holds(self, handle: Handle, content: Content) -> bool:
        """Say whether the file holds these bytes and ends after them."""
        same = self._client.sha256(handle, content.size) == content.sha256
        return same and not self._client.read_at(handle, content.size, 1)

    @contextmanager
    def _opened(self, path: str, how: Open) -> Iterator[Handle]:
        handle = self._client.open(path, how)
        try:
            yield handle
        except StatusRefused:
            with suppress(StatusRefused):
                self._client.close(handle)
            raise
        self._client.close(handle)
