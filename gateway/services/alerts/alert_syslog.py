"""Edge: send an alert to a system log, as RFC 5424 has it, in one datagram.

The text is the alert's JSON: codes and counts, never a person (law L8). A datagram is not answered, so that a log that
nobody reads looks like one that somebody does: set another way of telling people beside it.
"""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.services.alerts.raise_alerts import MORNING, TEST

_FACILITY_DAEMON = 3
_WARNING, _NOTICE = 4, 5
#: What tells that all is well, and only its absence is trouble.
_WELL = frozenset({MORNING, TEST})


@dataclass(frozen=True, slots=True)
class SyslogHook:
    """A system log that is told of alerts."""

    host: str
    port: int
    timeout_seconds: int

    def __call__(self, alert: bytes) -> str | None:
        """Send the alert; return the code of the failure where it could not even be sent."""
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_DGRAM)[0]
            with socket.socket(family, kind, protocol) as sender:
                sender.settimeout(self.timeout_seconds)
                sender.sendto(line_of(json.loads(alert)), address)
        except OSError:
            return "syslog-not-sent"
        return None


def line_of(told: Mapping[str, str | int]) -> bytes:
    """Return the datagram: priority, version, time, no host, our name, no process, the code, no structured data."""
    severity = _NOTICE if told["code"] in _WELL else _WARNING
    text = json.dumps(told, sort_keys=True)
    return f"<{_FACILITY_DAEMON * 8 + severity}>1 {told['at']} - sf-gateway - {told['code']} - {text}".encode("ascii")
