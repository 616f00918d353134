"""Edge: SFTP push to a partner's server.

One `SftpTransport` is one run's way to one partner. It logs in at most once without success: servers lock out who
tries again, so the next run may try, not this one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gateway.delivery.interface import EndpointReport
from gateway.delivery.pins import parse_pin
from gateway.delivery.sftp_session import SftpSession, started_session
from gateway.delivery.ssh import SshConnection, Timeouts, reach
from gateway.delivery.ssh_key import certified_until, load_key
from gateway.errors import DeliveryError
from gateway.model.partner import Partner


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
        self._log_in_failed: DeliveryError | None = None

    @contextmanager
    def session(self) -> Iterator[SftpSession]:
        """Connect, check the server's key, log in once; the session ends with the block."""
        with self._connected() as (_, session):
            yield session

    def check(self) -> EndpointReport:
        """Connect and look, sending nothing."""
        with self._connected() as (connection, session):
            return EndpointReport(
                facts=session.facts,
                pin=connection.pin,
                extensions=session.extensions,
                inbox_there=session.has_folder(self._partner.inbox),
                receipts_there=session.has_folder(self._partner.receipts),
                claimants_there=session.has_folder(claimants) if (claimants := self._partner.claimants) else None,
                log_in_until=certified_until(self._key_path),
            )

    @contextmanager
    def _connected(self) -> Iterator[tuple[SshConnection, SftpSession]]:
        if self._log_in_failed:
            raise self._log_in_failed
        key = load_key(self._key_path, self._passphrase)
        partner, timeouts = self._partner, self._timeouts
        connection = reach(partner.host, partner.port, self._pins, timeouts)
        try:
            self._log_in(connection, key)
            with started_session(connection, partner, timeouts) as session:
                yield connection, session
        finally:
            connection.close()

    def _log_in(self, connection: SshConnection, key: Any) -> None:
        try:
            connection.log_in(self._partner.user, key, self._timeouts)
        except DeliveryError as failure:
            self._log_in_failed = failure
            raise
