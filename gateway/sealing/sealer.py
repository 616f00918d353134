"""Seal a list for one recipient: sign it, encrypt it, and pass it on in blocks of one size.

    with Sealer(recipient=certificate, signing_key=key, keep=blocks.keep) as sealer:
        sealer.feed(block)
        package = sealer.finish()

- The work is done by a child process (sealer_child.py says why) that is fed through a pipe. Neither the plain
  list nor the key is ever in a file, an argument or an environment variable.
- What the child wrote goes to `keep` as it comes, in the thread that feeds, so that nobody holds the whole of it:
  `BLOCK_BYTES` at a time, fewer at the end.
- A package exists only after `finish`: the child ended well, all its output was read, and the package is
  encrypted to the key that was judged usable and to no other. In every other case SealFailed is raised, or the
  block was left early, and what was kept until then has to go with its transaction.
- A child that does not end is killed after `allowed_s` seconds.
- `child_ahead` starts it before there is anything to seal: what it loads, it loads while others work. It is handed
  nothing until a Sealer has it, and where none has it goes with the block.

Edge: starts a process. Whether the certificate may be used at all is decided in certificate.py.
"""

import hashlib
import os
import struct
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Self, cast

from gateway.errors import SealFailed
from gateway.sealing import sealer_child
from gateway.sealing.certificate import UsableCertificate
from gateway.sealing.encryption_keys import names
from gateway.sealing.packets import PacketMalformed, recipients_of

Child = subprocess.Popen[bytes]
#: How much of a package is passed on at a time: what a statement costs is little beside it, and memory holds a few.
BLOCK_BYTES = 1 << 20
_PIPE = 1 << 16
#: A list of a million people is some 150 MB.
MOST_BYTES = 512 << 20
_REASONS = {
    sealer_child.MEMORY_OPEN: "the sealing process could not close its memory to others",
    sealer_child.INPUT_CUT_SHORT: "the sealing process was not given its keys",
    sealer_child.KEY_UNREADABLE: "our signing key or the recipient's certificate cannot be used for sealing",
    sealer_child.NOT_SEALED: "the list could not be sealed",
}


@dataclass(frozen=True, slots=True)
class SealedPackage:
    """What was passed on of a sealed list comes to: SHA-256 in hexadecimal, and how many bytes."""

    sha256: str
    size_bytes: int


class Sealer:
    """One sealing. It is used once, as a context: leaving early kills the child and drops what it wrote."""

    def __init__(
        self,
        *,
        recipient: UsableCertificate,
        signing_key: bytes,
        keep: Callable[[bytes], object],
        allowed_s: float = 3600.0,
        in_memory: bool = False,
        child: Child | None = None,
    ) -> None:
        self._recipient = recipient
        self._preamble = _framed(signing_key) + _framed(recipient.certificate)
        self._keep = keep
        self._is_begun = False
        self._allowed_s = allowed_s
        self._in_memory = in_memory
        self._ahead = child
        self._child: Child | None = None
        self._finished = False

    def __enter__(self) -> Self:
        """Start the child and hand it its keys."""
        self._child = self._ahead or _start(in_memory=self._in_memory)
        self._output = _Output(cast("IO[bytes]", self._child.stdout))
        self._deadline = threading.Timer(self._allowed_s, self._child.kill)
        self._deadline.daemon = True
        self._deadline.start()
        try:
            self.feed(self._preamble)
        except BaseException:
            self._stop()
            raise
        return self

    def feed(self, block: bytes) -> None:
        """Give the child the next bytes of the list, and pass on what it has written until now."""
        try:
            self._input.write(block)
        except OSError as error:
            raise SealFailed(self._why()) from error
        self._pass_on()

    def finish(self) -> SealedPackage:
        """Pass on the rest and return what all of it is, or raise SealFailed; nothing can be fed afterwards."""
        try:
            self._input.close()
        except OSError as error:
            raise SealFailed(self._why()) from error
        self._finished = True
        package = self._output.wait()
        if self._running.wait() != 0:
            raise SealFailed(self._why())
        self._pass_on()
        if not self._is_begun:
            raise SealFailed("the sealing process did not write a package")
        return package

    def _pass_on(self) -> None:
        for block in self._output.taken():
            if not self._is_begun:
                _check_recipient(block, self._recipient)
                self._is_begun = True
            self._keep(block)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave no child, no thread and no open pipe behind."""
        self._stop()

    @property
    def _running(self) -> Child:
        if self._child is None:
            raise RuntimeError("a Sealer is used as a context")
        return self._child

    @property
    def _input(self) -> IO[bytes]:
        if self._finished:
            raise RuntimeError("this sealing is finished")
        return cast("IO[bytes]", self._running.stdin)

    def _why(self) -> str:
        """Say why the child ended; it has ended or is about to."""
        self._output.wait()
        code = self._running.wait()
        return _REASONS.get(code, f"the sealing process ended early, with code {code}")

    def _stop(self) -> None:
        self._deadline.cancel()
        child = self._running
        # Its reader holds the output until there is no more.
        child.kill()
        self._output.wait()
        _end(child)


class _Output:
    """Reads what the child writes, in a thread, so that neither side ever waits for the other in a ring."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._blocks: deque[bytes] = deque()
        self._size = 0
        self._hash = hashlib.sha256()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait(self) -> SealedPackage:
        """Wait for the end of the output and return what it came to."""
        self._thread.join()
        return SealedPackage(self._hash.hexdigest(), self._size)

    def taken(self) -> Iterator[bytes]:
        """Yield the blocks that are there; raise SealFailed where they are more than a package may be."""
        while self._blocks:
            yield self._blocks.popleft()
        if self._size > MOST_BYTES:
            raise SealFailed(f"the package is larger than {MOST_BYTES} bytes")

    def _read(self) -> None:
        # Waits until a block is full or the output ends.
        while block := self._stream.read(BLOCK_BYTES):
            self._size += len(block)
            self._hash.update(block)
            # Read on to the end, so that the child can end, but keep no more than a package may be.
            if self._size <= MOST_BYTES:
                self._blocks.append(block)


@contextmanager
def child_ahead() -> Iterator[Child]:
    """Start the child of a sealing that may come; none is left when the block ends."""
    child = _start(in_memory=False)
    try:
        yield child
    finally:
        _end(child)


def _end(child: Child) -> None:
    child.kill()
    child.wait()
    _close_quietly(cast("IO[bytes]", child.stdin))
    cast("IO[bytes]", child.stdout).close()


def _start(*, in_memory: bool) -> Child:
    # -I: neither the environment nor the working directory can change what is loaded.
    command = [sys.executable, "-I", sealer_child.__file__]
    command += [sealer_child.IN_MEMORY] if in_memory else []
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ},
            bufsize=_PIPE,
        )
    except OSError as error:
        raise SealFailed("the sealing process could not be started") from error


def _framed(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _check_recipient(ciphertext: bytes, recipient: UsableCertificate) -> None:
    """Raise SealFailed unless the package can be opened with the one key that was judged, and with no other."""
    try:
        recipients = recipients_of(ciphertext)
    except PacketMalformed as error:
        raise SealFailed(f"the sealing process did not write a package: {error}") from error
    if len(recipients) != 1 or not names(recipients, recipient.encryption_key):
        raise SealFailed("the package was not encrypted to the pinned recipient alone")


def _close_quietly(stream: IO[bytes]) -> None:
    """Close a pipe whose reader is gone; what was still buffered is dropped on purpose."""
    try:
        stream.close()
    except BrokenPipeError:
        return
