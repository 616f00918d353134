"""Tell every channel that the settings name; the failure of one keeps no other from being told.

A failure of any is a failure of the alert: people hear again once it works, with a count of what was missed.

Pure but for the channels themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.services.alerts.raise_alerts import Hook


@dataclass(frozen=True, slots=True)
class EveryChannel:
    """Channels by name, such as `command`, `mail` and `syslog`."""

    channels: Mapping[str, Hook]

    def __call__(self, alert: bytes) -> str | None:
        """Tell all of them; return the code of the first failure."""
        failures = [channel(alert) for channel in self.channels.values()]
        return next((failure for failure in failures if failure), None)
