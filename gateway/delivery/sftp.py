"""Edge: SFTP push to a partner's server.

One `SftpTransport` is one run's way to one partner. It logs in at most once without success: servers lock out who
tries again, so the next run may try, not this one. A session that was opened ahead (ahead.py) counts as its own.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from gateway.delivery.ahead import AboutToLogIn, Opened, SessionAhead, Terms
from gateway.delivery.interface import Ahead, EndpointReport
from gateway.delivery.pins import parse_pin
from gateway.delivery.sftp_session import SftpSession, started_session
from gateway.delivery.ssh import SshConnection, Timeouts, reach
from gateway.delivery.ssh_key import certified_until, identity_of, load_key
from gateway.errors import DeliveryError
from gateway.model.partner import Partner


def _at_once(_: SshConnection) -> None:
    """Be asked by whom nothing keeps from logging in."""


class SftpTransport:
    """Implements delivery/interface.py's `Transport`."""

    def __init__(
        self,
        partner: Partner,
        key_path: Path,
        *,
        passphrase: str | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._partner = partner
        self._pins = tuple(parse_pin(line) for line in partner.host_keys)
        self._key_path = key_path
        self._passphrase = passphrase
        self._timeouts = timeouts or Timeouts()
        self._ahead: Ahead | None = None
        #: Why nobody logs in any more in this run.
        self.log_in_failed: DeliveryError | None = None

    @contextmanager
    def session(self) -> Iterator[SftpSession]:
        """Connect, check the server's key, log in once; the session ends with the block."""
        with self._connected() as opened:
            yield opened.session

    def check(self) -> EndpointReport:
        """Connect and look, sending nothing."""
        with self._connected() as opened:
            session = opened.session
            return EndpointReport(
                facts=session.facts,
                pin=opened.connection.pin,
                extensions=session.extensions,
                inbox_there=session.has_folder(self._partner.inbox),
                receipts_there=session.has_folder(self._partner.receipts),
                claimants_there=session.has_folder(claimants) if (claimants := self._partner.claimants) else None,
                log_in_until=certified_until(self._key_path),
            )

    def ahead(self) -> SessionAhead:
        """Begin to open a session in a thread. Raises KeyUnavailable."""
        opener = SftpTransport(self._partner, self._key_path, passphrase=self._passphrase, timeouts=self._timeouts)
        ahead = SessionAhead(self._terms(), opener)
        ahead.start()
        return ahead

    def take_up(self, ahead: Ahead) -> None:
        """Let the next session be this one, if one opened then would be opened under the same terms; else end it."""
        self._ahead = ahead

    def open(self, about_to_log_in: AboutToLogIn = _at_once) -> Opened:
        """Open a session, which is the caller's to close."""
        key = load_key(self._key_path, self._passphrase)
        partner, timeouts = self._partner, self._timeouts
        connection = reach(partner.host, partner.port, self._pins, timeouts)
        with ExitStack() as stack:
            stack.callback(connection.close)
            about_to_log_in(connection)
            self._log_in(connection, key)
            session = stack.enter_context(started_session(connection, partner, timeouts))
            return Opened(connection, session, stack.pop_all().close)

    @contextmanager
    def _connected(self) -> Iterator[Opened]:
        if self.log_in_failed:
            raise self.log_in_failed
        opened = self._from_ahead() or self.open()
        try:
            yield opened
        finally:
            opened.close()

    def _from_ahead(self) -> Opened | None:
        ahead, self._ahead = self._ahead, None
        if not isinstance(ahead, SessionAhead):
            return None
        try:
            return ahead.taken(self._terms())
        except DeliveryError as failure:
            self.log_in_failed = failure
            raise
        finally:
            ahead.close()

    def _terms(self) -> Terms:
        return Terms(self._partner, identity_of(self._key_path, self._passphrase), self._timeouts)

    def _log_in(self, connection: SshConnection, key: Any) -> None:
        try:
            connection.log_in(self._partner.user, key, self._timeouts)
        except DeliveryError as failure:
            self.log_in_failed = failure
            raise
