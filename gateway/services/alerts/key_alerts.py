"""Tell people that a key ends: whose, what for, at which step, in how many days, and which command begins to mend it.

Pure: each is told once a step, which alerts.py holds.
"""

from collections.abc import Iterable

from gateway.services.alerts.raise_alerts import Alert
from gateway.services.keys.key_warnings import ENDED, KeyWarning

KEY_ENDS, KEY_ENDED = "key-ends", "key-ended"


def key_alerts(warnings: Iterable[KeyWarning]) -> tuple[Alert, ...]:
    """Return an alert for each warning."""
    return tuple(
        Alert(
            KEY_ENDED if warning.step == ENDED else KEY_ENDS,
            warning.next,
            state=warning.purpose.value,
            count=max(warning.days_left or 0, 0),
            owner=warning.owner,
            key=warning.fingerprint,
            step=warning.step,
        )
        for warning in warnings
    )
