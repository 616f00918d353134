"""Edge: an SSH connection whose server is known and whose every failure has a name.

The order is the safeguard: (1) dial, (2) agree on algorithms, (3) compare the server's key with the pins, and only
then (4) log in, once, with one key, and (5) open the channel for SFTP.

- Algorithms are an allow-list: what an upgrade of paramiko adds stays off. AES-GCM first, for speed; strict key
  exchange is recorded.
- Only the types of the pinned keys are offered, so that a server cannot show another kind.
- A failure is judged by the step it came in: paramiko calls a time-out during log-in an authentication failure.

paramiko ships no types; this module, ssh_transport.py and ssh_key.py are the only ones that touch it. DWP's standard
SS-007 is the yardstick for the list of algorithms.
"""

import logging
import re
import socket
import sys
import threading
from dataclasses import dataclass
from typing import Any

import paramiko

from gateway.delivery.interface import SessionFacts
from gateway.delivery.pins import Pin, fingerprint_of, offered_types, pin_shown
from gateway.delivery.sftp_link import Channel
from gateway.delivery.ssh_transport import RememberingTransport, StrangersSocket
from gateway.delivery.watchdog import Watchdog
from gateway.errors import (
    AuthenticationRefused,
    ConnectionFailed,
    DeliveryError,
    HostKeyMismatch,
    ProtocolViolated,
    TransferRefused,
)

CIPHERS = ("aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr")
KEY_EXCHANGES = (
    "mlkem768x25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp256",
    "diffie-hellman-group16-sha512",
)
#: Used with aes256-ctr only; AES-GCM brings its own.
DIGESTS = ("hmac-sha2-512-etm@openssh.com", "hmac-sha2-256-etm@openssh.com")
#: How long one of our threads may go on while another waits; of the whole process.
TURN_S = 0.0002
#: What paramiko calls each, what it is, and what a server has to offer of it.
_ASKED_FOR = {
    "kex": ("key exchange", KEY_EXCHANGES),
    "ciphers": ("cipher", CIPHERS),
    "macs": ("digest for a cipher that has none", DIGESTS),
}
#: What the system's own names for a failed connection mean.
_MEANS = {
    "gaierror": "this machine does not find an address for that name",
    "ConnectionRefusedError": "the machine is there, and nothing listens at that port, or a firewall refuses us",
    "TimeoutError": "nothing answers at all, as when a firewall drops what we send or the address is wrong",
}
_UNPRINTABLE = re.compile(r"[^\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long each step may take, in seconds."""

    dial_s: float = 10
    handshake_s: float = 20
    log_in_s: float = 20
    channel_s: float = 15
    #: For one answer, and for room to send in.
    answer_s: float = 30
    #: Without any answer, before the watchdog ends the connection.
    idle_s: float = 60
    #: For everything, besides what the package's size needs at the slowest rate that is put up with.
    whole_s: float = 120
    least_bytes_per_s: int = 50_000


class SshConnection:
    """A connection to a server that showed a pinned key. `pin` says which, from 1."""

    def __init__(self, transport: Any, pin: int) -> None:
        self._transport = transport
        self.pin = pin
        self.facts = _facts_of(transport)

    @property
    def was_damaged(self) -> bool:
        """Say whether the connection ended because what came was not what the server sent."""
        return bool(self._transport.was_damaged)

    @property
    def stands(self) -> bool:
        """Say whether the connection has not ended, as far as is known here."""
        return bool(self._transport.is_active())

    def log_in(self, user: str, key: Any, timeouts: Timeouts) -> None:
        """Log in with one key, once."""
        try:
            _log_in(self._transport, user, key, timeouts)
        except DeliveryError as failure:
            failure.damaged = self.was_damaged
            raise

    def open_sftp(self, timeouts: Timeouts) -> Channel:
        """Return a channel that speaks SFTP."""
        return _open_channel(self._transport, timeouts)

    def cut(self) -> None:
        """End the connection; wakes whoever waits for it."""
        self._transport.close()

    def close(self) -> None:
        """End the connection; its thread has ended when this returns."""
        self._transport.close()
        self._transport.join(10)


def reach(host: str, port: int, pins: tuple[Pin, ...], timeouts: Timeouts) -> SshConnection:
    """Connect to the server and see that it is the one that is pinned; nobody has logged in yet."""
    if not pins:
        raise HostKeyMismatch("no host key is pinned, so no server can be trusted")
    # Two threads take turns here, ours that sends and paramiko's that reads: at Python's own pace of 5 ms a turn, an
    # answer waits as long as thirty packets take.
    sys.setswitchinterval(TURN_S)
    # What it would log came from the server; every failure reaches us as an exception.
    logging.getLogger("paramiko").setLevel(logging.CRITICAL)
    connected = _dial(host, port, timeouts)
    transport = RememberingTransport(connected)
    try:
        _agree(transport, pins, timeouts)
        pin = _check_host_key(transport, pins)
    except BaseException as fault:
        transport.close()
        connected.close()
        if transport.is_alive():
            transport.join(10)
        if connected.said_too_much:
            raise ProtocolViolated("the server sends without end before it has shown its key") from fault
        raise
    connected.peer_is_known = True
    return SshConnection(transport, pin)


# (1) Dial.


def _dial(host: str, port: int, timeouts: Timeouts) -> StrangersSocket:
    try:
        dialled = socket.create_connection((host, port), timeout=timeouts.dial_s)
    except (OSError, UnicodeError) as fault:
        # The latter for a name that is none, such as one with two dots together.
        kind = type(fault).__name__
        raise ConnectionFailed(f"{host} port {port} cannot be reached: {_MEANS.get(kind, kind)}") from fault
    connected = StrangersSocket(fileno=dialled.detach())
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 60_000)):
        if hasattr(socket, name):
            connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return connected


# (2) Agree on algorithms; the server proves that it has the key that it shows.


def _agree(transport: Any, pins: tuple[Pin, ...], timeouts: Timeouts) -> None:
    offer = transport.get_security_options()
    offer.ciphers = CIPHERS
    offer.kex = _built_in(KEY_EXCHANGES, offer)
    offer.digests = DIGESTS
    offer.key_types = offered_types(pins)
    transport.banner_timeout = transport.handshake_timeout = timeouts.handshake_s
    transport.auth_timeout = timeouts.log_in_s
    transport.channel_timeout = timeouts.channel_s
    transport.clear_to_send_timeout = timeouts.answer_s
    agreed = threading.Event()
    transport.start_client(event=agreed)
    if not agreed.wait(timeouts.handshake_s):
        raise ConnectionFailed("the server stopped answering before it showed its key")
    if not transport.is_active():
        raise _no_agreement(transport.get_exception())


def _built_in(names: tuple[str, ...], offer: Any) -> tuple[str, ...]:
    """Leave out what this build of paramiko lacks: ML-KEM needs a new enough `cryptography`."""
    return tuple(name for name in names if name in offer.kex)


def _no_agreement(fault: Exception | None) -> Exception:
    if not isinstance(fault, paramiko.ssh_exception.IncompatiblePeer):
        return ConnectionFailed("the connection ended before the server showed its key")
    if "host key" in str(fault):
        return HostKeyMismatch("the server has no host key of a type that is pinned")
    for word, (what, ours) in _ASKED_FOR.items():
        if word in str(fault):
            return TransferRefused(f"the server and we have no SSH {what} in common; we take {', '.join(ours)}")
    return TransferRefused("the server and we have no SSH algorithm in common")


# (3) Compare that key with the pins.


def _check_host_key(transport: Any, pins: tuple[Pin, ...]) -> int:
    shown = bytes(transport.get_remote_server_key().asbytes())
    number = pin_shown(pins, shown)
    if number is None:
        raise HostKeyMismatch(f"the server showed {fingerprint_of(shown)}, which is not pinned")
    return number


# (4) Log in.


def _log_in(transport: Any, user: str, key: Any, timeouts: Timeouts) -> None:
    answered = threading.Event()
    try:
        transport.auth_publickey(user, key, event=answered)
    except paramiko.SSHException as fault:
        raise ConnectionFailed("the connection ended before the log-in") from fault
    if not answered.wait(timeouts.log_in_s):
        raise ConnectionFailed("the server stopped answering during the log-in")
    if transport.is_authenticated():
        return
    reason = transport.get_exception()
    if transport.is_active() or isinstance(reason, paramiko.AuthenticationException):
        raise AuthenticationRefused("the server does not accept our key for this user") from reason
    raise ConnectionFailed("the connection ended during the log-in") from reason


# (5) Open the channel.


def _open_channel(transport: Any, timeouts: Timeouts) -> Channel:
    # paramiko waits for the answer about the subsystem without end.
    watchdog = Watchdog(transport.close, timeouts.channel_s)
    watchdog.start()
    try:
        with watchdog.under_way(timeouts.channel_s):
            channel = transport.open_session(timeout=timeouts.channel_s)
            channel.invoke_subsystem("sftp")
    except paramiko.ChannelException as fault:
        raise TransferRefused("the server opens no channel for us") from fault
    except (paramiko.SSHException, OSError, EOFError) as fault:
        raise _no_sftp(transport, fault) from fault
    finally:
        watchdog.stop()
    channel.settimeout(timeouts.answer_s)
    opened: Channel = channel
    return opened


def _no_sftp(transport: Any, fault: Exception) -> Exception:
    """A server that refuses closes the channel and stays; one that is gone, or was cut off, does not stay."""
    if transport.is_active() and not isinstance(fault, TimeoutError) and "imeout" not in str(fault):
        return TransferRefused("the server offers no SFTP to this user")
    return ConnectionFailed("the server stopped answering while SFTP was opened")


def _facts_of(transport: Any) -> SessionFacts:
    key = transport.get_remote_server_key()
    return SessionFacts(
        host_key=fingerprint_of(bytes(key.asbytes())),
        host_key_type=str(transport.host_key_type),
        key_exchange=str(transport.key_exchange),
        cipher=str(transport.local_cipher),
        server_version=_UNPRINTABLE.sub("_", str(transport.remote_version))[:80],
        strict_key_exchange=bool(transport.agreed_on_strict_kex),
        offers_fsync=False,
    )
