"""Edge: paramiko's transport over a socket of ours, with what it lacks.

- A stranger is read only so far: whoever has not shown a pinned key cannot fill our memory.
- A packet says its length before anything vouches for it, and paramiko believes it: a length that no server sends ends
  the connection before it is read.
- It is remembered on what the two sides agreed, and whether the connection ended on bytes that were changed.
"""

import errno
import socket
from contextlib import suppress
from typing import Any

import paramiko
from cryptography.exceptions import InvalidTag

#: What a stranger may make us read: its banner and its key exchange are a few kilobytes.
MOST_BYTES_FROM_A_STRANGER = 256 * 1024
#: paramiko asks for each packet's length and rest by themselves; answers come many at a time, and are read so.
_READ_AHEAD_BYTES = 64 * 1024
#: The largest SSH packet that OpenSSH itself puts up with; what we ask for comes in packets of 32 KiB.
_MOST_PACKET_BYTES = 256 * 1024
#: On Linux only.
_ACKNOWLEDGE_NOW: int | None = getattr(socket, "TCP_QUICKACK", None)


class StrangersSocket(socket.socket):
    """A socket that reads only so much until its peer is known, and never more at once than a packet.

    One thread reads; what it read and was not asked for yet waits here.
    """

    #: Set from another thread than reads, so nothing is computed from it.
    peer_is_known = False
    _taken = 0
    _held, _used = b"", 0

    @property
    def said_too_much(self) -> bool:
        """Say whether somebody unknown sent more than a stranger may."""
        return not self.peer_is_known and self._taken > MOST_BYTES_FROM_A_STRANGER

    def recv(self, count: int, flags: int = 0, /) -> bytes:
        """Return what came, as any socket does."""
        if count > _MOST_PACKET_BYTES:
            raise OSError(errno.EPROTO, "a packet of an impossible length")
        if self._used == len(self._held):
            self._held, self._used = self._arrived(flags), 0
        data = self._held[self._used : self._used + count]
        self._used += len(data)
        return data

    def _arrived(self, flags: int) -> bytes:
        data = super().recv(_READ_AHEAD_BYTES, flags)
        if _ACKNOWLEDGE_NOW is not None:
            # Until SFTP begins a server of OpenSSH sends a packet only once the one before is acknowledged, which the
            # system otherwise does 40 ms later. It forgets this by itself, so it is said each time.
            self.setsockopt(socket.IPPROTO_TCP, _ACKNOWLEDGE_NOW, 1)
        self._taken += len(data)
        if self.said_too_much:
            raise OSError(errno.EPROTO, "too much from a stranger")
        return data


class RememberingTransport(paramiko.Transport):  # type: ignore[misc]
    """paramiko's transport, which forgets the key exchange it agreed on, and whose errors are not all of one kind.

    This one remembers, also whether it ended on bytes that somebody changed on their way.
    """

    key_exchange = "unknown"
    was_damaged = False
    _engine: Any = None
    _fault: Exception | None = None

    @property
    def kex_engine(self) -> Any:
        """What paramiko exchanges keys with."""
        return self._engine

    @kex_engine.setter
    def kex_engine(self, engine: Any) -> None:
        self._engine = engine
        if engine is not None:
            # The one class without a name of its own.
            self.key_exchange = str(getattr(engine, "name", "curve25519-sha256@libssh.org"))

    @property
    def saved_exception(self) -> Exception | None:
        """What ended paramiko's thread."""
        return self._fault

    @saved_exception.setter
    def saved_exception(self, fault: Exception | None) -> None:
        self._fault = fault
        self.was_damaged |= _is_of_changed_bytes(fault)

    def close(self) -> None:
        """End the connection at once: the thread that reads would else look every tenth of a second whether it is."""
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        super().close()

    def _send_user_message(self, data: Any) -> None:
        """Send; a server that stalls while keys are exchanged anew is one that takes no more bytes."""
        try:
            super()._send_user_message(data)
        except paramiko.SSHException as stalled:
            raise TimeoutError("new keys were not agreed on in time") from stalled


def _is_of_changed_bytes(fault: Exception | None) -> bool:
    """Say so of what a cipher raises that checks what it opens, a digest beside one that does not, and a length."""
    if isinstance(fault, OSError):
        return fault.errno == errno.EPROTO
    return isinstance(fault, InvalidTag) or str(fault) == "Mismatched MAC"
