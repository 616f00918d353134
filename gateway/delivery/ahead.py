"""Edge: a session that a thread opens before anybody asks for it, and that waits a short time to be taken up.

- Not a file is looked at over it. Whatever goes wrong decides nothing and is told to nobody: who needs a session
  then opens one the ordinary way, and finds out.
- One thing counts for both: where the log-in failed, the same server is not logged in to again (sftp.py).
- It is taken up where one opened now would be opened under the very same terms, and its connection still stands.
- It waits `MOST_AGE_S`. Then the thread that opened it ends it, whoever may have forgotten it.
- Whoever takes it up waits for the thread as long as an ordinary session may take to open. Whoever gives it up does
  not wait: a thread that still dials ends by its own time-outs, and then logs in no more.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import Protocol

from gateway.delivery.sftp_session import SftpSession
from gateway.delivery.ssh import SshConnection, Timeouts
from gateway.errors import ConnectionFailed, DeliveryError
from gateway.model.partner import Partner

#: Firewalls and servers that end what is idle wait for longer.
MOST_AGE_S = 60.0


@dataclass(frozen=True, slots=True)
class Terms:
    """All that a session is opened under; `our_key` is what our key hashes to, with its certificate and passphrase."""

    partner: Partner
    our_key: str
    timeouts: Timeouts

    @property
    def server(self) -> tuple[str, int]:
        """Where it is opened."""
        return self.partner.host, self.partner.port


@dataclass(frozen=True, slots=True)
class Opened:
    """An open session and what it stands on; `close` ends both."""

    connection: SshConnection
    session: SftpSession
    close: Callable[[], None]


#: Called with the connection between the check of the server's key and the log-in; raises to keep it from that.
AboutToLogIn = Callable[[SshConnection], None]


class Opener(Protocol):
    """What opens a session; `log_in_failed` is why it logs in no more."""

    log_in_failed: DeliveryError | None

    def open(self, about_to_log_in: AboutToLogIn) -> Opened:
        """Open a session."""
        ...


class SessionAhead:
    """One session opened ahead: implements delivery/interface.py's `Ahead`."""

    def __init__(self, terms: Terms, opener: Opener, *, most_age_s: float = MOST_AGE_S) -> None:
        self._terms = terms
        self._opener = opener
        self._most_age_s = most_age_s
        self._lock = Lock()
        self._is_over = False
        self._opened: Opened | None = None
        #: While it is logged in over it; cutting it ends that.
        self._connection: SshConnection | None = None
        #: That the thread has opened it, or failed; and that nobody waits for it any more.
        self._ended, self._over = Event(), Event()
        self._began_at = time.monotonic()

    def start(self) -> None:
        """Begin to open it."""
        Thread(target=self._run, name="delivery-ahead", daemon=True).start()

    def taken(self, terms: Terms) -> Opened | None:
        """Return the session, whose end is now the caller's; None where there is none, or not under these terms.

        Raises DeliveryError where the server was logged in to without success.
        """
        self._ended.wait(max(0.0, self._began_at + _longest_s(self._terms.timeouts) - time.monotonic()))
        opened = self._let_go()
        if self._opener.log_in_failed and self._terms.server == terms.server:
            raise self._opener.log_in_failed
        if opened and not (self._terms == terms and opened.connection.stands):
            opened.close()
            return None
        return opened

    def close(self) -> None:
        """End it, unless somebody took it up."""
        if opened := self._let_go(wait=False):
            opened.close()

    def _run(self) -> None:
        # What is in the way is found again by whoever opens a session.
        with suppress(Exception):
            self._keep(self._opener.open(self._about_to_log_in))
        self._ended.set()
        if not self._over.wait(self._most_age_s):
            self.close()

    def _about_to_log_in(self, connection: SshConnection) -> None:
        with self._lock:
            if self._is_over:
                raise ConnectionFailed("nobody waits for this session any more")
            self._connection = connection

    def _keep(self, opened: Opened) -> None:
        with self._lock:
            # Together, so that what is open is never taken for what is still being logged in over.
            self._connection = None
            if not self._is_over:
                self._opened = opened
                return
        opened.close()

    def _let_go(self, *, wait: bool = True) -> Opened | None:
        """Have the thread log in no more; return what it opened, once."""
        with self._lock:
            self._is_over = True
            opened, self._opened = self._opened, None
            connection = self._connection
        self._over.set()
        if connection and not self._ended.is_set():
            connection.cut()
            if wait:
                # So that it is known whether this log-in failed.
                self._ended.wait(self._terms.timeouts.log_in_s)
        return opened


def _longest_s(timeouts: Timeouts) -> float:
    return timeouts.dial_s + timeouts.handshake_s + timeouts.log_in_s + timeouts.channel_s + timeouts.idle_s
